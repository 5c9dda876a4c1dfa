"""The rungs of the tie ladder that figures answer: what each makes of a tied group.

A rung gives the group in order, best first, those it cannot part in one rank; None when it does not
apply. Sources: the European Broadcasting Union's order (audience, number of givers, countback); sports
practice for head-to-head.
"""

import hashlib
from collections.abc import Sequence
from fractions import Fraction

from polls.award.model import CRITERION_RUNG, CandidateId, CriterionId, Rung
from voting.award.counted import RoundCount
from voting.jury.sheet import Ranks
from voting.jury.voice import by_figure, only, places_given, preferring


def part_by_round(rung: str, group: Sequence[CandidateId], side: RoundCount) -> Ranks | None:
    """GROUPS, COUNTBACK, HEAD_TO_HEAD or a criterion, read from one round."""
    if rung.startswith(CRITERION_RUNG):
        return by_criterion(CriterionId(rung.removeprefix(CRITERION_RUNG)), group, side)
    if not side.voices:
        return None
    if rung == Rung.GROUPS:
        givers = side.givers
        return None if givers is None else by_figure({c: Fraction(givers.get(c, 0)) for c in group})
    if rung == Rung.COUNTBACK:
        return by_countback(group, side)
    if rung == Rung.HEAD_TO_HEAD:
        return by_pairs(group, side)
    return None


def by_criterion(criterion: CriterionId, group: Sequence[CandidateId], jury: RoundCount) -> Ranks | None:
    """By the jury's mean mark of one criterion; None when somebody of the group has none."""
    means = jury.criteria.get(criterion, {})
    if any(candidate not in means for candidate in group):
        return None
    return by_figure({candidate: means[candidate] for candidate in group})


def by_countback(group: Sequence[CandidateId], side: RoundCount) -> Ranks:
    """By the number of first places, then of second places and so on."""
    length = max(len(voice.covers) for voice in side.voices)
    given = {c: places_given(side.voices, c, length) for c in group}
    ranks: dict[tuple[int, ...], list[CandidateId]] = {}
    for candidate in sorted(group):
        ranks.setdefault(given[candidate], []).append(candidate)
    return tuple(tuple(ranks[key]) for key in sorted(ranks, reverse=True))


def by_pairs(group: Sequence[CandidateId], side: RoundCount) -> Ranks:
    """By comparison two by two inside the group: 2 for each win, 1 for each draw."""
    wins = dict.fromkeys(group, Fraction())
    for x in group:
        for y in group:
            if x != y:
                over, under = preferring(side.voices, x, y), preferring(side.voices, y, x)
                wins[x] += 2 if over > under else int(over == under)
    return by_figure(wins)


def by_ranking(group: Sequence[CandidateId], counted: RoundCount | None) -> Ranks | None:
    """By the places of a valid vote; None without one, or when somebody did not stand in it."""
    if counted is None or not counted.is_valid:
        return None
    parted = only(counted.ranking, group)
    return parted if sum(map(len, parted)) == len(group) else None


def by_lot(group: Sequence[CandidateId], root: str, draw: str) -> Ranks:
    """By SHA-256 of "root|candidate|draw", the lowest first.

    The root of the closed box (hex) is fixed before the draw is made in public, so that neither the last
    voter nor whoever draws can steer it alone.
    """

    def lot(candidate: CandidateId) -> str:
        return hashlib.sha256(f"{root}|{candidate}|{draw}".encode()).hexdigest()

    return tuple((candidate,) for candidate in sorted(group, key=lot))
