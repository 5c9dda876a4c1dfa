"""What a moderator steers by."""

from dataclasses import replace

import pytest

from dashboard.console_buttons import main_button, quiet_buttons
from dashboard.console_view import ConsoleView, Counts, Push, console_view, counts_of, local_clock
from dashboard.stage_view import stage_view
from polls.desk import EventState
from polls.lifecycle import Action, PollRun, PollState, freeze
from polls.model import PLENARY, RoomId
from polls.ports import AuditEntry
from tests.dashboard.samples import (
    CLOSED,
    EVENT,
    GREEN,
    JOIN_URL,
    OPEN,
    PANEL,
    PEOPLE,
    PERCENT,
    PUBLISHED,
    RATING,
    SEALED,
    state_of,
    with_poll,
)

NOW = 1_604_999_523_000  # 10:12:03 in Brussels


def counts(**values: int | None) -> Counts:
    numbers = {"received": 0, "counted": 213, "shown": None, "phones": 641, "stages": 1} | values
    return Counts(turnout="", stall="", **numbers)  # type: ignore[arg-type]


def console(state: EventState, *, audit: tuple[AuditEntry, ...] = (), room: RoomId = PLENARY) -> ConsoleView:
    stage = stage_view(state, room, lang="en", result=None, counted=0, phones=0, join_url=JOIN_URL)
    return console_view(
        state, room, lang="en", stage=stage, counts=counts(), durability="always", audit=audit, now_ms=NOW
    )


def entry(seq: int, action: str, subject: str, **body: str | int) -> AuditEntry:
    return AuditEntry(
        seq=seq, at_ms=NOW, actor="moderator", action=action, subject=subject, body=body, prev="", hash=""
    )


@pytest.mark.parametrize(
    ("run", "action", "words"),
    [
        (PollRun(), "open", "Open voting"),
        (SEALED, "close", "Close voting"),
        (replace(CLOSED, visible=False), "reveal", "Reveal the result"),
        (CLOSED, "reveal", "Publish the result"),
        (PUBLISHED, "next", f"Next: {RATING.question.pick()}"),
        (freeze(OPEN, "recount"), "close", "Close voting"),
        (freeze(CLOSED, "recount"), "next", f"Next: {RATING.question.pick()}"),
    ],
)
def test_the_big_button_is_the_next_right_thing(run: PollRun, action: str, words: str) -> None:
    button = main_button(state_of(PEOPLE, run), PLENARY, "en")
    assert button is not None
    assert (button.action, button.words, button.poll, button.confirm) == (action, words, PEOPLE.id, "")


def test_the_show_begins_with_the_first_poll_not_yet_asked_and_ends_without_looping() -> None:
    start = main_button(state_of(None, OPEN), PLENARY, "en")
    assert start is not None and (start.action, start.poll) == ("show", PERCENT.id)
    green = RoomId("green")
    last = main_button(state_of(GREEN, PUBLISHED, room=green), green, "en")
    assert last is not None and (last.action, last.words) == ("next", "Show the join page")
    done = EventState(event=EVENT, runs={GREEN.id: PUBLISHED}, desks={})
    assert main_button(done, green, "en") is None


def test_quiet_actions_are_those_the_table_allows() -> None:
    def actions(run: PollRun) -> list[str]:
        state = state_of(PEOPLE, run)
        main = main_button(state, PLENARY, "en")
        return [b.action for b in quiet_buttons(state, PLENARY, main, 213, "en", NOW)]

    assert actions(PollRun()) == ["next", "blank"]
    # A hidden poll cannot be revealed while it is open.
    assert actions(SEALED) == ["extend", "reset", "next", "blank"]
    assert actions(replace(CLOSED, visible=False)) == ["reopen", "reset", "next", "blank"]
    assert actions(PUBLISHED) == ["hide", "reopen", "reset", "blank"]


def test_groups_can_be_shown_only_where_there_are_some_and_the_result_is_visible() -> None:
    def offered(run: PollRun, *, beside: bool = False, blank: bool = False) -> list[str]:
        state = state_of(PANEL, run, beside=beside, blank=blank, event=with_poll(PANEL))
        buttons = quiet_buttons(state, PLENARY, None, 0, "en", NOW)
        return [b.words for b in buttons if b.action in ("beside", "together")]

    assert offered(OPEN) == offered(PUBLISHED) == ["Show the groups beside each other"]
    assert offered(PUBLISHED, beside=True) == ["Show everyone's result"]
    assert offered(PollRun()) == offered(replace(CLOSED, visible=False)) == []
    assert offered(OPEN, blank=True) == []
    plain = quiet_buttons(state_of(PERCENT, OPEN), PLENARY, None, 0, "en", NOW)
    assert "beside" not in [b.action for b in plain]


