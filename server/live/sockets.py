"""WebSocket routes: the reference shell around the live path, on Starlette's own WebSocket.

One reader and one writer per connection. The writer sends replies first, then the newest push of each
channel; while it waits for a slow client, newer pushes replace older ones in their slot.
"""

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from server import wire
from server.auth import MAY, Role, Seat
from server.ballots import cast_ballot, own_ballots
from server.clock import monotonic_ms, now_ms
from server.errors import Close
from server.live.event import LiveEvent, NoSuchEvent
from server.live.hub import Topic
from voting.errors import VotingError

if TYPE_CHECKING:
    from server.context import Context

REPLIES = 64
"""Replies that may wait for one client; a client that has more outstanding is closed as too slow."""


class SocketLink:
    """The sending half of one connection."""

    def __init__(self, socket: WebSocket, send_timeout_s: float) -> None:
        self._socket, self._timeout_s = socket, send_timeout_s
        self._slots: dict[str, bytes] = {}
        self._replies: deque[bytes] = deque()
        self._wake = asyncio.Event()
        self._last: bytes | None = None

    def offer(self, channel: str, payload: bytes) -> None:
        self._slots[channel] = payload
        self._wake.set()

    def reply(self, frame: wire.ServerFrame) -> None:
        self._replies.append(wire.encode(frame))
        self._wake.set()

    def farewell(self, payload: bytes) -> None:
        self._last = payload
        self._wake.set()

    @property
    def is_flooded(self) -> bool:
        return len(self._replies) > REPLIES

    async def write(self) -> None:
        """Send until the connection is told to close or its client stops taking."""
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
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
            await self.close(Close.TOO_SLOW)
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


class Budget:
    """Messages a client may send: `limit` in any ten seconds, as a leaky bucket."""

    def __init__(self, limit: int) -> None:
        self._limit, self._level, self._at_ms = float(limit), 0.0, monotonic_ms()

    def spend(self) -> bool:
        """Count one message; False when it is one too many."""
        now = monotonic_ms()
        self._level = max(0.0, self._level - (now - self._at_ms) * self._limit / 10_000)
        self._at_ms = now
        self._level += 1
        return self._level <= self._limit


async def refuse(socket: WebSocket, code: int, reason: str) -> None:
    """Accept and close at once, so that a browser can read the close code."""
    await socket.accept(subprotocol=_subprotocol(socket))
    await socket.close(code, reason)


def _subprotocol(socket: WebSocket) -> str | None:
    offered = socket.scope.get("subprotocols", [])
    return wire.SUBPROTOCOL if wire.SUBPROTOCOL in offered else None


async def _enter(socket: WebSocket) -> "tuple[Context, LiveEvent] | None":
    context: Context = socket.app.state.context
    if not context.is_own_origin(socket):
        await socket.close(Close.FORBIDDEN)  # before accepting: a plain 403, nothing for another site to read
        return None
    try:
        return context, await context.event(socket.path_params["event"])
    except NoSuchEvent:
        await refuse(socket, Close.NO_SUCH_EVENT, "no such event")
    except VotingError:
        await refuse(socket, Close.GOING_AWAY, "the store is away")
    return None


async def phone(socket: WebSocket) -> None:
    """`/ws/{event}/phone?lang=`: one phone, known by its device cookie, sitting where its seat cookie says."""
    entered = await _enter(socket)
    if entered is None:
        return
    context, live = entered
    device = context.device(socket)
    if device is None:
        await refuse(socket, Close.FORBIDDEN, "open the join page first")
        return
    seat = context.seat(socket, live.id)
    lang = socket.query_params.get("lang", "")[:12]
    topics = [
        Topic(live.id, "papers", seat.room, seat.segment, lang),
        Topic(live.id, "results", seat.room, "", lang),
    ]
    connections = context.hub.phone_came(live.id, device)
    try:
        if connections > context.config.live.max_connections_per_device:
            await refuse(socket, Close.TOO_MANY_CONNECTIONS, "too many tabs")
            return
        await _serve(socket, context, live, topics, PhoneReader(context, live, device, seat, lang))
    finally:
        context.hub.phone_left(live.id, device)


async def stage(socket: WebSocket) -> None:
    """`/ws/{event}/stage?room=&lang=&theme=`: a big screen. What it shows is public; no cookie is needed."""
    entered = await _enter(socket)
    if entered is None:
        return
    context, live = entered
    query = socket.query_params
    theme = "light" if query.get("theme") == "light" else "dark"
    room, lang = query.get("room", ""), query.get("lang", "")[:12]
    if room and live.state.event.room(room) is None:
        await refuse(socket, Close.NO_SUCH_EVENT, "no such room")
        return
    context.hub.stage_came(live.id)
    reader = StageReader(context, live, room)
    try:
        await _serve(socket, context, live, [Topic(live.id, "stage", room, theme, lang)], reader)
    finally:
        context.hub.stage_left(live.id)
        await reader.left()


