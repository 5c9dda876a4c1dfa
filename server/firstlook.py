"""The first look at a connection: a hall that joins is answered here, everybody else is uvicorn's.

When a hall scans the code, ten thousand phones ask within seconds for the same: the page, without a cookie,
a dozen static files, and the socket. uvicorn makes a parser, a scope and a task for each request, which
costs several times what the answer does. So a connection whose requests are these, and plain, is served in
place; at the first request of any other kind uvicorn's own protocol takes it over for good, with that
request. It gives the same answers.
"""

import asyncio
from typing import TYPE_CHECKING, Any, cast

from starlette.applications import Starlette
from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from server.live import upgrade
from server.live.plainrequest import PlainRequest, read_plain
from server.live.protocol import PATH, LiveProtocol
from server.routes.fresh import Doorstep
from server.security import HEADERS
from server.staticfiles import FILES, CachedStatic, Header

if TYPE_CHECKING:
    from server.context import Context

SWEEP_S = 1.0
"""How often those who have had their page and say nothing more are looked through, in seconds."""


class FirstLook(asyncio.Protocol):
    """A connection that has asked for nothing yet but the page of a new phone and static files."""

    __slots__ = ("_door", "_made_with", "_transport")

    _transport: asyncio.Transport

    def __init__(
        self, door: "Door", config: Config, server_state: ServerState, state: dict[str, Any]
    ) -> None:
        self._door = door
        self._made_with = (config, server_state, state)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._made_with[1].connections.add(self)  # type: ignore[arg-type]

    def data_received(self, data: bytes) -> None:
        request = read_plain(data)
        if request is None:
            self._hand_over(data)
        elif "upgrade" in request.headers:
            self._open_socket(request, data)
        else:
            try:
                answer = self._door.answer(request)
            except Exception:  # the ordinary way says so to who asks, and writes it down
                answer = None
            if answer is None:
                self._hand_over(data)
                return
            state = self._made_with[1]
            heads = (b"%b: %b\r\n" % head for head in state.default_headers)
            self._transport.write(b"".join((b"HTTP/1.1 200 OK\r\n", *heads, answer)))
            state.total_requests += 1
            self._door.has_answered(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._leave()

    def pause_writing(self) -> None:
        """Who does not take its pages gets no more of them."""
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._transport.resume_reading()

    def shutdown(self) -> None:
        """uvicorn stops."""
        self._transport.close()

    def end(self) -> None:
        """Nothing has been asked for too long."""
        self._transport.close()

    def _leave(self) -> None:
        self._made_with[1].connections.discard(self)
        self._door.has_gone(self)

    def _open_socket(self, request: PlainRequest, data: bytes) -> None:
        if not request.path.startswith(PATH):
            self._hand_over(data)
            return
        self._leave()
        socket = LiveProtocol(self._door.context, *self._made_with)
        socket.connection_made(self._transport)
        self._transport.set_protocol(socket)
        socket.begin(upgrade.of_plain(request), data)

    def _hand_over(self, data: bytes) -> None:
        self._leave()
        config, server_state, state = self._made_with
        other = HttpToolsProtocol(config, server_state, state, asyncio.get_running_loop())
        other.connection_made(self._transport)
        self._transport.set_protocol(other)
        other.data_received(data)


class Door:
    """What all first looks of a process share."""

    def __init__(
        self, context: "Context", doorstep: Doorstep, static: CachedStatic, keep_alive_s: float
    ) -> None:
        self.context = context
        self._doorstep, self._static, self._keep_alive_s = doorstep, static, keep_alive_s
        self._files: dict[str, bytes] = {}
        self._idle: dict[FirstLook, float] = {}
        """Since when, by the loop's clock, longest first."""
        self._is_sweeping = False
        self._tail = b"".join(b"%b: %b\r\n" % head for head in HEADERS) + b"\r\n"

    def answer(self, request: PlainRequest) -> bytes | None:
        """Headers of ours and body for a new phone, or of a file; None when something else is asked for."""
        headers = request.headers
        if headers.get("connection", "keep-alive").lower() != "keep-alive":
            return None
        if request.path.startswith(FILES):
            return self._file(request)
        found = None if request.query else self._doorstep.answer(request.path, headers)
        return None if found is None else self._joined(*found)

    def _joined(self, heads: list[Header], body: bytes) -> bytes:
        return b"".join([*[b"%b: %b\r\n" % head for head in heads], self._tail, body])

    def _file(self, request: PlainRequest) -> bytes | None:
        address = f"{request.path}?{request.query}" if request.query else request.path
        found = self._static.ready(address, request.headers)
        if found is None:
            return None
        made = self._files.get(address)
        if made is None:
            made = self._files[address] = self._joined(*found)
        return made

    def has_answered(self, one: FirstLook) -> None:
        """Keep the connection for what the phone asks next, as long as uvicorn would."""
        loop = asyncio.get_running_loop()
        if not self._is_sweeping:
            self._is_sweeping = True
            loop.call_later(SWEEP_S, self._sweep)
        self._idle.pop(one, None)
        self._idle[one] = loop.time()

    def has_gone(self, one: FirstLook) -> None:
        self._idle.pop(one, None)

    def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        before = loop.time() - self._keep_alive_s
        for one in [one for one, since in self._idle.items() if since < before]:
            del self._idle[one]
            one.end()
        self._is_sweeping = bool(self._idle)
        if self._is_sweeping:
            loop.call_later(SWEEP_S, self._sweep)


def first_look(context: "Context", app: Starlette, keep_alive_s: float) -> Any:
    """What uvicorn's `http=` takes: makes a FirstLook for each connection. `app` is what build_app made."""
    door = Door(context, app.state.doorstep, app.state.static, keep_alive_s)

    def make(
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> FirstLook:
        return FirstLook(door, config, server_state, app_state)

    return make
