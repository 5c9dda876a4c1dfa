"""Laws of the box, across the whole house: through real sockets, on the real store."""

import asyncio
import contextlib
import dataclasses
import json
import secrets
from collections.abc import Sequence

import msgspec
import pytest
from redis.asyncio import Redis

from polls.lifecycle import Action
from polls.model import Event, EventId, Poll, PollId, ResultsMode, SegmentId
from server import keys, moderation, watch
from server.app import build_context
from server.auth import Keyring, Role, Seat
from server.config import Config
from server.context import Context
from server.live import pushes
from server.live.event import LiveEvent
from server.live.hub import Topic
from server.live.publisher import Publisher
from server.loading import load_event
from server.store.memory import MemoryStore
from tests.conftest import Running, fresh, with_polls
from tests.server.faces import caller, fill_box
from tests.server.laws import POLL, another_server, newest
from tests.server.live.clients import device_cookie, phone
from tests.waiting import eventually
from voting.recount import Recount


async def differences(running: Running, event: EventId, poll: PollId, round: int = 1) -> list[str]:
    recount = Recount()
    reading = await running.store.read_round(event, poll, round)
    recount.add(reading.log)
    return recount.differences(reading)


# -- L3: a ballot counts if and only if the store ran its cast before the close ---------------------


async def test_of_casts_racing_a_close_exactly_those_with_a_receipt_are_in_the_box(
    running: Running, loaded: Event
) -> None:
    async with contextlib.AsyncExitStack() as stack:
        moderator = await stack.enter_async_context(caller(running, loaded.id, Role.MODERATOR))
        await moderator.post(f"/console/{loaded.id}/open", data={"poll": POLL})
        phones = [await stack.enter_async_context(phone(running, loaded.id)) for _ in range(50)]
        early = await asyncio.gather(*(one.cast(POLL, ["1"]) for one in phones[:10]))
        closing = asyncio.create_task(moderator.post(f"/console/{loaded.id}/close", data={"poll": POLL}))
        racing = await asyncio.gather(*(one.cast(POLL, ["2"]) for one in phones[10:45]))
        assert (await closing).status_code == 200
        late = await asyncio.gather(*(one.cast(POLL, ["3"]) for one in phones[45:]))
    assert {said["type"] for said in early} == {"receipt"}
    assert {said.get("code") for said in late} == {"closed"}
    replies = [*early, *racing, *late]
    assert all(said["type"] == "receipt" or said["code"] == "closed" for said in replies)
    reading = await running.store.read_round(loaded.id, POLL, 1)
    counted = {said["own"]["nonce"] for said in replies if said["type"] == "receipt"}
    assert {entry.nonce for entry in reading.box.values()} == counted
    assert reading.is_closed, "nothing stands in the log after the close"
    assert await differences(running, loaded.id, POLL) == []


# -- L4: tally = recount of the log, checked at start ------------------------------------------------


async def test_round_that_was_tampered_with_is_frozen_at_start_and_every_screen_says_so(
    running: Running, loaded: Event, config: Config, store_url: str
) -> None:
    await moderation.act(running.store, loaded.id, "test", POLL, Action.OPEN)
    await fill_box(running.store, loaded.id, POLL, 1, ["1"] * 6)
    async with phone(running, loaded.id) as voter, phone(running, loaded.id, kind="stage") as stage:
        await eventually(lambda: newest(stage, "stage")["view"]["counted"] == 6)
        async with Redis.from_url(store_url, protocol=2) as back_door:
            await back_door.hincrby(keys.of_round(loaded.id, "tally", POLL, 1), "1||1", 5)
        async with another_server(config, store_url, running.base) as starting:
            await watch.recheck_everything(starting)
        frozen = "The count is being checked. Voting is paused."
        await eventually(lambda: newest(stage, "stage")["view"]["frozen"] == frozen)
        view = newest(stage, "stage")["view"]
        assert (view["lines"], view["form"]) == ([], "turnout"), "a wrong result is not shown"
        await eventually(lambda: frozen in newest(voter, "papers")["cards"][0]["html"])
        reject = await voter.cast(POLL, ["1"])
        assert (reject["code"], reject["temporary"]) == ("frozen", True)
        async with caller(running, loaded.id, Role.MODERATOR) as moderator:
            panel = (await moderator.get(f"/console/{loaded.id}/panel")).text
            assert frozen in panel
            closed = await moderator.post(f"/console/{loaded.id}/close", data={"poll": POLL})
            assert closed.status_code == 200, "a frozen poll can be closed"
            shown = await moderator.post(f"/console/{loaded.id}/reveal", data={"poll": POLL})
            assert shown.status_code == 409, "but its result cannot be shown"


