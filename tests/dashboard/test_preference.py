"""Preference polls as people see them: values with units, rounds, other rules, and the rules in words."""

from dataclasses import replace
from fractions import Fraction

import pytest

from dashboard.compare import compare_sentence, rule_columns
from dashboard.figure_flow import MOST_ROUNDS, shown_rounds
from dashboard.figures import stage_figure, table_of
from dashboard.flow import flow_of
from dashboard.lines import figures
from dashboard.preference import shown_score
from dashboard.rules import poll_rules, rule_sentences
from dashboard.words import LANGUAGES, say
from polls.model import PREFERENCE_METHODS, UNRANKED_RULES, Poll, PollKind
from tests.dashboard.samples import (
    CLOSED,
    EVENT,
    OPEN,
    ORDER,
    ORDERED,
    PERCENT,
    RATING,
    RUN_OFF,
    RUNOFF,
    SEALED,
    result_of,
    view_of,
    with_poll,
)
from tests.polls.small_event import options
from voting.pollrules import rules_of
from voting.rulebook import LADDER, fingerprint


def shown(poll: Poll, ballots: dict[str, int], lang: str = "en") -> list[tuple[str, str, str]]:
    found = figures(EVENT, poll, result_of(poll, ballots), lang=lang, is_sorted=True, is_open=False)
    return [(line.place, line.label, line.value) for line in found.lines]


def test_the_race_stands_by_mean_points_and_not_ranked_is_not_the_last_place() -> None:
    assert shown(ORDER, ORDERED) == [
        ("1", "Training", "3.33 of 4"),
        ("2", "Data space", "2.89 of 4"),
        ("3", "Waste heat", "2.78 of 4"),
        ("", "A yearly fair", "not ranked"),
    ]
    assert shown(ORDER, {"1>2>3>4": 2})[-1] == ("4", "A yearly fair", "1.00 of 4")


def test_mean_points_are_the_exact_fraction_rounded_half_up() -> None:
    result = result_of(ORDER, ORDERED)
    assert result.scores is not None
    assert result.scores[ORDER.option_ids[1]] == 4 * 3 + 3 * 4 + 2 * 3
    first = shown(ORDER, ORDERED)[0]
    assert first == ("1", "Training", "3.33 of 4")
    assert shown(ORDER, ORDERED, "de")[0][2] == "3,33 von 4"


@pytest.mark.parametrize(
    ("method", "score", "value"),
    [
        ("dowdall", Fraction(7, 2), "0.88 of 1"),
        ("plurality", Fraction(5, 2), "2.50 · 63\u00a0%"),
        ("irv", Fraction(3), "3 · 75\u00a0%"),
        ("copeland", Fraction(2), "+2"),
        ("copeland", Fraction(-2), "−2"),
        ("minimax-margins", Fraction(-1), "−1"),
        ("schulze-winning", Fraction(3), "ahead of 3"),
        ("condorcet", Fraction(2), "2 of 4 wins"),
    ],
)
def test_a_score_is_shown_with_its_unit(method: str, score: Fraction, value: str) -> None:
    assert shown_score(method, score, 4, 5, "en").value == value


@pytest.mark.parametrize("lang", ["en", "de"])
@pytest.mark.parametrize("method", PREFERENCE_METHODS)
def test_every_method_says_who_leads_what_the_figures_are_and_how(method: str, lang: str) -> None:
    poll = replace(ORDER, method=method)
    found = figures(EVENT, poll, result_of(poll, ORDERED), lang=lang, is_sorted=True, is_open=False)
    assert found.sentence and found.base and found.method and found.rounding
    assert "9" in found.base
    empty = figures(EVENT, poll, result_of(poll, {}), lang=lang, is_sorted=True, is_open=False)
    assert empty.sentence == say(lang, "result_none")
    assert [line.value for line in empty.lines] == [""] * 4


def test_a_shared_lead_and_an_undecided_vote_are_said() -> None:
    def said(poll: Poll, ballots: dict[str, int]) -> str:
        result = result_of(poll, ballots)
        return figures(EVENT, poll, result, lang="en", is_sorted=True, is_open=False).sentence

    assert said(ORDER, {"1>2": 1, "2>1": 1}) == "Data space and Training share first place, 2 ballots"
    assert said(replace(ORDER, method="irv"), {"1": 1, "2": 1}).startswith("The last options are tied")
    cycle = {"1>2>3": 1, "2>3>1": 1, "3>1>2": 1}
    assert said(replace(ORDER, method="condorcet"), cycle).startswith("No option is preferred to every")


