"""What only a real store can show: epochs, memory that is full, damage, and stores that do not suit."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from redis.asyncio import Redis

from polls.desk import Desk
from polls.lifecycle import Action, PollState
from polls.ports import Change
from server import keys
from server.store import checks, codec
from server.store.checks import Durability
from server.store.scripts import LIBRARY, library
from server.store.valkey import ValkeyStore
from tests.server.store.hall import FIRST, Hall, ballot, codes, fresh_event, open_hall
from tests.server.store.servers import Server
from tests.server.store.strays import strays
from tests.waiting import eventually
from voting import audit
from voting.errors import RecountMismatch, StoreFull, StoreUnavailable


@contextlib.asynccontextmanager
async def connected(url: str) -> AsyncIterator[ValkeyStore]:
    store = ValkeyStore(url, timeout_s=10)
    await store.connect()
    try:
        yield store
    finally:
        await store.close()


async def test_acknowledged_ballots_and_changes_survive_kill_9_under_a_new_epoch(own_server: Server) -> None:
    async with connected(own_server.url) as store:
        hall = await open_hall(store)
        before = await hall.snapshot()
        flood = asyncio.create_task(_cast_until_it_fails(hall))
        await eventually(lambda: len(hall.receipts) >= 100)

        own_server.kill()
        await flood
        own_server.start()

        after = await hall.snapshot((FIRST, 1))
        reading = await hall.reading()
        assert all(reading.box[voter] == entry for voter, entry in hall.receipts)
        assert await hall.differences() == []
        assert after.epoch != before.epoch
        assert (after.head, after.seq) == (before.head, before.seq)
        assert codes(await hall.cast(ballot("late"))) == ["ok"], "the functions came back with the data"


async def _cast_until_it_fails(hall: Hall) -> None:
    with pytest.raises(StoreUnavailable):
        for batch in range(100_000):
            await hall.cast(*(ballot(f"voter-{batch}-{n}") for n in range(5)))


async def test_a_lost_store_is_unavailable_and_comes_back_to_the_same_connections(own_server: Server) -> None:
    async with connected(own_server.url) as store:
        hall = await open_hall(store)
        own_server.kill()

        for attempt in (
            lambda: hall.cast(ballot("anna")),
            lambda: hall.snapshot(),
            lambda: hall.reading(),
            lambda: store.own(hall.id, [(FIRST, 1, "anna")]),
            lambda: store.event_ids(),
            lambda: store.connect(),
        ):
            with pytest.raises(StoreUnavailable):
                await attempt()
        assert await store.durability() == Durability.UNVERIFIED

        own_server.start()
        assert codes(await hall.cast(ballot("anna"))) == ["ok"]


async def test_a_store_that_spares_the_disk_while_it_rewrites_is_not_called_safe(own_server: Server) -> None:
    async with connected(own_server.url) as store:
        assert await store.durability() == Durability.ALWAYS
        await store._link.ask("CONFIG", "SET", "no-appendfsync-on-rewrite", "yes")
        assert await store.durability() == Durability.SLOW


async def test_listening_goes_on_while_the_store_is_gone_and_after(own_server: Server) -> None:
    async with connected(own_server.url) as store:
        hall = await open_hall(store)
        wakes = 0

        async def listen() -> None:
            nonlocal wakes
            async for _ in store.wakes(hall.id):
                wakes += 1

        async def another() -> None:
            so_far = wakes
            await eventually(lambda: wakes > so_far)

        listener = asyncio.create_task(listen())
        await another()
        own_server.kill()
        await another()
        await another()
        own_server.start()

        async def is_woken_by_ballots() -> bool:
            so_far = wakes
            for n in range(20):
                await hall.cast(ballot(f"voter-{so_far}-{n}"))
            return wakes >= so_far + 10  # far more often than by the clock

        await eventually(is_woken_by_ballots, what="it listens again")
        assert not listener.done()
        listener.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await listener


async def test_the_epoch_stays_while_the_store_runs_and_is_one_for_all_servers(server: Server) -> None:
    async with connected(server.url) as one:
        hall = await Hall(one, fresh_event()).set_up()
        first = (await hall.snapshot()).epoch
        async with connected(server.url) as two:
            other = await Hall(two, hall.event).snapshot()

        assert len(first) == 32
        assert other.epoch == (await hall.snapshot()).epoch == first


async def test_a_store_that_lost_its_epoch_gets_a_new_one(valkey: ValkeyStore, client: Redis) -> None:
    hall = await Hall(valkey, fresh_event()).set_up()
    before = (await hall.snapshot()).epoch

    await client.delete(keys.of_event(hall.id, "epoch"))

    assert (await hall.snapshot()).epoch != before


async def test_a_lost_function_library_is_loaded_again(valkey: ValkeyStore, client: Redis) -> None:
    hall = await open_hall(valkey)
    await client.function_flush()

    assert codes(await hall.cast(ballot("anna"))) == ["ok"]


async def test_another_version_of_the_library_is_replaced(server: Server, client: Redis) -> None:
    await client.function_flush()
    await client.function_load(
        f"#!lua name={LIBRARY}\nredis.register_function('hc_cast', function() return 'old' end)"
    )

    async with connected(server.url) as store:
        hall = await open_hall(store)

        assert codes(await hall.cast(ballot("anna"))) == ["ok"]
    assert "-- sha256 " in library().splitlines()[1]


async def test_when_memory_is_full_ballots_wait_but_everything_else_goes_on(own_server: Server) -> None:
    async with connected(own_server.url) as store, Redis.from_url(own_server.url) as client:
        hall = await open_hall(store)
        await hall.cast(ballot("anna"))
        await client.config_set("maxmemory", "1")

        with pytest.raises(StoreFull):
            await hall.cast(ballot("ben"))
        with pytest.raises(StoreFull):
            await hall.cast(ballot("anna"), ballot("ben"))
        assert codes(await hall.cast(ballot("anna"), ballot("anna", 1, nonce="other"))) == ["dup", "conflict"]
        await store.report_worker(hall.id, "w", {"phones": 1})
        assert (await hall.snapshot((FIRST, 1))).boxes == {(FIRST, 1): 1}
        assert await store.own(hall.id, [(FIRST, 1, "ben")]) == [None]
        async with connected(own_server.url) as another:
            assert await another.snapshot(hall.id) is not None

        await hall.act(Action.CLOSE)

        assert (await hall.run()).state is PollState.CLOSED
        assert codes(await hall.cast(ballot("ben"))) == ["closed"]
        assert await hall.differences() == []
        assert audit.verify(await store.audit(hall.id), (await hall.snapshot()).head) == []
        await store.delete_event(hall.id)
        assert await store.snapshot(hall.id) is None


async def test_a_poll_can_be_frozen_when_memory_is_full(own_server: Server) -> None:
    async with connected(own_server.url) as store, Redis.from_url(own_server.url) as client:
        hall = await open_hall(store)
        await client.config_set("maxmemory", "1")

        await store.freeze(hall.id, FIRST, 1, "recount needed")

        assert (await hall.run()).frozen == "recount needed"


async def test_a_freeze_never_overwrites_a_run_that_changed_meanwhile(valkey: ValkeyStore) -> None:
    """Freeze and close race; whoever comes second decides again and loses nothing of the first."""
    for attempt in range(10):
        hall = await open_hall(valkey)
        run = await hall.run()
        closed = replace(run, state=PollState.CLOSED, closed_ms=5)
        close = Change(entry=await hall.entry("close"), runs={FIRST: closed})

        async def freeze_after(turns: int, hall: Hall = hall) -> None:
            for _ in range(turns):
                await asyncio.sleep(0)
            await valkey.freeze(hall.id, FIRST, 1, "recount needed")

        results = await asyncio.gather(
            freeze_after(attempt), valkey.commit(hall.id, close), return_exceptions=True
        )

        after = await hall.run()
        assert after.frozen == "recount needed"
        assert (after.state is PollState.CLOSED) == isinstance(results[1], int)
        assert (
            await valkey._link.call(
                "hc_swap_run",
                [keys.of_event(hall.id, "runs"), keys.of_event(hall.id, "pos")],
                [FIRST, codec.encode_run(run), codec.encode_run(run), keys.of_event(hall.id, "wake")],
            )
            == 0
        ), "the run that is compared with is no longer there"
        assert await hall.run() == after


async def test_a_recount_finds_every_kind_of_damage(valkey: ValkeyStore, client: Redis) -> None:
    def at(hall: Hall, name: str) -> str:
        return keys.of_round(hall.id, name, FIRST, 1)

    async def damaged_hall() -> Hall:
        hall = await open_hall(valkey)
        await hall.cast(ballot("anna", choice="1"), ballot("ben", choice="2"))
        assert await hall.differences() == []
        return hall

    hall = await damaged_hall()
    await client.hincrby(at(hall, "tally"), "1||1", 1)
    assert await hall.differences() != []

    hall = await damaged_hall()
    await client.hdel(at(hall, "box"), "anna")
    assert await hall.differences() != []

    hall = await damaged_hall()
    await client.hset(at(hall, "box"), "anna", (await client.hget(at(hall, "box"), "ben")) or "")
    assert await hall.differences() != []

    hall = await damaged_hall()
    await client.delete(at(hall, "log"))
    assert await hall.differences() != []

    for name, field in (("box", "anna"), ("tally", "1||1")):
        hall = await damaged_hall()
        await client.hset(at(hall, name), field, "rubbish")
        with pytest.raises(RecountMismatch):
            await hall.differences()


async def test_a_damaged_entry_of_one_voter_stops_no_other(valkey: ValkeyStore, client: Redis) -> None:
    hall = await open_hall(valkey)
    await hall.cast(ballot("anna"))
    await client.hset(keys.of_round(hall.id, "box", FIRST, 1), "anna", "rubbish")

    outcomes = await hall.cast(ballot("anna", 2), ballot("ben"))

    assert codes(outcomes) == ["frozen", "ok"]
    assert outcomes[0].entry is None
    assert await valkey.own(hall.id, [(FIRST, 1, "anna")]) == [None]


async def test_every_key_in_the_store_is_listed(own_server: Server) -> None:
    async with connected(own_server.url) as store:
        hall = await open_hall(store)
        await hall.cast(ballot("anna", 1), ballot("anna", 2, "2"))
        await hall.act(Action.CLOSE)
        await hall.act(Action.REOPEN)
        await hall.cast(ballot("ben"), round=2)
        await store.report_worker(hall.id, "w", {"phones": 1})
        await store.report_painted(hall.id, "s", {"offset": 1})
        await hall.change("links", "role:moderator", links={"moderator": 2}, desks={"": Desk()})

        async with Redis.from_url(own_server.url, decode_responses=True, protocol=2) as client:
            assert await strays(client) == []
            kinds = {key async for key in client.scan_iter()}
            assert len(kinds) == 20, sorted(kinds)

            await store.delete_event(hall.id)
            await store.awards.rewrite_files(hall.id)
            await store.delete_event(hall.id)  # which is gone
            assert {key async for key in client.scan_iter()} == set()
            await client.set("hc:1:unknown", "x", ex=100)
            assert await strays(client) == ["hc:1:unknown is not in server/keys.py"]


async def test_a_batch_of_five_hundred_is_one_line_of_the_log(valkey: ValkeyStore, client: Redis) -> None:
    hall = await open_hall(valkey)
    await hall.cast(*(ballot(f"voter-{n}") for n in range(500)))

    assert await client.xlen(keys.of_round(hall.id, "log", FIRST, 1)) == 1


async def test_the_label_about_power_failures_is_read_back_from_the_store(own_server: Server) -> None:
    async with connected(own_server.url) as store, Redis.from_url(own_server.url) as client:
        assert await store.durability() == Durability.ALWAYS
        await client.config_set("appendfsync", "everysec")
        assert await store.durability() == Durability.EVERYSEC
        await client.config_set("appendfsync", "no")
        assert await store.durability() == Durability.SLOW
        await client.config_set("appendonly", "no")
        assert await store.durability() is Durability.NONE
        await client.acl_setuser("default", enabled=True, nopass=True, commands=["-config"])
        assert await store.durability() is Durability.UNVERIFIED
        async with connected(own_server.url) as another:
            assert await another.durability() is Durability.UNVERIFIED


async def test_a_store_that_may_evict_is_refused_in_words(own_server: Server) -> None:
    async with Redis.from_url(own_server.url) as client:
        await client.config_set("maxmemory-policy", "allkeys-lru")
    store = ValkeyStore(own_server.url)

    with pytest.raises(checks.StoreUnfit, match="maxmemory-policy is allkeys-lru. Set it to noeviction"):
        await store.connect()

    await store.close()


@pytest.mark.parametrize(
    ("info", "words"),
    [
        ({"redis_version": "6.2.14"}, "Redis 6.2.14; Redis 7 or newer"),
        ({"redis_version": "7.2.4", "valkey_version": "7.2.11"}, "Valkey 7.2.11; Valkey 8 or newer"),
    ],
)
async def test_a_store_that_is_too_old_is_refused_in_words(info: dict[str, str], words: str) -> None:
    class Old(Redis):
        async def info(self, section: str | None = None, *args: str, **kwargs: object) -> dict[str, str]:
            return info

    with pytest.raises(checks.StoreUnfit, match=words):
        await checks.check_fitness(Old())
