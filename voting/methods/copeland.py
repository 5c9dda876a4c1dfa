"""Copeland: pairwise wins minus pairwise losses; the highest difference wins.

A pairwise tie counts as neither. Source: Copeland, A "reasonable" social welfare function (1951).
"""

from voting.methods.parts import Conclusion, Method, by_score
from voting.pairwise import PairwiseSums
from voting.rulebook import Rulebook


def start_pairwise(candidates: int, rulebook: Rulebook) -> PairwiseSums:
    """The empty matrix of preferences, which all pairwise methods share."""
    return PairwiseSums(candidates, rulebook.implicit_ranking)


PAIRWISE = frozenset({"implicit_ranking"})


def conclude(sums: PairwiseSums) -> Conclusion:
    """Scores are wins minus losses."""
    balance = [0] * sums.size
    for x in range(sums.size):
        for y in range(x):
            margin = sums.margin(x, y)
            sign = (margin > 0) - (margin < 0)
            balance[x] += sign
            balance[y] -= sign
    return by_score(balance)


METHOD = Method(
    name="copeland",
    title="Pairwise wins minus losses",
    definition="Each candidate meets each other one; the highest number of wins minus losses wins.",
    source="Copeland, A reasonable social welfare function (1951)",
    start=start_pairwise,
    conclude=conclude,
    uses=PAIRWISE,
)
