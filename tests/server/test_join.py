"""The way in and the phone's first page, without a browser."""

import dataclasses
import json
import re
from collections.abc import AsyncIterator
from datetime import date
from http.cookies import SimpleCookie
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from polls.lifecycle import Action
from polls.model import (
    Event,
    EventId,
    OptionOrder,
    Poll,
    PollId,
    PollKind,
    ResultsMode,
    Room,
    RoomId,
    Segment,
    SegmentId,
    Text,
)
from polls.paper import display_order
from server import moderation
from server.app import build_app, build_context
from server.auth import Keyring, order_seed
from server.config import load_config
from server.context import Context
from server.loading import load_event
from server.store.memory import MemoryStore
from tests.polls.small_event import options, session, small_event

ROOT = Path(__file__).parent.parent.parent
BASE = "http://testserver"


LUNCH = Poll(
    id=PollId("lunch"),
    kind=PollKind.SINGLE,
    question=Text((("en", "How was lunch <today>?"), ("de", "Wie war das Essen?"))),
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
    results=ResultsMode.HIDDEN,
)
ELSEWHERE = Poll(
    id=PollId("elsewhere"),
    kind=PollKind.SINGLE,
    question=Text.plain("How green is this room?"),
    options=options("Very", "Not"),
)
MANAGERS = dataclasses.replace(
    LUNCH, id=PollId("managers"), question=Text.plain("What do you need?"), segments=(SegmentId("manager"),)
)


PLAIN = dataclasses.replace(
    small_event("gathering", "K7P4QX", session("opening", LUNCH, SKILLS)),
    last_day=date(2020, 11, 11),
    languages=("en", "de"),
)
GROUPED = dataclasses.replace(
    PLAIN,
    id=EventId("grouped"),
    join_code="H7P4QX",
    segments=(
        Segment(id=SegmentId("manager"), text=Text.plain("Cluster manager")),
        Segment(id=SegmentId("other"), text=Text.plain("Other participant")),
    ),
    rooms=(Room(id=RoomId("green"), text=Text.plain("Green")),),
    sessions=(session("opening", LUNCH, MANAGERS), session("side", ELSEWHERE, room="green")),
)


@dataclasses.dataclass(slots=True)
class House:
    """A server on the in-memory store, and what a moderator does in it."""

    client: httpx.AsyncClient
    context: Context
    app: Starlette

    async def act(self, event: Event, poll: str, action: Action) -> None:
        """Do it, and let the server read the event again before anything else is asked of it."""
        await moderation.act(self.context.store, event.id, "test", poll, action)
        await (await self.context.event(event.id)).refresh()

    async def page(self, event: Event, query: str = "", **headers: str) -> str:
        answer = await self.client.get(f"/j/{event.join_code}{query}", headers=headers)
        assert answer.status_code == 200
        return answer.text

    async def sit(self, event: Event, segment: str = "", room: str = "") -> None:
        await self.client.post(f"/j/{event.join_code}/seat", data={"segment": segment, "room": room})


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    store = MemoryStore()
    config = load_config(ROOT / "config.yaml", {}, {"store.data": str(tmp_path)})
    context = build_context(config, store, Keyring(b"k" * 32), tmp_path, BASE)
    app = build_app(context)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url=BASE) as client,
    ):
        for event in (PLAIN, GROUPED):
            await load_event(store, event, "test")
        yield House(client, context, app)


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None, name
    return found[1]


def choices(page: str) -> list[str]:
    return re.findall(r'<input type="(?:radio|checkbox)" name="selections" value="([^"]*)"', page)


def script(page: str) -> dict[str, object]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    assert found is not None
    data = json.loads(found[1])
    assert isinstance(data, dict)
    return data


async def test_a_typed_code_leads_to_its_page_however_it_is_written(house: House) -> None:
    answer = await house.client.post("/", data={"code": " k7p-4qx "})
    assert (answer.status_code, answer.headers["location"]) == (303, "/j/K7P4QX")
    answer = await house.client.get("/j/k7p4qx")
    assert (answer.status_code, answer.headers["location"]) == (303, "/j/K7P4QX")


@pytest.mark.parametrize("typed", ["", "K7P", "K7P 4Q!", "<script>"])
async def test_what_is_no_code_gets_the_form_again_with_what_was_typed(house: House, typed: str) -> None:
    answer = await house.client.post("/", data={"code": typed})
    assert answer.status_code == 422
    assert "six letters and digits" in answer.text
    assert "<script>" not in answer.text.replace('<script type="', "")


