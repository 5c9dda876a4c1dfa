"""An event's definition as the store keeps it, and what a load of an edited file may not change."""

from dataclasses import fields, replace

from polls.errors import Fault
from polls.eventfile import dump_event, parse_event
from polls.model import Event, EventId, Poll, PollId

_REHEARSAL = "rehearsal"
_FREE = frozenset({"published", "countdown_s"})  # reference figures and timing change no ballot


def event_to_doc(event: Event) -> dict[str, object]:
    """Plain data that JSON can hold; `event_from_doc` gives an equal event back."""
    if event.rehearsal_of is None:
        return {"event": dump_event(event)}
    # The copy's own id need not fit an event file, so the document holds the original's.
    return {"event": dump_event(replace(event, id=event.rehearsal_of)), _REHEARSAL: event.id}


def event_from_doc(doc: dict[str, object]) -> Event:
    """The event of a stored document. Raises EventFileInvalid when it is damaged."""
    event = parse_event(doc.get("event"))
    copy = doc.get(_REHEARSAL)
    return event if copy is None else replace(event, id=EventId(str(copy)), rehearsal_of=event.id)


def change_faults(old: Event, new: Event, opened: frozenset[PollId]) -> list[Fault]:
    """What `new` may not change of `old`, given the polls that were ever opened; empty when all is well.

    An opened poll keeps every word of it (all but `published` and `countdown_s`), and the time zone
    and the segments its ballots are counted in stay. Draft polls, titles, names and the agenda are
    free. Faults about a poll have the path ("polls", poll id), others the path of the file.
    """
    faults: list[Fault] = []
    if old.id != new.id:
        faults.append(Fault(("id",), f"expected {old.id}; a file with another id is another event"))
    asked = [poll for _, poll in old.polls() if poll.id in opened]
    if not asked:
        return faults
    if old.timezone != new.timezone:
        faults.append(Fault(("timezone",), f"expected {old.timezone} as before; polls were already opened"))
    used = _used_segments(old, asked)
    for segment in old.segments:
        if segment.id in used and new.segment(segment.id) is None:
            message = f"expected the segment “{segment.id}” as before; ballots may be counted in it"
            faults.append(Fault(("segments",), message))
    for poll in asked:
        found = new.find_poll(poll.id)
        path = ("polls", poll.id)
        if found is None:
            faults.append(Fault(path, "was opened and is missing; expected it as before"))
        elif changed := _changes(poll, found[1]):
            faults.append(Fault(path, f"was opened, so it stays as it was; changed: {', '.join(changed)}"))
    return faults


def _used_segments(event: Event, asked: list[Poll]) -> set[str]:
    """The segments that ballots of these polls can belong to."""
    if any(not poll.segments for poll in asked):
        return {segment.id for segment in event.segments}
    return {segment for poll in asked for segment in poll.segments}


_KEYS = {"max_selections": "max", "beside": "side_by_side"}
"""Names in the file where they differ from those of the model."""


def _changes(old: Poll, new: Poll) -> list[str]:
    names = (field.name for field in fields(Poll) if field.name not in _FREE)
    return [_KEYS.get(name, name) for name in names if getattr(old, name) != getattr(new, name)]
