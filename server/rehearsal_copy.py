"""The rehearsal copy of an event: same run of show, its own join code, ballots and links."""

from dataclasses import replace

from polls.joincode import derive
from polls.model import Event, EventId
from polls.ports import Change, EventStore
from server.clock import now_ms
from server.live.event import NoSuchEvent
from voting.audit import make_entry
from voting.errors import StoreConflict

CODES = 8
"""How many join codes are tried when one belongs to another event."""


class IsACopy(Exception):
    """A rehearsal copy cannot be copied."""


def copy_id(event_id: str) -> EventId:
    """The id of an event's rehearsal copy."""
    return EventId(f"{event_id}-rehearsal")


async def make_copy(store: EventStore, event_id: EventId, actor: str) -> EventId:
    """Make or replace the rehearsal copy of an event; gives the copy's id.

    Link serials of a copy that is replaced are kept, so a renewed link does not become valid again.
    Raises NoSuchEvent, IsACopy, and StoreConflict when somebody else makes the copy at this moment.
    """
    snapshot = await store.snapshot(event_id)
    if snapshot is None:
        raise NoSuchEvent(event_id)
    original = snapshot.state.event
    if original.rehearsal_of is not None:
        raise IsACopy(event_id)
    new_id = copy_id(event_id)
    old = await store.snapshot(new_id)
    if old is not None:
        if old.state.event.rehearsal_of != event_id:
            raise StoreConflict(f"{new_id} is an event of its own")
        await store.delete_event(new_id)
    copy = replace(original, id=new_id, rehearsal_of=event_id, join_code=await _free_code(store, new_id))
    await store.commit(new_id, _first_change(copy, actor, dict(old.links) if old else {}))
    return new_id


def _first_change(copy: Event, actor: str, links: dict[str, int]) -> Change:
    entry = make_entry(
        at_ms=now_ms(),
        actor=actor,
        action="rehearsal",
        subject=f"event:{copy.id}",
    )
    return Change(entry=entry, event=copy, links=links)


async def _free_code(store: EventStore, event_id: EventId) -> str:
    for attempt in range(CODES):
        code = derive(event_id if attempt == 0 else f"{event_id}:{attempt}")
        if await store.find_by_code(code) is None:
            return code
    raise StoreConflict("no join code is free for the rehearsal copy")
