"""Dowdall: every ballot gives 1 point to its first candidate, 1/2 to the second, 1/3 to the third …

Tied candidates each get the mean of the values of the places they span. Unranked candidates get nothing
(`zero`; `length` is the same here, since the values do not depend on how many are ranked) or the mean of
the places that are left (`average`). Source: the Nauru system, Fraenkel and Grofman, The Borda Count and
its real-world alternatives, Australian Journal of Political Science 49 (2014).
"""

from fractions import Fraction
from itertools import accumulate
from math import lcm

from voting.methods.parts import Conclusion, Method, by_score
from voting.rankings import Ranking
from voting.rulebook import Rulebook, Unranked


class DowdallSums:
    """Points, held as whole numbers of 1/unit points: unit divides every place and every tie's size."""

    def __init__(self, candidates: int, rulebook: Rulebook) -> None:
        self.unranked = rulebook.unranked
        places = lcm(*range(1, candidates + 1))
        self.unit = places * places
        # upto[p]: the values of places 1 .. p together.
        self.upto = [0, *accumulate(self.unit // place for place in range(1, candidates + 1))]
        self.points = [0] * candidates

    def add(self, ranking: Ranking, count: int) -> None:
        if not ranking:
            return
        place = 0
        for rank in ranking:
            share = (self.upto[place + len(rank)] - self.upto[place]) // len(rank) * count
            for candidate in rank:
                self.points[candidate] += share
            place += len(rank)
        left = len(self.points) - place
        if self.unranked is Unranked.AVERAGE and left:
            ranked = {candidate for rank in ranking for candidate in rank}
            share = (self.upto[-1] - self.upto[place]) // left * count
            for candidate in range(len(self.points)):
                if candidate not in ranked:
                    self.points[candidate] += share


def conclude(sums: DowdallSums) -> Conclusion:
    """Scores are points."""
    return by_score([Fraction(points, sums.unit) for points in sums.points])


METHOD = Method(
    name="dowdall",
    title="Dowdall points",
    definition="The first gets 1 point, the second 1/2, the third 1/3 and so on; most points win.",
    source="Fraenkel and Grofman, The Borda Count and its real-world alternatives (2014)",
    start=DowdallSums,
    conclude=conclude,
    uses=frozenset({"unranked"}),
)
