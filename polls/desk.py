"""What the moderators have put in front of each room: the part of an event's state that is not a poll's."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from polls.award.life import AwardRun
from polls.award.model import AwardId
from polls.lifecycle import PollRun
from polls.model import Event, Poll, PollId, RoomId, Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One room's stage: the poll in front of the room (None: the join page) and whether it is blank.

    `beside` shows the poll's groups beside each other in the place of everyone's result, `compare` the
    same ballots by other rules; never both.
    """

    poll: PollId | None = None
    blank: bool = False
    beside: bool = False
    compare: bool = False


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


def run_of_show(event: Event, room: RoomId) -> list[tuple[Session, Poll]]:
    """The polls of one room in the order in which they are meant to be asked."""
    return [(session, poll) for session, poll in event.polls() if session.room == room]


def next_poll(event: Event, room: RoomId, current: PollId | None) -> PollId | None:
    """The poll after `current` in the room's run of show; the first when nothing is on; None at the end."""
    ids = [poll.id for _, poll in run_of_show(event, room)]
    if current is None:
        return ids[0] if ids else None
    if current not in ids:
        return None
    place = ids.index(current) + 1
    return ids[place] if place < len(ids) else None
