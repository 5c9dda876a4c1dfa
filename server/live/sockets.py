"""The reference shell: sockets on Starlette's own WebSocket, one reader and one writer task each.

The writer sends replies first, then the newest push of each channel; while it waits for a slow client,
newer pushes replace older ones in their slot.
"""

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from server import wire
from server.errors import Close
from server.live import doors
from server.live.event import LiveEvent, NoSuchEvent
from server.live.frames import Push
from server.live.session import Session
from voting.errors import VotingError

if TYPE_CHECKING:
    from server.context import Context

REPLIES = 64
"""Replies that may wait for one client; a client with more of them is closed as too slow."""


class SocketLink:
    """The sending half of one connection."""

    def __init__(self, socket: WebSocket, send_timeout_s: float) -> None:
        self._socket, self._timeout_s = socket, send_timeout_s
        self._slots: dict[str, bytes] = {}
        self._replies: deque[bytes] = deque()
        self._wake = asyncio.Event()
        self._last: bytes | None = None

    def offer(self, channel: str, push: Push) -> None:
        self._slots[channel] = push.payload
        self._wake.set()

    def reply(self, frame: wire.ServerFrame) -> None:
        self._replies.append(wire.encode(frame))
        self._wake.set()

    def farewell(self, payload: bytes) -> None:
        self._last = payload
        self._wake.set()

    async def write(self) -> None:
        """Send until the connection is told to close or its client stops taking."""
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                if len(self._replies) > REPLIES:
                    raise TimeoutError
                while self._replies:
                    await self._send(self._replies.popleft())
                while self._slots:
                    channel = next(iter(self._slots))
                    await self._send(self._slots.pop(channel))
                if self._last is not None:
                    await self._send(self._last)
                    await self.close(Close.GOING_AWAY)
                    return
        except TimeoutError:
            return  # no close frame can reach it either
        except (WebSocketDisconnect, RuntimeError):
            return  # the client is gone; the reader notices too

    async def _send(self, payload: bytes) -> None:
        async with asyncio.timeout(self._timeout_s):
            await self._socket.send_text(payload.decode())

    async def close(self, code: int, reason: str = "") -> None:
        if self._socket.application_state is WebSocketState.CONNECTED:
            try:
                await self._socket.close(code, reason)
            except RuntimeError:
                return  # closed already from the other side


async def socket(websocket: WebSocket) -> None:
    """`/ws/{event}/{kind}`: a phone, a stage or a console."""
    context: Context = websocket.app.state.context
    if doors.is_foreign(context, websocket):
        await websocket.close(Close.FORBIDDEN)  # before accepting: another site gets a plain 403
        return
    guest: doors.Guest | doors.Refusal
    try:
        live = await context.event(websocket.path_params["event"])
        guest = doors.admit(context, live, websocket.path_params["kind"], websocket)
    except NoSuchEvent:
        guest = doors.NO_EVENT
    except VotingError:
        guest = doors.STORE_AWAY
    await websocket.accept(subprotocol=doors.subprotocol(websocket.scope.get("subprotocols", [])))
    if isinstance(guest, doors.Refusal):  # accepted first, so that a browser can read the close code
        await websocket.close(guest.code, guest.reason)
        return
    await _serve(websocket, context, live, guest)


async def _serve(websocket: WebSocket, context: "Context", live: LiveEvent, guest: doors.Guest) -> None:
    link = SocketLink(websocket, context.config.live.send_timeout_s)
    session = Session(context, live, guest)
    session.come(link)
    halves = {asyncio.create_task(link.write()), asyncio.create_task(_read(websocket, session, link))}
    try:
        # The writer ends first when the server goes, or when the client does not take what is sent.
        await asyncio.wait(halves, return_when=asyncio.FIRST_COMPLETED)
    finally:
        session.go(link)
        for half in halves:
            half.cancel()
        await asyncio.gather(*halves, return_exceptions=True)


async def _read(websocket: WebSocket, session: Session, link: SocketLink) -> None:
    try:
        while True:
            frame = wire.decode(await websocket.receive_text())
            if not session.may_speak():
                await link.close(Close.FLOOD, "too many messages")
                return
            session.take(frame, link.reply)
    except wire.BadFrame as error:
        await link.close(Close.BAD_FRAME, str(error)[:100])
    except KeyError:  # a binary frame where text was expected
        await link.close(Close.BAD_FRAME, "text frames only")
    except WebSocketDisconnect:
        return
