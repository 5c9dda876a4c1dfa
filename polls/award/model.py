"""An award as it is set up: candidates, jury rounds, the hall's vote, and the rules that decide.

Everything here stands before anything opens. Rules and edge cases of juries and blends follow the practice
of the European Broadcasting Union, the International Skating Union and World Aquatics, see docs/awards.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import NewType

from polls.model import SessionId, Text

AwardId = NewType("AwardId", str)
CandidateId = NewType("CandidateId", str)
RoundId = NewType("RoundId", str)
JurorId = NewType("JurorId", str)
CriterionId = NewType("CriterionId", str)
ClassId = NewType("ClassId", str)
ScrutineerId = NewType("ScrutineerId", str)

NOBODY = CandidateId("nobody")
"""The candidate "none of the above": can win, and then nobody gets the award."""

POINTS_TABLE = (12, 10, 8, 7, 6, 5, 4, 3, 2, 1)
"""Points for the places of one voter or jury as in the Eurovision Song Contest."""


class JuryRule(StrEnum):
    """How a jury's sheets become a figure for each candidate (J1 to J9 of docs/awards.md)."""

    MEAN = "mean"
    TRIMMED = "trimmed"
    MEDIAN = "median"
    RANKSUM = "ranksum"
    POINTS = "points"
    APPROVAL = "approval"
    BORDA = "borda"
    IRV = "irv"
    SCHULZE = "schulze-winning"

    @property
    def reads_marks(self) -> bool:
        """Whether jurors give marks by criteria; they pick candidates for APPROVAL, else they rank."""
        return self in (self.MEAN, self.TRIMMED, self.MEDIAN, self.RANKSUM, self.POINTS)


SHARE_RULES = (
    *(JuryRule.MEAN, JuryRule.TRIMMED, JuryRule.MEDIAN),
    *(JuryRule.POINTS, JuryRule.APPROVAL, JuryRule.BORDA),
)
"""The jury rules whose figures add up to a total of which a candidate can have a share."""

SHARE_METHODS = ("plurality", "approval", "borda")
"""The methods of a vote of which the same holds."""


class BallotForm(StrEnum):
    """What a voter fills in."""

    SINGLE = "single"
    APPROVAL = "approval"
    RANKING = "ranking"


class Electorate(StrEnum):
    """Who may vote."""

    CODES = "codes"
    """Whoever holds a single-use code of the register."""
    DEVICES = "devices"
    """Every phone once: one vote per device, not per person."""


class Publish(StrEnum):
    """What of a round the public record holds."""

    BALLOTS = "ballots"
    """Every ballot or sheet."""
    TOTALS = "totals"
    """Figures alone, for small juries and classes."""


class Blend(StrEnum):
    """How the rounds decide together."""

    JURY = "jury"
    """The jury round named `jury_round` alone."""
    AUDIENCE = "audience"
    """The vote alone; also where a jury only made the shortlist (B3, gate)."""
    POINTS = "points"
    """Each side gives one table of points; the sums decide (B1)."""
    SHARES = "shares"
    """Each side's share of its own total, weighted (B2)."""


class Rung(StrEnum):
    """One step of the ladder that parts candidates who are tied; `criterion:<id>` names a criterion."""

    AUDIENCE = "audience"
    GROUPS = "groups"
    COUNTBACK = "countback"
    HEAD_TO_HEAD = "head-to-head"
    CHAIR = "chair"
    LOT = "lot"
    SHARED = "shared"


CRITERION_RUNG = "criterion:"
"""Beginning of the rung that compares the jury's mean of one criterion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A person or an entry that can win; `entrant` says from where."""

    id: CandidateId
    name: Text
    entrant: Text | None = None
    detail: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """What jurors mark, in whole marks from `low` to `high`; `weight` is a whole number from 1."""

    id: CriterionId
    name: Text
    weight: int = 1
    low: int = 1
    high: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Juror:
    """A member of the jury. `group` joins jurors who give one set of points together."""

    id: JurorId
    name: str
    group: str = ""
    chair: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class JuryRound:
    """The jury judges all candidates who are still in.

    `shortlist` is how many go on (0: all); a tie at the boundary admits all tied, or goes to the ladder
    when `boundary_ladder`. `drop` belongs to TRIMMED, `table` to POINTS, `picks` (0: as many as one
    likes) to APPROVAL, `unranked` (zero, average, length) to BORDA. A candidate needs the complete sheets of
    max(quorum_min, ceil(quorum_share · jurors who are not recused)) jurors, else is not rated.
    """

    id: RoundId
    jurors: tuple[Juror, ...]
    rule: JuryRule = JuryRule.MEAN
    criteria: tuple[Criterion, ...] = ()
    shortlist: int = 0
    boundary_ladder: bool = False
    drop: int = 1
    table: tuple[int, ...] = POINTS_TABLE
    picks: int = 0
    unranked: str = "zero"
    quorum_min: int = 3
    quorum_share: Fraction = Fraction(2, 3)
    publish: Publish = Publish.TOTALS


