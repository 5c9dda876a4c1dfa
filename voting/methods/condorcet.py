"""Condorcet: the candidate that wins against every other one in a pairwise comparison, if there is one.

Without one the result is undecided: the method says so and breaks nothing. The Condorcet loser, who
loses against everyone, is named beside it and stands last. Source: Condorcet, Essai sur l'application de
l'analyse à la probabilité des décisions rendues à la pluralité des voix (1785).
"""

from fractions import Fraction

from voting.methods.copeland import PAIRWISE, start_pairwise
from voting.methods.parts import Conclusion, Method, Tied
from voting.pairwise import PairwiseSums, condorcet_loser, condorcet_winner
from voting.result import OutcomeKind
from voting.rulebook import Rung


def conclude(sums: PairwiseSums) -> Conclusion:
    """Scores are pairwise wins."""
    winner, loser = condorcet_winner(sums), condorcet_loser(sums)
    between = tuple(x for x in range(sums.size) if x != winner and x != loser)
    ranking: list[tuple[int, ...]] = [(winner,)] if winner is not None else []
    ranking += [between] if between else []
    ranking += [(loser,)] if loser is not None else []
    wins = [sum(sums.wins(x, y) for y in range(sums.size)) for x in range(sums.size)]
    return Conclusion(
        kind=OutcomeKind.UNDECIDED if winner is None else OutcomeKind.WINNER,
        winners=() if winner is None else (winner,),
        ranking=tuple(ranking),
        scores=tuple(Fraction(number) for number in wins),
        ties=() if winner is not None else (Tied(candidates=between, rungs=(Rung.UNDECIDED,)),),
        condorcet_winner=winner,
        condorcet_loser=loser,
    )


METHOD = Method(
    name="condorcet",
    title="Pairwise winner",
    definition="The candidate wins who is preferred to each other one by more ballots than the reverse.",
    source="Condorcet, Essai sur l'application de l'analyse (1785)",
    start=start_pairwise,
    conclude=conclude,
    uses=PAIRWISE,
)
