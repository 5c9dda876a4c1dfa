"""What a socket of the live path does, held against both shells: our own and the reference."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import socket

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.frames import Frame, Opcode

from polls.lifecycle import Action
from polls.model import Event
from server import wire
from server.auth import Role
from server.cli.serve import listen
from server.config import Config
from server.errors import Close
from server.live.protocol import LiveProtocol
from server.loading import load_event
from tests.conftest import serving
from tests.server.live.clients import Phone, address, device_cookie, phone, raw
from tests.server.live.conftest import MAX_CONNECTIONS, MESSAGES_PER_10S, WRITE_BUFFER_BYTES, Hall
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


async def close_code(one: Phone) -> int:
    """The close code that the server sent."""
    await one.socket.wait_closed()
    code = one.socket.close_code
    assert code is not None
    return code


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
        assert await close_code(one) == Close.FORBIDDEN


async def test_console_needs_a_moderators_right(hall: Hall) -> None:
    async with phone(hall.running, hall.id, kind="console") as one:
        assert await close_code(one) == Close.FORBIDDEN
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
        assert await close_code(one) == Close.NO_SUCH_EVENT


async def test_one_device_may_have_so_many_connections_and_gets_a_new_one_when_it_closes_one(
    hall: Hall,
) -> None:
    cookie = device_cookie(hall.running.context)
    async with contextlib.AsyncExitStack() as tabs:
        for _ in range(MAX_CONNECTIONS):
            tab = await tabs.enter_async_context(phone(hall.running, hall.id, cookie=cookie))
            await tab.hear(ch="papers")
        async with phone(hall.running, hall.id, cookie=cookie) as one:
            assert await close_code(one) == Close.TOO_MANY_CONNECTIONS
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
        assert await close_code(one) == Close.BAD_FRAME
        assert one.socket.close_reason


async def test_binary_message_closes_with_bad_frame(hall: Hall) -> None:
    async with phone(hall.running, hall.id) as one:
        await one.socket.send(HELLO)
        assert await close_code(one) == Close.BAD_FRAME


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


# -- ballots ------------------------------------------------------------------------------------------


async def test_hello_is_answered_with_own_ballots_and_the_window(hall: Hall) -> None:
    cookie = device_cookie(hall.running.context)
    async with phone(hall.running, hall.id, cookie=cookie) as one:
        await one.cast("open", ["2"], nonce="mine-mine")
    async with phone(hall.running, hall.id, cookie=cookie) as one:
        await one.say(type="hello")
        welcome = await one.hear(type="welcome")
        papers = await one.hear(ch="papers")
    assert welcome["window_ms"] == hall.running.context.config.live.reconnect_window_s * 1000
    assert welcome["epoch"] == papers["epoch"]
    assert [(own["nonce"], own["selections"]) for own in welcome["own"]] == [("mine-mine", ["2"])]


async def test_cast_gets_its_receipt_and_the_same_again_the_same_receipt(hall: Hall) -> None:
    async with phone(hall.running, hall.id) as one:
        first = await one.cast("open", ["2"], nonce="mine-mine")
        again = await one.cast("open", ["2"], nonce="mine-mine")
    assert (first["type"], first["again"], first["own"]["selections"]) == ("receipt", False, ["2"])
    assert (again["type"], again["again"], again["own"]) == ("receipt", True, first["own"])
    assert list((await hall.tally()).values()) == [1]


async def test_change_of_mind_counts_and_late_or_twisted_ballots_are_told_what_counts(hall: Hall) -> None:
    async with phone(hall.running, hall.id) as one:
        await one.cast("open", ["1"], rev=1)
        changed = await one.cast("open", ["3"], rev=2)
        stale = await one.cast("open", ["1"], rev=1)
        conflict = await one.cast("open", ["1"], rev=2)
    assert changed["type"] == "receipt"
    assert (stale["type"], stale["code"], stale["temporary"]) == ("reject", "stale", False)
    assert (conflict["type"], conflict["code"]) == ("reject", "conflict")
    assert stale["own"] == conflict["own"] == changed["own"]
    assert list((await hall.tally()).values()) == [1]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"poll": "nothing"}, "no_such_poll"),
        ({"poll": "next", "round": 0}, "closed"),
        ({"round": 7}, "other_round"),
        ({"choice": ["4"]}, None),
        ({"choice": ["1", "2"]}, None),
    ],
)
async def test_ballot_that_cannot_count_is_rejected_and_the_connection_stays(
    hall: Hall, change: dict[str, object], code: str | None
) -> None:
    words: dict[str, object] = {"poll": "open", "choice": ["1"], **change}
    async with phone(hall.running, hall.id) as one:
        reject = await one.cast(**words)  # type: ignore[arg-type]
        assert reject["type"] == "reject"
        assert reject["message"]
        if code:
            assert reject["code"] == code
        assert (await one.cast("open", ["1"]))["type"] == "receipt"


async def test_ballot_after_the_close_is_rejected_but_a_counted_one_is_confirmed(hall: Hall) -> None:
    async with phone(hall.running, hall.id) as one, phone(hall.running, hall.id) as other:
        before = await one.cast("open", ["1"], nonce="mine-mine")
        await hall.act(Action.CLOSE)
        assert (await other.cast("open", ["1"]))["code"] == "closed"
        after = await one.cast("open", ["1"], nonce="mine-mine")
    assert (after["type"], after["again"], after["own"]) == ("receipt", True, before["own"])


async def test_ballots_of_many_phones_at_one_moment_are_all_counted_once(hall: Hall) -> None:
    async with contextlib.AsyncExitStack() as stack:
        phones = [await stack.enter_async_context(phone(hall.running, hall.id)) for _ in range(40)]
        replies = await asyncio.gather(
            *(
                one.cast("open", [str(place % 3 + 1)], nonce=f"nonce-{place:04}")
                for place, one in enumerate(phones)
                for _ in range(1 + (place % 5 == 0))
            )
        )
    assert {reply["type"] for reply in replies} == {"receipt"}
    assert sum(reply["again"] for reply in replies) == 8
    assert sum((await hall.tally()).values()) == 40


async def test_console_and_stage_cannot_vote(hall: Hall) -> None:
    async with phone(hall.running, hall.id, kind="stage") as stage:
        await stage.say(
            type="cast", poll="open", round=1, rev=1, nonce="a-stage-votes", selections=["1"], ref=1
        )
        await stage.say(type="hello")
        await stage.hear(type="welcome")
    assert await hall.tally() == {}


# -- pushes -------------------------------------------------------------------------------------------


async def test_newcomer_gets_the_newest_state_at_once(hall: Hall) -> None:
    async with phone(hall.running, hall.id) as one:
        papers = await one.hear(ch="papers")
        await one.hear(ch="results")
    assert [card["poll"] for card in papers["cards"]] == ["open"]


async def test_opening_and_closing_is_pushed_to_everybody(hall: Hall) -> None:
    async with phone(hall.running, hall.id) as one, phone(hall.running, hall.id, kind="stage") as stage:
        await one.hear(ch="papers")
        await hall.act(Action.OPEN, "next")

        def polls(cards: int) -> bool:
            return any(len(f.get("cards", ())) == cards for f in one.heard if f.get("ch") == "papers")

        await eventually(lambda: polls(2), what="the second paper")
        await hall.act(Action.CLOSE, "next")
        await hall.act(Action.CLOSE, "open")
        await eventually(lambda: polls(0), what="no paper")
        await stage.hear(ch="stage")
        offsets = [frame["offset"] for frame in one.heard if frame.get("ch") == "papers"]
    assert offsets == sorted(set(offsets))


async def test_ballots_reach_the_stage(hall: Hall) -> None:
    async with phone(hall.running, hall.id, kind="stage") as stage, phone(hall.running, hall.id) as one:
        await one.cast("open", ["1"])

        def counted() -> bool:
            return any(frame["view"]["counted"] == 1 for frame in stage.heard if frame.get("ch") == "stage")

        await eventually(counted, what="the stage shows one ballot")


async def test_what_a_stage_has_painted_reaches_the_store(hall: Hall) -> None:
    async with phone(hall.running, hall.id, kind="stage") as stage, phone(hall.running, hall.id) as one:
        await one.cast("open", ["1"])
        await eventually(lambda: any(f.get("view", {}).get("counted") == 1 for f in stage.heard))
        push = next(f for f in stage.heard if f.get("view", {}).get("counted") == 1)
        await stage.say(type="seen", ch="stage", epoch=push["epoch"], offset=push["offset"])

        async def painted() -> list[dict[str, int | str]]:
            snapshot = await hall.running.store.snapshot(hall.id)
            assert snapshot is not None
            return [dict(words) for words in snapshot.painted.values() if words.get("offset")]

        words = (await eventually(painted, what="the store knows what is painted"))[0]
        assert (words["poll"], words["counted"], words["offset"]) == ("open", 1, push["offset"])
    await eventually(lambda: gone(hall), what="a stage that left shows nothing any more")


async def gone(hall: Hall) -> bool:
    snapshot = await hall.running.store.snapshot(hall.id)
    assert snapshot is not None
    return all(words.get("gone") for words in snapshot.painted.values())


async def test_phone_that_reads_again_has_missed_everything_but_the_newest(hall: Hall) -> None:
    hub, topic, count = hall.running.context.hub, hall.topic("papers"), 200
    async with raw(hall.running, hall.id, buffer=4096) as slow:
        await eventually(lambda: hall.phones() == 1)
        for number in range(count):
            hub.publish(topic, json.dumps({"number": number, "pad": "x" * 50_000}).encode())
            await asyncio.sleep(0)
        numbers: list[int] = []
        while not numbers or numbers[-1] != count - 1:
            await slow.read()
            pushes = (json.loads(bytes(frame.data)) for frame in slow.frames)
            numbers += [push["number"] for push in pushes if "number" in push]
            slow.frames.clear()
    assert numbers == sorted(set(numbers))
    assert len(numbers) < count


async def test_phone_that_does_not_read_is_dropped_and_nobody_else_notices(hall: Hall) -> None:
    hub, topic = hall.running.context.hub, hall.topic("papers")
    size = 50_000
    async with raw(hall.running, hall.id, buffer=4096), phone(hall.running, hall.id) as quick:
        await eventually(lambda: hall.phones() == 2)
        number = 0

        async def is_dropped() -> bool:
            nonlocal number
            number += 1
            hub.publish(topic, json.dumps({"number": number, "pad": "x" * size}).encode())
            waiting = [
                c._transport.get_write_buffer_size()
                for c in hub._audiences[topic].everyone()
                if isinstance(c, LiveProtocol)
            ]
            assert all(unsent <= WRITE_BUFFER_BYTES + 2 * size for unsent in waiting)
            await quick.hear(number=number)
            return hall.phones() == 1

        await eventually(is_dropped, timeout_s=20, what="the slow phone is dropped")
        assert (await quick.cast("open", ["1"]))["type"] == "receipt"


async def test_nothing_is_sent_after_the_close_frame(hall: Hall) -> None:
    hub, topic = hall.running.context.hub, hall.topic("papers")
    async with raw(hall.running, hall.id) as one:
        await one.send_frame(Opcode.TEXT, b"{")
        code = await one.close_code()
        for number in range(3):
            hub.publish(topic, json.dumps({"number": number}).encode())
        await one.send_frame(Opcode.CLOSE, code.to_bytes(2, "big"))
        await one.until_end()
    assert code == Close.BAD_FRAME
    assert b'"number"' not in one.taken


# -- the end ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shell_name", ["own", "reference"])
async def test_server_that_stops_says_bye_with_the_window_and_closes(
    config: Config, store_url: str, example: Event, shell_name: str
) -> None:
    live = dataclasses.replace(config.live, reconnect_window_s=7)
    server = serving(dataclasses.replace(config, live=live), store_url, shell_name)
    running = await server.__aenter__()
    await load_event(running.store, example, actor="test")
    async with phone(running, example.id) as one:
        await one.hear(ch="papers")
        stopping = asyncio.create_task(server.__aexit__(None, None, None))
        assert (await one.hear(type="bye"))["window_ms"] == 7000
        assert await close_code(one) == Close.GOING_AWAY
    await stopping


async def test_kernel_ends_a_connection_that_acknowledges_nothing(config: Config) -> None:
    """Every connection inherits the bound from the listening socket, so that none needs a timer."""
    with listen("127.0.0.1", 0, config.live.silence_s) as listener:
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        accepted, _ = listener.accept()
        with accepted:
            bound_ms = accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
        writer.close()
    assert bound_ms == config.live.silence_s * 1000
