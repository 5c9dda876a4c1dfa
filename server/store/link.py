"""The line to the store: bounded connections, one attempt per call, and errors in our own words."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager, suppress
from time import perf_counter
from typing import Any

from redis.asyncio import BlockingConnectionPool, ConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import OutOfMemoryError, RedisClusterException, RedisError, ResponseError

from server.store.scripts import load_library
from voting.errors import StoreFull, StoreUnavailable

WAKE_S = 1.0
"""Listeners are woken at least this often, in seconds: pub/sub is only a hint and may be lost."""

HEALTH_S = 15
"""A silent listening connection is tried this often, in seconds, so that a half-dead one is noticed."""

LISTENERS = 64

DECIDED = "decided"


@contextmanager
def store_errors() -> Iterator[None]:
    """Turns what the store or the line to it raises into StoreFull and StoreUnavailable."""
    try:
        yield
    except (RedisError, RedisClusterException, OSError, TimeoutError) as error:
        text = str(error)
        if isinstance(error, OutOfMemoryError) or text.startswith(("OOM", "MISCONF")):
            raise StoreFull(text) from error
        raise StoreUnavailable(text or type(error).__name__) from error
    heed_cancellation()


def heed_cancellation() -> None:
    """End a task that was cancelled while it asked the store, although the answer came.

    redis-py sends with asyncio.wait_for, which up to Python 3.11 swallows a cancellation that meets the end
    of the wait; whoever waited for such a task to end would wait for ever.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def is_decided(message: Mapping[str, Any] | None) -> bool:
    """Whether a message of an event's wakes tells of a decision (functions/box.lua)."""
    return message is not None and message["data"] == DECIDED


def connection_options(timeout_s: float) -> dict[str, Any]:
    """What holds for every connection. RESP2: replies have one shape on every store. No retries: a caller
    who is told "busy" knows what to do, and a retry that nobody sees would only make the wait longer."""
    return {
        "protocol": 2,
        "decode_responses": True,
        "encoding_errors": "replace",
        "socket_timeout": timeout_s,
        "socket_connect_timeout": timeout_s,
        "retry": Retry(NoBackoff(), 0),
    }


class Link:
    """Connections to one store.

    url: unix:///path, redis:// or rediss://. pool: the most connections for commands (a caller waits for
    a free one, bounded by timeout_s). timeout_s: how long one command may take, in seconds.
    """

    on_call: Callable[[str, float], None] = staticmethod(lambda function, seconds: None)
    """Told the name of each function that was called, and how long that took, in seconds."""

    def __init__(self, url: str, pool: int, timeout_s: float) -> None:
        common = connection_options(timeout_s)
        self.client = Redis.from_pool(
            BlockingConnectionPool.from_url(url, max_connections=pool, timeout=timeout_s, **common)
        )
        self.execute: Callable[..., Awaitable[Any]] = self.client.execute_command
        self._listener = Redis.from_pool(
            ConnectionPool.from_url(
                url,
                max_connections=LISTENERS,
                health_check_interval=HEALTH_S,
                **{**common, "socket_connect_timeout": WAKE_S},
            )
        )

    async def servers(self) -> list[Redis]:
        """A client of each server that decides ballots."""
        return [self.client]

    async def server_of(self, key: str) -> Redis:
        """A client of the server that decides what happens to a key."""
        return self.client

    async def load(self) -> None:
        """Load our functions wherever they are missing."""
        await load_library(self.execute)

    async def call(self, function: str, keys: Sequence[str], args: Sequence[str | int]) -> Any:
        """Call one function of the library; a store that has lost the library gets it again."""
        words = ("FCALL", function, len(keys), *keys, *args)
        began_s = perf_counter()
        try:
            with store_errors():
                try:
                    return await self.execute(*words)
                except ResponseError as error:
                    if "function not found" not in str(error).lower():
                        raise
                await self.load()
                return await self.execute(*words)
        finally:
            self.on_call(function, perf_counter() - began_s)

    async def ask(self, *words: str | int) -> Any:
        """One plain command."""
        with store_errors():
            return await self.execute(*words)

    async def together(self, commands: Sequence[Sequence[str | int]]) -> list[Any]:
        """Several plain commands in one go, though not at one moment."""
        with store_errors():
            async with self.client.pipeline(transaction=False) as pipe:
                add: Callable[..., object] = pipe.execute_command
                for words in commands:
                    add(*words)
                replies: list[Any] = await pipe.execute()
                return replies

    async def wakes(self, channel: str) -> AsyncIterator[bool]:
        """Yields when listening begins, on each message, and at least every WAKE_S; never gives up. True: the
        message tells of a decision."""
        while True:
            with suppress(RedisError, RedisClusterException, OSError, TimeoutError):
                async with aclosing(self._listen(channel)) as heard:
                    async for decided in heard:
                        heed_cancellation()
                        yield decided
            heed_cancellation()
            yield False
            await asyncio.sleep(WAKE_S)

    async def _listen(self, channel: str) -> AsyncGenerator[bool, None]:
        async with self._listener.pubsub() as pubsub:
            await pubsub.subscribe(channel)
            while True:
                yield is_decided(await pubsub.get_message(timeout=WAKE_S))

    async def close(self) -> None:
        await self.client.aclose()
        await self._listener.aclose()
