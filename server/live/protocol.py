"""Our own shell: sockets of the live path without a task, queue or timer per connection.

uvicorn hands over the upgrade request of every WebSocket. Those of the live path stay here; all others
go on to uvicorn's own protocol.
"""

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from uvicorn import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.protocol import State

from server import wire
from server.errors import Close
from server.live import doors
from server.live.event import LiveEvent, NoSuchEvent
from server.live.frames import Push, text_frame
from server.live.session import Session
from server.live.upgrade import Upgrade
from server.live.websocket import OPEN, WebSocketProtocol
from voting.errors import VotingError

if TYPE_CHECKING:
    from server.context import Context

PATH = "/ws/"


class LiveProtocol(WebSocketProtocol):
    """One phone, stage or console. Once it is in it is a Session and a transport, nothing more."""

    __slots__ = ("_config", "_context", "_session", "_slots", "limit")

    def __init__(
        self,
        context: "Context",
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state)
        self._context, self.limit = context, context.config.live.max_message_bytes
        self._config: tuple[Config, dict[str, Any]] | None = (config, app_state)
        self._session: Session | None = None
        self._slots: dict[str, Push] | None = None

    # -- coming and going -------------------------------------------------------------------------

    def on_request(self, request: Upgrade, data: bytes) -> None:
        assert self._config is not None
        config, app_state = self._config
        self._config = None
        if not request.path.startswith(PATH):
            other = WebSocketsSansIOProtocol(config, self._server_state, app_state)
            other.connection_made(self._transport)
            other.data_received(data)
            # uvicorn sets us as the transport's protocol once we return.
            asyncio.get_running_loop().call_soon(self._transport.set_protocol, other)
            return
        if doors.is_foreign(self._context, request):
            self.refuse(403, "This page belongs to another site.\n")
            return
        event, _, kind = unquote(request.path).removeprefix(PATH).partition("/")
        live = self._context.known_event(event)
        if live is not None and live.is_read:
            self._enter(request, live, doors.admit(self._context, live, kind, request))
        else:
            self._transport.pause_reading()
            task = asyncio.create_task(self._look_up(request, event, kind))
            self._context.tasks.add(task)
            task.add_done_callback(self._context.tasks.discard)

    async def _look_up(self, request: Upgrade, event: str, kind: str) -> None:
        live = None
        guest: doors.Guest | doors.Refusal
        try:
            live = await self._context.event(event)
            guest = doors.admit(self._context, live, kind, request)
        except NoSuchEvent:
            guest = doors.NO_EVENT
        except VotingError:
            guest = doors.STORE_AWAY
        except Exception as error:
            guest = doors.BROKEN
            asyncio.get_running_loop().call_exception_handler(
                {"message": "an event could not be looked up", "exception": error}
            )
        if not self._transport.is_closing():
            self._enter(request, live, guest)
            self._transport.resume_reading()

    def _enter(self, request: Upgrade, live: LiveEvent | None, guest: doors.Guest | doors.Refusal) -> None:
        # Accepted even when it is to be closed again, so that a browser can read the close code.
        response = self.accept(request, doors.subprotocol(request.offered))
        if response is None:
            return
        if isinstance(guest, doors.Refusal) or live is None:
            self._transport.write(response)
            refusal = guest if isinstance(guest, doors.Refusal) else doors.NO_EVENT
            self.close(refusal.code, refusal.reason)
            return
        self._transport.set_write_buffer_limits(high=self._context.config.live.write_buffer_bytes)
        self._session = Session(self._context, live, guest)
        self._slots = first = dict[str, Push]()  # where the newest state falls, to go out with the response
        self._session.come(self, self._transport.write)
        self._slots = None
        self._transport.write(b"".join([response, *[push.frame for push in first.values()]]))

    def data_received(self, data: bytes) -> None:
        if self._session is not None:
            self._context.inbox.put(self, data)
        else:
            self.take(data)

    def eof_received(self) -> None:
        self._context.inbox.empty()  # what was said before
        super().eof_received()

    def connection_lost(self, error: Exception | None) -> None:
        self._context.inbox.empty()
        super().connection_lost(error)

    def on_end(self) -> None:
        self._slots = {}  # where pushes may still fall; they go nowhere
        if self._state is State.CLOSED:
            self._context.slow.pop(self, None)
        if self._session is not None:
            self._session.go(self)
            self._session = None

    # -- reading ----------------------------------------------------------------------------------

    def on_message(self, payload: bytes, *, is_text: bool) -> None:
        session = self._session
        if session is None:
            return
        if not is_text:
            self.close(Close.BAD_FRAME, "text frames only")
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

    def on_control(self) -> None:
        if self._session is not None and not self._session.may_speak():
            self.close(Close.FLOOD, "too many messages")

    # -- writing ----------------------------------------------------------------------------------

    def pause_writing(self) -> None:
        if self._slots is None:
            self._slots = {}
        self._context.slow[self] = asyncio.get_running_loop().time()
        if self._session is not None:
            self._session.serve(self, None)

    def resume_writing(self) -> None:
        self._context.slow.pop(self, None)
        if self._state is State.OPEN:
            waiting, self._slots = self._slots, None
            if self._session is not None:
                self._session.serve(self, self._transport.write)
            for channel, push in (waiting or {}).items():
                self.offer(channel, push)

    def offer(self, channel: str, push: Push) -> None:
        """Send a channel's newest state; keep only the newest while the client does not take what is sent."""
        if self._slots is None:
            self._transport.write(push.frame)
        else:
            self._context.metrics.replaced += channel in self._slots
            self._slots[channel] = push

    def reply(self, frame: wire.ServerFrame) -> None:
        """Send one frame."""
        if self._state is OPEN:
            self._context.outbox.send(self._transport.write, text_frame(wire.encode(frame)))

    def farewell(self, payload: bytes) -> None:
        """Send a last frame and close."""
        self.send_message(payload, is_text=True)
        self.close(Close.GOING_AWAY)


def live_protocol(context: "Context") -> Any:
    """What uvicorn's `ws=` takes: makes a LiveProtocol for each upgrade."""
    return partial(LiveProtocol, context)
