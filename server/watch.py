"""Chores that run beside the server: recounts, free disk space, and the embedded store's health."""

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING

import structlog

from polls.lifecycle import PollRun, PollState
from polls.model import EventId, PollId
from polls.ports import EventStore
from server import moderation
from server.award.chores import AwardChores
from server.store.embedded import StoreError
from voting.errors import RecountMismatch, VotingError
from voting.ports import BallotBox
from voting.recount import Recount
from voting.sealing import sealed_faults

if TYPE_CHECKING:
    from server.context import Context

log = structlog.get_logger()

SLICE = 500
"""Log entries that are counted again before others get their turn: a recount must not hold up the hall."""

CHECK_S = 1.0
AWARDS_S = 1.0
STORE_S = 0.2


Counted = tuple[EventId, PollId, int]
"""A round that is recounted."""


class Rechecker:
    """Recounts rounds from their ballot log and compares with box and tally (law L4).

    A round that is looked at again costs only the log entries that came since.
    """

    def __init__(self, box: BallotBox) -> None:
        self._box = box
        self.runs = self.mismatches = 0
        self._counts: dict[Counted, tuple[int | None, Recount, str]] = {}
        """Of open rounds alone: it is their log over again, which the seal destroys (law L8)."""

    @property
    def remembered(self) -> frozenset[Counted]:
        """The rounds whose log is remembered, so that only what comes is to be counted."""
        return frozenset(self._counts)

    def forget_all_but(self, rounds: Iterable[Counted]) -> None:
        """Forget every other round: it was closed, or its event is gone."""
        kept = set(rounds)
        self._counts = {key: known for key, known in self._counts.items() if key in kept}

    async def check(self, event: EventId, poll: PollId, round: int, opened_ms: int | None) -> list[str]:
        """The differences found, in plain words; the round is frozen when there are any.

        `opened_ms` tells a round from the same one of an event that was made anew.
        """
        # Taken out while it is added to: of two checks of a round at once the second begins anew instead of
        # adding the same entries again, and one that is broken off leaves nothing half-done behind.
        known = self._counts.pop((event, poll, round), None)
        self.runs += 1
        recount, last = known[1:] if known and known[0] == opened_ms else (Recount(), "")
        try:
            reading = await self._box.read_round(event, poll, round, last)
            for first in range(0, len(reading.log), SLICE):
                recount.add(reading.log[first : first + SLICE])
                await asyncio.sleep(0)
            is_sealed = reading.counted is not None
            last, is_over = reading.last, is_sealed or reading.is_closed
            found = sealed_faults(reading) if is_sealed else recount.differences(reading)
        except RecountMismatch as error:  # something in it cannot even be read
            found = [str(error)]
        if found:
            self.mismatches += 1
            log.error("recount_mismatch", poll_event=event, poll=poll, round=round, differences=found)
            await self._box.freeze(event, poll, round, "a recount of the ballot log does not agree")
        elif not is_over:
            self._counts[(event, poll, round)] = (opened_ms, recount, last)
        return found


