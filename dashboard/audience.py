"""Who may see what: the one place where it is decided."""

from enum import StrEnum

from polls.lifecycle import PollRun, PollState
from polls.model import PLENARY, Poll, ResultsMode, RoomId, SegmentId, Session


class Audience(StrEnum):
    PHONE = "phone"
    STAGE = "stage"
    CONSOLE = "console"
    ORGANISER = "organiser"
    """Whoever takes results home; asks for hidden ones explicitly, and that is logged."""


def may_see_result(poll: Poll, run: PollRun, audience: Audience) -> bool:
    """Whether anything of the present round's result may be in the bytes sent to `audience`.

    Nobody sees a hidden poll's result before its reveal, and nobody the result of a poll whose count
    is being checked; so the answer is the same for every audience, and asking for one stays part of
    the question because it is a decision, not an accident. Turnout is not a result.
    """
    if run.frozen or not run.visible:
        return False
    match run.state:
        case PollState.DRAFT:
            return False
        case PollState.OPEN:
            return poll.results is ResultsMode.LIVE
        case PollState.CLOSED | PollState.PUBLISHED:
            return True


def phone_sees(poll: Poll, run: PollRun, segment: SegmentId | None, room: RoomId, session: Session) -> bool:
    """Whether a phone of this segment and room gets the paper of `poll` (which belongs to `session`).

    Open polls of its own room or the plenary, addressed to its segment; other papers are not in its
    bytes (law L7).
    """
    return run.state is PollState.OPEN and session.room in (room, PLENARY) and poll.is_for(segment)
