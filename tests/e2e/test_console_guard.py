"""The console's guard: no press of what has just changed its meaning, and nothing typed is swapped away."""

import asyncio
import re

from playwright.async_api import Route, expect

from polls.model import Event
from server.auth import Role
from tests.conftest import ROOT, Running
from tests.e2e.conftest import People

POLL = "public-support"
GUARD_MS = re.search(r"GUARD_MS = (\d+)", (ROOT / "static" / "js" / "console.js").read_text())
GUARDS_LONG = """
const later = window.setTimeout, stop = window.clearTimeout, guards = new Map();
window.setTimeout = (work, ms, ...more) => {
  if (ms !== GUARD_MS) return later.call(window, work, ms, ...more);
  const id = later.call(window, () => undefined, 0);
  guards.set(id, work);
  return id;
};
window.clearTimeout = (id) => {
  guards.delete(id);
  stop.call(window, id);
};
window.endGuard = () => {
  for (const work of guards.values()) work();
  guards.clear();
};
""".replace("GUARD_MS", GUARD_MS[1] if GUARD_MS else "")
"""The guard against a second press does not end after its time but when `endGuard()` is called."""


async def test_what_is_typed_while_a_newer_panel_is_on_its_way_stays(people: People, loaded: Event) -> None:
    console, other = await people.console(loaded.id), await people.console(loaded.id)
    await console.locator(f"#show-{POLL}").click()
    await console.locator("#main-action:not([data-fresh])", has_text="Open voting").click()
    await expect(console.locator("#main-action:not([data-fresh])")).to_have_text("Close voting")
    may_come, is_asked = asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        is_asked.set()
        await may_come.wait()
        await route.continue_()

    await console.route(re.compile(r"/panel\?"), hold)
    await other.locator("#main-action:not([data-fresh])", has_text="Close voting").click()
    await is_asked.wait()
    await console.locator("#confirm-reset summary").click()
    await expect(console.locator("#typed-reset")).to_be_focused()
    await console.keyboard.type("A B")
    async with console.expect_response(re.compile(r"/panel\?")) as answer:
        may_come.set()
    await (await answer.value).finished()
    await expect(console.locator("#meanwhile")).to_be_visible()
    await expect(console.locator("#typed-reset")).to_have_value("A B")
    await console.locator("#confirm-reset summary").click()
    await expect(console.locator("#main-action")).to_have_text("Publish the result")


async def test_second_press_of_the_same_finger_does_not_close_what_was_just_opened(
    people: People, running: Running, loaded: Event
) -> None:
    context = await people.context("console")
    await context.add_init_script(GUARDS_LONG)
    token = await running.token(loaded.id, Role.MODERATOR)
    console = await people.page(context, f"/console/{loaded.id}?key={token}")
    await console.locator(f"#show-{POLL}").click()
    await expect(console.locator("#main-action[data-fresh]")).to_have_text("Open voting")
    await console.evaluate("window.endGuard()")
    await console.locator("#main-action:not([data-fresh])").click()
    await expect(console.locator("#main-action[data-fresh]")).to_have_text("Close voting")
    pressed: list[str] = []
    console.on("request", lambda one: pressed.append(one.url) if one.method == "POST" else None)
    await console.locator("#main-action").click()
    await console.evaluate("window.endGuard()")
    await expect(console.locator("#main-action:not([data-fresh])")).to_have_text("Close voting")
    assert pressed == []
    await console.locator("#main-action").click()
    await expect(console.locator("#main-action")).to_have_text("Publish the result")


async def test_newer_panel_does_not_end_the_guard_against_a_second_press(
    people: People, loaded: Event
) -> None:
    """The panel is fetched anew right after a press. That took the guard away, and a tap too many closed what
    had just been opened."""
    console = await people.console(loaded.id)
    button, guarded = console.locator("#main-action"), console.locator("#main-action[data-fresh]")
    again = """event => htmx.ajax("GET", `/console/${event}/panel?room=`,
        {target: "#panel", swap: "innerMorph"})"""
    await console.locator(f"#show-{POLL}").click()
    await expect(console.locator("#main-action:not([data-fresh])")).to_have_text("Open voting")
    await console.evaluate(  # the guard of the next press does not end while the test lasts
        "() => { const wait = setTimeout; window.setTimeout = (f, ms) => wait(f, ms === 700 ? 1e6 : ms); }"
    )
    await button.click()
    await expect(guarded).to_have_text("Close voting")
    await console.evaluate(again, loaded.id)
    await expect(guarded).to_have_text("Close voting")
    await button.click()
    await console.evaluate(again, loaded.id)
    await expect(button).to_have_text("Close voting")
