"""Jurors and the chair in Chromium: drafts, no network, two tabs, recusal, order by keys, lock."""

import re
from collections.abc import Callable

import pytest
from playwright.async_api import Locator, Page, Route, expect

from polls.award.model import CandidateId, JuryRule
from polls.model import Event
from tests.conftest import Running
from tests.e2e.conftest import People, axe
from tests.server.award.jury_hall import JuryHall, jury_award, jury_round, only
from tests.waiting import eventually
from voting.jury.sheet import RecusalReason, Sheet

SEED, TIDE = CandidateId("seed"), CandidateId("tide")
SMALL = ".scale .option, button:not(.visually-hidden), summary, select"
INSIDE = """all => all.filter(one => one.getBoundingClientRect().right >
    one.closest(".entry").getBoundingClientRect().right).map(one => one.outerHTML)"""
SAVED = re.compile(r"^Saved \d\d:\d\d:\d\d$")


@pytest.fixture
async def hall(running: Running, example: Event) -> JuryHall:
    made = await JuryHall.set_up(running, example, jury_award(jury_round()))
    await made.open()
    return made


async def opened(people: People, hall: JuryHall, juror: str, size: str = "phone", **options: object) -> Page:
    context = await people.context(size, **options)
    return await people.page(context, f"{hall.path}?key={hall.token(juror)}")


def group(page: Page, entry: str, criterion: str) -> Locator:
    return page.get_by_role("group", name=re.compile(f"^{criterion} for {entry}"))


async def mark(page: Page, entry: str, criterion: str, value: int) -> None:
    await group(page, entry, criterion).get_by_role("radio", name=str(value), exact=True).click(force=True)


def state(page: Page) -> Locator:
    return page.locator("#state")


async def in_the_box(hall: JuryHall, is_so: Callable[[Sheet], bool]) -> None:
    """Bram's sheet comes to say something: the line on the page may still be of the draft before."""

    async def says() -> bool:
        stored = await hall.running.store.awards.sheet(hall.at(), "bram")
        return stored is not None and is_so(await hall.sheet("bram"))

    await eventually(says, what="the sheet in the box")


async def no_posts(route: Route) -> None:
    """A network that fails whatever a page sends."""
    await (route.abort() if route.request.method == "POST" else route.continue_())


async def test_a_sheet_is_saved_as_it_is_filled_in_offline_too_then_recused_and_locked(
    people: People, hall: JuryHall
) -> None:
    page = await opened(people, hall, "bram")
    await expect(page.get_by_text("Bram Okafor, juror")).to_be_visible()
    await expect(page.get_by_role("button", name="Save")).to_have_count(0)
    await mark(page, "Warm Harbour", "Impact", 9)
    await mark(page, "Warm Harbour", "Novelty", 5)
    await expect(state(page)).to_have_text(SAVED)
    await expect(page.locator("[data-progress]")).to_have_text("1 of 4 entries complete")
    await expect(page.locator("[data-complete=heat]")).to_be_visible()

    # Without a network it stays in the browser, over a reload too, and goes when the network is back.
    await page.context.set_offline(True)
    await mark(page, "Seed Library", "Impact", 7)
    await expect(state(page)).to_have_text(re.compile("^You are offline"))
    await page.get_by_role("button", name="Check and lock").click()
    await expect(state(page)).to_have_text(re.compile("^This needs the server"))
    assert (await hall.sheet("bram")).marks == {"heat": {"impact": 9, "novelty": 5}}
    await page.route("**/jury/**", no_posts)
    await page.context.set_offline(False)
    await page.reload()
    await expect(state(page)).to_have_text(re.compile("^Not saved yet"))
    await expect(group(page, "Seed Library", "Impact").get_by_role("radio", name="7")).to_be_checked()
    await page.unroute("**/jury/**")
    await expect(state(page)).to_have_text(SAVED)
    assert (await hall.sheet("bram")).marks[SEED] == {"impact": 7}
    assert await page.evaluate("localStorage.length") == 0

    # What is marked right before a press of a button is not lost by it.
    await mark(page, "Second Loom", "Impact", 3)
    loom = page.locator("section.entry", has_text="Second Loom")
    await loom.get_by_text("I should not judge this entry").click()
    await loom.get_by_label("Your reason").select_option("business")
    await mark(page, "Tide Watch", "Impact", 4)
    await loom.get_by_role("button", name="Do not judge this entry").click()
    await expect(page.get_by_text("Second Loom: We do business together")).to_be_visible()
    sheet = await hall.sheet("bram")
    assert (sheet.recused, sheet.marks[TIDE]) == ({"loom": RecusalReason.BUSINESS}, {"impact": 4})
    assert "loom" not in sheet.marks
    await expect(page.locator("section.entry")).to_have_count(3)

    await page.get_by_role("button", name="Check and lock").click()
    await expect(page.get_by_text("Seed Library: Novelty")).to_be_visible()
    await expect(page.get_by_text("You do not judge: Second Loom")).to_be_visible()
    assert await axe(page) == []
    await page.get_by_role("button", name="Lock my sheet").click()
    await expect(page.get_by_role("heading", name="Your sheet is locked")).to_be_visible()
    assert (await hall.sheet("bram")).locked
    await page.get_by_role("button", name="Unlock my sheet").click()
    await page.get_by_role("button", name=re.compile("^Judge it after all")).click()
    await expect(page.locator("section.entry")).to_have_count(4)


