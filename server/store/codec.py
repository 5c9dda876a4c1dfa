"""How values of the domain stand in the store: JSON of runs, desks, event definitions and reports."""

import re
from collections.abc import Mapping
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

SEALED = "-"
"""The value in a sealed round's box, as server/store/functions/box.lua has it."""

MAX_REV = 2**53 - 1
"""The store compares revisions as doubles."""

_VOTER = re.compile(r"[!-~]{1,128}")
_NONCE = re.compile(r"[A-Za-z0-9._~-]{1,128}")


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
        and ballot.voter != CLOSE
        and _VOTER.fullmatch(ballot.voter) is not None
        and _NONCE.fullmatch(ballot.nonce) is not None
        and _can_be_counted(ballot.segment, ballot.canonical)
    )


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
