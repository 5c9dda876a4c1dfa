"""Fan-out: who listens to what, and the newest state of each channel.

A push is the whole state of its channel, so a connection needs one slot per channel: a newer push
replaces an older one that was not sent yet, and a slow client costs one slot, never a queue. A push is
framed once; a large audience is served in slices that let ballots through in between. Whoever takes what is
sent is served by the write method of its transport itself: calling each connection to do so costs more than
all the rest of ours.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import NamedTuple, Protocol

from server.live.frames import Push

SLICE = 500
"""Listeners served before other work may go on."""


class Topic(NamedTuple):
    """One audience of one channel: everybody here gets the same bytes. `room` of the channel "award" is the
    award's id, `segment` of the channel "stage" the theme."""

    event: str
    channel: str
    room: str = ""
    segment: str = ""
    lang: str = ""


Write = Callable[[bytes], None]
"""Sends one frame, whole and at once; never waits."""


class Listener(Protocol):
    """One connection as the hub sees it."""

    def offer(self, channel: str, push: Push) -> None:
        """Take the newest state of a channel; never waits."""
        ...

    def farewell(self, payload: bytes) -> None:
        """Send a last frame and close."""
        ...


class Audience:
    """The listeners of one topic: `ready` ones with their way to the client, others that have to be asked."""

    __slots__ = ("asked", "moves", "ready")

    def __init__(self) -> None:
        self.ready: dict[Listener, Write] = {}
        self.asked: set[Listener] = set()
        self.moves = 0
        """How often somebody ceased to be ready."""

    def __len__(self) -> int:
        return len(self.ready) + len(self.asked)

    def everyone(self) -> list[Listener]:
        return [*self.ready, *self.asked]

    def discard(self, listener: Listener) -> None:
        self.moves += self.ready.pop(listener, None) is not None
        self.asked.discard(listener)

    def put(self, listener: Listener, write: Write | None) -> None:
        """Serve a listener by `write` from now on, or without one by its own `offer`."""
        self.discard(listener)
        if write is None:
            self.asked.add(listener)
        else:
            self.ready[listener] = write

    def offer(self, channel: str, push: Push) -> None:
        """Serve everyone at once."""
        for listener in tuple(self.asked):
            listener.offer(channel, push)
        frame = push.frame
        for write in tuple(self.ready.values()):
            write(frame)

    async def offer_in_slices(self, channel: str, push: Push) -> None:
        """Serve everyone who is here now, SLICE at a time."""
        asked, listeners = list(self.asked), list(self.ready)
        writes, moves, frame = list(self.ready.values()), self.moves, push.frame
        for start in range(0, len(asked), SLICE):
            self._offer_to(asked[start : start + SLICE], channel, push)
            await asyncio.sleep(0)
        for start in range(0, len(writes), SLICE):
            if self.moves == moves:
                for write in writes[start : start + SLICE]:
                    write(frame)
            else:  # somebody has gone or has become slow meanwhile
                self._offer_to(listeners[start : start + SLICE], channel, push)
            await asyncio.sleep(0)

    def _offer_to(self, listeners: list[Listener], channel: str, push: Push) -> None:
        for listener in listeners:
            write = self.ready.get(listener)
            if write is not None:
                write(push.frame)
            elif listener in self.asked:
                listener.offer(channel, push)


