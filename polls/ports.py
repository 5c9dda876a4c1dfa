"""What the domain needs done with events; the server's stores do it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

from polls.award.life import AwardRun
from polls.award.model import AwardId, RoundId
from polls.desk import Desk, EventState
from polls.lifecycle import PollRun
from polls.model import Event, EventId, PollId, RoomId


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One atomic reading of an event.

    `epoch` names the store's incarnation, `offset` rises with every change, `head` is the audit log's
    last hash and `seq` its length (the last entry's number), `doc_rev` the event definition's revision.
    `boxes` (size of the ballot box) and `lines` (the newest line of the ballot log, "" without any) are
    given for the rounds asked for. `tallies` are those read whole, `changes` what was added to a tally
    since the line that was named: tally key -> by how much, never zero. `workers` are the server
    processes' last words: worker id -> {phones, phones:room:segment, stages, received:poll:round, ms}.
    `painted` is what stages say they show: stage id -> {room, poll, offset, ms}.
    """

    epoch: str
    offset: int
    head: str
    seq: int
    doc_rev: int
    state: EventState
    links: Mapping[str, int] = field(default_factory=dict)
    tallies: Mapping[tuple[PollId, int], Mapping[str, int]] = field(default_factory=dict)
    changes: Mapping[tuple[PollId, int], Mapping[str, int]] = field(default_factory=dict)
    lines: Mapping[tuple[PollId, int], str] = field(default_factory=dict)
    boxes: Mapping[tuple[PollId, int], int] = field(default_factory=dict)
    workers: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    painted: Mapping[str, Mapping[str, int | str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One change by a person (or by the server's timer): who did what to which thing, when, and its place
    in the hash chain. `body` is small, plain and free of ballots and addresses."""

    seq: int
    at_ms: int
    actor: str
    action: str
    subject: str
    body: Mapping[str, str | int]
    prev: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A recorded fact, committed whole or not at all, if the audit log still ends at `entry.prev`.

    `event` replaces the definition, `runs`, `desks` and `awards` the named ones, `links` the serials of role
    links. `keys` are the secrets under which a new round's voter keys are made: (poll, round) -> hex.
    `closed` rounds get a closing line in their ballot log; `dropped` rounds lose secret, box, tally and log.
    `records` are new entries of awards' public logs, canonical JSON, in order.
    `sealed` rounds lose their secret, their log and all of the box but these hashes of the nonces in it.
    `registers` are the registers of codes that the change names: (award, round) -> hash (hex).
    """

    entry: AuditEntry
    event: Event | None = None
    runs: Mapping[PollId, PollRun] = field(default_factory=dict)
    desks: Mapping[RoomId, Desk] = field(default_factory=dict)
    awards: Mapping[AwardId, AwardRun] = field(default_factory=dict)
    records: Mapping[AwardId, Sequence[str]] = field(default_factory=dict)
    links: Mapping[str, int] = field(default_factory=dict)
    keys: Mapping[tuple[PollId, int], str] = field(default_factory=dict)
    closed: Sequence[tuple[PollId, int]] = ()
    dropped: Sequence[tuple[PollId, int]] = ()
    sealed: Mapping[tuple[PollId, int], Sequence[str]] = field(default_factory=dict)
    registers: Mapping[tuple[AwardId, RoundId], str] = field(default_factory=dict)


UNFOLLOWED: Mapping[tuple[PollId, int], str] = MappingProxyType({})
"""No round whose ballot log is followed."""


class EventStore(Protocol):
    """Keeps events and what happens to them."""

    async def event_ids(self) -> list[EventId]:
        """Every event in the store, sorted."""
        ...

    async def unwritten_ids(self) -> list[EventId]:
        """Deleted events that the store's files still hold, sorted; AwardBox.rewrite_files ends that."""
        ...

    async def find_by_code(self, join_code: str) -> EventId | None:
        """The event a join code (canonical form) belongs to."""
        ...

    async def snapshot(
        self,
        event: EventId,
        rounds: Sequence[tuple[PollId, int]] = (),
        since: Mapping[tuple[PollId, int], str] = UNFOLLOWED,
    ) -> Snapshot | None:
        """One atomic reading; None when there is no such event. Raises StoreUnavailable.

        The tallies of `rounds` are read whole. Of those in `since` only the changes are read that came
        after the line named there, a line that an earlier reading gave; their tally is read whole when
        the log cannot tell the changes (another log, too many, lines of an older version).
        """
        ...

    async def commit(self, event: EventId, change: Change) -> int:
        """Commit a change and wake the publishers; gives the new offset.

        Creates the event when it does not exist and `change.event` is given. Raises StoreConflict
        when the audit log has moved on or the join code belongs to another event, and RoundRefused
        (`replaced`) when a register of `change.registers` is another one by now.
        """
        ...

    async def record(self, event: EventId, award: AwardId) -> list[str]:
        """The public log of an award, oldest entry first, each canonical JSON."""
        ...

    async def audit(self, event: EventId) -> list[AuditEntry]:
        """The whole audit log, oldest first."""
        ...

    async def round_key(self, event: EventId, poll: PollId, round: int) -> bytes | None:
        """The secret under which this round's voter keys are made."""
        ...

    async def was_counted(self, event: EventId, poll: PollId, round: int, nonce: str) -> bool:
        """Whether a sealed round counted a ballot with this nonce; False for a round that is not sealed."""
        ...

    async def report_worker(self, event: EventId, worker: str, words: Mapping[str, int]) -> None:
        """Note how many phones and stages a server process holds, and what it received."""
        ...

    async def report_painted(self, event: EventId, stage: str, words: Mapping[str, int | str]) -> None:
        """Note what a stage says it has painted."""
        ...

    async def delete_event(self, event: EventId) -> None:
        """Remove an event and everything of it (rehearsals only; the caller decides)."""
        ...
