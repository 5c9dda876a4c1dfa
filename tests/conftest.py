"""Fixtures that several rooms of tests share: a real store, a real server."""

import asyncio
import contextlib
import dataclasses
import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from hypothesis import HealthCheck, settings

from polls.model import Event, EventId, Poll, PollId
from server.app import build_app, build_context, say_goodbye
from server.auth import Keyring, Role
from server.cli.serve import listen
from server.config import Config, load_config
from server.context import Context
from server.eventyaml import read_event
from server.firstlook import first_look
from server.live.protocol import live_protocol
from server.loading import load_event
from server.serving import KEEP_ALIVE_S
from server.store.embedded import EmbeddedStore
from server.store.valkey import ValkeyStore
from tests.waiting import eventually

# How long a claim takes is not what it says, nor how long the machine takes to think of examples.
settings.register_profile("hemicycle", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("hemicycle")

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "examples" / "ecc2020.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A server under test: `base` is its address, `context` what it works with."""

    base: str
    context: Context
    server: uvicorn.Server

    @property
    def store(self) -> ValkeyStore:
        store = self.context.store
        assert isinstance(store, ValkeyStore)
        return store

    def connections(self) -> list[object]:
        """The protocols of the connections that are open."""
        return list(self.server.server_state.connections)

    async def token(self, event: str, role: Role) -> str:
        """The token in a role's link, at the present serial."""
        snapshot = await self.store.snapshot(EventId(event))
        assert snapshot is not None
        return self.context.keyring.token(event, role, snapshot.links.get(role, 1))

    def round_of(self, event: str, poll: str) -> int:
        return self.context._events[EventId(event)].state.run(PollId(poll)).round


@pytest.fixture(scope="session")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """Default settings on a data folder of their own."""
    data = tmp_path_factory.mktemp("data")
    return load_config(ROOT / "config.yaml", {}, {"store.data": str(data)})


@pytest.fixture(scope="session")
def store_url(config: Config) -> Iterator[str]:
    """A real embedded store, alive as long as the tests run."""
    with EmbeddedStore(config.store.data) as url:
        yield url


@contextlib.asynccontextmanager
async def serving(config: Config, store_url: str, shell: str = "own") -> AsyncIterator[Running]:
    """A real uvicorn on a free port, in this event loop; sockets on our `own` shell or the reference one."""
    listener = listen("127.0.0.1", 0)
    base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    context = build_context(
        config, ValkeyStore(store_url), Keyring.load(config.store.data / "key"), config.store.data, base
    )
    app = build_app(context)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            http=first_look(context, app, KEEP_ALIVE_S) if shell == "own" else "httptools",
            log_config=None,
            access_log=False,
            ws=live_protocol(context) if shell == "own" else "websockets-sansio",
            ws_max_size=config.live.max_message_bytes,
            ws_per_message_deflate=False,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=2,
        )
    )
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await eventually(lambda: server.started or task.done(), what="the server starts")
        yield Running(base=base, context=context, server=server)
    finally:
        say_goodbye(context)
        server.should_exit = True
        await task
        listener.close()


@pytest.fixture(scope="session")
async def running(config: Config, store_url: str) -> AsyncIterator[Running]:
    """One server for the whole run of tests; each test brings an event of its own."""
    async with serving(config, store_url) as started:
        yield started


_numbers = itertools.count(1)

MakeEvent = Callable[..., "asyncio.Future[Event]"]


@pytest.fixture
def example() -> Event:
    """The conference of 2020 under an id and join code of its own."""
    return fresh(read_event(EXAMPLE.read_text(encoding="utf-8")))


def fresh(event: Event, **changes: object) -> Event:
    """The event under an id and a join code that no other test uses."""
    from polls.joincode import derive

    event_id = EventId(f"{event.id}-t{next(_numbers)}")
    return dataclasses.replace(event, id=event_id, join_code=derive(event_id), **changes)  # type: ignore[arg-type]


@pytest.fixture
async def loaded(running: Running, example: Event) -> AsyncIterator[Event]:
    """The conference of 2020, loaded into the running server, which forgets it after the test."""
    await load_event(running.store, example, actor="test")
    yield example
    await running.store.delete_event(example.id)


def with_polls(event: Event, *polls: Poll) -> Event:
    """The event with one session that holds just these polls, and no awards."""
    session = dataclasses.replace(event.sessions[0], polls=polls)
    return dataclasses.replace(event, sessions=(session,), awards=())