class Hub:
    """The listeners of this process by topic, and what each topic showed last.

    on_fan_out: told how long it took to offer a push to all its listeners, in seconds.
    """

    def __init__(self, on_fan_out: Callable[[float], None] = lambda seconds: None) -> None:
        self._on_fan_out = on_fan_out
        self._audiences: dict[Topic, Audience] = defaultdict(Audience)
        self._newest: dict[Topic, Push] = {}
        self._shared: dict[Topic, Topic] = {}
        self._under_way: dict[Topic, asyncio.Task[None]] = {}
        self._ticking: set[asyncio.Task[None]] = set()
        self._devices: dict[str, Counter[str]] = defaultdict(Counter)
        self._seated: dict[str, dict[tuple[str, str], Counter[str]]] = defaultdict(
            lambda: defaultdict(Counter)
        )
        self._screens: Counter[tuple[str, str]] = Counter()

    def shared(self, topic: Topic) -> Topic:
        """The one object for equal topics, so that ten thousand phones hold it once."""
        return self._shared.setdefault(topic, topic)

    def join(self, listener: Listener, topics: Sequence[Topic], write: Write | None = None) -> None:
        """Subscribe a connection; it gets the newest state of each topic that has one at once.

        write: the way to a client that takes what is sent; without it `listener.offer` is called.
        """
        for topic in topics:
            self._audiences[topic].put(listener, write)
        for topic in topics:
            newest = self._newest.get(topic)
            if newest is not None:
                listener.offer(topic.channel, newest)

    def serve(self, listener: Listener, topics: Sequence[Topic], write: Write | None) -> None:
        """From now on serve a subscribed connection by `write`, or without it by its own `offer`."""
        for topic in topics:
            self._audiences[topic].put(listener, write)

    def leave(self, listener: Listener, topics: Sequence[Topic]) -> None:
        for topic in topics:
            audience = self._audiences.get(topic)
            if audience is None:
                continue
            audience.discard(listener)
            if not audience:
                del self._audiences[topic]
                self._newest.pop(topic, None)

    def publish(self, topic: Topic, payload: bytes) -> None:
        """Offer a topic's new state to its listeners."""
        self._newest[topic] = push = Push.of(payload)
        if topic in self._under_way:
            return  # the fan-out that is under way goes round again with the newest
        audience = self._audiences.get(topic)
        if audience is not None and len(audience) > SLICE:
            self._under_way[topic] = asyncio.create_task(self._fan_out(topic))
            return
        began_s = perf_counter()
        if audience is not None:
            audience.offer(topic.channel, push)
        self._on_fan_out(perf_counter() - began_s)

    async def _fan_out(self, topic: Topic) -> None:
        try:
            served: Push | None = None
            while (push := self._newest.get(topic)) is not None and push is not served:
                began_s = perf_counter()
                audience = self._audiences.get(topic)
                if audience is not None:
                    await audience.offer_in_slices(topic.channel, push)
                served = push
                self._on_fan_out(perf_counter() - began_s)
        finally:
            del self._under_way[topic]

    def broadcast(self, event: str, channel: str, payload: bytes) -> None:
        """Offer one payload to every listener of a channel of an event, whatever the topic; not kept."""
        push = Push.of(payload)
        for topic in self.topics(event, channel):
            audience = self._audiences[topic]
            if len(audience) > SLICE:
                task = asyncio.create_task(audience.offer_in_slices("tick", push))
                self._ticking.add(task)
                task.add_done_callback(self._ticking.discard)
            else:
                audience.offer("tick", push)

    def farewell(self, payload: bytes) -> None:
        """Send everyone off with a last frame."""
        everyone = {one for audience in self._audiences.values() for one in audience.everyone()}
        for listener in everyone:
            listener.farewell(payload)

    def dismiss(self, event: str, channel: str, payload: bytes) -> None:
        """Send off everyone who listens to a channel of an event; who still may come in comes back."""
        for topic in self.topics(event, channel):
            for listener in self._audiences[topic].everyone():
                listener.farewell(payload)

    def topics(self, event: str, channel: str) -> list[Topic]:
        """The audiences of a channel that have listeners now."""
        return [topic for topic in self._audiences if topic.event == event and topic.channel == channel]

    def listeners(self, topic: Topic) -> int:
        """How many listen to a topic in this process."""
        audience = self._audiences.get(topic)
        return 0 if audience is None else len(audience)

    def has_newest(self, topic: Topic) -> bool:
        return topic in self._newest

    # -- presence -------------------------------------------------------------------------------

    def connections(self, event: str, device: str) -> int:
        """Connections that a device has now."""
        return self._devices[event][device]

    def phone_came(self, event: str, device: str, room: str = "", segment: str = "") -> None:
        """Count a phone in; `room` and `segment` are where its person sits."""
        self._devices[event][device] += 1
        self._seated[event][room, segment][device] += 1

    def phone_left(self, event: str, device: str, room: str = "", segment: str = "") -> None:
        places = self._seated[event]
        for counter in (self._devices[event], places[room, segment]):
            counter[device] -= 1
            if counter[device] <= 0:
                del counter[device]
        if not places[room, segment]:
            del places[room, segment]

    def phones(self, event: str) -> int:
        """Connected phones: devices, however many tabs each has open."""
        return len(self._devices[event])

    def phones_by_place(self, event: str) -> dict[str, int]:
        """The same for each room and segment, by the word under which a server process says so."""
        return {
            f"phones:{room}:{segment}": len(devices)
            for (room, segment), devices in self._seated[event].items()
        }

    def screen_came(self, event: str, kind: str) -> None:
        """Count a stage, a console or a page of an award in."""
        self._screens[event, kind] += 1

    def screen_left(self, event: str, kind: str) -> None:
        self._screens[event, kind] -= 1

    def kinds(self) -> dict[str, int]:
        """Connections by kind, over all events."""
        screens: Counter[str] = Counter()
        for (_, kind), count in self._screens.items():
            screens[kind] += count
        phones = sum(sum(devices.values()) for devices in self._devices.values())
        return {"phone": phones, **{kind: screens[kind] for kind in ("stage", "console", "award")}}

    def stages(self, event: str) -> int:
        return self._screens[event, "stage"]

    def consoles(self, event: str) -> int:
        return self._screens[event, "console"]
