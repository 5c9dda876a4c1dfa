"""The console's next right thing with an award on stage."""

from dataclasses import replace

import pytest

from dashboard.award_buttons import MOVES, award_waits
from dashboard.award_facts import NO_FACTS, AwardFacts
from dashboard.button import Button
from dashboard.console_buttons import main_button, quiet_buttons
from polls.award.life import AwardRun, RoundRun
from polls.award.model import Award
from polls.model import PLENARY
from tests.dashboard.award_samples import ALL_SEALED, AUDIENCE, CLOSED, OPEN, PRIZE, SEALED, run_at, state_at
from tests.dashboard.test_award_stage import BOTH, TIED, at_step

LAST = len(BOTH.steps)


def main(award: Award, run: AwardRun, facts: AwardFacts = NO_FACTS, **desk: bool) -> Button | None:
    return main_button(state_at(award, run, **desk), PLENARY, "en", {award.id: facts})


@pytest.mark.parametrize(
    ("run", "facts", "action", "asks"),
    [
        (run_at(RoundRun()), NO_FACTS, "award_open", True),
        (run_at(OPEN), NO_FACTS, "award_close", True),
        (run_at(SEALED), NO_FACTS, "award_open", True),
        (run_at(SEALED, OPEN), NO_FACTS, "award_close", True),
        (ALL_SEALED, BOTH, "award_step", False),
        (at_step(PRIZE, BOTH, LAST - 2), BOTH, "award_step", False),
        (at_step(PRIZE, BOTH, LAST - 1), BOTH, "award_step", True),
        (at_step(PRIZE, BOTH, LAST), BOTH, "award_publish", True),
    ],
)
def test_the_next_right_thing_asks_before_what_cannot_be_undone(
    run: AwardRun, facts: AwardFacts, action: str, asks: bool
) -> None:
    button = main(PRIZE, run, facts)

    assert button is not None
    assert button.action in MOVES
    assert (button.action, bool(button.confirm), button.type_word) == (action, asks, "")


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (AwardRun(), "The rules are not frozen yet."),
        (run_at(CLOSED), "Waiting for the scrutineers: 1 of 2 have approved."),
        (ALL_SEALED, "The result cannot be counted."),
    ],
)
def test_what_others_have_to_do_first_is_said(run: AwardRun, words: str) -> None:
    assert main(PRIZE, run) is None
    assert award_waits(state_at(PRIZE, run), PLENARY, PRIZE, {}, "en").startswith(words)


def test_a_tie_is_put_on_stage_and_then_waits_for_people() -> None:
    button = main(AUDIENCE, ALL_SEALED, TIED)

    assert button is not None and button.action == "award_tie"
    assert main(AUDIENCE, ALL_SEALED, TIED, tie=True) is None
    quiet = quiet_buttons(
        state_at(AUDIENCE, ALL_SEALED, tie=True), PLENARY, None, 0, "en", 0, {AUDIENCE.id: TIED}
    )
    assert "award_no_tie" in [one.action for one in quiet]


def test_one_step_back_is_offered_between_the_first_and_the_last_step() -> None:
    offered = []
    for number in range(LAST + 1):
        state = state_at(PRIZE, at_step(PRIZE, BOTH, number))
        quiet = quiet_buttons(state, PLENARY, None, 0, "en", 0, {PRIZE.id: BOTH})
        offered.append("award_back" in [one.action for one in quiet])

    assert offered == [False, *[True] * (LAST - 1), False]


def test_after_the_record_the_show_goes_on() -> None:
    button = main(PRIZE, replace(at_step(PRIZE, BOTH, LAST), published=True), BOTH)

    assert button is not None
    assert (button.action, button.award) == ("next", PRIZE.id)
