"""What the moderators have put in front of each room: the part of an event's state that is not a poll's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from polls.award.life import AwardRun
from polls.award.model import Award, AwardId
from polls.lifecycle import PollRun
from polls.model import PLENARY, Event, Poll, PollId, RoomId, Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One room's stage: the poll or award in front of the room (neither: the join page), and whether it is
    blank.

    `beside` shows the poll's groups beside each other in the place of everyone's result, `compare` the
    same ballots by other rules; never both. `tie` shows an award's tie for first place while it waits for
    the chair or the draw. Raises ValueError for a poll and an award at once.
    """

    poll: PollId | None = None
    blank: bool = False
    beside: bool = False
    compare: bool = False
    award: AwardId | None = None
    tie: bool = False

    def __post_init__(self) -> None:
        if self.poll and self.award:
            raise ValueError("a stage shows a poll or an award, not both")


@dataclass(frozen=True, slots=True, kw_only=True)
class EventState:
    """An event as it stands: what is asked, where each poll and award is, what each stage shows."""

    event: Event
    runs: Mapping[PollId, PollRun]
    desks: Mapping[RoomId, Desk]
    awards: Mapping[AwardId, AwardRun] = field(default_factory=dict)

    def run(self, poll_id: PollId) -> PollRun:
        return self.runs.get(poll_id) or PollRun()

    def award(self, award_id: AwardId) -> AwardRun:
        return self.awards.get(award_id) or AwardRun()

    def desk(self, room: RoomId) -> Desk:
        return self.desks.get(room) or Desk()

    def on_stage(self, room: RoomId) -> tuple[Session, Poll] | None:
        poll_id = self.desk(room).poll
        return self.event.find_poll(poll_id) if poll_id else None

    def award_on_stage(self, room: RoomId) -> Award | None:
        award_id = self.desk(room).award
        return self.event.award(award_id) if award_id else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One part of a run of show: a poll, or an award."""

    session: Session
    poll: Poll | None = None
    award: Award | None = None

    @property
    def desk(self) -> Desk:
        """The stage with this part on it."""
        return Desk(poll=self.poll.id if self.poll else None, award=self.award.id if self.award else None)


def session_of(event: Event, award: Award) -> Session | None:
    """The session to which an award belongs: its own, else the last one of the main room, else the last."""
    own = next((session for session in event.sessions if session.id == award.session), None)
    plenary = [session for session in event.sessions if session.room == PLENARY]
    return own or next(reversed(plenary or event.sessions), None)


def awards_of(event: Event, session: Session) -> list[Award]:
    """The awards that are held in a session, in their order."""
    return [award for award in event.awards if session_of(event, award) == session]


def run_of_show(event: Event, room: RoomId) -> list[Item]:
    """What one room is meant to see, in this order: of each session its polls, then its awards."""
    items: list[Item] = []
    for session in event.sessions:
        if session.room == room:
            items += [Item(session=session, poll=poll) for poll in session.polls]
            items += [Item(session=session, award=award) for award in awards_of(event, session)]
    return items


def next_item(event: Event, room: RoomId, desk: Desk) -> Item | None:
    """What comes after what `desk` shows in the room's run of show; the first when nothing is on; None at
    the end."""
    items = run_of_show(event, room)
    if desk.poll is None and desk.award is None:
        return items[0] if items else None
    place = place_of(items, desk)
    return items[place + 1] if place is not None and place + 1 < len(items) else None


def place_of(items: Sequence[Item], desk: Desk) -> int | None:
    """Where what `desk` shows stands in a run of show, from 0 on."""
    shown = (desk.poll, desk.award)
    return next((at for at, item in enumerate(items) if (item.desk.poll, item.desk.award) == shown), None)
