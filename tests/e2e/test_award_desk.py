"""An award as its organiser and a scrutineer hold it, in a real browser: from the freeze to the tie desk."""

import csv
import io
import zipfile
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from server.auth import Role
from tests.conftest import Running
from tests.e2e.conftest import People, axe
from tests.polls.award_sample import ANA, BEN, FINAL, JURY
from tests.server.award.desk import desk, on_server, open_vote, scrutineer_token, scrutiny
from tests.server.award.hall import Prize, prize
from tests.server.award.test_desk import CHAIR, with_chair


async def say_yes(page: Page, summary: str, button: str) -> None:
    """Open what asks for confirmation, and confirm."""
    await page.locator("summary", has_text=summary).first.click()
    await page.get_by_role("button", name=button, exact=True).click()


async def is_accessible(page: Page, *schemes: str) -> None:
    """No fault by axe in these colours, with everything that can be opened open."""
    await page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    for scheme in schemes:
        await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert await axe(page) == []
    await page.emulate_media(color_scheme="light")


async def downloaded_tokens(page: Page) -> list[str]:
    """The tokens of the codes that the page's form gives out."""
    async with page.expect_download() as waiting:
        await page.get_by_role("button", name="Make the codes and download them").click()
    path = Path(await (await waiting.value).path())
    with zipfile.ZipFile(path) as held:
        assert held.read("codes.pdf").startswith(b"%PDF")
        rows = csv.DictReader(io.StringIO(held.read("codes.csv").decode("utf-8-sig")))
        return [row["link"].partition("#")[2] for row in rows]


async def judge(award: Prize) -> None:
    for juror in ("j1", "j2", "j3"):
        assert await award.judge(juror, a=9, b=8, c=2, d=1) == "ok"


async def approve(award: Prize, scrutineer: Page, round_id: str) -> None:
    """One approves on the page, the other elsewhere."""
    await scrutineer.reload()
    await expect(scrutineer.locator(".big-words")).to_be_visible()
    await scrutineer.get_by_label("I have compared these words with the stage").check()
    await scrutineer.get_by_role("button", name="Approve this box").click()
    await expect(scrutineer.locator("#notice")).to_have_text("The box is approved.")
    await expect(scrutineer.get_by_text("You have approved this box.")).to_be_visible()
    root = (await award.run()).round(round_id).box_hash
    await award.awards.acts.approve(award.event, award.award.id, round_id, BEN, root)


