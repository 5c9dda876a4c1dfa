"""The reveal: an award's result in steps, last place to first, each step holding nothing of later ones.

With a blend of both sides each place takes two steps: what the jury gives, then what the audience gives
and the sum. Otherwise a place is one step. The last step says who wins, and how a tie was decided.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from polls.award.model import Award, Blend, CandidateId
from voting.award.counted import AwardKind, AwardResult, AwardTie, texts


class StepKind(StrEnum):
    NO_RESULT = "no-result"
    """The only step when there is no valid result."""
    JURY = "jury"
    """What the jury gives to whoever has this place."""
    AUDIENCE = "audience"
    """What the audience gives to them, and the sum."""
    PLACE = "place"
    """A place with its figure, where one side decides alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RevealStep:
    """One press of the key. It holds what it discloses and nothing more.

    `place` is 1 for the first; tied candidates share a step. `votes` are the ballots (weights) behind
    an audience's figure where these are votes, `base` is the valid weight they are a share of. Only the
    last step has a `kind`, `winners` and `ties`, and the not rated.
    """

    number: int
    of: int
    step: StepKind
    place: int
    candidates: tuple[CandidateId, ...] = ()
    jury: Mapping[CandidateId, Fraction] = field(default_factory=dict)
    audience: Mapping[CandidateId, Fraction] = field(default_factory=dict)
    combined: Mapping[CandidateId, Fraction] = field(default_factory=dict)
    votes: Mapping[CandidateId, Fraction] = field(default_factory=dict)
    base: int | None = None
    kind: AwardKind | None = None
    winners: tuple[CandidateId, ...] = ()
    ties: tuple[AwardTie, ...] = ()
    not_rated: tuple[CandidateId, ...] = ()

    @property
    def is_last(self) -> bool:
        return self.number == self.of

    def as_dict(self) -> dict[str, object]:
        """The step as plain values ready for JSON."""
        return {
            "number": self.number,
            "of": self.of,
            "step": self.step.value,
            "place": self.place,
            "candidates": list(self.candidates),
            "jury": texts(self.jury),
            "audience": texts(self.audience),
            "combined": texts(self.combined),
            "votes": texts(self.votes),
            "base": self.base,
            "kind": None if self.kind is None else self.kind.value,
            "winners": list(self.winners),
            "ties": [tie.as_dict() for tie in self.ties],
            "not_rated": list(self.not_rated),
        }


class NothingToReveal(ValueError):
    """The result is not decided yet: the ladder waits for the chair or the draw."""


def reveal_steps(award: Award, result: AwardResult) -> tuple[RevealStep, ...]:
    """All steps of a reveal, last place first.

    Raises NothingToReveal while the result is undecided.
    """
    if result.kind is AwardKind.UNDECIDED:
        raise NothingToReveal(f"the tie is not decided: the ladder waits for {result.pending}")
    not_rated = tuple(sorted({c for counted in result.rounds.values() for c in counted.not_rated}))
    if not result.ranking:
        return (
            RevealStep(
                number=1, of=1, step=StepKind.NO_RESULT, place=0, kind=result.kind, not_rated=not_rated
            ),
        )
    has_sides = bool(result.sides.audience)
    groups: list[tuple[int, tuple[CandidateId, ...]]] = []
    place = 1
    # A shared first place is one step; places below it that are equal are one step each, too.
    for group in result.ranking:
        groups.append((place, group))
        place += len(group)
    total = len(groups) * (2 if has_sides else 1)
    steps: list[RevealStep] = []
    for place, group in reversed(groups):
        if has_sides:
            steps.append(
                RevealStep(
                    number=len(steps) + 1,
                    of=total,
                    step=StepKind.JURY,
                    place=place,
                    candidates=group,
                    jury=_of(result.sides.jury, group),
                )
            )
        number = len(steps) + 1
        last = number == total
        votes, base = _votes(award, result, group)
        steps.append(
            RevealStep(
                number=number,
                of=total,
                step=StepKind.AUDIENCE if has_sides else StepKind.PLACE,
                place=place,
                candidates=group,
                jury=_of(result.sides.jury, group),
                audience=_of(result.sides.audience, group),
                combined=_of(result.combined, group),
                votes=votes,
                base=base,
                kind=result.kind if last else None,
                winners=result.winners if last else (),
                ties=result.ties if last else (),
                not_rated=not_rated if last else (),
            )
        )
    return tuple(steps)


def shown(steps: Sequence[RevealStep], number: int) -> tuple[RevealStep, ...]:
    """The steps that have been shown, and no others. Raises ValueError when there are not so many."""
    if not 0 <= number <= len(steps):
        raise ValueError(f"there are {len(steps)} steps, not {number}")
    return tuple(steps[:number])


def _of(figures: Mapping[CandidateId, Fraction], group: Sequence[CandidateId]) -> dict[CandidateId, Fraction]:
    return {candidate: figures[candidate] for candidate in group if candidate in figures}


def _votes(
    award: Award, result: AwardResult, group: Sequence[CandidateId]
) -> tuple[dict[CandidateId, Fraction], int | None]:
    """The votes behind the audience's figures, and their base; none where the figures are no votes."""
    if award.vote is None or award.decision.blend is Blend.JURY:
        return {}, None
    counted = result.rounds.get(award.vote.id)
    if counted is None or not counted.percent or not counted.is_valid or result.jury_only:
        return {}, None
    return _of(counted.figures, group), counted.weight
