"""A hall to try the shells of the live path in: one event with an open poll, behind either shell."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from polls.lifecycle import Action
from polls.model import Event, EventId, PollId
from server import moderation
from server.config import Config
from server.eventyaml import read_event
from server.live.hub import Topic
from server.loading import load_event
from tests.conftest import Running, fresh, serving

SEND_TIMEOUT_S = 2
MESSAGES_PER_10S = 20
MAX_CONNECTIONS = 2
WRITE_BUFFER_BYTES = 16_384

EVENT = """
hemicycle: 1
id: live
title: A hall
days: {first: 2020-11-10, last: 2020-11-10}
timezone: Europe/Brussels
languages: [en]
agenda:
  - title: Opening
    time: 09:00-10:00
    polls:
      - {id: open, kind: single, question: "Which?", results: live, options: [One, Two, Three]}
      - {id: next, kind: multiple, question: "Which ones?", options: [One, Two, Three]}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hall:
    """A running server with an event of its own, whose poll "open" is open in round 1."""

    running: Running
    event: Event
    shell: str

    @property
    def id(self) -> EventId:
        return self.event.id

    async def act(self, action: Action, poll: str = "open") -> None:
        await moderation.act(self.running.store, self.id, "test", poll, action)

    def topic(self, channel: str) -> Topic:
        """The topic of a phone (or stage, or console) that said nothing about itself."""
        return Topic(self.id, channel, "", "dark" if channel == "stage" else "", "")

    def phones(self) -> int:
        return self.running.context.hub.phones(self.id)

    async def tally(self) -> dict[str, int]:
        return dict((await self.running.store.read_round(self.id, PollId("open"), 1)).tally)


@pytest.fixture(scope="session", params=["own", "reference"])
async def shell(
    request: pytest.FixtureRequest, config: Config, store_url: str
) -> AsyncIterator[tuple[str, Running]]:
    """A server whose sockets are held by one of the two shells, with bounds that a test can reach."""
    live = dataclasses.replace(
        config.live,
        send_timeout_s=SEND_TIMEOUT_S,
        messages_per_10s=MESSAGES_PER_10S,
        max_connections_per_device=MAX_CONNECTIONS,
        write_buffer_bytes=WRITE_BUFFER_BYTES,
    )
    async with serving(dataclasses.replace(config, live=live), store_url, request.param) as running:
        yield request.param, running


@pytest.fixture
async def hall(shell: tuple[str, Running]) -> Hall:
    name, running = shell
    event = fresh(read_event(EVENT))
    await load_event(running.store, event, actor="test")
    hall = Hall(running=running, event=event, shell=name)
    await hall.act(Action.OPEN)
    return hall
