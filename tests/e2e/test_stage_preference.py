"""Preference polls on the big screen: the race, a runoff's rounds, the same ballots by other rules."""

from dataclasses import replace

import pytest
from playwright.async_api import expect

from polls.lifecycle import Action
from polls.model import Event, EventId, Poll, PollId, PollKind, Text
from server import moderation
from server.loading import load_event
from tests.conftest import Running, fresh, with_polls
from tests.e2e.conftest import People, axe, finds_nothing, press_key
from tests.e2e.test_stage import OVERLAPS, SMALL_TEXT, do, in_chart
from tests.polls.small_event import options
from tests.server.faces import fill_box


def order(id: str, method: str, *texts: str, question: str = "What comes first?") -> Poll:
    return Poll(
        id=PollId(id),
        kind=PollKind.PREFERENCE,
        question=Text.plain(question),
        options=options(*texts),
        max_selections=len(texts),
        method=method,
    )


LONG = "provide real-time information on economic and technological development on the market"
POINTS = order(
    "points", "borda", "Data space", "Training", "Waste heat", "A fair", *(f"Idea {n}" for n in range(4))
)
ORDERS = ["1>2>3"] * 4 + ["2>3>1"] * 3 + ["3>2>1"] * 2
RUNOFF = order("runoff", "irv", "Sea", "Mountains", "Capital", "River", "Online")
RUN_OFF = ["1>2"] * 8 + ["2>3"] * 6 + ["3>2"] * 5 + ["4>3>2"] * 2 + ["5"]
CROWDED = order(
    "crowded",
    "irv",
    *(f"Option {n}: {LONG}" for n in range(14)),
    question=("What kind of support would you expect from public authorities? " * 5)[:299].strip(),
)
CROWD = [f"{n}>{n % 14 + 1}" for n in range(1, 15) for _ in range(n)]


async def stage_event(running: Running, example: Event) -> Event:
    event = fresh(with_polls(replace(example, id=EventId("orders")), POINTS, RUNOFF, CROWDED))
    await load_event(running.store, event, actor="test")
    return event


async def test_the_race_the_rounds_and_the_other_rules_are_drawn_said_and_legible(
    people: People, running: Running, example: Event
) -> None:
    event = await stage_event(running, example)
    page = await people.stage(event.id)
    await do(running, event, POINTS.id, Action.OPEN)
    await fill_box(running.store, event.id, POINTS.id, 1, ORDERS)
    await expect(in_chart(page, "7.33 of 8")).to_have_count(1)
    await expect(in_chart(page, "not ranked")).to_have_count(5)
    await finds_nothing(page, OVERLAPS)
    await press_key(page, "r")
    await expect(page.locator("#sentence")).to_have_text(
        "By first choices Data space would lead, by mean points Training leads."
    )
    await expect(in_chart(page, "Wins two by two")).to_be_visible()
    await expect(page.locator("#table th").nth(2)).to_have_text("First choices")
    await finds_nothing(page, OVERLAPS, SMALL_TEXT)
    assert await axe(page) == []
    await press_key(page, "r")
    await expect(in_chart(page, "7.33 of 8")).to_have_count(1)
    await do(running, event, RUNOFF.id, Action.OPEN)
    await fill_box(running.store, event.id, RUNOFF.id, 1, RUN_OFF)
    await expect(in_chart(page, "Last round")).to_be_visible()
    await expect(in_chart(page, "+6")).to_be_visible()
    await expect(page.locator("#sentence")).to_contain_text("13 of 21 ballots")
    await finds_nothing(page, OVERLAPS, SMALL_TEXT)


@pytest.mark.parametrize("size", [(1920, 1080), (1280, 720)], ids=str)
async def test_however_many_rounds_and_words_nothing_leaves_the_screen(
    people: People, running: Running, example: Event, size: tuple[int, int]
) -> None:
    event = await stage_event(running, example)
    page = await people.stage(event.id)
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    await do(running, event, CROWDED.id, Action.OPEN)
    await fill_box(running.store, event.id, CROWDED.id, 1, CROWD)
    await expect(in_chart(page, "in the table")).to_be_visible()
    await finds_nothing(page, OVERLAPS)
    await moderation.compare(running.store, event.id, "test", event.sessions[0].room, CROWDED.id, True)
    await expect(in_chart(page, "First choices")).to_be_visible()
    await expect(page.locator("#sentence")).to_be_visible()
    await finds_nothing(page, OVERLAPS)
