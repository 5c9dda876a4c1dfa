"""An award's voter in a real Chromium: code or QR code, receipt; offline, and without a script."""

import asyncio
import re

import pytest
from playwright.async_api import Page, Route, expect

from polls.award.model import BallotForm, Electorate
from polls.model import Event
from tests.conftest import Running, fresh
from tests.e2e.conftest import People, axe
from tests.server.booth import Booth, prize
from tests.server.voter import EMPTY
from voting.record.receipt import is_receipt, read_receipt

SEND = "[data-send]"
STATE = "#paper [data-state]"


@pytest.fixture
def gathering() -> Event:
    return fresh(EMPTY)


@pytest.fixture
async def booth(running: Running, gathering: Event) -> Booth:
    return await Booth.set_up(running.context, gathering, prize())


async def look_over(page: Page) -> None:
    """From the paper to the question whether this is the ballot; the same button is pressed in both."""
    await expect(page.locator("html[data-ready]")).to_be_attached()
    await expect(page.locator(SEND)).to_have_text("Look it over")  # until then the code is asked about
    await page.locator(SEND).click()
    await expect(page.get_by_role("heading", name="Is this your ballot?")).to_be_visible()


async def look_over_and_cast(page: Page) -> None:
    await look_over(page)
    await page.locator(SEND).click()


async def receipt_of(page: Page) -> str:
    await expect(page.locator("[data-counted]")).to_contain_text("Counted")
    shown = await page.locator("[data-receipt]").text_content() or ""
    assert re.fullmatch(r"[a-z2-7]{4}-[a-z2-7]{4}-[a-z2-7]{4}", shown)
    receipt = read_receipt(shown)
    assert is_receipt(receipt)
    return receipt


async def has(booth: Booth, receipt: str) -> bool:
    return await booth.context.awards.box.has_receipt(booth.at, receipt)


async def test_a_scanned_code_leaves_the_address_and_casts_a_final_ballot(
    people: People, booth: Booth
) -> None:
    phone = await people.page(await people.context("phone"), f"/v#{booth.codes[0].token}")
    await expect(phone.get_by_label("Bram Okafor")).to_be_visible()
    await expect(phone).to_have_url(re.compile(f"/vote/{booth.path}$"))
    await expect(phone.locator("#paper [data-step=code]")).to_be_hidden()
    await phone.locator(SEND).click()
    await expect(phone.locator(STATE)).to_have_text("Choose first.")
    await phone.get_by_label("Bram Okafor").check()
    await phone.locator(SEND).click()
    await expect(phone.get_by_role("heading", name="Is this your ballot?")).to_be_focused()
    await expect(phone.locator("[data-answer]")).to_have_text("Bram Okafor")
    await expect(phone.get_by_text("This cannot be changed afterwards.")).to_be_visible()
    assert await booth.in_the_box() == 0
    await phone.get_by_role("button", name="Back to the paper").click()
    await phone.get_by_label("Ada Lindqvist").check()
    await phone.locator(SEND).click()
    await phone.locator("summary", has_text="A word of your own").click()
    await phone.locator("[data-word]").fill("marmalade")
    await phone.locator(SEND).click()
    receipt = await receipt_of(phone)
    await expect(phone.locator("[data-counted]")).to_be_focused()
    assert await has(booth, receipt)
    kept = await phone.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert booth.codes[0].token not in kept and "ada" not in kept and receipt in kept
    await phone.reload()
    assert await receipt_of(phone) == receipt
    await phone.get_by_role("button", name="Remove the receipt").click()
    await expect(phone.locator("input[name=code]")).to_be_visible()
    assert receipt not in await phone.evaluate("JSON.stringify({...localStorage})")


