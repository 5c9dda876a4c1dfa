"""An award in real browsers, from the freeze to the recounted record: organiser, juror, scrutineers, voter,
stage and a phone in the hall."""

import csv
import dataclasses
import io
import zipfile
from pathlib import Path

from playwright.async_api import Page, expect

from polls.award.model import AwardId, JuryRound
from server.auth import Role
from server.rehearsal.award_record import recount
from server.routes.award_common import juror_role
from tests.conftest import Running
from tests.e2e.conftest import People, press_key
from tests.e2e.test_award_vote import look_over_and_cast, receipt_of
from tests.polls.award_sample import ANA, BEN
from tests.server.award.desk import desk, on_server, scrutineer_token, scrutiny
from tests.server.award.hall import Prize, prize

MARKS = {"a": 9, "b": 8, "c": 2, "d": 1}
SENTENCE = "A wins with 1 of 1 vote (100 %)"


def jury_of_one() -> JuryRound:
    jury = prize().jury[0]
    return dataclasses.replace(jury, jurors=jury.jurors[:1], quorum_min=1)


async def confirm(page: Page, summary: str, button: str) -> None:
    """Open what asks for confirmation, and confirm; the page says that it is done."""
    await page.locator("summary", has_text=summary).first.click()
    await page.get_by_role("button", name=button, exact=True).click()
    await expect(page.locator("#notice")).not_to_be_empty()


async def download(page: Page, what: str) -> bytes:
    async with page.expect_download() as waiting:
        await page.locator(what).click()
    return Path(await (await waiting.value).path()).read_bytes()


async def freeze(page: Page, codes: int) -> list[str]:
    """The organiser freezes the rules and makes codes; gives their tokens."""
    await page.locator("#rules > .confirm summary").click()
    await page.get_by_label("Type FREEZE").fill("FREEZE")
    await page.get_by_role("button", name="Freeze for good").click()
    await expect(page.locator("#notice")).to_have_text("The rules are frozen.")
    await page.locator("[id='count-voters']").fill(str(codes))
    content = await download(page, "#codes button[type=submit]")
    with zipfile.ZipFile(io.BytesIO(content)) as files:
        rows = csv.DictReader(io.StringIO(files.read("codes.csv").decode("utf-8-sig")))
        return [row["link"].partition("#")[2] for row in rows]


async def judge(juror: Page) -> None:
    """Marks by tapping, a look at them, the lock."""
    for candidate, mark in MARKS.items():
        await juror.locator(f"label:has(input[name='mark.{candidate}.idea'][value='{mark}'])").click()
    await juror.locator("button[value=review]").click()
    await juror.locator("button[value=lock]").click()
    await expect(juror.locator("button[value=unlock]")).to_be_visible()


async def approve(pages: list[Page]) -> None:
    """Each scrutineer compares the words and approves; all see the same words."""
    words = set()
    for page in pages:
        await page.reload()
        words.add(await page.locator(".big-words").text_content())
        await page.get_by_label("I have compared these words with the stage").check()
        await page.get_by_role("button", name="Approve this box").click()
        await expect(page.locator("#notice")).to_have_text("The box is approved.")
    assert len(words) == 1


async def hold(organiser: Page, act: str) -> None:
    await organiser.reload()
    await confirm(organiser, f"{act} the round", f"{act} it now")


async def links(people: People, running: Running, award: Prize) -> tuple[Page, list[Page]]:
    """The juror's tablet and the two scrutineers."""
    keyring = running.context.keyring
    key = keyring.token(award.event, juror_role(AwardId(award.award.id), "j1"), 1)
    path = f"/jury/{award.event}/{award.award.id}?key={key}"
    scrutineers = [
        await people.page(
            await people.context("phone"),
            f"{scrutiny(award)}?key={scrutineer_token(running, award, who)}",
        )
        for who in (ANA, BEN)
    ]
    return await people.page(await people.context("phone"), path), scrutineers


async def test_an_award_from_the_freeze_to_the_recounted_record(people: People, running: Running) -> None:
    award = await on_server(running, prize(jury=(jury_of_one(),)))
    token = await running.token(award.event, Role.ORGANISER)
    organiser = await people.page(await people.context("console"), f"{desk(award)}?key={token}")
    live = await running.context.event(award.event)
    hall = await people.phone(live.state.event.join_code)
    tokens = await freeze(organiser, 3)
    juror, scrutineers = await links(people, running, award)

    await hold(organiser, "Open")
    await juror.reload()
    await judge(juror)
    await hold(organiser, "Close")
    await approve(scrutineers)

    await hold(organiser, "Open")
    phone = await people.page(await people.context("phone"), f"/v#{tokens[0]}")
    await phone.get_by_label("A", exact=True).check()
    await look_over_and_cast(phone)
    receipt = await receipt_of(phone)
    await hold(organiser, "Close")
    await approve(scrutineers)

    stage = await people.stage(award.event)
    await organiser.request.post(
        f"{running.base}/console/{award.event}/show",
        form={"award": award.award.id},
        headers={"authorization": f"Bearer {token}", "accept": "application/json"},
    )
    await expect(stage.locator(".award-large")).to_have_text("The result is sealed")
    await press_key(stage, "PageDown")
    await expect(stage.locator(".award-name")).to_have_text("B")
    assert SENTENCE not in await hall.content()
    await press_key(stage, "PageDown")
    await expect(stage.locator(".award-name")).to_have_text("A")
    await expect(hall.locator("#results .sentence")).to_have_text(SENTENCE)

    await organiser.reload()
    await confirm(organiser, "Publish the record", "Publish it now")
    await phone.goto(f"{running.base}/award/{award.event}/{award.award.id}")
    record = await download(phone, "a[href$='record.zip']")
    said, is_sound = recount(record)
    assert is_sound, said
    await phone.get_by_label("Your receipt").fill(receipt)
    await phone.get_by_role("button", name="Find it").click()
    await expect(phone.get_by_text("It says: A.")).to_be_visible()
