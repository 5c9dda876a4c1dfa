"""A hall that says hello at once is read at once, each phone told of itself, and once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

import pytest

from polls.lifecycle import Action
from polls.model import EventId, PollId
from server import moderation
from server.eventyaml import read_event
from server.live import greeter
from server.live.event import LiveEvent
from server.live.greeter import AT_ONCE, Greeter
from server.live.outbox import Outbox
from server.loading import load_event
from server.store.memory import MemoryStore
from server.wire import Welcome
from tests.conftest import fresh
from tests.server.live.conftest import EVENT
from tests.waiting import eventually
from voting.ballot import BoxEntry, CastBallot
from voting.errors import StoreUnavailable
from voting.voterkey import voter_key

OPEN = PollId("open")
WINDOW_MS = 4_000


class Asked(MemoryStore):
    """A store that notes how many ballots it is asked for at a time, and may be away."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[int] = []
        self.is_away = False

    async def own(self, event: EventId, wanted: Sequence[tuple[PollId, int, str]]) -> list[BoxEntry | None]:
        self.sizes.append(len(wanted))
        await asyncio.sleep(0)
        if self.is_away:
            raise StoreUnavailable("away")
        return await super().own(event, wanted)


class Lobby:
    """Phones that say hello; `told` is what each was told."""

    def __init__(self, live: LiveEvent, store: Asked) -> None:
        self.live, self.store = live, store
        self.tasks: set[asyncio.Task[None]] = set()
        self.greeter = Greeter(store, WINDOW_MS, Outbox(), self.tasks)
        self.told: list[tuple[str, Welcome]] = []

    def hello(self, *devices: str) -> None:
        for device in devices:
            self.greeter.greet(self.live, device, partial(self._hear, device))

    def _hear(self, device: str, said: Welcome) -> None:
        self.told.append((device, said))

    async def rest(self) -> None:
        await eventually(lambda: not self.tasks, what="nobody waits")


@pytest.fixture
async def lobby() -> Lobby:
    event, store = fresh(read_event(EVENT)), Asked()
    await load_event(store, event, actor="test")
    live = LiveEvent(event.id, store)
    await moderation.act(store, event.id, "test", OPEN, Action.OPEN)
    await live.refresh()
    return Lobby(live, store)


async def voted(lobby: Lobby, device: str, choice: str) -> None:
    secret = await lobby.live.round_key(OPEN, 1)
    assert secret is not None
    voter = voter_key(secret, device)
    ballot = CastBallot(voter=voter, rev=1, nonce="n" * 16, segment="", canonical=choice)
    await lobby.store.cast(lobby.live.id, OPEN, 1, [ballot])


async def test_hall_is_read_at_once_and_each_phone_is_told_of_itself_once(lobby: Lobby) -> None:
    devices = [f"device-{place}" for place in range(2 * AT_ONCE + 7)]
    for place, device in enumerate(devices):
        if place % 3 == 0:
            await voted(lobby, device, str(place % 2 + 1))
    lobby.hello(*devices)
    await lobby.rest()
    assert [device for device, _ in lobby.told] == devices
    for place, (_, said) in enumerate(lobby.told):
        expected = [[str(place % 2 + 1)]] if place % 3 == 0 else []
        assert [list(own.selections) for own in said.own] == expected
        assert (said.window_ms, said.epoch) == (WINDOW_MS, lobby.live.snapshot.epoch)
    assert lobby.store.sizes == [AT_ONCE, AT_ONCE, 7]


async def test_who_comes_while_the_store_answers_is_in_the_next_reading(lobby: Lobby) -> None:
    lobby.hello("anna")
    await eventually(lambda: bool(lobby.store.sizes), what="the store is asked")
    lobby.hello("ben", "anna")
    await lobby.rest()
    lobby.hello("carla")
    await lobby.rest()
    assert [device for device, _ in lobby.told] == ["anna", "ben", "anna", "carla"]
    assert lobby.store.sizes == [1, 2, 1]


async def test_who_said_hello_while_the_store_was_away_is_told_when_it_is_back(
    lobby: Lobby, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(greeter, "RETRY_S", 0.001)
    lobby.store.is_away = True
    lobby.hello("anna", "ben")
    await eventually(lambda: len(lobby.store.sizes) > 3, what="the store is asked again")
    assert not lobby.told
    lobby.store.is_away = False
    await lobby.rest()
    assert [device for device, _ in lobby.told] == ["anna", "ben"]


async def test_a_store_that_stays_away_is_given_up_and_asked_by_the_next(
    lobby: Lobby, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(greeter, "RETRY_S", 0.001)
    monkeypatch.setattr(greeter, "TRIES", 3)
    lobby.store.is_away = True
    lobby.hello("anna")
    await lobby.rest()
    assert not lobby.told and len(lobby.store.sizes) == 4
    lobby.store.is_away = False
    lobby.hello("anna")
    await lobby.rest()
    assert [device for device, _ in lobby.told] == ["anna"]
