"""The law of the live count: after any interleaving it equals a recount, to the fraction."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.voting.methods.material import law, rankings, rulebooks
from voting.ballot import option_order
from voting.methods import METHODS, count
from voting.methods.live import LiveCount
from voting.methods.score import marks_of
from voting.rankings import parse_ranking, positions, profile_of
from voting.result import OutcomeKind
from voting.rulebook import Rulebook

OPTIONS = ["1", "2", "3", "10"]


@st.composite
def papers(draw: st.DrawFn, marks: bool) -> str:
    if marks:
        chosen = draw(st.dictionaries(st.sampled_from(OPTIONS), st.integers(-1, 5)))
        return "=".join(sorted(f"{option}:{mark}" for option, mark in chosen.items())) or "-"
    ranking = draw(rankings(len(OPTIONS)))
    ranks = (sorted((OPTIONS[c] for c in rank), key=option_order) for rank in ranking)
    return ">".join("=".join(rank) for rank in ranks) or "-"


@pytest.mark.parametrize("method", list(METHODS))
@law
@given(data=st.data())
def test_casting_changing_and_withdrawing_ends_with_the_recount(method: str, data: st.DataObject) -> None:
    marks = METHODS[method].marks
    rules = data.draw(rulebooks(method))
    live = LiveCount(OPTIONS, rules)
    box: dict[int, str] = {}
    steps = st.tuples(st.integers(0, 6), st.none() | papers(marks))
    for voter, paper in data.draw(st.lists(steps, max_size=25)):
        if voter in box:
            live.add(box.pop(voter), -1)
        if paper is not None:
            box[voter] = paper
            live.add(paper, 1)
        ballots: dict[str, int] = {}
        for cast in box.values():
            ballots[cast] = ballots.get(cast, 0) + 1
        profile = marks_of(OPTIONS, ballots) if marks else profile_of(OPTIONS, ballots)
        assert live.outcome() == count(profile, rules)


def test_ballots_that_are_all_withdrawn_leave_no_valid_votes() -> None:
    live = LiveCount(["A", "B"], Rulebook(method="borda"))
    live.add("A>B", 3)
    live.add("-", 1)
    live.add("A>B", -3)
    outcome = live.outcome()
    assert (outcome.kind, outcome.ballots, outcome.valid) == (OutcomeKind.NO_VALID_VOTES, 1, 0)


@pytest.mark.parametrize("canonical", ["A>X", "A>A", "A>", ""])
def test_a_ballot_that_is_not_of_the_poll_is_rejected_and_counts_for_nothing(canonical: str) -> None:
    live = LiveCount(["A", "B"], Rulebook(method="plurality"))
    with pytest.raises(ValueError, match=r"ballot paper|twice"):
        live.add(canonical, 1)
    assert live.outcome().ballots == 0


def test_a_canonical_ballot_is_read_rank_by_rank() -> None:
    assert parse_ranking("10>2=3>1", positions(OPTIONS)) == ((3,), (1, 2), (0,))
    assert parse_ranking("-", positions(OPTIONS)) == ()
