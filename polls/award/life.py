"""Where an award stands: its rounds, who approved what, who withdrew, what the reveal has shown.

What may be done next, and what it leads to, is in polls/award/acts.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from polls.award.model import (
    NOBODY,
    Award,
    CandidateId,
    ClassId,
    JuryRound,
    RoundId,
    ScrutineerId,
    VoteRound,
)

ORGANISER = ScrutineerId("organiser")
"""Who approves an award that has no scrutineers. No scrutineer can have this id."""

RUNOFF = "runoff"
"""Beginning of the ids of rounds that were added for tied finalists: runoff1, runoff2, …"""


class RoundState(StrEnum):
    """A round of an award; a round opens only when the one before is sealed."""

    WAITING = "waiting"
    OPEN = "open"
    CLOSED = "closed"
    """Takes nothing more; waits for the scrutineers' approvals of the same box."""
    SEALED = "sealed"
    """Approved: totals may exist from here on."""


class Phase(StrEnum):
    """An award's life from its set-up to the published record."""

    DRAFT = "draft"
    """The rules can still be changed; nothing can open."""
    FROZEN = "frozen"
    """The rules stand, and not every round is sealed yet."""
    SEALED = "sealed"
    """Every round is sealed and nothing of the result was shown."""
    REVEALING = "revealing"
    """Some steps of the reveal were shown, but not the last."""
    RUNOFF = "runoff"
    """A round that was added for tied finalists is not sealed yet."""
    REVEALED = "revealed"
    """The last step was shown: everyone knows."""
    PUBLISHED = "published"
    """The record is out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A scrutineer's approval of a closed round's box, named by its hash (hex)."""

    scrutineer: ScrutineerId
    box_hash: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundRun:
    """Where one round stands; times are Unix milliseconds. `box_hash` (hex) is set at the close. `pinned`
    ballots are in the newest checkpoint of the public log (None: the round was opened before this was kept).
    """

    state: RoundState = RoundState.WAITING
    opened_ms: int | None = None
    closes_ms: int | None = None
    closed_ms: int | None = None
    sealed_ms: int | None = None
    box_hash: str = ""
    approvals: tuple[Approval, ...] = ()
    pinned: int | None = None
    admitted: tuple[CandidateId, ...] = ()
    """Once sealed: who goes on to the next round, in the order of the paper."""

    @property
    def approved_by(self) -> frozenset[ScrutineerId]:
        """Who approved the box as it is."""
        return frozenset(a.scrutineer for a in self.approvals if self.box_hash == a.box_hash != "")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEnd:
    """The end of an award's public log: the last entry's number (0: none) and hash (hex)."""

    seq: int = 0
    hash: str = "0" * 64


