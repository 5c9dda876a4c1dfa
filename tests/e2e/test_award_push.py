"""Open pages of an award in a real Chromium: checkpoints come by push, and by asking where sockets do not."""

import re

from playwright.async_api import Page, expect

from polls.award.life import ProposalKind
from polls.model import Event
from server.wire import Bye, encode
from tests.conftest import Running
from tests.e2e.conftest import People
from tests.e2e.phones import block_sockets
from tests.e2e.test_award_vote import SEND, booth, gathering, look_over_and_cast, receipt_of
from tests.server.booth import SCRUTINEERS, Booth, prize
from tests.waiting import eventually

__all__ = ["booth", "gathering"]


async def pin(booth: Booth) -> str:
    """A checkpoint of what is in the box; gives its words."""
    assert await booth.context.awards.settling.checkpoint(*booth.at, 1)
    head = await booth.context.awards.head(booth.event.id, booth.award.id)
    assert head is not None
    return " ".join(head.words)


async def vote(phone: Page) -> None:
    await phone.get_by_label("Ada Lindqvist").check()
    await look_over_and_cast(phone)
    await receipt_of(phone)


async def is_listening(booth: Booth, pages: int) -> None:
    hub = booth.context.hub
    (topic,) = await eventually(lambda: hub.topics(booth.event.id, "award"), what="a page listens")
    await eventually(lambda: hub.listeners(topic) == pages, what="all pages listen")


def requests_from_now(*pages: Page) -> list[str]:
    """Whatever the pages ask by HTTP from here on; sockets are not among it, nor the browser's own icon."""
    asked: list[str] = []
    for page in pages:
        page.on("request", lambda one: None if "/static/" in one.url else asked.append(one.url))
    return asked


async def test_a_checkpoint_comes_to_every_open_page_without_being_asked_for(
    people: People, booth: Booth
) -> None:
    voter = await people.page(await people.context("phone"), f"/v/{booth.path}#{booth.codes[0].token}")
    public = await people.page(await people.context("phone"), f"/award/{booth.path}")
    hall = await people.page(await people.context("phone"), f"/j/{booth.event.join_code}")
    await vote(voter)
    await is_listening(booth, 2)
    await eventually(lambda: booth.context.hub.phones(booth.event.id) == 1, what="the hall's phone listens")
    for page in (voter, public):
        await expect(page.locator("[data-head]")).to_have_text("No checkpoint yet.")
    await expect(voter.locator("[data-pin]")).to_contain_text("The next checkpoint will hold your ballot.")
    await expect(hall.get_by_role("link", name="Vote now")).to_be_visible()
    asked = requests_from_now(voter, public, hall)

    await booth.cast(1, "bram")
    words = await pin(booth)

    said = f"Newest checkpoint: 2 ballots, in words {words}."
    for page in (voter, public):
        await expect(page.locator("[data-head]")).to_have_text(said)
        await expect(page.locator("[data-turnout]")).to_have_text("2 of 8 codes have been used.")
    await expect(hall.locator(".idle")).to_contain_text(said)
    pinned = f"This checkpoint holds your ballot (2 in all): {words}."
    await expect(voter.locator("[data-pin]")).to_contain_text(pinned)
    assert asked == []

    await booth.cast(2, "bram")
    newer = await pin(booth)

    await expect(voter.locator("[data-head]")).to_contain_text(newer)
    await expect(voter.locator("[data-pin]")).to_contain_text(pinned)  # the first that holds it stays
    assert asked == []
    await voter.reload()
    await expect(voter.locator("[data-pin]")).to_contain_text(pinned)


async def test_a_ballot_after_the_last_checkpoint_is_held_by_the_closed_box(
    people: People, booth: Booth
) -> None:
    await booth.cast(1, "bram")
    first = await pin(booth)
    voter = await people.page(await people.context("phone"), f"/v/{booth.path}#{booth.codes[0].token}")
    await expect(voter.locator("[data-head]")).to_contain_text(first)
    await vote(voter)
    await expect(voter.locator("[data-pin]")).to_contain_text("The next checkpoint will hold your ballot.")
    asked = requests_from_now(voter)

    await booth.close()

    head = await booth.context.awards.head(booth.event.id, booth.award.id)
    assert head is not None
    await expect(voter.locator("[data-pin]")).to_contain_text(f"(2 in all): {' '.join(head.words)}.")
    assert asked == []


