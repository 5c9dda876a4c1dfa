"""The publisher: who hears what, how often, and the close of a countdown."""

import asyncio
import contextlib
import dataclasses
from functools import partial
from typing import Any

import pytest
from redis.asyncio import Redis

from polls.lifecycle import Action
from polls.model import Event, PollId, Text
from server import keys, moderation
from server.auth import Role
from server.config import Config
from server.context import Context
from server.live import event as live_event
from server.live import publisher, pushes
from server.live.hub import Topic
from server.loading import load_event
from server.store.valkey import ValkeyStore
from server.wire import Tick, encode
from tests.conftest import Running, serving
from tests.server.faces import caller, fill_box
from tests.server.live.clients import Phone, phone
from tests.waiting import eventually
from voting.livepoll import LivePoll

POLL = PollId("public-support")
OTHER = PollId("business-adapts")


def pushes_of(listener: Phone, channel: str) -> list[dict[str, Any]]:
    return [frame for frame in listener.heard if frame.get("ch") == channel]


async def test_countdown_closes_by_itself_at_its_end_and_not_before(running: Running, loaded: Event) -> None:
    store = running.store
    async with phone(running, loaded.id) as voter:
        await moderation.act(store, loaded.id, "test", POLL, Action.OPEN)
        await moderation.act(store, loaded.id, "test", POLL, Action.EXTEND, seconds=1)
        await eventually(
            lambda: any(push["cards"] for push in pushes_of(voter, "papers")), what="the paper has come"
        )
        closes_ms = (await run_of(running, loaded)).closes_ms
        await eventually(lambda: not pushes_of(voter, "papers")[-1]["cards"], what="the paper is taken away")
    run = await run_of(running, loaded)
    assert run.state == "closed"
    assert closes_ms is not None and run.closed_ms is not None
    # By a clock that nobody can set: what a wall clock says may differ by a few ms.
    assert closes_ms - 50 <= run.closed_ms < closes_ms + 10_000
    entry = (await store.audit(loaded.id))[-1]
    assert (entry.actor, entry.action) == ("timer", "close")


async def run_of(running: Running, event: Event) -> Any:
    snapshot = await running.store.snapshot(event.id)
    assert snapshot is not None
    return snapshot.state.run(POLL)


async def test_extended_countdown_does_not_close_at_its_first_end(running: Running, loaded: Event) -> None:
    store = running.store
    async with phone(running, loaded.id, kind="stage") as stage:
        await moderation.act(store, loaded.id, "test", POLL, Action.OPEN)
        await moderation.act(store, loaded.id, "test", POLL, Action.EXTEND, seconds=2)
        first = (await run_of(running, loaded)).closes_ms
        await moderation.act(store, loaded.id, "test", POLL, Action.EXTEND, seconds=600)
        await eventually(lambda: pushes_of(stage, "stage")[-1]["view"]["closes_ms"] == first + 600_000)
        # Votes keep the publisher turning beyond the first end.
        for n in range(60):
            await fill_box(store, loaded.id, POLL, 1, ["1"])
            heard = pushes_of(stage, "stage")
            if heard[-1]["server_ms"] > first + 200:
                break
            await eventually(lambda n=n: pushes_of(stage, "stage")[-1]["view"]["counted"] > n)  # type: ignore[misc]
        assert pushes_of(stage, "stage")[-1]["server_ms"] > first
        assert (await run_of(running, loaded)).state == "open"


async def test_ballots_do_not_push_the_papers_again(running: Running, loaded: Event) -> None:
    store = running.store
    await moderation.act(store, loaded.id, "test", POLL, Action.OPEN)
    async with phone(running, loaded.id) as voter, phone(running, loaded.id, kind="stage") as stage:
        await voter.hear(ch="papers")
        for count in (5, 10, 15):
            await fill_box(store, loaded.id, POLL, 1, ["1"] * 5)
            await eventually(
                lambda count=count: pushes_of(stage, "stage")[-1]["view"]["counted"] == count  # type: ignore[misc]
            )
        assert len(pushes_of(voter, "papers")) == 1


async def test_stage_is_redrawn_at_most_ten_times_a_second_and_ends_with_the_newest(
    running: Running, loaded: Event
) -> None:
    store = running.store
    await moderation.act(store, loaded.id, "test", POLL, Action.OPEN)
    async with phone(running, loaded.id, kind="stage") as stage:
        await stage.hear(ch="stage")
        began = asyncio.get_running_loop().time()
        for _ in range(100):
            await fill_box(store, loaded.id, POLL, 1, ["1"])
        await eventually(lambda: pushes_of(stage, "stage")[-1]["view"]["counted"] == 100)
        took = asyncio.get_running_loop().time() - began
        assert len(pushes_of(stage, "stage")) <= took * 10 + 3


