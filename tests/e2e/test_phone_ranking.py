"""Putting options in order on a phone: by taps, buttons, keys and fingers, with a script and without."""

import dataclasses

import pytest
from playwright.async_api import Locator, Page, expect

from polls.lifecycle import Action
from polls.model import Event, Option, OptionId, OptionOrder, Poll, PollId, PollKind, Text
from polls.paper import display_order
from server import moderation
from server.loading import load_event
from tests.conftest import Running, with_polls
from tests.e2e.conftest import People, axe
from tests.e2e.test_phone import COUNTED, LUNCH, Act, in_the_box, options, send

NEEDS = Poll(
    id=PollId("needs"),
    kind=PollKind.PREFERENCE,
    question=Text.plain("What do companies need most?"),
    options=(
        *options("Train staff", "Cut red tape", "Find partners"),
        Option(id=OptionId("4"), text=Text.plain("Raise money"), detail=Text.plain("grants and loans")),
    ),
    max_selections=3,
    abstain=True,
)
TIED = dataclasses.replace(NEEDS, id=PollId("tied"), ties=True, max_selections=4)
SHUFFLED = dataclasses.replace(
    NEEDS, id=PollId("shuffled"), order=OptionOrder.SHUFFLED, abstain=False, max_selections=2
)


@pytest.fixture
async def gathering(running: Running, example: Event) -> Event:
    """An event whose questions ask for an order."""
    event = dataclasses.replace(with_polls(example, NEEDS, TIED, SHUFFLED, LUNCH), segments=(), rooms=())
    await load_event(running.store, event, actor="test")
    return event


@pytest.fixture
def act(running: Running, gathering: Event) -> Act:
    """A moderator."""

    async def do(poll: str, action: Action) -> object:
        return await moderation.act(running.store, gathering.id, "test", poll, action)

    return do


def card(page: Page, text: str) -> Locator:
    """The main button of an option."""
    return page.locator("button.name", has_text=text)


async def tap(page: Page, *texts: str) -> None:
    for text in texts:
        await card(page, text).click()


async def order(page: Page) -> list[str]:
    """What is ranked, from top to bottom, with the place numbers: "1 Train staff"."""
    rows = page.locator(".ranking .is-placed:visible")
    texts = await rows.evaluate_all(
        "rows => rows.map(row => row.querySelector('.place').textContent + ' '"
        " + row.querySelector('.name span').firstChild.textContent)"
    )
    assert all(isinstance(text, str) for text in texts)
    return list(texts)


async def free(page: Page) -> list[str]:
    """Ids of what is not ranked, from top to bottom."""
    rows = page.locator(".ranking .rank:not(.is-placed)")
    return list(await rows.evaluate_all("rows => rows.map(row => row.dataset.option)"))


async def test_taps_give_the_places_in_turn_and_the_order_is_counted(
    people: People, running: Running, gathering: Event, act: Act
) -> None:
    phone = await people.phone(gathering.join_code)
    await act("needs", Action.OPEN)
    await expect(phone.locator("h1")).to_have_text("What do companies need most?")
    await expect(phone.locator("[data-state]")).to_have_text("Put up to 3 in order, your first choice first")
    await tap(phone, "Find partners", "Train staff")
    assert await order(phone) == ["1 Find partners", "2 Train staff"]
    await expect(phone.locator("[data-state]")).to_contain_text("Placed 2 of 3")
    await send(phone)
    await expect(phone.locator(COUNTED)).to_be_visible()
    assert await order(phone) == ["1 Find partners", "2 Train staff"]
    await expect(phone.locator(".rank:visible")).to_have_count(2)
    await expect(phone.locator(".ranking .move:visible")).to_have_count(0)
    assert await in_the_box(running, gathering, "needs") == {"3>1": 1}


