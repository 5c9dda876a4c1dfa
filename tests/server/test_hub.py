"""Fan-out: everybody ends with the newest, whoever comes or goes while it is under way."""

import asyncio

import pytest

from server.live.frames import Push
from server.live.hub import SLICE, Hub, Topic
from tests.waiting import eventually

TOPIC = Topic("event", "stage", "", "dark", "en")

both = pytest.mark.parametrize("are_ready", [True, False], ids=["ready", "asked"])


class Ear:
    """A connection that notes what it is offered."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.last_words: list[bytes] = []

    def offer(self, channel: str, push: Push) -> None:
        self.heard.append((channel, push.payload))

    def farewell(self, payload: bytes) -> None:
        self.last_words.append(payload)

    @property
    def newest(self) -> bytes:
        return self.heard[-1][1] if self.heard else b""

    def write(self, frame: bytes) -> None:
        self.heard.append(("frame", frame[2:]))


def crowd(hub: Hub, size: int, *, are_ready: bool = False) -> list[Ear]:
    ears = [Ear() for _ in range(size)]
    for ear in ears:
        hub.join(ear, [TOPIC], ear.write if are_ready else None)
    return ears


async def under_way(ears: list[Ear]) -> None:
    """Until a fan-out has reached the first listeners, but not the last."""
    while not any(ear.heard for ear in ears):
        await asyncio.sleep(0)
    assert not all(ear.heard for ear in ears)


@both
async def test_small_audience_is_served_at_once(are_ready: bool) -> None:
    hub = Hub()
    ears = crowd(hub, SLICE, are_ready=are_ready)
    hub.publish(TOPIC, b"one")
    assert {ear.newest for ear in ears} == {b"one"}


@both
async def test_newer_push_wins_while_a_fan_out_is_under_way(are_ready: bool) -> None:
    hub = Hub()
    ears = crowd(hub, SLICE * 3, are_ready=are_ready)
    hub.publish(TOPIC, b"one")
    await under_way(ears)
    hub.publish(TOPIC, b"two")
    hub.publish(TOPIC, b"three")
    await eventually(lambda: not hub._under_way)
    assert {ear.newest for ear in ears} == {b"three"}
    for ear in ears:
        assert [payload for _, payload in ear.heard] in ([b"one", b"three"], [b"three"])


@both
async def test_who_joins_during_a_fan_out_ends_with_the_newest(are_ready: bool) -> None:
    hub = Hub()
    ears = crowd(hub, SLICE * 2, are_ready=are_ready)
    hub.publish(TOPIC, b"one")
    await under_way(ears)
    early = crowd(hub, 1, are_ready=are_ready)[0]
    assert early.newest == b"one"
    hub.publish(TOPIC, b"two")
    late = crowd(hub, 1, are_ready=are_ready)[0]
    assert late.newest == b"two"
    await eventually(lambda: not hub._under_way)
    assert {ear.newest for ear in (*ears, early, late)} == {b"two"}
    assert b"one" not in [payload for _, payload in late.heard]


@both
async def test_who_leaves_during_a_fan_out_harms_nobody(are_ready: bool) -> None:
    hub = Hub()
    ears = crowd(hub, SLICE * 2, are_ready=are_ready)
    hub.publish(TOPIC, b"one")
    await under_way(ears)
    gone, kept = ears[::2], ears[1::2]
    for ear in gone:
        hub.leave(ear, [TOPIC])
    hub.publish(TOPIC, b"two")
    await eventually(lambda: not hub._under_way)
    assert {ear.newest for ear in kept} == {b"two"}
    assert b"two" not in [payload for ear in gone for _, payload in ear.heard]


@both
async def test_everybody_may_leave_and_others_come_during_a_fan_out(are_ready: bool) -> None:
    hub = Hub()
    ears = crowd(hub, SLICE * 2, are_ready=are_ready)
    hub.publish(TOPIC, b"one")
    await asyncio.sleep(0)
    for ear in ears:
        hub.leave(ear, [TOPIC])
    newcomers = crowd(hub, 3, are_ready=are_ready)
    hub.publish(TOPIC, b"two")
    await eventually(lambda: not hub._under_way)
    assert {ear.newest for ear in newcomers} == {b"two"}
    hub.publish(TOPIC, b"three")
    assert {ear.newest for ear in newcomers} == {b"three"}


async def test_who_becomes_slow_during_a_fan_out_is_offered_the_push_once() -> None:
    hub = Hub()
    ears = crowd(hub, SLICE * 4, are_ready=True)
    hub.publish(TOPIC, b"one")
    await under_way(ears)
    slow, other = ears[::2], ears[1::2]
    for ear in slow:
        hub.serve(ear, [TOPIC], None)
    await eventually(lambda: not hub._under_way)
    assert all(len(ear.heard) == 1 and ear.newest == b"one" for ear in ears)
    assert {ear.heard[0][0] for ear in slow} == {"frame", "stage"}
    assert {ear.heard[0][0] for ear in other} == {"frame"}


async def test_who_becomes_ready_during_a_fan_out_hears_it_once() -> None:
    hub = Hub()
    ears = crowd(hub, SLICE * 4)
    hub.publish(TOPIC, b"one")
    await under_way(ears)
    for ear in ears:
        hub.serve(ear, [TOPIC], ear.write)
    await eventually(lambda: not hub._under_way)
    assert all(len(ear.heard) == 1 and ear.newest == b"one" for ear in ears)
    assert {ear.heard[0][0] for ear in ears} == {"frame", "stage"}


async def test_slow_listener_is_asked_and_a_ready_one_is_written_to() -> None:
    hub = Hub()
    (ear,) = crowd(hub, 1, are_ready=True)
    for number, write in enumerate((ear.write, None, ear.write)):
        hub.serve(ear, [TOPIC], write)
        hub.publish(TOPIC, str(number).encode())
    assert ear.heard == [("frame", b"0"), ("stage", b"1"), ("frame", b"2")]


class Choking(Ear):
    """Becomes slow at the first thing it is offered."""

    def __init__(self, hub: Hub, topics: list[Topic]) -> None:
        super().__init__()
        self._hub, self._topics = hub, topics

    def offer(self, channel: str, push: Push) -> None:
        super().offer(channel, push)
        self._hub.serve(self, self._topics, None)


async def test_who_becomes_slow_while_it_joins_stays_so() -> None:
    hub = Hub()
    topics = [TOPIC, TOPIC._replace(channel="papers")]
    crowd(hub, 1)
    hub.publish(TOPIC, b"one")
    ear = Choking(hub, topics)
    hub.join(ear, topics, ear.write)
    for topic in topics:
        hub.publish(topic, b"two")
    assert ear.heard == [("stage", b"one"), ("stage", b"two"), ("papers", b"two")]


async def test_topic_without_listeners_is_forgotten() -> None:
    hub = Hub()
    (ear,) = crowd(hub, 1)
    hub.publish(TOPIC, b"one")
    hub.leave(ear, [TOPIC])
    assert not hub.has_newest(TOPIC)
    assert hub.topics("event", "stage") == []
    hub.leave(ear, [TOPIC])


async def test_topics_hear_only_their_own() -> None:
    hub = Hub()
    here, there = Ear(), Ear()
    light = TOPIC._replace(segment="light")
    hub.join(here, [TOPIC])
    hub.join(there, [light])
    hub.publish(TOPIC, b"dark")
    hub.publish(light, b"light")
    assert (here.heard, there.heard) == ([("stage", b"dark")], [("stage", b"light")])
    assert set(hub.topics("event", "stage")) == {TOPIC, light}


async def test_tick_reaches_every_topic_of_an_event_and_is_not_kept() -> None:
    hub = Hub()
    here, elsewhere = Ear(), Ear()
    hub.join(here, [TOPIC])
    hub.join(elsewhere, [TOPIC._replace(event="another")])
    hub.broadcast("event", "stage", b"tick")
    assert (here.heard, elsewhere.heard) == ([("tick", b"tick")], [])
    assert not hub.has_newest(TOPIC)


@both
async def test_tick_to_many_lets_others_have_their_turn(are_ready: bool) -> None:
    hub = Hub()
    ears = crowd(hub, SLICE * 3, are_ready=are_ready)
    hub.broadcast("event", "stage", b"tick")
    await under_way(ears)
    hub.publish(TOPIC, b"one")
    await eventually(lambda: not hub._under_way and not hub._ticking)
    assert all(sorted(payload for _, payload in ear.heard) == [b"one", b"tick"] for ear in ears)


async def test_farewell_reaches_everybody_once() -> None:
    hub = Hub()
    ear = Ear()
    hub.join(ear, [TOPIC, TOPIC._replace(channel="papers")])
    hub.farewell(b"bye")
    assert ear.last_words == [b"bye"]


def test_phones_are_counted_by_device_and_not_by_tab() -> None:
    hub = Hub()
    for device in ("a", "a", "b"):
        hub.phone_came("event", device)
    assert (hub.phones("event"), hub.connections("event", "a")) == (2, 2)
    hub.phone_left("event", "a")
    assert hub.phones("event") == 2
    hub.phone_left("event", "a")
    assert (hub.phones("event"), hub.phones("another")) == (1, 0)


def test_phones_are_counted_where_their_people_sit() -> None:
    hub = Hub()
    for device, room, segment in (
        ("a", "", "member"),
        ("a", "", "member"),
        ("b", "blue", ""),
        ("c", "", "member"),
    ):
        hub.phone_came("event", device, room, segment)
    assert hub.phones_by_place("event") == {"phones::member": 2, "phones:blue:": 1}
    hub.phone_left("event", "b", "blue", "")
    hub.phone_left("event", "a", "", "member")
    assert hub.phones_by_place("event") == {"phones::member": 2}


def test_screens_are_counted_by_kind() -> None:
    hub = Hub()
    hub.screen_came("event", "stage")
    hub.screen_came("event", "console")
    hub.screen_left("event", "stage")
    assert (hub.stages("event"), hub.consoles("event")) == (0, 1)
