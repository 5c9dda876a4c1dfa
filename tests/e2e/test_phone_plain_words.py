"""The phone tells the plain truth, to eyes, ears and keys, on any screen."""

import dataclasses

from playwright.async_api import expect

from polls.lifecycle import Action
from polls.model import Event, Text
from server import moderation
from server.loading import load_event
from tests.conftest import Running, with_polls
from tests.e2e.conftest import Act, People
from tests.e2e.phones import COUNTED, choose, heard, listen, send, tap
from tests.e2e.questions import LUNCH
from tests.polls.small_event import options
from tests.waiting import eventually

STATE = "[data-state]"
SAYS_COUNTED = f"{STATE}.good"
"""The line says that the answer is counted; it may be being changed."""
IN_VIEW = "one => one.getBoundingClientRect().bottom <= innerHeight && one.getBoundingClientRect().top >= 0"


async def test_a_change_that_was_not_sent_is_never_called_counted(
    people: People, gathering: Event, act: Act
) -> None:
    """A green "Counted" stood below the new choice before it was sent, and still when voting had closed."""
    await act("lunch", Action.OPEN)
    phone = await people.phone(gathering.join_code)
    await choose(phone, "Good")
    await send(phone)
    await phone.get_by_text("Change my answer").click()
    await expect(phone.locator(SAYS_COUNTED)).to_be_visible()  # as long as nothing else is chosen
    await choose(phone, "Poor")
    await expect(phone.locator(STATE)).to_contain_text("Your change is not sent yet. Your answer of ")
    await choose(phone, "Good")
    await expect(phone.locator(SAYS_COUNTED)).to_be_visible()
    await choose(phone, "Poor")
    await act("lunch", Action.CLOSE)
    await expect(phone.locator(STATE)).to_contain_text("Your change is not counted: voting had closed.")
    await expect(phone.locator(SAYS_COUNTED)).to_have_count(0)


async def test_an_order_that_was_changed_and_not_sent_is_not_called_counted(
    people: People, gathering: Event, act: Act
) -> None:
    await act("needs", Action.OPEN)
    phone = await people.phone(gathering.join_code)
    await tap(phone, "Cut red tape", "Train staff")
    await send(phone)
    await phone.get_by_text("Change my answer").click()
    await expect(phone.locator(SAYS_COUNTED)).to_be_visible()
    await phone.get_by_role("button", name="Move Train staff up").click()
    await expect(phone.locator(STATE)).to_contain_text("Your change is not sent yet.")
    await phone.get_by_role("button", name="Move Train staff down").click()
    await expect(phone.locator(SAYS_COUNTED)).to_be_visible()


async def test_every_question_and_every_result_is_heard_also_the_second_of_its_kind(
    people: People, gathering: Event, act: Act
) -> None:
    """The second's words were those of the first, so nothing was said; nor was ever what the result is."""
    phone = await people.phone(gathering.join_code)
    await expect(phone.locator("#link")).to_have_text("Connected")
    await listen(phone)
    news = "A new question is open."
    await act("lunch", Action.OPEN)
    await expect(phone.locator("h1")).to_have_text("How was lunch?")
    await choose(phone, "Good")
    await send(phone)
    await expect(phone.locator(COUNTED)).to_be_visible()
    await act("useful", Action.OPEN)
    await expect(phone.locator("h1")).to_have_text("How useful was this session?")

    async def is_heard(*texts: str) -> bool:
        return " ".join(await heard(phone)).replace("\u00a0", " ") == " ".join(texts)

    await eventually(lambda: is_heard(news, news), what="both questions are announced")
    await choose(phone, "7")
    await send(phone)
    await act("lunch", Action.CLOSE)
    await act("useful", Action.CLOSE)
    done = "This question is done. A result is shown. The mean is 7.00, from 1 rating"
    await eventually(lambda: is_heard(news, news, done), what="the result is said with its question's end")
    await act("skills", Action.OPEN)
    await expect(phone.locator("h1")).to_have_text("Which skills matter most?")
    await choose(phone, "Green")
    await send(phone)
    await expect(phone.locator(".sentence")).to_contain_text("Green leads")
    await act("skills", Action.CLOSE)
    last = "This question is done. A result is shown. Green leads: 100 % of 1 person chose it"
    await eventually(lambda: is_heard(news, news, done, news, last), what="so is the next one")


async def test_what_was_said_does_not_stay_for_those_who_read_the_page_later(
    people: People, gathering: Event, act: Act
) -> None:
    phone = await people.phone(gathering.join_code)
    await expect(phone.locator("#link")).to_have_text("Connected")
    await phone.evaluate(
        "() => { const wait = setTimeout; window.setTimeout = (f, ms) => wait(f, ms / 20); }"
    )
    await listen(phone)
    await act("lunch", Action.OPEN)
    await expect(phone.locator("h1")).to_have_text("How was lunch?")

    async def is_heard() -> bool:
        return await heard(phone) == ["A new question is open."]

    await eventually(is_heard)
    await expect(phone.locator("#say")).to_be_empty()


async def test_whoever_sends_with_a_key_finds_the_next_thing_with_the_next(
    people: People, gathering: Event, act: Act
) -> None:
    """The button took the focus with it, and the next key led past "Change my answer"."""
    await act("lunch", Action.OPEN)
    phone = await people.phone(gathering.join_code)
    await choose(phone, "Good")
    await phone.locator("[data-send]").focus()
    await phone.keyboard.press("Enter")
    await expect(phone.locator(COUNTED)).to_be_visible()
    await phone.keyboard.press("Tab")
    await expect(phone.locator("[data-change]")).to_be_focused()


async def test_on_a_low_screen_the_bad_news_is_in_view(people: People, gathering: Event, act: Act) -> None:
    """On a phone lying on its side or zoomed in, options went grey and nothing on the screen said why."""
    await act("lunch", Action.OPEN)
    lying, zoomed = await people.phone(gathering.join_code), await people.phone(gathering.join_code)
    await lying.set_viewport_size({"width": 844, "height": 390})
    await zoomed.set_viewport_size({"width": 195, "height": 422})
    assert await lying.locator("[data-send]").evaluate(IN_VIEW)
    for phone in (lying, zoomed):
        await expect(phone.locator("#link")).to_have_text("Connected")
        await choose(phone, "Good")
        await phone.evaluate("scrollTo(0, 0)")
    await act("lunch", Action.CLOSE)
    for phone in (lying, zoomed):
        await expect(phone.locator(STATE)).to_have_text("Not counted: voting had closed.")
        assert await phone.locator(STATE).evaluate(IN_VIEW)
        assert await phone.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_an_answer_of_one_long_word_stays_on_the_screen(
    people: People, running: Running, example: Event
) -> None:
    word = "Donaudampfschifffahrtsgesellschaftskapitänsausbildung"
    poll = dataclasses.replace(LUNCH, question=Text.plain("Was?"), options=options(word, "Wohnen"))
    event = dataclasses.replace(with_polls(example, poll), segments=(), rooms=())
    await load_event(running.store, event, actor="test")
    phone = await people.phone(event.join_code)
    await moderation.act(running.store, event.id, "test", "lunch", Action.OPEN)
    await choose(phone, word)
    await send(phone)
    await expect(phone.locator(COUNTED)).to_be_visible()
    await moderation.act(running.store, event.id, "test", "lunch", Action.CLOSE)
    answer = phone.locator("[data-answer]")
    await expect(answer).to_contain_text(word)
    assert await answer.evaluate("one => one.getBoundingClientRect().right <= innerWidth")
