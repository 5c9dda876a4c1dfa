"""Fan-out: who listens to what, and the newest state of each channel.

A push is the whole state of its channel, so a connection needs one slot per channel: a newer push
replaces an older one that was not sent yet, and a slow client costs one slot, never a queue.
"""

from collections import Counter, defaultdict
from typing import NamedTuple, Protocol


class Topic(NamedTuple):
    """One audience of one channel: everybody here gets the same bytes."""

    event: str
    channel: str
    room: str = ""
    segment: str = ""
    lang: str = ""


class Listener(Protocol):
    """One connection as the hub sees it."""

    def offer(self, channel: str, payload: bytes) -> None:
        """Take the newest state of a channel; never waits."""
        ...

    def farewell(self, payload: bytes) -> None:
        """Send a last frame and close."""
        ...


class Hub:
    """The listeners of this process by topic, and what each topic showed last."""

    def __init__(self) -> None:
        self._listeners: dict[Topic, set[Listener]] = defaultdict(set)
        self._newest: dict[Topic, bytes] = {}
        self._devices: dict[str, Counter[str]] = defaultdict(Counter)
        self._stages: Counter[str] = Counter()

    def join(self, listener: Listener, topics: list[Topic]) -> None:
        """Subscribe a connection; it gets the newest state of each topic that has one at once."""
        for topic in topics:
            self._listeners[topic].add(listener)
            newest = self._newest.get(topic)
            if newest is not None:
                listener.offer(topic.channel, newest)

    def leave(self, listener: Listener, topics: list[Topic]) -> None:
        for topic in topics:
            heard_by = self._listeners.get(topic)
            if heard_by is None:
                continue
            heard_by.discard(listener)
            if not heard_by:
                del self._listeners[topic]
                self._newest.pop(topic, None)

    def publish(self, topic: Topic, payload: bytes) -> bool:
        """Offer a topic's new state to its listeners; False when it is what they have already."""
        if self._newest.get(topic) == payload:
            return False
        self._newest[topic] = payload
        for listener in tuple(self._listeners.get(topic, ())):
            listener.offer(topic.channel, payload)
        return True

    def broadcast(self, event: str, channel: str, payload: bytes) -> None:
        """Offer one payload to every listener of a channel of an event, whatever the topic; not kept."""
        for topic, heard_by in tuple(self._listeners.items()):
            if topic.event == event and topic.channel == channel:
                for listener in tuple(heard_by):
                    listener.offer("tick", payload)

    def farewell(self, payload: bytes) -> None:
        """Send everyone off with a last frame."""
        everyone = {listener for heard_by in self._listeners.values() for listener in heard_by}
        for listener in everyone:
            listener.farewell(payload)

    def topics(self, event: str, channel: str) -> list[Topic]:
        """The audiences of a channel that have listeners now."""
        return [topic for topic in self._listeners if topic.event == event and topic.channel == channel]

    def has_newest(self, topic: Topic) -> bool:
        return topic in self._newest

    # -- presence -------------------------------------------------------------------------------

    def phone_came(self, event: str, device: str) -> int:
        """Count a phone in; gives the number of connections this device has now."""
        self._devices[event][device] += 1
        return self._devices[event][device]

    def phone_left(self, event: str, device: str) -> None:
        counter = self._devices[event]
        counter[device] -= 1
        if counter[device] <= 0:
            del counter[device]

    def phones(self, event: str) -> int:
        """Connected phones: devices, however many tabs each has open."""
        return len(self._devices[event])

    def stage_came(self, event: str) -> None:
        self._stages[event] += 1

    def stage_left(self, event: str) -> None:
        self._stages[event] -= 1

    def stages(self, event: str) -> int:
        return self._stages[event]

    def consoles(self, event: str) -> int:
        """Connected consoles."""
        return len(self._listeners.get(Topic(event, "console"), ()))