async def console(socket: WebSocket) -> None:
    """`/ws/{event}/console`: a moderator's or organiser's screen."""
    entered = await _enter(socket)
    if entered is None:
        return
    context, live = entered
    if context.role(socket, live) not in MAY[Role.MODERATOR]:
        await refuse(socket, Close.FORBIDDEN, "open the moderator's link first")
        return
    await _serve(socket, context, live, [Topic(live.id, "console")], Reader())


class Reader:
    """What a connection does with frames of its client; this one greets and takes nothing else."""

    async def hello(self) -> list[wire.Own]:
        return []

    async def cast(self, frame: wire.Cast) -> wire.Reply | None:
        return None

    async def seen(self, frame: wire.Seen) -> None:
        return None


class PhoneReader(Reader):
    """Casts ballots."""

    def __init__(self, context: "Context", live: LiveEvent, device: str, seat: Seat, lang: str) -> None:
        self._context, self._live = context, live
        self._device, self._seat, self._lang = device, seat, lang

    async def hello(self) -> list[wire.Own]:
        return await own_ballots(self._live, self._context.store, self._device)

    async def cast(self, frame: wire.Cast) -> wire.Reply | None:
        received = self._context.received
        received[self._live.id] = received.get(self._live.id, 0) + 1
        return await cast_ballot(
            self._live, self._context.batchers, self._device, self._seat, frame, self._lang
        )


class StageReader(Reader):
    """Reports what was painted."""

    def __init__(self, context: "Context", live: LiveEvent, room: str) -> None:
        self._context, self._live, self._room = context, live, room
        self._name = f"{context.worker}-{id(self):x}"

    async def seen(self, frame: wire.Seen) -> None:
        shown = self._context.publisher(self._live.id).staged(self._room, frame.offset)
        if shown is not None:  # else it is of before a restart, and a newer one is on its way
            await self._report({"poll": shown[0], "counted": shown[1], "offset": frame.offset})

    async def left(self) -> None:
        """The stage disconnected: what it showed counts no more."""
        try:
            await self._report({"gone": 1})
        except VotingError:
            return  # with the store away nobody would read it; its worker's silence says the same later

    async def _report(self, words: dict[str, int | str]) -> None:
        where: dict[str, int | str] = {"room": self._room, "ms": now_ms()}
        await self._context.store.report_painted(self._live.id, self._name, {**where, **words})


async def _serve(
    socket: WebSocket, context: "Context", live: LiveEvent, topics: list[Topic], reader: Reader
) -> None:
    config = context.config.live
    await socket.accept(subprotocol=_subprotocol(socket))
    link = SocketLink(socket, config.send_timeout_s)
    writer = asyncio.create_task(link.write())
    budget = Budget(config.messages_per_10s)
    casts: set[asyncio.Task[None]] = set()
    try:
        for topic in topics:
            context.publisher(live.id).prepare(topic)
        context.hub.join(link, topics)
        while True:
            frame = wire.decode(await socket.receive_text())
            if link.is_flooded or not budget.spend():
                await link.close(Close.FLOOD, "too many messages")
                return
            if isinstance(frame, wire.Cast):
                task = asyncio.create_task(_cast(link, reader, frame))
                casts.add(task)
                task.add_done_callback(casts.discard)
            else:
                await _answer(context, live, link, reader, frame)
    except wire.BadFrame as error:
        await link.close(Close.BAD_FRAME, str(error)[:100])
    except (WebSocketDisconnect, KeyError):  # KeyError: a binary frame where text was expected
        await link.close(Close.BAD_FRAME)
    finally:
        context.hub.leave(link, topics)
        writer.cancel()
        await asyncio.gather(writer, *casts, return_exceptions=True)


async def _cast(link: SocketLink, reader: Reader, frame: wire.Cast) -> None:
    reply = await reader.cast(frame)
    if reply is not None:
        link.reply(reply)


async def _answer(
    context: "Context", live: LiveEvent, link: SocketLink, reader: Reader, frame: wire.Hello | wire.Seen
) -> None:
    try:
        if isinstance(frame, wire.Seen):
            await reader.seen(frame)
            return
        window_ms = int(context.config.live.reconnect_window_s * 1000)
        link.reply(
            wire.Welcome(
                epoch=live.snapshot.epoch, server_ms=now_ms(), window_ms=window_ms, own=await reader.hello()
            )
        )
    except VotingError:
        return  # the store is away: the client asks again when it hears of the new epoch
