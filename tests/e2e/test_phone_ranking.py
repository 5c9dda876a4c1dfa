"""Putting options in order on a phone: by taps, buttons, keys and fingers, with a script and without."""

import pytest
from playwright.async_api import expect

from polls.lifecycle import Action
from polls.model import Event
from polls.paper import display_order
from tests.conftest import Running
from tests.e2e.conftest import Act, Asked, People, axe
from tests.e2e.phones import (
    card,
    connected,
    counted,
    free,
    order,
    send,
    send_the_change,
    tap,
)
from tests.e2e.questions import SHUFFLED, in_the_box


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
    await counted(phone)
    assert await order(phone) == ["1 Find partners", "2 Train staff"]
    await expect(phone.locator(".rank:visible")).to_have_count(2)
    await expect(phone.locator(".ranking .move:visible")).to_have_count(0)
    assert await in_the_box(running, gathering, "needs") == {"3>1": 1}


async def test_a_second_tap_takes_out_and_the_rest_close_up(asked: Asked) -> None:
    phone = await asked("needs")
    await tap(phone, "Find partners", "Train staff", "Raise money", "Find partners")
    assert await order(phone) == ["1 Train staff", "2 Raise money"]
    assert await free(phone) == ["2", "3"]
    await tap(phone, "Train staff", "Raise money")
    await expect(phone.locator("[data-send]")).to_have_class("is-waiting")
    await send(phone)
    await expect(phone.locator("[data-state]")).to_have_text("Choose an answer first.")


async def test_no_more_than_the_maximum_can_be_placed(asked: Asked) -> None:
    phone = await asked("needs")
    await tap(phone, "Find partners", "Train staff", "Raise money", "Cut red tape")
    assert await order(phone) == ["1 Find partners", "2 Train staff", "3 Raise money"]
    await expect(phone.locator("[data-state]")).to_have_text(
        "You have chosen 3. Take one away to choose another."
    )


async def test_buttons_move_a_card_and_say_where_it_is(asked: Asked) -> None:
    phone = await asked("needs")
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


async def test_each_change_is_heard_once(asked: Asked) -> None:
    phone = await asked("needs")
    await connected(phone)
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


async def test_the_keyboard_alone_puts_in_order(running: Running, gathering: Event, asked: Asked) -> None:
    phone = await asked("needs")
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
    await counted(phone)
    assert await in_the_box(running, gathering, "needs") == {"1>2": 1}


async def test_a_place_number_can_be_dragged(asked: Asked) -> None:
    phone = await asked("needs")
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


async def test_equal_places_are_made_and_undone(asked: Asked) -> None:
    phone = await asked("tied")
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


async def test_without_ties_nothing_offers_an_equal_place(asked: Asked) -> None:
    phone = await asked("needs")
    await tap(phone, "Train staff", "Cut red tape")
    await expect(phone.get_by_role("checkbox", name="Equal with the one above")).to_have_count(0)


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


async def test_without_a_script_places_are_picked_from_lists(
    running: Running, gathering: Event, asked: Asked
) -> None:
    phone = await asked("needs", java_script_enabled=False)
    await expect(phone.get_by_text("Choose a place for each.")).to_be_visible()
    await phone.get_by_label("Cut red tape").select_option("1")
    await phone.get_by_label("Raise money").select_option("1")
    await send(phone)
    await expect(phone.get_by_text("Not counted: give each answer a place of its own.")).to_be_visible()
    await phone.get_by_label("Cut red tape").select_option("3")
    await phone.get_by_label("Raise money").select_option("1")
    await send(phone)
    await counted(phone)
    assert await in_the_box(running, gathering, "needs") == {"4>2": 1}
    await expect(phone.locator(".rank:visible")).to_have_text(
        ["1Raise moneygrants and loans", "2Cut red tape"]
    )
    await phone.get_by_text("Change my answer").click()
    await expect(phone.get_by_label("Cut red tape")).to_have_value("2")
    await expect(phone.get_by_label("Find partners")).to_have_value("")
    await phone.get_by_label("Find partners").select_option("1")
    await phone.get_by_label("Raise money").select_option("")
    await send_the_change(phone)
    assert await in_the_box(running, gathering, "needs") == {"3>2": 1}


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_state_of_an_order_holds_the_accessibility_rules_at_320_px(
    asked: Asked, scheme: str
) -> None:
    phone = await asked("tied", size="narrow", color_scheme=scheme, reduced_motion="reduce")

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
    await counted(phone)
    await look("counted")


async def test_words_at_twice_the_size_still_fit(asked: Asked) -> None:
    phone = await asked("tied")
    await phone.evaluate("document.documentElement.style.fontSize = '200%'")
    await tap(phone, "Train staff", "Raise money", "Cut red tape")
    assert await phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
