"""The console and the organiser's page in a real browser."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import expect

from polls.model import Event
from tests.conftest import Running
from tests.e2e.conftest import People, axe
from tests.server.faces import cast_as, fill_box

POLL = "public-support"


async def test_space_bar_leads_through_a_poll(people: People, loaded: Event) -> None:
    console = await people.console(loaded.id)
    await expect(console.locator("#link-state")).to_have_text("Live")
    button = console.locator("#main-action")
    await expect(button).to_contain_text("Next: How can public authorities")
    for then in ("Open voting", "Close voting", "Publish the result", "Next: How should businesses"):
        await expect(console.locator("#main-action:not([data-fresh])")).to_be_visible()
        await console.keyboard.press(" ")
        await expect(button).to_contain_text(then)
    assert await console.locator("#n-counted").inner_text() == "0"


async def test_space_bar_in_a_field_is_a_space(people: People, loaded: Event) -> None:
    console = await people.console(loaded.id)
    await console.locator(f"#show-{POLL}").click()
    await console.locator("#main-action:not([data-fresh])", has_text="Open voting").click()
    await console.locator("#confirm-reset summary").click()
    await expect(console.locator("#typed-reset")).to_be_focused()
    await console.keyboard.type("A B")
    await expect(console.locator("#typed-reset")).to_have_value("A B")
    await expect(console.locator("#main-action")).to_have_text("Close voting")


async def test_two_consoles_see_each_other_and_numbers_follow_the_box(
    people: People, running: Running, loaded: Event
) -> None:
    one, two = await people.console(loaded.id), await people.console(loaded.id)
    await one.locator(f"#show-{POLL}").click()
    await expect(two.locator("#main-action")).to_have_text("Open voting")
    await two.locator("#main-action:not([data-fresh])").click()
    await expect(one.locator("#main-action")).to_have_text("Close voting")
    await fill_box(running.store, loaded.id, POLL, 1, ["1"] * 4 + ["2"])
    for page in (one, two):
        await expect(page.locator("#n-counted")).to_have_text("5")
        await expect(page.locator("#hall > .hall > .bars .leader .bar-value")).to_have_text("80 %")
    await expect(one.locator("#n-consoles")).to_have_text("2")


async def test_hall_follows_a_changed_answer_and_the_turnout_of_a_hidden_vote(
    people: People, running: Running, loaded: Event
) -> None:
    """What the hall sees stood still while answers were changed, and said 0 of a hidden vote to its end."""
    console = await people.console(loaded.id)
    await console.locator(f"#show-{POLL}").click()
    await console.locator("#main-action:not([data-fresh])", has_text="Open voting").click()
    await expect(console.locator("#main-action")).to_have_text("Close voting")
    leader = console.locator("#hall > .hall > .bars .leader")
    await cast_as(running.store, loaded.id, POLL, 1, "ann", 1, "1")
    await expect(leader).to_contain_text("Increase public investments")
    await cast_as(running.store, loaded.id, POLL, 1, "ann", 2, "3")
    await expect(leader).to_contain_text("Simplify regulations")
    await console.locator("#show-cluster-manager-2020").click()
    await console.locator("#main-action:not([data-fresh])", has_text="Open voting").click()
    await expect(console.locator("#main-action")).to_have_text("Close voting")
    await expect(console.locator(".hall-big")).to_have_text("0 of 0 phones")
    await fill_box(running.store, loaded.id, "cluster-manager-2020", 1, ["novo", "pfeil"])
    await expect(console.locator(".hall-big")).to_have_text("2 answers")


async def test_lost_race_shows_how_it_stands(people: People, loaded: Event) -> None:
    one, two = await people.console(loaded.id), await people.console(loaded.id)
    await one.locator(f"#show-{POLL}").click()
    await expect(two.locator("#main-action")).to_have_text("Open voting")
    await two.route("**/panel*", lambda route: route.fulfill(status=204))  # this console has not heard yet
    await one.locator("#main-action:not([data-fresh])", has_text="Open voting").click()
    await expect(one.locator("#main-action")).to_have_text("Close voting")
    await two.locator("#main-action:not([data-fresh])").click()
    await expect(two.locator("#notice")).to_have_text("Somebody else was faster. This is how it stands now.")
    await expect(two.locator("#main-action")).to_have_text("Close voting")


async def test_confirmation_is_not_swapped_away_while_others_act(people: People, loaded: Event) -> None:
    one, two = await people.console(loaded.id), await people.console(loaded.id)
    await one.locator(f"#show-{POLL}").click()
    await one.locator("#main-action:not([data-fresh])", has_text="Open voting").click()
    await one.locator("#confirm-reset summary").click()
    await expect(one.locator("#typed-reset")).to_be_focused()
    await one.keyboard.type("RES")
    await expect(two.locator("#quiet-extend")).to_be_visible()
    await two.locator("#quiet-extend").click()
    await expect(one.locator("#meanwhile")).to_be_visible()
    await expect(one.locator("#typed-reset")).to_have_value("RES")
    await one.locator("#meanwhile-show").click()
    await expect(one.locator("#countdown")).to_contain_text("0:")


async def test_reset_by_typing_its_word_with_the_keyboard_alone(
    people: People, running: Running, loaded: Event
) -> None:
    console = await people.console(loaded.id)
    await console.locator(f"#show-{POLL}").focus()
    await console.keyboard.press("Enter")
    await expect(console.locator("#main-action:not([data-fresh])")).to_have_text("Open voting")
    await console.locator("#main-action").focus()
    await console.keyboard.press("Enter")
    await expect(console.locator("#main-action")).to_have_text("Close voting")
    await fill_box(running.store, loaded.id, POLL, 1, ["1", "2", "3"])
    await expect(console.locator("#n-counted")).to_have_text("3")
    await expect(console.locator("#why-reset")).to_contain_text("deletes 3 ballots")
    await console.locator("#confirm-reset summary").focus()
    await console.keyboard.press("Enter")
    await expect(console.locator("#typed-reset")).to_be_focused()
    await console.keyboard.type("RESET")
    await console.keyboard.press("Enter")
    await expect(console.locator("#main-action")).to_have_text("Open voting")


async def test_a_stage_that_paints_no_more_is_seen(people: People, running: Running, loaded: Event) -> None:
    console = await people.console(loaded.id)
    await expect(console.locator("#stall")).to_have_text("No stage is connected.")
    await console.locator(f"#show-{POLL}").click()
    await console.locator("#main-action:not([data-fresh])", has_text="Open voting").click()
    stage = await people.stage(loaded.id)
    await fill_box(running.store, loaded.id, POLL, 1, ["1"] * 3)
    await expect(console.locator("#n-shown")).to_have_text("3")
    await expect(console.locator("#stall")).to_have_text("")
    # The stage's line stays up, but it says no more what it painted: as a page that hangs.
    await stage.evaluate("WebSocket.prototype.send = () => undefined")
    await fill_box(running.store, loaded.id, POLL, 1, ["2"] * 2)
    await expect(console.locator("#n-counted")).to_have_text("5")
    await expect(console.locator("#stall")).to_contain_text("it shows 3 of 5")


async def test_stage_of_another_room_is_not_denied(people: People, loaded: Event) -> None:
    """ "No stage is connected" stood above "Stages connected: 1"."""
    console = await people.console(loaded.id)
    await expect(console.locator("#stall")).to_have_text("No stage is connected.")
    await people.stage(loaded.id, "&room=green")
    await expect(console.locator("#n-stages")).to_have_text("1")
    await expect(console.locator("#stall")).to_have_text("No stage of this room is connected.")


async def test_another_laptop_carries_on(people: People, loaded: Event) -> None:
    first = await people.console(loaded.id)
    await first.locator(f"#show-{POLL}").click()
    await first.locator("#main-action:not([data-fresh])", has_text="Open voting").click()
    await expect(first.locator("#main-action")).to_have_text("Close voting")
    await people.leave(first)
    second = await people.console(loaded.id)
    await expect(second.locator("#main-action")).to_have_text("Close voting")
    await expect(second.locator(".poll.current")).to_contain_text("How can public authorities")


async def test_console_works_without_scripts(people: People, loaded: Event) -> None:
    console = await people.console(loaded.id, java_script_enabled=False)
    for then in ("Open voting", "Close voting", "Publish the result"):
        await console.locator("#main-action").click()
        await expect(console.locator("#main-action")).to_have_text(then)
    await console.locator("#confirm-reset summary").click()
    await console.locator("#typed-reset").fill("RESET")
    await console.locator("#confirm-reset button").click()
    await expect(console.locator("#main-action")).to_have_text("Open voting")


async def test_action_that_does_not_reach_the_server_says_so(people: People, loaded: Event) -> None:
    console = await people.console(loaded.id)
    await console.locator(f"#show-{POLL}").click()
    await expect(console.locator("#main-action:not([data-fresh])")).to_have_text("Open voting")
    await console.route("**/open", lambda route: route.fulfill(status=502, body="no gateway"))
    await console.locator("#main-action").click()
    await expect(console.locator("#notice")).to_contain_text("Nothing was changed. Try again.")
    await expect(console.locator("#main-action")).to_have_text("Open voting")
    people.troubles.clear()  # the browser's own line about the status


async def test_cut_off_console_tells_the_time_of_the_event_and_no_more_than_it_knows(
    people: People, loaded: Event
) -> None:
    """It said the time where the browser is beside those of the log, and "Nothing was changed" of a press
    whose answer never came."""
    console = await people.console(loaded.id, timezone_id="Asia/Tokyo")
    await console.locator(f"#show-{POLL}").click()
    await expect(console.locator("#main-action:not([data-fresh])")).to_have_text("Open voting")
    await expect(console.locator("#link-state")).to_have_text("Live")
    hours = [datetime.now(ZoneInfo(loaded.timezone)).hour]
    await console.context.set_offline(True)
    await console.locator("#main-action").click()
    await expect(console.locator("#notice")).to_have_text(
        "The server was not reached. See what the hall sees, then try again."
    )
    line = console.locator("#link-state")
    await expect(line).to_contain_text("Connection lost. The numbers are from ")
    hours.append(datetime.now(ZoneInfo(loaded.timezone)).hour)
    said = await line.inner_text()
    assert any(f" from {hour:02d}:" in said for hour in hours)
    people.troubles.clear()  # htmx says in the browser's log that it reached nobody


async def test_renewed_link_takes_the_console_away(people: People, loaded: Event) -> None:
    console, organiser = await people.console(loaded.id), await people.organiser(loaded.id)
    await organiser.locator("summary", has_text="Renew link").nth(1).click()
    await organiser.locator("details[open] button").click()
    await expect(organiser.locator("#notice")).to_contain_text("The link was renewed.")
    await expect(console.locator("h1")).to_have_text("This page is for moderators")


@pytest.mark.parametrize("scheme", ["dark", "light"])
async def test_console_and_organisers_page_pass_axe(
    people: People, running: Running, loaded: Event, scheme: str
) -> None:
    console = await people.console(loaded.id, color_scheme=scheme)
    assert await axe(console) == []
    await console.locator(f"#show-{POLL}").click()
    await console.locator("#main-action:not([data-fresh])", has_text="Open voting").click()
    await expect(console.locator("#main-action")).to_have_text("Close voting")
    await fill_box(running.store, loaded.id, POLL, 1, ["1"] * 6 + ["2"] * 5, "business")
    await console.locator("#hall-groups summary").click()
    await console.locator("#confirm-reset summary").click()
    assert await axe(console) == []
    organiser = await people.organiser(loaded.id, color_scheme=scheme)
    assert await axe(organiser) == []
    renew = organiser.locator("details.confirm").first
    await renew.locator("summary").click()
    assert await renew.evaluate("one => getComputedStyle(one).borderTopStyle") == "solid"  # set apart
    assert await renew.locator("summary").evaluate("one => one.getBoundingClientRect().height >= 44")
    assert await axe(organiser) == []


@pytest.mark.parametrize("width", [320, 768, 1024])
async def test_pages_never_scroll_sideways(people: People, loaded: Event, width: int) -> None:
    too_wide = """width => [...document.querySelectorAll("body *")]
        .filter(e => e.getBoundingClientRect().right > width + 1 && !e.closest(".log-scroll"))
        .map(e => e.outerHTML.slice(0, 80))"""
    for page in (await people.console(loaded.id), await people.organiser(loaded.id)):
        await page.set_viewport_size({"width": width, "height": 768})
        assert await page.evaluate(too_wide, width) == []


async def test_big_button_stays_in_reach_on_a_phone(people: People, running: Running, loaded: Event) -> None:
    """A long result pushed it below the screen, and a thumb had to scroll before it could close voting."""
    console = await people.console(loaded.id)
    await console.set_viewport_size({"width": 390, "height": 600})
    await console.locator(f"#show-{POLL}").click()
    button = console.locator("#main-action:not([data-fresh])", has_text="Open voting")
    await button.click()
    await expect(console.locator("#main-action")).to_have_text("Close voting")
    await fill_box(running.store, loaded.id, POLL, 1, ["1"] * 3 + ["2"])
    await expect(console.locator("#hall > .hall > .bars .leader .bar-value")).to_have_text("75 %")
    await console.evaluate("scrollTo(0, 0)")
    box = await console.locator("#main-action").bounding_box()
    assert box is not None and box["y"] + box["height"] <= 600
    assert await axe(console) == []


async def test_organiser_downloads_what_the_stage_showed(
    people: People, running: Running, loaded: Event
) -> None:
    console = await people.console(loaded.id)
    await console.locator(f"#show-{POLL}").click()
    await console.locator("#main-action:not([data-fresh])", has_text="Open voting").click()
    await expect(console.locator("#main-action")).to_have_text("Close voting")
    await fill_box(running.store, loaded.id, POLL, 1, ["1"] * 2 + ["2"])
    organiser = await people.organiser(loaded.id)
    async with organiser.expect_download() as download:
        await organiser.get_by_role("button", name="Data (JSON)").click()
    export = json.loads((await (await download.value).path()).read_text(encoding="utf-8"))
    options = export["polls"][0]["result"]["options"]
    assert [option["shown"] for option in options[:2]] == ["67 %", "33 %"]


async def test_rehearsal_copy_is_started_and_deleted_from_the_page(people: People, loaded: Event) -> None:
    organiser = await people.organiser(loaded.id)
    await organiser.get_by_role("button", name="Start a rehearsal copy").click()
    await expect(organiser.locator(".rehearsal")).to_have_text("REHEARSAL")
    await organiser.get_by_role("button", name="Delete this rehearsal copy").click()
    await expect(organiser.locator("#notice")).to_have_text("The rehearsal copy was deleted.")
    await expect(organiser.get_by_role("button", name="Start a rehearsal copy")).to_be_visible()
