"""Decisions of people: against the newest state, once, and a lost race is told or decided again."""

import asyncio

import pytest

from polls.desk import EventState
from polls.errors import IllegalTransition
from polls.lifecycle import Action, PollRun, PollState
from polls.model import Event, EventId, PollId, RoomId
from polls.ports import Change, Snapshot
from server import moderation
from server.live.event import NoSuchEvent
from server.loading import load_event
from server.store.memory import MemoryStore
from tests.server.store.hall import ballot
from voting.audit import verify
from voting.errors import StoreConflict

POLL = PollId("public-support")
PLENARY = RoomId("")


@pytest.fixture
async def store(example: Event) -> MemoryStore:
    store = MemoryStore()
    await load_event(store, example, actor="test")
    return store


async def snapshot_of(store: MemoryStore, event: Event) -> Snapshot:
    snapshot = await store.snapshot(event.id)
    assert snapshot is not None
    return snapshot


async def test_offset_rises_with_every_decision(store: MemoryStore, example: Event) -> None:
    offsets = [
        await moderation.act(store, example.id, "test", POLL, action)
        for action in (Action.OPEN, Action.CLOSE, Action.REVEAL, Action.HIDE, Action.REOPEN, Action.RESET)
    ]
    assert offsets == sorted(set(offsets))  # type: ignore[type-var]


async def test_opening_puts_the_poll_on_stage_and_makes_a_fresh_secret(
    store: MemoryStore, example: Event
) -> None:
    await moderation.blank(store, example.id, "test", PLENARY, True)
    await moderation.act(store, example.id, "test", POLL, Action.OPEN)
    desk = (await snapshot_of(store, example)).state.desk(PLENARY)
    assert (desk.poll, desk.blank) == (POLL, False)
    first = await store.round_key(example.id, POLL, 1)
    await moderation.act(store, example.id, "test", POLL, Action.CLOSE)
    await moderation.act(store, example.id, "test", POLL, Action.REOPEN)
    second = await store.round_key(example.id, POLL, 2)
    assert first is not None and second is not None
    assert len(first) == len(second) == 32
    assert first != second


async def test_extending_gives_no_new_secret_and_leaves_the_stage_alone(
    store: MemoryStore, example: Event
) -> None:
    await moderation.act(store, example.id, "test", POLL, Action.OPEN)
    await moderation.show(store, example.id, "test", PLENARY, None)
    secret = await store.round_key(example.id, POLL, 1)
    await moderation.act(store, example.id, "test", POLL, Action.EXTEND, seconds=30)
    assert await store.round_key(example.id, POLL, 1) == secret
    assert (await snapshot_of(store, example)).state.desk(PLENARY).poll is None


async def test_action_meant_for_another_round_or_state_changes_nothing(
    store: MemoryStore, example: Event
) -> None:
    await moderation.act(store, example.id, "test", POLL, Action.OPEN)
    before = await snapshot_of(store, example)
    for action, round in ((Action.CLOSE, 0), (Action.CLOSE, 2), (Action.OPEN, 1), (Action.REOPEN, None)):
        with pytest.raises(IllegalTransition):
            await moderation.act(store, example.id, "test", POLL, action, seen_round=round)
    with pytest.raises(IllegalTransition):
        await moderation.act(store, example.id, "test", "no-such-poll", Action.OPEN)
    with pytest.raises(NoSuchEvent):
        await moderation.act(store, EventId("nowhere"), "test", POLL, Action.OPEN)
    after = await snapshot_of(store, example)
    assert (after.offset, after.seq) == (before.offset, before.seq)


async def test_of_many_who_press_at_once_one_opens_and_every_change_is_chained(
    store: MemoryStore, example: Event
) -> None:
    presses = [
        moderation.act(store, example.id, f"person {n}", POLL, Action.OPEN, seen_round=0) for n in range(8)
    ]
    done = await asyncio.gather(*presses, return_exceptions=True)
    assert sum(isinstance(one, int) for one in done) == 1
    assert sum(isinstance(one, IllegalTransition) for one in done) == 7
    log = await store.audit(example.id)
    assert [entry.action for entry in log] == ["load", "open"]
    assert verify(log, (await snapshot_of(store, example)).head) == []


class Busy(MemoryStore):
    """A store in which somebody else is faster, a number of times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    async def commit(self, event: EventId, change: Change) -> int:
        if change.entry.seq > 1 and self.times:
            self.times -= 1
            raise StoreConflict("somebody else was faster")
        return await super().commit(event, change)


async def test_lost_race_is_decided_again_and_given_up_in_the_end(example: Event) -> None:
    store = Busy(moderation.TRIES - 1)
    await load_event(store, example, actor="test")
    assert await moderation.act(store, example.id, "test", POLL, Action.OPEN) is not None
    store.times = moderation.TRIES
    with pytest.raises(StoreConflict, match="try again"):
        await moderation.act(store, example.id, "test", POLL, Action.CLOSE)


async def test_next_moves_on_only_from_what_the_person_saw(store: MemoryStore, example: Event) -> None:
    assert await moderation.go_on(store, example.id, "test", PLENARY, None) is not None
    assert await moderation.go_on(store, example.id, "test", PLENARY, None) is None
    assert await moderation.go_on(store, example.id, "test", PLENARY, POLL) is not None
    assert (await snapshot_of(store, example)).state.desk(PLENARY).poll == "business-adapts"


async def test_next_goes_through_the_run_of_show_and_ends_at_the_join_page(
    store: MemoryStore, example: Event
) -> None:
    seen: list[str] = []
    current: str | None = None
    while True:
        await moderation.go_on(store, example.id, "test", PLENARY, current)
        current = (await snapshot_of(store, example)).state.desk(PLENARY).poll
        if current is None:
            break
        seen.append(current)
    assert seen == [poll.id for session, poll in example.polls() if session.room == PLENARY]


async def test_reset_drops_the_ballots_and_late_ones_of_that_round_are_not_counted(
    store: MemoryStore, example: Event
) -> None:
    await moderation.act(store, example.id, "test", POLL, Action.OPEN)
    await store.cast(example.id, POLL, 1, [ballot("anna")])
    await moderation.act(store, example.id, "test", POLL, Action.RESET)
    await moderation.act(store, example.id, "test", POLL, Action.OPEN)
    assert (await store.read_round(example.id, POLL, 1)).box == {}
    (late,) = await store.cast(example.id, POLL, 1, [ballot("bert")])
    assert late.code == "other_round"


async def test_renewing_a_link_raises_its_serial_alone(store: MemoryStore, example: Event) -> None:
    await moderation.revoke(store, example.id, "test", "moderator")
    await moderation.revoke(store, example.id, "test", "moderator")
    assert (await snapshot_of(store, example)).links == {"moderator": 3}


def test_only_open_polls_with_a_countdown_are_due(example: Event) -> None:
    runs = {
        PollId("a"): PollRun(state=PollState.OPEN, round=1, closes_ms=5),
        PollId("b"): PollRun(state=PollState.OPEN, round=1),
        PollId("c"): PollRun(state=PollState.CLOSED, round=1, closes_ms=5),
    }
    assert moderation.due(EventState(event=example, runs=runs, desks={})) == {"a": 5}
