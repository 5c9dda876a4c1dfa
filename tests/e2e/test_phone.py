"""The phone in a real Chromium: with script and without, offline, in two tabs, killed and back."""

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import BrowserContext, Page, Route, expect

from polls.lifecycle import Action
from polls.model import Event, Option, OptionId, OptionOrder, Poll, PollId, PollKind, Scale, Text
from polls.paper import display_order
from server import moderation
from server.loading import load_event
from tests.conftest import Running, with_polls
from tests.e2e.conftest import People, axe
from tests.waiting import eventually

Act = Callable[[str, Action], Awaitable[object]]
COUNTED = "[data-state].good"


def options(*texts: str) -> tuple[Option, ...]:
    return tuple(Option(id=OptionId(str(n)), text=Text.plain(text)) for n, text in enumerate(texts, start=1))


LUNCH = Poll(
    id=PollId("lunch"),
    kind=PollKind.SINGLE,
    question=Text.plain("How was lunch?"),
    options=options("Good", "Fair", "Poor"),
    abstain=True,
)
SKILLS = Poll(
    id=PollId("skills"),
    kind=PollKind.MULTIPLE,
    question=Text.plain("Which skills matter most?"),
    options=options("Digital", "Green", "Social", "Trade"),
    max_selections=2,
    order=OptionOrder.SHUFFLED,
)
USEFUL = Poll(
    id=PollId("useful"),
    kind=PollKind.RATING,
    question=Text.plain("How useful was this session?"),
    options=tuple(Option(id=OptionId(str(n)), text=Text.plain(str(n))) for n in range(11)),
    scale=Scale(low=0, high=10, low_label=Text.plain("not at all"), high_label=Text.plain("very")),
    countdown_s=90,
)


@pytest.fixture
async def gathering(running: Running, example: Event) -> Event:
    """An event without groups and rooms, with one poll of each form."""
    event = dataclasses.replace(with_polls(example, LUNCH, SKILLS, USEFUL), segments=(), rooms=())
    await load_event(running.store, event, actor="test")
    return event


@pytest.fixture
def act(running: Running, gathering: Event) -> Act:
    """A moderator."""

    async def do(poll: str, action: Action) -> object:
        return await moderation.act(running.store, gathering.id, "test", poll, action)

    return do


async def in_the_box(running: Running, event: Event, poll: str) -> dict[str, int]:
    """Ballots by what is on them."""
    at = (PollId(poll), 1)
    snapshot = await running.store.snapshot(event.id, [at])
    assert snapshot is not None
    return {key.rsplit("|", 1)[-1]: count for key, count in snapshot.tallies[at].items()}


async def total(running: Running, event: Event, poll: str) -> int:
    return sum((await in_the_box(running, event, poll)).values())


async def choose(page: Page, *texts: str) -> None:
    for text in texts:
        await page.get_by_label(text, exact=True).check()


async def send(page: Page) -> None:
    await page.locator("[data-send]").click()


async def test_a_question_arrives_by_push_and_is_answered(
    people: People, running: Running, gathering: Event, act: Act
) -> None:
    phone = await people.phone(gathering.join_code)
    await expect(phone.locator("h1")).to_have_text("Welcome. The first question will appear here by itself.")
    await expect(phone.locator("#link")).to_have_text("Connected")
    await act("lunch", Action.OPEN)
    await expect(phone.locator("h1")).to_have_text("How was lunch?")
    await expect(phone.locator("[data-state]")).to_have_text("Choose one")
    await choose(phone, "Fair")
    await send(phone)
    await expect(phone.locator(COUNTED)).to_have_text("Counted " + await counted_at(phone))
    await expect(phone.get_by_role("status").filter(has_text="Counted")).to_have_count(1)
    await expect(phone.locator(".sentence")).to_have_text("Fair leads with 100 %, 1 answer")
    assert await total(running, gathering, "lunch") == 1


async def counted_at(page: Page) -> str:
    text = await page.locator(COUNTED).text_content()
    assert text is not None
    return text.removeprefix("Counted ")


