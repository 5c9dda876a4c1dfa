"""Borda: every ballot gives n points to its first of n candidates, one fewer to each next place.

The last of a complete ballot gets 1. Tied candidates each get the mean of the values of the places they
span. Unranked candidates get nothing (`zero`), the mean of the places that are left (`average`), or
nothing while the first of a ballot that ranks m candidates gets m points (`length`, also known as the
modified Borda count). Sources: Borda, Mémoire sur les élections au scrutin (1781); the means as in
Condorcet-PHP's "Borda Count"; `length` in Emerson, The Original Borda Count and Partial Voting (2013).
"""

from fractions import Fraction

from voting.methods.parts import Conclusion, Method, by_score
from voting.rankings import Ranking
from voting.rulebook import Rulebook, Unranked


class BordaSums:
    """Points, held as half points: the mean of consecutive whole numbers is always a whole or a half."""

    def __init__(self, candidates: int, rulebook: Rulebook) -> None:
        self.unranked = rulebook.unranked
        self.halves = [0] * candidates

    def add(self, ranking: Ranking, count: int) -> None:
        if not ranking:
            return
        halves = self.halves
        size = len(halves)
        value = sum(map(len, ranking)) if self.unranked is Unranked.LENGTH else size
        for rank in ranking:
            next_value = value - len(rank)
            # Places value .. next_value + 1; twice their mean is the first plus the last.
            points = (value + next_value + 1) * count
            for candidate in rank:
                halves[candidate] += points
            value = next_value
        if self.unranked is Unranked.AVERAGE and value:
            ranked = {candidate for rank in ranking for candidate in rank}
            points = (value + 1) * count
            for candidate in range(size):
                if candidate not in ranked:
                    halves[candidate] += points


def conclude(sums: BordaSums) -> Conclusion:
    """Scores are points."""
    return by_score([Fraction(halves, 2) for halves in sums.halves])


METHOD = Method(
    name="borda",
    title="Borda points",
    definition="Of n candidates the first gets n points, the next n - 1 and so on; most points win.",
    source="Borda, Mémoire sur les élections au scrutin (1781)",
    start=BordaSums,
    conclude=conclude,
    uses=frozenset({"unranked"}),
)
