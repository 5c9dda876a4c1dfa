"""What every preference method is made of, and the steps that several of them share.

A method has two halves. Its sums take ballots one distinct ranking at a time and can take them away
again, so the same object serves a recount and a live tally. Its conclusion turns the sums into scores,
an order and a verdict. Inside, candidates are positions on the paper; `voting.methods.count` gives them
their names back.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

from voting.rankings import Profile, Ranking
from voting.result import OutcomeKind
from voting.rulebook import Rulebook, Rung


class MethodRefused(ValueError):
    """The method cannot count these ballots under these rules; the text says why, in plain words."""


class Sums(Protocol):
    """What a method remembers of the ballots."""

    def add(self, ranking: Ranking, count: int) -> None:
        """Count `count` more ballots of this ranking, or fewer when it is below zero."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tied:
    """A tie among candidates (by position); the fields are those of voting.count_outcome.TieMet."""

    candidates: tuple[int, ...]
    rungs: tuple[Rung, ...]
    round: int | None = None
    eliminated: tuple[int, ...] = ()
    looked_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunoffRound:
    """A round of a runoff by position; the fields are those of voting.count_outcome.Round."""

    tally: dict[int, int]
    exhausted: int
    threshold: int
    elected: tuple[int, ...]
    eliminated: tuple[int, ...]
    transfers: dict[int | None, dict[int | None, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """What a method concludes from its sums when there is at least one valid ballot."""

    kind: OutcomeKind
    winners: tuple[int, ...]
    ranking: tuple[tuple[int, ...], ...]
    scores: tuple[Fraction, ...]
    ties: tuple[Tied, ...] = ()
    rounds: tuple[RunoffRound, ...] = ()
    condorcet_winner: int | None = None
    condorcet_loser: int | None = None


Start = Callable[[int, Rulebook], Any]
"""Makes the empty sums for a number of candidates under a rulebook."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One counting method.

    `uses` names the fields of the rulebook it reads ("unranked", "implicit_ranking", "runoff").
    `as_marked` says that it reads rankings as they were marked, skipped ranks and all. `marks` says
    that it reads marks instead of rankings. `conclude` takes the sums that `start` made.
    """

    name: str
    title: str
    definition: str
    source: str
    start: Start
    conclude: Callable[[Any], Conclusion]
    uses: frozenset[str] = frozenset()
    as_marked: bool = False
    marks: bool = False

    def sums_key(self, rulebook: Rulebook) -> Hashable:
        """Equal for two methods that can share their sums under these rules."""
        unranked = rulebook.unranked if "unranked" in self.uses else None
        implicit = rulebook.implicit_ranking if "implicit_ranking" in self.uses else None
        runoff = (rulebook.overvote, rulebook.skips, rulebook.duplicates) if "runoff" in self.uses else None
        return (self.start, unranked, implicit, runoff)

    def check(self, profile: Profile, rulebook: Rulebook) -> None:
        """Raise MethodRefused when the method cannot count such ballots."""
        if self.marks and not profile.marks:
            raise MethodRefused(f"{self.name} needs marks for each candidate; these ballots are rankings")
        if profile.marks and not self.marks:
            raise MethodRefused(f"{self.name} needs rankings; these ballots are marks")


def groups(scores: Sequence[Fraction | int], lowest_first: bool = False) -> tuple[tuple[int, ...], ...]:
    """The candidates by score, equal scores in one group, the highest (or the lowest) first."""
    by_score: dict[Fraction | int, list[int]] = {}
    for candidate, score in enumerate(scores):
        by_score.setdefault(score, []).append(candidate)
    return tuple(tuple(by_score[score]) for score in sorted(by_score, reverse=not lowest_first))


def by_score(scores: Sequence[Fraction | int], lowest_first: bool = False) -> Conclusion:
    """The conclusion of a method in which the best score wins and equal scores share their place."""
    return by_groups(scores, groups(scores, lowest_first))


def by_groups(scores: Sequence[Fraction | int], ranking: tuple[tuple[int, ...], ...]) -> Conclusion:
    """The conclusion of a method that gives everyone a place: the first group wins, or shares the win."""
    return Conclusion(
        kind=OutcomeKind.WINNER if len(ranking[0]) == 1 else OutcomeKind.SHARED,
        winners=ranking[0],
        ranking=ranking,
        scores=tuple(Fraction(score) for score in scores),
        ties=tuple(Tied(candidates=group, rungs=(Rung.SHARED,)) for group in ranking if len(group) > 1),
    )
