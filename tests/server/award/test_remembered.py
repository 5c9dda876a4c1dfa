"""A whole hall asks for the same result and record at the same moment: they are counted and packed once."""

import asyncio
from pathlib import Path

import pytest

from polls.award.life import ProposalKind
from server.award.settling import Settling
from server.award.voters import VoterDesk
from server.store.memory import MemoryStore
from tests.polls.award_sample import ANA, BEN
from tests.server.award.hall import Prize, prize

HALL = 50


@pytest.fixture
async def award(tmp_path: Path) -> Prize:
    """An award whose rounds are sealed."""
    held = await Prize.set_up(MemoryStore(), tmp_path, prize())
    await held.load_codes()
    await held.hold_jury()
    await held.hold_vote("a", "b", "a")
    return held


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """One entry for each count; the store takes its time."""
    made: list[object] = []
    count = Settling.count

    async def slow(self: Settling, *what: object) -> object:
        made.append(what)
        await asyncio.sleep(0)
        return await count(self, *what)  # type: ignore[arg-type]

    monkeypatch.setattr(Settling, "count", slow)
    return made


async def _ask(held: Prize) -> None:
    run = await held.run()
    await asyncio.gather(*(held.awards.papers_and_result(held.event, held.award, run) for _ in range(HALL)))


async def test_the_result_is_counted_once_for_all_who_ask(award: Prize, counts: list[object]) -> None:
    await _ask(award)
    assert len(counts) == 1


async def test_a_step_of_the_reveal_counts_nothing_anew(award: Prize, counts: list[object]) -> None:
    await _ask(award)
    await award.awards.acts.step(award.event, award.award.id, "moderator", seen=0)
    so_far = len(counts)
    await _ask(award)
    assert len(counts) == so_far


async def test_who_withdraws_is_counted_anew(award: Prize, counts: list[object]) -> None:
    await _ask(award)
    acts, here = award.awards.acts, (award.event, award.award.id)
    await acts.propose(*here, ProposalKind.WITHDRAW, "a", "Left", ANA, "scrutineer:ana")
    await acts.sign(*here, (await award.run()).proposals[0].id, BEN)
    _, result = await award.awards.papers_and_result(*here[:1], award.award, await award.run())
    assert result.winners == ("b",) and len(counts) == 2


async def test_a_count_that_fails_is_tried_by_the_next_who_asks(
    award: Prize, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(self: Settling, *what: object) -> object:
        raise ValueError("nobody can read this")

    with monkeypatch.context() as during:
        during.setattr(Settling, "count", fail)
        with pytest.raises(ValueError, match="nobody can read"):
            await _ask(award)
    await _ask(award)


async def test_the_record_is_packed_once_for_all_who_ask(
    award: Prize, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, made, record = VoterDesk(award.awards), 0, award.awards.record
    snapshot = await award.store.snapshot(award.event)
    assert snapshot is not None
    run = await award.run()

    async def slow(*what: object) -> object:
        nonlocal made
        made += 1
        return await record(*what)  # type: ignore[arg-type]

    monkeypatch.setattr(award.awards, "record", slow)
    found = await asyncio.gather(*(desk.record(snapshot.state.event, award.award, run) for _ in range(HALL)))

    assert made == 1 and len({id(packed) for _, packed in found}) == 1