class ProposalKind(StrEnum):
    """What takes the signatures of scrutineers once the rules are frozen."""

    WITHDRAW = "withdraw"
    """`subject` is a candidate, who stays on ballots and counts nothing."""
    VOID = "void"
    """`subject` is the receipt of a ballot, which stays in the box and counts nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A withdrawal or voiding with its reason and those who have signed it; ids are 1, 2, … per award."""

    id: int
    kind: ProposalKind
    subject: str
    reason: str
    at_ms: int
    by: tuple[ScrutineerId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HandCount:
    """A count of hands or paper ballots on its way into the box: it takes two people with the same figures.

    `mark` stands for the figures, which themselves are kept nowhere before both have named them; `by` are
    the names of those who did, and `actor` is the part in which the first one did.
    """

    round: RoundId
    channel: str
    voter_class: ClassId
    mark: str
    actor: str
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PitchRun:
    """How far the finalists' pitches are: `now` pitches, or was the last to do so (None: nobody yet).

    `clocks` say when the time of those who have begun is over (Unix ms); empty without a clock.
    """

    now: CandidateId | None = None
    is_over: bool = False
    clocks: Mapping[CandidateId, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardRun:
    """Where an award stands.

    `rules_hash` is empty until the rules are frozen. `withdrawn` candidates stay on ballots and count
    nothing. `steps` of the reveal have been shown, `revealed` after the last; `published` once the record
    is out, `corrections` what was added to it. `choices` are what the ladder was told by people:
    {"chair": candidate id, "lot": public draw}. `runoffs` are rounds that were added for tied finalists:
    round id -> their candidates; they stand in `rounds` like all others. `proposals` wait for
    signatures, `settled` ones have taken effect. `counts` wait for a second person. `pitches` is how far
    those are; nothing is decided by it. `log` is where the public log ends.
    """

    rules_hash: str = ""
    rounds: Mapping[RoundId, RoundRun] = field(default_factory=dict)
    withdrawn: tuple[CandidateId, ...] = ()
    voided: tuple[str, ...] = ()
    """Receipts of ballots that were voided with a reason and countersigned."""
    choices: Mapping[str, str] = field(default_factory=dict)
    runoffs: Mapping[RoundId, tuple[CandidateId, ...]] = field(default_factory=dict)
    steps: int = 0
    revealed: bool = False
    published: bool = False
    proposals: tuple[Proposal, ...] = ()
    settled: tuple[Proposal, ...] = ()
    corrections: tuple[str, ...] = ()
    counts: tuple[HandCount, ...] = ()
    pitches: PitchRun = field(default_factory=PitchRun)
    log: LogEnd = field(default_factory=LogEnd)

    def round(self, round_id: str) -> RoundRun:
        return self.rounds.get(RoundId(round_id)) or RoundRun()

    @property
    def basis(self) -> "AwardRun":
        """The run without what changes no result: two with the same one are counted alike."""
        return replace(
            self,
            steps=0,
            revealed=False,
            published=False,
            proposals=(),
            corrections=(),
            counts=(),
            pitches=PitchRun(),
            log=LogEnd(),
        )


def round_ids(award: Award, run: AwardRun) -> tuple[RoundId, ...]:
    """All rounds in the order in which they are held, run-offs last."""
    return (*(r.id for r in award.rounds()), *run.runoffs)


def round_of(award: Award, run: AwardRun, round_id: str) -> JuryRound | VoteRound | None:
    """The rules of a round; a run-off has those of the vote."""
    return award.vote if round_id in run.runoffs else award.round(round_id)


def approvals_needed(award: Award) -> int:
    """How many people must approve a box, or sign a withdrawal or voiding."""
    return award.approvals if award.scrutineers else 1


def approvers(award: Award) -> frozenset[ScrutineerId]:
    """Who may do that: the scrutineers, or the organiser of an award without any."""
    return frozenset(scrutineer for scrutineer, _ in award.scrutineers) or frozenset((ORGANISER,))


def phase(award: Award, run: AwardRun) -> Phase:
    """How far the award has come."""
    if not run.rules_hash:
        return Phase.DRAFT
    if run.published:
        return Phase.PUBLISHED
    if run.revealed:
        return Phase.REVEALED
    if any(run.round(r).state is not RoundState.SEALED for r in round_ids(award, run)):
        return Phase.RUNOFF if run.runoffs else Phase.FROZEN
    return Phase.REVEALING if run.steps else Phase.SEALED


def standing(award: Award, run: AwardRun, round_id: str) -> tuple[CandidateId, ...]:
    """Who stands in a round, in the order of the paper, without those who have withdrawn.

    That is whom the jury rounds before it admitted; in a run-off the tied finalists. NOBODY stands in
    the vote alone, whatever juries say, and in a run-off when tied.
    """
    if round_id in run.runoffs:
        admitted = run.runoffs[RoundId(round_id)]
    else:
        admitted = tuple(c.id for c in award.candidates)
        for earlier in award.jury:
            if earlier.id == round_id:
                break
            if run.round(earlier.id).state is RoundState.SEALED:
                admitted = run.round(earlier.id).admitted
        if award.none_of_the_above and award.vote is not None and award.vote.id == round_id:
            admitted = (*(c for c in admitted if c != NOBODY), NOBODY)
    return tuple(c for c in admitted if c not in run.withdrawn)
