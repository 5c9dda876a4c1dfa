"""What the store answered, as values of the domain. What cannot be read is a RecountMismatch."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from server.store import codec
from voting.ballot import BoxEntry
from voting.errors import RecountMismatch
from voting.ports import LogEntry, RoundReading
from voting.profile import decode_box_value

SLICE = 500
"""Ballots that are decoded before others get their turn: a recount must not hold up the hall."""


def pairs(flat: Sequence[str] | Mapping[str, str]) -> dict[str, str]:
    """A hash as a client gave it, or as a flat list from a function."""
    return dict(flat) if isinstance(flat, Mapping) else dict(zip(flat[::2], flat[1::2], strict=True))


def box_entry(text: str | None) -> BoxEntry | None:
    """A box value read; None when there is none, or when it is damaged (a recount names the damage)."""
    try:
        return decode_box_value(text) if text else None
    except ValueError:
        return None


def tally_of(texts: Mapping[str, str]) -> dict[str, int]:
    try:
        return {key: int(count) for key, count in texts.items()}
    except ValueError as error:
        raise _unreadable(error) from error


def changes_of(texts: Sequence[str]) -> dict[str, int]:
    """What lines of a log changed in the tally, added up."""
    try:
        return codec.decode_changes(texts)
    except ValueError as error:
        raise _unreadable(error) from error


async def round_reading(answer: Sequence[Any], after: str) -> RoundReading:
    """What hc_read_round gave of a round after line `after` of its log, decoded in slices."""
    lines, newest, box, tally = answer
    if codec.SEALED in box[1:2]:
        return RoundReading(
            log=[], last=after, is_closed=True, box={}, tally=tally_of(pairs(tally)), counted=len(box) // 2
        )
    log: list[LogEntry] = []
    ballots: dict[str, BoxEntry] = {}
    known: dict[str, BoxEntry] = {}
    try:
        for line, fields in lines:
            if fields[0] != codec.CLOSE:
                first = 2 if fields[0] == codec.CHANGES else 0
                ballots_of = zip(fields[first::2], fields[first + 1 :: 2], strict=True)
                for place, (voter, text) in enumerate(ballots_of):
                    entry = known[text] = decode_box_value(text)
                    log.append(LogEntry(id=f"{line}.{place}", voter=voter, entry=entry))
                await asyncio.sleep(0)
        for number, (voter, text) in enumerate(pairs(box).items()):
            ballots[voter] = known.get(text) or decode_box_value(text)
            if number % SLICE == 0:
                await asyncio.sleep(0)
    except ValueError as error:
        raise _unreadable(error) from error
    return RoundReading(
        log=log,
        last=newest[0][0] if newest else after,
        is_closed=bool(newest) and newest[0][1][0] == codec.CLOSE,
        box=ballots,
        tally=tally_of(pairs(tally)),
    )


def _unreadable(error: ValueError) -> RecountMismatch:
    mismatch = RecountMismatch("a line of box, tally or ballot log cannot be read")
    mismatch.add_note(str(error))
    return mismatch
