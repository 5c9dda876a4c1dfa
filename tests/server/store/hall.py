"""A small event to try a store on: two polls, and what a moderator and voters do with them."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from polls.joincode import ALPHABET, LENGTH
from polls.lifecycle import Action, PollRun, transition
from polls.model import Event, EventId, Poll, PollId, PollKind, Text
from polls.ports import AuditEntry, Change, EventStore, Snapshot
from server.store.checks import Durability
from tests.polls.small_event import options, session, small_event
from voting.audit import GENESIS, make_entry
from voting.ballot import BoxEntry, CastBallot, CastOutcome
from voting.ports import BallotBox, RoundReading
from voting.recount import Recount

FIRST, SECOND = PollId("first"), PollId("second")
NOW_MS = 1_700_000_000_000
_numbers = itertools.count(1)


class Store(EventStore, BallotBox, Protocol):
    """Both ports in one, as every adapter has them."""

    async def connect(self) -> None: ...

    async def close(self) -> None: ...

    async def durability(self) -> Durability: ...


def fresh_event() -> Event:
    """An event nobody has yet, with a join code nobody has."""
    number = next(_numbers)
    join_code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    three = options("Option 1", "Option 2", "Option 3")
    polls = (
        Poll(id=poll, kind=PollKind.SINGLE, question=Text.plain("Which?"), options=three)
        for poll in (FIRST, SECOND)
    )
    return small_event(f"event-{number}-{secrets.token_hex(4)}", join_code, session("opening", *polls))


def ballot(
    voter: str = "anna", rev: int = 1, choice: str = "1", nonce: str | None = None, segment: str = ""
) -> CastBallot:
    return CastBallot(
        voter=voter, rev=rev, nonce=nonce or f"nonce-{voter}-{rev}", segment=segment, canonical=choice
    )


def codes(outcomes: Sequence[CastOutcome]) -> list[str]:
    return [outcome.code for outcome in outcomes]


@dataclass
class Hall:
    """One event in one store. `clock` rises by a second with every change, so that two halls agree."""

    store: Store
    event: Event
    clock: int = NOW_MS
    receipts: list[tuple[str, BoxEntry]] = field(default_factory=list)

    @property
    def id(self) -> EventId:
        return self.event.id

    async def set_up(self) -> Hall:
        await self.change("create", "event", event=self.event)
        return self

    async def snapshot(self, *rounds: tuple[PollId, int]) -> Snapshot:
        snapshot = await self.store.snapshot(self.id, rounds)
        assert snapshot is not None
        return snapshot

    async def entry(self, action: str = "test", subject: str = "event") -> AuditEntry:
        """The audit entry that would come next."""
        self.clock += 1000
        snapshot = await self.store.snapshot(self.id)
        seq, head = (0, GENESIS) if snapshot is None else (snapshot.seq, snapshot.head)
        return make_entry(
            seq=seq + 1, prev=head, at_ms=self.clock, actor="moderator", action=action, subject=subject
        )

    async def change(self, action: str, subject: str, **parts: Any) -> int:
        return await self.store.commit(self.id, Change(entry=await self.entry(action, subject), **parts))

    async def run(self, poll: PollId = FIRST) -> PollRun:
        return (await self.snapshot()).state.run(poll)

    async def act(self, action: Action, poll: PollId = FIRST) -> PollRun:
        """What server and moderator do for an action of the transition table."""
        definition = self.event.find_poll(poll)
        assert definition is not None
        old = await self.run(poll)
        new = transition(definition[1], old, action, self.clock + 1000)
        parts: dict[str, Any] = {"runs": {poll: new}}
        if action in (Action.OPEN, Action.REOPEN):
            parts["keys"] = {(poll, new.round): secrets.token_hex(32)}
        if action is Action.CLOSE:
            parts["closed"] = [(poll, old.round)]
        if action is Action.RESET:
            parts["dropped"] = [(poll, old.round)]
        await self.change(action, f"poll:{poll}", **parts)
        return new

    async def cast(self, *ballots: CastBallot, poll: PollId = FIRST, round: int = 1) -> list[CastOutcome]:
        outcomes = await self.store.cast(self.id, poll, round, ballots)
        self.receipts += [
            (sent.voter, outcome.entry)
            for sent, outcome in zip(ballots, outcomes, strict=True)
            if outcome.is_counted and outcome.entry
        ]
        return outcomes

    async def reading(self, poll: PollId = FIRST, round: int = 1, after: str = "") -> RoundReading:
        return await self.store.read_round(self.id, poll, round, after)

    async def differences(self, poll: PollId = FIRST, round: int = 1) -> list[str]:
        """What a recount of the log finds; empty when log, box and tally agree (law L4)."""
        recount = Recount()
        reading = await self.reading(poll, round)
        recount.add(reading.log)
        return recount.differences(reading)

    async def tally(self, poll: PollId = FIRST, round: int = 1) -> Mapping[str, int]:
        return (await self.snapshot((poll, round))).tallies[(poll, round)]

    async def box(self, poll: PollId = FIRST, round: int = 1) -> Mapping[str, str]:
        """Voter -> canonical ballot."""
        return {v: e.canonical for v, e in (await self.reading(poll, round)).box.items()}


async def open_hall(store: Store) -> Hall:
    """A hall whose first poll is open for its first round."""
    hall = await Hall(store, fresh_event()).set_up()
    await hall.act(Action.OPEN)
    return hall


def timeless(outcomes: Sequence[CastOutcome]) -> list[CastOutcome]:
    """Outcomes without the store's clock, so that those of two stores can be compared."""
    return [
        o if o.entry is None else CastOutcome(code=o.code, entry=o.entry._replace(counted_ms=0))
        for o in outcomes
    ]
