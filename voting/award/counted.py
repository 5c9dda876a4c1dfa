"""What a count of one round gives, and what the award's result is: immutable, exact, ready for the record."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from polls.award.model import AwardId, CandidateId, CriterionId, RoundId
from voting.jury.sheet import Ranks
from voting.jury.voice import Voice
from voting.rounds import Round


class RoundKind(StrEnum):
    JURY = "jury"
    VOTE = "vote"


class AwardKind(StrEnum):
    """How an award ends."""

    WINNER = "winner"
    SHARED = "shared"
    UNDECIDED = "undecided"
    """The ladder waits for the chair or for the public draw."""
    NO_VALID_VOTES = "no-valid-votes"
    NOBODY = "nobody"
    """"None of the above" is first: nobody gets the award."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turnout:
    """How many could take part and how many did: codes, or jurors and locked sheets."""

    register: int = 0
    spent: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundCount:
    """One round as counted.

    `ballots` are ballots or locked sheets, `valid` those that say something about who stands, `weight`
    the weight of the valid ones. `figures` are what the rule gives (docs/awards.md), `percent` the whole
    percentages of a vote, halves up, of `weight`. `ranking` is empty when the round has no valid vote.
    `voices`, `givers` (how many gave a candidate anything) and `criteria` (mean marks) are what the
    ladder reads.
    """

    kind: RoundKind
    ballots: int
    valid: int
    weight: int
    figures: Mapping[CandidateId, Fraction]
    ranking: Ranks
    percent: Mapping[CandidateId, int] = field(default_factory=dict)
    not_rated: tuple[CandidateId, ...] = ()
    fallback: bool = False
    turnout: Turnout = field(default_factory=Turnout)
    admitted: tuple[CandidateId, ...] = ()
    steps: tuple[Round, ...] = ()
    step_ties: Mapping[int, tuple[tuple[CandidateId, ...], tuple[str, ...]]] = field(default_factory=dict)
    """Ties for last by the number of the step: who, and the rungs that were tried."""
    voices: tuple[Voice, ...] = ()
    givers: Mapping[CandidateId, int] | None = None
    criteria: Mapping[CriterionId, Mapping[CandidateId, Fraction]] = field(default_factory=dict)

    @property
    def is_valid(self) -> bool:
        return bool(self.ranking)

    @property
    def abstentions(self) -> int:
        return self.ballots - self.valid

    def as_dict(self) -> dict[str, object]:
        """The round as it stands in result.json."""
        return {
            "kind": self.kind.value,
            "ballots": self.ballots,
            "valid": self.valid,
            "abstentions": self.abstentions,
            "weight": self.weight,
            "figures": texts(self.figures),
            "percent": {str(c): str(percent) for c, percent in self.percent.items()},
            "ranking": [list(group) for group in self.ranking],
            "not_rated": list(self.not_rated),
            "fallback": self.fallback,
            "turnout": {"register": self.turnout.register, "spent": self.turnout.spent},
            "admitted": list(self.admitted),
            "steps": [self._step(step) for step in self.steps],
        }

    def _step(self, step: Round) -> dict[str, object]:
        tied, rungs = self.step_ties.get(step.number, ((), ()))
        return {
            "tally": dict(step.tally),
            "exhausted": step.exhausted,
            "threshold": step.threshold,
            "elected": list(step.elected),
            "eliminated": list(step.eliminated),
            "tied": list(tied),
            "rungs": list(rungs),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardTie:
    """A tie for first place. `tried` are the rungs that were walked, `rung` is the last of them; `parted`
    are the candidates in the order that came of it, those still tied in one group."""

    candidates: tuple[CandidateId, ...]
    rung: str
    tried: tuple[str, ...]
    parted: Ranks

    def as_dict(self) -> dict[str, object]:
        return {
            "candidates": list(self.candidates),
            "rung": self.rung,
            "tried": list(self.tried),
            "parted": [list(group) for group in self.parted],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """What each side gives to the combined figures (points, or weighted shares); both add up to them."""

    jury: Mapping[CandidateId, Fraction] = field(default_factory=dict)
    audience: Mapping[CandidateId, Fraction] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardResult:
    """An award's result: the same on every screen and in the record.

    `winners` are empty unless the kind is winner or shared. `combined` are the exact figures that decide.
    `sides` is empty unless the rules blend a jury with an audience. Equal places below the first are
    shared and stand in one group of `ranking`.
    """

    award: AwardId
    rules_hash: str
    kind: AwardKind
    winners: tuple[CandidateId, ...]
    ranking: Ranks
    rounds: Mapping[RoundId, RoundCount]
    combined: Mapping[CandidateId, Fraction]
    jury_only: bool = False
    ties: tuple[AwardTie, ...] = ()
    withdrawn: tuple[CandidateId, ...] = ()
    withdrawn_votes: Mapping[CandidateId, int] = field(default_factory=dict)
    sides: Sides = field(default_factory=Sides)

    @property
    def pending(self) -> str:
        """The rung that waits for people: "chair", "lot", or nothing."""
        return self.ties[-1].rung if self.kind is AwardKind.UNDECIDED else ""

    def as_dict(self) -> dict[str, object]:
        """The result as result.json has it; exact figures are texts such as "27/2"."""
        return {
            "award": str(self.award),
            "rules_hash": self.rules_hash,
            "kind": self.kind.value,
            "winners": list(self.winners),
            "ranking": [list(group) for group in self.ranking],
            "rounds": {str(round_id): counted.as_dict() for round_id, counted in self.rounds.items()},
            "combined": texts(self.combined),
            "jury_only": self.jury_only,
            "ties": [tie.as_dict() for tie in self.ties],
            "withdrawn": list(self.withdrawn),
            "withdrawn_votes": {str(c): n for c, n in self.withdrawn_votes.items()},
        }


def texts(figures: Mapping[CandidateId, Fraction]) -> dict[str, str]:
    """Exact figures as texts: "7", "27/2"."""
    return {str(candidate): str(figure) for candidate, figure in figures.items()}