async def test_a_second_tap_takes_out_and_the_rest_close_up(
    people: People, gathering: Event, act: Act
) -> None:
    await act("needs", Action.OPEN)
    phone = await people.phone(gathering.join_code)
    await tap(phone, "Find partners", "Train staff", "Raise money", "Find partners")
    assert await order(phone) == ["1 Train staff", "2 Raise money"]
    assert await free(phone) == ["2", "3"]
    await tap(phone, "Train staff", "Raise money")
    await expect(phone.locator("[data-send]")).to_have_class("is-waiting")
    await send(phone)
    await expect(phone.locator("[data-state]")).to_have_text("Choose an answer first.")


async def test_no_more_than_the_maximum_can_be_placed(people: People, gathering: Event, act: Act) -> None:
    await act("needs", Action.OPEN)
    phone = await people.phone(gathering.join_code)
    await tap(phone, "Find partners", "Train staff", "Raise money", "Cut red tape")
    assert await order(phone) == ["1 Find partners", "2 Train staff", "3 Raise money"]
    await expect(phone.locator("[data-state]")).to_have_text(
        "You have chosen 3. Take one away to choose another."
    )


async def test_buttons_move_a_card_and_say_where_it_is(people: People, gathering: Event, act: Act) -> None:
    await act("needs", Action.OPEN)
    phone = await people.phone(gathering.join_code)
    await tap(phone, "Find partners", "Train staff", "Raise money")
    await phone.get_by_role("button", name="Move Raise money up, now place 3 of 3").click()
    assert await order(phone) == ["1 Find partners", "2 Raise money", "3 Train staff"]
    await expect(phone.locator("[data-state]")).to_have_text("Raise money: place 2 of 3. Placed 3 of 3")
    await phone.get_by_role("button", name="Move Raise money up, now place 2 of 3").click()
    await phone.get_by_role("button", name="Move Find partners down, now place 2 of 3").click()
    assert await order(phone) == ["1 Raise money", "2 Train staff", "3 Find partners"]
    top = phone.get_by_role("button", name="Move Raise money up, now place 1 of 3")
    await expect(top).to_have_attribute("aria-disabled", "true")
    await top.click(force=True)
    assert await order(phone) == ["1 Raise money", "2 Train staff", "3 Find partners"]


async def test_each_change_is_heard_once(people: People, gathering: Event, act: Act) -> None:
    await act("needs", Action.OPEN)
    phone = await people.phone(gathering.join_code)
    await expect(phone.locator("#link")).to_have_text("Connected")
    await phone.evaluate(
        "window.heard = [];"
        "for (const one of document.querySelectorAll('[role=status]'))"
        "  new MutationObserver(() => heard.push(one.textContent)).observe(one,"
        "    {childList: true, characterData: true, subtree: true})"
    )
    await tap(phone, "Find partners", "Train staff")
    await phone.get_by_role("button", name="Move Train staff up").click()
    await tap(phone, "Find partners")
    assert await phone.evaluate("heard") == [
        "Find partners: place 1 of 1. Placed 1 of 3",
        "Train staff: place 2 of 2. Placed 2 of 3",
        "Train staff: place 1 of 2. Placed 2 of 3",
        "Find partners: not ranked. Placed 1 of 3",
    ]


async def test_the_keyboard_alone_puts_in_order(
    people: People, running: Running, gathering: Event, act: Act
) -> None:
    await act("needs", Action.OPEN)
    phone = await people.phone(gathering.join_code)
    await card(phone, "Cut red tape").focus()
    await phone.keyboard.press("Enter")
    await expect(card(phone, "Cut red tape")).to_be_focused()  # it has moved, the focus with it
    await phone.keyboard.press("Tab")
    await expect(card(phone, "Train staff")).to_be_focused()
    await phone.keyboard.press("Space")
    await phone.keyboard.press("Tab")
    up = phone.get_by_role("button", name="Move Train staff up")
    await expect(up).to_be_focused()
    await phone.keyboard.press("Enter")
    await expect(up).to_be_focused()
    assert await order(phone) == ["1 Train staff", "2 Cut red tape"]
    await phone.locator("[data-send]").focus()
    await phone.keyboard.press("Enter")
    await expect(phone.locator(COUNTED)).to_be_visible()
    assert await in_the_box(running, gathering, "needs") == {"1>2": 1}


