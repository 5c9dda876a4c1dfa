"""Deciding an act on one award: find it, work out how it then stands, commit that with an audit entry."""

from collections.abc import Callable

from polls.award.acts import Act
from polls.award.life import AwardRun
from polls.award.model import Award, AwardId
from polls.errors import AwardRefused
from polls.model import EventId
from polls.ports import EventStore, Snapshot
from server.live.event import NoSuchEvent
from server.moderation import Plan, decide

Body = dict[str, str | int]
Step = Callable[[Award, AwardRun], AwardRun]


def find(snapshot: Snapshot, award_id: str, act: Act) -> tuple[Award, AwardRun]:
    award = snapshot.state.event.award(award_id)
    if award is None:
        raise AwardRefused("gone", act, "this event has no such award")
    return award, snapshot.state.award(AwardId(award_id))


def as_plan(award: Award, run: AwardRun, action: str, body: Body) -> Plan:
    return Plan(action=str(action), subject=f"award:{award.id}", body=body, awards={award.id: run})


async def do(
    store: EventStore, event: EventId, actor: str, award: str, act: Act, step: Step, body: Body
) -> int | None:
    def plan(snapshot: Snapshot) -> Plan:
        found, run = find(snapshot, award, act)
        return as_plan(found, step(found, run), act, body)

    return await decide(store, event, actor, plan)


async def attempt(store: EventStore, event: EventId, award: str, act: Act, step: Step) -> None:
    """Refuse now what would be refused later, before the box is touched."""
    snapshot = await store.snapshot(event)
    if snapshot is None:
        raise NoSuchEvent(event)
    step(*find(snapshot, award, act))
