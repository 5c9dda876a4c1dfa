"""The big screen in a real browser: what it shows, what its keys do, what it says when it is cut off."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from playwright.async_api import Page, expect

from polls.lifecycle import Action
from polls.model import Event, EventId, Option, OptionId, Poll, PollId, PollKind, Text
from server import moderation
from server.auth import Role
from server.loading import load_event
from tests.conftest import Running, fresh, with_polls
from tests.e2e.conftest import People, axe, finds_nothing, press_key
from tests.server.faces import fill_box
from tests.waiting import eventually

FIRST, VOTE = "public-support", "cluster-manager-2020"
PUBLISHED = ["1"] * 19 + ["2"] * 18 + ["3"] * 8 + ["4"] * 8 + ["5", "6"]

SMALL_TEXT = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode, parent = text.parentElement;
    if (!text.textContent.trim() || !parent.checkVisibility({visibilityProperty: true})) continue;
    if (parent.closest('.visually-hidden, .stage-table, script, dialog')) continue;
    const scale = parent.closest('#plot')
      ? new DOMMatrix(getComputedStyle(document.getElementById('plot')).transform).a : 1;
    const size = parseFloat(getComputedStyle(parent).fontSize) * scale;
    if (size < 27.5) found.push(`${size} ${text.textContent}`);
  }
  return found;
}"""
"""Texts that people see and that are under 28 px."""

OVERLAPS = """() => {
  const boxes = ['.stage-top', '.stage-ask', '.stage-show', '#rail', '.stage-foot']
    .map(name => [name, document.querySelector(name)])
    .filter(([, part]) => part.checkVisibility())
    .map(([name, part]) => [name, part.getBoundingClientRect()]);
  const found = [];
  for (const [name, box] of boxes) {
    const isIn = box.right <= innerWidth + 1 && box.bottom <= innerHeight + 1 && box.left >= -1;
    if (!isIn) found.push(`${name} leaves`);
    for (const [other, next] of boxes) {
      if (name < other && box.left < next.right - 1 && next.left < box.right - 1
          && box.top < next.bottom - 1 && next.top < box.bottom - 1) found.push(`${name} on ${other}`);
    }
  }
  for (const part of document.querySelectorAll('#plot text')) {
    const box = part.getBoundingClientRect();
    const room = document.getElementById('chart').getBoundingClientRect();
    const isIn = box.bottom <= room.bottom + 8 && box.right <= room.right + 8;
    if (box.width && !isIn) found.push(part.textContent);
  }
  return found;
}"""
"""Parts of the stage that leave the screen or stand on each other."""


async def do(running: Running, event: Event, poll: str, *actions: Action) -> None:
    for action in actions:
        await moderation.act(running.store, event.id, Role.MODERATOR, poll, action)


def in_chart(page: Page, text: str) -> Any:
    return page.locator("#plot text").filter(has_text=text)


async def test_bars_follow_the_ballots_and_the_server_hears_what_was_painted(
    people: People, running: Running, loaded: Event
) -> None:
    page = await people.stage(loaded.id)
    await do(running, loaded, FIRST, Action.OPEN)
    await expect(page.locator("#phase")).to_have_text("Voting is open")
    await fill_box(running.store, loaded.id, FIRST, 1, PUBLISHED, "audience")
    for figure in ("35 %", "33 %"):
        await expect(in_chart(page, figure)).to_have_count(1)
    for figure in ("14 %",):
        await expect(in_chart(page, figure)).to_have_count(2)
    await expect(page.locator("#base")).to_have_text("share of valid ballots, N = 55")

    async def is_painted() -> bool:
        snapshot = await running.store.snapshot(loaded.id)
        assert snapshot is not None
        return any(words.get("offset") == snapshot.offset for words in snapshot.painted.values())

    await eventually(is_painted, what="the stage reports the newest offset as painted")


