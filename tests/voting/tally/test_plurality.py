from fractions import Fraction

import pytest

from tests.voting.material import poll, single
from voting.result import Base, OutcomeKind, Rounding
from voting.tally.plurality import count

SIX = ("1", "2", "3", "4", "5", "6")


def test_the_worked_example_reads_as_published() -> None:
    """Six options with 19, 18, 8, 8, 1, 1 votes: naive rounding would read 35, 33, 15, 15, 2, 2 = 102."""
    parts = count(poll(ids=SIX), single(19, 18, 8, 8, 1, 1))
    assert [line.shown for line in parts.options] == [
        "35\u00a0%",
        "33\u00a0%",
        "14\u00a0%",
        "14\u00a0%",
        "2\u00a0%",
        "2\u00a0%",
    ]
    assert [line.percent for line in parts.options] == [35, 33, 14, 14, 2, 2]
    assert [line.count for line in parts.options] == [19, 18, 8, 8, 1, 1]
    assert [line.place for line in parts.options] == [1, 2, 3, 3, 5, 5]
    assert parts.options[0].share == Fraction(19, 55)
    assert (parts.base, parts.n, parts.rounding) == (Base.VALID, 55, Rounding.LARGEST_REMAINDER)
    assert (parts.outcome.kind, parts.outcome.winners) == (OutcomeKind.WINNER, ("1",))
    assert parts.ties == (("3", "4"), ("5", "6"))


def test_abstentions_are_cast_but_not_in_the_base() -> None:
    parts = count(poll(), single(3, 1, 0, abstained=6))
    assert (parts.n, parts.cast, parts.abstained) == (4, 10, 6)
    assert [line.shown for line in parts.options] == ["75\u00a0%", "25\u00a0%", "0\u00a0%"]


def test_in_a_vote_on_people_equal_counts_read_equal() -> None:
    parts = count(poll(people=True), single(1, 1, 1))
    assert [line.shown for line in parts.options] == ["33\u00a0%", "33\u00a0%", "33\u00a0%"]
    assert parts.rounding is Rounding.HALF_UP
    assert (parts.outcome.kind, parts.outcome.winners) == (OutcomeKind.SHARED, ("1", "2", "3"))


def test_a_dead_heat_is_shared_and_never_broken() -> None:
    parts = count(poll(), single(3, 0, 3))
    assert (parts.outcome.kind, parts.outcome.winners) == (OutcomeKind.SHARED, ("1", "3"))
    assert parts.ties == (("1", "3"),)


@pytest.mark.parametrize("abstained", [0, 4])
def test_without_valid_votes_nobody_wins(abstained: int) -> None:
    parts = count(poll(), single(abstained=abstained))
    assert (parts.outcome.kind, parts.outcome.winners) == (OutcomeKind.NO_VALID_VOTES, ())
    assert (parts.n, parts.cast, parts.ties) == (0, abstained, ())
    assert {(line.count, line.share, line.percent, line.place, line.shown) for line in parts.options} == {
        (0, None, 0, None, "0\u00a0%")
    }


def test_the_only_option_gets_everything() -> None:
    (line,) = count(poll(ids=["1"]), single(7)).options
    assert (line.shown, line.share, line.place) == ("100\u00a0%", Fraction(1), 1)


def test_one_of_two_hundred_never_reads_zero() -> None:
    parts = count(poll(ids=["1", "2"]), single(1, 199))
    assert [line.shown for line in parts.options] == ["<1\u00a0%", ">99\u00a0%"]


@pytest.mark.parametrize("ballots", [{"1=2": 1}, {"9": 1}, {"1>2": 1}, {"1": -1}, {"": 1}])
def test_a_ballot_that_cannot_be_of_this_poll_gives_no_figure(ballots: dict[str, int]) -> None:
    with pytest.raises(ValueError):
        count(poll(), ballots)
