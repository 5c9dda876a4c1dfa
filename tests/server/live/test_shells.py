"""Who is let in on the live path and what may be said there, held against both shells."""

from __future__ import annotations

import asyncio
import contextlib
import json

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.frames import Frame, Opcode

from server import wire
from server.auth import Role
from server.errors import Close
from tests.server.live.clients import address, device_cookie, phone, raw
from tests.server.live.conftest import MAX_CONNECTIONS, MESSAGES_PER_10S, Hall
from tests.waiting import eventually

HELLO = b'{"type":"hello"}'


def cast_frame(nonce: str = "nonce-nonce", choice: str = "1") -> bytes:
    return json.dumps(
        {
            "type": "cast",
            "poll": "open",
            "round": 1,
            "rev": 1,
            "nonce": nonce,
            "selections": [choice],
            "ref": 1,
        }
    ).encode()


# -- who is let in ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://evil.example", "Sec-Fetch-Site": "same-site"},
    ],
)
async def test_page_of_another_site_gets_a_plain_403(hall: Hall, headers: dict[str, str]) -> None:
    cookie = {"Cookie": device_cookie(hall.running.context)}
    with pytest.raises(InvalidStatus) as refused:
        await connect(address(hall.running, hall.id), additional_headers={**cookie, **headers}, proxy=None)
    assert refused.value.response.status_code == 403


async def test_own_page_is_let_in(hall: Hall) -> None:
    async with phone(hall.running, hall.id, origin=hall.running.base) as one:
        await one.hear(ch="papers")


@pytest.mark.parametrize("cookie", ["", "hc_device=forged", "hc_device=ImFubmEi.c2lnbmF0dXJl"])
async def test_without_a_device_cookie_of_ours_the_close_code_says_forbidden(hall: Hall, cookie: str) -> None:
    async with phone(hall.running, hall.id, cookie=cookie) as one:
        assert await one.close_code() == Close.FORBIDDEN


async def test_console_needs_a_moderators_right(hall: Hall) -> None:
    async with phone(hall.running, hall.id, kind="console") as one:
        assert await one.close_code() == Close.FORBIDDEN
    cookie = await role_cookie(hall, Role.MODERATOR)
    async with phone(hall.running, hall.id, kind="console", cookie=cookie) as one:
        await one.hear(ch="console")


async def role_cookie(hall: Hall, role: Role) -> str:
    return f"hc_{role}_{hall.id}={await hall.running.token(hall.id, role)}"


@pytest.mark.parametrize(
    ("event", "kind"), [("no-such-event", "phone"), (None, "kitchen"), (None, "stage?room=attic"), (None, "")]
)
async def test_unknown_event_channel_or_room_is_told_by_close_code(
    hall: Hall, event: str | None, kind: str
) -> None:
    if not kind and hall.shell == "reference":
        return  # the router knows no such path and answers 403 before any of our code is asked
    async with phone(hall.running, event or hall.id, kind=kind) as one:
        assert await one.close_code() == Close.NO_SUCH_EVENT


async def test_one_device_may_have_so_many_connections_and_gets_a_new_one_when_it_closes_one(
    hall: Hall,
) -> None:
    cookie = device_cookie(hall.running.context)
    async with contextlib.AsyncExitStack() as tabs:
        for _ in range(MAX_CONNECTIONS):
            tab = await tabs.enter_async_context(phone(hall.running, hall.id, cookie=cookie))
            await tab.hear(ch="papers")
        async with phone(hall.running, hall.id, cookie=cookie) as one:
            assert await one.close_code() == Close.TOO_MANY_CONNECTIONS
        assert hall.phones() == 1
        async with phone(hall.running, hall.id) as other:
            await other.hear(ch="papers")
            assert hall.phones() == 2
    await eventually(lambda: hall.phones() == 0)
    async with phone(hall.running, hall.id, cookie=cookie) as one:
        await one.hear(ch="papers")


