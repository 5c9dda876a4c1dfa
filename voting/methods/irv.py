"""Instant runoff: whoever has more than half of the continuing ballots wins; else the last one leaves.

Definition: in each round a ballot counts for the first continuing candidate it ranks; a ballot that
ranks no continuing candidate any more is exhausted. A candidate with more than half of the ballots that
still count (exactly half is not enough) wins. Otherwise the candidate with the fewest ballots is
eliminated and the next round begins. The ballots that may be read in several ways follow the rulebook,
see voting.methods.irv_papers.

Ties. When all continuing candidates are tied, nobody is last and the result is undecided between them.
When several, but not all, are tied for last, the ladder decides, from the top: `previous-rounds` (of the
tied, the one with the fewest ballots in the latest earlier round that parts them leaves; those still tied
there are compared in the round before it), `first-preferences` (the same by the first round alone),
`together` (all tied candidates leave at once if all their ballots together are fewer than those of the
next candidate above, so that none of them could have overtaken anybody), and `undecided`.

Sources: Robert's Rules of Order Newly Revised, preferential voting; RCTab's configuration parameters for
the words of the rules, https://github.com/BrightSpots/rcv; the ladder's last rungs after the WSFS
Constitution, section 6.4.
"""

from collections.abc import Sequence
from fractions import Fraction

from voting.methods.irv_papers import Papers, readable
from voting.methods.irv_tree import Branch
from voting.methods.parts import Conclusion, Method, RunoffRound, Tied
from voting.rankings import Ranking, is_strict_ranking, ranks_somebody
from voting.result import OutcomeKind
from voting.rulebook import Duplicates, Rulebook, Rung


class RunoffSums:
    """The profile itself, as far as the rules can read it: a runoff is counted anew from it each time.

    Rankings without ties are in a tree (voting.methods.irv_tree), the others one by one.
    """

    def __init__(self, candidates: int, rulebook: Rulebook) -> None:
        self.size = candidates
        self.rulebook = rulebook
        self.valid = 0
        """Ballots that rank at least one candidate."""
        self.strict = Branch()
        self.tied: dict[Ranking, int] = {}

    def add(self, ranking: Ranking, count: int) -> None:
        """Raises MethodRefused when the ballot cannot be read under the rules."""
        self.valid += count if ranks_somebody(ranking) else 0
        is_strict = is_strict_ranking(ranking)
        if not is_strict or self.rulebook.duplicates is Duplicates.EXHAUST:
            ranking = readable(ranking, self.rulebook)
            is_strict = is_strict_ranking(ranking)
        if is_strict:
            self.strict.add(ranking, count)
            return
        left = self.tied.get(ranking, 0) + count
        if left:
            self.tied[ranking] = left
        else:
            self.tied.pop(ranking, None)


def conclude(sums: RunoffSums) -> Conclusion:
    """Scores are each candidate's ballots in the last round it took part in."""
    papers = Papers(sums.size, sums.strict, sums.tied, sums.rulebook)
    scores: dict[int, Fraction] = {}
    tallies: list[dict[int, int]] = []
    rounds: list[RunoffRound] = []
    ties: list[Tied] = []
    gone: list[tuple[int, ...]] = []
    while True:
        tally = papers.tally()
        tallies.append(tally)
        scores |= {candidate: Fraction(votes) for candidate, votes in tally.items()}
        counting = sum(tally.values())
        threshold = counting // 2 + 1
        winner = next((candidate for candidate, votes in tally.items() if votes >= threshold), None)
        leaving: tuple[int, ...] = ()
        if winner is None:
            tie, leaving = _last(tallies)
            if tie is not None:
                ties.append(tie)
        rounds.append(
            RunoffRound(
                tally=tally,
                exhausted=sums.valid - counting,
                threshold=threshold,
                elected=() if winner is None else (winner,),
                eliminated=leaving,
                transfers=papers.eliminate(leaving),
            )
        )
        if not leaving:
            break
        gone.append(leaving)
    after = tuple(reversed(gone))
    if winner is None:
        return Conclusion(
            kind=OutcomeKind.UNDECIDED,
            winners=(),
            ranking=(tuple(tally), *after),
            scores=tuple(scores[candidate] for candidate in range(sums.size)),
            ties=tuple(ties),
            rounds=tuple(rounds),
        )
    return Conclusion(
        kind=OutcomeKind.WINNER,
        winners=(winner,),
        ranking=(*_places(tally), *after),
        scores=tuple(scores[candidate] for candidate in range(sums.size)),
        ties=tuple(ties),
        rounds=tuple(rounds),
    )


def _places(tally: dict[int, int]) -> list[tuple[int, ...]]:
    """The candidates of the last round by their ballots in it."""
    return [
        tuple(candidate for candidate in tally if tally[candidate] == votes)
        for votes in sorted(set(tally.values()), reverse=True)
    ]


def _last(tallies: Sequence[dict[int, int]]) -> tuple[Tied | None, tuple[int, ...]]:
    """Who leaves after the latest of these rounds (nobody: undecided), and the tie met on the way."""
    tally = tallies[-1]
    fewest = min(tally.values())
    last = tuple(candidate for candidate in tally if tally[candidate] == fewest)
    number = len(tallies)
    if len(last) == len(tally):
        return Tied(candidates=last, rungs=(Rung.UNDECIDED,), round=number), ()
    if len(last) == 1:
        return None, last
    in_question = last
    for looked_at in range(number - 1, 0, -1):
        earlier = tallies[looked_at - 1]
        lowest = min(earlier[candidate] for candidate in in_question)
        in_question = tuple(candidate for candidate in in_question if earlier[candidate] == lowest)
        if len(in_question) == 1:
            return Tied(
                candidates=last,
                rungs=(Rung.PREVIOUS_ROUNDS,),
                round=number,
                eliminated=in_question,
                looked_at=looked_at,
            ), in_question
    # The look back ended with the first round, which is the first preferences: that rung cannot part
    # those whom the look back has not parted, and is named because it was reached.
    tried = (Rung.PREVIOUS_ROUNDS, Rung.FIRST_PREFERENCES, Rung.TOGETHER)
    above = min(votes for votes in tally.values() if votes > fewest)
    if fewest * len(last) < above:
        return Tied(candidates=last, rungs=tried, round=number, eliminated=last), last
    return Tied(candidates=last, rungs=(*tried, Rung.UNDECIDED), round=number), ()


METHOD = Method(
    name="irv",
    title="Instant runoff",
    definition=(
        "Whoever has more than half of the continuing ballots wins; otherwise the last one leaves and "
        "its ballots count for their next choice."
    ),
    source="Robert's Rules of Order Newly Revised; RCTab",
    start=RunoffSums,
    conclude=conclude,
    uses=frozenset({"runoff"}),
    as_marked=True,
)
