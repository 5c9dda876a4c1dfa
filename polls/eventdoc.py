"""An event's definition as the store keeps it, and what a load of an edited file may not change."""

from dataclasses import fields, replace

from polls.award.model import Award, AwardId
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


def change_faults(
    old: Event, new: Event, opened: frozenset[PollId], frozen: frozenset[AwardId] = frozenset()
) -> list[Fault]:
    """What `new` may not change of `old`, given the polls that were ever opened and the awards
    that are frozen; empty when all is well.

    An opened poll keeps every word of it (all but `published` and `countdown_s`), and the time zone
    and the segments its ballots are counted in stay. Draft polls, titles, names and the agenda are
    free. A frozen award keeps all but its session, its note, its pitches and its countdown, and the
    first language, in which its rules are named, stays. Faults about a poll have the path ("polls",
    poll id), about an award ("awards", award id), others the path of the file.
    """
    faults: list[Fault] = []
    if old.id != new.id:
        faults.append(Fault(("id",), f"expected {old.id}; a file with another id is another event"))
    faults += _award_faults(old, new, frozen)
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


def _award_faults(old: Event, new: Event, frozen: frozenset[AwardId]) -> list[Fault]:
    faults = []
    kept = [award for award in old.awards if award.id in frozen]
    if kept and old.languages[0] != new.languages[0]:
        message = f"expected {old.languages[0]} first as before; the rules of an award are frozen in it"
        faults.append(Fault(("languages",), message))
    for award in kept:
        found = new.award(award.id)
        path = ("awards", award.id)
        if found is None:
            faults.append(Fault(path, "is frozen and is missing; expected it as before"))
        elif changed := _award_changes(award, found):
            faults.append(Fault(path, f"is frozen, so it stays as it was; changed: {', '.join(changed)}"))
    return faults


def _award_changes(old: Award, new: Award) -> list[str]:
    if old.vote is not None and new.vote is not None:
        new = replace(new, vote=replace(new.vote, countdown_s=old.vote.countdown_s))
    names = (field.name for field in fields(Award) if field.name not in _FREE_OF_AWARD)
    changed = (_KEYS.get(name, name) for name in names if getattr(old, name) != getattr(new, name))
    return list(dict.fromkeys(changed))


def _used_segments(event: Event, asked: list[Poll]) -> set[str]:
    """The segments that ballots of these polls can belong to."""
    if any(not poll.segments for poll in asked):
        return {segment.id for segment in event.segments}
    return {segment for poll in asked for segment in poll.segments}


_FREE_OF_AWARD = frozenset({"session", "note", "pitches"})
_KEYS = {
    "max_selections": "max",
    "beside": "side_by_side",
    "checkpoint_s": "checkpoints",
    "checkpoint_min": "checkpoints",
}
"""Names in the file where they differ from those of the model."""


def _changes(old: Poll, new: Poll) -> list[str]:
    names = (field.name for field in fields(Poll) if field.name not in _FREE)
    return [_KEYS.get(name, name) for name in names if getattr(old, name) != getattr(new, name)]
