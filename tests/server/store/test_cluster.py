"""What only a cluster can show: events on different primaries, and one of the primaries lost."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from polls.lifecycle import Action
from server import keys
from server.store.checks import Durability, StoreUnfit
from server.store.scripts import LIBRARY
from server.store.valkey import ValkeyStore
from tests.server.store.cluster import NODES, Cluster
from tests.server.store.hall import FIRST, Hall, ballot, codes, fresh_event, open_hall
from tests.server.store.servers import NO_REDIS, REDIS
from tests.server.store.strays import strays
from tests.waiting import eventually
from voting.errors import StoreUnavailable


@pytest.fixture
def own_cluster(tmp_path: Path) -> Iterator[Cluster]:
    """Three primaries for one test, which may kill them."""
    cluster = Cluster(tmp_path)
    yield cluster
    cluster.stop()


@contextlib.asynccontextmanager
async def connected(cluster: Cluster) -> AsyncIterator[ValkeyStore]:
    store = ValkeyStore(cluster.url, timeout_s=10)
    await store.connect()
    try:
        yield store
    finally:
        await store.close()


def place_of(cluster: Cluster, hall: Hall) -> int:
    return cluster.place_of(keys.of_event(hall.id, "doc"))


async def hall_on(cluster: Cluster, store: ValkeyStore, place: int) -> Hall:
    """A hall with an open poll whose event lies on one of the primaries."""
    event = fresh_event()
    while cluster.place_of(keys.of_event(event.id, "doc")) != place:
        event = fresh_event()
    hall = await Hall(store, event).set_up()
    await hall.act(Action.OPEN)
    return hall


async def test_each_primary_counts_the_ballots_of_its_own_events(cluster: Cluster) -> None:
    async with connected(cluster) as store:
        halls = [await hall_on(cluster, store, place) for place in range(NODES)]

        for hall in halls:
            assert codes(await hall.cast(ballot("anna"), ballot("ben", choice="2"))) == ["ok", "ok"]

        for place, hall in enumerate(halls):
            assert await hall.tally() == {"1||1": 1, "1||2": 1}
            assert await hall.differences() == []
            assert await store.find_by_code(hall.event.join_code) == hall.id
            mine = set(cluster.clients[place].scan_iter(match=f"hc:1:{{{hall.id}}}:*"))
            assert keys.of_round(hall.id, "box", FIRST, 1) in mine, "all of it lies on this primary"
            everywhere = [
                sum(1 for _ in client.scan_iter(match=f"*{{{hall.id}}}*")) for client in cluster.clients
            ]
            assert sum(everywhere) == len(mine)
        assert {hall.id for hall in halls} <= set(await store.event_ids())


async def test_the_functions_are_on_every_primary_and_come_back_when_one_lost_them(cluster: Cluster) -> None:
    async with connected(cluster) as store:
        halls = [await hall_on(cluster, store, place) for place in range(NODES)]
        for client in cluster.clients:
            assert len(client.function_list(LIBRARY)) == 1
            client.function_flush()

        for hall in halls:
            assert codes(await hall.cast(ballot("anna"))) == ["ok"]


async def test_a_listener_hears_only_of_its_own_event_and_at_once(cluster: Cluster) -> None:
    await hear_only_their_own(cluster)


async def hear_only_their_own(cluster: Cluster) -> None:
    async with connected(cluster) as store, connected(cluster) as another:
        halls = [await hall_on(cluster, store, place) for place in range(NODES)]
        heard = [0] * NODES

        async def listen(place: int) -> None:
            async for _ in another.wakes(halls[place].id):
                heard[place] += 1

        tasks = [asyncio.create_task(listen(place)) for place in range(NODES)]
        await eventually(lambda: all(heard))
        for place, hall in enumerate(halls):
            before = list(heard)
            for n in range(200):  # far more often than listeners are woken by the clock alone
                await hall.cast(ballot(f"voter-{n}"))
            await eventually(lambda place=place, before=before: heard[place] >= before[place] + 150)  # type: ignore[misc]
            others = [heard[i] - before[i] for i in range(NODES) if i != place]
            assert max(others) < 50, "nobody else was woken"
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.skipif(REDIS is None, reason=NO_REDIS)
async def test_a_cluster_of_redis_does_the_same(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path, REDIS)
    try:
        async with connected(cluster) as store:
            halls = [await hall_on(cluster, store, place) for place in range(NODES)]
            for client, hall in zip(cluster.clients, halls, strict=True):
                assert "valkey_version" not in client.info("server")
                assert len(client.function_list(LIBRARY)) == 1
                assert codes(await hall.cast(ballot("anna"), ballot("anna"))) == ["ok", "dup"]
                assert await hall.tally() == {"1||1": 1}
                assert await hall.differences() == []
                assert list(client.scan_iter(match=f"hc:1:{{{hall.id}}}:*"))
        await hear_only_their_own(cluster)
    finally:
        cluster.stop()


async def test_a_lost_primary_stops_its_own_events_only_and_returns_under_a_new_epoch(
    own_cluster: Cluster,
) -> None:
    async with connected(own_cluster) as store:
        lost, spared = [await hall_on(own_cluster, store, place) for place in (1, 2)]
        await lost.cast(ballot("anna"))
        before = [(await hall.snapshot()).epoch for hall in (lost, spared)]

        own_cluster.kill(1)
        with pytest.raises(StoreUnavailable):
            await lost.cast(ballot("ben"))
        assert codes(await spared.cast(ballot("ben"))) == ["ok"]
        assert (await spared.snapshot()).epoch == before[1]

        own_cluster.start(1)
        assert await eventually(lambda: _cast(lost, "ben")) == ["ok"]
        after = [(await hall.snapshot()).epoch for hall in (lost, spared)]
        assert after[0] != before[0] and after[1] == before[1]
        assert await lost.box() == {"anna": "1", "ben": "1"}
        assert await lost.differences() == []


async def _cast(hall: Hall, voter: str) -> list[str]:
    try:
        return codes(await hall.cast(ballot(voter)))
    except StoreUnavailable:
        return []


async def test_an_event_that_moves_to_another_primary_keeps_its_ballots(own_cluster: Cluster) -> None:
    async with connected(own_cluster) as store:
        hall = await hall_on(own_cluster, store, 0)
        await hall.cast(ballot("anna"))
        before = (await hall.snapshot()).epoch
        wakes = 0

        async def listen() -> None:
            nonlocal wakes
            async for _ in store.wakes(hall.id):
                wakes += 1

        listener = asyncio.create_task(listen())
        await eventually(lambda: wakes)
        own_cluster.move(keys.of_event(hall.id, "doc"), 0, 2)

        assert codes(await hall.cast(ballot("anna", 2), ballot("ben"))) == ["ok", "ok"]
        assert await hall.box() == {"anna": "1", "ben": "1"}
        assert await hall.differences() == []
        assert (await hall.snapshot()).epoch != before, "another process speaks for the event now"

        async def is_woken_by_ballots() -> bool:
            so_far = wakes
            for n in range(20):
                await hall.cast(ballot(f"voter-{so_far}-{n}"))
            return wakes >= so_far + 10

        await eventually(is_woken_by_ballots)
        listener.cancel()
        await asyncio.gather(listener, return_exceptions=True)


async def test_a_cluster_holds_no_key_that_is_not_listed(own_cluster: Cluster) -> None:
    async with connected(own_cluster) as store:
        hall = await open_hall(store)
        await hall.cast(ballot("anna"))
        assert await store.snapshot(fresh_event().id) is None
        await hall.act(Action.CLOSE)
        for port in own_cluster.ports[:NODES]:
            async with Redis(port=port, decode_responses=True, protocol=2) as client:
                assert await strays(client) == []

        await store.delete_event(hall.id)
        await store.awards.rewrite_files(hall.id)

        assert [client.dbsize() for client in own_cluster.clients] == [0] * NODES


async def test_the_label_about_power_failures_is_that_of_the_worst_primary(own_cluster: Cluster) -> None:
    async with connected(own_cluster) as store:
        assert await store.durability() == Durability.ALWAYS
        own_cluster.clients[2].config_set("appendfsync", "everysec")
        assert await store.durability() == Durability.EVERYSEC
        own_cluster.kill(1)
        assert await store.durability() == Durability.UNVERIFIED


async def test_a_cluster_of_which_one_primary_may_evict_is_refused(own_cluster: Cluster) -> None:
    own_cluster.clients[1].config_set("maxmemory-policy", "allkeys-lru")
    store = ValkeyStore(own_cluster.url)

    with pytest.raises(StoreUnfit, match="allkeys-lru"):
        await store.connect()

    await store.close()


async def test_a_cluster_that_does_not_answer_is_unavailable(cluster: Cluster) -> None:
    store = ValkeyStore(cluster.url.replace(str(cluster.ports[0]), "1"), timeout_s=1)

    with pytest.raises(StoreUnavailable):
        await store.connect()

    await store.close()
