"""What a poll's round leaves behind when it is sealed (law L8): hashes, and a tally."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping

from voting.ports import LogEntry, RoundReading
from voting.profile import decode_tally, encode_box_value
from voting.result import Entry


def nonce_hash(nonce: str) -> str:
    """What stays of a counted ballot, so that a late retry still reads "Counted": hex SHA-256 of its nonce.

    The nonce is chance of the voter's own device and stands in no other record.
    """
    return hashlib.sha256(nonce.encode("utf-8")).hexdigest()


def counted_hashes(reading: RoundReading) -> list[str]:
    """The hashes of all nonces in the box, in their own order and as many as there are ballots.

    Two devices that sent the same nonce (none of ours does) have one each: what is hashed for the second
    ends in its number.
    """
    times: Counter[str] = Counter()
    hashes = []
    for entry in reading.box.values():
        times[entry.nonce] += 1
        number = times[entry.nonce]
        hashes.append(nonce_hash(entry.nonce if number == 1 else f"{entry.nonce} {number}"))
    return sorted(hashes)


def log_hash(log: Iterable[LogEntry]) -> str:
    """Names a ballot log that is dropped: hex SHA-256 of its lines 'id voter ballot'."""
    digest = hashlib.sha256()
    for line in log:
        digest.update(f"{line.id} {line.voter} {encode_box_value(line.entry)}\n".encode())
    return digest.hexdigest()


def tally_hash(tally: Mapping[str, int]) -> str:
    """Names a tally: hex SHA-256 of its lines 'key count', sorted."""
    lines = sorted(f"{key} {count}\n" for key, count in tally.items())
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def sealed_faults(reading: RoundReading, noted: str | None = None) -> list[str]:
    """What does not agree in a sealed round, in plain words. `noted` is the tally's hash that the audit log
    has from the seal, where it was asked; '' when it has none."""
    found = []
    ballots = sum(reading.tally.values())
    if ballots != (reading.counted or 0):
        found.append(f"the tally has {ballots} ballots, the sealed box {reading.counted or 0}")
    if noted == "":
        found.append("the audit log has no seal of this round")
    elif noted is not None and tally_hash(reading.tally) != noted:
        found.append("the tally is not the one that was sealed")
    return found


def sealed_ballots(reading: RoundReading) -> list[Entry]:
    """Every ballot of a sealed round, without its voter: the tally says them all. Raises ValueError for a
    tally that cannot be read."""
    return [entry for entry, count in sorted(decode_tally(reading.tally).items()) for _ in range(count)]
