"""What people with a role do to an event: decide by the transition table, commit with an audit entry.

Everything is decided against the newest state and committed only if nobody changed the event in
between; a lost race is decided again, and an action that no longer fits raises IllegalTransition so
that the console can show how things stand now.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from dashboard.beside import may_compare, may_stand_beside
from polls.award.life import AwardRun
from polls.award.model import AwardId, RoundId
from polls.desk import Desk, EventState, next_item
from polls.errors import IllegalTransition
from polls.lifecycle import Action, PollRun, PollState, transition
from polls.model import Event, EventId, Poll, PollId, RoomId
from polls.ports import Change, EventStore, Snapshot
from server.clock import now_ms
from server.live.event import NoSuchEvent
from voting.audit import make_entry
from voting.errors import StoreConflict

TRIES = 20
"""How often a change is decided again before we say that the event is too busy."""

TIMER = "timer"
"""The actor of a close that a countdown asked for."""

SERVER = "server"
"""The actor of what follows by itself from what people did: seals, and checkpoints of awards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A change before it has its audit entry."""

    action: str
    subject: str
    body: Mapping[str, str | int] = field(default_factory=dict)
    event: Event | None = None
    runs: Mapping[PollId, PollRun] = field(default_factory=dict)
    desks: Mapping[RoomId, Desk] = field(default_factory=dict)
    awards: Mapping[AwardId, AwardRun] = field(default_factory=dict)
    records: Mapping[AwardId, Sequence[str]] = field(default_factory=dict)
    links: Mapping[str, int] = field(default_factory=dict)
    keys: Mapping[tuple[PollId, int], str] = field(default_factory=dict)
    closed: tuple[tuple[PollId, int], ...] = ()
    dropped: tuple[tuple[PollId, int], ...] = ()
    sealed: Mapping[tuple[PollId, int], Sequence[str]] = field(default_factory=dict)
    registers: Mapping[tuple[AwardId, RoundId], str] = field(default_factory=dict)


async def decide(
    store: EventStore, event_id: EventId, actor: str, plan: Callable[[Snapshot], Plan | None]
) -> int | None:
    """Read, plan, commit; again from the start when somebody else was faster.

    Gives the new offset, or None when the plan found nothing to do. Raises NoSuchEvent, whatever the
    plan raises, and StoreConflict when the event changes faster than we can decide.
    """
    for _ in range(TRIES):
        snapshot = await store.snapshot(event_id)
        if snapshot is None:
            raise NoSuchEvent(event_id)
        planned = plan(snapshot)
        if planned is None:
            return None
        entry = make_entry(
            seq=snapshot.seq + 1,
            prev=snapshot.head,
            at_ms=now_ms(),
            actor=actor,
            action=planned.action,
            subject=planned.subject,
            body=planned.body,
        )
        change = Change(
            entry=entry,
            event=planned.event,
            runs=planned.runs,
            desks=planned.desks,
            awards=planned.awards,
            records=planned.records,
            links=planned.links,
            keys=planned.keys,
            closed=planned.closed,
            dropped=planned.dropped,
            sealed=planned.sealed,
            registers=planned.registers,
        )
        try:
            return await store.commit(event_id, change)
        except StoreConflict:
            continue
    raise StoreConflict("the event is being changed by others; try again")


def _find(snapshot: Snapshot, poll_id: str) -> tuple[RoomId, Poll]:
    found = snapshot.state.event.find_poll(poll_id)
    if found is None:
        raise IllegalTransition("gone", "change")
    return found[0].room, found[1]


async def act(
    store: EventStore,
    event_id: EventId,
    actor: str,
    poll_id: str,
    action: Action,
    *,
    seen_round: int | None = None,
    seconds: int = 0,
) -> int | None:
    """Do one action of the transition table to a poll.

    `seen_round` is the round the person saw: an action meant for another round is refused.
    Raises IllegalTransition when the action does not fit the poll's present state.
    """

    def plan(snapshot: Snapshot) -> Plan:
        room, poll = _find(snapshot, poll_id)
        run = snapshot.state.run(poll.id)
        if seen_round is not None and seen_round != run.round:
            raise IllegalTransition(run.state, action)
        new = transition(poll, run, action, now_ms(), seconds)
        opening = new.state is PollState.OPEN and run.state is not PollState.OPEN
        body: dict[str, str | int] = {"round": new.round, "from": run.state.value, "to": new.state.value}
        if seconds:
            body["seconds"] = seconds
        return Plan(
            action=action.value,
            subject=f"poll:{poll.id}",
            body=body,
            runs={poll.id: new},
            desks={room: Desk(poll=poll.id)} if opening else {},
            keys={(poll.id, new.round): secrets.token_hex(32)} if opening else {},
            closed=((poll.id, run.round),) if action is Action.CLOSE else (),
            dropped=((poll.id, run.round),) if action is Action.RESET else (),
        )

    return await decide(store, event_id, actor, plan)


async def show(
    store: EventStore,
    event_id: EventId,
    actor: str,
    room: RoomId,
    poll_id: str | None,
    award_id: str | None = None,
) -> int | None:
    """Put a poll or an award in front of a room, or (neither) the join page."""

    def plan(snapshot: Snapshot) -> Plan | None:
        desk = Desk(
            poll=_find(snapshot, poll_id)[1].id if poll_id else None,
            award=_find_award(snapshot, award_id) if award_id else None,
        )
        if snapshot.state.desk(room) == desk and room in snapshot.state.desks:
            return None
        return Plan(action="show", subject=f"room:{room}", body=_named(desk), desks={room: desk})

    return await decide(store, event_id, actor, plan)


async def go_on(
    store: EventStore,
    event_id: EventId,
    actor: str,
    room: RoomId,
    seen_poll: str | None,
    seen_award: str | None = None,
) -> int | None:
    """Move a room to what comes next in its run of show, if it still shows `seen_poll` or `seen_award`."""

    def plan(snapshot: Snapshot) -> Plan | None:
        desk = snapshot.state.desk(room)
        if (desk.poll or None, desk.award or None) != (seen_poll or None, seen_award or None):
            return None
        following = next_item(snapshot.state.event, room, desk)
        new = following.desk if following else Desk()
        return Plan(action="next", subject=f"room:{room}", body=_named(new), desks={room: new})

    return await decide(store, event_id, actor, plan)


def _named(desk: Desk) -> dict[str, str | int]:
    """What an audit entry says a room was given."""
    return {"poll": desk.poll or "", **({"award": desk.award} if desk.award else {})}


def _find_award(snapshot: Snapshot, award_id: str) -> AwardId:
    found = snapshot.state.event.award(award_id)
    if found is None:
        raise IllegalTransition("gone", "change")
    return found.id


async def show_tie(
    store: EventStore, event_id: EventId, actor: str, room: RoomId, seen_award: str, is_tie: bool
) -> int | None:
    """Show on a room's stage who is tied for the award there, or hide it again.

    That the ladder waits for people is for the caller to know. Raises IllegalTransition when the room shows
    something else than `seen_award`.
    """

    def plan(snapshot: Snapshot) -> Plan | None:
        desk = snapshot.state.desk(room)
        if (desk.award or "") != seen_award:
            raise IllegalTransition("elsewhere", "tie")
        if desk.tie == is_tie:
            return None
        return Plan(
            action="award_tie" if is_tie else "award_no_tie",
            subject=f"award:{seen_award}",
            body={"room": room},
            desks={room: replace(desk, tie=is_tie)},
        )

    return await decide(store, event_id, actor, plan)


async def blank(store: EventStore, event_id: EventId, actor: str, room: RoomId, is_blank: bool) -> int | None:
    """Blank a room's stage, or show it again."""

    def plan(snapshot: Snapshot) -> Plan | None:
        desk = snapshot.state.desk(room)
        if desk.blank == is_blank:
            return None
        return Plan(
            action="blank" if is_blank else "unblank",
            subject=f"room:{room}",
            desks={room: replace(desk, blank=is_blank)},
        )

    return await decide(store, event_id, actor, plan)


