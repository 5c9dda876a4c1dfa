"""WebSocket frames of the common kind: small whole text frames, read and made without a library object.

Source: RFC 6455 §5.2. Everything else is left to the `websockets` library.
"""

from dataclasses import dataclass

from websockets.utils import apply_mask as slow_mask

try:
    from websockets.speedups import apply_mask
except ImportError:  # a platform without the C extension
    apply_mask = slow_mask

WHOLE_TEXT = 0x81
"""First byte of a whole text frame without extensions: FIN and opcode 1."""
WHOLE_BINARY = 0x82
MASKED = 0x80


Read = tuple[int, bytes | None]
"""A frame that was read: where it ends, and its payload; no payload means a frame of another kind."""

OTHER: Read = (0, None)


def read_small(data: bytes, at: int, limit: int) -> Read | None:
    """The frame at `at` in `data`; None when it has not come whole.

    Gives OTHER for anything but a whole, masked text frame of at most `limit` bytes.
    """
    end = len(data)
    if end - at < 2:
        return None if end == at or data[at] == WHOLE_TEXT else OTHER
    length = data[at + 1]
    if data[at] != WHOLE_TEXT or length < MASKED:
        return OTHER
    length &= 0x7F
    start = at + 2
    if length == 126:
        if end - start < 2:
            return None
        length = data[start] << 8 | data[start + 1]
        start += 2
    elif length == 127:
        return OTHER
    if length > limit:
        return OTHER
    stop = start + 4 + length
    if stop > end:
        return None
    return stop, apply_mask(data[start + 4 : stop], data[start : start + 4])


def read_one(data: bytes, limit: int) -> bytes | None:
    """The payload of `data` when it is exactly one whole, masked text frame with a length of one or two bytes
    and at most `limit` bytes; None for anything else. What `read_small` does, for what nearly always comes:
    one ballot."""
    size = len(data)
    if size < 6 or data[0] != WHOLE_TEXT:
        return None
    length = data[1] - MASKED
    start = 2
    if length == 126:
        length = data[2] << 8 | data[3]
        start = 4
    if length != size - start - 4 or length > limit or data[1] == 0xFF:
        return None
    return apply_mask(data[start + 4 :], data[start : start + 4])


def _head(length: int) -> bytes:
    """How an unmasked text frame of so many bytes begins."""
    if length < 126:
        return bytes((WHOLE_TEXT, length))
    if length < 65_536:
        return bytes((WHOLE_TEXT, 126)) + length.to_bytes(2, "big")
    return bytes((WHOLE_TEXT, 127)) + length.to_bytes(8, "big")


_HEADS = tuple(map(_head, range(1_024)))
"""Those of receipts and other short ones, made once."""


def text_frame(payload: bytes) -> bytes:
    """`payload` (UTF-8) as one unmasked text frame, as a server sends it."""
    length = len(payload)
    return (_HEADS[length] if length < len(_HEADS) else _head(length)) + payload


def binary_frame(payload: bytes) -> bytes:
    """`payload` as one unmasked binary frame, as a server sends it."""
    return bytes((WHOLE_BINARY,)) + text_frame(payload)[1:]


@dataclass(frozen=True, slots=True)
class Push:
    """The newest state of a channel: its payload, and the one frame that goes to every socket."""

    payload: bytes
    frame: bytes

    @classmethod
    def of(cls, payload: bytes) -> "Push":
        return cls(payload, text_frame(payload))
