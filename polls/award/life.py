"""An award's life: where each of its rounds stands, what the reveal has shown. One table decides."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from polls.award.model import CandidateId, RoundId


class RoundState(StrEnum):
    """A round of an award; a round opens only when the one before is sealed."""

    WAITING = "waiting"
    OPEN = "open"
    CLOSED = "closed"
    """Takes nothing more; waits for the scrutineers' approvals of the same box."""
    SEALED = "sealed"
    """Approved: totals may exist from here on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A scrutineer's approval of a closed round's box, named by its hash (hex)."""

    scrutineer: str
    box_hash: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundRun:
    """Where one round stands; times are Unix milliseconds. `box_hash` is set at the close."""

    state: RoundState = RoundState.WAITING
    opened_ms: int | None = None
    closes_ms: int | None = None
    closed_ms: int | None = None
    sealed_ms: int | None = None
    box_hash: str = ""
    approvals: tuple[Approval, ...] = ()
    admitted: tuple[CandidateId, ...] = ()
    """Once sealed: who goes on to the next round, in the order of the paper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardRun:
    """Where an award stands.

    `rules_hash` is empty until the rules are frozen. `withdrawn` candidates stay on ballots and count
    nothing. `steps` of the reveal have been shown; `published` once the record is out. `choices` are what
    the ladder was told by people: {"chair": candidate id, "lot": public draw}. `runoffs` are rounds that were
    added for tied finalists: round id -> their candidates; they stand in `rounds` like all others.
    """

    rules_hash: str = ""
    rounds: Mapping[RoundId, RoundRun] = field(default_factory=dict)
    withdrawn: tuple[CandidateId, ...] = ()
    voided: tuple[str, ...] = ()
    """Receipts of ballots that were voided with a reason and countersigned."""
    choices: Mapping[str, str] = field(default_factory=dict)
    runoffs: Mapping[RoundId, tuple[CandidateId, ...]] = field(default_factory=dict)
    steps: int = 0
    published: bool = False

    def round(self, round_id: str) -> RoundRun:
        return self.rounds.get(RoundId(round_id)) or RoundRun()