async def beside(
    store: EventStore, event_id: EventId, actor: str, room: RoomId, seen_poll: str, is_beside: bool
) -> int | None:
    """Show the groups of the poll on a room's stage beside each other, or everyone's result again.

    Raises IllegalTransition when the room shows another poll than `seen_poll`, or when this one has no
    groups or no result that the hall may see.
    """

    def plan(snapshot: Snapshot) -> Plan | None:
        desk = snapshot.state.desk(room)
        if (desk.poll or "") != seen_poll:
            raise IllegalTransition("elsewhere", "beside")
        if desk.beside == is_beside:
            return None
        if is_beside and not may_stand_beside(snapshot.state, room):
            raise IllegalTransition(snapshot.state.run(PollId(seen_poll)).state, "beside")
        return Plan(
            action="beside" if is_beside else "together",
            subject=f"room:{room}",
            body={"poll": seen_poll},
            desks={room: replace(desk, beside=is_beside, compare=desk.compare and not is_beside)},
        )

    return await decide(store, event_id, actor, plan)


async def compare(
    store: EventStore, event_id: EventId, actor: str, room: RoomId, seen_poll: str, is_compare: bool
) -> int | None:
    """Show the ballots of the poll on a room's stage by other rules, or by its own rule again.

    Raises IllegalTransition when the room shows another poll than `seen_poll`, or when this one is no
    preference poll or has no result that the hall may see.
    """

    def plan(snapshot: Snapshot) -> Plan | None:
        desk = snapshot.state.desk(room)
        if (desk.poll or "") != seen_poll:
            raise IllegalTransition("elsewhere", "compare")
        if desk.compare == is_compare:
            return None
        if is_compare and not may_compare(snapshot.state, room):
            raise IllegalTransition(snapshot.state.run(PollId(seen_poll)).state, "compare")
        return Plan(
            action="compare" if is_compare else "own_rule",
            subject=f"room:{room}",
            body={"poll": seen_poll},
            desks={room: replace(desk, compare=is_compare, beside=desk.beside and not is_compare)},
        )

    return await decide(store, event_id, actor, plan)


async def revoke(store: EventStore, event_id: EventId, actor: str, role: str) -> int | None:
    """Raise the serial of a role's link: the old link and everybody who came by it are out."""

    def plan(snapshot: Snapshot) -> Plan:
        serial = snapshot.links.get(role, 1) + 1
        return Plan(action="revoke", subject=f"role:{role}", body={"serial": serial}, links={role: serial})

    return await decide(store, event_id, actor, plan)


async def note(
    store: EventStore, event_id: EventId, actor: str, action: str, subject: str, body: Mapping[str, str | int]
) -> int | None:
    """Write something into the audit log that was done but changes no state, such as an export."""
    return await decide(store, event_id, actor, lambda _: Plan(action=action, subject=subject, body=body))


def due(state: EventState) -> dict[PollId, int]:
    """Open polls with a countdown, and when the close is to be issued (Unix ms)."""
    return {
        poll_id: run.closes_ms
        for poll_id, run in state.runs.items()
        if run.state is PollState.OPEN and run.closes_ms is not None
    }
