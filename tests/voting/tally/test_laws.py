"""Laws that every kind of poll keeps, whatever counts it; no kind and no method is left out."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polls.model import PREFERENCE_METHODS, Poll, PollKind
from tests.voting.material import KINDS, ballots_of, poll
from tests.voting.methods.material import law
from voting.pollrules import METHOD_OF_KIND as METHOD_OF
from voting.result import Method, OutcomeKind, Rounding
from voting.tally import METHODS
from voting.tally.parts import Parts

POLLS = (*KINDS, *(poll(PollKind.PREFERENCE, max_selections=3, method=name) for name in PREFERENCE_METHODS))
each = pytest.mark.parametrize("paper", POLLS, ids=lambda paper: f"{paper.kind}-{paper.method}")


def counted(paper: Poll, ballots: dict[str, int]) -> Parts:
    return METHODS[METHOD_OF[paper.kind]](paper, ballots)


def drawn(data: st.DataObject, paper: Poll) -> dict[str, int]:
    ballots: dict[str, int] = {}
    for entry in data.draw(ballots_of(paper)):
        ballots[entry.canonical] = ballots.get(entry.canonical, 0) + 1
    return ballots


def test_the_laws_are_tried_on_every_kind_and_every_method() -> None:
    assert {METHOD_OF[paper.kind] for paper in POLLS} == set(Method) == set(METHODS)
    assert {paper.method for paper in POLLS if paper.kind is PollKind.PREFERENCE} == set(PREFERENCE_METHODS)


@each
@law
@given(data=st.data())
def test_the_order_of_ballots_never_changes_a_figure(paper: Poll, data: st.DataObject) -> None:
    ballots = drawn(data, paper)
    shuffled = dict(data.draw(st.permutations(list(ballots.items()))))
    assert counted(paper, shuffled) == counted(paper, ballots)


@each
@law
@given(data=st.data())
def test_the_order_of_options_never_changes_counts_winners_or_places(
    paper: Poll, data: st.DataObject
) -> None:
    """Only percentages by largest remainder may follow the paper, in their last rung."""
    ballots = drawn(data, paper)
    other = dataclasses.replace(paper, options=tuple(data.draw(st.permutations(paper.options))))
    one, two = counted(paper, ballots), counted(other, ballots)
    by_largest_remainder = one.rounding is Rounding.LARGEST_REMAINDER
    for line in one.options:
        same = next(found for found in two.options if found.option == line.option)
        if by_largest_remainder:
            same = dataclasses.replace(same, percent=line.percent, shown=line.shown)
        assert same == line
    assert (one.outcome.kind, set(one.outcome.winners)) == (two.outcome.kind, set(two.outcome.winners))
    assert {frozenset(group) for group in one.ties} == {frozenset(group) for group in two.ties}
    assert (one.n, one.cast, one.mean, one.scores) == (two.n, two.cast, two.mean, two.scores)


@each
def test_no_ballots_and_only_abstentions_are_no_valid_votes(paper: Poll) -> None:
    for ballots, cast in (({}, 0), ({"-": 7}, 7)):
        result = counted(paper, ballots)
        assert (result.outcome.kind, result.outcome.winners) == (OutcomeKind.NO_VALID_VOTES, ())
        assert (result.n, result.cast, result.abstained) == (0, cast, cast)
        assert all(not line.count and line.place is None for line in result.options)


@each
def test_what_everyone_chooses_wins_even_when_it_is_all_there_is(paper: Poll) -> None:
    first = paper.option_ids[0]
    alone = dataclasses.replace(paper, options=paper.options[:1], max_selections=1)
    for asked in (paper, alone):
        result = counted(asked, {first: 3})
        assert (result.outcome.kind, result.outcome.winners) == (OutcomeKind.WINNER, (first,))


@each
def test_equal_choices_are_a_tie_that_is_reported(paper: Poll) -> None:
    one, two = paper.option_ids[:2]
    pair = dataclasses.replace(paper, options=paper.options[:2], max_selections=1)
    result = counted(pair, {one: 2, two: 2})
    assert result.outcome.kind in (OutcomeKind.SHARED, OutcomeKind.UNDECIDED)
    assert result.ties == ((one, two),)
