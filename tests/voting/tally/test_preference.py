"""Preference polls: exact scores, places, ties and rounds by the poll's own method, and by other rules."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polls.model import PREFERENCE_METHODS, UNRANKED_RULES, Poll, PollKind
from tests.voting.material import law, poll
from voting.ballot import fill_in
from voting.methods import METHODS, count
from voting.pollrules import base_of, rounding_of, rulebook_of, rules_of
from voting.rankings import profile_of
from voting.result import Method, OutcomeKind, Rounding
from voting.rulebook import Rung
from voting.tally import METHODS as COUNTERS
from voting.tally.preference import RunningCount, options_of, reach, two_decimals
from voting.tally.preference import count as count_preference

ABC = ("A", "B", "C")


def preference(
    ids: tuple[str, ...] = ABC,
    *,
    method: str = "borda",
    most: int = 0,
    ties: bool = False,
    unranked: str = "zero",
) -> Poll:
    return poll(
        PollKind.PREFERENCE,
        ids,
        max_selections=most or len(ids),
        method=method,
        ties=ties,
        unranked=unranked,
    )


def test_the_methods_of_polls_are_those_that_read_rankings() -> None:
    readers = [name for name, method in METHODS.items() if not method.marks and name != "approval"]
    assert sorted(PREFERENCE_METHODS) == sorted(readers)


def test_borda_gives_exact_points_their_mean_and_places() -> None:
    counted = count_preference(preference(), {"A>B>C": 2, "B>C>A": 1, "C": 1, "-": 3})
    assert (counted.n, counted.cast, counted.abstained) == (4, 7, 3)
    assert list((counted.scores or {}).values()) == [7, 7, 7]
    assert counted.outcome.kind is OutcomeKind.SHARED
    assert [(line.place, line.shown, line.count) for line in counted.options] == [
        (1, "1.75", 3),
        (1, "1.75", 3),
        (1, "1.75", 4),
    ]
    assert counted.ties == (("A", "B", "C"),)
    assert counted.rounding is Rounding.TWO_DECIMALS


def test_an_option_on_no_ballot_is_not_ranked_and_that_is_not_the_last_place() -> None:
    counted = count_preference(preference(), {"A>B": 3})
    a, b, c = counted.options
    assert (a.place, b.place, c.place) == (1, 2, None)
    assert c.shown == "not ranked" and c.count == 0
    last = count_preference(preference(), {"A>B>C": 3}).options[2]
    assert (last.place, last.shown, last.count) == (3, "1.00", 3)


def test_with_the_average_rule_an_unranked_option_stands_where_its_points_put_it() -> None:
    counted = count_preference(preference(unranked="average"), {"A": 2, "A>B": 1})
    assert counted.scores == {"A": 9, "B": Fraction(5), "C": Fraction(4)}
    assert [line.place for line in counted.options] == [1, 2, 3]
    assert counted.options[2].shown == "not ranked"


def test_a_runoff_tells_its_rounds_and_the_rung_of_every_tie() -> None:
    ballots = {"A>B": 4, "B>A": 3, "C>B": 1, "D>B": 1}
    counted = count_preference(preference(("A", "B", "C", "D"), method="irv"), ballots)
    assert [dict(entry.tally) for entry in counted.rounds] == [
        {"A": 4, "B": 3, "C": 1, "D": 1},
        {"A": 4, "B": 5},
    ]
    assert counted.rounds[0].eliminated == ("C", "D")
    assert counted.ties_met[0].rungs[-1] is Rung.TOGETHER
    assert counted.outcome.winners == ("B",)
    assert [line.place for line in counted.options] == [2, 1, 3, 3]


def test_a_runoff_that_nothing_parts_is_undecided() -> None:
    counted = count_preference(preference(("A", "B"), method="irv"), {"A>B": 2, "B>A": 2})
    assert counted.outcome.kind is OutcomeKind.UNDECIDED
    assert counted.outcome.winners == ()
    assert counted.ties_met[0].rungs == (Rung.UNDECIDED,)


def test_the_same_ballots_by_other_rules_name_another_winner() -> None:
    counted = count_preference(preference(), {"A>B>C": 4, "B>C>A": 3, "C>B>A": 2})
    by = {other.method: other for other in counted.by_rules}
    assert counted.outcome.winners == ("B",)
    assert by["plurality"].winners == ("A",)
    assert by["condorcet"].winners == ("B",)
    assert by["plurality"].scores == {"A": 4, "B": 3, "C": 2}


def test_in_pairs_an_unranked_option_stands_below_the_ranked_ones() -> None:
    counted = count_preference(preference(method="copeland"), {"A": 2, "B>A": 1})
    assert list((counted.scores or {}).values()) == [2, 0, -2]


def test_without_ballots_there_is_no_figure() -> None:
    counted = count_preference(preference(), {})
    assert counted.scores is None and counted.by_rules == () and counted.rounds == ()
    assert counted.outcome.kind is OutcomeKind.NO_VALID_VOTES
    assert [line.place for line in counted.options] == [None, None, None]
    only = count_preference(preference(), {"-": 2})
    assert (only.n, only.abstained, only.scores) == (0, 2, None)


@pytest.mark.parametrize("canonical", ["A>X", "A>A", "A=B", "A>B>C>D", "A>"])
def test_a_ballot_that_the_paper_does_not_allow_makes_no_figure(canonical: str) -> None:
    with pytest.raises(ValueError, match="poll"):
        count_preference(preference(), {canonical: 1})
    running = RunningCount(preference())
    with pytest.raises(ValueError, match="poll"):
        running.add(canonical, 1)
    assert running.parts() == count_preference(preference(), {})


def test_more_ranks_than_the_paper_has_cannot_be() -> None:
    with pytest.raises(ValueError, match="poll"):
        options_of(preference(most=1), "A>B")
    with pytest.raises(ValueError, match="poll"):
        count_preference(preference(), {"A": -1})


def test_numbers_are_rounded_half_up_by_whole_numbers() -> None:
    assert [two_decimals(Fraction(n, 200)) for n in (1, 3, -1, 683, 0)] == [
        "0.01",
        "0.02",
        "-0.01",
        "3.42",
        "0.00",
    ]
    assert two_decimals(Fraction(-1, 1000)) == "0.00"


@st.composite
def cast(draw: st.DrawFn, paper: Poll) -> str:
    options = list(draw(st.permutations(paper.option_ids)))[: draw(st.integers(0, paper.max_selections))]
    ranks: list[str] = []
    for option in options:
        if ranks and paper.ties and draw(st.booleans()):
            ranks[-1] += f"={option}"
        else:
            ranks.append(option)
    return fill_in(paper, ranks, None)


@st.composite
def papers(draw: st.DrawFn) -> Poll:
    method = draw(st.sampled_from(PREFERENCE_METHODS))
    ids = tuple("ABCDE")[: draw(st.integers(2, 5))]
    unranked = draw(st.sampled_from(UNRANKED_RULES)) if method == "borda" else "zero"
    most = draw(st.integers(1, len(ids)))
    return preference(ids, method=method, most=most, ties=draw(st.booleans()), unranked=unranked)


@law
@given(data=st.data())
def test_a_running_count_equals_the_recount_after_any_interleaving(data: st.DataObject) -> None:
    paper = data.draw(papers())
    running, box = RunningCount(paper), dict[int, str]()
    for voter in data.draw(st.lists(st.integers(0, 5), max_size=20)):
        if voter in box:
            running.add(box.pop(voter), -1)
        if data.draw(st.booleans()):
            box[voter] = data.draw(cast(paper))
            running.add(box[voter], 1)
        ballots: dict[str, int] = {}
        for canonical in box.values():
            ballots[canonical] = ballots.get(canonical, 0) + 1
        assert running.parts() == count_preference(paper, ballots)


@law
@given(data=st.data())
def test_scores_and_winners_are_those_of_the_method_under_the_rulebook(data: st.DataObject) -> None:
    paper = data.draw(papers())
    ballots = {
        data.draw(cast(paper)): number for number in data.draw(st.lists(st.integers(1, 9), max_size=6))
    }
    counted = count_preference(paper, ballots)
    outcome = count(profile_of(paper.option_ids, ballots), rulebook_of(paper))
    assert (counted.scores or {}) == outcome.scores
    assert set(counted.outcome.winners) == set(outcome.winners)
    assert counted.outcome.kind is outcome.kind
    assert (counted.rounds, counted.ties_met) == (outcome.rounds, outcome.ties)
    assert {rules_of(paper)[key] for key in outcome.rules if key == "method"} == {paper.method}
    for score in outcome.scores.values():
        assert 0 <= reach(paper.method, score, counted.n, len(paper.options)) <= 1


@pytest.mark.parametrize("kind", list(PollKind))
@pytest.mark.parametrize("people", [False, True])
def test_the_rulebook_says_what_the_counter_does(kind: PollKind, people: bool) -> None:
    paper = poll(kind, ["1", "2", "3"], max_selections=2 if kind is PollKind.MULTIPLE else 1, people=people)
    counter = COUNTERS[
        {
            PollKind.SINGLE: Method.PLURALITY,
            PollKind.MULTIPLE: Method.MULTIPLE_CHOICE,
            PollKind.RANKED_BY_SELECTION: Method.RANKED_BY_SELECTION,
            PollKind.RATING: Method.RATING_MEAN,
            PollKind.PREFERENCE: Method.PREFERENCE,
        }[kind]
    ]
    counted = counter(paper, {"1": 2, "2": 1})
    assert (counted.base, counted.rounding) == (base_of(paper), rounding_of(paper))
    assert rules_of(paper)["base"] == counted.base.value
    assert rules_of(paper)["rounding"] == counted.rounding.value
