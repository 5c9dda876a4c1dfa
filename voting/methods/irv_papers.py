"""The papers of an instant runoff: whom each distinct ballot counts for, round by round.

Several candidates in one rank (an overvote):
- `onlyContinuing`: the rank counts for its only continuing candidate; with none or several the ballot
  moves on to its next rank. It is looked at from the top again in every round, so a rank passed over
  while two of its candidates continued counts once one of them is left.
- `alwaysSkipToNextRank`: such a rank is never counted.
- `exhaustImmediately`: the ballot ends before such a rank.
- `exhaustIfMultipleContinuing`: when the ballot arrives at such a rank, it counts for its only continuing
  candidate and ends for good if there are several.
A rank marked "overvote" without the candidates' names is passed over, ends the ballot under
`exhaustImmediately`, and cannot be read under `exhaustIfMultipleContinuing`.

Skipped ranks: with `skips` N the ballot ends at the first mark after a run of more than N skipped ranks
(leading ones too). A candidate named a second time is passed over (`skip`), or the ballot ends before
that rank (`exhaustOnDuplicateCandidate`).

Under the three rules of RCTab a ballot stays with its candidate until that one leaves.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from voting.methods.irv_tree import Branch
from voting.methods.parts import MethodRefused
from voting.rankings import OVERVOTE, Ranking
from voting.rulebook import Duplicates, Overvote, Rulebook

Pile = list[tuple[Ranking, int, int]]
"""Rankings, their numbers, and the rank by which they count."""


@dataclass(slots=True)
class Floating:
    """A ballot with a tied rank under onlyContinuing: whom it counts for may change in any round."""

    ranking: Ranking
    count: int
    target: int | None = None
    watched: int = 0
    """How many ranks from the top have had their continuing candidates watched."""


class Papers:
    """The ballots in piles, one for each candidate they count for.

    `strict` are the rankings without ties, `tied` the others; both as `readable` gives them.
    """

    def __init__(
        self, candidates: int, strict: Branch, tied: Mapping[Ranking, int], rulebook: Rulebook
    ) -> None:
        self._continuing = list(range(candidates))
        self._stands = [True] * candidates
        self._on_piles = [0] * candidates
        self._branches: dict[int, list[Branch]] = {candidate: [] for candidate in self._continuing}
        self._piles: dict[int, Pile] = {candidate: [] for candidate in self._continuing}
        self._floating: list[Floating] = []
        # Which floating ballots may count for somebody else once a candidate has left, by their number.
        self._watched: list[list[int]] = [[] for _ in self._continuing]
        self._floats_for: dict[int | None, int] = {}
        new: Pile = []
        floats = rulebook.overvote is Overvote.ONLY_CONTINUING
        for ranking, count in tied.items():
            if floats:
                self._float(Floating(ranking, count))
            else:
                new.append((ranking, count, 0))
        self._hand_on([strict], new)

    def tally(self) -> dict[int, int]:
        """The ballots of each continuing candidate."""
        return {
            candidate: self._on_piles[candidate] + self._floats_for.get(candidate, 0)
            for candidate in self._continuing
        }

    def eliminate(self, leaving: Collection[int]) -> dict[int | None, dict[int | None, int]]:
        """Let these candidates leave: how many ballots went from whom to whom; None is nobody."""
        for candidate in leaving:
            self._stands[candidate] = False
        self._continuing = [candidate for candidate in self._continuing if self._stands[candidate]]
        moved: dict[int | None, dict[int | None, int]] = {}
        for candidate in leaving:
            moved[candidate] = self._hand_on(self._branches.pop(candidate), self._piles.pop(candidate))
        for number in {number for candidate in leaving for number in self._watched[candidate]}:
            ballot = self._floating[number]
            source, target = ballot.target, self._look(number)
            if source != target:
                targets = moved.setdefault(source, {})
                targets[target] = targets.get(target, 0) + ballot.count
        return moved

    def _hand_on(self, branches: list[Branch], pile: Pile) -> dict[int | None, int]:
        """Put each ballot on the pile of its next continuing candidate: how many went to whom.

        `branches` are divided, and so is what becomes of them, until a continuing candidate comes next.
        """
        stands, piles, onto = self._stands, self._piles, self._branches
        moved: dict[int | None, int] = {}
        waiting = list(branches)
        singles = list(pile)
        while waiting:
            branch = waiting.pop()
            if branch.following is None:
                depth = branch.depth
                singles += [(ranking, count, depth) for ranking, count in branch.rankings.items()]
                continue
            exhausted = branch.count
            for candidate, following in branch.following.items():
                exhausted -= following.count
                if stands[candidate]:
                    onto[candidate].append(following)
                    moved[candidate] = moved.get(candidate, 0) + following.count
                else:
                    waiting.append(following)
            if exhausted:
                moved[None] = moved.get(None, 0) + exhausted
        for ranking, count, at in singles:
            target = None
            for place in range(at, len(ranking)):
                rank = ranking[place]
                if len(rank) == 1:
                    if stands[rank[0]]:
                        target = rank[0]
                        break
                    continue
                found = [candidate for candidate in rank if stands[candidate]]
                if len(found) == 1:
                    target = found[0]
                    break
                if found:
                    break  # several: only exhaustIfMultipleContinuing leaves such a rank on a pile
            if target is not None:
                piles[target].append((ranking, count, place))
            moved[target] = moved.get(target, 0) + count
        for target, count in moved.items():
            if target is not None:
                self._on_piles[target] += count
        return moved

    def _float(self, ballot: "Floating") -> None:
        self._floating.append(ballot)
        self._floats_for[None] = self._floats_for.get(None, 0) + ballot.count
        self._look(len(self._floating) - 1)

    def _look(self, number: int) -> int | None:
        """Look at a floating ballot from the top: it counts for the only continuing candidate of its first
        rank that has just one. Only candidates in the ranks that were passed can change that by leaving."""
        ballot = self._floating[number]
        stands = self._stands
        target = None
        for place, rank in enumerate(ballot.ranking):
            found = [candidate for candidate in rank if stands[candidate]]
            if place >= ballot.watched:
                ballot.watched = place + 1
                for candidate in found:
                    self._watched[candidate].append(number)
            if len(found) == 1:
                target = found[0]
                break
        self._floats_for[ballot.target] -= ballot.count
        self._floats_for[target] = self._floats_for.get(target, 0) + ballot.count
        ballot.target = target
        return target


def readable(ranking: Ranking, rulebook: Rulebook) -> Ranking:
    """The part of a ballot that can ever count under the rules, without skipped and unknown ranks.

    Raises MethodRefused for an overvote without names under `exhaustIfMultipleContinuing`.
    """
    overvote = rulebook.overvote
    ranks = []
    seen: set[int] = set()
    skipped = 0
    for rank in ranking:
        if not rank:
            skipped += 1
            continue
        if rulebook.skips is not None and skipped > rulebook.skips:
            break
        skipped = 0
        if rulebook.duplicates is Duplicates.EXHAUST and any(candidate in seen for candidate in rank):
            break
        if rank == OVERVOTE:
            if overvote is Overvote.EXHAUST_IF_MULTIPLE:
                raise MethodRefused(
                    "a ballot says “overvote” without naming the candidates, so nobody can tell whether "
                    f"several of them continue; choose another overvote rule than {overvote}"
                )
            if overvote is Overvote.EXHAUST:
                break
            continue
        seen.update(rank)
        if len(rank) > 1:
            if overvote is Overvote.EXHAUST:
                break
            if overvote is Overvote.SKIP:
                continue
        ranks.append(rank)
    return tuple(ranks)
