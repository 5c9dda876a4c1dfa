"""The same ports in plain dicts: the fake that tests run on, and the yardstick of the contract suite.

Nothing is awaited between deciding and recording, so on one event loop every method is atomic.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence

from polls.award.life import RoundState
from polls.award.model import AwardId
from polls.desk import EventState
from polls.lifecycle import freeze
from polls.model import EventId, PollId
from polls.ports import UNFOLLOWED, AuditEntry, Change, Snapshot
from server.clock import now_ms
from server.store.award_words import allow
from server.store.checks import Durability
from server.store.codec import as_entry, can_be_stored
from server.store.link import WAKE_S
from server.store.memory_award import MemoryAwards
from server.store.memory_held import At, Bell, Held, Round, by_rev, why_not, would_thaw
from voting.audit import GENESIS
from voting.award.ports import At as Place
from voting.ballot import BoxEntry, CastBallot, CastOutcome
from voting.errors import StoreConflict
from voting.ports import LogEntry, RoundReading
from voting.sealing import nonce_hash


class MemoryStore:
    """EventStore and BallotBox in this process's memory. `clock` gives Unix time in ms."""

    def __init__(self, clock: Callable[[], int] = now_ms) -> None:
        self._clock = clock
        self._epoch = secrets.token_hex(16)
        self._held: dict[EventId, Held] = {}
        self._offsets: dict[EventId, int] = {}
        self._listeners: dict[EventId, set[Bell]] = {}
        self.awards = MemoryAwards(self._held.__contains__, self._was_opened, self._note)

    async def connect(self) -> None:
        """Nothing to do; here so that tests can treat both stores alike."""

    async def close(self) -> None:
        """Nothing to do."""

    async def durability(self) -> Durability:
        return Durability.NONE

    def restart(self) -> None:
        """Behave as a store that was restarted and lost nothing: a new epoch."""
        self._epoch = secrets.token_hex(16)

    # --- events ----------------------------------------------------------------------------------

    async def event_ids(self) -> list[EventId]:
        return sorted(self._held)

    async def unwritten_ids(self) -> list[EventId]:
        return []

    async def find_by_code(self, join_code: str) -> EventId | None:
        return next((id for id, held in self._held.items() if held.event.join_code == join_code), None)

    async def snapshot(
        self, event: EventId, rounds: Sequence[At] = (), since: Mapping[At, str] = UNFOLLOWED
    ) -> Snapshot | None:
        held = self._held.get(event)
        if held is None:
            return None
        kept = {at: held.rounds.get(at, Round()) for at in (*rounds, *since)}
        told = {at: kept[at].since(line) for at, line in since.items()}
        changes = {at: found for at, found in told.items() if found is not None}
        return Snapshot(
            epoch=self._epoch,
            offset=held.offset,
            head=held.head,
            seq=len(held.audit),
            doc_rev=held.doc_rev,
            state=EventState(
                event=held.event, runs=dict(held.runs), desks=dict(held.desks), awards=dict(held.awards)
            ),
            links=dict(held.links),
            tallies={at: dict(kept[at].tally) for at in kept if at in rounds or at not in changes},
            changes=changes,
            lines={at: kept[at].line() for at in kept},
            boxes={at: kept[at].size for at in kept},
            workers={worker: dict(words) for worker, words in held.workers.items()},
            painted={stage: dict(words) for stage, words in held.painted.items()},
        )

    async def commit(self, event: EventId, change: Change) -> int:
        held = self._held.get(event)
        if change.event is not None:
            if change.event.id != event:
                raise ValueError(f"the definition of {change.event.id} is not that of {event}")
            owner = await self.find_by_code(change.event.join_code)
            if owner not in (None, event):
                raise StoreConflict(f"the join code {change.event.join_code} belongs to another event")
        if change.entry.prev != (GENESIS if held is None else held.head):
            raise StoreConflict("somebody else changed the event first")
        if held is None:
            if change.event is None:
                raise StoreConflict("there is no such event")
            # Not from 1 when it is made again: screens drop what is not newer.
            held = Held(event=change.event, offset=self._offsets.get(event, self._clock() * 1000))
        for poll, run in change.runs.items():
            if would_thaw(held.runs.get(poll), run):
                raise StoreConflict("the poll was frozen meanwhile")
        for (award, place), named in change.registers.items():
            if self.awards.register_hash(Place(event, award, place)) != named:
                allow("replaced")
        self._held[event] = held
        held.runs.update(change.runs)
        held.desks.update(change.desks)
        held.awards.update(change.awards)
        for award, entries in change.records.items():
            held.records.setdefault(award, []).extend(entries)
        held.links.update(change.links)
        held.keys.update(change.keys)
        for at in change.closed:
            closed = held.rounds.setdefault(at, Round())
            closed.log.append(None)
            closed.changes.append({})
        for at in change.dropped:
            held.rounds.pop(at, None)
            held.keys.pop(at, None)
        for at, counted in change.sealed.items():
            kept = held.rounds.get(at, Round())
            held.rounds[at] = Round(tally=kept.tally, counted=frozenset(counted) or None)
            held.keys.pop(at, None)
        if change.event is not None:
            held.event = change.event
            held.doc_rev += 1
        held.audit.append(change.entry)
        return self._changed(event, held, is_decided=True)

    async def audit(self, event: EventId) -> list[AuditEntry]:
        held = self._held.get(event)
        return [] if held is None else list(held.audit)

    async def record(self, event: EventId, award: AwardId) -> list[str]:
        held = self._held.get(event)
        return [] if held is None else list(held.records.get(award, ()))

    async def round_key(self, event: EventId, poll: PollId, round: int) -> bytes | None:
        held = self._held.get(event)
        secret = None if held is None else held.keys.get((poll, round))
        return None if secret is None else bytes.fromhex(secret)

    async def report_worker(self, event: EventId, worker: str, words: Mapping[str, int]) -> None:
        if event in self._held:
            self._held[event].workers[worker] = dict(words)

    async def report_painted(self, event: EventId, stage: str, words: Mapping[str, int | str]) -> None:
        if event in self._held:
            self._held[event].painted[stage] = dict(words)

    async def delete_event(self, event: EventId) -> None:
        held = self._held.pop(event, None)
        if held is not None:
            self._offsets[event] = held.offset
        self.awards.forget(event)
        self._wake(event)

    # --- ballots -----------------------------------------------------------------------------------

    async def cast(
        self, event: EventId, poll: PollId, round: int, ballots: Sequence[CastBallot]
    ) -> list[CastOutcome]:
        held = self._held.get(event)
        kept = Round() if held is None else held.rounds.get((poll, round), Round())
        refusal = "closed" if held is None else why_not(held.runs.get(poll), round)
        now = self._clock()
        outcomes: list[CastOutcome] = []
        batch: list[tuple[str, BoxEntry]] = []
        changes: dict[str, int] = {}
        for ballot in ballots:
            if not can_be_stored(ballot):
                outcomes.append(CastOutcome(code="malformed"))
                continue
            present = kept.box.get(ballot.voter)
            code = by_rev(ballot, present) or refusal or "ok"
            if code == "ok":
                if present is not None:
                    kept.count(present, -1, changes)
                present = as_entry(ballot, counted_ms=now)
                kept.count(present, 1, changes)
                kept.box[ballot.voter] = present
                batch.append((ballot.voter, present))
            outcomes.append(CastOutcome(code=code, entry=present))
        if batch and held is not None:
            held.rounds[(poll, round)] = kept
            kept.log.append(batch)
            kept.changes.append(changes)
            self._changed(event, held)
        return outcomes

    async def own(self, event: EventId, wanted: Sequence[tuple[PollId, int, str]]) -> list[BoxEntry | None]:
        rounds = self._held[event].rounds if event in self._held else {}
        return [
            rounds[(poll, round)].box.get(voter) if (poll, round) in rounds else None
            for poll, round, voter in wanted
        ]

    async def read_round(self, event: EventId, poll: PollId, round: int, after: str = "") -> RoundReading:
        rounds = self._held[event].rounds if event in self._held else {}
        kept = rounds.get((poll, round), Round())
        if kept.counted is not None:
            tally = dict(kept.tally)
            return RoundReading(
                log=[], last=after, is_closed=True, box={}, tally=tally, counted=len(kept.counted)
            )
        return RoundReading(
            log=[
                LogEntry(id=f"{number}.{place}", voter=voter, entry=entry)
                for number, batch in enumerate(kept.log, start=1)
                if batch is not None and number > int(after or 0)
                for place, (voter, entry) in enumerate(batch)
            ],
            last=kept.line() or after,
            is_closed=bool(kept.log) and kept.log[-1] is None,
            box=dict(kept.box),
            tally=dict(kept.tally),
        )

    async def was_counted(self, event: EventId, poll: PollId, round: int, nonce: str) -> bool:
        rounds = self._held[event].rounds if event in self._held else {}
        return nonce_hash(nonce) in (rounds.get((poll, round), Round()).counted or ())

    async def freeze(self, event: EventId, poll: PollId, round: int, reason: str) -> None:
        held = self._held.get(event)
        run = None if held is None else held.runs.get(poll)
        if held is None or run is None or run.round != round or run.frozen:
            return
        held.runs[poll] = freeze(run, reason)
        self._changed(event, held, is_decided=True)

    async def wakes(self, event: EventId) -> AsyncIterator[bool]:
        bell = Bell()
        self._listeners.setdefault(event, set()).add(bell)
        try:
            while True:
                is_decided, bell.is_decided = bell.is_decided, False
                yield is_decided
                try:
                    # Not wait_for: up to Python 3.11 it swallows a cancellation that meets its end.
                    async with asyncio.timeout(WAKE_S):
                        await bell.wait()
                except TimeoutError:
                    continue
                bell.clear()
        finally:
            self._listeners[event].discard(bell)

    def _was_opened(self, at: Place) -> bool:
        run = self._held[at.event].awards.get(at.award)
        return run is not None and run.round(at.round).state is not RoundState.WAITING

    def _note(self, event: EventId) -> None:
        self._changed(event, self._held[event])

    def _changed(self, event: EventId, held: Held, *, is_decided: bool = False) -> int:
        held.offset += 1
        self._wake(event, is_decided)
        return held.offset

    def _wake(self, event: EventId, is_decided: bool = False) -> None:
        for bell in self._listeners.get(event, ()):
            bell.is_decided = bell.is_decided or is_decided
            bell.set()
