"""How values of the domain stand in the store: JSON of runs, desks, event definitions and reports."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from polls.award.life import AwardRun
from polls.desk import Desk
from polls.eventdoc import event_from_doc, event_to_doc
from polls.lifecycle import PollRun
from polls.model import Event
from voting.ballot import BoxEntry, CastBallot
from voting.profile import encode_ballot

_encoder = msgspec.json.Encoder()
_run = msgspec.json.Decoder(PollRun)
_desk = msgspec.json.Decoder(Desk)
_award = msgspec.json.Decoder(AwardRun)
_doc = msgspec.json.Decoder(dict[str, Any])
_numbers = msgspec.json.Decoder(dict[str, int])
_words = msgspec.json.Decoder(dict[str, str | int])

CLOSE = "close"
"""The field of a log's closing line, hence no voter's key."""

CHANGES = "="
"""The first field of a log's line, hence no voter's key; its value is what the line changes in the tally."""
SEALED = "-"
"""The value in a sealed round's box, as server/store/functions/box.lua has it."""

MAX_REV = 2**53 - 1
"""The store compares revisions as doubles."""

_VOTER = re.compile(r"[!-~]{1,128}")
_NONCE = re.compile(r"[A-Za-z0-9._~-]{1,128}")
_VOTERS, _NONCES = (re.compile(f"{one.pattern}(?: {one.pattern})*") for one in (_VOTER, _NONCE))
"""Several of them, with one blank between two."""


def encode_run(run: PollRun) -> str:
    """The run as JSON; server/store/functions/box.lua reads its state, round and frozen."""
    return _encoder.encode(run).decode()


def decode_run(text: str) -> PollRun:
    return _run.decode(text)


def encode_desk(desk: Desk) -> str:
    return _encoder.encode(desk).decode()


def decode_desk(text: str) -> Desk:
    return _desk.decode(text)


def encode_award(run: AwardRun) -> str:
    return _encoder.encode(run).decode()


def decode_award(text: str) -> AwardRun:
    return _award.decode(text)


def encode_event(event: Event) -> str:
    return _encoder.encode(event_to_doc(event)).decode()


def decode_event(text: str) -> Event:
    return event_from_doc(_doc.decode(text))


def encode_words(words: Mapping[str, str | int]) -> str:
    return _encoder.encode(dict(words)).decode()


def decode_numbers(text: str) -> dict[str, int]:
    return _numbers.decode(text)


def decode_words(text: str) -> dict[str, str | int]:
    return _words.decode(text)


def can_be_stored(ballot: CastBallot) -> bool:
    """Whether a ballot can be read back from the store's text form.

    Nothing that went through the wire's decoder and the ballot paper fails here; what does is refused
    by itself ("malformed"), so that it harms no other ballot of its batch.
    """
    return (
        0 <= ballot.rev <= MAX_REV
        and ballot.voter not in (CLOSE, CHANGES)
        and _VOTER.fullmatch(ballot.voter) is not None
        and _NONCE.fullmatch(ballot.nonce) is not None
        and _can_be_counted(ballot.segment, ballot.canonical)
    )


def decode_changes(texts: Iterable[str]) -> dict[str, int]:
    """What lines of a log changed in the tally ("key by key by"), added up; zeros are dropped.

    Raises ValueError for what is no such text.
    """
    changes: dict[str, int] = {}
    for text in texts:
        words = text.split(" ") if text else []
        for key, by in zip(words[::2], words[1::2], strict=True):
            changes[key] = changes.get(key, 0) + int(by)
    return {key: by for key, by in changes.items() if by}


def can_all_be_stored(ballots: Sequence[CastBallot]) -> bool:
    """Whether `can_be_stored` holds for each of some ballots, found out for all of them together."""
    voters, revs, nonces, segments, canonicals = zip(*ballots, strict=True)
    different = set(revs)  # very few
    return (
        min(different) >= 0
        and max(different) <= MAX_REV
        and CLOSE not in voters
        and _are(_VOTERS, voters)
        and _are(_NONCES, nonces)
        and all(_can_be_counted(*content) for content in set(zip(segments, canonicals, strict=True)))
    )


def _are(pattern: re.Pattern[str], texts: Sequence[str]) -> bool:
    text = " ".join(texts)
    return pattern.fullmatch(text) is not None and text.count(" ") == len(texts) - 1


@lru_cache(maxsize=4096)
def _can_be_counted(segment: str, canonical: str) -> bool:
    # Remembered, because a hall casts thousands of ballots of very few kinds.
    try:
        encode_ballot(segment, canonical)
    except ValueError:
        return False
    return True


def as_entry(ballot: CastBallot, counted_ms: int) -> BoxEntry:
    """The ballot as it lies in the box; `counted_ms` is Unix time in ms."""
    return BoxEntry(ballot.rev, ballot.nonce, ballot.segment, ballot.canonical, counted_ms)
