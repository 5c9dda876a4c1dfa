"""The seal of a poll's round: some time after its close nothing tells any more who cast which ballot (L8)."""

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from polls.lifecycle import due_to_seal
from polls.model import EventId, PollId
from polls.ports import Snapshot
from server import moderation
from server.clock import now_ms
from server.live.event import NoSuchEvent
from voting.award.ports import FilesState
from voting.errors import RecountMismatch, VotingError
from voting.recount import Recount
from voting.sealing import counted_hashes, log_hash, tally_hash

if TYPE_CHECKING:
    from server.context import Context, Store

log = structlog.get_logger()

LOOK_S = 5.0
"""How often rounds that are due are looked for, in seconds."""
SLICE = 500


async def seal_round(store: "Store", event: EventId, poll: PollId, round: int, actor: str) -> bool:
    """Recount a closed round, then forget its voters; the audit log gets the hashes of log and tally.

    False when the round is sealed or gone already, or when its recount does not agree: then it is frozen
    and keeps everything, for somebody to look at. What the store's files remember goes with
    `rewrite_files`.
    """
    try:
        reading = await store.read_round(event, poll, round)
        recount = Recount()
        for first in range(0, len(reading.log), SLICE):
            recount.add(reading.log[first : first + SLICE])
            await asyncio.sleep(0)
        if reading.counted is None:
            recount.check(reading)
    except RecountMismatch as error:
        log.error("recount_mismatch", poll_event=event, poll=poll, round=round, differences=[str(error)])
        await store.freeze(event, poll, round, "a recount of the ballot log does not agree")
        return False

    def plan(snapshot: Snapshot) -> moderation.Plan | None:
        run = snapshot.state.run(poll)
        if round not in due_to_seal(run, now_ms() + 1):
            return None
        return moderation.Plan(
            action="seal",
            subject=f"poll:{poll}",
            body={
                "round": round,
                "ballots": len(reading.box),
                "log_sha256": log_hash(reading.log),
                "tally_sha256": tally_hash(reading.tally),
            },
            runs={poll: replace(run, sealed=(*run.sealed, round))},
            sealed={(poll, round): counted_hashes(reading)},
        )

    return await moderation.decide(store, event, actor, plan) is not None


async def seal_what_is_due(
    store: "Store", event: EventId, after_s: int, given_up: set[tuple[EventId, PollId, int]]
) -> int:
    """Seal every round of an event that was closed `after_s` seconds ago. Gives their number.

    `given_up` holds rounds that are not tried again, and gets those whose recount did not agree.
    """
    snapshot = await store.snapshot(event)
    due = [
        (event, poll, round)
        for poll, run in (snapshot.state.runs.items() if snapshot else ())
        for round in due_to_seal(run, now_ms() - after_s * 1000)
    ]
    # What is not due any more was reset or deleted; a round of the same number is another one.
    given_up -= {one for one in given_up if one[0] == event and one not in due}
    count = 0
    for _, poll, round in due:
        if (event, poll, round) in given_up:
            continue
        if await seal_round(store, event, poll, round, moderation.SERVER):
            count += 1
        else:
            given_up.add((event, poll, round))
    return count


async def seal_in_time(context: "Context") -> None:
    """Seal rounds as they become due, in one process for all, and have the store's files written anew: also
    where a seal before was broken off. Until cancelled."""
    given_up: set[tuple[EventId, PollId, int]] = set()
    refused: set[EventId] = set()
    while True:
        await asyncio.sleep(LOOK_S)
        try:
            events = await context.store.event_ids()
            deleted = await context.store.unwritten_ids()
        except VotingError as error:
            log.warning("seal_failed", reason=str(error))
            continue
        for event in (*events, *deleted):
            try:
                await seal_what_is_due(context.store, event, context.config.votes.seal_after_s, given_up)
                state = await context.store.awards.rewrite_files(event)
            except NoSuchEvent:
                continue  # deleted meanwhile
            except VotingError as error:
                log.warning("seal_failed", poll_event=event, reason=str(error))
                continue
            if state is FilesState.REFUSED and event not in refused:
                refused.add(event)
                log.warning("store_files_not_rewritten", poll_event=event)
