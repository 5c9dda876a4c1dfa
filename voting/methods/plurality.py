"""Plurality: every ballot is one vote for its first choice; most votes win.

A first place shared by k candidates gives each of them exactly 1/k of the vote. Source: NIST Election
Terminology Glossary, "plurality voting"; the split as in Condorcet-PHP's "First-past-the-post".
"""

from fractions import Fraction
from math import lcm

from voting.methods.parts import Conclusion, Method, by_score
from voting.rankings import Ranking
from voting.rulebook import Rulebook


class PluralitySums:
    """First choices, held as whole numbers of 1/unit votes so that every split is exact."""

    def __init__(self, candidates: int, rulebook: Rulebook) -> None:
        self.unit = lcm(*range(1, candidates + 1))
        self.votes = [0] * candidates

    def add(self, ranking: Ranking, count: int) -> None:
        if ranking:
            share = self.unit // len(ranking[0]) * count
            for candidate in ranking[0]:
                self.votes[candidate] += share


def conclude(sums: PluralitySums) -> Conclusion:
    """Scores are votes."""
    return by_score([Fraction(votes, sums.unit) for votes in sums.votes])


METHOD = Method(
    name="plurality",
    title="First choices",
    definition="The candidate with the most first choices wins; a tied first place is split equally.",
    source="NIST Election Terminology Glossary, plurality voting",
    start=PluralitySums,
    conclude=conclude,
)
