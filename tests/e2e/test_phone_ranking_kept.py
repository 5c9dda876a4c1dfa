"""An order on a phone stays: over a reload, a push, an offline moment, a change of mind."""

from playwright.async_api import expect

from polls.lifecycle import Action
from polls.model import Event
from tests.conftest import Running
from tests.e2e.conftest import Act, Asked, People
from tests.e2e.phones import (
    card,
    connected,
    counted,
    go_offline,
    order,
    send,
    send_the_change,
    tap,
)
from tests.e2e.questions import in_the_box


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
    await counted(phone)
    await phone.reload()
    await counted(phone)
    assert await order(phone) == ["1 Raise money", "2 Find partners", "3 Train staff"]
    assert await in_the_box(running, gathering, "needs") == {"4>3>1": 1}


async def test_what_was_taken_out_again_is_no_abstention_after_a_reload(asked: Asked) -> None:
    phone = await asked("needs")
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


async def test_a_push_never_disturbs_a_half_made_order(act: Act, asked: Asked) -> None:
    phone = await asked("needs")
    await connected(phone)
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
    people: People, running: Running, gathering: Event, asked: Asked
) -> None:
    phone = await asked("tied")
    await go_offline(phone)
    await tap(phone, "Raise money", "Find partners", "Train staff")
    await phone.get_by_label("Equal with the one above: Train staff").check()
    await send(phone)
    await expect(phone.locator("[data-state]")).to_contain_text("You are offline. Your answer is kept")
    phone = await people.back(phone)
    await counted(phone)
    assert await order(phone) == ["1 Raise money", "2 Train staff", "2 Find partners"]
    assert await in_the_box(running, gathering, "tied") == {"4>1=3": 1}


async def test_an_order_can_be_changed_and_kept(running: Running, gathering: Event, asked: Asked) -> None:
    phone = await asked("needs")
    await tap(phone, "Train staff", "Cut red tape")
    await send(phone)
    await phone.get_by_text("Change my answer").click()
    await expect(card(phone, "Train staff")).to_be_focused()
    await tap(phone, "Train staff")
    await phone.get_by_text("Keep my answer").click()
    assert await order(phone) == ["1 Train staff", "2 Cut red tape"]
    await phone.get_by_text("Change my answer").click()
    await phone.get_by_role("button", name="Move Cut red tape up").click()
    await send_the_change(phone)
    assert await in_the_box(running, gathering, "needs") == {"2>1": 1}


async def test_an_abstention_puts_the_order_aside(running: Running, gathering: Event, asked: Asked) -> None:
    phone = await asked("needs")
    await tap(phone, "Train staff", "Cut red tape")
    abstain = phone.get_by_label("Abstain", exact=True)
    await abstain.check()
    assert await order(phone) == []
    await abstain.uncheck()
    assert await order(phone) == ["1 Train staff", "2 Cut red tape"]
    await abstain.check()
    await send(phone)
    await counted(phone)
    assert await in_the_box(running, gathering, "needs") == {"-": 1}
    await phone.reload()
    await phone.get_by_text("Change my answer").click()
    await tap(phone, "Find partners")
    await expect(abstain).not_to_be_checked()


async def test_the_waiting_page_says_the_order(act: Act, asked: Asked) -> None:
    phone = await asked("needs")
    await connected(phone)
    await tap(phone, "Raise money", "Find partners")
    await send(phone)
    await counted(phone)
    await act("needs", Action.CLOSE)
    told = phone.locator("[data-answer]")
    await expect(told).to_contain_text("Your answer: 1 Raise money, 2 Find partners · Counted ")
    await phone.reload()
    await expect(told).to_contain_text("Your answer: 1 Raise money, 2 Find partners · Counted ")
