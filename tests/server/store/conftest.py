"""The stores that the contract is tried on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from server.store.memory import MemoryStore
from server.store.valkey import ValkeyStore
from tests.server.store.cluster import Cluster
from tests.server.store.hall import Hall, Store, open_hall
from tests.server.store.servers import NO_REDIS, REDIS, DebianRedis, Server, Valkey

REAL = ["valkey", pytest.param("redis", marks=pytest.mark.skipif(REDIS is None, reason=NO_REDIS))]


def start_server(kind: str, folder: Path) -> Server:
    return Valkey(folder) if kind == "valkey" else DebianRedis()


@pytest.fixture(scope="session")
def valkey_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = start_server("valkey", tmp_path_factory.mktemp("store"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = start_server("redis", tmp_path_factory.mktemp("store"))
    yield server
    server.stop()


@pytest.fixture(params=REAL)
def server(request: pytest.FixtureRequest) -> Server:
    """A real store that many tests share: events of different tests do not touch."""
    server: Server = request.getfixturevalue(f"{request.param}_server")
    return server


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Three primaries that many tests share."""
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    yield cluster
    cluster.stop()


@pytest.fixture(params=["memory", *REAL, "cluster"])
def url(request: pytest.FixtureRequest) -> str:
    """Where the store under the contract is; empty: in memory."""
    if request.param == "memory":
        return ""
    if request.param == "cluster":
        cluster: Cluster = request.getfixturevalue("cluster")
        return cluster.url
    server: Server = request.getfixturevalue(f"{request.param}_server")
    return server.url


@pytest.fixture(params=REAL)
def own_server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """A real store for one test, which may kill it."""
    server = start_server(request.param, tmp_path)
    yield server
    server.stop()


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    """Every adapter of the ports."""
    store: Store = ValkeyStore(url) if url else MemoryStore()
    await store.connect()
    yield store
    await store.close()


@pytest.fixture
async def valkey(server: Server) -> AsyncIterator[ValkeyStore]:
    store = ValkeyStore(server.url)
    await store.connect()
    yield store
    await store.close()


@pytest.fixture
async def client(server: Server) -> AsyncIterator[Redis]:
    """The store's back door: what an operator's hands could do."""
    client = Redis.from_url(server.url, decode_responses=True, protocol=2)
    yield client
    await client.aclose()


@pytest.fixture
async def hall(store: Store) -> Hall:
    """An event whose first poll is open."""
    return await open_hall(store)