async def test_an_answer_can_be_changed_while_the_question_is_open(
    people: People, running: Running, gathering: Event, act: Act
) -> None:
    await act("lunch", Action.OPEN)
    phone = await people.phone(gathering.join_code)
    await choose(phone, "Good")
    await send(phone)
    await phone.get_by_text("Change my answer").click()
    await choose(phone, "Abstain")
    await phone.get_by_role("button", name="Send the change").click()
    await expect(phone.locator(COUNTED)).to_be_visible()
    assert await in_the_box(running, gathering, "lunch") == {"-": 1}


async def test_keeping_the_answer_changes_nothing(
    people: People, running: Running, gathering: Event, act: Act
) -> None:
    await act("lunch", Action.OPEN)
    phone = await people.phone(gathering.join_code)
    await choose(phone, "Good")
    await send(phone)
    await phone.get_by_text("Change my answer").click()
    await choose(phone, "Poor")
    await phone.get_by_text("Keep my answer").click()
    await expect(phone.get_by_label("Good", exact=True)).to_be_checked()
    await expect(phone.locator(COUNTED)).to_be_visible()
    assert await in_the_box(running, gathering, "lunch") == {"1": 1}


async def test_no_more_than_the_maximum_can_be_chosen(people: People, gathering: Event, act: Act) -> None:
    await act("skills", Action.OPEN)
    phone = await people.phone(gathering.join_code)
    await choose(phone, "Digital", "Green")
    await expect(phone.locator("[data-state]")).to_have_text("2 of 2 chosen")
    await phone.get_by_text("Social", exact=True).click()
    await expect(phone.locator("[data-state]")).to_have_text(
        "You have chosen 2. Take one away to choose another."
    )
    await expect(phone.get_by_label("Social", exact=True)).not_to_be_checked()


async def test_options_stand_in_the_same_own_order_with_and_without_a_script(
    people: People, gathering: Event, act: Act
) -> None:
    phone = await people.phone(gathering.join_code)
    seed = await phone.evaluate("JSON.parse(document.getElementById('data').textContent).seed")
    await act("skills", Action.OPEN)
    await expect(phone.locator("h1")).to_have_text("Which skills matter most?")
    read = "[...document.querySelectorAll('[name=selections]')].map(one => one.value)"
    pushed = await phone.evaluate(read)
    await phone.reload()
    assert pushed == await phone.evaluate(read) == [option.id for option in display_order(SKILLS, seed)]


async def test_a_rating_has_its_numbers_and_a_countdown(
    people: People, running: Running, gathering: Event, act: Act
) -> None:
    phone = await people.phone(gathering.join_code)
    await act("useful", Action.OPEN)
    await expect(phone.locator("[data-left]")).to_contain_text("1:2")
    await expect(phone.get_by_text("0 = not at all, 10 = very")).to_be_visible()
    await choose(phone, "7")
    await send(phone)
    await expect(phone.locator(COUNTED)).to_be_visible()
    assert await in_the_box(running, gathering, "useful") == {"7": 1}


async def test_a_vote_made_offline_survives_the_killed_tab_and_is_counted_once(
    people: People, running: Running, gathering: Event, act: Act
) -> None:
    await act("lunch", Action.OPEN)
    phone = await people.phone(gathering.join_code)
    await expect(phone.locator("#link")).to_have_text("Connected")
    await phone.context.set_offline(True)
    await expect(phone.locator("#link")).to_have_text("Offline")
    await choose(phone, "Poor")
    await send(phone)
    await expect(phone.locator("[data-state]")).to_contain_text("You are offline. Your answer is kept")
    context = phone.context
    await phone.close()
    await context.set_offline(False)
    phone = await people.page(context, f"/j/{gathering.join_code}")
    await expect(phone.locator(COUNTED)).to_be_visible()
    await expect(phone.get_by_label("Poor", exact=True)).to_be_checked()
    assert await in_the_box(running, gathering, "lunch") == {"3": 1}