async def test_our_subprotocol_is_chosen_when_it_is_offered(hall: Hall) -> None:
    for offered, chosen in (
        ([wire.SUBPROTOCOL], wire.SUBPROTOCOL),
        (["x", wire.SUBPROTOCOL], wire.SUBPROTOCOL),
    ):
        async with phone(hall.running, hall.id, subprotocols=offered) as one:
            assert one.socket.subprotocol == chosen
    async with phone(hall.running, hall.id) as one:
        assert one.socket.subprotocol is None


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"Sec-WebSocket-Version: 12", 400),
        (b"Sec-WebSocket-Key: short", 400),
        (b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", 400),
    ],
)
async def test_handshake_that_is_none_is_refused_in_plain_http(hall: Hall, line: bytes, status: int) -> None:
    host, port = hall.running.base.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    lines = [
        f"GET /ws/{hall.id}/phone HTTP/1.1".encode(),
        f"Host: {host}:{port}".encode(),
        b"Upgrade: websocket",
        b"Connection: keep-alive, Upgrade",
        line,
    ]
    if b"Key" not in line:
        lines.append(b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
    if b"Version" not in line:
        lines.append(b"Sec-WebSocket-Version: 13")
    writer.write(b"\r\n".join(lines) + b"\r\n\r\n")
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    assert int(answer.split()[1]) == status


# -- what may be said ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "message",
    ["", "{", "[]", "null", '{"type":"vote"}', '{"type":"hello","extra":1}', '{"type":"cast","poll":"open"}'],
)
async def test_what_is_no_frame_of_ours_closes_with_bad_frame(hall: Hall, message: str) -> None:
    async with phone(hall.running, hall.id) as one:
        await one.socket.send(message)
        assert await one.close_code() == Close.BAD_FRAME
        assert one.socket.close_reason


async def test_binary_message_closes_with_bad_frame(hall: Hall) -> None:
    async with phone(hall.running, hall.id) as one:
        await one.socket.send(HELLO)
        assert await one.close_code() == Close.BAD_FRAME


@pytest.mark.parametrize("payload", [b'{"type":"\xff"}', b"\xed\xa0\x80", b"\xc3"])
async def test_text_that_is_not_utf8_is_refused_as_the_standard_asks(hall: Hall, payload: bytes) -> None:
    async with raw(hall.running, hall.id) as one:
        await one.send_frame(Opcode.TEXT, payload)
        assert await one.close_code() == 1007


async def test_text_that_is_not_ascii_is_taken(hall: Hall) -> None:
    async with raw(hall.running, hall.id) as one:
        await one.send_frame(Opcode.TEXT, '{"type":"héllo"}'.encode())
        assert await one.close_code() == Close.BAD_FRAME


@pytest.mark.parametrize("size", [4097, 70_000])
async def test_message_over_the_limit_is_too_big(hall: Hall, size: int) -> None:
    async with raw(hall.running, hall.id) as one:
        await one.send_frame(Opcode.TEXT, b" " * size)
        assert await one.close_code() == 1009


async def test_pieces_that_are_together_over_the_limit_are_too_big(hall: Hall) -> None:
    async with raw(hall.running, hall.id) as one:
        await one.send_frame(Opcode.TEXT, b" " * 3000, fin=False)
        await one.send_frame(Opcode.CONT, b" " * 3000, fin=True)
        assert await one.close_code() == 1009


async def test_message_of_just_the_limit_is_taken(hall: Hall) -> None:
    async with raw(hall.running, hall.id) as one:
        await one.send_frame(Opcode.TEXT, HELLO.ljust(4096))
        while not any(b'"welcome"' in bytes(frame.data) for frame in one.frames):
            await one.read()


@pytest.mark.parametrize("cuts", [(1,), (2, 3), (5, 40, 41), tuple(range(1, 90))])
async def test_cast_in_pieces_is_one_ballot(hall: Hall, cuts: tuple[int, ...]) -> None:
    """Pieces of the message as continuation frames, and each of those in two TCP segments."""
    whole = cast_frame()
    pieces = [whole[a:b] for a, b in zip((0, *cuts), (*cuts, len(whole)), strict=True)]
    async with raw(hall.running, hall.id) as one:
        for place, piece in enumerate(pieces):
            opcode = Opcode.CONT if place else Opcode.TEXT
            data = Frame(opcode, piece, place == len(pieces) - 1).serialize(mask=True)
            await one.send(data[:3])
            await asyncio.sleep(0)
            await one.send(data[3:])
        while not any(b'"receipt"' in bytes(frame.data) for frame in one.frames):
            await one.read()
    assert sum((await hall.tally()).values()) == 1