async def test_a_lost_answer_is_no_other_tab_and_another_tab_is_told(people: People, hall: JuryHall) -> None:
    page = await opened(people, hall, "bram")
    lost = 0

    async def lose_one(route: Route) -> None:
        nonlocal lost
        if route.request.headers["accept"] == "application/json" and route.request.method == "GET":
            return await route.abort()  # the page's own looks would be there before the next mark
        if route.request.method != "POST" or lost:
            return await route.continue_()
        lost += 1
        await route.fetch()
        await route.abort()

    await page.route("**/jury/**", lose_one)
    await mark(page, "Warm Harbour", "Impact", 9)
    await expect(state(page)).to_have_text(re.compile("^Not saved yet"))
    await mark(page, "Warm Harbour", "Impact", 8)
    await in_the_box(hall, lambda sheet: sheet.marks == {"heat": {"impact": 8}})
    await expect(state(page)).to_have_text(SAVED)
    assert lost == 1

    second = await people.page(page.context, hall.path)
    await mark(second, "Seed Library", "Impact", 2)
    await expect(state(second)).to_have_text(SAVED)
    await mark(page, "Seed Library", "Impact", 10)
    await expect(page.get_by_text("A newer draft of yours was stored")).to_be_visible()
    await expect(group(page, "Seed Library", "Impact").get_by_role("radio", name="2")).to_be_checked()
    assert (await hall.sheet("bram")).marks == {"heat": {"impact": 8}, "seed": {"impact": 2}}

    await hall.close()
    await mark(page, "Seed Library", "Impact", 1)
    await expect(page.get_by_text("Your last change came too late")).to_be_visible()
    await expect(page.get_by_text("was not locked when the round closed")).to_be_visible()


async def test_a_sheet_works_without_javascript(people: People, hall: JuryHall) -> None:
    page = await opened(people, hall, "bram", java_script_enabled=False)
    await mark(page, "Warm Harbour", "Impact", 9)
    await page.get_by_role("button", name="Save", exact=True).last.click()
    await expect(page.locator("#note")).to_have_text(re.compile(r"Saved \d\d:\d\d:\d\d"))
    await mark(page, "Warm Harbour", "Novelty", 2)
    await page.get_by_role("button", name="Check and lock").click()
    await page.get_by_role("button", name="Lock my sheet").click()
    await expect(page.get_by_role("heading", name="Your sheet is locked")).to_be_visible()
    sheet = await hall.sheet("bram")
    assert (sheet.locked, sheet.marks) == (True, {"heat": {"impact": 9, "novelty": 2}})


async def test_an_order_is_made_by_taps_and_keys_and_survives_a_reload(
    people: People, running: Running, example: Event
) -> None:
    hall = await JuryHall.set_up(running, example, only(JuryRule.BORDA))
    await hall.open()
    page = await opened(people, hall, "bram")
    await page.locator("button.name", has_text="Tide Watch").click()
    await page.locator("button.name", has_text="Seed Library").press("Enter")
    await page.get_by_role("button", name="Move Seed Library up").press("Enter")
    await expect(page.locator("[data-progress]")).to_have_text("2 of 4 entries placed")
    await in_the_box(hall, lambda sheet: sheet.ranking == (("seed",), ("tide",)))
    await expect(state(page)).to_have_text(SAVED)
    await page.reload()
    await expect(page.locator("li.is-placed").first).to_contain_text("Seed Library")
    await page.get_by_text("I should not judge one of the entries").click()
    await page.locator("select[name=entry]").select_option("seed")
    await page.get_by_label("Your reason").select_option("family")
    await page.get_by_role("button", name="Do not judge this entry").click()
    await expect(page.get_by_text("Seed Library: Family or a close friend")).to_be_visible()
    assert (await hall.sheet("bram")).ranking == (("tide",),)


async def test_pages_are_accessible_in_both_sizes_and_themes(people: People, hall: JuryHall) -> None:
    await hall.judge("chiara", heat=(9, 5))
    await hall.post(
        "bram", 0, mark__heat__impact="9", mark__heat__novelty="5", do="recuse:loom", reason__loom="other"
    )
    for size, scheme in (("phone", "dark"), ("narrow", "light"), ("console", "light")):
        page = await opened(people, hall, "bram", size, color_scheme=scheme)
        await page.locator("summary").nth(1).click()
        assert await axe(page) == []
        width = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        small = await page.locator(SMALL).evaluate_all(
            "all => all.filter(one => one.checkVisibility() && one.getBoundingClientRect().height < 44)"
            ".map(one => one.outerHTML)"
        )
        assert (width, small) == (0, [])
        page = await opened(people, hall, "ada", size, color_scheme=scheme)
        await page.get_by_role("link", name="Chair's page").click()
        await page.get_by_role("button", name="Copy").click()
        await expect(page.locator("#note")).to_have_text(re.compile("Copied|does not copy"))
        assert await page.locator(".progress, .entry-name > *").evaluate_all(INSIDE) == []
        assert await axe(page) == []


async def test_after_a_look_the_chairs_page_moves_on_with_the_seal_and_looks_no_second_time(
    people: People, hall: JuryHall
) -> None:
    await hall.judge("bram", heat=(9, 5), loom=(3, 2))
    await hall.close()
    context = await people.context("console")
    await context.clock.install()
    page = await people.page(context, f"{hall.path}?key={hall.token('ada')}")
    await page.goto(f"{hall.running.base}{hall.path}/chair")
    await page.get_by_role("button", name="Look now").click()
    await expect(page.get_by_text("How each juror used the scale")).to_be_visible()
    posts: list[str] = []
    page.on("request", lambda one: posts.append(one.url) if one.method == "POST" else None)

    await hall.seal()
    await context.clock.fast_forward(11_000)

    await expect(page.get_by_text("Closed, waits for the scrutineers")).to_have_count(0)
    await expect(page.get_by_text("You can take this look")).to_have_count(0)
    assert posts == []
