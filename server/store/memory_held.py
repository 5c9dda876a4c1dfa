"""What MemoryStore holds of one event, and the rules by which it decides about a ballot or a change."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field

from polls.award.life import AwardRun
from polls.award.model import AwardId
from polls.desk import Desk
from polls.lifecycle import PollRun, PollState
from polls.model import Event, PollId, RoomId
from polls.ports import AuditEntry
from voting.audit import GENESIS
from voting.ballot import BoxEntry, CastBallot
from voting.profile import encode_entry

At = tuple[PollId, int]


@dataclass(slots=True)
class Round:
    """One round of a poll: box, tally and log."""

    box: dict[str, BoxEntry] = field(default_factory=dict)
    tally: dict[str, int] = field(default_factory=dict)
    log: list[list[tuple[str, BoxEntry]] | None] = field(default_factory=list)
    """Batches in order; None is the closing line."""
    changes: list[dict[str, int]] = field(default_factory=list)
    """What each line of the log changed in the tally."""
    counted: frozenset[str] | None = None
    """Once sealed: hashes of the nonces in the box, which is empty from then on."""

    @property
    def size(self) -> int:
        return len(self.box if self.counted is None else self.counted)

    def count(self, entry: BoxEntry, by: int, changes: dict[str, int]) -> None:
        key = encode_entry(entry.segment, entry.canonical)
        changes[key] = changes.get(key, 0) + by
        count = self.tally.get(key, 0) + by
        if count:
            self.tally[key] = count
        else:
            del self.tally[key]

    def line(self) -> str:
        """The newest line of the log, '' when it is empty."""
        return str(len(self.log)) if self.log else ""

    def since(self, line: str) -> dict[str, int] | None:
        """What the tally changed by after a line; None when the log cannot tell."""
        if not line or int(line) > len(self.log):
            return None
        added: Counter[str] = Counter()
        for changes in self.changes[int(line) :]:
            for key, by in changes.items():
                added[key] += by
        return {key: by for key, by in added.items() if by}


class Bell(asyncio.Event):
    """Rings for one listener."""

    is_decided = False


@dataclass(slots=True)
class Held:
    """Everything of one event."""

    event: Event
    doc_rev: int = 0
    offset: int = 0
    audit: list[AuditEntry] = field(default_factory=list)
    runs: dict[PollId, PollRun] = field(default_factory=dict)
    desks: dict[RoomId, Desk] = field(default_factory=dict)
    awards: dict[AwardId, AwardRun] = field(default_factory=dict)
    records: dict[AwardId, list[str]] = field(default_factory=dict)
    links: dict[str, int] = field(default_factory=dict)
    keys: dict[At, str] = field(default_factory=dict)
    rounds: dict[At, Round] = field(default_factory=dict)
    workers: dict[str, dict[str, int]] = field(default_factory=dict)
    painted: dict[str, dict[str, int | str]] = field(default_factory=dict)

    @property
    def head(self) -> str:
        return self.audit[-1].hash if self.audit else GENESIS


def by_rev(ballot: CastBallot, present: BoxEntry | None) -> str | None:
    """What the ballot already in the box decides; None when the new one is newer."""
    if present is None or ballot.rev > present.rev:
        return None
    if ballot.rev < present.rev:
        return "stale"
    return "dup" if ballot.nonce == present.nonce else "conflict"


def why_not(run: PollRun | None, round: int) -> str | None:
    """Why the poll takes no ballot in `round`; None when it takes one."""
    if run is None:
        return "closed"
    if run.round != round:
        return "other_round"
    if run.state is not PollState.OPEN:
        return "closed"
    return "frozen" if run.frozen else None


def would_thaw(old: PollRun | None, new: PollRun) -> bool:
    """A run that was frozen stays frozen until its round is over."""
    return (
        old is not None
        and bool(old.frozen)
        and not new.frozen
        and old.round == new.round
        and new.state is not PollState.DRAFT
    )
