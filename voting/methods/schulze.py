"""Schulze (beatpath): x is ahead of y when the strongest path from x to y beats the one from y to x.

A path leads over pairwise wins only; its strength is that of its weakest win: the ballots for the winner
(winning votes), or by how many it won (margins); without a path it is 0. The candidates nobody is ahead
of are first; the next places are found the same way among the candidates that are left. Being ahead is
transitive, sharing a place need not be: a candidate shares the first place with everyone else whom nobody
is ahead of. Source: Schulze, A new monotonic, clone-independent, reversal symmetric, and
condorcet-consistent single-winner election method, Social Choice and Welfare 36 (2011).
"""

from collections.abc import Sequence

from voting.methods.copeland import PAIRWISE, start_pairwise
from voting.methods.parts import Conclusion, Method, by_groups
from voting.pairwise import PairwiseSums


def conclude_winning(sums: PairwiseSums) -> Conclusion:
    """Scores are the numbers of candidates one is ahead of."""
    return _conclude(
        [[sums.over[x][y] if sums.wins(x, y) else 0 for y in range(sums.size)] for x in range(sums.size)]
    )


def conclude_margins(sums: PairwiseSums) -> Conclusion:
    """Scores are the numbers of candidates one is ahead of."""
    return _conclude([[max(sums.margin(x, y), 0) for y in range(sums.size)] for x in range(sums.size)])


def _conclude(wins: Sequence[Sequence[int]]) -> Conclusion:
    size = len(wins)
    strength = strongest_paths(wins)
    behind = [[y for y in range(size) if strength[x][y] > strength[y][x]] for x in range(size)]
    ahead = [0] * size
    for row in behind:
        for y in row:
            ahead[y] += 1
    ranking = []
    first = [x for x in range(size) if not ahead[x]]
    while first:
        ranking.append(tuple(first))
        following = []
        for x in first:
            for y in behind[x]:
                ahead[y] -= 1
                if not ahead[y]:
                    following.append(y)
        first = sorted(following)
    return by_groups([len(row) for row in behind], tuple(ranking))


def strongest_paths(wins: Sequence[Sequence[int]]) -> list[list[int]]:
    """The strength of the strongest path between each two candidates.

    The wins are taken strongest first; each joins those who reach its winner to those its loser reaches,
    and a pair joined for the first time has the strength of that win. Sets of candidates are bits of
    whole numbers, which keeps papers of hundreds of candidates quick (Floyd and Warshall's algorithm
    gives the same, in the cube of their number).
    """
    size = len(wins)
    strength = [[0] * size for _ in range(size)]
    reaches = [1 << x for x in range(size)]
    reached_by = [1 << x for x in range(size)]
    by_strength = sorted(
        ((wins[x][y], x, y) for x in range(size) for y in range(size) if wins[x][y]), reverse=True
    )
    for win, x, y in by_strength:
        if reaches[x] >> y & 1:
            continue
        for source in _members(reached_by[x] & ~reached_by[y]):
            joined = reaches[y] & ~reaches[source]
            reaches[source] |= joined
            for target in _members(joined):
                reached_by[target] |= 1 << source
                strength[source][target] = win
    return strength


def _members(bits: int) -> list[int]:
    members = []
    while bits:
        lowest = bits & -bits
        members.append(lowest.bit_length() - 1)
        bits ^= lowest
    return members


_SOURCE = "Schulze, Social Choice and Welfare 36 (2011)"

WINNING = Method(
    name="schulze-winning",
    title="Strongest paths, by winning votes",
    definition="The candidate wins whose path of pairwise wins to each other one is the stronger.",
    source=_SOURCE,
    start=start_pairwise,
    conclude=conclude_winning,
    uses=PAIRWISE,
)

MARGINS = Method(
    name="schulze-margins",
    title="Strongest paths, by margins",
    definition="The candidate wins whose path of pairwise wins to each other one is the stronger.",
    source=_SOURCE,
    start=start_pairwise,
    conclude=conclude_margins,
    uses=PAIRWISE,
)
