"""The public log of an award: everything that makes or changes its result, each entry chained to the last.

An entry's hash is SHA-256 over its canonical JSON without `hash` and `sig`. Heads (CHECKPOINT, CLOSE,
SEAL, RESULT) are signed with Ed25519 over the 32 bytes of their hash; a head pins down everything before
it. The chain shows tampering by whoever lacks the key; the roots that the hall saw show it even then.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from polls.award.life import LogEnd
from voting.record.canonical import canonical_json, sha256_hex

GENESIS = "0" * 64
"""What the first entry names as the hash before it."""


class EntryType(StrEnum):
    """What an entry records; docs/awards.md has the fields of each body."""

    RULES = "RULES"
    REGISTER = "REGISTER"
    OPEN = "OPEN"
    CHECKPOINT = "CHECKPOINT"
    CHANNEL = "CHANNEL"
    CLOSE = "CLOSE"
    APPROVE = "APPROVE"
    SEAL = "SEAL"
    WITHDRAWN = "WITHDRAWN"
    VOIDED = "VOIDED"
    CHAIR = "CHAIR"
    DRAW = "DRAW"
    RUNOFF = "RUNOFF"
    RESULT = "RESULT"
    REVEAL = "REVEAL"
    CORRECTION = "CORRECTION"


HEADS = frozenset({EntryType.CHECKPOINT, EntryType.CLOSE, EntryType.SEAL, EntryType.RESULT})
"""Entries that are signed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One entry; `at_ms` is Unix milliseconds, `sig` a signature in hexadecimal digits or empty."""

    seq: int
    prev: str
    at_ms: int
    type: EntryType
    body: Mapping[str, object]
    hash: str
    sig: str = ""


def make_entry(
    *, after: LogEntry | LogEnd | None, at_ms: int, type: EntryType, body: Mapping[str, object]
) -> LogEntry:
    """The entry that follows `after` (None: the first), not yet signed.

    Raises ValueError when the body holds what canonical JSON cannot say, such as a float.
    """
    seq, prev = (1, GENESIS) if after is None else (after.seq + 1, after.hash)
    content = {"seq": seq, "prev": prev, "at_ms": at_ms, "type": type.value, "body": body}
    return LogEntry(
        seq=seq, prev=prev, at_ms=at_ms, type=type, body=body, hash=sha256_hex(canonical_json(content))
    )


def signed(entry: LogEntry, sig: str) -> LogEntry:
    """The entry with its signature."""
    return replace(entry, sig=sig)


def entry_to_json(entry: LogEntry) -> str:
    """The entry as a line of log.jsonl, without the line end."""
    return canonical_json({**_content(entry), "hash": entry.hash, "sig": entry.sig})


def entry_from_json(line: str) -> LogEntry:
    """The entry of a line. Its hash is read, not checked: `chain_faults` does that.

    Raises ValueError when the line is no log entry.
    """
    try:
        fields = json.loads(line, parse_float=_refuse, parse_constant=_refuse)
        entry = LogEntry(**{**fields, "type": EntryType(fields["type"])})
    except (TypeError, KeyError, RecursionError) as error:
        raise ValueError(f"not an entry of the log: {error}") from None
    wanted = (int, str, int, str, dict, str, str)
    found = (entry.seq, entry.prev, entry.at_ms, entry.type.value, entry.body, entry.hash, entry.sig)
    if any(type(value) is not kind for value, kind in zip(found, wanted, strict=True)):
        raise ValueError("not an entry of the log: a field is of the wrong kind")
    return entry


def chain_faults(entries: Iterable[LogEntry]) -> list[str]:
    """The faults of a whole log, oldest first, in plain words; empty when the chain is sound."""
    faults, seq, prev = [], 0, GENESIS
    for entry in entries:
        if entry.seq != seq + 1:
            faults.append(f"entry {entry.seq} follows entry {seq}")
        if entry.prev != prev:
            faults.append(f"entry {entry.seq} does not continue the entry before it")
        if sha256_hex(canonical_json(_content(entry))) != entry.hash:
            faults.append(f"entry {entry.seq} was altered: its hash does not fit its content")
        seq, prev = entry.seq, entry.hash
    return faults


def _content(entry: LogEntry) -> dict[str, object]:
    return {
        "seq": entry.seq,
        "prev": entry.prev,
        "at_ms": entry.at_ms,
        "type": entry.type.value,
        "body": entry.body,
    }


def _refuse(text: str) -> object:
    raise ValueError(f"the log holds no fractions: {text}")