@dataclass(frozen=True, slots=True, kw_only=True)
class VoterClass:
    """Voters whose ballots weigh the same; `weight` is a whole number from 1."""

    id: ClassId
    name: Text
    weight: int = 1


EVERYBODY = VoterClass(id=ClassId("voters"), name=Text.plain("Voters"))


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteRound:
    """The hall votes between the candidates who are still in; one ballot for each voter, final once cast.

    `method` is plurality (SINGLE), approval (APPROVAL), or borda, irv, schulze-winning (RANKING). A ballot
    names from `least` to `most` candidates (most 0: all). Below `min_turnout` ballots there is no valid
    vote.
    """

    id: RoundId
    electorate: Electorate = Electorate.CODES
    classes: tuple[VoterClass, ...] = (EVERYBODY,)
    form: BallotForm = BallotForm.SINGLE
    method: str = "plurality"
    least: int = 1
    most: int = 1
    ties: bool = False
    abstain: bool = True
    unranked: str = "zero"
    min_turnout: int = 0
    countdown_s: int | None = None
    publish: Publish = Publish.BALLOTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """How the rounds make a result.

    `jury_table` and `audience_table` belong to POINTS, the weights to SHARES. Without a valid vote of the
    audience there is no valid result, unless `jury_only_without_audience`. `ladder` holds values of Rung or
    `criterion:<id>`, tried in order; the last one is SHARED unless it is LOT. `draw` names the public draw
    that LOT uses, announced before opening.
    """

    blend: Blend
    jury_round: RoundId | None = None
    jury_weight: int = 1
    audience_weight: int = 1
    jury_table: tuple[int, ...] = POINTS_TABLE
    audience_table: tuple[int, ...] = POINTS_TABLE
    jury_only_without_audience: bool = False
    ladder: tuple[str, ...] = (Rung.AUDIENCE, Rung.COUNTBACK, Rung.SHARED)
    draw: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pitches:
    """The finalists' pitches, one after the other, before the last round opens.

    They are programme, not rules: no ballot, count or hash knows of them. `seconds` is the time that each
    has; 0 shows no clock. A clock that runs out ends nothing.
    """

    seconds: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Award:
    """An award with its rounds in the order in which they are held; any kind of round may be absent.

    Jury rounds come first, at most one vote comes last. `approvals` of the `scrutineers` must approve the
    same closed box before a round is sealed; without scrutineers the organiser's approval is enough.
    `session` is the part of the agenda in which the hall votes and sees the reveal. With `pitches` those who
    stand in the last round pitch before it.
    """

    id: AwardId
    title: Text
    candidates: tuple[Candidate, ...]
    session: SessionId | None = None
    note: Text | None = None
    none_of_the_above: bool = False
    jury: tuple[JuryRound, ...] = ()
    vote: VoteRound | None = None
    pitches: Pitches | None = None
    decision: Decision
    scrutineers: tuple[tuple[ScrutineerId, str], ...] = ()
    approvals: int = 2
    checkpoint_s: int = 15
    checkpoint_min: int = 20

    def rounds(self) -> Iterator[JuryRound | VoteRound]:
        """All rounds in their order."""
        yield from self.jury
        if self.vote is not None:
            yield self.vote

    def round(self, round_id: str) -> JuryRound | VoteRound | None:
        return next((r for r in self.rounds() if r.id == round_id), None)

    def candidate(self, candidate_id: str) -> Candidate | None:
        return next((c for c in self.candidates if c.id == candidate_id), None)

    @property
    def candidate_ids(self) -> tuple[CandidateId, ...]:
        """All who can win, NOBODY last where it stands."""
        ids = tuple(candidate.id for candidate in self.candidates)
        return (*ids, NOBODY) if self.none_of_the_above else ids
