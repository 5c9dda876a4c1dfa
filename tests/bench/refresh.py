"""S11: what one refresh of a result costs (read, count, view, figure) as the ballots grow."""

from __future__ import annotations

import asyncio
import dataclasses
import random
import secrets
import statistics
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from polls.joincode import derive
from polls.lifecycle import Action
from polls.model import PLENARY, EventId, Poll, PollKind
from server import moderation
from server.app import build_context
from server.auth import Keyring
from server.config import load_config
from server.context import Context
from server.eventyaml import read_event
from server.live import pushes
from server.live.event import LiveEvent
from server.live.hub import Topic
from server.loading import load_event
from server.store.embedded import EmbeddedStore
from server.store.valkey import ValkeyStore
from server.wire import encode
from tests.bench import machine
from tests.bench.report import Figure, Report, ratios
from voting.ballot import CastBallot, fill_in

PARTS = ("server", "store")
KINDS = ("plurality", "approval", "ranked", "rating", "borda", "schulze")
REPEATS = 10
"""Refreshes in a round, each after one ballot more."""
BATCH = 500
CHANCE = 7
TARGET = 1.2


@dataclass(slots=True, kw_only=True)
class Question:
    """One question in an event of its own, so that nothing else is read with it."""

    poll: Poll
    event: EventId
    live: LiveEvent
    chance: random.Random
    known: dict[tuple[str, ...], str] = dataclasses.field(default_factory=dict)

    def ballot(self) -> CastBallot:
        """What somebody answers who has no opinion: as many options as it happens, any of them."""
        places = self.poll.scale.points() if self.poll.scale else range(1, len(self.poll.options) + 1)
        many = 1 if self.poll.kind in (PollKind.SINGLE, PollKind.RATING) else self.poll.max_selections
        chosen = tuple(map(str, self.chance.sample(places, self.chance.randint(1, many))))
        canonical = self.known.get(chosen)
        if canonical is None:
            canonical = self.known[chosen] = fill_in(self.poll, chosen, None)
        return CastBallot(
            voter=secrets.token_hex(8), rev=1, nonce=secrets.token_hex(8), segment="", canonical=canonical
        )

    async def fill(self, store: ValkeyStore, n: int) -> None:
        for start in range(0, n, BATCH):
            ballots = [self.ballot() for _ in range(min(BATCH, n - start))]
            await store.cast(self.event, self.poll.id, 1, ballots)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """CPU of one refresh in ms: of the server, and of the store."""

    server: float
    store: float

    @property
    def both(self) -> float:
        return self.server + self.store


def measure(report: Report, folder: Path, *, few: int, many: int, rounds: int) -> None:
    """Every kind of question with few and with many ballots, in turn."""
    data = folder / "refresh"
    data.mkdir()
    # A refresh writes nothing, so how often the store writes to its disk only decides how long filling takes.
    embedded = EmbeddedStore(data, fsync="everysec")
    with embedded as url:
        assert embedded.pid is not None
        costs = asyncio.run(_measure(data, url, embedded.pid, (few, many), rounds))
    for kind in KINDS:
        small, large = costs[kind, few], costs[kind, many]
        server, store = (statistics.median(getattr(one, part) for one in large) for part in PARTS)
        what = (
            f"CPU of a refresh at {many} ballots against {few}, {kind} ({server:.2f} ms, store {store:.2f})"
        )
        values = ratios([one.both for one in large], [one.both for one in small])
        report.add(Figure(name="S11", what=what, values=values, unit="x", target=TARGET))


async def _measure(
    data: Path, url: str, store_pid: int, sizes: tuple[int, int], rounds: int
) -> dict[tuple[str, int], list[Cost]]:
    store = ValkeyStore(url)
    await store.connect()
    config = load_config(None, {}, {"store.data": str(data)})
    context = build_context(config, store, Keyring.load(data / "key"), data, "http://127.0.0.1:1")
    halls = {(kind, size): await _open(store, kind, size) for kind in KINDS for size in sizes}
    costs = defaultdict[tuple[str, int], list[Cost]](list)
    for number in range(rounds + 1):
        for at, question in halls.items():
            cost = await _refreshes(context, store, store_pid, question)
            if number:  # the first of each warms up
                costs[at].append(cost)
    await store.close()
    return costs


async def _open(store: ValkeyStore, kind: str, size: int) -> Question:
    """An event with this question alone, open, on the stage, and answered so often."""
    whole = read_event(Path(__file__).with_name("hall.yaml").read_text(encoding="utf-8"))
    found = whole.find_poll(kind)
    assert found is not None
    session, poll = found
    name = EventId(f"{kind}-{size}")
    only = dataclasses.replace(session, polls=(poll,))
    event = dataclasses.replace(whole, id=name, join_code=derive(name), sessions=(only,), awards=())
    await load_event(store, event, actor="bench")
    await moderation.act(store, name, "bench", kind, Action.OPEN)
    await moderation.show(store, name, "bench", PLENARY, kind)
    question = Question(poll=poll, event=name, live=LiveEvent(name, store), chance=random.Random(CHANCE))
    await question.fill(store, size)
    return question


async def _refreshes(context: Context, store: ValkeyStore, store_pid: int, question: Question) -> Cost:
    """One ballot more, then everything a stage needs, a few times over."""
    server = of_store = 0.0
    topic = Topic(question.event, "stage", "", "dark", "")
    for _ in range(REPEATS):
        await question.fill(store, 1)
        began, store_began = time.process_time(), machine.cpu_s(store_pid)
        snapshot = await question.live.refresh()
        encode(pushes.frame(pushes.content(context, question.live, topic), "stage", snapshot, 0))
        server += time.process_time() - began
        of_store += machine.cpu_s(store_pid) - store_began
    return Cost(server=server / REPEATS * 1e3, store=of_store / REPEATS * 1e3)
