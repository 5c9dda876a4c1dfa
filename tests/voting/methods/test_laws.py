"""Laws that every preference method keeps."""

from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.voting.methods.material import PAIRWISE, RANKED, counted, law, profiles, profiles_for, rulebooks
from voting.methods import METHODS, count
from voting.rankings import Profile, Ranking, profile_of
from voting.result import OutcomeKind
from voting.rulebook import Rulebook

ALL = list(METHODS)


def renamed(profile: Profile, order: list[int]) -> Profile:
    """The same election with the paper printed in another order."""
    position = {old: new for new, old in enumerate(order)} | {-1: -1}
    ballots: dict[Ranking, int] = {}
    for ballot, number in profile.ballots.items():
        if profile.marks:
            moved: Ranking = tuple(sorted((position[c], mark) for c, mark in ballot))
        else:
            moved = tuple(tuple(sorted(position[c] for c in rank)) for rank in ballot)
        ballots[moved] = number
    return Profile(
        candidates=tuple(profile.candidates[old] for old in order), ballots=ballots, marks=profile.marks
    )


@pytest.mark.parametrize("method", ALL)
@law
@given(data=st.data())
def test_the_order_of_ballots_never_changes_an_outcome(method: str, data: st.DataObject) -> None:
    profile, rules = data.draw(profiles_for(method)), data.draw(rulebooks(method))
    shuffled = dict(data.draw(st.permutations(list(profile.ballots.items()))))
    other = Profile(candidates=profile.candidates, ballots=shuffled, marks=profile.marks)
    assert count(other, rules) == count(profile, rules)


@pytest.mark.parametrize("method", ALL)
@law
@given(data=st.data())
def test_the_order_of_candidates_on_the_paper_never_changes_an_outcome(
    method: str, data: st.DataObject
) -> None:
    profile, rules = data.draw(profiles_for(method)), data.draw(rulebooks(method))
    order = data.draw(st.permutations(range(len(profile.candidates))))
    assert count(renamed(profile, list(order)), rules) == count(profile, rules)


@pytest.mark.parametrize("method", ALL)
@law
@given(data=st.data())
def test_swapping_two_candidates_on_every_ballot_swaps_them_in_the_outcome(
    method: str, data: st.DataObject
) -> None:
    profile, rules = data.draw(profiles_for(method)), data.draw(rulebooks(method))
    new_name = dict(zip(profile.candidates, data.draw(st.permutations(profile.candidates)), strict=True))
    swapped = Profile(
        candidates=tuple(new_name[name] for name in profile.candidates),
        ballots=profile.ballots,
        marks=profile.marks,
    )
    before, after = count(profile, rules), count(swapped, rules)
    assert {new_name[name] for name in before.winners} == set(after.winners)
    assert [{new_name[name] for name in group} for group in before.ranking] == [
        set(group) for group in after.ranking
    ]
    assert {new_name[name]: score for name, score in before.scores.items()} == dict(after.scores)


@pytest.mark.parametrize("method", ALL)
@law
@given(data=st.data())
def test_every_candidate_has_one_place_and_one_score_when_there_are_valid_votes(
    method: str, data: st.DataObject
) -> None:
    profile, rules = data.draw(profiles_for(method)), data.draw(rulebooks(method))
    outcome = count(profile, rules)
    placed = [name for group in outcome.ranking for name in group]
    if outcome.valid:
        assert sorted(placed) == sorted(profile.candidates) == sorted(outcome.scores)
    else:
        assert (outcome.kind, placed) == (OutcomeKind.NO_VALID_VOTES, [])
    assert outcome.ballots == profile.size >= outcome.valid
    assert all(isinstance(score, Fraction) for score in outcome.scores.values())


@pytest.mark.parametrize("method", ALL)
@law
@given(data=st.data())
def test_kind_and_winners_agree_and_a_tied_first_place_is_reported(method: str, data: st.DataObject) -> None:
    outcome = count(data.draw(profiles_for(method)), data.draw(rulebooks(method)))
    match outcome.kind:
        case OutcomeKind.WINNER:
            assert len(outcome.winners) == 1
            assert outcome.ranking[0] == outcome.winners
        case OutcomeKind.SHARED:
            assert len(outcome.winners) > 1
            assert outcome.ranking[0] == outcome.winners
            assert outcome.winners in [tie.candidates for tie in outcome.ties]
        case OutcomeKind.UNDECIDED:
            assert not outcome.winners
            assert outcome.ties
        case OutcomeKind.NO_VALID_VOTES:
            assert not outcome.winners


@pytest.mark.parametrize("method", ALL)
@law
@given(data=st.data())
def test_twice_every_ballot_gives_the_same_verdict(method: str, data: st.DataObject) -> None:
    profile, rules = data.draw(profiles_for(method)), data.draw(rulebooks(method))
    twice = Profile(
        candidates=profile.candidates,
        ballots={ballot: 2 * number for ballot, number in profile.ballots.items()},
        marks=profile.marks,
    )
    once, doubled = count(profile, rules), count(twice, rules)
    assert (once.kind, once.winners, once.ranking) == (doubled.kind, doubled.winners, doubled.ranking)


@pytest.mark.parametrize("method", ALL)
def test_no_ballots_are_no_valid_votes(method: str) -> None:
    empty = Profile(candidates=("A", "B"), ballots={}, marks=METHODS[method].marks)
    outcome = counted(empty, method)
    assert (outcome.kind, outcome.winners, outcome.ballots, outcome.valid) == (
        OutcomeKind.NO_VALID_VOTES,
        (),
        0,
        0,
    )