def test_the_flow_tells_every_round_and_where_the_ballots_went() -> None:
    flow = flow_of(RUNOFF, result_of(RUNOFF, RUN_OFF), "en")
    assert flow is not None
    assert [label for _, label in flow.rows] == [
        "In the capital",
        "By the sea",
        "In the mountains",
        "On the river",
        "Online",
    ]
    last = flow.rounds[-1]
    assert last.title == "Last round"
    assert [(cell.votes, cell.gained, cell.is_winner) for cell in last.cells] == [
        (13, 6, True),
        (8, 0, False),
    ]
    assert [entry.exhausted for entry in flow.rounds] == [0, 1, 1, 1]
    assert flow.rounds[0].sentence == "Round 1: Online leaves with 1 of 22 ballots."
    assert last.sentence == "Round 4: In the capital has more than half, 13 of 21 ballots."


def test_a_tie_for_last_is_told_by_the_rung_that_settled_it() -> None:
    flow = flow_of(RUNOFF, result_of(RUNOFF, {"1": 9, "2": 8, "3": 1, "4": 1}), "en")
    assert flow is not None
    assert flow.rounds[0].sentence == "Round 1: Online leaves with 0 of 19 ballots."
    assert flow.rounds[1].sentence == "Round 2: In the capital, On the river leave together."
    assert flow.rounds[1].tie.endswith("Together they had fewer ballots than the next one.")
    for rung in LADDER:
        assert f"tie_{rung.value}" in LANGUAGES["en"]


def test_the_stage_draws_a_runoff_as_rounds_and_says_the_same_in_a_table() -> None:
    view = view_of(RUNOFF, CLOSED, result_of(RUNOFF, RUN_OFF), event=with_poll(RUNOFF))
    assert (view.form, view.compare) == ("flow", False)
    table = table_of(view)
    assert table[0] == ["Option", "Round 1", "Round 2", "Round 3", "Last round"]
    assert table[1] == ["In the capital", "5", "5", "7", "13"]
    assert table[5] == ["Online", "1", "–", "–", "–"]
    assert table[6] == ["no choice left", "0", "1", "1", "1"]
    figure = stage_figure(view, "dark")
    assert figure is not None
    lengths = [trace for trace in figure["data"] if trace["type"] == "bar"]
    assert lengths[-2]["customdata"] == [13, 8]
    assert lengths[-1]["customdata"] == [7, 8], "what they had before"


def test_of_many_rounds_the_first_and_the_last_stand_beside_each_other() -> None:
    poll = replace(RUNOFF, options=options(*[f"Town {n}" for n in range(9)]), max_selections=9)
    ballots = {f"{n}>{n + 1}" if n < 9 else "9": 10 + n for n in range(1, 10)}
    result = result_of(poll, ballots)
    flow = flow_of(poll, result, "en")
    assert flow is not None and len(flow.rounds) > MOST_ROUNDS
    assert [entry.number for entry in shown_rounds(flow)][:2] == [1, len(flow.rounds) - 3]
    view = view_of(poll, CLOSED, result, event=with_poll(poll))
    figure = stage_figure(view, "light", width=1368, height=500)
    assert figure is not None
    texts = [text for trace in figure["data"] for text in trace.get("text", ())]
    assert any("in the table" in text for text in texts)
    assert len(table_of(view)[0]) == 1 + len(flow.rounds)


def test_other_rules_say_in_one_sentence_who_would_lead() -> None:
    assert (
        compare_sentence(ORDER, result_of(ORDER, ORDERED), "en")
        == "By first choices Data space would lead, by mean points Training leads."
    )
    assert compare_sentence(ORDER, result_of(ORDER, {"1>2": 3}), "en").endswith(
        "two by two, Data space leads."
    )
    assert compare_sentence(ORDER, result_of(ORDER, {}), "en") == ""
    cycle = {"1>2>3": 3, "2>3>1": 2, "3>1>2": 2}
    assert "No option is preferred" in compare_sentence(ORDER, result_of(ORDER, cycle), "en")
    tied = compare_sentence(
        replace(ORDER, method="irv"), result_of(replace(ORDER, method="irv"), {"1": 1, "2": 1}), "en"
    )
    assert tied == "Nobody leads by instant runoff."


