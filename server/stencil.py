"""Pages with a few holes: everything between the holes is encoded and packed once, for all readers.

A deflate stream is a row of blocks, and a flushed block refers to nothing before it. So a page is packed
piece by piece, and a reader's own pieces are put between them without packing anything again. What is
filled in for one reader stands in blocks of its own, which also keeps its length from telling anything
about the rest of the page.

Sources: RFC 1951 §3.2.3 and §3.2.4, RFC 1952 §2.3, the zlib manual on Z_FULL_FLUSH.
"""

import re
import secrets
import zlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
_LAST_BLOCK = b"\x03\x00"
_RAW = -zlib.MAX_WBITS
_BEST = 9
_STORED_MOST = 0xFFFF
_ACCEPTED_MOST = 500

_SALT = secrets.token_hex(16)
"""Not to be guessed, so that no text of an event can hold a mark."""
_MARKS = re.compile(f"{_SALT}-([a-z]+)\\.")


class Piece(NamedTuple):
    """A part of a page, as it is and packed."""

    plain: bytes
    packed: bytes


def packed_piece(text: str) -> Piece:
    """A piece that many readers get."""
    plain, packer = text.encode(), zlib.compressobj(_BEST, zlib.DEFLATED, _RAW)
    return Piece(plain, packer.compress(plain) + packer.flush(zlib.Z_FULL_FLUSH))


def own_piece(text: str) -> Piece:
    """A piece for one reader, of at most 65,535 bytes: not worth packing."""
    plain = text.encode()
    size = len(plain)
    return Piece(
        plain, b"\0%b%b%b" % (size.to_bytes(2, "little"), (size ^ _STORED_MOST).to_bytes(2, "little"), plain)
    )


def mark(name: str) -> str:
    """What to render in the place of the hole `name` (small letters)."""
    return f"{_SALT}-{name}."


class Stencil:
    """A rendered text in whose marks something else is put for each reader.

    `group`: from the first mark of this name to the mark "end" stand fragments, each behind a mark of its
    own, whose order is each reader's: they are kept in `fragments` and make one hole.
    """

    __slots__ = ("_parts", "fragments")

    def __init__(self, text: str, group: str = "") -> None:
        literal, *rest = _MARKS.split(text)
        self._parts: list[Piece | str] = [packed_piece(literal)]
        self.fragments: list[Piece] = []
        for name, behind in zip(rest[::2], rest[1::2], strict=True):
            if group and name == group:
                if not self.fragments:
                    self._parts.append(group)
                self.fragments.append(packed_piece(behind))
                continue
            if name != "end":
                self._parts.append(name)
            self._parts.append(packed_piece(behind))

    def fill(self, values: Mapping[str, Sequence[Piece]]) -> list[Piece]:
        """The pieces of the whole text. Raises KeyError for a hole without a value."""
        pieces: list[Piece] = []
        for part in self._parts:
            if isinstance(part, str):
                pieces += values[part]
            else:
                pieces.append(part)
        return pieces


def plain_body(pieces: Sequence[Piece]) -> bytes:
    """The text as it is."""
    return b"".join([piece.plain for piece in pieces])


def gzip_body(pieces: Sequence[Piece]) -> bytes:
    """The text as one gzip member."""
    plain = plain_body(pieces)
    end = zlib.crc32(plain).to_bytes(4, "little") + (len(plain) & 0xFFFFFFFF).to_bytes(4, "little")
    return b"".join([_HEAD, *[piece.packed for piece in pieces], _LAST_BLOCK, end])


def takes_gzip(accepted: str) -> bool:
    """Whether an Accept-Encoding header allows gzip; one of absurd length does not, since it would cost us
    time and memory. Source: RFC 9110 §12.5.3."""
    return len(accepted) <= _ACCEPTED_MOST and _allows_gzip(accepted)


@lru_cache(maxsize=256)
def _allows_gzip(accepted: str) -> bool:
    weights = {}
    for part in accepted.lower().split(","):
        coding, _, weight = part.partition(";")
        weights[coding.strip()] = weight.replace(" ", "")
    weight = weights.get("gzip", weights.get("*", "q=0"))
    try:
        return not weight or float(weight.removeprefix("q=")) > 0
    except ValueError:
        return False