async def test_untouched_rounds_are_not_frozen_at_start(
    running: Running, loaded: Event, config: Config, store_url: str
) -> None:
    await moderation.act(running.store, loaded.id, "test", POLL, Action.OPEN)
    await fill_box(running.store, loaded.id, POLL, 1, ["1", "2"])
    async with another_server(config, store_url, running.base) as starting:
        await watch.recheck_everything(starting)
    snapshot = await running.store.snapshot(loaded.id)
    assert snapshot is not None
    assert snapshot.state.run(POLL).frozen == ""


# -- L7: what an audience may not see is not in the bytes ---------------------------------------------


def bytes_of(context: Context, live: LiveEvent, topic: Topic) -> bytes:
    return msgspec.json.encode(pushes.content(context, live, topic))


async def hidden_bytes(
    config: Config, event: Event, poll: Poll, ballots: Sequence[str], *steps: Action
) -> bytes:
    """Everything that every audience is sent about an event whose hidden poll got these ballots."""
    store = MemoryStore()
    context = build_context(
        config, store, Keyring.load(config.store.data / "key"), config.store.data, "http://127.0.0.1:1"
    )
    await load_event(store, event, actor="test")
    await moderation.act(store, event.id, "test", poll.id, Action.OPEN)
    await fill_box(store, event.id, poll.id, 1, ballots)
    for step in steps:
        await moderation.act(store, event.id, "test", poll.id, step)
    live = LiveEvent(event.id, store)
    await live.refresh()
    context._events[event.id], context._publishers[event.id] = live, Publisher(context, live)
    segments = ["", *(segment.id for segment in event.segments)]
    topics = [Topic(event.id, "papers", "", segment, lang) for segment in segments for lang in ("en", "de")]
    topics += [Topic(event.id, "results", "", "", lang) for lang in ("en", "de")]
    topics += [Topic(event.id, "stage", "", theme, "en") for theme in ("dark", "light")]
    topics += [Topic(event.id, "console")]
    said = b"\n".join(bytes_of(context, live, topic) for topic in topics)
    return said.replace(str(live.state.run(poll.id).closes_ms or "no close").encode(), b"closes")


@pytest.mark.parametrize("steps", [(), (Action.CLOSE,), (Action.CLOSE, Action.REVEAL, Action.HIDE)])
async def test_bytes_of_a_hidden_poll_do_not_depend_on_its_tally(
    config: Config, example: Event, steps: tuple[Action, ...]
) -> None:
    found = example.find_poll(POLL)
    assert found is not None
    poll = dataclasses.replace(found[1], results=ResultsMode.HIDDEN)
    event = with_polls(example, poll)
    said = [
        await hidden_bytes(config, event, poll, ballots, *steps)
        for ballots in (["1"] * 20, ["6"] * 20, ["1", "2", "3", "4"] * 5)
    ]
    assert said[0] == said[1] == said[2]
    shown = await hidden_bytes(config, event, poll, ["6"] * 20, Action.CLOSE, Action.REVEAL)
    other = await hidden_bytes(config, event, poll, ["1"] * 20, Action.CLOSE, Action.REVEAL)
    assert shown != other, "or this test would see nothing"


async def test_papers_of_other_segments_are_not_sent(running: Running, loaded: Event) -> None:
    poll = PollId("authority-needs")
    await moderation.act(running.store, loaded.id, "test", poll, Action.OPEN)
    device = running.context.keyring.new_device()
    heard: dict[str, str] = {}
    for segment in ("public-authority", "cluster-manager", ""):
        cookie = device_cookie(running.context, device)
        if segment:
            seat = running.context.keyring.sign_seat(loaded.id, Seat(segment=segment))
            cookie += f"; {running.context.seat_cookie(loaded.id)}={seat}"
        async with phone(running, loaded.id, cookie=cookie) as voter:
            await voter.hear(ch="papers")
            await voter.hear(ch="results")
            heard[segment] = json.dumps(voter.heard)
            if segment == "cluster-manager":
                reject = await voter.cast(poll, ["1"])
                assert reject["code"] == "not_for_you"
    option = "Connect bottom-up requests"
    assert option in heard["public-authority"]
    assert option not in heard["cluster-manager"]
    assert option not in heard[""]
    assert loaded.segment(SegmentId("public-authority")) is not None


async def test_two_events_never_hear_of_each_other(running: Running, loaded: Event, example: Event) -> None:
    other = fresh(example)
    await load_event(running.store, other, actor="test")
    async with phone(running, other.id) as voter:
        await voter.hear(ch="papers")
        before = len(voter.heard)
        await moderation.act(running.store, loaded.id, "test", POLL, Action.OPEN)
        reject = await voter.cast(POLL, ["1"], nonce=secrets.token_urlsafe(12))
        assert reject["type"] == "reject"
        assert [frame for frame in voter.heard[before:] if frame.get("ch")] == []
