"""Other people's counters on random elections, with every known difference named.

- votelib counts Schulze by the number of candidates one is ahead of; where being tied is not transitive
  that picks some of the candidates nobody is ahead of. Its strongest paths and numbers are compared.
- votelib's runoff goes on until somebody has more than half of all ballots or is the last one left, where
  ours ends with more than half of the continuing ballots; the winner is the same one. It refuses ties
  (NotImplementedError) and zero ballots; compared without them.
- votelib leaves candidates out of its results that no ballot names; ours have everyone.
- starvote has no plain score vote; the first of two seats of its reweighted range voting is one, and it names
  the two by name, not by seat. It gives no result at all when a seat is tied (UnbreakableTieError without a
  tie-breaker); compared without those.
"""

from fractions import Fraction

import starvote
import votelib.convert
import votelib.evaluate.condorcet
import votelib.evaluate.core
import votelib.evaluate.sequential
import votelib.vote
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.voting.methods.material import counted, law, profiles
from voting.methods.schulze import strongest_paths
from voting.methods.score import marks_of
from voting.pairwise import PairwiseSums
from voting.rankings import Profile
from voting.result import OutcomeKind
from voting.rulebook import Unranked

Vote = tuple[str | frozenset[str], ...]


def votes_of(profile: Profile) -> dict[Vote, int]:
    """The profile in votelib's form."""
    votes: dict[Vote, int] = {}
    for ballot, number in profile.ballots.items():
        ranks = [frozenset(profile.candidates[c] for c in rank) for rank in ballot]
        if ranks:
            votes[tuple(next(iter(rank)) if len(rank) == 1 else rank for rank in ranks)] = number
    return votes


def pairs_of(profile: Profile, implicit: bool) -> dict[tuple[str, str], int]:
    converter = votelib.convert.RankedToCondorcetVotes(unranked_at_bottom=implicit)
    pairs: dict[tuple[str, str], int] = converter.convert(votes_of(profile))
    return pairs


def matrix(profile: Profile, implicit: bool) -> PairwiseSums:
    sums = PairwiseSums(len(profile.candidates), implicit)
    for ballot, number in profile.ballots.items():
        sums.add(ballot, number)
    return sums


@law
@given(profile=profiles(least=2), implicit=st.booleans())
def test_comparisons_equal_votelibs(profile: Profile, implicit: bool) -> None:
    sums = matrix(profile, implicit)
    names = {c for rank in votes_of(profile) for c in votelib.util.all_ranked_candidates({rank: 1})}
    pairs = pairs_of(profile, implicit)
    for x, first in enumerate(profile.candidates):
        for y, second in enumerate(profile.candidates):
            # Someone whom no ballot names does not exist for votelib.
            if x != y and {first, second} <= names:
                assert pairs.get((first, second), 0) == sums.over[x][y]


@law
@given(profile=profiles(least=2), implicit=st.booleans())
def test_copeland_equals_votelibs(profile: Profile, implicit: bool) -> None:
    pairs = pairs_of(profile, implicit)
    wins = votelib.evaluate.condorcet.pairwise_wins(pairs)
    theirs = votelib.evaluate.condorcet.Copeland.scores(wins)
    mine = counted(profile, "copeland", implicit_ranking=implicit)
    everywhere = {c for vote in votes_of(profile) for c in votelib.util.all_ranked_candidates({vote: 1})}
    assume(everywhere == set(profile.candidates))
    for name, score in mine.scores.items():
        assert score == theirs.get(name, 0)


@law
@given(profile=profiles(least=2), implicit=st.booleans())
def test_strongest_paths_equal_votelibs(profile: Profile, implicit: bool) -> None:
    pairs = pairs_of(profile, implicit)
    everywhere = {c for vote in votes_of(profile) for c in votelib.util.all_ranked_candidates({vote: 1})}
    assume(everywhere == set(profile.candidates))
    theirs = votelib.evaluate.condorcet.Schulze.widest_paths(pairs)
    sums = matrix(profile, implicit)
    size = sums.size
    mine = strongest_paths(
        [[sums.over[x][y] if sums.wins(x, y) else 0 for y in range(size)] for x in range(size)]
    )
    for x in range(size):
        for y in range(size):
            if x != y:
                assert mine[x][y] == theirs.get((profile.candidates[x], profile.candidates[y]), 0)


