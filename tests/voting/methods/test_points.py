"""Plurality, approval, score, Borda and Dowdall: definitions and published examples."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.voting.methods.material import (
    TENNESSEE,
    counted,
    election,
    law,
    mark_profiles,
    named,
    profiles,
    scores,
)
from voting.methods.score import marks_of, parse_marks
from voting.rankings import Profile, positions, profile_of
from voting.result import OutcomeKind
from voting.rulebook import Unranked


def test_first_choices_choose_memphis_as_the_capital_of_tennessee() -> None:
    outcome = counted(TENNESSEE, "plurality")
    assert outcome.winners == ("Memphis",)
    assert outcome.scores == named(Memphis=42, Nashville=26, Knoxville=17, Chattanooga=15)
    assert outcome.ranking == (("Memphis",), ("Nashville",), ("Knoxville",), ("Chattanooga",))


def test_borda_chooses_nashville_as_the_capital_of_tennessee() -> None:
    """https://en.wikipedia.org/wiki/Borda_count, there with 3 to 0 points: one fewer for each of 100."""
    outcome = counted(TENNESSEE, "borda")
    assert outcome.winners == ("Nashville",)
    assert outcome.scores == named(
        Nashville=194 + 100, Chattanooga=173 + 100, Memphis=126 + 100, Knoxville=107 + 100
    )


def test_bordas_own_example_elects_whom_plurality_puts_last() -> None:
    """Borda's paper to the Academy: 21 voters, ABC 1, ACB 7, BCA 7, CBA 6."""
    profile = election(ABC=1, ACB=7, BCA=7, CBA=6)
    assert counted(profile, "plurality").ranking == (("A",), ("B",), ("C",))
    assert counted(profile, "borda").scores == named(C=47, B=42, A=37)


def test_dowdall_of_the_capital_of_tennessee() -> None:
    outcome = counted(TENNESSEE, "dowdall")
    assert outcome.scores == named(
        Memphis="113/2",
        Nashville=Fraction(42, 2) + 26 + Fraction(15 + 17, 3),
        Chattanooga=Fraction(42, 3) + 13 + 15 + Fraction(17, 2),
        Knoxville=Fraction(42, 4) + Fraction(26, 3) + Fraction(15, 2) + 17,
    )
    assert outcome.winners == ("Nashville",)


def test_a_tied_first_place_is_split_exactly() -> None:
    outcome = counted(election(ABC_D=1, AB_C=2, C=1), "plurality")
    assert scores(outcome) == named(A="4/3", B="4/3", C="4/3", D=0)
    assert (outcome.kind, outcome.winners) == (OutcomeKind.SHARED, ("A", "B", "C"))


def test_tied_candidates_get_the_mean_of_the_places_they_span() -> None:
    profile = election(A_BC_D=1)
    assert scores(counted(profile, "borda")) == named(A=4, B="5/2", C="5/2", D=1)
    assert scores(counted(profile, "dowdall")) == named(A=1, B="5/12", C="5/12", D="1/4")


@pytest.mark.parametrize(
    ("unranked", "borda", "dowdall"),
    [
        (Unranked.ZERO, {"A": 5, "B": 4}, {"A": 1, "B": "1/2"}),
        (
            Unranked.AVERAGE,
            {"A": 5, "B": 4, "C": 2, "D": 2, "E": 2},
            {"A": 1, "B": "1/2", "C": "47/180", "D": "47/180", "E": "47/180"},
        ),
        (Unranked.LENGTH, {"A": 2, "B": 1}, {"A": 1, "B": "1/2"}),
    ],
)
def test_unranked_candidates_get_what_the_rules_say(
    unranked: Unranked, borda: dict[str, object], dowdall: dict[str, object]
) -> None:
    profile = profile_of(list("ABCDE"), {"A>B": 1})
    nothing: dict[str, object] = dict.fromkeys("ABCDE", 0)
    for method, points in (("borda", borda), ("dowdall", dowdall)):
        assert scores(counted(profile, method, unranked=unranked)) == named(**(nothing | points))


