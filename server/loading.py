"""Taking an event into the store, or taking over what an edited event file changes."""

from enum import Enum

from polls.errors import Fault
from polls.eventdoc import change_faults
from polls.lifecycle import PollState
from polls.model import Event
from polls.ports import Change, EventStore, Snapshot
from server import moderation
from server.clock import now_ms
from voting.audit import GENESIS, make_entry


class Loaded(Enum):
    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


class LoadRefused(Exception):
    """The event file changes something that may not change any more; the text has a line for each."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__("\n".join(f"{'.'.join(map(str, fault.path))}: {fault.message}" for fault in faults))


async def load_event(store: EventStore, event: Event, actor: str) -> Loaded:
    """Create the event, or change what may still change.

    Polls that were ever opened and frozen awards may not change, and a rehearsal copy and an event never
    replace each other. Raises LoadRefused with every such change, and StoreConflict when the join code
    belongs to another event.
    """
    if await store.snapshot(event.id) is None:
        entry = make_entry(
            seq=1,
            prev=GENESIS,
            at_ms=now_ms(),
            actor=actor,
            action="load",
            subject=f"event:{event.id}",
            body={},
        )
        await store.commit(event.id, Change(entry=entry, event=event))
        return Loaded.NEW

    def plan(snapshot: Snapshot) -> moderation.Plan | None:
        old = snapshot.state.event
        if old.rehearsal_of != event.rehearsal_of:
            raise LoadRefused([Fault(("id",), _taken(old))])
        if old == event:
            return None
        opened = frozenset(
            poll_id
            for poll_id, run in snapshot.state.runs.items()
            if run.state is not PollState.DRAFT or run.past
        )
        frozen = frozenset(award for award, run in snapshot.state.awards.items() if run.rules_hash)
        faults = change_faults(old, event, opened, frozen)
        if faults:
            raise LoadRefused(faults)
        return moderation.Plan(action="load", subject=f"event:{event.id}", event=event)

    offset = await moderation.decide(store, event.id, actor, plan)
    return Loaded.SAME if offset is None else Loaded.CHANGED


def _taken(old: Event) -> str:
    if old.rehearsal_of is None:
        return f"expected an id that is free; “{old.id}” is an event and not a rehearsal copy"
    return f"expected an id that is free; “{old.id}” is the rehearsal copy of “{old.rehearsal_of}”"
