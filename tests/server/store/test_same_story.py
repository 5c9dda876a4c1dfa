"""One random story, told to the fake and to a real store: all answers and readings must be the same."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from polls.errors import IllegalTransition
from polls.lifecycle import Action, PollRun
from polls.model import PollId
from server.store.memory import MemoryStore
from server.store.valkey import ValkeyStore
from tests.server.store.hall import FIRST, SECOND, Hall, fresh_event, timeless
from tests.server.store.servers import Server
from voting import audit
from voting.ballot import CastBallot

polls = st.sampled_from([FIRST, SECOND])
ballots = st.builds(
    CastBallot,
    voter=st.sampled_from(["anna", "ben", "cleo"]),
    rev=st.integers(1, 4),
    nonce=st.sampled_from(["nonce-one", "nonce-two"]),
    segment=st.sampled_from(["", "audience"]),
    canonical=st.sampled_from(["1", "2", "1=3", "3>1=2", "-"]),
)


@dataclass(frozen=True)
class Cast:
    poll: PollId
    late: int
    """0: for the round that is open; 1: for the one before."""
    ballots: list[CastBallot]


@dataclass(frozen=True)
class Act:
    poll: PollId
    action: Action


@dataclass(frozen=True)
class Freeze:
    poll: PollId


steps = st.one_of(
    st.builds(Cast, polls, st.sampled_from([0, 0, 0, 1]), st.lists(ballots, min_size=1, max_size=6)),
    st.builds(
        Act, polls, st.sampled_from([Action.OPEN, Action.OPEN, Action.CLOSE, Action.REOPEN, Action.RESET])
    ),
    st.builds(Freeze, polls),
)


async def play(hall: Hall, step: Cast | Act | Freeze) -> Any:
    """Do one step; gives what the store answered, without its clock."""
    run = await hall.run(step.poll)
    if isinstance(step, Cast):
        outcomes = await hall.cast(*step.ballots, poll=step.poll, round=run.round - step.late)
        return timeless(outcomes)
    if isinstance(step, Freeze):
        return await hall.store.freeze(hall.id, step.poll, run.round, "recount needed")
    try:
        return await hall.act(step.action, step.poll)
    except IllegalTransition as error:
        return str(error)


async def state(hall: Hall) -> Any:
    """Everything that can be read of an event, without the store's clock."""
    runs: dict[PollId, PollRun] = {poll: await hall.run(poll) for poll in (FIRST, SECOND)}
    rounds = [(poll, round) for poll, run in runs.items() for round in range(1, run.round + 1)]
    snapshot = await hall.snapshot(*rounds)
    readings = []
    for poll, round in rounds:
        reading = await hall.reading(poll, round)
        assert await hall.differences(poll, round) == []
        readings.append(
            (
                [(line.voter, line.entry._replace(counted_ms=0)) for line in reading.log],
                reading.is_closed,
                {voter: entry._replace(counted_ms=0) for voter, entry in reading.box.items()},
                reading.tally,
            )
        )
    entries = await hall.store.audit(hall.id)
    assert audit.verify(entries, snapshot.head) == []
    return replace(snapshot, epoch="", offset=0, lines={}), readings, entries


@settings(max_examples=35, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=st.lists(steps, max_size=14))
async def test_the_same_story_ends_the_same_in_memory_and_in_a_real_store(
    server: Server, story: list[Cast | Act | Freeze]
) -> None:
    event = fresh_event()
    real = ValkeyStore(server.url)
    await real.connect()
    try:
        halls = [await Hall(store, event).set_up() for store in (MemoryStore(), real)]
        offsets = [(await hall.snapshot()).offset for hall in halls]
        for step in [Act(FIRST, Action.OPEN), *story]:
            fake, true = [await play(hall, step) for hall in halls]
            assert fake == true
        fake, true = [await state(hall) for hall in halls]
        assert fake == true
        moved = [(await hall.snapshot()).offset - offset for hall, offset in zip(halls, offsets, strict=True)]
        assert moved[0] == moved[1]
        await real.delete_event(event.id)
    finally:
        await real.close()
