"""Acts that meet another one halfway: what is decided is decided by the result as it then stands."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from polls.award.life import ProposalKind, phase
from polls.award.model import Blend, Decision
from polls.errors import AwardRefused
from polls.model import EventId
from server.award.settling import Settling
from server.store.memory import MemoryStore
from tests.polls.award_sample import ANA, BEN
from tests.server.award.hall import Prize, prize
from voting.award.counted import AwardResult
from voting.canonical import sha256_hex
from voting.record.log import EntryType

LADDER = ("chair", "shared")


async def _sealed(data: Path, *choices: str) -> Prize:
    rules = prize(decision=Decision(blend=Blend.AUDIENCE, ladder=LADDER))
    held = await Prize.set_up(MemoryStore(), data, rules)
    await held.load_codes()
    await held.hold_jury()
    await held.hold_vote(*choices)
    return held


def _meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], Awaitable[object]]) -> None:
    """After the next count of the result, and before what is decided by it is recorded, `act` happens."""
    count = Settling.count

    async def slow(self: Settling, event: EventId, *rest: object) -> tuple[object, AwardResult]:
        counted = await count(self, event, *rest)  # type: ignore[arg-type]
        monkeypatch.setattr(Settling, "count", count)
        await act()
        return counted

    monkeypatch.setattr(Settling, "count", slow)


async def _withdraw(held: Prize, who: str) -> None:
    acts, here = held.awards.acts, (held.event, held.award.id)
    await acts.propose(*here, ProposalKind.WITHDRAW, who, "Left", ANA, "scrutineer:ana")
    await acts.sign(*here, (await held.run()).proposals[0].id, BEN)


async def test_a_reveal_in_one_step_is_of_the_result_that_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = await _sealed(tmp_path, "a", "a", "b")
    await _withdraw(held, "b")  # then only one place is left, and its step is the last
    acts, here = held.awards.acts, (held.event, held.award.id)
    _meanwhile(monkeypatch, lambda: _withdraw(held, "a"))

    with pytest.raises(AwardRefused, match="press again"):
        await acts.step(*here, "moderator", seen=0)

    assert phase(held.award, await held.run()) == "sealed"
    await acts.step(*here, "moderator", seen=0)
    _, result = await held.awards.papers_and_result(held.event, held.award, await held.run())
    (logged,) = (e for e in await held.awards.log(*here) if e.type is EntryType.RESULT)
    assert result.kind == "no-valid-votes"
    assert logged.body["result_hash"] == sha256_hex(result.as_dict())


async def test_the_chair_decides_no_tie_that_has_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = await _sealed(tmp_path, "a", "b")
    acts, here = held.awards.acts, (held.event, held.award.id)
    _meanwhile(monkeypatch, lambda: _withdraw(held, "b"))

    with pytest.raises(AwardRefused):
        await acts.chair(*here, held.award.candidates[0].id, "juror:j1")

    assert (await held.run()).choices == {}


async def test_a_run_off_is_between_those_who_are_tied_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = await _sealed(tmp_path, "a", "b")
    acts, here = held.awards.acts, (held.event, held.award.id)

    async def decide() -> None:
        await acts.chair(*here, held.award.candidates[0].id, "juror:j1")

    _meanwhile(monkeypatch, decide)

    with pytest.raises(AwardRefused):
        await acts.runoff(*here, "moderator")

    assert (await held.run()).runoffs == {}


async def test_what_changes_no_result_is_in_nobodys_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = await _sealed(tmp_path, "a", "a", "b")
    acts, here = held.awards.acts, (held.event, held.award.id)

    async def propose() -> None:
        await acts.propose(*here, ProposalKind.WITHDRAW, "d", "Perhaps", ANA, "scrutineer:ana")

    _meanwhile(monkeypatch, propose)
    await acts.step(*here, "moderator", seen=0)

    assert (await held.run()).steps == 1
