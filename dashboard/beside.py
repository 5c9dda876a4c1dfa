"""When a stage can show something else than everyone's result by the poll's rule: groups, other rules."""

from dashboard.audience import Audience, may_see_result
from polls.desk import EventState
from polls.model import Event, Poll, PollKind, RoomId

MOST_COLUMNS = 4
"""So many groups have room beside each other; of more, phones, console and downloads have the figures."""

MOST_PANELS = 3
"""So many distributions of a rating stand one above another with texts of 28 px."""


def has_room(event: Event, poll: Poll) -> bool:
    """Whether the poll has groups, and few enough of them for one chart."""
    groups = len(poll.groups([segment.id for segment in event.segments]))
    return 2 <= groups <= (MOST_PANELS if poll.kind is PollKind.RATING else MOST_COLUMNS)


def may_stand_beside(state: EventState, room: RoomId) -> bool:
    """Whether the stage of a room shows a result now whose groups could be shown instead."""
    found = state.on_stage(room)
    if found is None or state.desk(room).blank:
        return False
    poll = found[1]
    return has_room(state.event, poll) and may_see_result(poll, state.run(poll.id), Audience.STAGE)


def may_compare(state: EventState, room: RoomId) -> bool:
    """Whether the stage of a room shows a result now whose ballots could be shown by other rules."""
    found = state.on_stage(room)
    if found is None or state.desk(room).blank or found[1].kind is not PollKind.PREFERENCE:
        return False
    return may_see_result(found[1], state.run(found[1].id), Audience.STAGE)