def test_every_column_has_its_own_order_and_marks_the_polls_own_leader() -> None:
    points, first, pairs = rule_columns(ORDER, result_of(ORDER, ORDERED), "en")
    assert [points.lines[0].label, first.lines[0].label, pairs.lines[0].label] == [
        "Training",
        "Data space",
        "Training",
    ]
    assert points.note == "the rule of this poll" and first.note == ""
    for column in (points, first, pairs):
        assert [line.label for line in column.lines if line.is_own] == ["Training"]
        assert column.lines[-1].value == "not ranked"
    cycle = rule_columns(ORDER, result_of(ORDER, {"1>2>3": 1, "2>3>1": 1, "3>1>2": 1}), "en")
    assert cycle[2].note == "No option is preferred to every other one."


def test_the_stage_shows_other_rules_only_where_there_are_some_and_a_result_may_be_seen() -> None:
    view = view_of(ORDER, CLOSED, result_of(ORDER, ORDERED), event=with_poll(ORDER), compare=True)
    assert (view.form, view.compare) == ("rules", True)
    assert view.sentence.startswith("By first choices Data space would lead")
    assert table_of(view)[0] == ["Option", "Mean points of 4", "First choices", "Wins two by two"]
    assert table_of(view)[1] == ["Training", "1 · 3.33", "2 · 33\u00a0%", "1 · 3"]
    sealed = view_of(ORDER, SEALED, result_of(ORDER, ORDERED), event=with_poll(ORDER), compare=True)
    assert (sealed.form, sealed.compare, sealed.columns, sealed.table) == ("turnout", False, (), ())
    plain = view_of(PERCENT, OPEN, result_of(PERCENT, {"1": 2}), compare=True)
    assert (plain.form, plain.compare) == ("bars", False)


LONG = (
    "A shared data space for regional industry and research",
    "Training for small firms on digital tools and skills",
    "Turning waste heat from data centres into energy",
    "Joint purchasing of materials and of green power",
    "A travel fund for young staff of member organisations",
    "Help with writing applications for public funding",
    "A yearly fair where members meet new customers",
    "Mentors for founders in their first three years",
)


def test_eight_long_names_stand_in_full_beside_the_other_rules() -> None:
    poll = replace(ORDER, options=options(*LONG), max_selections=8)
    ballots = {"1>2>3>5": 4, "2>3>1>4>8": 3, "3>2>1>6": 2, "8>7": 1}
    view = view_of(poll, CLOSED, result_of(poll, ballots), event=with_poll(poll), compare=True)
    for theme in ("dark", "light"):
        figure = stage_figure(view, theme)
        assert figure is not None
        said = [text for trace in figure["data"] if trace["type"] == "scatter" for text in trace["text"]]
        for name in LONG:
            assert sum(text.replace("<br>", " ") == name for text in said) == 1, "once, and nothing cut off"
        assert not any("…" in text for text in said)
        assert [len(trace["ids"]) for trace in figure["data"] if trace["type"] == "bar"] == [8, 8, 8]
    short = view_of(ORDER, CLOSED, result_of(ORDER, ORDERED), event=with_poll(ORDER), compare=True)
    drawn = stage_figure(short, "dark")
    assert drawn is not None
    labels = [text for trace in drawn["data"] for text in trace.get("text", ())]
    assert labels.count("Training") == 3, "short names stand in the order of each rule"


def test_the_rulebook_is_said_in_words_with_its_fingerprint() -> None:
    said = poll_rules(ORDER, "en")
    assert "Of 4 options the first on a ballot gets 4 points" in said[1]
    assert "An option that a ballot does not rank gets no points from it." in said
    assert said[-1].endswith(fingerprint(dict(rules_of(ORDER))))
    assert any("two decimals" in sentence for sentence in said)
    runoff = " ".join(rule_sentences(rules_of(replace(RUNOFF, ties=True)), "en"))
    assert "more than half" in runoff and "still in, otherwise" in runoff and "tie for last" in runoff
    assert any("from 0 to 10" in sentence for sentence in rule_sentences(rules_of(RATING), "en"))


@pytest.mark.parametrize("kind", list(PollKind))
def test_every_kind_method_and_rule_has_its_sentences(kind: PollKind) -> None:
    polls = [replace(PERCENT, kind=kind)]
    if kind is PollKind.PREFERENCE:
        polls = [replace(ORDER, method=method, ties=True) for method in PREFERENCE_METHODS]
        polls += [replace(ORDER, unranked=rule) for rule in UNRANKED_RULES]
    for poll in polls:
        assert all(sentence.endswith(".") for sentence in rule_sentences(rules_of(poll), "de"))
