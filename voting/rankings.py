"""Rankings and profiles: preference ballots as the counting methods read them.

A ranking is a tuple of ranks, best first; a rank is a tuple of candidates (their positions in the
profile's list) in ascending order. Two candidates in one rank are tied. As it came from a paper, a
ranking may also hold what a voter left or got wrong, which only the rules of an instant runoff tell
apart: an empty rank was skipped, `OVERVOTE` is a rank marked for several candidates of which nobody
wrote down which, and a candidate may be named twice. `close_up` takes all three out. The ranking
without ranks is an abstention.

A profile is the number of ballots of each distinct ranking: its size depends on how many ways of
voting there were, not on how many people voted.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from voting.ballot import ABSTENTION

Ranking = tuple[tuple[int, ...], ...]

OVERVOTE = (-1,)
"""The rank of an overvote whose candidates are not known."""

ABSTAINED: Ranking = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Candidates and, for each distinct ranking, the number of ballots (weights included).

    `ballots` are rankings, or marks when `marks` is set: tuples of (candidate, mark) pairs, candidates
    ascending (see voting.methods.score). Raises ValueError when a ballot names no known candidate, a
    candidate's name comes twice, or a number of ballots is below zero.
    """

    candidates: tuple[str, ...]
    ballots: Mapping[Ranking, int]
    marks: bool = False

    def __post_init__(self) -> None:
        if len(set(self.candidates)) < len(self.candidates):
            raise ValueError("two candidates have the same name")
        if any(count < 0 for count in self.ballots.values()):
            raise ValueError("a number of ballots is below zero")
        known = range(len(self.candidates))
        for rank in self.ranks():
            if rank != OVERVOTE and any(
                candidate not in known for candidate in rank[: 1 if self.marks else None]
            ):
                raise ValueError(f"not on the ballot paper: {rank}")

    def ranks(self) -> set[tuple[int, ...]]:
        """Every distinct rank (or mark) of any ballot: far fewer than ballots."""
        return set(chain.from_iterable(self.ballots))

    @property
    def size(self) -> int:
        """The number of ballots, abstentions and weights included."""
        return sum(self.ballots.values())

    def without(self, withdrawn: Container[str]) -> "Profile":
        """The profile without these candidates: they leave every ballot and the rankings close up.

        A rank that only they held is gone (it is not a skipped one); a ballot that ranked nobody else
        becomes an abstention. The other candidates keep their order.
        """
        kept = [i for i, name in enumerate(self.candidates) if name not in withdrawn]
        if len(kept) == len(self.candidates):
            return self
        position = {old: new for new, old in enumerate(kept)}
        position[-1] = -1
        ballots: dict[Ranking, int] = {}
        for ballot, count in self.ballots.items():
            if self.marks:
                left: Ranking = tuple((position[c], mark) for c, mark in ballot if c in position)
            else:
                left = tuple(
                    tuple(position[c] for c in rank if c in position)
                    for rank in ballot
                    if not rank or any(c in position for c in rank)
                )
            ballots[left] = ballots.get(left, 0) + count
        return Profile(candidates=tuple(self.candidates[i] for i in kept), ballots=ballots, marks=self.marks)


def close_up(ranking: Ranking) -> Ranking:
    """The ranking without skipped ranks, unknown overvotes and second mentions of a candidate."""
    named = [candidate for rank in ranking for candidate in rank]
    if len(set(named)) == len(named) and -1 not in named and all(ranking):
        return ranking
    seen = {-1}
    closed = []
    for rank in ranking:
        fresh = tuple(sorted({candidate for candidate in rank if candidate not in seen}))
        seen.update(fresh)
        if fresh:
            closed.append(fresh)
    return tuple(closed)


def closed_up(ballots: Mapping[Ranking, int]) -> Mapping[Ranking, int]:
    """The distinct closed-up rankings of ballots as they were marked."""
    if is_strict(ballots) and all(len(set(ranking)) == len(ranking) for ranking in ballots):
        return ballots
    return collect((close_up(ranking), count) for ranking, count in ballots.items())


def is_strict(ballots: Iterable[Ranking]) -> bool:
    """Whether every rank of every ballot holds one known candidate: no ties, skips or overvotes."""
    return all(len(rank) == 1 and rank != OVERVOTE for rank in set(chain.from_iterable(ballots)))


def is_strict_ranking(ranking: Ranking) -> bool:
    """Whether every rank holds one known candidate."""
    return all(len(rank) == 1 and rank != OVERVOTE for rank in ranking)


def ranks_somebody(ranking: Ranking) -> bool:
    """Whether a ballot as it was marked names at least one candidate."""
    return any(rank and rank != OVERVOTE for rank in ranking)


def positions(options: Sequence[str]) -> Mapping[str, int]:
    """Where each option stands on the paper, from 0."""
    return {option: position for position, option in enumerate(options)}


def parse_ranking(canonical: str, position: Mapping[str, int]) -> Ranking:
    """The ranking of a canonical ballot such as "3>1=4>2" (see voting.ballot).

    Raises ValueError for an option that is not on the paper, an empty rank or an option named twice.
    """
    if canonical == ABSTENTION:
        return ABSTAINED
    try:
        ranking = tuple(
            tuple(sorted([position[option] for option in rank.split("=")])) for rank in canonical.split(">")
        )
    except KeyError as error:
        raise ValueError(f"not on the ballot paper: {error.args[0]!r}") from None
    named = [candidate for rank in ranking for candidate in rank]
    if len(set(named)) < len(named):
        raise ValueError(f"an option is named twice: {canonical!r}")
    return ranking


def profile_of(options: Sequence[str], ballots: Mapping[str, int]) -> Profile:
    """The profile of a poll: its options, and the number of each canonical ballot.

    Raises ValueError for ballots that cannot belong to the options.
    """
    position = positions(options)
    return Profile(
        candidates=tuple(options),
        ballots={parse_ranking(canonical, position): count for canonical, count in ballots.items()},
    )


def collect(ballots: Iterable[tuple[Ranking, int]]) -> dict[Ranking, int]:
    """Distinct rankings with their numbers added up."""
    collected: dict[Ranking, int] = {}
    for ranking, count in ballots:
        collected[ranking] = collected.get(ranking, 0) + count
    return collected
