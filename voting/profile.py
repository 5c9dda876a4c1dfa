"""The profile: how ballots and counts are written in the store, and read back strictly.

A tally key is "contest|segment|canonical ballot" ("1||2", "1|audience|1=3"); the contest is "1", a
poll being one decision. A box or log value is "rev nonce counted_ms segment|canonical". Segments
may be empty (someone who has chosen none). Names hold no white space and none of | > =, so every
text can be read in one way only; whatever cannot is a fault of the store, never guessed at.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from voting.ballot import ABSTENTION, BoxEntry, option_order
from voting.result import Entry, Tally

CONTEST = "1"

_NAME = re.compile(r"[^\s|>=]+")
_NONCE = re.compile(r"[A-Za-z0-9._~-]+")
_WHOLE = re.compile(r"0|[1-9][0-9]*")


def encode_ballot(segment: str, canonical: str) -> str:
    """The text "segment|canonical" that names one distinct ballot.

    Raises ValueError when it could not be read back: a segment that is not a name, or a ballot that
    is not canonical (options out of order, twice, or empty).
    """
    if segment and not _NAME.fullmatch(segment):
        raise ValueError(f"not a segment: {segment!r}")
    if not is_canonical(canonical):
        raise ValueError(f"not a canonical ballot: {canonical!r}")
    return f"{segment}|{canonical}"


def decode_ballot(text: str) -> Entry:
    """The inverse of `encode_ballot`. Raises ValueError."""
    segment, bar, canonical = text.partition("|")
    if not bar:
        raise ValueError(f"not a segment and a ballot: {text!r}")
    encode_ballot(segment, canonical)
    return Entry(segment, canonical)


def encode_entry(segment: str, canonical: str) -> str:
    """The tally key of one distinct ballot: "1|segment|canonical". Raises ValueError like `encode_ballot`."""
    return f"{CONTEST}|{encode_ballot(segment, canonical)}"


def decode_entry(key: str) -> Entry:
    """The inverse of `encode_entry`. Raises ValueError, also for another contest."""
    contest, _, ballot = key.partition("|")
    if contest != CONTEST:
        raise ValueError(f"not a tally key: {key!r}")
    return decode_ballot(ballot)


def decode_tally(raw: Mapping[str, int]) -> Tally:
    """The tally as the store holds it, by entry; counts of zero are dropped.

    Raises ValueError for a key that cannot be read and for a count below zero: both mean that the
    store was altered, and no figure may be made from it.
    """
    tally: dict[Entry, int] = {}
    for key, count in raw.items():
        entry = decode_entry(key)
        if count < 0:
            raise ValueError(f"the count of {key!r} is below zero: {count}")
        if count:
            tally[entry] = count
    return tally


def encode_box_value(entry: BoxEntry) -> str:
    """A ballot as box and log hold it. Raises ValueError when it could not be read back."""
    if entry.rev < 0 or entry.counted_ms < 0:
        raise ValueError("revision and time of a ballot are not below zero")
    if not _NONCE.fullmatch(entry.nonce):
        raise ValueError(f"not a nonce: {entry.nonce!r}")
    return f"{entry.rev} {entry.nonce} {entry.counted_ms} {encode_ballot(entry.segment, entry.canonical)}"


def decode_box_value(text: str) -> BoxEntry:
    """The inverse of `encode_box_value`. Raises ValueError."""
    words = text.split(" ")
    if len(words) != 4:
        raise ValueError(f"not a ballot of the box: {text!r}")
    rev, nonce, counted_ms, ballot = words
    if not (_WHOLE.fullmatch(rev) and _NONCE.fullmatch(nonce) and _WHOLE.fullmatch(counted_ms)):
        raise ValueError(f"not a ballot of the box: {text!r}")
    segment, canonical = decode_ballot(ballot)
    return BoxEntry(
        rev=int(rev), nonce=nonce, segment=segment, canonical=canonical, counted_ms=int(counted_ms)
    )


@lru_cache(maxsize=4096)  # a recount meets few distinct ballots many times
def is_canonical(canonical: str) -> bool:
    """Whether a text is a ballot in the one form in which it is counted (see voting.ballot)."""
    if canonical == ABSTENTION:
        return True
    ranks = [rank.split("=") for rank in canonical.split(">")]
    options = [option for rank in ranks for option in rank]
    return (
        all(_NAME.fullmatch(option) and option != ABSTENTION for option in options)
        and len(set(options)) == len(options)
        and all(rank == sorted(rank, key=option_order) for rank in ranks)
    )