async def test_an_unknown_code_is_a_404_with_the_form_and_what_was_typed(house: House) -> None:
    answer = await house.client.get("/j/AAAAAA")
    assert answer.status_code == 404
    assert "There is no event with this code" in answer.text
    assert 'value="AAAAAA"' in answer.text
    assert 'action="/"' in answer.text


async def test_the_first_visit_sets_a_device_cookie_that_outlives_the_event(house: House) -> None:
    answer = await house.client.get("/j/K7P4QX")
    cookie = SimpleCookie(answer.headers["set-cookie"])["hc_device"]
    assert cookie["httponly"] and cookie["samesite"] == "lax" and cookie["path"] == "/"
    days = int(cookie["max-age"]) / 86_400
    assert (
        days == house.context.config.privacy.device_days_after_event + 1
    )  # the event is over: from today on
    assert "set-cookie" not in (await house.client.get("/j/K7P4QX")).headers


async def test_a_forged_device_cookie_is_replaced(house: House) -> None:
    house.client.cookies.set("hc_device", "somebody-else.c2lnbmVk")
    assert "hc_device" in (await house.client.get("/j/K7P4QX")).headers["set-cookie"]


async def test_the_group_is_asked_once_and_before_the_first_paper(house: House) -> None:
    await house.act(GROUPED, "lunch", Action.OPEN)
    page = await house.page(GROUPED)
    assert "Which group do you belong to?" in page
    assert choices(page) == []
    await house.sit(GROUPED, "other")
    page = await house.page(GROUPED)
    assert choices(page) == ["1", "2", "3", ""]
    assert "Other participant" in page
    assert "Which group do you belong to?" in await house.page(GROUPED, "?seat=1")


async def test_a_group_or_room_that_is_not_declared_is_not_taken(house: House) -> None:
    await house.sit(GROUPED, "president", "cellar")
    assert "Which group do you belong to?" in await house.page(GROUPED)


async def test_a_question_for_another_group_is_not_in_the_page(house: House) -> None:
    await house.act(GROUPED, "managers", Action.OPEN)
    await house.sit(GROUPED, "other")
    assert "What do you need?" not in await house.page(GROUPED)
    await house.sit(GROUPED, "manager")
    assert "What do you need?" in await house.page(GROUPED)


async def test_people_of_a_room_get_its_question_and_others_do_not(house: House) -> None:
    await house.act(GROUPED, "elsewhere", Action.OPEN)
    await house.sit(GROUPED, "other")
    assert "How green is this room?" not in await house.page(GROUPED)
    await house.sit(GROUPED, "other", "green")
    assert "How green is this room?" in await house.page(GROUPED)


async def test_the_waiting_page_looks_again_by_itself_and_a_form_does_not(house: House) -> None:
    assert 'http-equiv="refresh"' in await house.page(PLAIN)
    await house.act(PLAIN, "lunch", Action.OPEN)
    page = await house.page(PLAIN)
    assert 'http-equiv="refresh"' not in page
    assert "How was lunch &lt;today&gt;?" in page
    assert page.count("<h1") == 1


async def test_a_page_speaks_the_language_of_the_browser(house: House) -> None:
    await house.act(PLAIN, "lunch", Action.OPEN)
    page = await house.page(PLAIN, **{"accept-language": "de-AT,en;q=0.5"})
    assert '<html lang="de"' in page
    assert "Wie war das Essen?" in page and "Senden" in page


async def test_shuffled_options_stand_in_this_phones_own_order(house: House) -> None:
    await house.act(PLAIN, "skills", Action.OPEN)
    await house.page(PLAIN)
    page = await house.page(PLAIN)
    device = house.context.keyring.read_device(house.client.cookies["hc_device"])
    assert device is not None
    assert script(page)["seed"] == order_seed(device)
    assert choices(page) == [option.id for option in display_order(SKILLS, order_seed(device))]
    assert device not in page


async def test_no_text_of_the_event_can_end_the_data_of_the_script(house: House) -> None:
    await house.act(PLAIN, "lunch", Action.OPEN)
    page = await house.page(PLAIN)
    assert page.count("</script>") == 2  # the module's and the data's


async def test_everything_needed_to_vote_is_small(house: House) -> None:
    await house.act(PLAIN, "lunch", Action.OPEN)
    page = await house.page(PLAIN)
    styles = [ROOT / "static" / "css" / name for name in ("tokens.css", "base.css", "phone.css")]
    assert len(page.encode()) < 7_000  # with packed styles below 14 kB before any script
    assert sum(style.stat().st_size for style in styles) < 18_000
