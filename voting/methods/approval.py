"""Approval: every ballot approves the candidates it ranks, whatever their order; most approvals win.

Source: Brams and Fishburn, "Approval Voting", American Political Science Review 72 (1978). Ranked
ballots say nothing about approval by themselves, so ranking a candidate at all is taken for it;
candidates placed last by implicit ranking only are not approved.
"""

from voting.methods.parts import Conclusion, Method, by_score
from voting.rankings import Ranking
from voting.rulebook import Rulebook


class ApprovalSums:
    """How many ballots rank each candidate."""

    def __init__(self, candidates: int, rulebook: Rulebook) -> None:
        self.approvals = [0] * candidates

    def add(self, ranking: Ranking, count: int) -> None:
        for rank in ranking:
            for candidate in rank:
                self.approvals[candidate] += count


def conclude(sums: ApprovalSums) -> Conclusion:
    """Scores are approvals."""
    return by_score(sums.approvals)


METHOD = Method(
    name="approval",
    title="Approvals",
    definition="The candidate whom the most ballots approve wins; a ranked candidate is approved.",
    source="Brams and Fishburn, Approval Voting (1978)",
    start=ApprovalSums,
    conclude=conclude,
)
