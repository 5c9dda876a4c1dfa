"""Chores beside the server: recounts, a disk that fills up, a store that dies."""

import asyncio
import contextlib
from collections import namedtuple
from collections.abc import AsyncIterator

import pytest

from polls.lifecycle import Action
from polls.model import Event, PollId
from server import moderation, watch
from server.app import build_context
from server.auth import Keyring
from server.config import Config
from server.context import Context
from server.loading import load_event
from server.store.embedded import StoreError
from server.store.memory import MemoryStore
from server.watch import Rechecker, recheck_everything, watch_disk, watch_store
from tests.conftest import Running, serving
from tests.server.faces import fill_box
from tests.server.store.hall import FIRST, Hall, ballot, open_hall
from tests.waiting import eventually

POLL = PollId("public-support")


@contextlib.asynccontextmanager
async def at_work(chore: "asyncio.Task[None]") -> AsyncIterator[None]:
    """A chore that ends with the test, and must not end before."""
    try:
        yield
        assert not chore.done(), "the chore goes on whatever happens"
    finally:
        chore.cancel()
        await asyncio.gather(chore, return_exceptions=True)


@pytest.fixture
async def hall() -> Hall:
    hall = await open_hall(MemoryStore())
    await hall.cast(ballot("anna"), ballot("bert", choice="2"))
    return hall


async def test_round_that_agrees_is_left_alone_and_read_only_from_where_it_was(hall: Hall) -> None:
    rechecker = Rechecker(hall.store)
    for voter in ("carl", "dora"):
        assert await rechecker.check(hall.id, FIRST, 1, 5) == []
        await hall.cast(ballot(voter))
    assert await rechecker.check(hall.id, FIRST, 1, 5) == []
    assert (await hall.run()).frozen == ""


async def test_two_checks_of_a_round_at_once_find_no_fault_that_is_none(hall: Hall) -> None:
    rechecker = Rechecker(hall.store)
    assert await rechecker.check(hall.id, FIRST, 1, 5) == []
    await hall.cast(ballot("carl"))
    checks = [rechecker.check(hall.id, FIRST, 1, 5) for _ in range(3)]
    assert await asyncio.gather(*checks) == [[], [], []]
    assert (await hall.run()).frozen == ""