async def test_a_vote_that_comes_back_too_late_says_so(
    people: People, running: Running, gathering: Event, act: Act
) -> None:
    await act("lunch", Action.OPEN)
    phone = await people.phone(gathering.join_code)
    await expect(phone.locator("#link")).to_have_text("Connected")
    await phone.context.set_offline(True)
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
    await expect(one.locator(COUNTED)).to_be_visible()
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
    await expect(other.locator(COUNTED)).to_be_visible()
    await expect(other.get_by_label("Good", exact=True)).to_be_checked()


async def test_a_push_never_swaps_a_form_that_is_being_filled_in(
    people: People, gathering: Event, act: Act
) -> None:
    await act("skills", Action.OPEN)
    phone = await people.phone(gathering.join_code)
    await expect(phone.locator("#link")).to_have_text("Connected")
    await choose(phone, "Green")
    form = await phone.query_selector("form")
    await act("lunch", Action.OPEN)
    waiting = phone.get_by_role("button", name="A new question is open. Go to it")
    await expect(waiting).to_be_visible()
    assert await phone.evaluate("form => form.isConnected", form)
    await expect(phone.get_by_label("Green", exact=True)).to_be_checked()
    await waiting.click()
    await expect(phone.locator("h1")).to_have_text("How was lunch?")
    await choose(phone, "Good")
    await send(phone)
    await expect(phone.locator("h1")).to_have_text("Which skills matter most?")  # the other one again
    await expect(phone.get_by_label("Green", exact=True)).to_be_checked()


async def test_what_was_chosen_stays_to_be_seen_when_voting_closes(
    people: People, running: Running, gathering: Event, act: Act
) -> None:
    await act("lunch", Action.OPEN)
    phone = await people.phone(gathering.join_code)
    await expect(phone.locator("#link")).to_have_text("Connected")
    await choose(phone, "Fair")
    await act("lunch", Action.CLOSE)
    await expect(phone.locator("[data-state]")).to_have_text("Not counted: voting had closed.")
    await expect(phone.get_by_label("Fair", exact=True)).to_be_checked()
    await expect(phone.get_by_label("Fair", exact=True)).to_be_disabled()
    await phone.get_by_role("button", name="Go on").click()
    await expect(phone.locator("h1")).to_have_text("The next question will appear here by itself.")
    assert await total(running, gathering, "lunch") == 0


async def block_sockets(context: BrowserContext) -> None:
    await context.add_init_script(
        "window.WebSocket = class { constructor() { setTimeout(() => this.onclose?.({code: 1006})) }"
        " close() {} send() {} }"
    )


async def test_without_websockets_the_phone_votes_by_plain_requests(
    people: People, running: Running, gathering: Event, act: Act
) -> None:
    context = await people.context("phone")
    await block_sockets(context)
    phone = await people.page(context, f"/j/{gathering.join_code}")
    await expect(phone.locator("#link")).to_have_text("Connected, a little slower", timeout=15_000)
    await act("lunch", Action.OPEN)
    await expect(phone.locator("h1")).to_have_text("How was lunch?", timeout=15_000)
    await choose(phone, "Good")
    await send(phone)
    await expect(phone.locator(COUNTED)).to_be_visible()
    assert await in_the_box(running, gathering, "lunch") == {"1": 1}


async def test_without_a_script_the_form_votes_and_can_be_changed(
    people: People, running: Running, gathering: Event, act: Act
) -> None:
    phone = await people.phone(gathering.join_code, java_script_enabled=False)
    await act("lunch", Action.OPEN)
    await phone.reload()  # the page does it by itself, but Chromium's switch for tests leaves <noscript> out
    await choose(phone, "Good")
    await send(phone)
    await expect(phone.locator(COUNTED)).to_be_visible()
    await phone.get_by_text("Change my answer").click()
    await choose(phone, "Poor")
    await phone.get_by_role("button", name="Send the change").click()
    await expect(phone.locator(COUNTED)).to_be_visible()
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
    await choose(phone, "Good")
    await send(phone)
    await expect(phone.locator(COUNTED)).to_be_visible()
    assert await total(running, gathering, "lunch") == 1


