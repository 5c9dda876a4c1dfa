"""Minimax (Simpson-Kramer): the candidate whose worst pairwise defeat is smallest wins.

Winning votes: the worst defeat is the most ballots that preferred any opponent who won against the
candidate, 0 without a defeat. Margins: it is the largest number by which an opponent was ahead, which
is below zero for a candidate who wins against everyone. Sources: Simpson, On defining areas of voter
choice (1969); Kramer, A dynamical model of political equilibrium (1977); the variants by their names in
Darlington, Are Condorcet and minimax voting systems the best? (2016).
"""

from voting.methods.copeland import PAIRWISE, start_pairwise
from voting.methods.parts import Conclusion, Method, by_score
from voting.pairwise import PairwiseSums


def conclude_winning(sums: PairwiseSums) -> Conclusion:
    """Scores are worst defeats in ballots, the smallest first."""
    worst = [
        max((sums.over[y][x] for y in range(sums.size) if sums.wins(y, x)), default=0)
        for x in range(sums.size)
    ]
    return by_score(worst, lowest_first=True)


def conclude_margins(sums: PairwiseSums) -> Conclusion:
    """Scores are worst defeats in margins, the smallest first; 0 for a lone candidate."""
    worst = [
        max((sums.margin(y, x) for y in range(sums.size) if y != x), default=0) for x in range(sums.size)
    ]
    return by_score(worst, lowest_first=True)


_SOURCE = "Simpson, On defining areas of voter choice (1969)"

WINNING = Method(
    name="minimax-winning",
    title="Smallest worst defeat, by winning votes",
    definition="The candidate wins whose worst defeat has the fewest votes for the opponent.",
    source=_SOURCE,
    start=start_pairwise,
    conclude=conclude_winning,
    uses=PAIRWISE,
)

MARGINS = Method(
    name="minimax-margins",
    title="Smallest worst defeat, by margins",
    definition="The candidate wins whose worst defeat is by the smallest difference.",
    source=_SOURCE,
    start=start_pairwise,
    conclude=conclude_margins,
    uses=PAIRWISE,
)
