"""A voice: one order of candidates with its weight, of a juror, of a group of jurors, or of a ballot.

Points, tie rungs and pairwise methods read voices alone, so they need not know who spoke.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from polls.award.model import CandidateId
from voting.jury.sheet import Ranks


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """Ranks, best first, and all whom the voice compares: those it covers but does not rank come below."""

    ranks: Ranks
    covers: frozenset[CandidateId]
    weight: int = 1


def by_figure(figures: Mapping[CandidateId, Fraction], lowest_first: bool = False) -> Ranks:
    """The candidates by their figures, equal ones in one rank; the highest (or the lowest) first."""
    ranks: dict[Fraction, list[CandidateId]] = {}
    for candidate in sorted(figures):
        ranks.setdefault(figures[candidate], []).append(candidate)
    return tuple(tuple(ranks[figure]) for figure in sorted(ranks, reverse=not lowest_first))


def only(ranks: Sequence[Collection[CandidateId]], kept: Collection[CandidateId]) -> Ranks:
    """The ranks with these candidates alone, closed up."""
    left = (tuple(sorted(c for c in rank if c in kept)) for rank in ranks)
    return tuple(rank for rank in left if rank)


def table_points(ranks: Ranks, table: Sequence[int]) -> dict[CandidateId, Fraction]:
    """The points of a table by place. Tied candidates each get the mean of the points of the places they
    span; places beyond the table get nothing."""
    points: dict[CandidateId, Fraction] = {}
    place = 0
    for rank in ranks:
        mean = Fraction(sum(table[place : place + len(rank)]), len(rank))
        points.update(dict.fromkeys(rank, mean))
        place += len(rank)
    return points


def mid_ranks(ranks: Ranks) -> dict[CandidateId, Fraction]:
    """Places from 1; tied candidates each get the mean of the places they span."""
    found: dict[CandidateId, Fraction] = {}
    place = 0
    for rank in ranks:
        found.update(dict.fromkeys(rank, place + Fraction(len(rank) + 1, 2)))
        place += len(rank)
    return found


def places_given(voices: Iterable[Voice], candidate: CandidateId, length: int) -> tuple[int, ...]:
    """How much weight gives the candidate place 1, place 2 and so on up to `length`.

    A place is 1 + the number of candidates strictly above; who is not ranked has no place.
    """
    found = [0] * length
    for voice in voices:
        above = 0
        for rank in voice.ranks:
            if candidate in rank:
                found[above] += voice.weight
                break
            above += len(rank)
    return tuple(found)


def preferring(voices: Iterable[Voice], x: CandidateId, y: CandidateId) -> int:
    """How much weight ranks x above y; voices that do not compare both say nothing."""
    found = 0
    for voice in voices:
        if x in voice.covers and y in voice.covers:
            rank_x = next((i for i, rank in enumerate(voice.ranks) if x in rank), None)
            rank_y = next((i for i, rank in enumerate(voice.ranks) if y in rank), None)
            if rank_x is not None and (rank_y is None or rank_x < rank_y):
                found += voice.weight
    return found
