"""The finalists' pitches on stage, phones and console, in words."""

from dataclasses import replace

import pytest

from dashboard.award_buttons import MOVES
from dashboard.award_phone import phone_award
from dashboard.award_stage import on_stage
from dashboard.console_buttons import main_button, quiet_buttons
from dashboard.stage_view import stage_view
from polls.award.life import AwardRun, PitchRun, RoundRun
from polls.award.model import Award, Candidate, Pitches
from polls.model import PLENARY, Text
from tests.dashboard.award_samples import IDS, OPEN, PRIZE, SEALED, run_at, state_at
from tests.dashboard.test_award_stage import shown
from tests.polls.award_sample import NAMES

A, B, C, D = IDS
DETAIL = Text((("en", "Feathers that write"), ("de", "Federn, die schreiben")))


def detailed(one: Candidate) -> Candidate:
    return replace(one, detail=DETAIL) if one.id == B else one


SHOW: Award = replace(PRIZE, pitches=Pitches(seconds=90), candidates=tuple(map(detailed, PRIZE.candidates)))
FINALISTS = replace(SEALED, admitted=(A, B, D))


def pitches_at(**changes: object) -> AwardRun:
    return run_at(FINALISTS, pitches=PitchRun(**changes))  # type: ignore[arg-type]


BEFORE, SECOND = pitches_at(), pitches_at(now=B, clocks={A: 5_000, B: 9_000})
LAST, OVER = pitches_at(now=D, clocks={D: 9_000}), pitches_at(now=D, is_over=True)
GONE = replace(SECOND, withdrawn=(B,))


def test_the_stage_shows_who_pitches_now_and_until_when() -> None:
    view = shown(SHOW, SECOND)
    assert view.pitch is not None
    assert (view.phase, view.phase_text, view.closes_ms) == ("pitch", "On stage now", 9_000)
    assert (view.pitch.place, view.pitch.name, view.pitch.entrant, view.pitch.detail) == (
        *("Pitch 2 of 3", NAMES[1], f"House of {NAMES[1]}", "Feathers that write"),
    )
    german = shown(SHOW, SECOND, lang="de").pitch
    assert german is not None
    assert (german.place, german.detail, german.over) == (
        *("Vorstellung 2 von 3", "Federn, die schreiben", "Die Zeit ist um"),
    )
    assert shown(SHOW, pitches_at(now=B)).closes_ms is None, "no clock without seconds"


@pytest.mark.parametrize(
    ("award", "run", "said"),
    [
        (SHOW, run_at(RoundRun()), "The jury judges soon"),
        (SHOW, BEFORE, "The pitches come next"),
        (SHOW, GONE, "The pitches come next"),
        (SHOW, OVER, "The vote opens soon"),
        (PRIZE, BEFORE, "The vote opens soon"),
    ],
)
def test_between_pitches_the_stage_lists_who_stands_and_says_what_comes(
    award: Award, run: AwardRun, said: str
) -> None:
    view = shown(award, run)
    assert (view.phase, view.phase_text, view.pitch, view.closes_ms) == ("waiting", said, None, None)
    assert view.people


def test_an_open_vote_shows_no_pitch_any_more() -> None:
    view = shown(SHOW, run_at(FINALISTS, OPEN, pitches=SECOND.pitches))
    assert (view.phase, view.pitch) == ("vote-open", None)
    assert view.state == "vote-open.final.0", "nor does its state know of one"


def test_the_stage_says_that_time_is_over_only_where_that_closes_nothing() -> None:
    def words(run: AwardRun) -> str:
        state = state_at(SHOW, run)
        view = stage_view(
            state, PLENARY, lang="en", result=None, counted=0, phones=0, join_url="https://e.ex"
        )
        return str(on_stage(view, shown(SHOW, run), html="", rail="").words["clock_over"])

    assert words(SECOND) == "Time is over"
    assert words(run_at(FINALISTS, replace(OPEN, closes_ms=9_000))) == ""


@pytest.mark.parametrize(
    ("run", "lang", "said"),
    [
        (BEFORE, "en", "The pitches come next."),
        (SECOND, "en", f"On stage now: {NAMES[1]}. This is pitch 2 of 3."),
        (SECOND, "de", f"Jetzt auf der Bühne: {NAMES[1]}. Das ist Vorstellung 2 von 3."),
        (OVER, "en", "The vote opens soon."),
    ],
)
def test_phones_say_in_a_sentence_who_pitches(run: AwardRun, lang: str, said: str) -> None:
    award = phone_award(state_at(SHOW, run), PLENARY, {}, lang)
    assert award is not None
    assert (award.text, award.is_open) == (said, False)


@pytest.mark.parametrize(
    ("run", "main", "quiet"),
    [
        (BEFORE, ("award_pitch", f"Begin the pitches: {NAMES[0]}"), ["award_pitch_end"]),
        (
            SECOND,
            ("award_pitch", f"Next pitch: {NAMES[3]}"),
            ["award_pitch_back", "award_pitch_clock", "award_pitch_end"],
        ),
        (GONE, ("award_pitch", f"Next pitch: {NAMES[3]}"), ["award_pitch_back", "award_pitch_end"]),
        (LAST, ("award_pitch_end", "End the pitches"), ["award_pitch_back", "award_pitch_clock"]),
        (OVER, ("award_open", "Open the vote"), ["award_pitch_back"]),
    ],
)
def test_console_and_clicker_have_one_next_right_thing_at_each_step(
    run: AwardRun, main: tuple[str, str], quiet: list[str]
) -> None:
    state = state_at(SHOW, run)
    button = main_button(state, PLENARY, "en")
    assert button is not None
    assert (button.action, button.words) == main
    assert bool(button.confirm) == (button.action == "award_open"), "each step can be taken back"
    offered = [one for one in quiet_buttons(state, PLENARY, button, 0, "en", 0) if one.award]
    assert [one.action for one in offered] == quiet
    assert {one.action for one in [button, *offered]} <= set(MOVES)


def test_each_step_names_a_state_of_its_own() -> None:
    states = [shown(SHOW, run).state for run in (BEFORE, SECOND, GONE, LAST, OVER)]
    assert states == [
        "waiting.final.0",
        f"pitch.final.0.{B}",
        f"waiting.final.0.{B}",
        f"pitch.final.0.{D}",
        f"waiting.final.0.{D}.over",
    ]


def test_without_seconds_no_clock_is_offered() -> None:
    state = state_at(replace(SHOW, pitches=Pitches()), pitches_at(now=B))
    offered = quiet_buttons(state, PLENARY, None, 0, "en", 0)
    assert "award_pitch_clock" not in [one.action for one in offered]