async def test_lines_sort_when_voting_closes_and_the_sentence_appears(
    people: People, running: Running, loaded: Event
) -> None:
    page = await people.stage(loaded.id)
    await do(running, loaded, FIRST, Action.OPEN)
    await fill_box(running.store, loaded.id, FIRST, 1, ["3", "3", "3", "2"], "audience")
    await expect(in_chart(page, "75 %")).to_have_count(1)
    await expect(page.locator("#sentence")).to_be_hidden()

    async def is_in_order(*texts: str) -> bool:
        boxes = [await in_chart(page, text).first.bounding_box() for text in texts]
        tops = [box["y"] for box in boxes if box]  # while it is redrawn a text may have none
        return len(tops) == len(texts) and tops == sorted(tops)

    await eventually(partial(is_in_order, "Increase public", "Simplify"), what="the order of the paper")
    await do(running, loaded, FIRST, Action.CLOSE)
    await expect(page.locator("#sentence")).to_have_text("Simplify regulations leads with 75 %, 4 answers")

    await eventually(
        partial(is_in_order, "Simplify", "Facilitate", "Increase public"), what="the most chosen on top"
    )


async def test_hidden_vote_shows_turnout_until_the_clicker_reveals_it(
    people: People, running: Running, loaded: Event
) -> None:
    page = await people.stage(loaded.id)
    await do(running, loaded, VOTE, Action.OPEN)
    await fill_box(running.store, loaded.id, VOTE, 1, ["pfeil", "pfeil", "novo"])
    await expect(page.locator("#counted")).to_have_text("3")
    await expect(page.locator("#dots circle.lit").first).to_be_visible()
    assert "Uwe Pfeil" not in await page.content()
    await press_key(page, "PageDown")
    await expect(page.locator("#phase")).to_have_text("Voting is closed")
    await press_key(page, "PageDown")
    await expect(in_chart(page, "Uwe Pfeil")).to_be_visible()
    await expect(page.locator("#sentence")).to_have_text("Uwe Pfeil is first with 2 of 3 votes")


async def test_clicker_leads_through_a_poll_blanks_and_shows_its_keys(people: People, loaded: Event) -> None:
    page = await people.stage(loaded.id)
    phase = page.locator("#phase")
    for key, words in (("PageDown", "Voting opens soon"), (" ", "Voting is open")):
        await press_key(page, key)
        await expect(phase).to_have_text(words)
    await press_key(page, "b")
    await expect(page.locator("#stage[data-blank]")).to_have_count(1)
    await expect(page.locator("#rail")).to_be_hidden()
    await press_key(page, ".")
    await expect(page.locator("#rail")).to_be_visible()
    await press_key(page, "?")
    await expect(page.locator("#help")).to_be_visible()
    await press_key(page, "PageDown")  # the list is open: no step is taken behind it
    await press_key(page, "?")
    await expect(page.locator("#help")).to_be_hidden()
    await expect(phase).to_have_text("Voting is open")


async def test_double_click_takes_one_step_and_says_nothing_to_the_hall(
    people: People, running: Running, loaded: Event
) -> None:
    """A hasty thumb closed what it had opened; a hastier one told the hall that somebody else was faster."""
    page = await people.stage(loaded.id)
    await do(running, loaded, FIRST, Action.OPEN, Action.CLOSE)
    await expect(page.locator("#phase")).to_have_text("Voting is closed")
    await page.evaluate(  # the guards of the next presses do not end while the test lasts
        "() => { const wait = setTimeout; window.setTimeout = (f, ms) => wait(f, ms === 700 ? 1e6 : ms); }"
    )
    answers: list[int] = []
    page.on("response", lambda answer: answers.append(answer.status) if "/press" in answer.url else None)
    async with page.expect_response("**/press?*"):
        await press_key(page, "PageDown")  # publishes
    await page.keyboard.press("PageDown")
    await do(running, loaded, VOTE, Action.OPEN)
    await expect(page.locator("#counted")).to_be_visible()
    await page.keyboard.press("PageDown")  # meant what stood there before
    await do(running, loaded, VOTE, Action.CLOSE)
    await expect(page.locator("#phase")).to_have_text("Voting is closed")
    await expect(page.locator("#line")).to_be_hidden()
    assert answers == [200]


