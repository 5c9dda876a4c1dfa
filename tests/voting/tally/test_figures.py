"""The exact figures that polls show, down to each line, and what is refused: faults of one step must show."""

from collections.abc import Mapping
from fractions import Fraction

import pytest

from polls.model import Poll, PollKind
from tests.voting.material import poll, rating
from tests.voting.tally.test_preference import preference
from voting.percent import largest_remainder, show_percent
from voting.result import OutcomeKind
from voting.tally import multiple, plurality
from voting.tally import rating as rating_tally
from voting.tally.parts import Parts, count_selections
from voting.tally.preference import count, figure, reach, two_decimals

CHOICES = poll(PollKind.MULTIPLE, max_selections=2)


def shown(counted: Parts) -> list[str]:
    return [line.shown for line in counted.options]


def test_a_share_of_nothing_is_nothing_and_one_percent_reads_one_percent() -> None:
    assert largest_remainder([2, 1], 0) == [0, 0]
    assert show_percent(1, 100, 1) == "1\u00a0%"
    with pytest.raises(ValueError, match=r"^counts and total are not below zero$"):
        largest_remainder([1], -1)


def test_a_number_of_ballots_that_is_zero_changes_nothing() -> None:
    assert plurality.count(poll(), {"1": 0, "2": 1}) == plurality.count(poll(), {"2": 1})
    ranked = preference(("A", "B"))
    assert count(ranked, {"A>B": 1, "B>A": 0}) == count(ranked, {"A>B": 1})


def test_abstentions_written_in_several_ways_add_up() -> None:
    selections = count_selections(poll(), {"-": 2, "1": 1}, 1)
    assert (selections.valid, selections.abstained) == (1, 2)


@pytest.mark.parametrize(
    ("ballots", "reason"),
    [
        ({"1": -1}, "cannot belong to this poll: -1 ballots '1'"),
        ({"1=2=3": 4}, "cannot belong to this poll: '1=2=3'"),
        ({"9": 1}, "not on the ballot paper: '9'"),
    ],
)
def test_what_cannot_belong_to_the_poll_is_named(ballots: Mapping[str, int], reason: str) -> None:
    with pytest.raises(ValueError, match=f"^{reason}$"):
        multiple.count(CHOICES, ballots)


def test_a_rating_names_one_point() -> None:
    with pytest.raises(ValueError, match="cannot belong"):
        rating_tally.count(rating(1, 3), {"1=2": 1})


@pytest.mark.parametrize(
    ("method", "percents", "texts"),
    [
        ("plurality", [60, 40, 0], ["3", "2", "0"]),
        ("irv", [60, 40, 0], ["3", "2", "0"]),
        ("borda", [87, 67, 47], ["2.60", "2.00", "1.40"]),
        ("dowdall", [80, 63, 40], ["0.80", "0.63", "0.40"]),
        ("copeland", [100, 50, 0], ["2", "0", "-2"]),
        ("minimax-winning", [100, 40, 0], ["0", "3", "5"]),
        ("minimax-margins", [60, 40, 0], ["-1", "1", "5"]),
        ("schulze-winning", [100, 50, 0], ["2", "1", "0"]),
        ("condorcet", [100, 50, 0], ["2", "1", "0"]),
    ],
)
def test_every_method_shows_its_figure_and_how_far_it_reaches(
    method: str, percents: list[int], texts: list[str]
) -> None:
    """A>B>C, two A>C>B and two B>A>C: A beats B by 3 to 2 and C by 5 to 0, B beats C by 3 to 2."""
    wanted = dict(zip("ABC", zip(percents, texts, strict=True), strict=True))
    ballots = {"A>B>C": 1, "A>C>B": 2, "B>A>C": 2}
    counted = count(preference(method=method), ballots)
    got = {line.option: (line.percent, line.shown) for line in counted.options}
    assert got == wanted
    assert [line.share for line in counted.options] == [Fraction(1), Fraction(1), Fraction(1)]


def test_an_options_share_is_of_the_ballots_that_rank_somebody() -> None:
    counted = count(preference(), {"A>B": 2, "B": 1, "-": 5})
    assert [line.share for line in counted.options] == [Fraction(2, 3), Fraction(1), Fraction(0)]
    nobody = count(preference(), {"-": 5})
    assert [(line.share, line.percent, line.place) for line in nobody.options] == [(None, 0, None)] * 3


def test_ties_are_groups_of_two_or_more_that_are_ranked() -> None:
    assert count(preference(), {"A>B": 1, "B>A": 1}).ties == (("A", "B"),)
    assert count(preference(), {"A>B>C": 1}).ties == ()
    assert count(preference(), {"A": 1}).ties == ()  # B and C are equal, but nobody ranked them


def test_other_rules_say_their_kind_and_order_too() -> None:
    counted = count(preference(method="borda"), {"A>B>C": 1, "B>A>C": 1})
    by = {rule.method: rule for rule in counted.by_rules}
    assert by["plurality"].kind is OutcomeKind.SHARED
    assert by["plurality"].ranking == (("A", "B"), ("C",))
    assert {rule.ranking[-1] for rule in by.values()} == {("C",)}


def test_figures_by_hand() -> None:
    assert figure("borda", Fraction(7), 2) == Fraction(7, 2)
    assert figure("irv", Fraction(7), 2) == 7
    assert two_decimals(Fraction(0)) == "0.00"
    assert two_decimals(Fraction(1, 3)) == "0.33"
    assert two_decimals(Fraction(-1, 3)) == "-0.33"
    assert two_decimals(Fraction(-1, 1000)) == "0.00"


@pytest.mark.parametrize(
    ("method", "score", "options", "far"),
    [
        ("copeland", 0, 4, Fraction(1, 2)),
        ("copeland", 1, 2, Fraction(1)),
        ("copeland", -3, 4, Fraction(0)),
        ("schulze-winning", 1, 2, Fraction(1)),
        ("schulze-winning", 0, 1, Fraction(0)),
        ("schulze-winning", 1, 4, Fraction(1, 3)),
        ("minimax-margins", 10, 3, Fraction(0)),
        ("minimax-margins", -10, 3, Fraction(1)),
        ("minimax-margins", 5, 3, Fraction(1, 4)),
        ("dowdall", 5, 3, Fraction(1, 2)),
    ],
)
def test_how_far_a_score_reaches_of_ten_ballots(method: str, score: int, options: int, far: Fraction) -> None:
    assert reach(method, Fraction(score), 10, options) == far


def test_halves_of_a_first_choice_read_with_two_decimals_and_wholes_without() -> None:
    paper: Poll = preference(("A", "B"), method="plurality", ties=True)
    assert shown(count(paper, {"A=B": 1})) == ["0.50", "0.50"]
    assert shown(count(paper, {"A=B": 2})) == ["1", "1"]
