"""What awards need done by the clock, when things go wrong meanwhile or somebody was faster."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from polls.award.life import RoundState
from polls.model import EventId
from server import watch
from server.app import build_context
from server.auth import Keyring
from server.award.chores import AwardChores
from server.award.settling import Settling
from server.clock import monotonic_ms, now_ms
from server.config import Config
from server.store.memory import MemoryStore
from tests.polls.award_sample import FINAL
from tests.server.award.hall import Prize, prize
from tests.waiting import eventually


async def _open_vote(data: Path, store: MemoryStore, countdown_s: int) -> Prize:
    """An award whose vote is open, with a countdown."""
    rules = prize()
    assert rules.vote is not None
    rules = replace(rules, vote=replace(rules.vote, countdown_s=countdown_s))
    held = await Prize.set_up(store, data, rules)
    await held.load_codes()
    await held.hold_jury()
    await held.awards.acts.open(held.event, held.award.id, FINAL, "moderator")
    return held


def _pass(monkeypatch: pytest.MonkeyPatch, seconds: int) -> None:
    """So much time passes."""
    later = monotonic_ms() + seconds * 1000
    monkeypatch.setattr("server.award.chores.monotonic_ms", lambda: later)


async def test_countdown_that_was_extended_at_the_last_moment_does_not_close_the_vote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = await _open_vote(tmp_path, MemoryStore(), 60)
    seen, chores = await held.run(), AwardChores(held.awards)
    await chores.look(held.event, held.award, seen)
    await held.awards.acts.extend(held.event, held.award.id, FINAL, 600, "moderator")
    _pass(monkeypatch, 61)

    await chores.look(held.event, held.award, seen)

    assert (await held.run()).round(FINAL).state is RoundState.OPEN
    assert await held.vote(0, "a") == "ok"


async def test_countdown_that_ran_out_closes_the_vote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = await _open_vote(tmp_path, MemoryStore(), 60)
    chores = AwardChores(held.awards)
    await chores.look(held.event, held.award, await held.run())
    _pass(monkeypatch, 61)

    await chores.look(held.event, held.award, await held.run())

    assert (await held.run()).round(FINAL).state is RoundState.CLOSED


async def test_clock_that_is_set_closes_no_vote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = await _open_vote(tmp_path, MemoryStore(), 60)
    chores = AwardChores(held.awards)
    await chores.look(held.event, held.award, await held.run())
    tomorrow = now_ms() + 86_400_000
    monkeypatch.setattr("server.award.chores.now_ms", lambda: tomorrow)

    await chores.look(held.event, held.award, await held.run())

    assert (await held.run()).round(FINAL).state is RoundState.OPEN


async def test_clock_that_is_set_back_keeps_no_checkpoint_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = await _open_vote(tmp_path, MemoryStore(), 600)
    held.award = replace(held.award, checkpoint_s=15)
    chores = AwardChores(held.awards)
    await chores.look(held.event, held.award, await held.run())
    assert await held.vote(0, "a") == "ok"
    yesterday = now_ms() - 86_400_000
    monkeypatch.setattr("server.award.chores.now_ms", lambda: yesterday)
    _pass(monkeypatch, 16)

    await chores.look(held.event, held.award, await held.run())

    assert (await held.run()).round(FINAL).pinned == 1


async def test_event_that_was_deleted_meanwhile_is_no_fault(tmp_path: Path) -> None:
    held = await _open_vote(tmp_path, MemoryStore(), 60)
    await held.awards.acts.close(held.event, held.award.id, FINAL, "moderator")
    closed = await held.run()
    await held.store.delete_event(held.event)

    await AwardChores(held.awards).look(held.event, held.award, closed)


@contextlib.asynccontextmanager
async def _watching(config: Config, store: MemoryStore) -> AsyncIterator[None]:
    context = build_context(
        config, store, Keyring.load(config.store.data / "key"), config.store.data, "http://127.0.0.1:1"
    )
    chore = asyncio.create_task(watch.watch_awards(context))
    try:
        yield
        assert not chore.done(), "the chore goes on whatever happens"
    finally:
        chore.cancel()
        await asyncio.gather(chore, return_exceptions=True)


async def test_an_award_that_cannot_be_settled_keeps_nothing_from_the_others(
    tmp_path: Path, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = MemoryStore()
    one, other = [await _open_vote(tmp_path, store, 60) for _ in range(2)]
    first, last = sorted((one, other), key=lambda held: held.event)
    await first.awards.acts.close(first.event, first.award.id, FINAL, "moderator")
    settle, tried = Settling.settle, 0

    async def fail(self: Settling, event: EventId, award: object) -> None:
        nonlocal tried
        if event == first.event:
            tried += 1
            raise ValueError("a sheet that nobody can read")
        await settle(self, event, award)  # type: ignore[arg-type]

    monkeypatch.setattr(Settling, "settle", fail)
    monkeypatch.setattr(watch, "AWARDS_S", 0.001)
    async with _watching(config, store):
        await eventually(lambda: tried > 1)
        _pass(monkeypatch, 61)

        async def is_closed() -> bool:
            return (await last.run()).round(FINAL).state is RoundState.CLOSED

        await eventually(is_closed, what="the countdown of the other award closes its vote")