async def test_a_dropped_reply_is_asked_for_again_and_counts_once(
    people: People, running: Running, gathering: Event, act: Act
) -> None:
    await act("lunch", Action.OPEN)
    context = await people.context("phone")
    await block_sockets(context)
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
    await expect(phone.locator("#link")).to_have_text("Connected, a little slower", timeout=15_000)
    await choose(phone, "Good")
    await send(phone)
    await expect(phone.locator(COUNTED)).to_be_visible(timeout=15_000)
    assert dropped.is_set()
    assert await in_the_box(running, gathering, "lunch") == {"1": 1}


async def test_the_keyboard_alone_answers(
    people: People, running: Running, gathering: Event, act: Act
) -> None:
    await act("lunch", Action.OPEN)
    phone = await people.phone(gathering.join_code)
    await phone.get_by_label("Good", exact=True).focus()
    await phone.keyboard.press("Space")
    await phone.keyboard.press("ArrowDown")
    await phone.keyboard.press("Tab")
    await phone.keyboard.press("Enter")
    await expect(phone.locator(COUNTED)).to_be_visible()
    assert await in_the_box(running, gathering, "lunch") == {"2": 1}


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_state_holds_the_accessibility_rules_at_320_px(
    people: People, gathering: Event, act: Act, scheme: str
) -> None:
    phone = await people.phone(
        gathering.join_code, size="narrow", color_scheme=scheme, reduced_motion="reduce"
    )

    async def look(state: str) -> None:
        assert await axe(phone) == [], state
        assert await phone.evaluate("document.documentElement.scrollWidth <= innerWidth"), state

    await look("waiting")
    await act("useful", Action.OPEN)
    await expect(phone.locator("h1")).to_have_text("How useful was this session?")
    await look("rating")
    heights = "[...document.querySelectorAll('.option')].map(one => one.getBoundingClientRect().height)"
    assert min(await phone.evaluate(heights)) >= 56
    await choose(phone, "10")
    await send(phone)
    await expect(phone.locator(COUNTED)).to_be_visible()
    await expect(phone.locator(".result")).to_be_visible()
    await look("counted")
    await act("skills", Action.OPEN)
    await expect(phone.locator("h1")).to_have_text("Which skills matter most?")
    await choose(phone, "Green", "Trade")
    await act("lunch", Action.OPEN)
    await expect(phone.locator("#newer")).to_be_visible()
    await look("a newer question waits")
    await act("skills", Action.CLOSE)
    await expect(phone.locator("[data-go]")).to_be_visible()
    await look("closed while filling in")


async def test_after_a_restart_of_the_store_the_phone_offers_its_ballot_again(
    people: People, running: Running, gathering: Event, act: Act
) -> None:
    await act("lunch", Action.OPEN)
    context = await people.context("phone")
    await block_sockets(context)
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
    await expect(phone.locator("#link")).to_have_text("Connected, a little slower", timeout=15_000)
    await choose(phone, "Good")
    await send(phone)
    await expect(phone.locator(COUNTED)).to_be_visible()
    lost.set()
    await eventually(lambda: len(casts) > 1, what="the ballot is offered again", timeout_s=20)
    assert casts[0] == casts[1]  # the same rev and nonce
    await expect(phone.locator(COUNTED)).to_be_visible()
    assert await in_the_box(running, gathering, "lunch") == {"1": 1}


async def test_what_an_earlier_event_of_this_name_left_behind_is_not_taken_for_counted(
    people: People, running: Running, gathering: Event, act: Act
) -> None:
    await act("lunch", Action.OPEN)
    phone = await people.phone(gathering.join_code)
    epoch = await phone.evaluate("JSON.parse(document.getElementById('data').textContent).epoch")
    await phone.evaluate(
        """([event, epoch]) => localStorage.setItem(`hemicycle:${event}`, JSON.stringify({'lunch:1': {
            poll: 'lunch', round: 1, rev: 1, nonce: 'left-behind', selections: ['1'], state: 'counted',
            at: '10:42:03', ms: Date.now() - 3600_000, epoch, words: '', message: ''}}))""",
        [gathering.id, epoch],
    )
    await phone.reload()
    await expect(phone.locator("#link")).to_have_text("Connected")
    await expect(phone.locator("[data-state]")).to_have_text("Choose one")
    await expect(phone.get_by_label("Good", exact=True)).to_be_enabled()
