"""Real Chromium against a real server: one browser for all journeys, a clean context for each person."""

import contextlib
import dataclasses
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from polls.lifecycle import Action
from polls.model import Event
from server import moderation
from server.auth import Role
from server.loading import load_event
from tests.conftest import Running, with_polls
from tests.e2e.questions import QUESTIONS
from tests.waiting import eventually

Act = Callable[[str, Action], Awaitable[object]]
"""Does something as a moderator: the poll's id, and what."""
Asked = Callable[..., Awaitable[Page]]
"""Opens a poll and gives a phone whose page asks it; further words are of `People.phone`."""

expect.set_options(timeout=15_000)  # on a busy machine; a claim that holds at once costs nothing

AXE = Path(__file__).parent.parent / "vendor" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
FAULTS = """async tags => {
  // Every rule is tried all the same; what it does not find is only not told of at length.
  const { violations } = await axe.run({runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']});
  const where = nodes => nodes.slice(0, 3).map(node => node.html.slice(0, 120)).join('; ');
  return violations.map(({id, nodes}) => `${id}: ${where(nodes)}`);
}"""
SIZES = {"phone": (390, 844), "narrow": (320, 700), "stage": (1920, 1080), "console": (1440, 900)}


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The system's Chromium."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert path, "no Chromium found: apt-get install chromium"
    flags = [
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--no-first-run",
    ]
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(
            executable_path=path,
            args=[*flags, "--disable-sync", "--disable-quic"],
            chromium_sandbox=False,
        )
        yield started
        await started.close()


@dataclass(slots=True)
class People:
    """Opens pages as the people who use them, and notes everything that goes wrong in any of them."""

    browser: Browser
    running: Running
    troubles: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    async def context(self, size: str, **options: Any) -> BrowserContext:
        """A browser of its own: no cookie, no storage of anybody else."""
        width, height = SIZES[size]
        options.setdefault("locale", "en-GB")
        made = await self.browser.new_context(viewport={"width": width, "height": height}, **options)
        made.set_default_timeout(10_000)
        self.contexts.append(made)
        return made

    async def page(self, context: BrowserContext, path: str) -> Page:
        """A page of the server in a context."""
        page = await context.new_page()
        page.on("console", lambda m: self.troubles.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("request", lambda request: self._look(request.url))
        await page.goto(self.running.base + path)
        return page

    def _look(self, url: str) -> None:
        parts = urlsplit(url)
        if (
            parts.scheme in ("http", "https", "ws", "wss")
            and parts.netloc != urlsplit(self.running.base).netloc
        ):
            self.foreign.append(url)

    async def phone(self, code: str, *, segment: str = "", size: str = "phone", **options: Any) -> Page:
        """A phone that has opened the join page, and chosen its group when `segment` names one."""
        page = await self.page(await self.context(size, **options), f"/j/{code}")
        if segment:
            await page.locator(f"input[name=segment][value={segment}]").check()
            await page.locator("form:has(input[name=segment]) button").click()
            await page.wait_for_load_state()
        return page

    async def back(self, page: Page) -> Page:
        """The tab is killed; then its browser, which has a network again, opens the address anew."""
        context, path = page.context, page.url.removeprefix(self.running.base)
        await page.close()
        await context.set_offline(False)
        return await self.page(context, path)

    async def leave(self, page: Page) -> None:
        """Somebody goes, and takes the browser along."""
        self.contexts.remove(page.context)
        await page.context.close()

    async def stage(self, event: str, query: str = "", **options: Any) -> Page:
        """A stage with a presenter's right."""
        token = await self.running.token(event, Role.PRESENTER)
        return await self.page(await self.context("stage", **options), f"/stage/{event}?key={token}{query}")

    async def console(self, event: str, query: str = "", **options: Any) -> Page:
        """A moderator's console."""
        token = await self.running.token(event, Role.MODERATOR)
        return await self.page(
            await self.context("console", **options), f"/console/{event}?key={token}{query}"
        )

    async def organiser(self, event: str, **options: Any) -> Page:
        """The organiser's page."""
        token = await self.running.token(event, Role.ORGANISER)
        return await self.page(await self.context("console", **options), f"/organise/{event}?key={token}")


@pytest.fixture
async def people(browser: Browser, running: Running) -> AsyncIterator[People]:
    """Everyone of one journey; at its end no page has logged an error or asked another host."""
    everyone = People(browser, running)
    yield everyone
    for context in everyone.contexts:
        await context.unroute_all(behavior="ignoreErrors")  # a page may just be asking
        await context.close()
    offline = re.compile(r"net::ERR_|WebSocket connection to|status of (403|404|409|410|422|503)")
    assert [trouble for trouble in everyone.troubles if not offline.search(trouble)] == []
    assert everyone.foreign == []


@pytest.fixture
async def gathering(running: Running, example: Event) -> Event:
    """An event without groups and rooms, with polls of every form."""
    event = dataclasses.replace(with_polls(example, *QUESTIONS), segments=(), rooms=())
    await load_event(running.store, event, actor="test")
    return event


@pytest.fixture
def act(running: Running, gathering: Event) -> Act:
    """A moderator."""

    async def do(poll: str, action: Action) -> object:
        return await moderation.act(running.store, gathering.id, "test", poll, action)

    return do


@pytest.fixture
def asked(people: People, gathering: Event, act: Act) -> Asked:
    """A phone in front of an open question."""

    async def ask(poll: str, **options: Any) -> Page:
        await act(poll, Action.OPEN)
        return await people.phone(gathering.join_code, **options)

    return ask


async def finds_nothing(page: Page, *scripts: str) -> None:
    """None of these scripts finds anything wrong, once the page has drawn what it was told."""
    found: list[str] = []

    async def is_in_order() -> bool:
        found[:] = [fault for script in scripts for fault in await page.evaluate(script)]
        return not found

    with contextlib.suppress(AssertionError):
        await eventually(is_in_order)
    assert found == []


async def press_key(stage: Page, key: str) -> None:
    """Press a key of the clicker as soon as the stage takes one; just after a change it takes none."""
    await stage.locator("#stage:not([data-fresh])").wait_for(state="attached")
    await stage.keyboard.press(key)


async def axe(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA on a page: "rule: where"."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[str] = await page.evaluate(FAULTS, TAGS)
    return found
