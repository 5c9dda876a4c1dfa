"""How a command reaches the settings, the keys and the store.

Beside a running server a command uses that server's store by its socket; without one it starts the
store for as long as the command runs. An external store is simply connected to.
"""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import click

from polls.model import EventId
from polls.ports import Snapshot
from server.auth import Keyring
from server.config import Config, load_config
from server.live.event import NoSuchEvent
from server.store.embedded import EmbeddedStore, running_url
from server.store.valkey import ValkeyStore

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])


def settings_options(command: F) -> F:
    """The options every command has: --config and --data."""
    command = click.option(
        "--data", type=click.Path(path_type=Path, file_okay=False), help="Data folder; overrides store.data."
    )(command)
    return click.option(
        "--config",
        "config_file",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Settings file; default: ./config.yaml.",
    )(command)


def read_settings(config_file: Path | None, data: Path | None, **overrides: object) -> Config:
    """The settings with the words of the command line on top (dotted names with "__" for the dot)."""
    words = {name.replace("__", "."): value for name, value in overrides.items()}
    return load_config(config_file, os.environ, {**words, "store.data": str(data) if data else None})


def keyring_of(config: Config) -> Keyring:
    return Keyring.load(config.store.data / "key")


@contextlib.contextmanager
def store_url(config: Config) -> Iterator[str]:
    """The address of the store: external, a running server's, or one started for the time being."""
    if config.store.url:
        yield config.store.url
        return
    running = running_url(config.store.data)
    if running is not None:
        yield running
        return
    with EmbeddedStore(
        config.store.data,
        fsync=config.store.fsync,
        maxmemory_mb=config.store.maxmemory_mb,
        start_timeout_s=config.store.start_timeout_s,
    ) as url:
        yield url


@contextlib.asynccontextmanager
async def connected(url: str, config: Config) -> AsyncIterator[ValkeyStore]:
    store = ValkeyStore(url, pool=config.store.pool)
    await store.connect()
    try:
        yield store
    finally:
        await store.close()


def with_store(config: Config, work: Callable[[ValkeyStore], Awaitable[T]]) -> T:
    """Run `work` with a connected store, then let go of everything."""

    async def run(url: str) -> T:
        async with connected(url, config) as store:
            return await work(store)

    with store_url(config) as url:
        return asyncio.run(run(url))


async def snapshot_of(store: ValkeyStore, event_id: str) -> Snapshot:
    """A reading of an event. Raises NoSuchEvent."""
    snapshot = await store.snapshot(EventId(event_id))
    if snapshot is None:
        raise NoSuchEvent(event_id)
    return snapshot