async def test_from_the_freeze_to_the_tie_desk(people: People, running: Running) -> None:
    award = await on_server(running, prize(decision=CHAIR, jury=(with_chair(),)))
    token = await running.token(award.event, Role.ORGANISER)
    page = await people.page(await people.context("console"), f"{desk(award)}?key={token}")
    key = scrutineer_token(running, award, ANA)
    ana = await people.page(await people.context("phone"), f"{scrutiny(award)}?key={key}")
    notice = page.locator("#notice")

    await page.locator("#rules > .confirm summary").click()
    await page.get_by_label("Type FREEZE").fill("FREEZE")
    await page.get_by_role("button", name="Freeze for good").click()
    await expect(notice).to_have_text("The rules are frozen.")
    await page.locator("[id='count-voters']").fill("8")
    award.tokens = await downloaded_tokens(page)
    assert len(award.tokens) == 8
    await page.goto(running.base + desk(award))
    await expect(page.locator("#codes").get_by_text("Voters: 8 codes are made")).to_be_visible()
    await is_accessible(page, "light")

    await page.goto(running.base + desk(award))
    await say_yes(page, "Open the round", "Open it now")
    await expect(notice).to_have_text("The round is open.")
    await judge(award)
    await page.reload()
    await expect(page.get_by_text("3 of 3 jurors have locked their sheets")).to_be_visible()
    await say_yes(page, "Close the round", "Close it now")
    await expect(notice).to_contain_text("The round is closed.")
    await approve(award, ana, JURY)

    await page.reload()
    await expect(page.get_by_text("Going on: A and B")).to_be_visible()
    await say_yes(page, "Open the round", "Open it now")
    await expect(notice).to_have_text("The round is open.")
    assert await award.vote(0, "a") == "ok"
    await page.get_by_label("A", exact=True).fill("2")
    await page.get_by_label("B", exact=True).fill("3")
    await page.locator("#count-who").fill("Mo Reed")
    await is_accessible(page, "light", "dark")
    await page.get_by_role("button", name="Enter these figures").click()
    await expect(notice).to_contain_text("Now a second person types the same figures.")
    await ana.reload()
    await expect(ana.locator("#counts h3")).to_contain_text("entered by Mo Reed")
    await ana.get_by_label("A", exact=True).fill("3")
    await ana.get_by_role("button", name="Confirm with the same figures").click()
    await expect(ana.locator("#notice")).to_contain_text("These are not the figures of the first person")
    await ana.get_by_label("A", exact=True).fill("2")
    await ana.get_by_label("B", exact=True).fill("3")
    await is_accessible(ana, "light", "dark")
    await ana.get_by_role("button", name="Confirm with the same figures").click()
    await expect(ana.locator("#notice")).to_contain_text("The ballots are in the box.")
    await expect(ana.get_by_text("Voters: 5 by show of hands")).to_be_visible()
    assert await award.vote(1, "a") == "ok"
    assert await award.vote(2, "b") == "ok"
    # The numbers follow by themselves, and a form that somebody fills in stays.
    await expect(ana.get_by_text("Voters: 3 of 8 codes were used")).to_be_visible()
    await page.goto(running.base + desk(award))
    await say_yes(page, "Close the round", "Close it now")
    await expect(notice).to_contain_text("The round is closed.")
    await approve(award, ana, FINAL)

    await ana.reload()
    await ana.locator("#recount").get_by_role("button").last.click()
    await expect(ana.locator("#notice")).to_have_text("Everything was compared again, and all of it fits.")
    await is_accessible(ana, "dark")
    await page.reload()
    await page.get_by_role("button", name="Open the tie desk").click()
    await expect(page.get_by_text("Tied for first place: A and B")).to_be_visible()
    await is_accessible(page, "dark")
    await page.get_by_role("radio", name="B", exact=True).check()
    await page.get_by_label("Ada Chair has said this in front of witnesses").check()
    await page.get_by_role("button", name="Enter the casting vote").click()
    await expect(notice).to_have_text("The casting vote is entered.")
    await expect(page.locator(".next-thing")).to_have_text("Reveal the result on the stage, step by step.")


@pytest.mark.parametrize(("size", "scheme"), [("narrow", "light"), ("phone", "dark"), ("console", "dark")])
async def test_the_count_page_is_for_fingers_keys_and_ears(
    people: People, running: Running, size: str, scheme: str
) -> None:
    award = await on_server(running)
    await open_vote(award)
    token = await running.token(award.event, Role.MODERATOR)
    context = await people.context(size, color_scheme=scheme)
    page = await people.page(context, f"/console/{award.event}?key={token}")
    await page.goto(f"{running.base}{desk(award)}/count")
    notice = page.locator("#notice")
    await expect(notice).not_to_be_focused()
    assert await axe(page) == []
    small = await page.locator("button, input:not([type=hidden], [type=radio]), .check, a").evaluate_all(
        "all => all.filter(one => one.getBoundingClientRect().height < 44).map(one => one.outerHTML)"
    )
    assert small == []
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0
    await page.get_by_label("On paper").check()
    await page.get_by_label("A", exact=True).fill("12")
    await page.get_by_label("A", exact=True).press("Enter")
    # The page that follows begins with what it says, for eyes, keys and screen readers alike.
    await expect(notice).to_contain_text("Type your name")
    await expect(notice).to_be_focused()
    await expect(page.get_by_label("A", exact=True)).to_have_value("12")
    await expect(page.get_by_label("On paper")).to_be_checked()
    assert await axe(page) == []
    await page.get_by_label("Your name, for the record").fill("Mo Reed")
    await page.get_by_role("button", name="Enter these figures").click()
    await expect(notice).to_contain_text("Now a second person types the same figures.")
    await expect(notice).to_be_focused()
    await expect(page.get_by_label("A", exact=True)).to_have_value("")
    await expect(page.get_by_text("entered by Mo Reed, waits for a second person")).to_be_visible()
