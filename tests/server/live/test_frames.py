"""Reading and making the common small frame, held against the parser of the websockets library."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from websockets.exceptions import PayloadTooBig, ProtocolError
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from server.live.frames import OTHER, Push, binary_frame, read_one, read_small, text_frame

LIMIT = 200
payloads = st.binary(max_size=LIMIT)


def by_library(data: bytes, limit: int | None, *, mask: bool) -> Frame | str | None:
    """The first frame as the library reads it: None when it is not whole, a word when it is refused."""
    reader = StreamReader()
    reader.feed_data(data)
    steps = Frame.parse(reader.read_exact, mask=mask, max_size=limit)
    try:
        next(steps)
    except StopIteration as stop:
        frame: Frame = stop.value
        return frame
    except PayloadTooBig:
        return "too big"
    except ProtocolError:
        return "broken"
    return None


def sent(payload: bytes, opcode: Opcode = Opcode.TEXT, fin: bool = True) -> bytes:
    """A frame as a client sends it."""
    return Frame(opcode, payload, fin).serialize(mask=True)


@given(payloads)
def test_small_text_frame_is_read_with_its_payload_and_end(payload: bytes) -> None:
    data = sent(payload)
    assert read_small(data, 0, LIMIT) == (len(data), payload)


@given(payloads)
def test_frame_cut_at_any_byte_is_awaited_and_then_read(payload: bytes) -> None:
    data = sent(payload)
    for cut in range(len(data)):
        assert read_small(data[:cut], 0, LIMIT) is None
    assert read_small(data, 0, LIMIT) == (len(data), payload)


@pytest.mark.parametrize("size", [0, 1, 124, 125, 126, 127, LIMIT - 1, LIMIT])
def test_every_size_up_to_the_limit_is_read(size: int) -> None:
    assert read_small(sent(b"x" * size), 0, LIMIT) == (len(sent(b"x" * size)), b"x" * size)


@pytest.mark.parametrize("size", [LIMIT + 1, 65_535, 65_536])
def test_frame_over_the_limit_is_left_to_the_library_as_soon_as_its_size_is_known(size: int) -> None:
    data = sent(b"x" * size)
    assert read_small(data, 0, LIMIT) is OTHER
    assert read_small(data[:4], 0, LIMIT) is OTHER


@given(st.binary(max_size=300) | payloads.map(sent) | st.builds(lambda a, b: sent(a) + b, payloads, payloads))
@example(b"\x81\xff" + b"x" * 131)
@example(b"\x81\xfe")
@example(b"\x81\x80")
@example(b"\x81\x80maskx")
def test_one_frame_alone_is_read_as_among_several_or_left_to_that(data: bytes) -> None:
    alone, among = read_one(data, LIMIT), read_small(data, 0, LIMIT)
    assert alone == (among[1] if among is not None and among[0] == len(data) else None)


@given(st.lists(payloads, min_size=1, max_size=5))
def test_frames_in_one_segment_are_read_one_after_the_other(several: list[bytes]) -> None:
    data, at, read = b"".join(map(sent, several)), 0, []
    while at < len(data):
        found = read_small(data, at, LIMIT)
        assert found is not None and found[1] is not None
        at, payload = found
        read.append(payload)
    assert read == several


@pytest.mark.parametrize(
    "data",
    [
        sent(b"x", Opcode.BINARY),
        sent(b"x", Opcode.TEXT, fin=False),
        sent(b"x", Opcode.CONT),
        sent(b"", Opcode.PING),
        sent(b"", Opcode.PONG),
        sent(b"\x03\xe8", Opcode.CLOSE),
        Frame(Opcode.TEXT, b"unmasked").serialize(mask=False),
        b"\xc1" + sent(b"with a reserved bit")[1:],
    ],
    ids=["binary", "first part", "continuation", "ping", "pong", "close", "unmasked", "reserved bit"],
)
def test_every_other_kind_of_frame_is_left_to_the_library(data: bytes) -> None:
    assert read_small(data, 0, LIMIT) is OTHER


@given(st.binary(max_size=300))
@example(b"\x81\xfe\x00\x05abcdHELLO")  # a small size in the long form: the library takes it, so do we
@example(b"\x81\xff\x00\x00\x00\x00\x00\x00\x00\x05abcdHELLO")
def test_garbage_is_read_as_the_library_reads_it_or_left_to_it(data: bytes) -> None:
    ours, theirs = read_small(data, 0, LIMIT), by_library(data, LIMIT, mask=True)
    if ours is None:
        assert theirs is None
    elif ours[1] is not None:
        assert isinstance(theirs, Frame)
        assert (theirs.opcode, theirs.fin, bytes(theirs.data)) == (Opcode.TEXT, True, ours[1])


@given(st.binary(max_size=70_000))
@example(b"x" * 125)
@example(b"x" * 126)
@example(b"x" * 65_535)
@example(b"x" * 65_536)
def test_frames_we_make_are_those_of_the_library(payload: bytes) -> None:
    assert text_frame(payload) == Frame(Opcode.TEXT, payload).serialize(mask=False)
    assert binary_frame(payload) == Frame(Opcode.BINARY, payload).serialize(mask=False)


def test_push_is_framed_once() -> None:
    push = Push.of(b"{}")
    assert (push.payload, push.frame) == (b"{}", b"\x81\x02{}")
