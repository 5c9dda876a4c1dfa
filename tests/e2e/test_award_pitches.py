"""The finalists' pitches in a real browser: clicker, console, stage and phones, until the vote opens."""

import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from polls.award.model import Pitches
from polls.model import Text
from server.award import commits
from server.clock import now_ms
from tests.conftest import Running
from tests.e2e.conftest import People, axe, press_key
from tests.e2e.test_award_stage import press, well_drawn
from tests.polls.award_sample import candidate
from tests.server.award.screens import NAMES, prize_on_stage

LONG = (
    "A name as long as a name can well be, with the town, the region and the year in which all of it "
    "began, and the names of all who were there, as far as anybody remembers them today, which is far"
)
SECONDS = 50


async def test_the_finalists_pitch_before_the_vote(
    people: People, running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    details = {"entrant": Text.plain(LONG), "detail": Text.plain(LONG[::-1])}
    named = [candidate("a", NAMES["a"]), candidate("b", LONG, **details)]
    named += [candidate(one, NAMES[one]) for one in "cd"]
    pitches = Pitches(seconds=SECONDS)
    async with prize_on_stage(running, tmp_path, candidates=tuple(named), pitches=pitches) as held:
        await held.hold_jury()
        live = await running.context.event(held.event)
        stage, console = await people.stage(held.event), await people.console(held.event)
        phone = await people.phone(live.state.event.join_code)
        await expect(stage.locator("#phase")).to_have_text("The pitches come next")
        await expect(phone.locator("#paper")).to_contain_text("The pitches come next.")

        with monkeypatch.context() as past:  # this pitch began so long ago that its time is over
            past.setattr(commits, "now_ms", lambda: now_ms() - SECONDS * 1000)
            await press_key(stage, "PageDown")
            await expect(stage.locator(".award-pitch .award-eyebrow")).to_have_text("Pitch 1 of 2")
        await expect(stage.locator(".award-pitch .award-name")).to_have_text(NAMES["a"])
        await expect(phone.locator("#paper")).to_contain_text(
            f"On stage now: {NAMES['a']}. This is pitch 1 of 2."
        )
        await expect(stage.locator("#clock")).to_have_text("Time is over")
        await expect(console.locator("#countdown")).to_have_text("Time is over")
        await expect(stage.locator(".award-pitch .award-name")).to_have_text(NAMES["a"])  # it ends nothing
        await well_drawn(stage)
        assert await axe(stage) == []

        await console.locator("#quiet-award_pitch_clock").click()
        await expect(stage.locator("#clock")).to_have_text(re.compile(r"^0:\d\d$"))
        await press_key(stage, "PageDown")
        await expect(stage.locator(".award-pitch .award-eyebrow")).to_have_text("Pitch 2 of 2")
        await well_drawn(stage)
        await stage.reload()
        await expect(stage.locator(".award-pitch .award-name")).to_have_text(LONG)
        await press_key(stage, "PageUp")
        await expect(stage.locator(".award-pitch .award-name")).to_have_text(NAMES["a"])
        await expect(console.locator("#main-action:not([data-fresh])")).to_have_text(f"Next pitch: {LONG}")
        await console.locator("#main-action").click()
        await expect(stage.locator(".award-pitch .award-name")).to_have_text(LONG)
        assert await phone.evaluate("document.documentElement.scrollWidth <= innerWidth")

        await press(console, "End the pitches", asks=False)
        await expect(stage.locator("#phase")).to_have_text("The vote opens soon")
        await expect(stage.locator("#clock")).to_be_empty()
        await press(console, "Open the vote", asks=True)
        await expect(stage.locator("#phase")).to_have_text("The vote is open")
