"""The canonical ballot: what a paper allows, and the way back to what was chosen."""

import pytest

from polls.model import Poll, PollKind
from tests.voting.material import poll
from voting.ballot import fill_in, ranks, selections_of
from voting.errors import BallotInvalid


def paper(**keys: object) -> Poll:
    return poll(PollKind.PREFERENCE, ("1", "2", "3", "4"), max_selections=4, **keys)  # type: ignore[arg-type]


def code_of(asked: Poll, *selections: str) -> str:
    with pytest.raises(BallotInvalid) as caught:
        fill_in(asked, selections, None)
    return caught.value.code


def test_an_order_keeps_its_ranks_and_sorts_within_them() -> None:
    assert fill_in(paper(), ["3", "1", "2"], None) == "3>1>2"
    assert fill_in(paper(ties=True), ["3", "4=1", "2"], None) == "3>1=4>2"
    assert fill_in(paper(ties=True), ["4=1"], None) == "1=4"
    assert fill_in(paper(), [], None) == "-"


@pytest.mark.parametrize(
    ("selections", "code"),
    [
        (("1", "9"), "unknown_option"),
        (("1", ""), "unknown_option"),
        (("1=",), "unknown_option"),
        (("1>2",), "unknown_option"),
        (("1", "2", "1"), "chosen_twice"),
        (("1=1",), "chosen_twice"),
        (("1=2", "3"), "same_place"),
    ],
)
def test_an_order_that_the_paper_does_not_allow_is_refused(selections: tuple[str, ...], code: str) -> None:
    assert code_of(paper(), *selections) == code


def test_no_more_options_than_the_paper_has_places_for_however_they_share_them() -> None:
    short = poll(PollKind.PREFERENCE, ("1", "2", "3"), max_selections=2, ties=True)
    assert code_of(short, "1", "2", "3") == "too_many"
    assert code_of(short, "1=2=3") == "too_many"
    assert fill_in(short, ["1=2"], None) == "1=2"


def test_other_kinds_take_no_ranks() -> None:
    assert code_of(poll(PollKind.MULTIPLE, max_selections=2), "1=2") == "unknown_option"


@pytest.mark.parametrize("selections", [["3", "1=4", "2"], ["1=4"], ["2"], []])
def test_what_was_chosen_comes_back_in_the_form_in_which_it_was_sent(selections: list[str]) -> None:
    asked = paper(ties=True)
    assert list(selections_of(asked, fill_in(asked, selections, None))) == selections


def test_equal_choices_of_other_kinds_come_back_one_by_one() -> None:
    asked = poll(PollKind.MULTIPLE, max_selections=2)
    assert selections_of(asked, fill_in(asked, ["3", "1"], None)) == ("1", "3")
    assert ranks("3>1=4") == ("3", "1=4")
