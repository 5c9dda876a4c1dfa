"""Our own shell: a uvicorn WebSocket protocol without a task, queue or timer per connection.

uvicorn hands over the upgrade request of every WebSocket. Those of the live path stay here; all others
go on to uvicorn's own protocol. Handshake, masking, close codes and every frame that is not a small
whole text frame are the work of the `websockets` library; only the common case is parsed here, because
a library object per phone costs more memory than the phone's whole session.

Sources: RFC 6455 (frames §5.2, closing §7), the sans-I/O guide of websockets.
"""

import asyncio
import socket
from functools import partial
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote

import structlog
from starlette.requests import HTTPConnection
from uvicorn import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import Protocol, Side, State
from websockets.server import ServerProtocol

from server import wire
from server.errors import Close
from server.live import doors
from server.live.event import LiveEvent, NoSuchEvent
from server.live.frames import Push, read_small, text_frame
from server.live.session import Session
from voting.errors import VotingError

if TYPE_CHECKING:
    from server.context import Context

log = structlog.get_logger()

PATH = "/ws/"
CLOSE_WAIT_S = 5
"""How long a closing connection may take to say goodbye before it is cut, in seconds."""


class LiveProtocol(asyncio.Protocol):
    """One connection. Before the handshake it is small; after it, it is a Session and a transport."""

    __slots__ = (
        "_config",
        "_context",
        "_library",
        "_parts",
        "_rest",
        "_server_state",
        "_session",
        "_slots",
        "_state",
        "_transport",
    )

    def __init__(
        self,
        context: "Context",
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._context, self._server_state = context, server_state
        self._config: tuple[Config, dict[str, Any]] | None = (config, app_state)
        self._session: Session | None = None
        self._library: Protocol | None = None
        self._parts: list[bytes] | None = None
        self._rest = b""
        self._slots: dict[str, Push] | None = None
        self._state = State.CONNECTING

    # -- asyncio.Protocol -----------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self._state is State.OPEN and self._library is None:
            self._read(self._rest + data if self._rest else data)
        elif self._library is not None:
            self._read_by_library(data)
        elif self._state is State.CONNECTING:
            if self._config is None:  # the event is being looked up: keep what comes meanwhile
                self._rest += data
            else:
                self._shake_hands(data)

    def connection_lost(self, error: Exception | None) -> None:
        self._server_state.connections.discard(self)
        self._context.slow.pop(self, None)
        if self._session is not None:
            self._session.go(self)
            self._session = None
        self._state = State.CLOSED

    def eof_received(self) -> None:
        if self._library is not None:
            self._library.receive_eof()

    def pause_writing(self) -> None:
        self._slots = {}
        self._context.slow[self] = asyncio.get_running_loop().time()

    def resume_writing(self) -> None:
        waiting, self._slots = self._slots, None
        self._context.slow.pop(self, None)
        for push in (waiting or {}).values():
            self._transport.write(push.frame)

    def shutdown(self) -> None:
        """uvicorn stops: say so and close."""
        self.close(1012, "the server restarts")

    # -- handshake ------------------------------------------------------------------------------

    def _shake_hands(self, data: bytes) -> None:
        path = data[: data.find(b"\r\n")].split(b" ", 2)[1].decode("latin-1")
        assert self._config is not None
        if not path.startswith(PATH):
            config, app_state = self._config
            other = WebSocketsSansIOProtocol(config, self._server_state, app_state)
            other.connection_made(self._transport)
            other.data_received(data)
            # uvicorn sets us as the transport's protocol once we return.
            asyncio.get_running_loop().call_soon(self._transport.set_protocol, other)
            return
        self._config = None
        library = ServerProtocol(max_size=self._context.config.live.max_message_bytes)
        library.receive_data(data)
        events = library.events_received()
        if not events or not isinstance(events[0], Request):
            self._finish(library)
            return
        request = events[0]
        connection = _as_connection(path, request)
        if doors.is_foreign(self._context, connection):
            library.send_response(library.reject(403, "This page belongs to another site.\n"))
            self._finish(library)
            return
        event, _, kind = unquote(path.partition("?")[0]).removeprefix(PATH).partition("/")
        live = self._context.known_event(event)
        if live is not None:
            self._enter(library, request, live, doors.admit(self._context, live, kind, connection))
        else:
            task = asyncio.create_task(self._look_up(library, request, connection, event, kind))
            self._context.tasks.add(task)
            task.add_done_callback(self._context.tasks.discard)

    async def _look_up(
        self, library: ServerProtocol, request: Request, connection: HTTPConnection, event: str, kind: str
    ) -> None:
        live = None
        guest: doors.Guest | doors.Refusal
        try:
            live = await self._context.event(event)
            guest = doors.admit(self._context, live, kind, connection)
        except NoSuchEvent:
            guest = doors.NO_EVENT
        except VotingError:
            guest = doors.STORE_AWAY
        if not self._transport.is_closing():
            self._enter(library, request, live, guest)
            if self._rest and self._state is State.OPEN:
                self._read(self._rest)

    def _enter(
        self,
        library: ServerProtocol,
        request: Request,
        live: LiveEvent | None,
        guest: doors.Guest | doors.Refusal,
    ) -> None:
        response = library.accept(request)
        offered = [word.strip() for word in request.headers.get("Sec-WebSocket-Protocol", "").split(",")]
        chosen = doors.subprotocol(offered)
        if response.status_code == 101 and chosen:
            response.headers["Sec-WebSocket-Protocol"] = chosen
        library.send_response(response)
        if response.status_code != 101:
            self._finish(library)
            return
        for piece in library.data_to_send():
            self._transport.write(piece)
        self._state = State.OPEN
        self._server_state.connections.add(self)  # type: ignore[arg-type]
        if isinstance(guest, doors.Refusal) or live is None:
            refusal = guest if isinstance(guest, doors.Refusal) else doors.NO_EVENT
            self.close(refusal.code, refusal.reason)
            return
        self._transport.set_write_buffer_limits(high=self._context.config.live.write_buffer_bytes)
        _cut_when_silent(self._transport, self._context.config.live.silence_s)
        self._session = Session(self._context, live, guest)
        self._session.come(self)

    def _finish(self, library: Protocol) -> None:
        for piece in library.data_to_send():
            if piece:
                self._transport.write(piece)
        self._state = State.CLOSING
        self._transport.close()

    # -- reading --------------------------------------------------------------------------------

    def _read(self, data: bytes) -> None:
        """Take the small whole text frames; leave the rest of this connection to the library at the first
        frame of any other kind."""
        self._rest = b""
        at, end = 0, len(data)
        limit = self._context.config.live.max_message_bytes
        while at < end and self._state is State.OPEN:
            found = read_small(data, at, limit)
            if found is None:
                self._rest = data[at:]
                return
            if found.payload is None:
                self._library = Protocol(Side.SERVER, state=State.OPEN, max_size=limit)
                self._read_by_library(data[at:])
                return
            at = found.end
            self.on_message(found.payload, is_text=True)

    def _read_by_library(self, data: bytes) -> None:
        library = self._library
        assert library is not None
        library.receive_data(data)
        for event in library.events_received():
            if isinstance(event, Frame) and self._state is State.OPEN:
                self._take_frame(event)
        self._flush(library)

    def _take_frame(self, frame: Frame) -> None:
        if frame.opcode in (Opcode.TEXT, Opcode.BINARY):
            self._parts = [b"t" if frame.opcode is Opcode.TEXT else b"b"]
        elif frame.opcode is not Opcode.CONT or self._parts is None:
            return  # the library has answered pings and closes
        self._parts.append(bytes(frame.data))
        if frame.fin:
            kind, *parts = self._parts
            self._parts = None
            self.on_message(b"".join(parts), is_text=kind == b"t")

    def _flush(self, library: Protocol) -> None:
        for piece in library.data_to_send():
            if piece:
                self._transport.write(piece)
        if library.state is not State.OPEN:
            self._state = State.CLOSING
            if library.close_expected():
                self._transport.close()
                self._cut_later()

    def on_message(self, payload: bytes, *, is_text: bool) -> None:
        """One whole message of the client."""
        session = self._session
        if session is None:
            return
        if not is_text:
            self.close(Close.BAD_FRAME, "text frames only")
            return
        if not payload.isascii():
            try:
                payload.decode()
            except UnicodeDecodeError:
                self.close(1007, "not UTF-8")
                return
        if not session.may_speak():
            self.close(Close.FLOOD, "too many messages")
            return
        try:
            frame = wire.decode(payload)
        except wire.BadFrame as error:
            self.close(Close.BAD_FRAME, str(error)[:100])
            return
        session.take(frame, self.reply)

    # -- writing --------------------------------------------------------------------------------

    def offer(self, channel: str, push: Push) -> None:
        """Send a channel's newest state; keep only the newest while the client does not take what is sent."""
        if self._slots is None:
            self._transport.write(push.frame)
        else:
            self._slots[channel] = push

    def reply(self, frame: wire.ServerFrame) -> None:
        """Send one frame."""
        if self._state is State.OPEN:
            self._transport.write(text_frame(wire.encode(frame)))

    def farewell(self, payload: bytes) -> None:
        """Send a last frame and close."""
        if self._state is State.OPEN:
            self._transport.write(text_frame(payload))
            self.close(Close.GOING_AWAY)

    def send_message(self, payload: bytes, *, is_text: bool) -> None:
        """Send one message as it is."""
        if self._state is State.OPEN:
            self._transport.write(text_frame(payload) if is_text else b"\x82" + text_frame(payload)[1:])

    def close(self, code: int, reason: str = "") -> None:
        """Begin the closing handshake; the connection is cut when the client does not end it."""
        if self._state is not State.OPEN:
            return
        library = self._library or Protocol(Side.SERVER, state=State.OPEN)
        self._library = library
        library.send_close(code, reason)
        self._flush(library)
        self._state = State.CLOSING
        self._cut_later()

    def cut(self) -> None:
        """End the connection at once."""
        self._transport.abort()

    def _cut_later(self) -> None:
        # A timer, but only for a connection that is going.
        asyncio.get_running_loop().call_later(CLOSE_WAIT_S, self._transport.abort)


def live_protocol(context: "Context") -> Any:
    """What uvicorn's `ws=` takes: makes a LiveProtocol for each upgrade."""
    return partial(LiveProtocol, context)


def _as_connection(path: str, request: Request) -> HTTPConnection:
    """The upgrade request as Starlette sees requests, for cookies, headers and query."""
    plain, _, query = path.partition("?")
    headers = [
        (name.lower().encode(), value.encode("latin-1")) for name, value in request.headers.raw_items()
    ]
    return HTTPConnection(
        {
            "type": "websocket",
            "path": plain,
            "query_string": query.encode("latin-1"),
            "headers": headers,
        }
    )


def _cut_when_silent(transport: asyncio.Transport, silence_s: float) -> None:
    """Let the kernel end a connection whose peer acknowledges nothing for this long (Linux).

    Ticks are sent more often than that, so no timer of ours is needed. Source: RFC 5482.
    """
    sock = transport.get_extra_info("socket")
    option = getattr(socket, "TCP_USER_TIMEOUT", None)
    if sock is not None and option is not None and sock.family in (socket.AF_INET, socket.AF_INET6):
        sock.setsockopt(socket.IPPROTO_TCP, option, int(silence_s * 1000))
