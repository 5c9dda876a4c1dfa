"""Phone, console and stage side by side through the roundtable's polls, in a real browser."""

from playwright.async_api import Page, expect

from polls.model import Event
from tests.conftest import Running
from tests.e2e.conftest import People, axe

FIRST = "Increase public investments"


async def answer(phone: Page, *options: str) -> None:
    for option in options:
        await phone.get_by_label(option, exact=True).check()
    await phone.get_by_role("button", name="Send", exact=True).click()
    await expect(phone.get_by_text("Counted ").first).to_be_visible()


async def press(console: Page, words: str) -> None:
    """The space bar, once the big button says `words` and no longer guards against a double press."""
    await expect(console.locator("#main-action:not([data-fresh])")).to_contain_text(words)
    await console.keyboard.press("Space")


async def test_moderator_steers_a_poll_and_everyone_sees_the_same(people: People, loaded: Event) -> None:
    console = await people.console(loaded.id)
    stage = await people.stage(loaded.id)
    phones = [await people.phone(loaded.join_code, segment="audience") for _ in range(2)]

    await press(console, "Next: How can public authorities")
    await expect(stage.locator("#question")).to_contain_text("How can public authorities support business")
    await expect(stage.locator("#counted-of")).to_contain_text("Voting opens soon")
    await press(console, "Open voting")
    await answer(phones[0], FIRST)
    await expect(stage.locator("#plot")).to_contain_text("100 %")
    await answer(phones[1], "Simplify regulations")

    await expect(stage.locator("#turnout-text")).to_have_text("2 of 2 phones")
    for number in ("#n-counted", "#n-shown", "#n-phones"):
        await expect(console.locator(number)).to_have_text("2")
    await expect(stage.locator("#plot")).to_contain_text("50 %")

    await press(console, "Close voting")
    await expect(phones[0].get_by_text(f"Your answer: {FIRST}")).to_be_visible()
    await press(console, "Publish the result")
    for page in (stage, *phones):
        tie = page.get_by_text(f"{FIRST} and Simplify regulations share first place")
        await expect(tie.first).to_be_visible()


async def test_second_moderator_sees_the_first_one_act_and_carries_on(people: People, loaded: Event) -> None:
    first, second = await people.console(loaded.id), await people.console(loaded.id)

    await press(first, "Next: How can public authorities")
    await press(first, "Open voting")
    await expect(second.locator("#main-action")).to_contain_text("Close voting")
    await people.leave(first)
    await press(second, "Close voting")

    await expect(second.locator("#main-action")).to_contain_text("Publish the result")
    await expect(second.locator("#action-list li").nth(2)).to_be_attached()


async def test_question_for_one_segment_reaches_that_segment_only(people: People, loaded: Event) -> None:
    console = await people.console(loaded.id)
    authority = await people.phone(loaded.join_code, segment="public-authority")
    business = await people.phone(loaded.join_code, segment="business")

    await console.locator("#show-authority-needs").click()
    await press(console, "Open voting")

    await expect(authority.get_by_role("heading", name="As public authority, how could")).to_be_visible()
    await expect(business.get_by_text("This question is for another group")).to_be_visible()
    assert await business.locator("input[name=selections]").count() == 0


async def test_vote_on_people_shows_nothing_before_the_reveal(people: People, loaded: Event) -> None:
    console = await people.console(loaded.id)
    stage = await people.stage(loaded.id)
    phone = await people.phone(loaded.join_code, segment="audience")
    frames: list[str] = []
    spy = await people.context("stage")
    watcher = await spy.new_page()
    watcher.on("websocket", lambda ws: ws.on("framereceived", lambda data: frames.append(str(data))))
    await watcher.goto(f"{people.running.base}/stage/{loaded.id}")

    await console.locator("#show-cluster-manager-2020").click()
    await press(console, "Open voting")
    await phone.get_by_label("Uwe Pfeil").check()
    await phone.get_by_role("button", name="Send", exact=True).click()
    await expect(stage.locator("#turnout-text")).to_have_text("1 of 1 phone")
    await press(console, "Close voting")
    await expect(console.locator("#main-action")).to_contain_text("Reveal the result")

    assert not await stage.get_by_text("Uwe Pfeil").count()
    assert not any("Uwe Pfeil" in frame for frame in frames)
    await press(console, "Reveal the result")
    await expect(stage.get_by_text("Uwe Pfeil is first with 1 of 1 vote").first).to_be_visible()
    await expect(phone.get_by_text("Uwe Pfeil is first with 1 of 1 vote").first).to_be_visible()


async def test_no_page_breaks_an_accessibility_rule(people: People, running: Running, loaded: Event) -> None:
    console = await people.console(loaded.id)
    await press(console, "Next: How can public authorities")
    await press(console, "Open voting")
    found = {}
    for scheme in ("light", "dark"):
        phone = await people.phone(
            loaded.join_code, segment="audience", size="narrow", color_scheme=scheme, reduced_motion="reduce"
        )
        fresh_phone = await people.page(
            await people.context("narrow", color_scheme=scheme), f"/j/{loaded.join_code}"
        )
        pages = {
            "start": await people.page(await people.context("narrow", color_scheme=scheme), "/"),
            "seat": fresh_phone,
            "phone": phone,
            "stage": await people.stage(loaded.id, f"&theme={scheme}", reduced_motion="reduce"),
            "console": await people.console(loaded.id, color_scheme=scheme),
            "organiser": await people.organiser(loaded.id, color_scheme=scheme),
        }
        await expect(phone.get_by_role("button", name="Send", exact=True)).to_be_visible()
        await expect(pages["stage"].locator("#phase")).to_have_text("Voting is open")
        for name, page in pages.items():
            found[f"{name} {scheme}"] = await axe(page)
        is_wider = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        for name in ("start", "seat", "phone"):
            assert not await pages[name].evaluate(is_wider), name
    assert {name: faults for name, faults in found.items() if faults} == {}
