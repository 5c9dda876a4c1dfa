"""One WebSocket connection without a task, queue or timer: a protocol class for uvicorn's `ws=`.

Masking, close codes and every frame that is not a small whole text frame are the work of the
`websockets` library; only the common case is read in place, because a library object per phone costs
more memory than the phone's whole session. The library's object is made at the first frame of another
kind, and knows nothing of who is connected.

Sources: RFC 6455 (frames §5.2, closing §7), the sans-I/O guide of websockets.
"""

import asyncio
from typing import Any, cast

from uvicorn import Config
from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode
from websockets.protocol import Protocol, Side, State

from server.live import upgrade
from server.live.frames import binary_frame, read_one, read_small, text_frame
from server.live.upgrade import Upgrade

CLOSE_WAIT_S = 5
"""How long a closing connection may take to say goodbye before it is cut, in seconds."""

FORBIDDEN_DATA = 1007
TOO_BIG = 1009


OPEN = State.OPEN
"""Named once: up to Python 3.11 a member of an enumeration is dear to look up, and each ballot asks twice."""


class Library(Protocol):
    """The library's side of an open connection."""

    def __init__(self, limit: int) -> None:
        super().__init__(Side.SERVER, state=State.OPEN, max_size=limit)

    def recv_frame(self, frame: Frame) -> None:
        """A client may close in the middle of a message (RFC 6455 §5.4), which the library calls an error."""
        if frame.opcode is Opcode.CLOSE:
            self.current_size = None
        super().recv_frame(frame)


