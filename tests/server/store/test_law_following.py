"""The law of live results: after any interleaving of cast, change, withdraw, restart, close and reopen, and
whenever it is read, a result that follows the ballot log equals a recount of that log, to the fraction."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from polls.errors import IllegalTransition
from polls.lifecycle import Action, PollState
from polls.model import (
    PLENARY,
    PREFERENCE_METHODS,
    Event,
    Poll,
    PollId,
    PollKind,
    Scale,
    Segment,
    SegmentId,
    Text,
)
from server import keys, moderation
from server.context import Store
from server.live import following
from server.live.event import LiveEvent, segment_ids
from server.loading import load_event
from server.store.memory import MemoryStore
from server.store.valkey import ValkeyStore
from tests.server.store.hall import fresh_event
from tests.server.store.servers import Server
from tests.voting.material import poll as make_poll
from voting.ballot import CastBallot
from voting.count import count_poll
from voting.recount import Recount
from voting.result import Result

IDS = ("1", "2", "3", "4")
SETS = ("-", "1", "2", "3", "1=2", "2=3=4")
ORDERS = ("-", "1", "2>1", "3>1>2", "4>3>2>1", "1=2>3", "2>3=4", "1>2>3>4")
POLL = PollId("asked")


@pytest.fixture(scope="module", autouse=True)
def every_count_is_cheap() -> Iterator[None]:
    """A count during which the collector ran took long, and the next may come later: not what this law is of
    (tests/server/live/test_following.py is)."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(following, "DEAR_MS", float("inf"))
        yield


def polls() -> list[Poll]:
    """One of every kind, and of preference polls one of every method."""
    made = [
        make_poll(PollKind.SINGLE, IDS, beside=("a",)),
        make_poll(PollKind.MULTIPLE, IDS, max_selections=3),
        make_poll(PollKind.RANKED_BY_SELECTION, IDS, max_selections=3),
        make_poll(PollKind.RATING, IDS, scale=Scale(low=1, high=4)),
    ]
    made += [
        make_poll(
            PollKind.PREFERENCE, IDS, max_selections=4, ties=True, method=name, beside=("a",), min_group=2
        )
        for name in PREFERENCE_METHODS
    ]
    return [dataclasses.replace(one, id=POLL) for one in made]


@dataclass(frozen=True)
class Cast:
    """One voter's ballot, the first or a change of mind; "-" withdraws the choice."""

    voter: int
    kind: int


STEPS = st.lists(
    st.one_of(
        st.builds(Cast, st.integers(0, 5), st.integers(0, 7)),
        st.builds(Cast, st.integers(0, 5), st.integers(0, 7)),
        st.sampled_from(
            ["read", "read", "restart", "new process", "check", "close", "reopen", "reset", "open"]
        ),
    ),
    max_size=30,
)


def ballots_of(poll: Poll) -> tuple[str, ...]:
    if poll.kind is PollKind.PREFERENCE:
        return ORDERS
    return SETS[:4] if poll.max_selections == 1 else SETS


def plain(result: Result) -> Result:
    """Without the state of the store that it was made from."""
    groups = [
        dataclasses.replace(group, result=None if group.result is None else plain(group.result))
        for group in result.groups
    ]
    return dataclasses.replace(result, epoch="", offset=0, groups=tuple(groups))


async def is_the_recount(store: Store, event: Event, live: LiveEvent) -> None:
    """The live result is that of the log, whatever was read before."""
    run, poll = live.state.run(POLL), live.find_poll(POLL)
    assert poll is not None
    if run.state is PollState.DRAFT:
        return
    reading = await store.read_round(event.id, POLL, run.round)
    recount = Recount()
    recount.add(reading.log)
    assert recount.differences(reading) == []
    found = live.result(poll)
    assert found is not None
    assert plain(found) == count_poll(poll, recount.tally(), round=run.round, segments=segment_ids(event))


async def play(
    store: Store, event: Event, poll: Poll, steps: list[Cast | str], restart: Callable[[], Awaitable[object]]
) -> None:
    live = LiveEvent(event.id, store)
    kinds = ballots_of(poll)
    revs: dict[int, int] = {}
    await moderation.show(store, event.id, "test", PLENARY, POLL)
    await moderation.act(store, event.id, "test", POLL, Action.OPEN)
    for step in steps:
        match step:
            case Cast(voter, kind):
                revs[voter] = revs.get(voter, 0) + 1
                snapshot = await store.snapshot(event.id)
                assert snapshot is not None
                ballot = CastBallot(
                    voter=f"v{voter}",
                    rev=revs[voter],
                    nonce=f"n{voter}.{revs[voter]}",
                    segment=("", "a", "b")[voter % 3],
                    canonical=kinds[kind % len(kinds)],
                )
                await store.cast(event.id, POLL, snapshot.state.run(POLL).round, [ballot])
            case "read" | "check":
                if step == "check":
                    live._check_ms = -1
                await live.refresh()
                live._check_ms = 60_000
                await is_the_recount(store, event, live)
            case "restart":
                await restart()
            case "new process":
                live = LiveEvent(event.id, store)
            case _:
                try:
                    await moderation.act(store, event.id, "test", POLL, Action(step))
                except IllegalTransition:
                    continue
    await live.refresh()
    await is_the_recount(store, event, live)


def event_with(poll: Poll) -> Event:
    event = fresh_event()
    return dataclasses.replace(
        event,
        segments=tuple(Segment(id=SegmentId(one), text=Text.plain(one)) for one in "ab"),
        sessions=(dataclasses.replace(event.sessions[0], polls=(poll,)),),
    )


def name_of(poll: Poll) -> str:
    return poll.method if poll.kind is PollKind.PREFERENCE else poll.kind


@pytest.mark.parametrize("poll", polls(), ids=name_of)
@settings(max_examples=30, deadline=None)
@given(steps=STEPS)
async def test_a_result_that_follows_the_log_is_its_recount(poll: Poll, steps: list[Cast | str]) -> None:
    store, event = MemoryStore(), event_with(poll)

    async def restart() -> None:
        store.restart()

    await load_event(store, event, actor="test")
    await play(store, event, poll, steps, restart)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(poll=st.sampled_from(polls()), steps=STEPS)
async def test_and_so_it_is_in_a_real_store(server: Server, poll: Poll, steps: list[Cast | str]) -> None:
    store, event = ValkeyStore(server.url), event_with(poll)
    client = Redis.from_url(server.url, decode_responses=True, protocol=2)

    async def restart() -> None:
        await client.delete(keys.of_event(event.id, "epoch"))  # as after a start: a new one is given out

    await store.connect()
    try:
        await load_event(store, event, actor="test")
        await play(store, event, poll, steps, restart)
        await store.delete_event(event.id)
    finally:
        await client.aclose()
        await store.close()
