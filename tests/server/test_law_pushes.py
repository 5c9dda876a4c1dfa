"""Law 9: old snapshot + pushes received = fresh snapshot, for every action and every channel."""

import dataclasses
from collections.abc import Awaitable, Callable

import pytest

from polls.lifecycle import TABLE, Action, PollState
from polls.model import Event, RoomId
from server import moderation
from server.config import Config
from server.loading import load_event
from tests.conftest import Running
from tests.server.faces import fill_box
from tests.server.law_nine import followed
from tests.server.laws import POLL, another_server


async def prepare(running: Running, event: Event, state: PollState, action: Action) -> None:
    """Bring the poll to where `action` can be done to it, with ballots in its box."""

    async def act(step: Action) -> None:
        await moderation.act(running.store, event.id, "test", POLL, step)

    if state is PollState.DRAFT:
        return
    await act(Action.OPEN)
    await fill_box(running.store, event.id, POLL, 1, ["1"] * 7 + ["2"] * 4)
    if (state, action) == (PollState.OPEN, Action.REVEAL):
        await act(Action.HIDE)
    if state in (PollState.CLOSED, PollState.PUBLISHED):
        await act(Action.CLOSE)
    if state is PollState.PUBLISHED:
        await act(Action.REVEAL)


Change = Callable[[Running, Event], Awaitable[object]]


def lifecycle_change(action: Action) -> Change:
    async def change(running: Running, event: Event) -> None:
        await moderation.act(running.store, event.id, "test", POLL, action, seconds=60)

    return change


async def show_another(running: Running, event: Event) -> None:
    await moderation.show(running.store, event.id, "test", RoomId(""), "business-adapts")


async def show_the_join_page(running: Running, event: Event) -> None:
    await moderation.show(running.store, event.id, "test", RoomId(""), None)


async def go_on(running: Running, event: Event) -> None:
    assert await moderation.go_on(running.store, event.id, "test", RoomId(""), POLL) is not None


async def blank(running: Running, event: Event) -> None:
    await moderation.blank(running.store, event.id, "test", RoomId(""), True)


async def vote(running: Running, event: Event) -> None:
    await fill_box(running.store, event.id, POLL, 1, ["3"] * 9)


async def edit(running: Running, event: Event) -> None:
    await load_event(running.store, dataclasses.replace(event, places=("elsewhere",)), actor="test")


async def freeze(running: Running, event: Event) -> None:
    await running.store.freeze(event.id, POLL, 1, "a test")


CASES: dict[str, tuple[PollState, Action, Change]] = {
    **{f"{action}-when-{state}": (state, action, lifecycle_change(action)) for state, action in TABLE},
    "show-another": (PollState.OPEN, Action.OPEN, show_another),
    "show-the-join-page": (PollState.PUBLISHED, Action.OPEN, show_the_join_page),
    "next": (PollState.PUBLISHED, Action.OPEN, go_on),
    "blank": (PollState.OPEN, Action.OPEN, blank),
    "vote": (PollState.OPEN, Action.OPEN, vote),
    "edit": (PollState.OPEN, Action.OPEN, edit),
    "freeze": (PollState.OPEN, Action.OPEN, freeze),
}


@pytest.mark.parametrize("case", CASES)
async def test_pushes_received_lead_to_what_a_newcomer_sees(
    running: Running, loaded: Event, config: Config, store_url: str, case: str
) -> None:
    state, action, change = CASES[case]
    await prepare(running, loaded, state, action)
    async with another_server(config, store_url, running.base) as fresh_context:
        await followed(running, fresh_context, loaded.id, lambda: change(running, loaded))


def test_every_action_has_a_case_of_law_9() -> None:
    assert {(state, action) for state, action, _ in list(CASES.values())[: len(TABLE)]} == set(TABLE)