@law
@given(profile=profiles(least=2))
def test_condorcet_winner_equals_votelibs(profile: Profile) -> None:
    everywhere = {c for vote in votes_of(profile) for c in votelib.util.all_ranked_candidates({vote: 1})}
    assume(everywhere == set(profile.candidates))
    theirs = votelib.evaluate.condorcet.CondorcetWinner().evaluate(pairs_of(profile, True))
    mine = counted(profile, "condorcet", implicit_ranking=True)
    assert list(mine.winners) == theirs


@law
@given(profile=profiles(least=2, ties=False), implicit=st.booleans(), margins=st.booleans())
def test_minimax_equals_votelibs(profile: Profile, implicit: bool, margins: bool) -> None:
    everywhere = {c for vote in votes_of(profile) for c in votelib.util.all_ranked_candidates({vote: 1})}
    assume(everywhere == set(profile.candidates))
    pairs = pairs_of(profile, implicit)
    # A pair that no ballot compares is missing there and would be no defeat at all.
    for first in profile.candidates:
        for second in profile.candidates:
            if first != second:
                pairs.setdefault((first, second), 0)
    scoring = "margins" if margins else "winning_votes"
    theirs = votelib.evaluate.condorcet.MinimaxCondorcet(scoring).evaluate(pairs)
    mine = counted(profile, f"minimax-{'margins' if margins else 'winning'}", implicit_ranking=implicit)
    first = theirs[0]
    found = set(first) if isinstance(first, votelib.evaluate.core.Tie) else {first}
    assert found == set(mine.winners)


@law
@given(profile=profiles(ties=False))
def test_borda_equals_votelibs(profile: Profile) -> None:
    scorer = votelib.component.rankscore.Borda(base=1)
    size = len(profile.candidates)
    scorer.set_n_candidates(size)
    expected = dict.fromkeys(profile.candidates, Fraction(0))
    for ballot, number in profile.ballots.items():
        for points, rank in zip(scorer.scores(len(ballot)), ballot, strict=True):
            expected[profile.candidates[rank[0]]] += Fraction(points) * number
    mine = counted(profile, "borda", unranked=Unranked.ZERO)
    assert {name: mine.scores.get(name, Fraction(0)) for name in expected} == expected


@law
@given(profile=profiles(ties=False, least=2))
def test_runoff_winner_equals_votelibs_where_no_tie_is_met(profile: Profile) -> None:
    mine = counted(profile, "irv")
    assume(mine.kind is OutcomeKind.WINNER and not mine.ties)
    system = votelib.evaluate.sequential.TransferableVoteSelector(quota_function="droop")
    votes = votes_of(profile)
    try:
        theirs = system.evaluate(votes, 1)
    except NotImplementedError:
        assume(False)
    assert theirs == list(mine.winners)


SHEETS = st.lists(
    st.tuples(*[st.integers(0, 5)] * 3).map(lambda marks: dict(zip("ABC", marks, strict=True))),
    min_size=1,
    max_size=12,
)


@law
@given(sheets=SHEETS)
def test_the_score_winner_has_a_seat_by_starvote_where_no_tie_is_met(sheets: list[dict[str, int]]) -> None:
    ballots: dict[str, int] = {}
    for sheet in sheets:
        canonical = "=".join(f"{name}:{mark}" for name, mark in sheet.items())
        ballots[canonical] = ballots.get(canonical, 0) + 1
    mine = counted(marks_of(["A", "B", "C"], ballots), "score")
    try:
        theirs = starvote.reweighted_range_voting(sheets, seats=2, maximum_score=5, tiebreaker=None)
    except starvote.UnbreakableTieError:
        return
    assert set(mine.winners) <= set(theirs)