async def keep_up(name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Do a chore that has no end, and begin it anew should something unforeseen end it: without it votes
    would run on past their time, or a full disk go unseen, and nobody would notice. Until cancelled."""
    while True:
        try:
            await work()
        except Exception:
            log.exception("chore_failed", chore=name)
        await asyncio.sleep(CHECK_S)


async def recheck_everything(context: "Context") -> None:
    """At start: recount every poll's present round, and take up the countdowns that were running."""
    await recheck_rounds(context.store, context.rechecker)
    await take_up_countdowns(context)


async def recheck_rounds(store: EventStore, rechecker: Rechecker) -> None:
    """Recount the present round of every poll of every event."""
    for event_id in await store.event_ids():
        snapshot = await store.snapshot(event_id)
        for poll_id, run in snapshot.state.runs.items() if snapshot else ():
            if run.round and run.state is not PollState.DRAFT and not run.frozen:
                await rechecker.check(event_id, poll_id, run.round, run.opened_ms)


async def take_up_countdowns(context: "Context") -> None:
    """Follow every event with a countdown: nobody may come before it ends."""
    for event_id in await context.store.event_ids():
        snapshot = await context.store.snapshot(event_id)
        if snapshot is not None and moderation.due(snapshot.state):
            await context.event(event_id)


async def recheck(context: "Context", event: EventId, poll: PollId, run: PollRun) -> None:
    """Recount one round now; a store that is away only makes it a warning."""
    try:
        await context.rechecker.check(event, poll, run.round, run.opened_ms)
    except VotingError as error:
        log.warning("recheck_failed", poll_event=event, poll=poll, reason=str(error))


async def recheck_open(context: "Context") -> None:
    """Every open round of every event, every `votes.recheck_s` seconds. Until cancelled.

    Not only of events that this process follows: with several processes one does it for all.
    """
    while True:
        await asyncio.sleep(context.config.votes.recheck_s)
        found: list[Counted] = []
        try:
            for event_id in await context.store.event_ids():
                snapshot = await context.store.snapshot(event_id)
                for poll_id, run in snapshot.state.runs.items() if snapshot else ():
                    if run.state is PollState.OPEN and not run.frozen:
                        found.append((event_id, poll_id, run.round))
                        await recheck(context, event_id, poll_id, run)
            context.rechecker.forget_all_but(found)
        except VotingError as error:
            log.warning("recheck_failed", reason=str(error))


async def watch_awards(context: "Context") -> None:
    """Countdowns, checkpoints and unfinished boxes of every event's awards, every second. Until cancelled."""
    chores = AwardChores(context.awards)
    while True:
        await asyncio.sleep(AWARDS_S)
        try:
            for event_id in await context.store.event_ids():
                snapshot = await context.store.snapshot(event_id)
                if snapshot is None:
                    continue
                for award in snapshot.state.event.awards:
                    run = snapshot.state.award(award.id)
                    if run.rules_hash and not run.published:
                        await chores.look(event_id, award, run)
        except VotingError as error:
            log.warning("award_chores_failed", reason=str(error))


async def watch_disk(context: "Context") -> None:
    """Ballots stop while less than `store.min_free_mb` is free on the data folder's disk. Until cancelled."""
    least = context.config.store.min_free_mb * 2**20
    while True:
        is_low = shutil.disk_usage(context.data).free < least
        if is_low != context.is_low_on_disk:
            context.is_low_on_disk = is_low
            context.batchers.has_room = not is_low
            log.warning(
                "disk_low" if is_low else "disk_has_room_again", least_mb=context.config.store.min_free_mb
            )
        await asyncio.sleep(CHECK_S)


async def watch_sockets(context: "Context") -> None:
    """Cut connections that have not taken what was sent for `live.send_timeout_s`. Until cancelled."""
    while True:
        await asyncio.sleep(CHECK_S)
        late = asyncio.get_running_loop().time() - context.config.live.send_timeout_s
        for connection in [one for one, since in context.slow.items() if since < late]:
            connection.cut()
            context.metrics.cut += 1


async def watch_store(poll: Callable[[], int | None], restart: Callable[[], object]) -> None:
    """Restart the embedded store when it has died; see StoreKeeper. Until cancelled."""
    keeper = StoreKeeper(poll, restart)
    while True:
        keeper.look()  # in this thread: the store dies with the thread that started it
        await asyncio.sleep(STORE_S)


class StoreKeeper:
    """Restarts the embedded store when it has died (a full disk, a killed process).

    `poll` gives the exit status or None while it lives; `restart` starts it again on the same folder.
    Waits longer after each failure, up to 15 s.
    """

    def __init__(self, poll: Callable[[], int | None], restart: Callable[[], object]) -> None:
        self._poll, self._restart = poll, restart
        self._pause_s, self._not_before_s = STORE_S, 0.0

    def look(self) -> None:
        """See how it is, and start it again if it has died. To be called often."""
        status = self._poll()
        if status is None:
            self._pause_s = STORE_S
        elif time.monotonic() >= self._not_before_s:
            log.error("store_died", status=status)
            try:
                self._restart()
                log.info("store_restarted")
            except (OSError, RuntimeError, StoreError) as error:
                log.error("store_does_not_start", reason=str(error))
                self._not_before_s = time.monotonic() + self._pause_s
                self._pause_s = min(15.0, self._pause_s * 2)