async def test_frames_cut_anywhere_and_glued_together_are_all_taken(hall: Hall) -> None:
    data = b"".join(
        Frame(Opcode.TEXT, cast_frame(f"nonce-{n:05}", "1")).serialize(mask=True) for n in range(6)
    )
    async with raw(hall.running, hall.id) as one:
        for start in range(0, len(data), 37):
            await one.send(data[start : start + 37])
            await asyncio.sleep(0)

        def replies() -> int:
            return sum(b'"ref":1' in bytes(frame.data) for frame in one.frames)

        while replies() < 6:
            await one.read()
    assert sum((await hall.tally()).values()) == 1


async def test_more_messages_than_allowed_are_a_flood(hall: Hall) -> None:
    async with raw(hall.running, hall.id) as one:
        hello = Frame(Opcode.TEXT, b'{"type":"seen","ch":"x","epoch":"x","offset":1}').serialize(mask=True)
        await one.send(hello * (MESSAGES_PER_10S + 2) + hello[:5])
        assert await one.close_code() == Close.FLOOD
        await one.send(hello[5:])
        await one.send_frame(Opcode.CLOSE, b"\x11\x98")
        await one.until_end()
    await eventually(lambda: hall.phones() == 0)


async def test_one_phones_flood_harms_no_other(hall: Hall) -> None:
    async with phone(hall.running, hall.id) as good, raw(hall.running, hall.id) as bad:
        await bad.send(Frame(Opcode.TEXT, HELLO).serialize(mask=True) * (MESSAGES_PER_10S + 2))
        assert await bad.close_code() == Close.FLOOD
        assert (await good.cast("open", ["1"]))["type"] == "receipt"


# -- control frames -----------------------------------------------------------------------------------


async def test_ping_is_answered_with_its_payload_and_talk_goes_on(hall: Hall) -> None:
    async with raw(hall.running, hall.id) as one:
        await one.send_frame(Opcode.PING, b"are you there")
        assert (await one.until(Opcode.PONG)).data == b"are you there"
        await one.send_frame(Opcode.TEXT, HELLO)
        while not any(b'"welcome"' in bytes(frame.data) for frame in one.frames):
            await one.read()


async def test_ping_between_the_pieces_of_a_message_is_answered(hall: Hall) -> None:
    async with raw(hall.running, hall.id) as one:
        await one.send_frame(Opcode.TEXT, HELLO[:5], fin=False)
        await one.send_frame(Opcode.PING, b"now")
        await one.send_frame(Opcode.CONT, HELLO[5:])
        assert (await one.until(Opcode.PONG)).data == b"now"
        while not any(b'"welcome"' in bytes(frame.data) for frame in one.frames):
            await one.read()


@pytest.mark.parametrize("code", [1000, 1001, 3000, 4999])
async def test_close_is_echoed_with_its_code_and_the_connection_ends(hall: Hall, code: int) -> None:
    async with raw(hall.running, hall.id) as one:
        await one.send_frame(Opcode.CLOSE, code.to_bytes(2, "big") + b"good bye")
        assert await one.close_code() == code
        await one.until_end()
    await eventually(lambda: hall.phones() == 0)


@pytest.mark.parametrize(
    "data",
    [
        b"\x81\x02hi",  # not masked
        b"\xc1\x80abcd",  # a reserved bit
        b"\x83\x80abcd",  # a reserved opcode
        b"\x80\x80abcd",  # continues nothing
        b"\x09\x80abcd",  # a ping in pieces
        b"\x88\x81abcda",  # a close code of one byte
        b"\x88\x82abcd\x62\x8e",  # close code 1004, which nobody may send
    ],
)
async def test_break_of_the_protocol_closes_with_1002(hall: Hall, data: bytes) -> None:
    async with raw(hall.running, hall.id) as one:
        await one.send(data)
        assert await one.close_code() == 1002
    await eventually(lambda: hall.phones() == 0)


async def test_connection_that_just_ends_is_forgotten(hall: Hall) -> None:
    async with raw(hall.running, hall.id):
        await eventually(lambda: hall.phones() == 1)
    await eventually(lambda: hall.phones() == 0)