async def test_phones_are_told_a_live_result_at_most_once_a_second_and_end_with_the_newest(
    running: Running, loaded: Event
) -> None:
    store, loop = running.store, asyncio.get_running_loop()
    await moderation.act(store, loaded.id, "test", POLL, Action.OPEN)
    async with phone(running, loaded.id) as voter:
        await voter.hear(ch="results")
        began, cast = loop.time(), 0

        async def has_heard_three() -> bool:  # is asked many times as often as phones are told
            nonlocal cast
            await fill_box(store, loaded.id, POLL, 1, ["1"] * 5)
            cast += 5
            return len(pushes_of(voter, "results")) >= 3

        await eventually(has_heard_three)
        at = await offset_of(running, loaded)
        await eventually(lambda: pushes_of(voter, "results")[-1]["offset"] == at, what="the newest result")
        took = loop.time() - began
        heard = pushes_of(voter, "results")
        assert len(heard) <= took + 2, "the first, then one a second"
        assert f"{cast}" in heard[-1]["cards"][0]["html"]
        assert len(pushes_of(voter, "papers")) == 1


async def test_decisions_that_show_no_other_result_bring_phones_no_more_of_them(
    config: Config, store_url: str, loaded: Event
) -> None:
    rarely = dataclasses.replace(config, live=dataclasses.replace(config.live, phone_hz=0.001))
    async with serving(rarely, store_url) as running, phone(running, loaded.id) as voter:
        store, decisions = running.store, 8
        await moderation.act(store, loaded.id, "test", POLL, Action.OPEN)
        await eventually(lambda: any(push["cards"] for push in pushes_of(voter, "results")))
        shown = len(pushes_of(voter, "results"))
        for n in range(decisions):
            await fill_box(store, loaded.id, POLL, 1, ["1"])
            await moderation.act(store, loaded.id, "test", POLL, Action.EXTEND, seconds=600 + n)
            closes_ms = (await run_of(running, loaded)).closes_ms
            await eventually(partial(shows_countdown, voter, closes_ms))
        assert len(pushes_of(voter, "papers")) > decisions, "each decision came at once"
        assert len(pushes_of(voter, "results")) == shown
        await moderation.act(store, loaded.id, "test", OTHER, Action.OPEN)
        await eventually(
            lambda: len(pushes_of(voter, "results")) > shown, what="another result is not held back"
        )


def shows_countdown(voter: Phone, closes_ms: int | None) -> bool:
    return bool(pushes_of(voter, "papers")[-1]["cards"][0]["closes_ms"] == closes_ms)


async def offset_of(running: Running, event: Event) -> int:
    snapshot = await running.store.snapshot(event.id)
    assert snapshot is not None
    return snapshot.offset


