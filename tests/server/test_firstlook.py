"""Who is answered at the first look gets what everybody gets, and everything else is uvicorn's as before."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import cast

import pytest
from uvicorn import Config
from uvicorn.server import ServerState

from polls.model import Event
from server import firstlook
from server.context import Context
from server.firstlook import Door, FirstLook
from server.routes.fresh import Doorstep
from server.staticfiles import STATIC, CachedStatic, StaticUrl
from tests.conftest import Running
from tests.waiting import eventually

Answer = tuple[int, dict[str, str], bytes]


class Line:
    """A connection that says bytes as they are and reads answers one by one."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def answer(self) -> Answer:
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        assert len(headers) == len(lines)
        return int(first.split()[1]), headers, await self.reader.readexactly(int(headers["content-length"]))

    async def ask(self, *pieces: bytes) -> Answer:
        """Say something, each piece by itself on its way."""
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
            await asyncio.sleep(0)
        return await self.answer()


Dial = Callable[[], Awaitable[Line]]


@pytest.fixture
async def dial(running: Running) -> AsyncIterator[Dial]:
    """Opens connections, which are closed after the test."""
    host, port = running.base.removeprefix("http://").split(":")
    lines: list[Line] = []

    async def dial() -> Line:
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        lines.append(Line(reader, writer))
        return lines[-1]

    yield dial
    for one in lines:
        one.writer.close()
        with contextlib.suppress(ConnectionError):
            await one.writer.wait_closed()


def get(path: str, *more: str) -> bytes:
    lines = (f"GET {path} HTTP/1.1", "Host: vote.example", "Accept-Encoding: gzip", *more)
    return "".join(f"{one}\r\n" for one in lines).encode() + b"\r\n"


@pytest.fixture
async def page(dial: Dial, loaded: Event) -> str:
    """The address of a page that this process knows, since somebody has been there."""
    path = f"/j/{loaded.join_code}"
    assert (await (await dial()).ask(get(path)))[0] == 200
    return path


def alike(answer: Answer) -> Answer:
    """An answer without what is each phone's own."""
    status, headers, body = answer
    cookie = re.sub(r"=[^;]+", "", headers.pop("set-cookie"), count=1)
    text = re.sub(rb'[\w-]{22}|"seed":"\w+"', b"", gzip.decompress(body))
    del headers["date"], headers["content-length"]
    return status, {**headers, "set-cookie": cookie}, text


def is_first(running: Running, one: Line) -> bool:
    """Whether the server holds this connection and still takes a first look at what it says."""
    own = one.writer.get_extra_info("sockname")
    held = [other for other in running.connections() if isinstance(other, FirstLook)]
    return any(other._transport.get_extra_info("peername") == own for other in held)


async def test_page_is_the_one_that_comes_by_the_ordinary_way(
    running: Running, dial: Dial, page: str
) -> None:
    quick, slow = await dial(), await dial()
    first = await quick.ask(get(page))
    ordinary = await slow.ask(get(page, "Connection: keep-alive, x"))
    assert is_first(running, quick) and not is_first(running, slow)
    assert first[1]["set-cookie"] != ordinary[1]["set-cookie"]
    assert alike(first) == alike(ordinary)
    assert b"<!doctype html" in gzip.decompress(first[2])[:20].lower()


async def test_each_request_on_a_line_is_answered_whoever_answers_it(
    running: Running, dial: Dial, page: str
) -> None:
    one = await dial()
    status, headers, _ = await one.ask(get(page))
    cookie = headers["set-cookie"].partition(";")[0]
    assert (await one.ask(get(page)))[1]["set-cookie"].partition(";")[0] != cookie  # no cookie: another phone
    assert is_first(running, one)
    status, headers, _ = await one.ask(get(page, f"Cookie: {cookie}"))
    assert status == 200 and "set-cookie" not in headers
    assert not is_first(running, one)
    assert (await one.ask(get("/static/none.css")))[0] == 404
    assert (await one.ask(get(page)))[0] == 200
    assert (await one.ask(get("/j/NOSUCH")))[0] == 404
    one.writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na=b")
    assert (await one.answer())[0] == 422


@pytest.mark.parametrize("at", [1, 3, 17, -2])
async def test_request_in_pieces_is_answered(dial: Dial, page: str, at: int) -> None:
    one, request = await dial(), get(page)
    assert (await one.ask(request[:at], request[at:]))[0] == 200


async def test_requests_in_one_piece_are_answered_in_turn(dial: Dial, page: str) -> None:
    one = await dial()
    one.writer.write(get(page) + get("/static/none.css"))
    assert [(await one.answer())[0] for _ in range(2)] == [200, 404]


