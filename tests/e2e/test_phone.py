"""The phone in a real Chromium: questions come, are answered and changed, and close."""

import pytest
from playwright.async_api import Page, expect

from polls.lifecycle import Action
from polls.model import Event
from polls.paper import display_order
from tests.conftest import Running
from tests.e2e.conftest import Act, Asked, People, axe
from tests.e2e.phones import (
    COUNTED,
    answer,
    choose,
    connected,
    counted,
    send,
    send_the_change,
)
from tests.e2e.questions import SKILLS, in_the_box, total


async def test_a_question_arrives_by_push_and_is_answered(
    people: People, running: Running, gathering: Event, act: Act
) -> None:
    phone = await people.phone(gathering.join_code)
    await expect(phone.locator("h1")).to_have_text("Welcome. The first question will appear here by itself.")
    await connected(phone)
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
    running: Running, gathering: Event, asked: Asked
) -> None:
    phone = await asked("lunch")
    await choose(phone, "Good")
    await send(phone)
    await phone.get_by_text("Change my answer").click()
    await choose(phone, "Abstain")
    await send_the_change(phone)
    assert await in_the_box(running, gathering, "lunch") == {"-": 1}


async def test_keeping_the_answer_changes_nothing(running: Running, gathering: Event, asked: Asked) -> None:
    phone = await asked("lunch")
    await choose(phone, "Good")
    await send(phone)
    await phone.get_by_text("Change my answer").click()
    await choose(phone, "Poor")
    await phone.get_by_text("Keep my answer").click()
    await expect(phone.get_by_label("Good", exact=True)).to_be_checked()
    await counted(phone)
    assert await in_the_box(running, gathering, "lunch") == {"1": 1}


async def test_no_more_than_the_maximum_can_be_chosen(asked: Asked) -> None:
    phone = await asked("skills")
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
    await answer(phone, "7")
    assert await in_the_box(running, gathering, "useful") == {"7": 1}


async def test_a_push_never_swaps_a_form_that_is_being_filled_in(act: Act, asked: Asked) -> None:
    phone = await asked("skills")
    await connected(phone)
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
    running: Running, gathering: Event, act: Act, asked: Asked
) -> None:
    phone = await asked("lunch")
    await connected(phone)
    await choose(phone, "Fair")
    await act("lunch", Action.CLOSE)
    await expect(phone.locator("[data-state]")).to_have_text("Not counted: voting had closed.")
    await expect(phone.get_by_label("Fair", exact=True)).to_be_checked()
    await expect(phone.get_by_label("Fair", exact=True)).to_be_disabled()
    await phone.get_by_role("button", name="Go on").click()
    await expect(phone.locator("h1")).to_have_text("The next question will appear here by itself.")
    assert await total(running, gathering, "lunch") == 0


async def test_the_keyboard_alone_answers(running: Running, gathering: Event, asked: Asked) -> None:
    phone = await asked("lunch")
    await phone.get_by_label("Good", exact=True).focus()
    await phone.keyboard.press("Space")
    await phone.keyboard.press("ArrowDown")
    await phone.keyboard.press("Tab")
    await phone.keyboard.press("Enter")
    await counted(phone)
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
    await answer(phone, "10")
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