def test_the_log_says_that_groups_were_shown() -> None:
    audit = (entry(1, "beside", "room:", poll=PANEL.id), entry(2, "together", "room:", poll=PANEL.id))
    view = console(state_of(PANEL, OPEN, event=with_poll(PANEL)), audit=audit)
    assert [line.what for line in view.actions] == [
        f"Showed everyone's result: {PANEL.question.pick()}",
        f"Showed the groups beside each other: {PANEL.question.pick()}",
    ]


def test_the_log_says_in_words_that_a_round_was_sealed_and_by_whom() -> None:
    audit = (replace(entry(1, "seal", f"poll:{PERCENT.id}"), actor="server"),)
    (line,) = console(state_of(PERCENT, CLOSED), audit=audit).actions
    assert (line.what, line.who) == (f"Sealed: {PERCENT.question.pick()}", "Server")


def test_dangerous_actions_say_what_is_lost_and_ask_for_a_word() -> None:
    state = state_of(PEOPLE, PUBLISHED)
    buttons = {b.action: b for b in quiet_buttons(state, PLENARY, None, 213, "en", NOW)}
    reset, reopen = buttons[Action.RESET], buttons[Action.REOPEN]
    assert reset.confirm == "Reset deletes 213 ballots of this round. Type RESET to go on."
    assert (reset.type_word, reopen.type_word) == ("RESET", "REOPEN")
    assert reopen.words == "Open again as round 2"
    assert buttons[Action.HIDE].confirm == ""


def test_extending_names_the_countdown_it_starts_or_lengthens() -> None:
    def words(run: PollRun) -> str:
        state = state_of(PERCENT, run)
        buttons = quiet_buttons(state, PLENARY, main_button(state, PLENARY, "en"), 0, "en", NOW)
        return next(b.words for b in buttons if b.action == Action.EXTEND)

    assert words(OPEN) == "Close in 30 seconds"
    assert words(replace(OPEN, closes_ms=NOW + 1000)) == "Add 30 seconds"


def test_the_agenda_shows_where_we_are_and_what_is_next() -> None:
    view = console(state_of(PERCENT, OPEN))
    roundtable, cafe = view.agenda
    assert (roundtable.day, roundtable.time, roundtable.is_here) == ("2020-11-10", "09:30–11:15", True)
    assert (cafe.room, cafe.is_here) == ("Green", False)
    assert [poll.is_current for poll in roundtable.polls] == [True, False, False, False, False, False]
    assert [poll.is_next for poll in roundtable.polls] == [False, True, False, False, False, False]
    assert roundtable.polls[0].state is PollState.OPEN
    assert roundtable.polls[3].is_hidden
    assert view.durability == "Every counted vote is on disk."


def test_last_actions_say_who_what_and_when_in_the_events_time_zone() -> None:
    audit = (
        entry(1, "show", "room:", poll=PERCENT.id),
        entry(2, "reveal", f"poll:{PERCENT.id}"),
        entry(3, "export", "results"),
        entry(4, "next", "room:", poll=""),
    )
    lines = console(state_of(PERCENT, PUBLISHED), audit=audit).actions
    assert [line.seq for line in lines] == [4, 3, 2, 1]
    assert [line.what for line in lines][0] == "Put the join page on stage"
    assert lines[2].what == f"Revealed: {PERCENT.question.pick()}"
    assert (lines[2].who, lines[2].when) == ("Moderator", "10:12:03")


def test_only_a_polls_newest_action_offers_its_undo() -> None:
    audit = (
        entry(1, "reveal", f"poll:{PERCENT.id}"),
        entry(2, "hide", f"poll:{PERCENT.id}"),
        entry(3, "reveal", f"poll:{PERCENT.id}"),
    )
    lines = console(state_of(PERCENT, PUBLISHED), audit=audit).actions
    assert [line.undo.action if line.undo else None for line in lines] == ["hide", None, None]


def test_local_time_follows_the_events_time_zone() -> None:
    assert local_clock(NOW, "Europe/Brussels") == "10:12:03"
    assert local_clock(NOW, "UTC") == "09:12:03"


PUSHES = (Push(offset=10, at_ms=0, counted=200), Push(offset=11, at_ms=5_000, counted=213))


@pytest.mark.parametrize(
    ("painted", "now_ms", "shown", "is_stalled"),
    [
        (11, 60_000, 213, False),
        (10, 6_900, 200, False),
        (10, 7_001, 200, True),
        (9, 3_000, None, True),
    ],
)
def test_a_stage_is_behind_after_two_seconds(
    painted: int, now_ms: int, shown: int | None, is_stalled: bool
) -> None:
    numbers = counts_of(
        PUSHES,
        painted,
        received=213,
        counted=213,
        phones=641,
        stages=1,
        turnout="",
        lang="en",
        now_ms=now_ms,
    )
    assert numbers.shown == shown
    assert bool(numbers.stall) is is_stalled


def test_a_console_without_a_stage_says_so() -> None:
    numbers = counts_of(
        PUSHES, None, received=0, counted=0, phones=0, stages=0, turnout="", lang="en", now_ms=0
    )
    assert numbers.stall == "No stage is connected."
