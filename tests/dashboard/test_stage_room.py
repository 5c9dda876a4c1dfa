"""How the stage's room is shared out between question and chart."""

from dataclasses import replace

import pytest

from dashboard.figures import stage_figure
from dashboard.stage_room import HEIGHT, LEAST_CHART, QUESTION_SIZES, chart_height, question_size
from dashboard.stage_view import chart_room, stage_view
from polls.desk import EventState
from polls.lifecycle import PollRun
from polls.model import PLENARY, PollId, RoomId
from tests.dashboard.samples import (
    CLOSED,
    EVENT,
    JOIN_URL,
    OPEN,
    PERCENT,
    PUBLISHED,
    T,
    result_of,
    singles,
    state_of,
    view_of,
    with_poll,
)
from tests.polls.small_event import options


def test_short_question_is_large_and_a_long_one_shrinks_by_steps_to_forty() -> None:
    sizes = [question_size("word " * words) for words in range(1, 70)]
    assert sizes[0] == 64
    assert sizes == sorted(sizes, reverse=True)
    assert set(sizes) == set(QUESTION_SIZES)
    assert min(sizes) == 40


@pytest.mark.parametrize("length", [1, 40, 120, 200, 300])
def test_longer_question_never_leaves_more_room_to_the_chart(length: int) -> None:
    question = ("Which of these would help " * 20)[:length]
    room = chart_height(question=question, small=())
    assert LEAST_CHART <= room < HEIGHT
    assert chart_height(question=question, small=("For: Cluster managers",)) < room


def test_chart_keeps_its_room_when_voting_closes_so_that_lines_sort_where_they_stand() -> None:
    result = result_of(PERCENT, singles(PERCENT, 5, 9, 1))
    rooms = {chart_room(view_of(PERCENT, run, result)) for run in (OPEN, CLOSED, PUBLISHED)}
    assert len(rooms) == 1


def test_fifty_options_show_those_chosen_most_in_paper_order_and_say_how_many_are_left_out() -> None:
    many = replace(PERCENT, options=options(*(f"Ecosystem {i}" for i in range(1, 51))))
    counts = [i * 37 % 50 for i in range(1, 51)]
    view = view_of(many, OPEN, result_of(many, singles(many, *counts)), event=with_poll(many))
    width, height = chart_room(view)
    figure = stage_figure(view, "dark", width=width, height=height)
    assert figure is not None
    bars = [trace for trace in figure["data"] if trace["type"] == "bar"]
    shown = [int(option) for trace in bars for option in trace["ids"]]
    assert shown == sorted(shown)
    left_out = [counts[i - 1] for i in range(1, 51) if i not in shown]
    assert left_out and min(counts[i - 1] for i in shown) >= max(left_out)
    texts = [text for trace in figure["data"] for text in trace.get("text", [])]
    assert f"and {50 - len(shown)} more options" in texts


def test_join_page_says_which_session_comes_next_and_nothing_at_the_end() -> None:
    def upcoming(runs: dict[PollId, PollRun], room: RoomId) -> str:
        state = EventState(event=EVENT, runs=runs, desks={})
        view = stage_view(state, room, lang="en", result=None, counted=0, phones=0, join_url=JOIN_URL)
        return view.upcoming

    assert upcoming({}, PLENARY) == "Next: High-Level Policy Roundtable"
    assert upcoming({}, RoomId("green")) == "Next: World Café"
    done = {poll.id: PUBLISHED for _, poll in EVENT.polls()}
    assert upcoming(done, PLENARY) == ""


def test_poll_on_stage_leaves_no_word_of_what_comes_next() -> None:
    state = state_of(replace(PERCENT, question=T("What now?")), OPEN)
    view = stage_view(state, PLENARY, lang="en", result=None, counted=0, phones=0, join_url=JOIN_URL)
    assert view.upcoming == ""
