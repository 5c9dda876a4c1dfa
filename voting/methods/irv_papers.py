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

from collections.abc import Collection, Mapping, Sequence

from voting.methods.parts import MethodRefused
from voting.rankings import OVERVOTE, Ranking, close_up
from voting.rulebook import Duplicates, Overvote, Rulebook


class Papers:
    """The ballots in piles, one for each candidate they count for."""

    def __init__(self, ballots: Mapping[Ranking, int], rulebook: Rulebook) -> None:
        self.valid = sum(count for ranking, count in ballots.items() if close_up(ranking))
        """Ballots that rank at least one candidate."""
        self._ends_at_several = rulebook.overvote is Overvote.EXHAUST_IF_MULTIPLE
        self._piles: dict[int, list[tuple[Ranking, int, int]]] = {}
        # Ballots with a tied rank under onlyContinuing: looked at anew in every round.
        self._floating: list[tuple[Ranking, int]] = []
        self._new: list[tuple[Ranking, int, int]] = []
        read: dict[Ranking, int] = {}
        for ranking, count in ballots.items():
            usable = readable(ranking, rulebook)
            if usable:
                read[usable] = read.get(usable, 0) + count
        floats = rulebook.overvote is Overvote.ONLY_CONTINUING
        for ranking, count in read.items():
            if floats and any(len(rank) > 1 for rank in ranking):
                self._floating.append((ranking, count))
            else:
                self._new.append((ranking, count, 0))

    def tally(self, continuing: Sequence[int]) -> dict[int, int]:
        """The ballots of each continuing candidate; the piles of all others are handed on first."""
        standing = set(continuing)
        for candidate in [candidate for candidate in self._piles if candidate not in standing]:
            self._new += self._piles.pop(candidate)
        for ranking, count, at in self._new:
            place = self._next(ranking, at, standing)
            if place is not None:
                found, candidate = place
                self._piles.setdefault(candidate, []).append((ranking, count, found))
        self._new = []
        tally = {
            candidate: sum([count for _, count, _ in self._piles.get(candidate, ())])
            for candidate in continuing
        }
        for ranking, count in self._floating:
            recipient = _only(ranking, standing)
            if recipient is not None:
                tally[recipient] += count
        return tally

    def transfers(
        self, continuing: Sequence[int], leaving: Collection[int]
    ) -> dict[int | None, dict[int | None, int]]:
        """How many ballots go from whom to whom when these candidates leave; None is nobody."""
        before = set(continuing)
        after = before.difference(leaving)
        moved: dict[int | None, dict[int | None, int]] = {candidate: {} for candidate in leaving}

        def move(source: int | None, target: int | None, count: int) -> None:
            targets = moved.setdefault(source, {})
            targets[target] = targets.get(target, 0) + count

        for candidate in leaving:
            for ranking, count, at in self._piles.get(candidate, ()):
                place = self._next(ranking, at, after)
                move(candidate, None if place is None else place[1], count)
        for ranking, count in self._floating:
            source, target = _only(ranking, before), _only(ranking, after)
            if source != target:
                move(source, target, count)
        return moved

    def _next(self, ranking: Ranking, at: int, standing: Collection[int]) -> tuple[int, int] | None:
        """The first rank from `at` on that counts, and for whom; None when the ballot has ended."""
        for place in range(at, len(ranking)):
            rank = ranking[place]
            if len(rank) == 1:
                if rank[0] in standing:
                    return place, rank[0]
                continue
            found = [candidate for candidate in rank if candidate in standing]
            if len(found) == 1:
                return place, found[0]
            if found and self._ends_at_several:
                return None
        return None


def _only(ranking: Ranking, standing: Collection[int]) -> int | None:
    """Whom the ballot counts for: the only continuing candidate of its first rank that has just one."""
    for rank in ranking:
        found = [candidate for candidate in rank if candidate in standing]
        if len(found) == 1:
            return found[0]
    return None


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
