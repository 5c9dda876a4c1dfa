"""Law 9: old snapshot + pushes received = fresh snapshot, for every action and every channel."""

import contextlib
import dataclasses
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from polls.lifecycle import TABLE, Action, PollState
from polls.model import Event, EventId, RoomId
from server import moderation
from server.auth import Role
from server.config import Config
from server.context import Context
from server.live import pushes
from server.live.event import LiveEvent
from server.live.hub import Topic
from server.live.publisher import Publisher
from server.loading import load_event
from server.wire import encode
from tests.conftest import Running
from tests.server.faces import fill_box
from tests.server.laws import POLL, another_server, newest
from tests.server.live.clients import Phone, phone
from tests.waiting import eventually

CHANNELS = ("papers", "results", "stage", "console")


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


def shape(frame: dict[str, Any]) -> dict[str, Any]:
    """A push without what may differ between two moments of the same state."""
    return {name: value for name, value in frame.items() if name not in ("server_ms", "offset")}


@pytest.mark.parametrize("case", CASES)
async def test_pushes_received_lead_to_what_a_newcomer_sees(
    running: Running, loaded: Event, config: Config, store_url: str, case: str
) -> None:
    state, action, change = CASES[case]
    await prepare(running, loaded, state, action)
    token = await running.token(loaded.id, Role.MODERATOR)
    right = f"{running.context.role_cookie(loaded.id, Role.MODERATOR)}={token}"
    async with contextlib.AsyncExitStack() as stack:
        voter = await stack.enter_async_context(phone(running, loaded.id))
        stage = await stack.enter_async_context(phone(running, loaded.id, kind="stage"))
        console = await stack.enter_async_context(phone(running, loaded.id, kind="console", cookie=right))
        listeners = dict(zip(CHANNELS, (voter, voter, stage, console), strict=True))
        for channel, one in listeners.items():
            await one.hear(ch=channel)
        await change(running, loaded)
        fresh_context = await stack.enter_async_context(another_server(config, store_url, running.base))
        for channel, one in listeners.items():

            async def is_up_to_date(channel: str = channel, one: Phone = one) -> bool:
                seen = shape(newest(one, channel))
                return seen == shape(await rendered_anew(fresh_context, loaded.id, channel))

            await eventually(is_up_to_date, what=f"{channel} shows what a new server would show")
        for kind, cookie, channels in (
            ("phone", None, ("papers", "results")),
            ("stage", None, ("stage",)),
            ("console", right, ("console",)),
        ):
            newcomer = await stack.enter_async_context(phone(running, loaded.id, kind=kind, cookie=cookie))
            for channel in channels:
                if channel == "console":  # whose numbers count the newcomer too
                    continue
                await newcomer.hear(ch=channel)

                async def sees_the_same(channel: str = channel, newcomer: Phone = newcomer) -> bool:
                    # Both go on hearing: the phone that has just come changes who is present.
                    return shape(newest(newcomer, channel)) == shape(newest(listeners[channel], channel))

                await eventually(sees_the_same, what=f"a newcomer sees what the others see on {channel}")
        for channel, one in listeners.items():
            frames = [frame for frame in one.heard if frame.get("ch") == channel]
            offsets = [frame["offset"] for frame in frames]
            assert offsets == sorted(offsets), f"{channel} never goes backward (R17)"
            assert len({frame["epoch"] for frame in frames}) == 1


async def rendered_anew(context: Context, event: EventId, channel: str) -> dict[str, Any]:
    """What a server that has never seen this event pushes first."""
    live = LiveEvent(event, context.store)
    await live.refresh()
    context._events[event], context._publishers[event] = live, Publisher(context, live)
    topic = Topic(event, channel, "", "dark" if channel == "stage" else "", "")
    content = pushes.content(context, live, topic)
    frame: dict[str, Any] = json.loads(encode(pushes.frame(content, channel, live.snapshot, 0)))
    return frame


def test_every_action_has_a_case_of_law_9() -> None:
    assert {(state, action) for state, action, _ in list(CASES.values())[: len(TABLE)]} == set(TABLE)