async def test_a_place_number_can_be_dragged(people: People, gathering: Event, act: Act) -> None:
    await act("needs", Action.OPEN)
    phone = await people.phone(gathering.join_code)
    await tap(phone, "Find partners", "Train staff", "Raise money")
    last = await phone.locator(".is-placed .place").nth(2).bounding_box()
    first = await phone.locator(".is-placed .place").nth(0).bounding_box()
    assert last and first
    await phone.mouse.move(last["x"] + 20, last["y"] + 20)
    await phone.mouse.down()
    await phone.mouse.move(first["x"] + 20, first["y"] + 4, steps=12)
    await phone.mouse.up()
    assert await order(phone) == ["1 Raise money", "2 Find partners", "3 Train staff"]
    await expect(phone.locator("[data-state]")).to_contain_text("Raise money: place 1 of 3.")
    await phone.mouse.click(first["x"] + 20, first["y"] + 20)  # the number is a part of its card
    assert await order(phone) == ["1 Find partners", "2 Train staff"]


async def test_a_half_made_order_survives_a_reload(
    people: People, running: Running, gathering: Event, act: Act
) -> None:
    phone = await people.phone(gathering.join_code)
    await act("needs", Action.OPEN)
    await tap(phone, "Raise money", "Find partners")
    await phone.reload()
    assert await order(phone) == ["1 Raise money", "2 Find partners"]
    await tap(phone, "Train staff")
    await send(phone)
    await expect(phone.locator(COUNTED)).to_be_visible()
    await phone.reload()
    await expect(phone.locator(COUNTED)).to_be_visible()
    assert await order(phone) == ["1 Raise money", "2 Find partners", "3 Train staff"]
    assert await in_the_box(running, gathering, "needs") == {"4>3>1": 1}


async def test_what_was_taken_out_again_is_no_abstention_after_a_reload(
    people: People, gathering: Event, act: Act
) -> None:
    await act("needs", Action.OPEN)
    phone = await people.phone(gathering.join_code)
    await tap(phone, "Raise money", "Raise money")
    await phone.reload()
    await expect(phone.locator("[data-rank-how]")).to_contain_text("Tap one")
    assert await order(phone) == []
    await expect(phone.get_by_label("Abstain", exact=True)).not_to_be_checked()


async def test_any_choice_that_came_by_push_survives_a_reload(
    people: People, gathering: Event, act: Act
) -> None:
    phone = await people.phone(gathering.join_code)
    await act("lunch", Action.OPEN)
    await phone.get_by_label("Fair", exact=True).check()
    await phone.reload()
    await expect(phone.get_by_label("Fair", exact=True)).to_be_checked()
    await expect(phone.get_by_label("Fair", exact=True)).to_be_enabled()


async def test_a_push_never_disturbs_a_half_made_order(people: People, gathering: Event, act: Act) -> None:
    await act("needs", Action.OPEN)
    phone = await people.phone(gathering.join_code)
    await expect(phone.locator("#link")).to_have_text("Connected")
    await tap(phone, "Raise money", "Find partners")
    await act("lunch", Action.OPEN)
    waiting = phone.get_by_role("button", name="A new question is open. Go to it")
    await expect(waiting).to_be_visible()
    assert await order(phone) == ["1 Raise money", "2 Find partners"]
    await waiting.click()
    await phone.get_by_label("Good", exact=True).check()
    await send(phone)
    await expect(phone.locator("h1")).to_have_text("What do companies need most?")
    assert await order(phone) == ["1 Raise money", "2 Find partners"]


