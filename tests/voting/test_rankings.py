"""Profiles: what they hold, what they refuse, and how candidates leave them."""

import pytest

from voting.rankings import OVERVOTE, Profile, Ranking, closed_up, parse_ranking, positions, profile_of


def test_a_profile_counts_its_ballots_abstentions_included() -> None:
    assert profile_of(["A", "B"], {"A>B": 3, "A=B": 2, "-": 4}).size == 9


def test_equal_rankings_add_up_when_a_candidate_leaves() -> None:
    profile = profile_of(["A", "B", "C"], {"A>B": 3, "B>C": 2, "A": 1, "B=C": 4})
    left = profile.without(["A", "X"])
    assert left.candidates == ("B", "C")
    assert left.ballots == {((0,),): 3, ((0,), (1,)): 2, (): 1, ((0, 1),): 4}


def test_a_skipped_rank_stays_and_the_rank_of_a_withdrawn_candidate_goes() -> None:
    profile = Profile(candidates=("A", "B"), ballots={((0,), (), OVERVOTE, (1,)): 1})
    assert profile.without(["A"]).ballots == {((), OVERVOTE, (0,)): 1}


def test_nobody_leaving_changes_nothing() -> None:
    profile = profile_of(["A"], {"A": 1})
    assert profile.without(["X"]) is profile


def test_marks_of_a_withdrawn_candidate_go_too() -> None:
    profile = Profile(candidates=("A", "B"), ballots={((0, 5), (1, 3)): 2, ((0, 1),): 1}, marks=True)
    assert profile.without(["A"]).ballots == {((0, 3),): 2, (): 1}


@pytest.mark.parametrize(
    ("candidates", "ballots", "marks", "reason"),
    [
        (("A", "A"), {}, False, "same name"),
        (("A",), {((0,),): -1}, False, "below zero"),
        (("A",), {((1,),): 1}, False, "not on the ballot paper"),
        (("A",), {((0,), (-2,)): 1}, False, "not on the ballot paper"),
        (("A",), {((0, -1),): 1}, False, "not on the ballot paper"),
        (("A",), {((1, 0),): 1}, True, "not on the ballot paper"),
    ],
)
def test_what_cannot_be_a_profile_is_refused(
    candidates: tuple[str, ...], ballots: dict[Ranking, int], marks: bool, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        Profile(candidates=candidates, ballots=ballots, marks=marks)


def test_a_mark_may_be_any_whole_number() -> None:
    assert Profile(candidates=("A",), ballots={((0, 99),): 1}, marks=True).size == 1


def test_closing_up_leaves_strict_ballots_as_they_are() -> None:
    ballots: dict[Ranking, int] = {((0,), (1,)): 1, ((1,),): 2, (): 1}
    assert closed_up(ballots) is ballots


def test_closing_up_joins_ballots_that_become_equal() -> None:
    ballots: dict[Ranking, int] = {((0,), (), (1,)): 1, ((0,), (0,), (1,)): 2, ((0,), (1,)): 4}
    assert closed_up(ballots) == {((0,), (1,)): 7}
    assert closed_up({(OVERVOTE, (0, 1)): 1, ((), (0, 1)): 1}) == {((0, 1),): 2}
    assert closed_up({((0,), (0,)): 1, ((0,),): 1}) == {((0,),): 2}


def test_tied_options_are_read_in_paper_order() -> None:
    assert parse_ranking("B=A>C", positions(["A", "B", "C"])) == ((0, 1), (2,))
