"""The strict rankings of an instant runoff, held as a tree by their ranks.

All ballots that begin alike go the same way until the first candidate in whom they differ counts for them, so
a runoff moves branches and looks at single rankings only below the candidates that have left. A ballot more
or fewer is a walk down one path. Many rankings that share no long beginning stay together in a bucket, which
divides when it is full.
"""

from voting.rankings import Ranking

BUCKET = 12
"""Distinct rankings that stay together before they are divided by their next rank. Fewer make the count
quicker and the tree larger."""


class Branch:
    """All ballots whose first `depth` ranks are those on the way from the root.

    `count` is how many they are. Either `rankings` holds them one by one, or they are divided by their next
    rank in `following`; those that rank nobody more are then in `count` alone.
    """

    __slots__ = ("count", "depth", "following", "rankings")

    def __init__(self, depth: int = 0) -> None:
        self.depth = depth
        self.count = 0
        self.rankings: dict[Ranking, int] = {}
        self.following: dict[int, Branch] | None = None

    def add(self, ranking: Ranking, count: int) -> None:
        """Count `count` more ballots of a ranking without ties, or fewer when it is below zero.

        No ranking is ever to have fewer than no ballots.
        """
        if not count:
            return
        branch, depth, last = self, self.depth, len(ranking)
        branch.count += count
        while branch.following is not None:
            if depth == last:
                return
            above, candidate = branch.following, ranking[depth][0]
            depth += 1
            found = above.get(candidate)
            if found is None:
                found = above[candidate] = Branch(depth)
            found.count += count
            if not found.count:
                del above[candidate]
                return
            branch = found
        rankings = branch.rankings
        left = rankings.get(ranking, 0) + count
        if left:
            rankings[ranking] = left
            if len(rankings) > BUCKET:
                branch._divide()
        else:
            rankings.pop(ranking, None)

    def _divide(self) -> None:
        depth = self.depth
        following: dict[int, Branch] = {}
        for ranking, count in self.rankings.items():
            if len(ranking) > depth:
                candidate = ranking[depth][0]
                branch = following.get(candidate)
                if branch is None:
                    branch = following[candidate] = Branch(depth + 1)
                branch.count += count
                branch.rankings[ranking] = count
        self.rankings, self.following = {}, following