async def test_screen_without_a_right_shows_everything_and_says_why_its_keys_do_nothing(
    people: People, loaded: Event
) -> None:
    page = await people.page(await people.context("stage"), f"/stage/{loaded.id}")
    await press_key(page, "PageDown")
    await expect(page.locator("#line")).to_contain_text("open the presenter's link")
    await expect(page.locator("h1")).to_have_text("European Cluster Conference 2020")


async def test_cut_off_stage_keeps_its_picture_says_its_age_and_recovers(
    people: People, running: Running, loaded: Event
) -> None:
    page = await people.stage(loaded.id)
    await do(running, loaded, FIRST, Action.OPEN)
    await fill_box(running.store, loaded.id, FIRST, 1, ["1"] * 4, "audience")
    await expect(in_chart(page, "100 %")).to_have_count(1)
    await page.context.set_offline(True)
    await expect(page.locator("#line")).to_contain_text("Connection lost. Picture of")
    await expect(in_chart(page, "100 %")).to_have_count(1)
    await page.context.set_offline(False)
    await expect(page.locator("#line")).to_be_hidden()
    await fill_box(running.store, loaded.id, FIRST, 1, ["2"] * 4, "audience")
    await expect(in_chart(page, "50 %")).to_have_count(2)


async def test_page_without_a_script_has_question_figures_and_code(
    people: People, running: Running, loaded: Event
) -> None:
    await do(running, loaded, FIRST, Action.OPEN)
    await fill_box(running.store, loaded.id, FIRST, 1, PUBLISHED, "audience")
    page = await people.stage(loaded.id, java_script_enabled=False)
    await expect(page.locator("h1")).to_contain_text("How can public authorities support business")
    await expect(page.get_by_role("cell", name="35 %").first).to_be_visible()
    await expect(page.locator("#code")).to_be_visible()


@pytest.mark.parametrize("theme", ["dark", "light"])
async def test_axe_finds_nothing_on_any_state_of_the_stage(
    people: People, running: Running, loaded: Event, theme: str
) -> None:
    page = await people.stage(loaded.id, f"&theme={theme}")
    found = await axe(page)
    await do(running, loaded, VOTE, Action.OPEN)
    await expect(page.locator("#chamber")).to_be_visible()
    found += await axe(page)
    await do(running, loaded, FIRST, Action.OPEN)
    await fill_box(running.store, loaded.id, FIRST, 1, PUBLISHED, "audience")
    await expect(in_chart(page, "35 %")).to_have_count(1)
    found += await axe(page)
    await press_key(page, "?")
    await expect(page.locator("#help")).to_be_visible()
    found += await axe(page)
    assert found == []


def long_poll(options: int) -> Poll:
    """A question of about 300 characters with many options of about 90."""
    text = "provide real-time information on economic and technological development on the market"
    return Poll(
        id=PollId(f"long{options}"),
        kind=PollKind.SINGLE,
        question=Text.plain(
            ("What kind of support would you expect from public authorities? " * 5)[:299].strip()
        ),
        options=tuple(
            Option(id=OptionId(str(i)), text=Text.plain(f"Option {i}: {text}")) for i in range(1, options + 1)
        ),
    )


@pytest.mark.parametrize("size", [(1920, 1080), (1280, 720), (1024, 768)], ids=str)
async def test_nothing_overlaps_or_leaves_the_screen_however_much_there_is_to_say(
    people: People, running: Running, example: Event, size: tuple[int, int]
) -> None:
    polls = (long_poll(10), long_poll(50))
    event = fresh(with_polls(replace(example, id=EventId("stage")), *polls))
    await load_event(running.store, event, actor="test")
    page = await people.stage(event.id)
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    await finds_nothing(page, OVERLAPS)
    for poll in polls:
        await do(running, event, poll.id, Action.OPEN)
        await fill_box(running.store, event.id, poll.id, 1, ["1", "2", "2", "7", "7", "7"])
        await expect(in_chart(page, "50 %")).to_have_count(1)
        await finds_nothing(page, OVERLAPS)
        if size == (1920, 1080):
            await finds_nothing(page, SMALL_TEXT)
    await expect(in_chart(page, "more options")).to_be_visible()
