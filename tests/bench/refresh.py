"""S11: what one refresh of a result costs (read, count, view, figure) as the ballots grow."""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from pathlib import Path

from polls.lifecycle import Action
from polls.model import PLENARY, PollId
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
from tests.bench.hall import EVENT
from tests.bench.report import Figure, Report
from voting.ballot import CastBallot, canonical_set

KINDS = ("plurality", "approval", "ranked", "rating")
REPEATS = 15
BATCH = 500
CHANCE = 7


def measure(report: Report, folder: Path, *, few: int, many: int) -> None:
    """Every kind of question with few and with many ballots."""
    data = folder / "refresh"
    data.mkdir()
    with EmbeddedStore(data) as url:
        asyncio.run(_measure(report, data, url, few, many))


async def _measure(report: Report, data: Path, url: str, few: int, many: int) -> None:
    store = ValkeyStore(url)
    await store.connect()
    config = load_config(None, {}, {"store.data": str(data)})
    context = build_context(config, store, Keyring.load(data / "key"), data, "http://127.0.0.1:1")
    event = read_event(Path(__file__).with_name("hall.yaml").read_text(encoding="utf-8"))
    await load_event(store, event, actor="bench")
    for poll in KINDS:
        await moderation.act(store, EVENT, "bench", poll, Action.OPEN)
    live = LiveEvent(EVENT, store)
    chance = random.Random(CHANCE)
    cost: dict[str, list[list[float]]] = {poll: [] for poll in KINDS}
    so_far = 0
    for n in (few, many):
        for poll in KINDS:
            await _fill(store, poll, n - so_far, chance)
        so_far = n
        for poll in KINDS:
            await moderation.show(store, EVENT, "bench", PLENARY, poll)
            cost[poll].append([await _refresh(context, store, live, poll, chance) for _ in range(REPEATS)])
    for poll, (before, after) in cost.items():
        values = [min(after) / min(before)]
        what = f"refresh at {many} ballots against {few}, {poll} ({min(after):.1f} ms)"
        report.add(Figure(name="S11", what=what, values=values, unit="x", target=1.2))
    await store.close()


async def _fill(store: ValkeyStore, poll: str, n: int, chance: random.Random) -> None:
    for start in range(0, n, BATCH):
        ballots = [_ballot(poll, chance) for _ in range(min(BATCH, n - start))]
        await store.cast(EVENT, PollId(poll), 1, ballots)


def _ballot(poll: str, chance: random.Random) -> CastBallot:
    places = range(1, 11 if poll == "rating" else 7)
    chosen = chance.sample(places, 3 if poll in ("approval", "ranked") else 1)
    return CastBallot(
        voter=secrets.token_hex(8),
        rev=1,
        nonce=secrets.token_hex(8),
        segment="",
        canonical=canonical_set(map(str, chosen)),
    )


async def _refresh(
    context: Context, store: ValkeyStore, live: LiveEvent, poll: str, chance: random.Random
) -> float:
    """One ballot more, then everything a stage needs; in ms of wall time (the store's is in it)."""
    await store.cast(EVENT, PollId(poll), 1, [_ballot(poll, chance)])
    began = time.perf_counter()
    snapshot = await live.refresh()
    topic = Topic(EVENT, "stage", "", "dark", "")
    encode(pushes.frame(pushes.content(context, live, topic), "stage", snapshot, 0))
    return (time.perf_counter() - began) * 1000
