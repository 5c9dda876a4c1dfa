"""What a socket of the live path does with ballots and pushes, held against both shells."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import socket

import pytest
from websockets.frames import Opcode

from polls.lifecycle import Action
from polls.model import Event
from server.cli.serve import listen
from server.config import Config
from server.errors import Close
from server.live.protocol import LiveProtocol
from server.loading import load_event
from tests.conftest import serving
from tests.server.live.clients import device_cookie, phone, raw
from tests.server.live.conftest import WRITE_BUFFER_BYTES, Hall
from tests.waiting import eventually

# -- ballots ------------------------------------------------------------------------------------------


async def test_hello_is_answered_with_own_ballots_and_the_window(hall: Hall) -> None:
    cookie = device_cookie(hall.running.context)
    async with phone(hall.running, hall.id, cookie=cookie) as one:
        await one.cast("open", ["2"], nonce="mine-mine")
    async with phone(hall.running, hall.id, cookie=cookie) as one:
        await one.say(type="hello")
        welcome = await one.hear(type="welcome")
        papers = await one.hear(ch="papers")
    assert welcome["window_ms"] == hall.running.context.config.live.reconnect_window_s * 1000
    assert welcome["epoch"] == papers["epoch"]
    assert [(own["nonce"], own["selections"]) for own in welcome["own"]] == [("mine-mine", ["2"])]


async def test_cast_gets_its_receipt_and_the_same_again_the_same_receipt(hall: Hall) -> None:
    async with phone(hall.running, hall.id) as one:
        first = await one.cast("open", ["2"], nonce="mine-mine")
        again = await one.cast("open", ["2"], nonce="mine-mine")
    assert (first["type"], first["again"], first["own"]["selections"]) == ("receipt", False, ["2"])
    assert (again["type"], again["again"], again["own"]) == ("receipt", True, first["own"])
    assert list((await hall.tally()).values()) == [1]


async def test_change_of_mind_counts_and_late_or_twisted_ballots_are_told_what_counts(hall: Hall) -> None:
    async with phone(hall.running, hall.id) as one:
        await one.cast("open", ["1"], rev=1)
        changed = await one.cast("open", ["3"], rev=2)
        stale = await one.cast("open", ["1"], rev=1)
        conflict = await one.cast("open", ["1"], rev=2)
    assert changed["type"] == "receipt"
    assert (stale["type"], stale["code"], stale["temporary"]) == ("reject", "stale", False)
    assert (conflict["type"], conflict["code"]) == ("reject", "conflict")
    assert stale["own"] == conflict["own"] == changed["own"]
    assert list((await hall.tally()).values()) == [1]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"poll": "nothing"}, "no_such_poll"),
        ({"poll": "next", "round": 0}, "closed"),
        ({"round": 7}, "other_round"),
        ({"choice": ["4"]}, None),
        ({"choice": ["1", "2"]}, None),
    ],
)
async def test_ballot_that_cannot_count_is_rejected_and_the_connection_stays(
    hall: Hall, change: dict[str, object], code: str | None
) -> None:
    words: dict[str, object] = {"poll": "open", "choice": ["1"], **change}
    async with phone(hall.running, hall.id) as one:
        reject = await one.cast(**words)  # type: ignore[arg-type]
        assert reject["type"] == "reject"
        assert reject["message"]
        if code:
            assert reject["code"] == code
        assert (await one.cast("open", ["1"]))["type"] == "receipt"


async def test_ballot_after_the_close_is_rejected_but_a_counted_one_is_confirmed(hall: Hall) -> None:
    async with phone(hall.running, hall.id) as one, phone(hall.running, hall.id) as other:
        before = await one.cast("open", ["1"], nonce="mine-mine")
        await hall.act(Action.CLOSE)
        assert (await other.cast("open", ["1"]))["code"] == "closed"
        after = await one.cast("open", ["1"], nonce="mine-mine")
    assert (after["type"], after["again"], after["own"]) == ("receipt", True, before["own"])


async def test_ballots_of_many_phones_at_one_moment_are_all_counted_once(hall: Hall) -> None:
    async with contextlib.AsyncExitStack() as stack:
        phones = [await stack.enter_async_context(phone(hall.running, hall.id)) for _ in range(40)]
        replies = await asyncio.gather(
            *(
                one.cast("open", [str(place % 3 + 1)], nonce=f"nonce-{place:04}")
                for place, one in enumerate(phones)
                for _ in range(1 + (place % 5 == 0))
            )
        )
    assert {reply["type"] for reply in replies} == {"receipt"}
    assert sum(reply["again"] for reply in replies) == 8
    assert sum((await hall.tally()).values()) == 40


async def test_console_and_stage_cannot_vote(hall: Hall) -> None:
    async with phone(hall.running, hall.id, kind="stage") as stage:
        await stage.say(
            type="cast", poll="open", round=1, rev=1, nonce="a-stage-votes", selections=["1"], ref=1
        )
        await stage.say(type="hello")
        await stage.hear(type="welcome")
    assert await hall.tally() == {}


# -- pushes -------------------------------------------------------------------------------------------


async def test_newcomer_gets_the_newest_state_at_once(hall: Hall) -> None:
    async with phone(hall.running, hall.id) as one:
        papers = await one.hear(ch="papers")
        await one.hear(ch="results")
    assert [card["poll"] for card in papers["cards"]] == ["open"]


async def test_opening_and_closing_is_pushed_to_everybody(hall: Hall) -> None:
    async with phone(hall.running, hall.id) as one, phone(hall.running, hall.id, kind="stage") as stage:
        await one.hear(ch="papers")
        await hall.act(Action.OPEN, "next")

        def polls(cards: int) -> bool:
            return any(len(f.get("cards", ())) == cards for f in one.heard if f.get("ch") == "papers")

        await eventually(lambda: polls(2), what="the second paper")
        await hall.act(Action.CLOSE, "next")
        await hall.act(Action.CLOSE, "open")
        await eventually(lambda: polls(0), what="no paper")
        await stage.hear(ch="stage")
        offsets = [frame["offset"] for frame in one.heard if frame.get("ch") == "papers"]
    assert offsets == sorted(set(offsets))


async def test_ballots_reach_the_stage(hall: Hall) -> None:
    async with phone(hall.running, hall.id, kind="stage") as stage, phone(hall.running, hall.id) as one:
        await one.cast("open", ["1"])

        def counted() -> bool:
            return any(frame["view"]["counted"] == 1 for frame in stage.heard if frame.get("ch") == "stage")

        await eventually(counted, what="the stage shows one ballot")


async def test_what_a_stage_has_painted_reaches_the_store(hall: Hall) -> None:
    async with phone(hall.running, hall.id, kind="stage") as stage, phone(hall.running, hall.id) as one:
        await one.cast("open", ["1"])
        await eventually(lambda: any(f.get("view", {}).get("counted") == 1 for f in stage.heard))
        push = next(f for f in stage.heard if f.get("view", {}).get("counted") == 1)
        await stage.say(type="seen", ch="stage", epoch=push["epoch"], offset=push["offset"])

        async def painted() -> list[dict[str, int | str]]:
            snapshot = await hall.running.store.snapshot(hall.id)
            assert snapshot is not None
            return [dict(words) for words in snapshot.painted.values() if words.get("offset")]

        words = (await eventually(painted, what="the store knows what is painted"))[0]
        assert (words["poll"], words["counted"], words["offset"]) == ("open", 1, push["offset"])
    await eventually(lambda: gone(hall), what="a stage that left shows nothing any more")


async def gone(hall: Hall) -> bool:
    snapshot = await hall.running.store.snapshot(hall.id)
    assert snapshot is not None
    return all(words.get("gone") for words in snapshot.painted.values())


async def test_phone_that_reads_again_has_missed_everything_but_the_newest(hall: Hall) -> None:
    hub, topic, count = hall.running.context.hub, hall.topic("papers"), 200
    async with raw(hall.running, hall.id, buffer=4096) as slow:
        await eventually(lambda: hall.phones() == 1)
        for number in range(count):
            hub.publish(topic, json.dumps({"number": number, "pad": "x" * 50_000}).encode())
            await asyncio.sleep(0)
        numbers: list[int] = []
        while not numbers or numbers[-1] != count - 1:
            await slow.read()
            pushes = (json.loads(bytes(frame.data)) for frame in slow.frames)
            numbers += [push["number"] for push in pushes if "number" in push]
            slow.frames.clear()
    assert numbers == sorted(set(numbers))
    assert len(numbers) < count


async def test_phone_that_does_not_read_is_dropped_and_nobody_else_notices(hall: Hall) -> None:
    hub, topic = hall.running.context.hub, hall.topic("papers")
    size, cut = 50_000, hall.running.context.metrics.cut
    async with raw(hall.running, hall.id, buffer=4096), phone(hall.running, hall.id) as quick:
        await eventually(lambda: hall.phones() == 2)
        number = 0

        async def is_dropped() -> bool:
            nonlocal number
            number += 1
            hub.publish(topic, json.dumps({"number": number, "pad": "x" * size}).encode())
            waiting = [
                c._transport.get_write_buffer_size()
                for c in hub._audiences[topic].everyone()
                if isinstance(c, LiveProtocol)
            ]
            assert all(unsent <= WRITE_BUFFER_BYTES + 2 * size for unsent in waiting)
            await quick.hear(number=number)
            return hall.phones() == 1

        await eventually(is_dropped, timeout_s=20, what="the slow phone is dropped")
        assert hall.running.context.metrics.cut == cut + (hall.shell == "own")
        assert (await quick.cast("open", ["1"]))["type"] == "receipt"


async def test_nothing_is_sent_after_the_close_frame(hall: Hall) -> None:
    hub, topic = hall.running.context.hub, hall.topic("papers")
    async with raw(hall.running, hall.id) as one:
        await one.send_frame(Opcode.TEXT, b"{")
        code = await one.close_code()
        for number in range(3):
            hub.publish(topic, json.dumps({"number": number}).encode())
        await one.send_frame(Opcode.CLOSE, code.to_bytes(2, "big"))
        await one.until_end()
    assert code == Close.BAD_FRAME
    assert b'"number"' not in one.taken


# -- the end ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shell_name", ["own", "reference"])
async def test_server_that_stops_says_bye_with_the_window_and_closes(
    config: Config, store_url: str, example: Event, shell_name: str
) -> None:
    live = dataclasses.replace(config.live, reconnect_window_s=7)
    server = serving(dataclasses.replace(config, live=live), store_url, shell_name)
    running = await server.__aenter__()
    await load_event(running.store, example, actor="test")
    async with phone(running, example.id) as one:
        await one.hear(ch="papers")
        stopping = asyncio.create_task(server.__aexit__(None, None, None))
        assert (await one.hear(type="bye"))["window_ms"] == 7000
        assert await one.close_code() == Close.GOING_AWAY
    await stopping


async def test_kernel_ends_a_connection_that_acknowledges_nothing(config: Config) -> None:
    """Every connection inherits the bound from the listening socket, so that none needs a timer."""
    with listen("127.0.0.1", 0, config.live.silence_s) as listener:
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        accepted, _ = listener.accept()
        with accepted:
            bound_ms = accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
        writer.close()
    assert bound_ms == config.live.silence_s * 1000
