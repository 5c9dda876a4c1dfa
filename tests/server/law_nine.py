"""Law 9, for any change: old snapshot + pushes received = fresh snapshot, on every channel."""

import contextlib
import json
from collections.abc import Awaitable, Callable
from typing import Any

from polls.model import EventId
from server.auth import Role
from server.context import Context
from server.live import pushes
from server.live.event import LiveEvent
from server.live.hub import Topic
from server.live.publisher import Publisher
from server.wire import encode
from tests.conftest import Running
from tests.server.laws import newest
from tests.server.live.clients import Phone, phone
from tests.waiting import eventually

CHANNELS = ("papers", "results", "stage", "console")


def shape(frame: dict[str, Any]) -> dict[str, Any]:
    """A push without what may differ between two moments of the same state."""
    return {name: value for name, value in frame.items() if name not in ("server_ms", "offset")}


async def followed(
    running: Running, fresh_context: Context, event: EventId, change: Callable[[], Awaitable[object]]
) -> set[str]:
    """Phone, stage and console are there while `change` happens: each comes to show what a server shows that
    has never seen the event, and what somebody sees who comes now; and no channel goes backward (R17).

    Gives the channels on which something else is shown than before.
    """
    token = await running.token(event, Role.MODERATOR)
    right = f"{running.context.role_cookie(event, Role.MODERATOR)}={token}"
    async with contextlib.AsyncExitStack() as stack:
        voter = await stack.enter_async_context(phone(running, event))
        stage = await stack.enter_async_context(phone(running, event, kind="stage"))
        console = await stack.enter_async_context(phone(running, event, kind="console", cookie=right))
        listeners = dict(zip(CHANNELS, (voter, voter, stage, console), strict=True))
        for channel, one in listeners.items():
            await one.hear(ch=channel)
        before = {channel: shape(newest(one, channel)) for channel, one in listeners.items()}
        await change()
        for channel, one in listeners.items():

            async def is_up_to_date(channel: str = channel, one: Phone = one) -> bool:
                seen = shape(newest(one, channel))
                return seen == shape(await rendered_anew(fresh_context, event, channel))

            await eventually(is_up_to_date, what=f"{channel} shows what a new server would show")
        for kind, cookie, channels in (
            ("phone", None, ("papers", "results")),
            ("stage", None, ("stage",)),
            ("console", right, ("console",)),
        ):
            newcomer = await stack.enter_async_context(phone(running, event, kind=kind, cookie=cookie))
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
        return {
            channel for channel, one in listeners.items() if shape(newest(one, channel)) != before[channel]
        }


async def rendered_anew(context: Context, event: EventId, channel: str) -> dict[str, Any]:
    """What a server that has never seen this event pushes first."""
    live = LiveEvent(event, context.store, read_awards=context.award_facts.read)
    await live.refresh()
    context._events[event], context._publishers[event] = live, Publisher(context, live)
    topic = Topic(event, channel, "", "dark" if channel == "stage" else "", "")
    content = pushes.content(context, live, topic)
    frame: dict[str, Any] = json.loads(encode(pushes.frame(content, channel, live.snapshot, 0)))
    return frame