async def test_a_page_whose_socket_was_lost_comes_back_and_hears_what_it_missed(
    people: People, booth: Booth
) -> None:
    hub = booth.context.hub
    public = await people.page(await people.context("phone"), f"/award/{booth.path}")
    await is_listening(booth, 1)
    asked = requests_from_now(public)
    await booth.cast(1, "bram")

    await public.context.set_offline(True)
    hub.dismiss(booth.event.id, "award", encode(Bye(window_ms=500)))
    await eventually(lambda: not hub.topics(booth.event.id, "award"), what="it is gone")
    words = await pin(booth)
    await expect(public.locator("[data-head]")).to_have_text("No checkpoint yet.")
    await public.context.set_offline(False)

    await expect(public.locator("[data-head]")).to_contain_text(words)
    assert asked == []


async def test_pages_change_by_themselves_as_the_vote_goes_on_but_not_under_a_thumb(
    people: People, running: Running, gathering: Event
) -> None:
    booth = await Booth.set_up(running.context, gathering, prize(), open=False)
    voter = await people.page(await people.context("phone"), f"/v/{booth.path}#{booth.codes[0].token}")
    public = await people.page(await people.context("phone"), f"/award/{booth.path}")
    await expect(voter.get_by_text("The vote has not begun.")).to_be_visible()
    await is_listening(booth, 2)
    asked = requests_from_now(voter, public)

    await booth.open()

    await expect(public.get_by_role("link", name="To the vote")).to_be_visible()
    await voter.get_by_label("Ada Lindqvist").check()  # the code was scanned while the page waited
    await expect(voter.locator("input[name=code]")).to_be_hidden()
    await booth.close()
    await expect(voter.locator("#paper [data-state]")).to_contain_text("Voting is closed. Nothing was sent")
    await expect(voter.get_by_label("Ada Lindqvist")).to_be_checked()
    await expect(public.get_by_text("Vote of the audience: closed")).to_be_visible()
    assert not [one for one in asked if "/state" in one], "all this was pushed"


async def test_a_withdrawal_is_read_on_the_paper_that_somebody_fills_in(people: People, booth: Booth) -> None:
    voter = await people.page(await people.context("phone"), f"/v/{booth.path}#{booth.codes[0].token}")
    await voter.get_by_label("Ada Lindqvist").check()
    await is_listening(booth, 1)
    asked = requests_from_now(voter)
    acts, place = booth.context.awards.acts, (booth.event.id, booth.award.id)
    await acts.propose(*place, ProposalKind.WITHDRAW, "ada", "ill", SCRUTINEERS[0], "scrutineer")
    await acts.sign(*place, 1, SCRUTINEERS[1])
    said = "Withdrawn: Ada Lindqvist. A vote for them counts for nobody."

    await expect(voter.locator("[data-step=choose] [data-withdrawn]")).to_have_text(said)
    await expect(voter.get_by_label("Ada Lindqvist")).to_be_checked()
    await voter.locator(SEND).click()
    await expect(voter.locator("[data-step=confirm]").get_by_text(said)).to_be_in_viewport()
    await voter.get_by_role("button", name="Back to the paper").click()
    await voter.get_by_label("Bram Okafor").check()
    assert asked == []
    await look_over_and_cast(voter)
    await receipt_of(voter)


async def test_where_sockets_do_not_get_through_the_page_asks(people: People, booth: Booth) -> None:
    context = await people.context("phone")
    await block_sockets(context)
    await context.clock.install()
    voter = await people.page(context, f"/v/{booth.path}#{booth.codes[0].token}")
    await vote(voter)
    await booth.cast(1, "bram")
    words = await pin(booth)
    asked = requests_from_now(voter)

    async def has_asked() -> bool:
        # Again and again: it tries sockets before it asks, and a leap lets each timer go off once.
        await context.clock.fast_forward(60_000)
        return words in await voter.locator("[data-head]").inner_text()

    await eventually(has_asked, timeout_s=15, what="the page has asked")
    await expect(voter.locator("[data-pin]")).to_contain_text(words)
    assert [one for one in asked if re.search(r"/vote/[^/]+/prize/state\?lang=en$", one)]
