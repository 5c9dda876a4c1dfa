"""A store whose process speaks a language that sorts its letters otherwise: the record is the same."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.store.valkey import ValkeyStore
from tests.server.store.award_hall import award_hall, ballot, sheet
from tests.server.store.servers import Valkey
from voting.award.boxhash import leaf_of
from voting.award.ports import Electorate, SheetAct

LOCALEDEF = shutil.which("localedef")
DANISH = Path("/usr/share/i18n/locales/da_DK")
pytestmark = pytest.mark.skipif(
    LOCALEDEF is None or not DANISH.exists(), reason="localedef or its Danish source is not installed"
)


@pytest.fixture
async def danish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ValkeyStore]:
    """In Danish "aa" is a late letter, as old spelling has it for "å"."""
    assert LOCALEDEF is not None
    subprocess.run([LOCALEDEF, "-i", "da_DK", "-f", "UTF-8", str(tmp_path / "da_DK.UTF-8")], check=True)
    monkeypatch.setenv("LOCPATH", str(tmp_path))
    monkeypatch.setenv("LC_ALL", "da_DK.UTF-8")
    server = Valkey(tmp_path / "data")
    store = ValkeyStore(server.url)
    await store.connect()
    yield store
    await store.close()
    server.stop()


async def test_the_store_is_danish(danish: ValkeyStore) -> None:
    script = "local words = {'aa', 'f'} table.sort(words) return words"
    assert await danish._link.ask("EVAL", script, 0) == ["f", "aa"], "else this file tries nothing"


def _some(texts: dict[int, str]) -> list[int]:
    """A few whose leaves begin with "aa", and a few others."""
    late = [number for number, text in texts.items() if leaf_of(text).startswith("aa")]
    return sorted([*late[:6], *list(texts)[:6]])


async def test_ballots_stand_in_the_order_of_the_bytes_of_their_leaves(danish: ValkeyStore) -> None:
    hall = await (await award_hall(danish)).open(3_000)
    some = _some({number: ballot(number).text for number in range(3_000)})
    assert set(await hall.cast(*map(ballot, some[::2]))) == {"ok"}
    pinned = list((await hall.box.checkpoint(hall.at, 1)).leaves)
    assert set(await hall.cast(*map(ballot, some[1::2]))) == {"ok"}
    leaves = list((await hall.box.close(hall.at)).leaves)

    assert len(pinned) == 6 and pinned == sorted(pinned)
    assert leaves[:6] == pinned and leaves[6:] == sorted(leaves[6:])


async def test_sheets_do_so_too(danish: ValkeyStore) -> None:
    hall = await award_hall(danish, "jury")
    await hall.box.open(hall.at, Electorate.JURY)
    for number in _some({number: sheet(f"j{number}", [5]) for number in range(3_000)}):
        assert await hall.act(f"j{number}", SheetAct.LOCK, 1) == "ok"
    leaves = list((await hall.box.close(hall.at)).leaves)

    assert len(leaves) == 12 and leaves == sorted(leaves)
