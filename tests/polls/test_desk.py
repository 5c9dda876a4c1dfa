"""The run of show: polls and awards of a room in their order."""

from dataclasses import replace

import pytest

from polls.award.model import AwardId
from polls.desk import Desk, EventState, next_item, place_of, run_of_show, session_of
from polls.model import PLENARY, Event, PollId, SessionId
from tests.dashboard.award_samples import PRIZE
from tests.dashboard.samples import EVENT

FIRST = EVENT.sessions[0]


def with_award(**changes: object) -> Event:
    return replace(EVENT, awards=(replace(PRIZE, **changes),))  # type: ignore[arg-type]


def test_an_award_comes_after_the_polls_of_its_session() -> None:
    event = with_award(session=FIRST.id)
    items = [item for item in run_of_show(event, FIRST.room) if item.session == FIRST]

    assert [item.award is not None for item in items] == [False] * len(FIRST.polls) + [True]


def test_an_award_without_a_session_ends_the_plenary() -> None:
    event = with_award(session=None)

    assert session_of(event, event.awards[0]) == [s for s in event.sessions if s.room == PLENARY][-1]
    assert run_of_show(event, PLENARY)[-1].award == event.awards[0]


def test_an_award_of_a_session_that_is_gone_is_still_shown() -> None:
    event = with_award(session=SessionId("gone"))

    assert run_of_show(event, PLENARY)[-1].award == event.awards[0]


def test_going_on_meets_everything_once_and_ends() -> None:
    event, desk, met = with_award(session=None), Desk(), []
    while (item := next_item(event, PLENARY, desk)) is not None:
        met.append(item)
        desk = item.desk

    assert met == run_of_show(event, PLENARY)
    assert place_of(met, desk) == len(met) - 1


def test_a_stage_never_shows_a_poll_and_an_award() -> None:
    with pytest.raises(ValueError, match="not both"):
        Desk(poll=PollId("1"), award=AwardId("prize"))


def test_an_award_that_the_event_no_longer_has_is_not_on_stage() -> None:
    state = EventState(event=EVENT, runs={}, desks={PLENARY: Desk(award=AwardId("gone"))})

    assert state.award_on_stage(PLENARY) is None
