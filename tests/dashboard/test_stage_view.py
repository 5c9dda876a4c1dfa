"""What the big screen shows."""

from dataclasses import replace

import pytest

from dashboard.stage_view import stage_view, turnout_sentence
from polls.lifecycle import PollRun, freeze
from polls.model import PLENARY, EventId, RoomId, SegmentId
from tests.dashboard.samples import (
    BESIDE,
    CLOSED,
    EVENT,
    GREEN,
    JOIN_URL,
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
    state_of,
    view_of,
    with_poll,
)

COUNTS = singles(PERCENT, 1, 18, 8, 8, 19, 1)


def test_options_keep_paper_order_while_open_and_sort_afterwards() -> None:
    result = result_of(PERCENT, COUNTS)
    live = view_of(PERCENT, OPEN, result)
    assert [line.option for line in live.lines] == list(PERCENT.option_ids)
    assert not live.sorted
    for run in (CLOSED, PUBLISHED):
        view = view_of(PERCENT, run, result)
        assert [line.option for line in view.lines] == ["5", "2", "3", "4", "1", "6"]
        assert view.sorted


def test_a_race_is_sorted_while_open() -> None:
    view = view_of(RACE, OPEN, result_of(RACE, {"3": 4, "2": 1}))
    assert view.form == "race" and view.sorted
    assert [line.option for line in view.lines][:2] == ["3", "2"]


def test_a_rating_is_never_sorted_and_explains_its_ends() -> None:
    view = view_of(RATING, PUBLISHED, result_of(RATING, {"9": 3, "0": 1}))
    assert view.form == "dots" and not view.sorted
    assert [line.label for line in view.lines] == [str(n) for n in range(11)]
    assert view.scale_ends == "0 = not at all, 10 = certainly"


@pytest.mark.parametrize("run", [SEALED, replace(CLOSED, visible=False)])
def test_a_hidden_result_leaves_only_turnout(run: PollRun) -> None:
    view = view_of(PEOPLE, run, result_of(PEOPLE, singles(PEOPLE, 10, 20, 3)))
    assert view.form == "turnout"
    assert (view.lines, view.groups, view.n) == ((), (), 0)
    assert (view.sentence, view.base, view.mean, view.abstained) == ("", "", "", "")
    assert view.turnout == "33 of 641 phones"
    assert view.question == PEOPLE.question.pick()


def test_a_frozen_poll_says_so_and_shows_no_result() -> None:
    view = view_of(PERCENT, freeze(OPEN, "recount"), result_of(PERCENT, COUNTS))
    assert view.frozen == "The count is being checked. Voting is paused."
    assert view.lines == ()


def test_a_result_of_another_poll_or_round_is_not_shown() -> None:
    assert view_of(PERCENT, OPEN, result_of(PERCENT, COUNTS, round=2)).lines == ()
    assert view_of(PERCENT, OPEN, result_of(RACE, {"1": 3})).lines == ()


def test_an_empty_desk_shows_the_join_page() -> None:
    view = stage_view(
        state_of(None, OPEN), PLENARY, lang="en", result=None, counted=0, phones=3, join_url=JOIN_URL
    )
    assert (view.phase, view.poll, view.question) == ("idle", "", "")
    assert (view.join_code, view.join_text, view.join_url) == ("K7P 4QX", "ecc.example", JOIN_URL)


def test_a_blank_stage_carries_no_poll_but_keeps_the_way_in() -> None:
    view = stage_view(
        state_of(PERCENT, OPEN, blank=True),
        PLENARY,
        lang="en",
        result=result_of(PERCENT, COUNTS),
        counted=55,
        phones=60,
        join_url=JOIN_URL,
    )
    assert view.blank
    assert (view.poll, view.question, view.lines, view.counted) == ("", "", (), 0)
    assert view.join_code == "K7P 4QX"


def test_a_draft_on_stage_waits_without_turnout() -> None:
    view = view_of(PERCENT, PollRun(), None)
    assert (view.phase, view.phase_text, view.turnout) == ("waiting", "Voting opens soon", "")


def test_a_room_shows_its_own_desk() -> None:
    green = RoomId("green")
    state = state_of(GREEN, OPEN, room=green)
    view = stage_view(state, green, lang="en", result=None, counted=0, phones=0, join_url=JOIN_URL)
    assert (view.room, view.session, view.poll) == ("Green", "World Café", GREEN.id)
    plenary = stage_view(state, PLENARY, lang="en", result=None, counted=0, phones=0, join_url=JOIN_URL)
    assert plenary.poll == ""


def test_a_rehearsal_is_marked() -> None:
    event = replace(EVENT, rehearsal_of=EventId("ecc2020"))
    assert view_of(PERCENT, OPEN, None, event=event).rehearsal == "REHEARSAL"
    assert view_of(PERCENT, OPEN, None).rehearsal == ""


def test_the_countdown_shows_only_while_open() -> None:
    assert view_of(PERCENT, replace(OPEN, closes_ms=90_000), None).closes_ms == 90_000
    assert view_of(PERCENT, replace(CLOSED, closes_ms=90_000), None).closes_ms is None


PANEL_GROUPS = {"panel": (1, 5, 0, 0, 0, 0), "audience": (30, 10, 0, 0, 0, 0)}


def test_groups_are_drawn_only_when_the_desk_says_so_and_the_base_names_everyone() -> None:
    result = beside_result(PANEL, PANEL_GROUPS)
    event = with_poll(PANEL)
    together = view_of(PANEL, CLOSED, result, event=event)
    assert not together.beside
    assert together.base == "share of valid ballots, N = 46"
    beside = view_of(PANEL, CLOSED, result, event=event, beside=True)
    assert beside.beside
    assert [group.title for group in beside.groups] == ["Panellists, N = 6", "Everyone else, N = 40"]
    assert beside.base == "share of each group's valid ballots; everyone: N = 46"
    assert beside.sentence == "Everyone: Increase public investments leads with 67\u00a0%, 46 answers"
    assert beside.lines == together.lines


def test_a_hidden_result_shows_no_groups_either() -> None:
    result = beside_result(PANEL, PANEL_GROUPS)
    view = view_of(PANEL, replace(OPEN, visible=False), result, event=with_poll(PANEL), beside=True)
    assert not view.beside and view.groups == ()


def test_more_groups_than_have_room_are_never_drawn() -> None:
    many = replace(EVENT, segments=tuple(replace(EVENT.segments[0], id=SegmentId(s)) for s in "abcde"))
    assert not view_of(BESIDE, OPEN, beside_result(BESIDE, PANEL_GROUPS), event=many, beside=True).beside


def test_turnout_never_says_more_than_all() -> None:
    assert turnout_sentence("en", 213, 641) == "213 of 641 phones"
    assert turnout_sentence("en", 1, 1) == "1 of 1 phone"
    assert turnout_sentence("en", 213, 150) == "213 answers"
