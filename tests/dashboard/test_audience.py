"""Who may see what."""

from dataclasses import replace
from itertools import product

import pytest

from dashboard.audience import Audience, may_see_result, phone_sees
from polls.lifecycle import PollRun, PollState, freeze
from polls.model import PLENARY, RoomId, SegmentId
from tests.dashboard.samples import CLOSED, EVENT, GREEN, OPEN, PEOPLE, PERCENT, PUBLISHED, RACE, SEALED

EVERYONE = list(Audience)


@pytest.mark.parametrize("audience", EVERYONE)
def test_live_result_is_seen_while_open_and_afterwards(audience: Audience) -> None:
    assert may_see_result(PERCENT, OPEN, audience)
    assert may_see_result(PERCENT, CLOSED, audience)
    assert may_see_result(PERCENT, PUBLISHED, audience)


@pytest.mark.parametrize("audience", EVERYONE)
def test_hidden_result_is_seen_by_nobody_before_its_reveal(audience: Audience) -> None:
    assert not may_see_result(PEOPLE, SEALED, audience)
    assert not may_see_result(PEOPLE, replace(CLOSED, visible=False), audience)
    assert may_see_result(PEOPLE, PUBLISHED, audience)


@pytest.mark.parametrize("audience", EVERYONE)
def test_open_hidden_poll_stays_hidden_even_if_marked_visible(audience: Audience) -> None:
    assert not may_see_result(PEOPLE, OPEN, audience)


@pytest.mark.parametrize(
    ("run", "audience"), list(product((OPEN, CLOSED, PUBLISHED), EVERYONE)), ids=lambda value: str(value)[:20]
)
def test_frozen_result_is_seen_by_nobody(run: PollRun, audience: Audience) -> None:
    assert not may_see_result(PERCENT, freeze(run, "recount"), audience)
    assert not may_see_result(PERCENT, replace(run, frozen="recount"), audience)


def test_draft_has_no_result_to_see() -> None:
    assert not may_see_result(PERCENT, PollRun(visible=True), Audience.STAGE)


def test_phone_gets_open_papers_of_its_room_and_of_the_plenary() -> None:
    plenary, cafe = EVENT.sessions
    green = RoomId("green")
    assert phone_sees(PERCENT, OPEN, None, green, plenary)
    assert phone_sees(GREEN, OPEN, None, green, cafe)
    assert not phone_sees(GREEN, OPEN, None, PLENARY, cafe)
    assert not phone_sees(GREEN, OPEN, None, RoomId("skills"), cafe)


@pytest.mark.parametrize("state", [PollState.DRAFT, PollState.CLOSED, PollState.PUBLISHED])
def test_phone_gets_no_paper_that_is_not_open(state: PollState) -> None:
    assert not phone_sees(PERCENT, replace(OPEN, state=state), None, PLENARY, EVENT.sessions[0])


def test_phone_gets_no_paper_of_another_segment() -> None:
    session = EVENT.sessions[0]
    assert phone_sees(RACE, OPEN, SegmentId("manager"), PLENARY, session)
    assert not phone_sees(RACE, OPEN, SegmentId("audience"), PLENARY, session)
    assert not phone_sees(RACE, OPEN, None, PLENARY, session)
