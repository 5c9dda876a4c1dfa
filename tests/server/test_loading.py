"""Events come into the store whole, and an edited file changes only what may still change."""

import dataclasses

import pytest

from polls.lifecycle import Action
from polls.model import Event, EventId, PollId, Text
from server import moderation
from server.loading import Loaded, LoadRefused, load_event
from server.rehearsal_copy import copy_id, make_copy
from server.store.memory import MemoryStore
from tests.conftest import with_polls
from voting.audit import verify
from voting.errors import StoreConflict

POLL = PollId("public-support")


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


def with_question(event: Event, poll_id: PollId, question: str) -> Event:
    polls = [
        dataclasses.replace(poll, question=Text.plain(question)) if poll.id == poll_id else poll
        for _, poll in event.polls()
    ]
    return with_polls(event, *polls)


async def test_new_same_and_changed_are_told_apart_and_logged_once_each(
    store: MemoryStore, example: Event
) -> None:
    changed = dataclasses.replace(example, places=("Vienna",))
    said = [await load_event(store, event, actor="test") for event in (example, example, changed, changed)]
    assert said == [Loaded.NEW, Loaded.SAME, Loaded.CHANGED, Loaded.SAME]
    log = await store.audit(example.id)
    assert [(entry.action, entry.actor) for entry in log] == [("load", "test")] * 2
    assert verify(log) == []


async def test_opened_poll_keeps_its_words_and_a_draft_need_not(store: MemoryStore, example: Event) -> None:
    event = with_polls(example, *(poll for _, poll in example.polls()))
    await load_event(store, event, actor="test")
    await moderation.act(store, event.id, "test", POLL, Action.OPEN)
    with pytest.raises(LoadRefused) as refused:
        await load_event(store, with_question(event, POLL, "Another?"), actor="test")
    ((fault,),) = (refused.value.faults,)
    assert fault.path == ("polls", POLL)
    assert await load_event(store, with_question(event, PollId("business-adapts"), "Another?"), "test") is (
        Loaded.CHANGED
    )


async def test_poll_that_was_reopened_or_closed_stays_opened_but_a_reset_one_is_free(
    store: MemoryStore, example: Event
) -> None:
    event = with_polls(example, *(poll for _, poll in example.polls()))
    await load_event(store, event, actor="test")
    await moderation.act(store, event.id, "test", POLL, Action.OPEN)
    await moderation.act(store, event.id, "test", POLL, Action.CLOSE)
    edited = with_question(event, POLL, "Another?")
    with pytest.raises(LoadRefused):
        await load_event(store, edited, actor="test")
    await moderation.act(store, event.id, "test", POLL, Action.RESET)
    assert await load_event(store, edited, actor="test") is Loaded.CHANGED
    await moderation.act(store, event.id, "test", POLL, Action.OPEN)
    await moderation.act(store, event.id, "test", POLL, Action.CLOSE)
    await moderation.act(store, event.id, "test", POLL, Action.REOPEN)
    await moderation.act(store, event.id, "test", POLL, Action.RESET)
    with pytest.raises(LoadRefused):  # the first round's result is kept, and so is its question
        await load_event(store, event, actor="test")


async def test_join_code_of_another_event_is_refused_and_nothing_is_made(
    store: MemoryStore, example: Event
) -> None:
    await load_event(store, example, actor="test")
    thief = dataclasses.replace(example, id=EventId("thief"))
    with pytest.raises(StoreConflict, match="join code"):
        await load_event(store, thief, actor="test")
    assert await store.snapshot(thief.id) is None
    assert await store.find_by_code(example.join_code) == example.id


async def test_event_and_rehearsal_copy_never_replace_each_other(store: MemoryStore, example: Event) -> None:
    await load_event(store, example, actor="test")
    copy = await make_copy(store, example.id, "test")
    before = await store.snapshot(copy)
    assert before is not None
    with pytest.raises(LoadRefused, match="is the rehearsal copy of"):
        await load_event(store, dataclasses.replace(before.state.event, rehearsal_of=None), actor="test")
    with pytest.raises(LoadRefused, match="is an event and not a rehearsal copy"):
        await load_event(store, dataclasses.replace(example, rehearsal_of=EventId("another")), actor="test")
    after = await store.snapshot(copy)
    assert after is not None
    assert after.state.event == before.state.event


async def test_copy_is_not_made_over_an_event_of_that_name(store: MemoryStore, example: Event) -> None:
    await load_event(store, example, actor="test")
    own = dataclasses.replace(example, id=copy_id(example.id), join_code="ABCDEF")
    await load_event(store, own, actor="test")
    with pytest.raises(StoreConflict, match="is an event of its own"):
        await make_copy(store, example.id, "test")
    snapshot = await store.snapshot(own.id)
    assert snapshot is not None
    assert snapshot.state.event == own