async def test_check_that_is_broken_off_leaves_nothing_behind(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    rechecker = Rechecker(hall.store)
    assert await rechecker.check(hall.id, FIRST, 1, 5) == []
    await hall.cast(ballot("carl"), ballot("dora"))
    monkeypatch.setattr(watch, "SLICE", 1)
    broken_off = asyncio.create_task(rechecker.check(hall.id, FIRST, 1, 5))
    for _ in range(2):  # the first slice is in
        await asyncio.sleep(0)
    broken_off.cancel()
    with pytest.raises(asyncio.CancelledError):
        await broken_off
    assert await rechecker.check(hall.id, FIRST, 1, 5) == []


async def test_others_get_their_turn_while_a_large_round_is_recounted(hall: Hall) -> None:
    await hall.cast(*(ballot(f"voter-{n}") for n in range(4 * watch.SLICE)))
    check, turns = asyncio.create_task(Rechecker(hall.store).check(hall.id, FIRST, 1, 5)), 0
    while not check.done():
        await asyncio.sleep(0)
        turns += 1
    assert check.result() == [] and turns >= 4


async def test_round_that_differs_is_frozen(hall: Hall) -> None:
    assert isinstance(hall.store, MemoryStore)
    rechecker = Rechecker(hall.store)
    assert await rechecker.check(hall.id, FIRST, 1, 5) == []
    hall.store._held[hall.id].rounds[(FIRST, 1)].tally["1||1"] = 7
    assert await rechecker.check(hall.id, FIRST, 1, 5) == [
        "tally entry '1||1': the log gives 1, the tally has 7"
    ]
    assert (await hall.run()).frozen != ""
    (outcome,) = await hall.cast(ballot("carl"))
    assert outcome.code == "frozen"


async def test_event_that_was_made_anew_is_counted_from_its_beginning(hall: Hall) -> None:
    rechecker = Rechecker(hall.store)
    assert await rechecker.check(hall.id, FIRST, 1, (await hall.run()).opened_ms) == []
    await hall.store.delete_event(hall.id)
    again = await Hall(hall.store, hall.event, clock=hall.clock + 60_000).set_up()
    await again.act(Action.OPEN)
    await again.cast(ballot("anna", choice="3"))
    assert await rechecker.check(hall.id, FIRST, 1, (await again.run()).opened_ms) == []


def context_on(config: Config, store: MemoryStore) -> Context:
    keyring = Keyring.load(config.store.data / "key")
    return build_context(config, store, keyring, config.store.data, "http://127.0.0.1:1")


Usage = namedtuple("Usage", "total used free")


async def test_ballots_stop_while_the_disk_is_nearly_full(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = context_on(config, MemoryStore())
    free = 10 * 2**30
    monkeypatch.setattr("server.watch.shutil.disk_usage", lambda path: Usage(0, 0, free))
    monkeypatch.setattr(watch, "CHECK_S", 0.001)
    async with at_work(asyncio.create_task(watch_disk(context))):
        assert (context.is_low_on_disk, context.batchers.has_room) == (False, True)
        free = config.store.min_free_mb * 2**20 - 1
        await eventually(lambda: context.is_low_on_disk)
        assert not context.batchers.has_room
        free += 1
        await eventually(lambda: context.batchers.has_room)
        assert not context.is_low_on_disk


async def test_chore_that_ends_by_something_unforeseen_begins_anew(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = context_on(config, MemoryStore())
    answers = [OSError(5, "Input/output error"), ValueError("odd")]

    def usage(path: object) -> Usage:
        if answers:
            raise answers.pop()
        return Usage(0, 0, 0)

    monkeypatch.setattr("server.watch.shutil.disk_usage", usage)
    monkeypatch.setattr(watch, "CHECK_S", 0.001)
    async with at_work(asyncio.create_task(watch.keep_up("disk", lambda: watch_disk(context)))):
        await eventually(lambda: context.is_low_on_disk)


class Store:
    """An embedded store that dies, and does not come back at once."""

    def __init__(self, *errors: Exception) -> None:
        self.status: int | None = -9
        self.errors = list(errors)
        self.restarts = 0

    def poll(self) -> int | None:
        return self.status

    def restart(self) -> str:
        self.restarts += 1
        if self.errors:
            raise self.errors.pop(0)
        self.status = None
        return "unix:///again"


@pytest.mark.parametrize(
    "error", [StoreError("the disk is full"), OSError(28, "No space left on device"), RuntimeError("odd")]
)
async def test_store_that_does_not_start_is_tried_again_until_it_does(error: Exception) -> None:
    store = Store(error, error)
    async with at_work(asyncio.create_task(watch_store(store.poll, store.restart))):
        await eventually(lambda: store.status is None)
        assert store.restarts == 3
        store.status = 1  # and once more
        await eventually(lambda: store.restarts == 4)


async def test_countdown_that_was_running_at_a_restart_still_closes_although_nobody_comes(
    config: Config, store_url: str, example: Event
) -> None:
    async with serving(config, store_url) as first:
        store = first.store
        await load_event(store, example, actor="test")
        await moderation.act(store, example.id, "test", POLL, Action.OPEN)
        await moderation.act(store, example.id, "test", POLL, Action.EXTEND, seconds=1)
        await fill_box(store, example.id, POLL, 1, ["1", "2"])
    async with serving(config, store_url) as second:

        async def is_closed() -> bool:
            return await state_of(second, example) == "closed"

        await eventually(is_closed, what="the countdown ends")
        log = await second.store.audit(example.id)
        assert [(entry.actor, entry.action) for entry in log][-1] == ("timer", "close")
        reading = await second.store.read_round(example.id, POLL, 1)
        assert reading.is_closed
        assert len(reading.box) == 2


async def state_of(running: Running, event: Event) -> str:
    snapshot = await running.store.snapshot(event.id)
    assert snapshot is not None
    return snapshot.state.run(POLL).state.value


async def test_start_recounts_every_event(config: Config, example: Event) -> None:
    store = MemoryStore()
    context = context_on(config, store)
    await load_event(store, example, actor="test")
    for poll in (POLL, PollId("business-adapts")):
        await moderation.act(store, example.id, "test", poll, Action.OPEN)
        await fill_box(store, example.id, poll, 1, ["1", "2"])
    await moderation.act(store, example.id, "test", POLL, Action.CLOSE)
    store._held[example.id].rounds[(POLL, 1)].tally.clear()
    await recheck_everything(context)
    snapshot = await store.snapshot(example.id)
    assert snapshot is not None
    frozen = [poll for poll, run in snapshot.state.runs.items() if run.frozen]
    assert frozen == [POLL], "the closed one that was tampered with, and no other"
    await context.stop()