async def test_what_several_of_one_audience_see_is_read_counted_and_made_once(
    running: Running, loaded: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twelve phones of two languages and three stages of two themes are six audiences."""
    made, counted, encoded, read = (list[Any]() for _ in range(4))
    content, refresh = pushes.content, live_event.LiveEvent.refresh

    def make(context: Context, live: live_event.LiveEvent, topic: Topic) -> pushes.Content:
        if live.id == loaded.id:
            made.append((topic, live.snapshot.offset, live.snapshot.seq))
        return content(context, live, topic)

    result = LivePoll.result

    def tell(live: LivePoll, round: int, **words: Any) -> Any:
        counted.append((live.poll.id, words["offset"]))
        return result(live, round, **words)

    def write(frame: Any) -> bytes:
        if not isinstance(frame, Tick):
            encoded.append(frame)
        return encode(frame)

    async def look(live: live_event.LiveEvent) -> Any:
        read.append(live.id)
        return await refresh(live)

    async with contextlib.AsyncExitStack() as hall:
        ways = [("phone", f"?lang={lang}") for lang in ("en", "de") for _ in range(6)]
        ways += [("stage", f"?theme={theme}") for theme in ("dark", "light", "dark")]
        ears = [await hall.enter_async_context(phone(running, loaded.id, kind=k, query=q)) for k, q in ways]
        await moderation.act(running.store, loaded.id, "test", POLL, Action.OPEN)
        for one in ears:
            await eventually(partial(has_heard, one))
        audiences = {
            topic for channel in CHANNELS for topic in running.context.hub.topics(loaded.id, channel)
        }
        assert len(audiences) == 6, "papers and results in two languages, the stage in two themes"
        await eventually(lambda: all(newest_cards(one) for one in ears[:12]), what="the paper is everywhere")
        monkeypatch.setattr(pushes, "content", make)
        monkeypatch.setattr(LivePoll, "result", tell)
        monkeypatch.setattr(publisher, "encode", write)
        monkeypatch.setattr(live_event.LiveEvent, "refresh", look)

        await fill_box(running.store, loaded.id, POLL, 1, ["1", "2", "2"])
        await moderation.act(running.store, loaded.id, "test", POLL, Action.CLOSE)
        at = await offset_of(running, loaded)
        for one, (kind, _) in zip(ears, ways, strict=True):
            channels = ("stage",) if kind == "stage" else ("papers", "results")
            for channel in channels:
                await eventually(partial(is_at, one, channel, at))

    assert {topic for topic, *_ in made} == audiences
    assert len(made) <= len(audiences) * read.count(loaded.id), "once for each audience and reading at most"
    assert len(counted) == len(set(counted)), "no reading was counted twice"
    assert len(encoded) <= len(made), "a push is written once for its audience, not for each viewer"


def has_heard(listener: Phone) -> bool:
    return any(frame.get("ch") for frame in listener.heard)


def is_at(listener: Phone, channel: str, offset: int) -> bool:
    return bool(pushes_of(listener, channel)[-1]["offset"] >= offset)


CHANNELS = ("papers", "results", "stage")


def newest_cards(listener: Phone) -> list[Any]:
    heard = pushes_of(listener, "papers")
    return list(heard[-1]["cards"]) if heard else []


async def test_new_epoch_is_told_to_everybody_although_nothing_else_changed(
    running: Running, loaded: Event, store_url: str
) -> None:
    """Phones offer their ballot again when they hear of a store that was restarted."""
    await moderation.act(running.store, loaded.id, "test", POLL, Action.OPEN)
    async with phone(running, loaded.id) as voter, phone(running, loaded.id, kind="stage") as stage:
        first = await voter.hear(ch="papers")
        await stage.hear(ch="stage")
        async with Redis.from_url(store_url, protocol=2, decode_responses=True) as back_door:
            await back_door.hset(keys.of_event(loaded.id, "epoch"), "epoch", first["epoch"][::-1])
        for listener, channel in ((voter, "papers"), (voter, "results"), (stage, "stage")):
            await eventually(
                lambda listener=listener, channel=channel: (  # type: ignore[misc]
                    pushes_of(listener, channel)[-1]["epoch"] == first["epoch"][::-1]
                ),
                what=f"{channel} tells the new epoch",
            )
        assert pushes_of(voter, "papers")[-1]["cards"] == first["cards"]


async def test_round_is_recounted_when_it_closes_and_frozen_when_it_differs(
    running: Running, loaded: Event, store_url: str
) -> None:
    store = running.store
    async with phone(running, loaded.id, kind="stage") as stage:
        await moderation.act(store, loaded.id, "test", POLL, Action.OPEN)
        await fill_box(store, loaded.id, POLL, 1, ["1", "2"])
        await eventually(lambda: pushes_of(stage, "stage")[-1]["view"]["counted"] == 2)
        async with Redis.from_url(store_url, protocol=2) as back_door:
            await back_door.hincrby(keys.of_round(loaded.id, "tally", POLL, 1), "1||2", 1)
        await moderation.act(store, loaded.id, "test", POLL, Action.CLOSE)
        await eventually(lambda: pushes_of(stage, "stage")[-1]["view"]["frozen"])
    assert (await run_of(running, loaded)).frozen


async def test_event_that_is_deleted_is_no_longer_followed(running: Running, loaded: Event) -> None:
    async with phone(running, loaded.id) as voter:
        await voter.hear(ch="papers")
        assert running.context.known_event(loaded.id) is not None
        await running.store.delete_event(loaded.id)
        await eventually(lambda: running.context.known_event(loaded.id) is None)
    async with caller(running, loaded.id, None) as anybody:
        assert (await anybody.get(f"/stage/{loaded.id}")).status_code == 404


async def test_edited_draft_reaches_the_screens(running: Running, loaded: Event) -> None:
    async with caller(running, loaded.id, Role.MODERATOR) as moderator:
        await moderator.post(f"/console/{loaded.id}/show", data={"poll": POLL})
    async with phone(running, loaded.id, kind="stage") as stage:
        first = await stage.hear(ch="stage")
        moved = dataclasses.replace(loaded, title=Text.plain("Another title"))
        await load_event(running.store, moved, actor="test")
        await eventually(lambda: pushes_of(stage, "stage")[-1]["view"]["event"] == "Another title")
        assert pushes_of(stage, "stage")[-1]["offset"] > first["offset"]


async def test_topic_nobody_listens_to_costs_nothing(running: Running, loaded: Event) -> None:
    async with phone(running, loaded.id, query="?lang=de") as voter:
        await voter.hear(ch="papers")
        assert running.context.hub.topics(loaded.id, "papers") == [Topic(loaded.id, "papers", "", "", "de")]
    await eventually(lambda: not running.context.hub.topics(loaded.id, "papers"))


async def test_cancelled_reading_of_the_store_ends_whenever_the_cancellation_comes(
    running: Running, loaded: Event, store_url: str
) -> None:
    """Or a server that stops would wait for its publishers for ever."""
    finished = 0
    for turn in range(150):
        store = ValkeyStore(store_url)  # a new one each time: connecting has places of its own to be met at
        reading = asyncio.create_task(store.snapshot(loaded.id))
        for _ in range(turn):
            await asyncio.sleep(0)
        is_late = reading.done()
        reading.cancel()
        (said,) = await asyncio.gather(reading, return_exceptions=True)
        finished += is_late
        assert is_late or isinstance(said, asyncio.CancelledError), f"cancelled at step {turn}"
        await store.close()
    assert finished < 150
