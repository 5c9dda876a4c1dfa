"""Checkpoints that something comes in between: the record of the award still fits, by the program in it."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from polls.ports import Change
from server.award.chores import AwardChores
from server.record import recount
from server.store.memory import MemoryStore
from tests.polls.award_sample import FINAL
from tests.server.award.hall import Prize, prize
from voting.award.ports import At, Checkpoint
from voting.award.reveal import reveal_steps
from voting.errors import StoreUnavailable
from voting.record.bundle import files_of
from voting.record.log import EntryType


@pytest.fixture
async def award(tmp_path: Path) -> Prize:
    """An award whose vote is open."""
    held = await Prize.set_up(MemoryStore(), tmp_path, prize())
    await held.load_codes()
    await held.hold_jury()
    await held.awards.acts.open(held.event, held.award.id, FINAL, "moderator")
    return held


async def _vote(held: Prize, *voters: int) -> None:
    for voter in voters:
        assert await held.vote(voter, "a") == "ok"


async def _pin(held: Prize) -> bool:
    return await held.awards.settling.checkpoint(held.event, held.award.id, FINAL, 1)


async def _close(held: Prize) -> None:
    await held.awards.acts.close(held.event, held.award.id, FINAL, "moderator")


async def _heads(held: Prize) -> list[tuple[str, object]]:
    """The vote's heads in its public log."""
    return [
        (entry.type.value, entry.body["count"])
        for entry in await held.awards.log(held.event, held.award.id)
        if entry.type in (EntryType.CHECKPOINT, EntryType.CLOSE) and entry.body["round"] == FINAL
    ]


async def _faults(held: Prize) -> list[str]:
    """Seal and reveal; what recount.py finds wrong with the record."""
    acts, here = held.awards.acts, (held.event, held.award.id)
    await held.approve(FINAL)
    _, result = await held.awards.papers_and_result(held.event, held.award, await held.run())
    for seen in range(len(reveal_steps(held.award, result))):
        await acts.step(*here, "moderator", seen=seen)
    snapshot = await held.store.snapshot(held.event)
    assert snapshot is not None
    audit = recount.Audit()
    audit.run(files_of(await held.awards.record(snapshot.state.event, held.award, await held.run())))
    return [fault for _, _, faults in audit.checks for fault in faults]


async def _break_off(held: Prize, monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkpoint that the box has made, and whose entry in the log the store could not take any more."""

    async def away(event: object, change: Change) -> int:
        raise StoreUnavailable("the server was killed here")

    with monkeypatch.context() as during:
        during.setattr(held.store, "commit", away)
        with pytest.raises(StoreUnavailable):
            await _pin(held)


async def test_checkpoint_that_was_broken_off_is_logged_by_the_next_one(
    award: Prize, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _vote(award, 0, 1, 2, 3)
    await _break_off(award, monkeypatch)
    await _vote(award, 4, 5, 6)

    assert await _pin(award)
    await _vote(award, 7)
    await _close(award)

    assert await _faults(award) == []
    assert (await _heads(award))[-2:] == [("CHECKPOINT", 7), ("CLOSE", 8)]


async def test_checkpoint_that_was_broken_off_is_logged_without_new_ballots(
    award: Prize, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _vote(award, 0, 1, 2, 3)
    await _break_off(award, monkeypatch)

    await AwardChores(award.awards).look(award.event, award.award, await award.run())

    assert await _heads(award) == [("CHECKPOINT", 4)]
    assert not await _pin(award)


async def test_checkpoint_that_was_broken_off_is_logged_by_the_close(
    award: Prize, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _vote(award, 0, 1, 2, 3)
    await _break_off(award, monkeypatch)
    await _vote(award, 4, 5, 6, 7)
    await _close(award)

    assert await _faults(award) == []
    assert (await _heads(award))[-1] == ("CLOSE", 8)


async def _while_it_is_pinned(
    held: Prize, monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], Awaitable[object]]
) -> None:
    """Make a checkpoint; after the box has made it and before the log has it, `meanwhile` happens."""
    box, pin = held.awards.box, held.awards.box.checkpoint

    async def slow(at: At, least: int) -> Checkpoint:
        made = await pin(at, least)
        monkeypatch.setattr(box, "checkpoint", pin)
        await meanwhile()
        return made

    monkeypatch.setattr(box, "checkpoint", slow)
    await _pin(held)


async def test_vote_that_is_closed_while_it_is_pinned_keeps_a_record_that_fits(
    award: Prize, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _vote(award, 0, 1, 2, 3)

    async def close() -> None:
        await _vote(award, 4, 5, 6, 7)
        await _close(award)

    await _while_it_is_pinned(award, monkeypatch, close)

    assert await _faults(award) == []
    assert (await _heads(award))[-1] == ("CLOSE", 8)


async def test_two_processes_that_pin_at_once_log_heads_that_only_grow(
    award: Prize, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _vote(award, 0, 1, 2, 3)

    async def other() -> None:
        await _vote(award, 4, 5, 6)
        assert await _pin(award)

    await _while_it_is_pinned(award, monkeypatch, other)
    await _vote(award, 7)
    await _close(award)

    assert await _faults(award) == []
    counts = [count for _, count in await _heads(award)]
    assert counts == [4, 7, 8]
