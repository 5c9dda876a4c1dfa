"""The line to a cluster: every call goes to the primary that holds the event.

All keys of one event share a hash tag and so lie in one slot (server/keys.py): a cluster separates
events, never one event. Only join codes and the list of events lie elsewhere, each reached alone.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from redis.asyncio import BlockingConnectionPool, Redis, RedisCluster
from redis.asyncio.cluster import ClusterNode
from redis.exceptions import RedisClusterException, RedisError

from server.store.link import HEALTH_S, LISTENERS, WAKE_S, Link, connection_options, is_decided, store_errors
from server.store.scripts import load_library

MARK = "+cluster"
TO_LIBRARY = {"redis": "redis", "valkey": "redis", "rediss": "rediss", "valkeys": "rediss"}
"""The schemes people write, and those the client library reads."""


def is_cluster(url: str) -> bool:
    """Whether the address is that of a cluster: valkey+cluster://host:port, redis+cluster://host:port."""
    return urlsplit(url).scheme.endswith(MARK)


class ClusterLink(Link):
    """Connections to the primaries of one cluster.

    url: of any one node; the others are asked for. pool: the most commands under way at once.
    timeout_s: how long one command may take, the wait for its turn included, in seconds.
    """

    is_sharded = True

    def __init__(self, url: str, pool: int, timeout_s: float) -> None:
        scheme = TO_LIBRARY[urlsplit(url).scheme.removesuffix(MARK)]
        self._address = urlsplit(url)._replace(scheme=scheme)
        self._options = connection_options(timeout_s)
        self._timeout_s = timeout_s
        self._turns = asyncio.Semaphore(pool)  # the library's own pool raises when it is empty
        # Part of the slots may be without a primary: events in the others go on. The table of slots is
        # mended slot by slot, because the library's other way is to drop every connection that is in use.
        self._cluster = RedisCluster.from_url(
            self._address.geturl(),
            max_connections=pool,
            require_full_coverage=False,
            reinitialize_steps=0,
            **self._options,
        )
        self.execute = self._execute
        self._direct: dict[str, Redis] = {}

    async def _execute(self, *words: str | int) -> Any:
        async with asyncio.timeout(self._timeout_s), self._turns:
            return await self._cluster.execute_command(*words)

    async def servers(self) -> list[Redis]:
        await self._cluster.initialize()
        return [self._client(node) for node in self._cluster.get_primaries()]

    async def server_of(self, key: str) -> Redis:
        with store_errors():
            await self._cluster.initialize()
            node = self._cluster.get_node_from_key(key)
            if node is None:
                raise RedisClusterException(f"no primary holds {key}")
            return self._client(node)

    def _client(self, node: ClusterNode) -> Redis:
        """A client of this one server: for what is not routed by a key."""
        if node.name not in self._direct:
            host = f"[{node.host}]" if ":" in node.host else node.host
            who, at, _ = self._address.netloc.rpartition("@")
            address = self._address._replace(netloc=f"{who}{at}{host}:{node.port}")
            pool = BlockingConnectionPool.from_url(
                address.geturl(),
                max_connections=LISTENERS,
                timeout=WAKE_S,
                health_check_interval=HEALTH_S,
                **{**self._options, "socket_connect_timeout": WAKE_S},
            )
            self._direct[node.name] = Redis.from_pool(pool)
        return self._direct[node.name]

    async def load(self) -> None:
        for server in await self.servers():
            await load_library(server.execute_command, is_sharded=True)

    async def together(self, commands: Sequence[Sequence[str | int]]) -> list[Any]:
        with store_errors():
            async with asyncio.timeout(self._timeout_s), self._turns:
                pipe = self._cluster.pipeline()
                add: Callable[..., object] = pipe.execute_command
                for words in commands:
                    add(*words)
                execute: Callable[[], Awaitable[list[Any]]] = pipe.execute
                return await execute()

    async def _listen(self, channel: str) -> AsyncGenerator[bool, None]:
        # One connection to the primary that holds the channel. (The library's reader for all shards asks one
        # after the other and blocks on each: with three primaries messages were seconds late.)
        try:
            await self._cluster.initialize()
            node = self._cluster.get_node_from_key(channel)
            if node is None:
                return
            async with self._client(node).pubsub() as pubsub:
                await pubsub.ssubscribe(channel)
                while True:
                    message = await pubsub.get_message(timeout=WAKE_S)
                    yield is_decided(message)
                    if message is not None and message["type"] == "sunsubscribe":
                        break  # the slot has moved to another primary
        finally:
            # Whatever ended it, the table of slots may be old.
            with suppress(RedisError, RedisClusterException, OSError, TimeoutError):
                await self._cluster.nodes_manager.initialize()

    async def close(self) -> None:
        await self._cluster.aclose()
        for client in self._direct.values():
            await client.aclose()