@pytest.mark.parametrize("method", ALL)
def test_if_everyone_abstains_there_are_no_valid_votes(method: str) -> None:
    outcome = counted(Profile(candidates=("A", "B"), ballots={(): 7}, marks=METHODS[method].marks), method)
    assert (outcome.kind, outcome.ballots, outcome.valid) == (OutcomeKind.NO_VALID_VOTES, 7, 0)


@pytest.mark.parametrize("method", ALL)
def test_no_candidates_are_no_valid_votes(method: str) -> None:
    outcome = counted(Profile(candidates=(), ballots={(): 7}, marks=METHODS[method].marks), method)
    assert outcome.kind is OutcomeKind.NO_VALID_VOTES


@pytest.mark.parametrize("method", RANKED)
def test_one_candidate_with_one_ballot_wins(method: str) -> None:
    outcome = counted(profile_of(["A"], {"A": 1, "-": 5}), method)
    assert (outcome.kind, outcome.winners, outcome.ranking) == (OutcomeKind.WINNER, ("A",), (("A",),))
    assert (outcome.ballots, outcome.valid) == (6, 1)


@pytest.mark.parametrize("method", [name for name in RANKED if name != "approval"])
@law
@given(data=st.data())
def test_a_candidate_who_is_first_on_every_ballot_wins(method: str, data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 5))
    rest = data.draw(st.lists(st.permutations(range(1, size)), min_size=1, max_size=6))
    profile = Profile(
        candidates=tuple("ABCDE"[:size]),
        ballots={tuple((c,) for c in (0, *order)): 1 for order in rest},
    )
    assert counted(profile, method).winners == ("A",)


@pytest.mark.parametrize("method", RANKED)
@pytest.mark.parametrize("size", [2, 3, 4])
def test_all_ballots_that_there_can_be_are_a_tie_of_all(method: str, size: int) -> None:
    profile = Profile(
        candidates=tuple("ABCD"[:size]),
        ballots={tuple((c,) for c in order): 1 for order in permutations(range(size))},
    )
    outcome = counted(profile, method)
    everyone = profile.candidates
    assert outcome.ranking == (everyone,)
    assert [tie.candidates for tie in outcome.ties] == [everyone]
    if method in ("irv", "condorcet"):
        assert (outcome.kind, outcome.winners) == (OutcomeKind.UNDECIDED, ())
    else:
        assert (outcome.kind, outcome.winners) == (OutcomeKind.SHARED, everyone)


@pytest.mark.parametrize("method", ALL)
@law
@given(data=st.data())
def test_a_withdrawn_candidate_is_as_if_never_on_the_paper(method: str, data: st.DataObject) -> None:
    profile, rules = data.draw(profiles_for(method)), data.draw(rulebooks(method))
    gone = data.draw(st.sampled_from(profile.candidates))
    outcome = count(profile.without([gone]), rules)
    assert gone not in outcome.scores
    assert outcome.ballots == profile.size


@law
@given(profile=profiles())
def test_withdrawing_closes_rankings_up(profile: Profile) -> None:
    gone = len(profile.candidates) - 1
    left = profile.without([profile.candidates[gone]])
    expected: dict[Ranking, int] = {}
    for ballot, number in profile.ballots.items():
        ranks = [tuple(c for c in rank if c != gone) for rank in ballot]
        closed = tuple(rank for rank in ranks if rank)
        expected[closed] = expected.get(closed, 0) + number
    assert left.ballots == expected


@pytest.mark.parametrize("method", [*PAIRWISE, "condorcet"])
@law
@given(profile=profiles(least=2), implicit=st.booleans())
def test_a_pairwise_winner_wins_by_every_pairwise_method(
    method: str, profile: Profile, implicit: bool
) -> None:
    found = counted(profile, "condorcet", implicit_ranking=implicit)
    if found.condorcet_winner is not None:
        assert counted(profile, method, implicit_ranking=implicit).winners == (found.condorcet_winner,)


@pytest.mark.parametrize("method", [name for name in PAIRWISE if "minimax" not in name])
@law
@given(profile=profiles(least=3), implicit=st.booleans())
def test_a_pairwise_loser_is_last_by_these_pairwise_methods(
    method: str, profile: Profile, implicit: bool
) -> None:
    found = counted(profile, "condorcet", implicit_ranking=implicit)
    if found.condorcet_loser is not None:
        outcome = counted(profile, method, implicit_ranking=implicit)
        assert outcome.ranking[-1] == (found.condorcet_loser,)


@law
@given(profile=profiles())
def test_implicit_ranking_is_ranking_the_rest_tied_for_last(profile: Profile) -> None:
    everyone = set(range(len(profile.candidates)))
    spelled: dict[Ranking, int] = {}
    for ballot, number in profile.ballots.items():
        rest = everyone - {c for rank in ballot for c in rank}
        whole = (*ballot, tuple(sorted(rest))) if rest and ballot else ballot
        spelled[whole] = spelled.get(whole, 0) + number
    explicit = Profile(candidates=profile.candidates, ballots=spelled)
    for method in PAIRWISE:
        left = counted(profile, method, implicit_ranking=True)
        right = counted(explicit, method, implicit_ranking=False)
        assert (left.kind, left.ranking, left.scores) == (right.kind, right.ranking, right.scores)


def test_score_refuses_rankings_and_the_others_refuse_marks() -> None:
    for name, method in METHODS.items():
        wrong = Profile(candidates=("A",), ballots={}, marks=not method.marks)
        with pytest.raises(ValueError, match=r"needs marks|needs rankings"):
            counted(wrong, name)


def test_an_unknown_method_is_an_error() -> None:
    with pytest.raises(KeyError):
        count(profile_of(["A"], {}), Rulebook(method="lottery"))
