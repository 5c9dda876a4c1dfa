"""What a process remembers of an event, so that a hall need not ask the store for each answer."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from polls.lifecycle import Action
from polls.model import Event, EventId, PollId, RoomId, SegmentId
from server import moderation
from server.clock import now_ms
from server.eventyaml import read_event
from server.live.event import LiveEvent
from server.loading import load_event
from server.store.memory import MemoryStore
from tests.conftest import fresh
from tests.server.live.conftest import EVENT
from voting.errors import BallotInvalid

OPEN = PollId("open")


class Counting(MemoryStore):
    """A store that counts how often it is asked for a round's key."""

    asked = 0

    async def round_key(self, event: EventId, poll: PollId, round: int) -> bytes | None:
        self.asked += 1
        await asyncio.sleep(0)
        return await super().round_key(event, poll, round)


@pytest.fixture
async def event_and_store() -> tuple[Event, Counting]:
    event, store = fresh(read_event(EVENT)), Counting()
    await load_event(store, event, actor="test")
    return event, store


async def opened(event: Event, store: Counting) -> LiveEvent:
    """The event as a server has it that has read it since its poll was opened."""
    live = LiveEvent(event.id, store)
    await moderation.act(store, event.id, "test", OPEN, Action.OPEN)
    await live.refresh()
    return live


async def test_key_of_an_open_round_is_known_before_any_ballot(
    event_and_store: tuple[Event, Counting],
) -> None:
    event, store = event_and_store
    live = await opened(event, store)
    assert live.known_round_key(OPEN, 1) is not None
    await live.refresh()
    assert store.asked == 1


async def test_reopened_round_has_a_key_of_its_own(event_and_store: tuple[Event, Counting]) -> None:
    event, store = event_and_store
    live = LiveEvent(event.id, store)
    keys = []
    for action in (Action.OPEN, Action.CLOSE, Action.REOPEN):
        await moderation.act(store, event.id, "test", OPEN, action)
        await live.refresh()
        keys.append(live.known_round_key(OPEN, live.state.run(OPEN).round))
    assert keys[0] == keys[1] != keys[2]


async def test_what_ballots_need_of_a_round_follows_the_newest_reading(
    event_and_store: tuple[Event, Counting],
) -> None:
    event, store = event_and_store
    live = await opened(event, store)
    first = live.find_round(OPEN, 1)
    assert first is not None and first.keys is not None
    assert live.find_round(OPEN, 1) is first
    assert first.received == f"received:{OPEN}:1"
    for action in (Action.CLOSE, Action.REOPEN):
        await moderation.act(store, event.id, "test", OPEN, action)
    await live.refresh()
    past, present = live.find_round(OPEN, 1), live.find_round(OPEN, 2)
    assert past is not None and past.received == "" and past.keys is first.keys
    assert present is not None and present.keys is not None
    assert present.received == f"received:{OPEN}:2"
    assert present.keys.of("device") != first.keys.of("device")
    assert live.find_round("no-such-poll", 1) is None


async def test_people_who_sent_a_ballot_are_counted_and_not_their_changes_and_retries(
    event_and_store: tuple[Event, Counting],
) -> None:
    """A hall of 1,000 that changed 120 answers read as 1,120 received and 1,000 counted: as 120 lost."""
    event, store = event_and_store
    live = await opened(event, store)
    key = f"received:{OPEN}:1"
    for device in ("ann", "ben", "ann", "ann"):
        live.senders.note(key, device)
    assert live.received(PollId(OPEN), "here") == 2
    await moderation.act(store, event.id, "test", OPEN, Action.CLOSE)
    await live.refresh()
    assert live.received(PollId(OPEN), "here") == 2
    assert live.senders._devices == {}, "who they were is forgotten"
    closed = live.find_round(OPEN, 1)
    assert closed is not None and closed.received == "", "what comes too late is not counted"


async def test_turnout_is_of_the_phones_that_a_poll_is_for(event_and_store: tuple[Event, Counting]) -> None:
    """A question for a group of 8 was answered by 8 of 1,000 phones, although nobody else may answer it."""
    event, store = event_and_store
    live = await opened(event, store)
    member, guest = SegmentId("member"), SegmentId("guest")
    words = {"phones": 9, f"phones::{member}": 4, f"phones:green:{guest}": 3, f"phones:green:{member}": 2}
    for worker in ("w1", "w2"):
        await store.report_worker(event.id, worker, {**words, "ms": now_ms()})
    await live.refresh()
    session, poll = next((session, poll) for session, poll in event.polls() if poll.id == OPEN)
    plain = replace(poll, segments=())
    theirs = replace(plain, segments=(member,))
    assert live.phones_for(session, plain) == live.phones() == 18
    assert live.phones_for(session, theirs) == 12
    assert live.phones_for(replace(session, room=RoomId("green")), plain) == 10
    assert live.phones_for(replace(session, room=RoomId("green")), theirs) == 4


async def test_many_who_need_a_key_at_once_ask_for_it_once(event_and_store: tuple[Event, Counting]) -> None:
    event, store = event_and_store
    live = await opened(event, store)
    live._keys.clear()
    store.asked = 0
    keys = await asyncio.gather(*(live.round_key(OPEN, 1) for _ in range(100)))
    assert store.asked == 1
    assert len(set(keys)) == 1 and keys[0] is not None


async def test_remembered_ballots_are_those_of_the_paper(event_and_store: tuple[Event, Counting]) -> None:
    event, store = event_and_store
    live = LiveEvent(event.id, store)
    await live.refresh()
    several, single = live.find_poll("next"), live.find_poll("open")
    assert several is not None and single is not None
    for _ in range(2):
        assert live.fill_in(several, ["3", "1"], "") == "1=3" == live.fill_in(several, ["1", "3"], "")
        assert live.fill_in(several, ["2"], "nobody-declared-this") == "2"
        assert live.fill_in(single, ["2"], "") == "2"
        with pytest.raises(BallotInvalid):
            live.fill_in(single, ["1", "3"], "")
    assert live.find_poll("nothing") is None
