"""The way back after a loss that nobody announced: a hall must not come back at the same instant."""

import dataclasses
from typing import Any

import pytest
from playwright.async_api import Page

from polls.model import Event
from server.auth import Role
from server.loading import load_event
from tests.conftest import Running, with_polls
from tests.e2e.conftest import People
from tests.e2e.questions import LUNCH
from tests.waiting import eventually

CHANCE = 0.875
NOTE_DELAYS = """
Math.random = () => CHANCE;
window.delays = [];
const later = window.setTimeout;
window.setTimeout = (work, ms, ...more) => {
  window.delays.push(ms);
  return later.call(window, work, SHORT.includes(ms) ? 0 : ms, ...more);
};
"""


def cut_everybody(running: Running, event: Event) -> None:
    """As a server that is killed: no goodbye, the connections are gone."""
    listeners: set[Any] = {
        listener
        for topic, audience in running.context.hub._audiences.items()
        if topic.event == event.id
        for listener in audience.everyone()
    }
    assert listeners
    for listener in listeners:
        listener.cut()


@pytest.mark.parametrize("who", ["phone", "stage"])
async def test_a_phone_takes_its_part_of_the_window_that_welcome_gave_and_a_stage_comes_at_once(
    people: People, running: Running, example: Event, who: str
) -> None:
    event = dataclasses.replace(with_polls(example, LUNCH), segments=(), rooms=())
    await load_event(running.store, event, actor="test")
    window_ms = running.context.config.live.reconnect_window_s * 1000
    expected = CHANCE * (window_ms if who == "phone" else 1000)
    script = NOTE_DELAYS.replace("CHANCE", str(CHANCE)).replace("SHORT", f"[{expected:g}]")
    context = await people.context(who)
    await context.add_init_script(script)
    path = f"/j/{event.join_code}"
    if who == "stage":
        token = await running.token(event.id, Role.PRESENTER)
        path = f"/stage/{event.id}?key={token}"
    welcomes: list[str] = []

    def hear(frame: str | bytes) -> None:
        if '"type":"welcome"' in str(frame):
            welcomes.append(str(frame))

    def watch(page: Page) -> None:
        page.on("websocket", lambda socket: socket.on("framereceived", hear))

    context.on("page", watch)
    page = await people.page(context, path)
    await eventually(lambda: len(welcomes) == 1)
    assert f'"window_ms":{window_ms:g}' in welcomes[0]
    assert expected not in await page.evaluate("window.delays")

    cut_everybody(running, event)

    await eventually(lambda: len(welcomes) == 2, what="it is back")
    assert expected in await page.evaluate("window.delays")
