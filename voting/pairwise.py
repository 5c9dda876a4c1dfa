"""Pairwise comparison: how many ballots prefer each candidate to each other one.

Definition: a ballot prefers x to y when it ranks x above y. A candidate it does not rank is below
every ranked one when implicit ranking is on, and compared with nobody when it is off; two tied or two
unranked candidates are never compared. Source: Condorcet, Essai sur l'application de l'analyse (1785);
for implicit ranking the Condorcet Election Format, https://github.com/CondorcetVote/CondorcetElectionFormat.
"""

from voting.rankings import Ranking


class PairwiseSums:
    """The matrix of preferences, kept up to date ballot by ballot: O(k²) for a ballot of k candidates."""

    def __init__(self, candidates: int, implicit_ranking: bool) -> None:
        self.size = candidates
        self.implicit_ranking = implicit_ranking
        self.over: list[list[int]] = [[0] * candidates for _ in range(candidates)]
        """over[x][y]: the number of ballots that prefer x to y."""

    def add(self, ranking: Ranking, count: int) -> None:
        """Add `count` ballots of a closed-up ranking; a count below zero takes them away again."""
        if not ranking:
            return
        named = [candidate for rank in ranking for candidate in rank]
        ranked = set(named)
        unranked = [c for c in range(self.size) if c not in ranked] if self.implicit_ranking else []
        below = 0
        for rank in ranking:
            below += len(rank)
            lower = named[below:] + unranked
            for candidate in rank:
                row = self.over[candidate]
                for other in lower:
                    row[other] += count

    def wins(self, x: int, y: int) -> bool:
        """Whether more ballots prefer x to y than y to x."""
        return self.over[x][y] > self.over[y][x]

    def margin(self, x: int, y: int) -> int:
        """By how many ballots x is preferred to y; below zero when y is preferred to x."""
        return self.over[x][y] - self.over[y][x]


def condorcet_winner(sums: PairwiseSums) -> int | None:
    """The candidate that wins against every other one, if there is one."""
    everyone = range(sums.size)
    return next((x for x in everyone if all(x == y or sums.wins(x, y) for y in everyone)), None)


def condorcet_loser(sums: PairwiseSums) -> int | None:
    """The candidate that loses against every other one, if there is one; a lone candidate is none."""
    if sums.size < 2:
        return None
    everyone = range(sums.size)
    return next((x for x in everyone if all(x == y or sums.wins(y, x) for y in everyone)), None)
