from polls.model import PollKind
from tests.voting.material import poll
from voting.result import Base, OutcomeKind, Rounding
from voting.tally.selection import count

FIVE = poll(PollKind.RANKED_BY_SELECTION, ["1", "2", "3", "4", "5"], max_selections=2)


def test_places_are_shown_equal_ones_are_shared_and_zero_is_not_selected() -> None:
    """Ten people answer: option 2 is chosen 7 times, 1 and 4 five times, 5 once, 3 never."""
    parts = count(FIVE, {"1=2": 3, "2=4": 4, "1": 2, "4=5": 1})
    assert [line.count for line in parts.options] == [5, 7, 0, 5, 1]
    assert [line.shown for line in parts.options] == ["2", "1", "not selected", "2", "4"]
    assert [line.place for line in parts.options] == [2, 1, None, 2, 4]
    assert [line.percent for line in parts.options] == [50, 70, 0, 50, 10]
    assert (parts.base, parts.n, parts.rounding) == (Base.RESPONDENTS, 10, Rounding.HALF_UP)
    assert parts.ties == (("1", "4"),)
    assert parts.outcome.winners == ("2",)


def test_a_shared_first_place_is_shown_by_both() -> None:
    parts = count(FIVE, {"1=2": 3, "3": 1})
    assert [line.shown for line in parts.options] == ["1", "1", "3", "not selected", "not selected"]
    assert (parts.outcome.kind, parts.outcome.winners) == (OutcomeKind.SHARED, ("1", "2"))


def test_without_ballots_nothing_is_selected() -> None:
    parts = count(FIVE, {})
    assert {line.shown for line in parts.options} == {"not selected"}
    assert parts.outcome.kind is OutcomeKind.NO_VALID_VOTES
