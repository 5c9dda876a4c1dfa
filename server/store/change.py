"""How a change is told to hc_commit, and how its refusals read."""

from polls.model import EventId
from polls.ports import Change
from server import keys
from server.store import codec
from voting.audit import GENESIS, entry_to_json

WHY = {
    "moved": "somebody else changed the event first",
    "nothing": "there is no such event",
    "frozen": "the poll was frozen meanwhile",
}


def commit_words(event: EventId, change: Change) -> tuple[list[str], list[str | int]]:
    """KEYS and ARGV of hc_commit, in the order its header gives."""
    names = ("head", "audit", "runs", "desks", "links", "doc", "pos", "awards", "award-log")
    touched = [keys.of_event(event, name) for name in names]
    touched += [keys.of_award(event, "state", award, round) for award, round in change.registers]
    touched += [keys.of_round(event, "key", poll, round) for poll, round in change.keys]
    touched += [keys.of_round(event, "log", poll, round) for poll, round in change.closed]
    dropped = [
        keys.of_round(event, name, poll, round)
        for poll, round in change.dropped
        for name in ("key", "box", "tally", "log")
    ]
    words: list[str | int] = [
        change.entry.prev,
        change.entry.hash,
        entry_to_json(change.entry),
        GENESIS,
        keys.of_event(event, "wake"),
        "" if change.event is None else codec.encode_event(change.event),
    ]
    words += (len(change.registers), *change.registers.values(), len(change.runs))
    for poll, run in change.runs.items():
        words += (poll, codec.encode_run(run))
    words.append(len(change.desks))
    for room, desk in change.desks.items():
        words += (room, codec.encode_desk(desk))
    words.append(len(change.awards))
    for award, stands in change.awards.items():
        words += (award, codec.encode_award(stands))
    lines = [f"{award} {entry}" for award, entries in change.records.items() for entry in entries]
    words += (len(lines), *lines)
    words.append(len(change.links))
    for role, serial in change.links.items():
        words += (role, serial)
    words += (len(change.keys), *change.keys.values(), len(change.closed), len(dropped))
    sealed: list[str] = []
    words.append(len(change.sealed))
    for (poll, round), counted in change.sealed.items():
        sealed += [keys.of_round(event, name, poll, round) for name in ("key", "log", "box")]
        words += (len(counted), *counted)
    if sealed or dropped:
        sealed.append(keys.of_event(event, "unwritten"))
    return touched + dropped + sealed, words