class WebSocketProtocol(asyncio.Protocol):
    """The part of a connection that the standard prescribes; what it means is left to `on_…`.

    `on_request` must sooner or later lead to `accept` or `refuse`.
    """

    __slots__ = ("_library", "_parts", "_request", "_rest", "_server_state", "_state", "_transport")

    _transport: asyncio.Transport
    limit: int
    """The largest message a client may send, in bytes; of a class or of each connection."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._server_state = server_state
        self._state = State.CONNECTING
        self._rest = b""
        self._request: bytes | None = None
        self._library: Protocol | None = None
        self._parts: list[bytes] | None = None

    # -- what a subclass makes of it --------------------------------------------------------------

    def on_request(self, request: Upgrade, data: bytes) -> None:
        """Somebody asks to come in; `data` is the request as it came."""
        raise NotImplementedError

    def on_message(self, payload: bytes, *, is_text: bool) -> None:
        """One whole message; text is valid UTF-8."""
        raise NotImplementedError

    def on_control(self) -> None:
        """A ping or pong; it has been answered."""

    def on_end(self) -> None:
        """Nothing can be sent any more. May be called twice."""

    # -- asyncio.Protocol ---------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.take(data)

    def take(self, data: bytes) -> None:
        """Go through data as it came from the socket."""
        if self._library is not None:
            self._read_by_library(self._library, data)
        elif self._state is OPEN:
            if not self._rest:
                payload = read_one(data, self.limit)
                if payload is not None:
                    self._deliver(payload, is_text=True)
                    return
                self._read(data)
            else:
                self._read(self._rest + data)
        elif self._state is State.CONNECTING and self._request is None:
            self.begin(upgrade.read_upgrade(data), data)
        elif self._state is State.CONNECTING:  # nobody may speak before being let in
            self._transport.abort()

    def begin(self, request: Upgrade, data: bytes) -> None:
        """Take the request that begins a connection; `data` is the request as it came."""
        self._request = data
        self.on_request(request, data)

    def eof_received(self) -> None:
        if self._library is not None:
            self._library.receive_eof()

    def connection_lost(self, error: Exception | None) -> None:
        self._server_state.connections.discard(self)
        self._state = State.CLOSED
        self.on_end()

    def shutdown(self) -> None:
        """uvicorn stops."""
        self.close(1012, "the server restarts")

    # -- handshake ----------------------------------------------------------------------------------

    def accept(self, request: Upgrade, subprotocol: str | None) -> bytes | None:
        """Answer the handshake. Gives the response, for the subclass to send with the first it has to say;
        None when it was no proper one, and the connection is going."""
        data, self._request = self._request, b""
        if request.is_plain:
            is_in, response = True, upgrade.switch(request, subprotocol)
        else:
            is_in, response = upgrade.answer(data or b"", subprotocol)
        if not is_in:
            self._transport.write(response)
            self._state = State.CLOSING
            self._transport.close()
            return None
        self._state = State.OPEN
        self._server_state.connections.add(self)  # type: ignore[arg-type]
        return response

    def refuse(self, status: int, text: str) -> None:
        """Answer the handshake with a plain response."""
        self._transport.write(upgrade.refuse(status, text))
        self._state = State.CLOSING
        self._transport.close()

    # -- reading ------------------------------------------------------------------------------------

    def _read(self, data: bytes) -> None:
        """Take the small whole text frames; from the first frame of another kind on the library reads."""
        at, end, limit = 0, len(data), self.limit
        self._rest = b""
        while at < end:
            found = read_small(data, at, limit)
            if found is None:
                self._rest = data[at:]
                return
            stop, payload = found
            if payload is None:
                self._read_by_library(self._hand_over(), data[at:])
                return
            at = stop
            self._deliver(payload, is_text=True)
            if self._library is not None:  # the message made us close
                self._read_by_library(self._library, data[at:])
                return

    def _hand_over(self) -> Protocol:
        """From here on the library reads, beginning with what has come of a frame that is not whole."""
        library = self._library
        if library is None:
            library = self._library = Library(self.limit)
            if self._rest:
                library.receive_data(self._rest)
                self._rest = b""
        return library

    def _read_by_library(self, library: Protocol, data: bytes) -> None:
        library.receive_data(data)
        if library.state is State.OPEN:
            self._flush(library)  # a pong goes before the answer to a message that came after the ping
        for event in library.events_received():
            if isinstance(event, Frame) and self._state is State.OPEN:
                self._take_frame(event)
        self._flush(library)

    def _take_frame(self, frame: Frame) -> None:
        if frame.opcode in (Opcode.PING, Opcode.PONG):
            self.on_control()
            return
        if frame.opcode in (Opcode.TEXT, Opcode.BINARY):
            self._parts = [b"t" if frame.opcode is Opcode.TEXT else b"b"]
        elif frame.opcode is not Opcode.CONT or self._parts is None:
            return  # a close; the library has answered it
        self._parts.append(bytes(frame.data))
        if frame.fin:
            kind, *parts = self._parts
            self._parts = None
            self._deliver(b"".join(parts), is_text=kind == b"t")
        elif len(self._parts) > self.limit:  # empty pieces without end have no size that could be too big
            self.close(TOO_BIG, "too many pieces")

    def _deliver(self, payload: bytes, *, is_text: bool) -> None:
        if is_text and not payload.isascii():
            try:
                payload.decode()
            except UnicodeDecodeError:
                self.close(FORBIDDEN_DATA, "not UTF-8")
                return
        self.on_message(payload, is_text=is_text)

    # -- writing ------------------------------------------------------------------------------------

    def send_message(self, payload: bytes, *, is_text: bool) -> None:
        """Send one message."""
        if self._state is State.OPEN:
            self._transport.write(text_frame(payload) if is_text else binary_frame(payload))

    def close(self, code: int, reason: str = "") -> None:
        """Begin the closing handshake; the connection is cut when the client does not end it."""
        if self._state is State.OPEN:
            library = self._hand_over()
            if library.state is State.OPEN:  # else the client's own close has just been read
                library.send_close(code, reason)
                self._flush(library)

    def cut(self) -> None:
        """End the connection at once."""
        self._transport.abort()

    def _flush(self, library: Protocol) -> None:
        for piece in library.data_to_send():
            if piece:
                self._transport.write(piece)
            elif self._transport.can_write_eof():
                # Half-closed, not closed: the kernel would throw away the close frame together with what
                # the client has sent meanwhile and nobody has read.
                try:
                    self._transport.write_eof()
                except OSError:  # the client is gone, and we are told so only later
                    self._transport.abort()
            else:
                self._transport.close()
        if self._state is State.OPEN and library.state is not State.OPEN:
            self._state = State.CLOSING
            self.on_end()
            # A timer, but only for a connection that is going.
            asyncio.get_running_loop().call_later(CLOSE_WAIT_S, self._transport.abort)