async def test_nonsense_gets_a_400(dial: Dial) -> None:
    one = await dial()
    assert (await one.ask(b"\x16\x03\x01 hello\r\n\r\n"))[0] == 400


async def test_error_on_the_quick_way_is_told_as_on_the_ordinary_one(
    dial: Dial, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(doorstep: Doorstep, path: str, headers: object) -> None:
        raise ValueError("nothing to show")

    monkeypatch.setattr(Doorstep, "answer", stumble)
    assert (await (await dial()).ask(get(page)))[0] == 500


async def test_page_as_plain_text_for_who_cannot_unpack(dial: Dial, page: str) -> None:
    one = await dial()
    status, headers, body = await one.ask(get(page).replace(b"Accept-Encoding: gzip\r\n", b""))
    assert status == 200 and "content-encoding" not in headers and b"</html>" in body


async def test_who_leaves_is_forgotten(running: Running, dial: Dial, page: str) -> None:
    one = await dial()
    await one.ask(get(page))
    assert is_first(running, one)
    one.writer.close()
    await eventually(lambda: not is_first(running, one), what="the connection is forgotten")


PHONE_CSS, PHONE_JS = (StaticUrl(STATIC)(path) for path in ("css/phone.css", "js/phone.js"))


@pytest.mark.parametrize(("address", "file"), [(PHONE_CSS, "css/phone.css"), (PHONE_JS, "js/phone.js")])
async def test_file_is_the_one_that_comes_by_the_ordinary_way(
    running: Running, dial: Dial, address: str, file: str
) -> None:
    quick, slow = await dial(), await dial()
    first = await quick.ask(get(address, "Cookie: a=b"))
    ordinary = await slow.ask(get(address, "Connection: keep-alive, x"))
    assert is_first(running, quick) and not is_first(running, slow)
    assert {**first[1], "date": ""} == {**ordinary[1], "date": ""}
    assert "immutable" in first[1]["cache-control"] and "content-security-policy" in first[1]
    assert first[0] == ordinary[0] == 200
    assert gzip.decompress(first[2]) == gzip.decompress(ordinary[2]) == (STATIC / file).read_bytes()


async def test_file_asked_for_in_any_other_way_is_the_libraries(running: Running, dial: Dial) -> None:
    one = await dial()
    _, headers, _ = await one.ask(get(PHONE_CSS))
    asked = {
        get(PHONE_CSS, f"If-None-Match: {headers['etag']}"): 304,
        get(PHONE_CSS, "Range: bytes=0-3"): 200,
        get(PHONE_CSS).replace(b"gzip", b"identity"): 200,
        get("/static/css/phone.css"): 200,
        get("/static/css/phone.css?v=0000000000"): 200,
        get("/static/../config.yaml"): 404,
    }
    for request, status in asked.items():
        other = await dial()
        other.writer.write(request)
        head = await other.reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 %d" % status), request
        assert not is_first(running, other)
        assert (b"immutable" in head) is (b"v=" in request and b"v=0" not in request and status != 404), (
            request
        )


class Wire(asyncio.Transport):
    """A transport that notes what is done with it."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[str] = []

    def close(self) -> None:
        self.done.append("close")

    def pause_reading(self) -> None:
        self.done.append("pause")

    def resume_reading(self) -> None:
        self.done.append("resume")


def door_of(keep_alive_s: float) -> Door:
    """A door with nothing behind it."""
    return Door(cast(Context, None), cast(Doorstep, None), cast(CachedStatic, None), keep_alive_s)


def first_look(door: Door) -> tuple[FirstLook, Wire]:
    one, wire = FirstLook(door, cast(Config, None), ServerState(), {}), Wire()
    one.connection_made(wire)
    return one, wire


async def test_who_asks_nothing_more_is_hung_up_on_and_no_one_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(firstlook, "SWEEP_S", 0.01)
    door = door_of(0.05)
    (silent, its_wire), (fresh, wire), (gone, no_wire) = first_look(door), first_look(door), first_look(door)
    for one in (silent, fresh, gone):
        door.has_answered(one)
    gone.connection_lost(None)

    def is_over() -> bool:
        door.has_answered(fresh)
        return bool(its_wire.done)

    await eventually(is_over, what="the silent one is hung up on")
    assert (its_wire.done, wire.done, no_wire.done) == (["close"], [], [])


async def test_who_does_not_take_its_pages_gets_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    one, wire = first_look(door_of(5))
    one.pause_writing()
    one.resume_writing()
    one.shutdown()
    assert wire.done == ["pause", "resume", "close"]
