"""The audit log: every change by a person, once, each entry chained to the one before by its hash.

The hash is SHA-256 over the canonical JSON of everything but the hash itself: keys sorted, no spaces,
UTF-8, no escapes beyond those JSON demands, no floats. Whoever alters, drops, doubles or swaps an entry
breaks the chain from there on; whoever cuts its end is found by comparing with the last hash, which is
kept and shown elsewhere. The chain shows tampering, it does not prevent it: who can rewrite the whole
log and its head can write another history.
"""

import json
from collections.abc import Iterable, Mapping

from polls.ports import AuditEntry
from voting.canonical import canonical_json, sha256_hex

GENESIS = ""
"""What the first entry names as the hash before it."""


def make_entry(
    *,
    seq: int = 1,
    prev: str = GENESIS,
    at_ms: int,
    actor: str,
    action: str,
    subject: str,
    body: Mapping[str, str | int] | None = None,
) -> AuditEntry:
    """The entry with number `seq` (from 1) that follows the one with the hash `prev`.

    Without both it is the first of a log. `at_ms` is Unix milliseconds. Raises ValueError when the
    number is below 1, and when the body holds anything but texts and whole numbers or a text is not
    valid Unicode.
    """
    if seq < 1:
        raise ValueError(f"audit entries are numbered from 1, not {seq}")
    content = _content(seq, at_ms, actor, action, subject, body or {}, prev)
    return AuditEntry(
        seq=seq,
        at_ms=at_ms,
        actor=actor,
        action=action,
        subject=subject,
        body=dict(body or {}),
        prev=prev,
        hash=sha256_hex(content),
    )


def verify(entries: Iterable[AuditEntry], head: str | None = None) -> list[str]:
    """The faults of a whole log, oldest entry first, in plain words; empty when it is sound.

    With `head`, the hash that the store or a screen gives as the last one, a cut end is found too.
    """
    faults = []
    seq, last = 0, GENESIS
    for entry in entries:
        if entry.seq != seq + 1:
            faults.append(f"entry {entry.seq} follows entry {seq}")
        if entry.prev != last:
            faults.append(f"entry {entry.seq} does not continue the entry before it")
        if not _is_intact(entry):
            faults.append(f"entry {entry.seq} was altered: its hash does not fit its content")
        seq, last = entry.seq, entry.hash
    if head is not None and head != last:
        faults.append(f"the log ends with entry {seq}, which is not the last one recorded")
    return faults


def entry_to_json(entry: AuditEntry) -> str:
    """The entry as one line of canonical JSON, its hash included."""
    return canonical_json({**_content_of(entry), "hash": entry.hash})


def entry_from_json(text: str | bytes) -> AuditEntry:
    """The entry of a text by `entry_to_json`. Its hash is read, not checked: `verify` does that.

    Raises ValueError when the text is not an audit entry, has unknown fields, or holds a float.
    """
    try:
        fields = json.loads(text, parse_float=_refuse_float, parse_constant=_refuse_float)
    except RecursionError:
        raise ValueError("not an audit entry: nested too deeply") from None
    wanted: dict[str, type] = {
        "seq": int,
        "at_ms": int,
        "actor": str,
        "action": str,
        "subject": str,
        "body": dict,
        "prev": str,
        "hash": str,
    }
    if not isinstance(fields, dict) or fields.keys() != wanted.keys():
        raise ValueError("not an audit entry: fields are missing or unknown")
    for name, kind in wanted.items():
        if type(fields[name]) is not kind:
            raise ValueError(f"not an audit entry: {name} is not of type {kind.__name__}")
    entry = AuditEntry(**fields)
    _content_of(entry)
    return entry


def _content(
    seq: int, at_ms: int, actor: str, action: str, subject: str, body: Mapping[str, str | int], prev: str
) -> dict[str, object]:
    for key, value in body.items():
        # bool is an int to Python but not to JSON, so it would not survive the store.
        if type(key) is not str or type(value) not in (str, int):
            raise ValueError(f"an audit entry holds texts and whole numbers only, not {key!r}: {value!r}")
    return {
        "seq": seq,
        "at_ms": at_ms,
        "actor": actor,
        "action": action,
        "subject": subject,
        "body": dict(body),
        "prev": prev,
    }


def _content_of(entry: AuditEntry) -> dict[str, object]:
    return _content(entry.seq, entry.at_ms, entry.actor, entry.action, entry.subject, entry.body, entry.prev)


def _is_intact(entry: AuditEntry) -> bool:
    try:
        return sha256_hex(_content_of(entry)) == entry.hash
    except ValueError:
        return False


def _refuse_float(text: str) -> object:
    raise ValueError(f"an audit entry holds no fractions: {text}")
