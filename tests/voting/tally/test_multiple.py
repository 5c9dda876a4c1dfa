from fractions import Fraction

import pytest

from polls.model import PollKind
from tests.voting.material import poll
from voting.result import Base, OutcomeKind, Rounding
from voting.tally.multiple import count

UP_TO_TWO = poll(PollKind.MULTIPLE, max_selections=2)


def test_figures_are_shares_of_the_people_who_answered_and_may_sum_over_100() -> None:
    """Eight people answer: 3 choose 1 and 2, 2 choose 1 alone, 3 choose 2 and 3; two abstain."""
    parts = count(UP_TO_TWO, {"1=2": 3, "1": 2, "2=3": 3, "-": 2})
    assert [line.count for line in parts.options] == [5, 6, 3]
    assert [line.share for line in parts.options] == [Fraction(5, 8), Fraction(3, 4), Fraction(3, 8)]
    assert [line.shown for line in parts.options] == ["63\u00a0%", "75\u00a0%", "38\u00a0%"]
    assert (parts.base, parts.n, parts.cast, parts.abstained) == (Base.RESPONDENTS, 8, 10, 2)
    assert parts.rounding is Rounding.HALF_UP
    assert (parts.outcome.kind, parts.outcome.winners) == (OutcomeKind.WINNER, ("2",))


def test_equal_counts_read_equal() -> None:
    parts = count(UP_TO_TWO, {"1": 1, "2": 1, "3": 1})
    assert {line.shown for line in parts.options} == {"33\u00a0%"}
    assert parts.ties == (("1", "2", "3"),)


def test_everyone_choosing_an_option_reads_100() -> None:
    parts = count(UP_TO_TWO, {"1=2": 200, "1": 1})
    assert [line.shown for line in parts.options] == ["100\u00a0%", ">99\u00a0%", "0\u00a0%"]


def test_without_respondents_nobody_is_first() -> None:
    parts = count(UP_TO_TWO, {"-": 3})
    assert parts.outcome.kind is OutcomeKind.NO_VALID_VOTES
    assert [line.shown for line in parts.options] == ["0\u00a0%"] * 3


@pytest.mark.parametrize("ballots", [{"1=2=3": 1}, {"1=1": 1}, {"1=9": 1}, {"1=2": -2}])
def test_a_ballot_that_cannot_be_of_this_poll_gives_no_figure(ballots: dict[str, int]) -> None:
    with pytest.raises(ValueError):
        count(UP_TO_TWO, ballots)
