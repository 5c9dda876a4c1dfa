"""The phone in a real Chromium when something is missing: network, tab, script, reply or store."""

import asyncio
from collections.abc import Awaitable, Callable

from playwright.async_api import BrowserContext, Page, Route, expect

from polls.lifecycle import Action
from polls.model import Event
from tests.conftest import Running
from tests.e2e.conftest import Act, Asked, People
from tests.e2e.phones import (
    COUNTED,
    SLOWER,
    answer,
    block_sockets,
    choose,
    connected,
    counted,
    go_offline,
    send,
    send_the_change,
)
from tests.e2e.questions import in_the_box, total
from tests.waiting import eventually


async def without_sockets(people: People) -> BrowserContext:
    """A phone whose network lets no sockets through, and whose clock the test can put on."""
    context = await people.context("phone")
    await block_sockets(context)
    await context.clock.install()
    return context


IsSo = Callable[[Page], Awaitable[bool]]


def says(where: str, text: str) -> IsSo:
    async def is_so(page: Page) -> bool:
        found = page.locator(where)
        return await found.count() > 0 and text in await found.first.inner_text()

    return is_so


async def in_time(page: Page, is_so: IsSo) -> None:
    """It comes to be so while the page's clock goes on; nobody has to wait as long as the page does."""

    async def after_a_while() -> bool:
        await page.context.clock.fast_forward(3_000)  # a leap lets each timer go off once
        return await is_so(page)

    await eventually(after_a_while, timeout_s=20)


async def test_a_vote_made_offline_survives_the_killed_tab_and_is_counted_once(
    people: People, running: Running, gathering: Event, asked: Asked
) -> None:
    phone = await asked("lunch")
    await go_offline(phone)
    await choose(phone, "Poor")
    await send(phone)
    await expect(phone.locator("[data-state]")).to_contain_text("You are offline. Your answer is kept")
    phone = await people.back(phone)
    await counted(phone)
    await expect(phone.get_by_label("Poor", exact=True)).to_be_checked()
    assert await in_the_box(running, gathering, "lunch") == {"3": 1}


async def test_a_vote_that_comes_back_too_late_says_so(
    running: Running, gathering: Event, act: Act, asked: Asked
) -> None:
    phone = await asked("lunch")
    await go_offline(phone)
    await choose(phone, "Poor")
    await send(phone)
    await act("lunch", Action.CLOSE)
    await phone.context.set_offline(False)
    await expect(phone.get_by_text("Not counted: voting had closed.").first).to_be_visible(timeout=20_000)
    assert await total(running, gathering, "lunch") == 0


async def test_the_second_tab_hears_that_the_first_has_answered(
    people: People, running: Running, gathering: Event, act: Act
) -> None:
    await act("lunch", Action.OPEN)
    one = await people.phone(gathering.join_code)
    other = await people.page(one.context, f"/j/{gathering.join_code}")
    await choose(one, "Good")
    await choose(other, "Poor")
    await send(one)
    await counted(one)
    await expect(other.get_by_label("Poor", exact=True)).to_be_checked()
    await send(other)
    await expect(
        other.get_by_text("You already answered in another tab. That answer is counted.").first
    ).to_be_visible()
    await expect(other.get_by_label("Good", exact=True)).to_be_checked()
    assert await in_the_box(running, gathering, "lunch") == {"1": 1}


async def test_an_untouched_tab_shows_what_another_tab_has_sent(
    people: People, gathering: Event, act: Act
) -> None:
    await act("lunch", Action.OPEN)
    one = await people.phone(gathering.join_code)
    other = await people.page(one.context, f"/j/{gathering.join_code}")
    await choose(one, "Good")
    await send(one)
    await counted(other)
    await expect(other.get_by_label("Good", exact=True)).to_be_checked()


async def test_without_websockets_the_phone_votes_by_plain_requests(
    people: People, running: Running, gathering: Event, act: Act
) -> None:
    context = await without_sockets(people)
    phone = await people.page(context, f"/j/{gathering.join_code}")
    await in_time(phone, says("#link", SLOWER))
    await act("lunch", Action.OPEN)
    await in_time(phone, says("h1", "How was lunch?"))
    await answer(phone, "Good")
    assert await in_the_box(running, gathering, "lunch") == {"1": 1}


