from fractions import Fraction

import pytest

from polls.model import PollKind
from tests.voting.material import poll, rating
from voting.result import Base, OutcomeKind, Rounding
from voting.tally.rating import count


def test_the_mean_is_exact_and_the_distribution_sums_to_100() -> None:
    """1 + 2 + 2 + 5 + 5 + 5 = 20 points from six people: 10/3; two more abstain and are not zeros."""
    parts = count(rating(1, 5), {"1": 1, "2": 2, "5": 3, "-": 2})
    assert parts.mean == Fraction(10, 3)
    assert [line.shown for line in parts.options] == [
        "17\u00a0%",
        "33\u00a0%",
        "0\u00a0%",
        "0\u00a0%",
        "50\u00a0%",
    ]
    assert (parts.base, parts.n, parts.cast, parts.abstained) == (Base.VALID, 6, 8, 2)
    assert parts.rounding is Rounding.LARGEST_REMAINDER
    assert (parts.outcome.kind, parts.outcome.winners) == (OutcomeKind.WINNER, ("5",))


def test_a_zero_on_the_scale_is_a_rating() -> None:
    parts = count(rating(0, 10), {"0": 1, "10": 1})
    assert parts.mean == 5
    assert parts.n == 2


def test_points_below_zero_count_as_they_are() -> None:
    assert count(rating(-2, 2), {"-2": 3, "1": 1}).mean == Fraction(-5, 4)


def test_without_ratings_there_is_no_mean() -> None:
    parts = count(rating(1, 5), {"-": 1})
    assert parts.mean is None
    assert parts.outcome.kind is OutcomeKind.NO_VALID_VOTES


def test_in_a_vote_on_people_equal_counts_read_equal() -> None:
    parts = count(rating(1, 3, people=True), {"1": 1, "2": 1, "3": 1})
    assert {line.shown for line in parts.options} == {"33\u00a0%"}
    assert parts.rounding is Rounding.HALF_UP


def test_a_scale_without_numbers_gives_no_figure() -> None:
    with pytest.raises(ValueError):
        count(poll(PollKind.RATING, ["good", "bad"]), {"good": 1})