async def test_a_tap_before_the_script_has_come_loses_no_scanned_code(people: People, booth: Booth) -> None:
    context = await people.context("phone")
    may_come = asyncio.Event()

    async def hold(route: Route) -> None:
        await may_come.wait()
        await route.continue_()

    await context.route(re.compile(r"/js/award_vote\.js$"), hold)
    phone = await context.new_page()
    await phone.goto(f"{people.running.base}/v/{booth.path}#{booth.codes[0].token}", wait_until="commit")
    await phone.get_by_label("Ada Lindqvist").check()
    async with phone.expect_navigation(wait_until="commit"):
        await phone.locator(SEND).click(no_wait_after=True)
    assert "#" not in phone.url
    may_come.set()
    await expect(phone.locator("#paper [data-step=code]")).to_be_hidden()
    await expect(phone.get_by_label("Ada Lindqvist")).to_be_checked()
    await look_over(phone)
    await expect(phone.get_by_role("heading", name="Is this your ballot?")).to_be_focused()
    await phone.locator(SEND).click()
    assert await has(booth, await receipt_of(phone))


async def test_a_typed_code_is_checked_before_the_paper(people: People, booth: Booth) -> None:
    await booth.cast(1, "ada")
    phone = await people.page(await people.context("phone"), f"/vote/{booth.path}")
    await expect(phone.locator("#paper fieldset")).to_be_hidden()
    code = phone.get_by_label("Your voting code")
    for typed, said in (
        ("", "Type your voting code first."),
        ("12345", "A voting code has ten letters and digits."),
        (booth.codes[1].code, "This code has been used for another ballot."),
    ):
        await code.fill(typed)
        await phone.locator(SEND).click()
        await expect(phone.locator(STATE)).to_contain_text(said)
    await code.fill(booth.codes[2].code.lower())
    await code.press("Enter")
    await expect(phone.get_by_label("Ada Lindqvist")).to_be_visible()
    await phone.reload()  # the code outlives it, in this tab alone
    await expect(phone.get_by_label("Ada Lindqvist")).to_be_visible()
    await booth.context.awards.settling.checkpoint(*booth.at, 1)
    await phone.get_by_label("I abstain").check()
    await phone.locator(SEND).click()
    await expect(phone.locator("[data-answer]")).to_contain_text("You abstain.")
    await phone.locator(SEND).click()
    assert await has(booth, await receipt_of(phone))


async def test_a_ballot_whose_reply_was_lost_is_sent_again_with_the_same_receipt(
    people: People, booth: Booth
) -> None:
    context = await people.context("phone")
    phone = await people.page(context, f"/v/{booth.path}#{booth.codes[0].token}")
    sent: list[str] = []

    async def lose(route: Route) -> None:
        sent.append(route.request.post_data or "")
        if len(sent) == 1:
            await route.fetch()  # the server counts it, and its answer never comes
        await route.abort()

    await phone.route("**/cast?*", lose)
    await phone.get_by_label("Ada Lindqvist").check()
    await look_over_and_cast(phone)
    await expect(phone.locator(STATE)).to_contain_text("Not counted yet. Your ballot is kept on this phone")
    await expect(phone.locator("#counted")).to_be_hidden()
    await phone.close()  # the tab is killed
    again = await people.page(context, f"/vote/{booth.path}")
    receipt = await receipt_of(again)
    await expect(again.locator("[data-again]")).to_contain_text("in the box already")
    assert f'"receipt":"{receipt}"' in sent[0]
    assert await booth.in_the_box() == 1 and await has(booth, receipt)


async def test_offline_the_ballot_waits_and_a_closed_vote_says_the_truth(
    people: People, booth: Booth
) -> None:
    phones = []
    for voter in (0, 1):
        phone = await people.page(
            await people.context("phone"), f"/v/{booth.path}#{booth.codes[voter].token}"
        )
        await phone.get_by_label("Ada Lindqvist").check()
        await look_over(phone)
        await phone.context.set_offline(True)
        await phone.locator(SEND).click()
        await expect(phone.locator(STATE)).to_contain_text("You are offline. Your ballot is kept")
        phones.append(phone)
    await phones[0].context.set_offline(False)
    assert await has(booth, await receipt_of(phones[0]))
    await booth.close()
    await phones[1].context.set_offline(False)
    await expect(phones[1].locator(STATE)).to_contain_text("Not counted: voting was closed before")
    await expect(phones[1].locator("#counted")).to_be_hidden()
    assert await booth.in_the_box() == 1