async def test_an_order_made_offline_is_counted_when_the_phone_is_back(
    people: People, running: Running, gathering: Event, act: Act
) -> None:
    await act("tied", Action.OPEN)
    phone = await people.phone(gathering.join_code)
    await expect(phone.locator("#link")).to_have_text("Connected")
    await phone.context.set_offline(True)
    await expect(phone.locator("#link")).to_have_text("Offline")
    await tap(phone, "Raise money", "Find partners", "Train staff")
    await phone.get_by_label("Equal with the one above: Train staff").check()
    await send(phone)
    await expect(phone.locator("[data-state]")).to_contain_text("You are offline. Your answer is kept")
    context = phone.context
    await phone.close()
    await context.set_offline(False)
    phone = await people.page(context, f"/j/{gathering.join_code}")
    await expect(phone.locator(COUNTED)).to_be_visible()
    assert await order(phone) == ["1 Raise money", "2 Train staff", "2 Find partners"]
    assert await in_the_box(running, gathering, "tied") == {"4>1=3": 1}


async def test_equal_places_are_made_and_undone(people: People, gathering: Event, act: Act) -> None:
    await act("tied", Action.OPEN)
    phone = await people.phone(gathering.join_code)
    await tap(phone, "Train staff", "Cut red tape", "Find partners")
    await expect(phone.get_by_role("checkbox", name="Equal with the one above")).to_have_count(2)
    await phone.get_by_label("Equal with the one above: Cut red tape").check()
    assert await order(phone) == ["1 Train staff", "1 Cut red tape", "2 Find partners"]
    await phone.get_by_role("button", name="Move Find partners up").click()  # past both of one place
    assert await order(phone) == ["1 Find partners", "2 Train staff", "2 Cut red tape"]
    await phone.get_by_role("button", name="Move Cut red tape up").click()  # out of the shared place
    assert await order(phone) == ["1 Find partners", "2 Cut red tape", "3 Train staff"]
    await phone.get_by_label("Equal with the one above: Train staff").check()
    await phone.get_by_label("Equal with the one above: Train staff").uncheck()
    assert await order(phone) == ["1 Find partners", "2 Cut red tape", "3 Train staff"]


async def test_without_ties_nothing_offers_an_equal_place(people: People, gathering: Event, act: Act) -> None:
    await act("needs", Action.OPEN)
    phone = await people.phone(gathering.join_code)
    await tap(phone, "Train staff", "Cut red tape")
    await expect(phone.get_by_role("checkbox", name="Equal with the one above")).to_have_count(0)


async def test_an_order_can_be_changed_and_kept(
    people: People, running: Running, gathering: Event, act: Act
) -> None:
    await act("needs", Action.OPEN)
    phone = await people.phone(gathering.join_code)
    await tap(phone, "Train staff", "Cut red tape")
    await send(phone)
    await phone.get_by_text("Change my answer").click()
    await expect(card(phone, "Train staff")).to_be_focused()
    await tap(phone, "Train staff")
    await phone.get_by_text("Keep my answer").click()
    assert await order(phone) == ["1 Train staff", "2 Cut red tape"]
    await phone.get_by_text("Change my answer").click()
    await phone.get_by_role("button", name="Move Cut red tape up").click()
    await phone.get_by_role("button", name="Send the change").click()
    await expect(phone.locator(COUNTED)).to_be_visible()
    assert await in_the_box(running, gathering, "needs") == {"2>1": 1}


async def test_an_abstention_puts_the_order_aside(
    people: People, running: Running, gathering: Event, act: Act
) -> None:
    await act("needs", Action.OPEN)
    phone = await people.phone(gathering.join_code)
    await tap(phone, "Train staff", "Cut red tape")
    abstain = phone.get_by_label("Abstain", exact=True)
    await abstain.check()
    assert await order(phone) == []
    await abstain.uncheck()
    assert await order(phone) == ["1 Train staff", "2 Cut red tape"]
    await abstain.check()
    await send(phone)
    await expect(phone.locator(COUNTED)).to_be_visible()
    assert await in_the_box(running, gathering, "needs") == {"-": 1}
    await phone.reload()
    await phone.get_by_text("Change my answer").click()
    await tap(phone, "Find partners")
    await expect(abstain).not_to_be_checked()