async def test_without_a_script_the_form_votes_and_can_be_changed(
    people: People, running: Running, gathering: Event, act: Act
) -> None:
    phone = await people.phone(gathering.join_code, java_script_enabled=False)
    await act("lunch", Action.OPEN)
    await phone.reload()  # the page does it by itself, but Chromium's switch for tests leaves <noscript> out
    await answer(phone, "Good")
    await phone.get_by_text("Change my answer").click()
    await choose(phone, "Poor")
    await send_the_change(phone)
    await phone.reload()
    assert await in_the_box(running, gathering, "lunch") == {"3": 1}


async def test_a_browser_that_keeps_nothing_still_votes(
    people: People, running: Running, gathering: Event, act: Act
) -> None:
    await act("lunch", Action.OPEN)
    context = await people.context("phone")
    await context.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new Error('no') }})"
    )
    phone = await people.page(context, f"/j/{gathering.join_code}")
    await answer(phone, "Good")
    assert await total(running, gathering, "lunch") == 1


async def test_a_dropped_reply_is_asked_for_again_and_counts_once(
    people: People, running: Running, gathering: Event, act: Act
) -> None:
    await act("lunch", Action.OPEN)
    context = await without_sockets(people)
    dropped = asyncio.Event()

    async def lose_the_first_reply(route: Route) -> None:
        if dropped.is_set():
            await route.continue_()
            return
        dropped.set()
        await route.fetch()  # it reaches the box
        await route.abort()  # the phone never hears of it

    await context.route("**/cast*", lose_the_first_reply)
    phone = await people.page(context, f"/j/{gathering.join_code}")
    await in_time(phone, says("#link", SLOWER))
    await choose(phone, "Good")
    await send(phone)
    await eventually(dropped.is_set, what="the reply is lost")
    await in_time(phone, says(COUNTED, "Counted"))
    assert await in_the_box(running, gathering, "lunch") == {"1": 1}


async def test_after_a_restart_of_the_store_the_phone_offers_its_ballot_again(
    people: People, running: Running, gathering: Event, act: Act
) -> None:
    await act("lunch", Action.OPEN)
    context = await without_sockets(people)
    casts: list[str | None] = []
    lost = asyncio.Event()

    async def without_the_last_second(route: Route) -> None:
        state = await (await route.fetch()).json()
        if lost.is_set():
            state["welcome"] |= {"epoch": "after-a-power-cut", "own": []}
        await route.fulfill(json=state)

    await context.route("**/state*", without_the_last_second)
    phone = await people.page(context, f"/j/{gathering.join_code}")
    phone.on("request", lambda request: casts.append(request.post_data) if "/cast" in request.url else None)
    await in_time(phone, says("#link", SLOWER))
    await answer(phone, "Good")
    lost.set()

    async def offered_again(page: Page) -> bool:
        return len(casts) > 1

    await in_time(phone, offered_again)
    assert casts[0] == casts[1]  # the same rev and nonce
    await counted(phone)
    assert await in_the_box(running, gathering, "lunch") == {"1": 1}


async def test_what_an_earlier_event_of_this_name_left_behind_is_not_taken_for_counted(
    gathering: Event, asked: Asked
) -> None:
    phone = await asked("lunch")
    epoch = await phone.evaluate("JSON.parse(document.getElementById('data').textContent).epoch")
    await phone.evaluate(
        """([event, epoch]) => localStorage.setItem(`hemicycle:${event}`, JSON.stringify({'lunch:1': {
            poll: 'lunch', round: 1, rev: 1, nonce: 'left-behind', selections: ['1'], state: 'counted',
            at: '10:42:03', ms: Date.now() - 3600_000, epoch, words: '', message: ''}}))""",
        [gathering.id, epoch],
    )
    await phone.reload()
    await connected(phone)
    await expect(phone.locator("[data-state]")).to_have_text("Choose one")
    await expect(phone.get_by_label("Good", exact=True)).to_be_enabled()