async def test_a_ranking_is_tapped_on_a_device_that_votes_once(
    people: People, running: Running, gathering: Event
) -> None:
    rules = prize(form=BallotForm.RANKING, method="borda", most=0, electorate=Electorate.DEVICES)
    booth = await Booth.set_up(running.context, gathering, rules)
    phone = await people.page(await people.context("phone"), f"/vote/{booth.path}")
    await expect(phone.get_by_text("One vote per phone, not per person.")).to_be_visible()
    for name in ("Chiara Novak", "Ada Lindqvist"):
        await phone.locator("button.name", has_text=name).click()
    await expect(phone.locator(STATE)).to_contain_text("Placed 2 of 3")
    await phone.locator(SEND).click()
    await expect(phone.locator("[data-answer]")).to_have_text("1 Chiara Novak, 2 Ada Lindqvist")
    await phone.locator(SEND).click()
    assert await has(booth, await receipt_of(phone))
    await booth.close()
    await booth.seal()
    _, result = await running.context.awards.papers_and_result(gathering.id, rules, await booth.read())
    assert result.winners == ("chiara",)


async def test_without_a_script_the_same_ballot_is_cast_and_found_in_the_record(
    people: People, running: Running, gathering: Event
) -> None:
    booth = await Booth.set_up(
        running.context, gathering, prize(form=BallotForm.APPROVAL, method="approval", most=2)
    )
    context = await people.context("phone", java_script_enabled=False)
    phone = await people.page(context, f"/vote/{booth.path}")
    await phone.get_by_label("Your voting code").fill(booth.codes[0].code)
    await phone.get_by_label("Ada Lindqvist").check()
    await phone.get_by_label("Bram Okafor").check()
    await phone.get_by_role("button", name="Look it over").click()
    await expect(phone.get_by_text("Ada Lindqvist, Bram Okafor")).to_be_visible()
    await expect(phone.get_by_role("heading", name="Is this your ballot?")).to_be_focused()
    await phone.get_by_role("button", name="Cast this ballot").click()
    receipt = await receipt_of(phone)
    await expect(phone.get_by_text("The server made this receipt")).to_be_visible()
    await expect(phone.locator("[data-counted]")).to_be_focused()
    assert await has(booth, receipt)
    await booth.close()
    await booth.seal()
    await booth.publish()
    page = await people.page(context, f"/award/{booth.path}")
    await page.get_by_label("Your receipt").fill(receipt.upper())
    await page.get_by_role("button", name="Find it").click()
    await expect(page.get_by_text("It says: Ada Lindqvist, Bram Okafor.")).to_be_visible()
    await expect(page.locator(".found")).to_be_focused()
    await expect(page.locator(".found")).to_be_in_viewport()


async def test_the_pages_pass_axe_at_320_pixels_dark_and_light(people: People, booth: Booth) -> None:
    for voter, scheme in enumerate(("dark", "light")):
        context = await people.context("narrow", color_scheme=scheme)
        phone = await people.page(context, f"/vote/{booth.path}")
        found = await axe(phone)
        await phone.get_by_label("Your voting code").fill(booth.codes[voter].code)
        await phone.locator(SEND).click()
        await phone.get_by_label("Ada Lindqvist").check()
        found += await axe(phone)
        await look_over(phone)
        found += await axe(phone)
        await phone.locator(SEND).click()
        await receipt_of(phone)
        found += await axe(phone)
        for page in (
            phone,
            await people.page(context, f"/award/{booth.path}"),
            await people.page(context, "/v"),
        ):
            width = await page.evaluate("document.documentElement.scrollWidth")
            assert width <= 320
        assert found + await axe(page) == []


async def test_all_that_voting_takes_is_small(people: People, running: Running, gathering: Event) -> None:
    rules = prize(form=BallotForm.RANKING, method="borda", most=0)
    booth = await Booth.set_up(running.context, gathering, rules)
    context = await people.context("phone")
    phone = await people.page(context, f"/v/{booth.path}#{booth.codes[0].token}")
    await expect(phone.locator("button.name").first).to_be_visible()
    sizes = await phone.evaluate(
        "performance.getEntries().map((one) => [one.name, one.encodedBodySize ?? 0])"
    )
    loaded = {str(name).rsplit("/", 1)[-1]: int(size) for name, size in sizes if size}
    assert {"receipt.js", "sha2.js", "phone_rank.js"} <= loaded.keys()
    assert sum(loaded.values()) <= 40_000, loaded
