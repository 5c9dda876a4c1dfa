"""What the organiser takes home."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.tables import (
    BALLOT_HEADER,
    RESULT_HEADER,
    Export,
    ExportBallot,
    csv_rows,
    export_event,
    safe_cell,
)
from polls.desk import EventState
from polls.lifecycle import PastRound, PollRun, freeze
from polls.model import Poll
from tests.dashboard.samples import (
    BESIDE,
    CLOSED,
    EVENT,
    OPEN,
    PANEL,
    PEOPLE,
    PERCENT,
    PUBLISHED,
    RACE,
    RATING,
    SEALED,
    beside_result,
    result_of,
    singles,
    with_poll,
)
from voting.result import Result

AT = 1_604_999_523_000


def exported(
    poll: Poll, run: PollRun, *results: Result, include_hidden: bool = False, ballots: int = 0
) -> Export:
    """The export of an event in which only `poll` was ever opened: its entry."""
    document = export_event(
        EventState(event=EVENT, runs={poll.id: run}, desks={}),
        {(poll.id, result.round): result for result in results},
        {
            poll.id: [
                ExportBallot(id=f"id{9 - i}", segment="audience", choices=(poll.option_ids[0],))
                for i in range(ballots)
            ]
        },
        exported_ms=AT,
        include_hidden=include_hidden,
    )
    json.dumps(document)
    return next(entry for entry in document["polls"] if entry["id"] == poll.id)


def test_options_stand_in_paper_order_with_exact_counts_and_shown_figures() -> None:
    entry = exported(PERCENT, CLOSED, result_of(PERCENT, singles(PERCENT, 1, 18, 8, 8, 19, 1)))
    options = entry["result"]["options"]
    assert [option["option"] for option in options] == [option.text.pick() for option in PERCENT.options]
    assert [option["count"] for option in options] == [1, 18, 8, 8, 19, 1]
    # With plain blanks, so that whoever searches a table for "35 %" finds it.
    assert [option["shown"] for option in options] == ["2 %", "33 %", "14 %", "14 %", "35 %", "2 %"]
    assert options[4]["share"] == "19/55"
    assert entry["question"] == PERCENT.question.pick()
    for key in ("base", "n", "method", "rounding"):
        assert entry["result"][key]


def test_a_race_shows_places_and_not_selected() -> None:
    entry = exported(RACE, PUBLISHED, result_of(RACE, {"2=4": 3, "3": 1}))
    assert [option["shown"] for option in entry["result"]["options"]] == [
        "not selected",
        "1",
        "3",
        "1",
        "not selected",
        "not selected",
    ]


def test_a_mean_is_exact_and_readable() -> None:
    entry = exported(RATING, PUBLISHED, result_of(RATING, {"7": 2, "8": 1}))
    assert entry["result"]["mean"] == {"exact": "22/3", "shown": "7.33"}


@pytest.mark.parametrize("run", [SEALED, replace(CLOSED, visible=False), freeze(PUBLISHED, "recount")])
def test_a_hidden_result_is_left_out_with_its_ballots_unless_asked_for(run: PollRun) -> None:
    result = result_of(PEOPLE, {"2": 7})
    entry = exported(PEOPLE, run, result, ballots=7)
    assert (entry["result"], entry["hidden"], entry["ballots"]) == (None, True, [])
    asked = exported(PEOPLE, run, result, ballots=7, include_hidden=True)
    assert asked["hidden"] is False
    assert asked["result"]["outcome"] == {"kind": "winner", "winners": ["Uwe Pfeil"]}
    assert len(asked["ballots"]) == 7


def test_a_poll_never_opened_has_no_result_and_hides_none() -> None:
    entry = exported(PERCENT, PollRun())
    assert (entry["result"], entry["hidden"], entry["rounds"], entry["state"]) == (None, False, [], "draft")


def test_earlier_rounds_keep_their_result() -> None:
    run = replace(OPEN, round=2, past=(PastRound(round=1, opened_ms=AT, closed_ms=AT + 60_000),))
    entry = exported(PERCENT, run, result_of(PERCENT, {"1": 3}), result_of(PERCENT, {"2": 1}, round=2))
    assert entry["result"]["options"][1]["count"] == 1
    (past,) = entry["rounds"]
    assert past["result"]["options"][0]["count"] == 3
    assert (past["opened"], past["closed"]) == ("2020-11-10T10:12:03+01:00", "2020-11-10T10:13:03+01:00")


def test_an_earlier_round_of_a_hidden_poll_stays_hidden_too() -> None:
    run = replace(SEALED, round=2, past=(PastRound(round=1, opened_ms=0, closed_ms=1),))
    entry = exported(PEOPLE, run, result_of(PEOPLE, {"1": 3}), result_of(PEOPLE, {}, round=2))
    assert entry["rounds"][0]["result"] is None


def test_ballots_are_sorted_by_their_fresh_id_and_name_the_choices() -> None:
    entry = exported(PERCENT, CLOSED, result_of(PERCENT, {"1": 3}), ballots=3)
    assert [ballot["id"] for ballot in entry["ballots"]] == ["id7", "id8", "id9"]
    assert entry["ballots"][0] == {
        "id": "id7",
        "segment": "Audience",
        "choices": ["Increase public investments"],
    }


def test_small_segments_are_blank_in_ballots() -> None:
    ballots = [
        ExportBallot(id=f"{i:02}", segment="panel" if i < 3 else "audience", choices=()) for i in range(20)
    ]
    ballots += [ExportBallot(id="99", segment="", choices=()) for _ in range(4)]
    document = export_event(
        EventState(event=EVENT, runs={PERCENT.id: CLOSED}, desks={}),
        {(PERCENT.id, 1): result_of(PERCENT, {"1": 24})},
        {PERCENT.id: ballots},
        exported_ms=AT,
    )
    segments = [ballot["segment"] for ballot in document["polls"][0]["ballots"]]
    assert segments.count("Panellists") == 0
    assert segments.count("Audience") == 17


def test_small_groups_are_hidden_in_results() -> None:
    result = beside_result(BESIDE, {"panel": (3, 0, 0, 0, 0, 0), "audience": (9, 0, 0, 0, 0, 0)})
    groups = exported(BESIDE, CLOSED, result)["result"]["groups"]
    assert [(group["segment"], group["hidden"]) for group in groups] == [
        ("Panellists", True),
        ("Audience", True),
    ]
    assert all(group["result"] is None for group in groups)


def test_everyone_else_has_a_name_in_results_and_in_the_tables() -> None:
    result = beside_result(PANEL, {"panel": (3, 0, 0, 0, 0, 0), "audience": (9, 0, 0, 0, 0, 0)})
    document = export_event(
        EventState(event=with_poll(PANEL), runs={PANEL.id: CLOSED}, desks={}),
        {(PANEL.id, 1): result},
        {},
        exported_ms=AT,
    )
    entry = next(poll for poll in document["polls"] if poll["id"] == PANEL.id)
    groups = entry["result"]["groups"]
    assert [(group["segment"], group["others"]) for group in groups] == [
        ("Panellists", False),
        ("Everyone else", True),
    ]
    column = csv_rows({"polls": [entry], "awards": []})[0].header.index("group")
    assert {row[column] for row in csv_rows({"polls": [entry], "awards": []})[0].rows} == {
        "",
        "Panellists",
        "Everyone else",
    }


def test_ballots_name_no_segment_that_could_be_taken_away_from_everyone_else() -> None:
    casts = {"panel": 5, "audience": 30, "manager": 2}
    result = beside_result(PANEL, {segment: (cast, 0, 0, 0, 0, 0) for segment, cast in casts.items()})
    ballots = [
        ExportBallot(id=f"{segment}{i}", segment=segment, choices=())
        for segment, cast in casts.items()
        for i in range(cast)
    ]
    document = export_event(
        EventState(event=with_poll(PANEL), runs={PANEL.id: CLOSED}, desks={}),
        {(PANEL.id, 1): result},
        {PANEL.id: ballots},
        exported_ms=AT,
    )
    entry = next(poll for poll in document["polls"] if poll["id"] == PANEL.id)
    assert {ballot["segment"] for ballot in entry["ballots"]} == {"Panellists", ""}


def test_the_tables_have_a_row_per_option_and_per_choice() -> None:
    entry = exported(PERCENT, CLOSED, result_of(PERCENT, {"1": 2}), ballots=2)
    results, ballots = csv_rows({"polls": [entry], "awards": []})
    assert (results.name, results.header, len(results.rows)) == ("results", RESULT_HEADER, 6)
    assert (ballots.name, ballots.header, len(ballots.rows)) == ("ballots", BALLOT_HEADER, 2)
    assert all(len(row) == len(RESULT_HEADER) for row in results.rows)
    first = dict(zip(RESULT_HEADER, results.rows[0], strict=True))
    assert (first["option"], first["count"], first["shown"], first["n"]) == (
        "Increase public investments",
        2,
        "100 %",
        2,
    )


def test_a_hidden_poll_has_a_row_without_figures() -> None:
    results, ballots = csv_rows(
        {"polls": [exported(PEOPLE, SEALED, result_of(PEOPLE, {"1": 9}), ballots=9)], "awards": []}
    )
    (row,) = results.rows
    assert len(row) == len(RESULT_HEADER)
    assert dict(zip(RESULT_HEADER, row, strict=True))["shown"] == "hidden"
    assert 9 not in row and ballots.rows == []


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+cmd",
        "-cmd|'/c calc'!A0",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1+1",
        "\u200b=1",
        "＝1",
        "＋1",
        "－x",
        "＠x",
        "﹣x",
    ],
)
def test_no_text_starts_a_formula(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize(
    "text", ["", "35 %", "-5", "+3.5", "12,50", "Simplify = better", "not selected", "<1 %"]
)
def test_harmless_texts_and_numbers_stay_as_they_are(text: str) -> None:
    assert safe_cell(text) == text


@given(st.text())
def test_a_safe_cell_never_begins_with_a_formulas_sign_and_keeps_the_text(text: str) -> None:
    safe = safe_cell(text)
    assert safe in (text, f"'{text}")
    if safe.lstrip()[:1] in ("=", "@"):
        pytest.fail(f"starts a formula: {safe!r}")