async def test_what_is_not_ranked_stands_in_the_phones_own_order(
    people: People, gathering: Event, act: Act
) -> None:
    phone = await people.phone(gathering.join_code)
    seed = await phone.evaluate("JSON.parse(document.getElementById('data').textContent).seed")
    own = [option.id for option in display_order(SHUFFLED, seed)]
    texts = {option.id: option.text.pick() for option in SHUFFLED.options}
    await act("shuffled", Action.OPEN)
    await expect(phone.locator("h1")).to_have_text("What do companies need most?")
    assert await free(phone) == own
    await tap(phone, texts[own[1]])
    assert await free(phone) == [own[0], own[2], own[3]]
    await tap(phone, texts[own[1]])
    assert await free(phone) == own
    await phone.reload()
    assert await free(phone) == own


async def test_the_waiting_page_says_the_order(people: People, gathering: Event, act: Act) -> None:
    await act("needs", Action.OPEN)
    phone = await people.phone(gathering.join_code)
    await expect(phone.locator("#link")).to_have_text("Connected")
    await tap(phone, "Raise money", "Find partners")
    await send(phone)
    await expect(phone.locator(COUNTED)).to_be_visible()
    await act("needs", Action.CLOSE)
    told = phone.locator("[data-answer]")
    await expect(told).to_contain_text("Your answer: 1 Raise money, 2 Find partners · Counted ")
    await phone.reload()
    await expect(told).to_contain_text("Your answer: 1 Raise money, 2 Find partners · Counted ")


async def test_without_a_script_places_are_picked_from_lists(
    people: People, running: Running, gathering: Event, act: Act
) -> None:
    await act("needs", Action.OPEN)
    phone = await people.phone(gathering.join_code, java_script_enabled=False)
    await expect(phone.get_by_text("Choose a place for each.")).to_be_visible()
    await phone.get_by_label("Cut red tape").select_option("1")
    await phone.get_by_label("Raise money").select_option("1")
    await send(phone)
    await expect(phone.get_by_text("Not counted: give each answer a place of its own.")).to_be_visible()
    await phone.get_by_label("Cut red tape").select_option("3")
    await phone.get_by_label("Raise money").select_option("1")
    await send(phone)
    await expect(phone.locator(COUNTED)).to_be_visible()
    assert await in_the_box(running, gathering, "needs") == {"4>2": 1}
    await expect(phone.locator(".rank:visible")).to_have_text(
        ["1Raise moneygrants and loans", "2Cut red tape"]
    )
    await phone.get_by_text("Change my answer").click()
    await expect(phone.get_by_label("Cut red tape")).to_have_value("2")
    await expect(phone.get_by_label("Find partners")).to_have_value("")
    await phone.get_by_label("Find partners").select_option("1")
    await phone.get_by_label("Raise money").select_option("")
    await phone.get_by_role("button", name="Send the change").click()
    await expect(phone.locator(COUNTED)).to_be_visible()
    assert await in_the_box(running, gathering, "needs") == {"3>2": 1}


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_state_of_an_order_holds_the_accessibility_rules_at_320_px(
    people: People, gathering: Event, act: Act, scheme: str
) -> None:
    await act("tied", Action.OPEN)
    phone = await people.phone(
        gathering.join_code, size="narrow", color_scheme=scheme, reduced_motion="reduce"
    )

    async def look(state: str) -> None:
        assert await axe(phone) == [], state
        assert await phone.evaluate("document.documentElement.scrollWidth <= innerWidth"), state

    await look("nothing placed")
    await tap(phone, "Train staff", "Raise money", "Cut red tape")
    await phone.get_by_label("Equal with the one above: Cut red tape").check()
    await look("placed")
    sizes = await phone.locator(".ranking :is(button, label):visible").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect()).map(({width, height}) => Math.min(width, height))"
    )
    assert min(sizes) >= 44
    await send(phone)
    await expect(phone.locator(COUNTED)).to_be_visible()
    await look("counted")


async def test_words_at_twice_the_size_still_fit(people: People, gathering: Event, act: Act) -> None:
    await act("tied", Action.OPEN)
    phone = await people.phone(gathering.join_code)
    await phone.evaluate("document.documentElement.style.fontSize = '200%'")
    await tap(phone, "Train staff", "Raise money", "Cut red tape")
    assert await phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