def test_ballot_length_counts_the_tied_too() -> None:
    profile = profile_of(list("ABCDE"), {"A>B=C": 2})
    assert scores(counted(profile, "borda", unranked=Unranked.LENGTH)) == named(A=6, B=3, C=3, D=0, E=0)


def test_an_abstention_gives_no_points_even_with_averages() -> None:
    profile = profile_of(["A", "B"], {"A": 1, "-": 3})
    for method in ("borda", "dowdall"):
        outcome = counted(profile, method, unranked=Unranked.AVERAGE)
        assert outcome.scores == counted(profile_of(["A", "B"], {"A>B": 1}), method).scores


@law
@given(profile=profiles(ties=True), unranked=st.sampled_from(Unranked))
def test_points_are_what_the_definition_says(profile: Profile, unranked: Unranked) -> None:
    size = len(profile.candidates)
    for method in ("borda", "dowdall"):
        expected = [Fraction(0)] * size
        for ballot, number in profile.ballots.items():
            ranked = [c for rank in ballot for c in rank]
            top = len(ranked) if unranked is Unranked.LENGTH else size
            values = [
                Fraction(top - place) if method == "borda" else Fraction(1, place + 1)
                for place in range(size)
            ]
            rest = tuple(c for c in range(size) if c not in ranked)
            groups = [*ballot, rest] if unranked is Unranked.AVERAGE and ballot else list(ballot)
            place = 0
            for group in groups:
                for candidate in group:
                    mean = sum(values[place : place + len(group)], Fraction(0)) / len(group)
                    expected[candidate] += mean * number
                place += len(group)
        outcome = counted(profile, method, unranked=unranked)
        if outcome.valid:
            assert scores(outcome) == dict(zip(profile.candidates, expected, strict=True))


@law
@given(profile=profiles())
def test_a_vote_for_first_choices_is_handed_out_whole(profile: Profile) -> None:
    outcome = counted(profile, "plurality")
    assert sum(outcome.scores.values()) == outcome.valid


@law
@given(profile=profiles())
def test_approvals_are_the_ballots_that_rank_a_candidate(profile: Profile) -> None:
    outcome = counted(profile, "approval")
    for position, name in enumerate(profile.candidates):
        approvals = sum(
            number for ballot, number in profile.ballots.items() if any(position in rank for rank in ballot)
        )
        assert outcome.scores.get(name, 0) == approvals


def test_score_sums_marks_and_no_mark_gives_nothing() -> None:
    profile = marks_of(["A", "B", "C"], {"A:5=B:2": 3, "B:4=C:-1": 2, "-": 9})
    outcome = counted(profile, "score")
    assert scores(outcome) == named(A=15, B=14, C=-2)
    assert (outcome.winners, outcome.ballots, outcome.valid) == (("A",), 14, 5)


@law
@given(profile=mark_profiles())
def test_scores_are_sums_of_marks(profile: Profile) -> None:
    outcome = counted(profile, "score")
    for position, name in enumerate(profile.candidates):
        total = sum(
            sum(mark for c, mark in ballot if c == position) * number
            for ballot, number in profile.ballots.items()
        )
        assert outcome.scores.get(name, 0) == total


def test_equal_sums_of_weighted_marks_tie_where_floats_do_not() -> None:
    """Weights 3, 3, 4; marks (1, 1, 4) and (2, 4, 1): both 22, though 0.3 * 1 + … differs in floats."""
    profile = marks_of(["A", "B"], {"A:22=B:22": 1})
    assert counted(profile, "score").kind is OutcomeKind.SHARED


@pytest.mark.parametrize("text", ["A", "A:", "A:x", "A:1.5", "X:1", "A:1=A:2", ":1", "A:1=", "A:1>B:2"])
def test_what_is_not_a_ballot_of_marks_is_rejected(text: str) -> None:
    with pytest.raises(ValueError, match=r"mark"):
        parse_marks(text, positions(["A", "B"]))
