"""COUNT: preference polls, the count itself and what a refresh of a live result costs, in CPU time.

The ballots are the hardest there are: rankings of ten options of which nearly all are different, so that the
profile is as long as the box. Refreshes of few and of many ballots are measured in turn, in a real store.
"""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from polls.lifecycle import Action
from polls.model import PLENARY, Event, Poll, PollId, PollKind, Text
from server import moderation
from server.app import build_context
from server.auth import Keyring
from server.config import load_config
from server.context import Context
from server.live import pushes
from server.live.event import LiveEvent
from server.live.hub import Topic
from server.loading import load_event
from server.store.embedded import EmbeddedStore
from server.store.valkey import ValkeyStore
from server.wire import encode
from tests.bench.report import Figure, Report, ratios
from tests.polls.small_event import options, session, small_event
from voting.ballot import CastBallot
from voting.methods import count
from voting.methods.live import LiveCount
from voting.rankings import profile_of
from voting.rulebook import Rulebook

METHODS = ("borda", "copeland", "schulze-winning", "irv")
TEN = tuple(str(number) for number in range(1, 11))
EIGHTEEN = tuple(str(number) for number in range(1, 19))
BATCH = 500
CHANCE = 11
FLAT, THREE_RANKS_MS = 1.2, 50.0


def measure(report: Report, folder: Path, *, few: int, many: int, rounds: int) -> None:
    """The runoff by itself, then the refresh of each method with few and with many ballots."""
    chance = random.Random(CHANCE)
    # People agree on some things: options are liked unequally, as in real ballots.
    three = [ranking(EIGHTEEN, 3, chance) for _ in range(many)]
    ten = [">".join(chance.sample(TEN, 10)) for _ in range(many)]
    _runoff(report, EIGHTEEN, three, f"{many} ballots of three ranks", rounds, THREE_RANKS_MS)
    _runoff(report, TEN, ten, f"{many} rankings of ten", rounds, None)
    data = folder / "counting"
    data.mkdir()
    with EmbeddedStore(data) as url:
        asyncio.run(_refreshes(report, data, url, ten, few, many, rounds))


def ranking(options: Sequence[str], ranks: int, chance: random.Random) -> str:
    """A ranking of some options, of which the earlier ones are liked more."""
    liked = sorted(options, key=lambda option: -(chance.random() ** int(option)))
    return ">".join(liked[:ranks])


def cpu_ms(work: Callable[[], object]) -> float:
    """What `work` costs of this thread, in ms."""
    began = time.thread_time()
    work()
    return (time.thread_time() - began) * 1000


def _runoff(
    report: Report, options: Sequence[str], ballots: list[str], what: str, rounds: int, target: float | None
) -> None:
    profile = Counter(ballots)
    rulebook = Rulebook(method="irv", implicit_ranking=True)
    live = LiveCount(options, rulebook)
    for canonical, number in profile.items():
        live.add(canonical, number)
    what = f"runoff of {what}, {len(profile)} different"
    values = [cpu_ms(live.outcome) for _ in range(rounds)]
    report.add(Figure(name="COUNT", what=f"{what}: at a tick", values=values, unit="ms", target=target))
    parsed = profile_of(options, profile)
    values = [cpu_ms(lambda: count(parsed, rulebook)) for _ in range(rounds)]
    report.add(
        Figure(name="COUNT", what=f"{what}: all from the profile", values=values, unit="ms", target=target)
    )


def event_of(id: str, code: str) -> Event:
    """An event with a poll by each method, which all ask for an order of ten."""
    polls = (
        Poll(
            id=PollId(method),
            kind=PollKind.PREFERENCE,
            question=Text.plain("What comes first?"),
            options=options(*(f"Option {one}" for one in TEN)),
            max_selections=len(TEN),
            method=method,
        )
        for method in METHODS
    )
    return small_event(id, code, session("one", *polls))


async def _refreshes(
    report: Report, data: Path, url: str, ballots: list[str], few: int, many: int, rounds: int
) -> None:
    store = ValkeyStore(url, timeout_s=60.0)
    await store.connect()
    config = load_config(None, {}, {"store.data": str(data)})
    context = build_context(config, store, Keyring.load(data / "key"), data, "http://127.0.0.1:1")
    halls = {few: event_of("few", "K7P4QX"), many: event_of("many", "K7P4QY")}
    for event in halls.values():
        await load_event(store, event, actor="bench")
    for method in METHODS:
        lives: dict[int, LiveEvent] = {}
        for n, event in halls.items():
            await moderation.act(store, event.id, "bench", PollId(method), Action.OPEN)
            await moderation.show(store, event.id, "bench", PLENARY, PollId(method))
            for start in range(0, n, BATCH):
                await store.cast(
                    event.id, PollId(method), 1, [_ballot(one) for one in ballots[start : start + BATCH]]
                )
            lives[n] = LiveEvent(event.id, store)
            await _refresh(context, store, lives[n], method, ballots[0])  # reads and counts everything
        cost: dict[int, list[float]] = {n: [] for n in halls}
        for number in range(rounds):
            for n in halls:
                cost[n].append(
                    await _refresh(context, store, lives[n], method, ballots[number % len(ballots)])
                )
        for n, event in halls.items():
            await moderation.act(store, event.id, "bench", PollId(method), Action.CLOSE)
            report.add(
                Figure(name="COUNT", what=f"refresh at {n} ballots, {method}", values=cost[n], unit="ms CPU")
            )
        target = FLAT if method != "irv" else None
        what = f"refresh at {many} rankings against {few}, {method}"
        values = ratios(sorted(cost[many]), sorted(cost[few]))
        report.add(Figure(name="COUNT", what=what, values=values, unit="x", target=target))
    await store.close()


def _ballot(canonical: str) -> CastBallot:
    return CastBallot(secrets.token_hex(8), 1, secrets.token_hex(8), "", canonical)


async def _refresh(context: Context, store: ValkeyStore, live: LiveEvent, poll: str, canonical: str) -> float:
    """One ballot more, then everything a stage needs: read, count, view, figure, frame; in ms of CPU time."""
    await store.cast(live.id, PollId(poll), 1, [_ballot(canonical)])
    for followed in live._followed.values():
        followed._not_before = 0.0  # a dear count would wait for its turn, and cost nothing here
    began = time.thread_time()
    snapshot = await live.refresh()
    content = pushes.content(context, live, Topic(live.id, "stage", "", "dark", ""))
    encode(pushes.frame(content, "stage", snapshot, 0))
    return (time.thread_time() - began) * 1000
