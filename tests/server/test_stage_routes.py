"""The stage's page and its clicker by real requests against a real server and store."""

import asyncio
import json
import re
from typing import Any

import httpx

from polls.model import Event, RoomId
from server.auth import Role
from server.render import script_json
from tests.conftest import Running
from tests.server.faces import caller, fill_box

FIRST, SECOND = "public-support", "business-adapts"
VOTE = "cluster-manager-2020"

Stands = dict[str, Any]


def idle(**changes: Any) -> Stands:
    return {"poll": "", "round": 0, "state": "idle", "blank": False, **changes}


async def press(
    client: httpx.AsyncClient, event: str, action: str, seen: Stands, **more: Any
) -> httpx.Response:
    known = {name: seen[name] for name in ("poll", "round", "state", "blank")}
    return await client.post(f"/stage/{event}/press", json={"action": action, **known, **more})


async def walk(client: httpx.AsyncClient, event: str, *actions: str) -> Stands:
    """Press one key after the other, each on what the one before left."""
    seen = idle()
    for action in actions:
        answer = await press(client, event, action, seen)
        assert answer.status_code == 200, answer.text
        seen = answer.json()
    return seen


async def test_one_key_leads_through_a_poll_and_on_to_the_next(running: Running, loaded: Event) -> None:
    async with caller(running, loaded.id, Role.PRESENTER) as client:
        steps = []
        seen = idle()
        for _ in range(5):
            seen = (await press(client, loaded.id, "next", seen)).json()
            steps.append((seen["poll"], seen["state"]))
    assert steps == [
        (FIRST, "waiting"),
        (FIRST, "open"),
        (FIRST, "closed"),
        (FIRST, "published"),
        (SECOND, "waiting"),
    ]


async def test_press_on_a_screen_that_is_behind_changes_nothing_and_says_how_it_stands(
    running: Running, loaded: Event
) -> None:
    async with caller(running, loaded.id, Role.PRESENTER) as client:
        now = await walk(client, loaded.id, "next", "next")
        late = await press(client, loaded.id, "next", {**now, "state": "waiting", "round": 0})
    assert late.status_code == 409
    assert {name: late.json()[name] for name in now} == now
    assert late.json()["state"] == "open"
    assert late.json()["message"]


async def test_of_two_clickers_at_once_one_opens_the_poll_and_one_is_told(
    running: Running, loaded: Event
) -> None:
    async with caller(running, loaded.id, Role.PRESENTER) as client:
        now = await walk(client, loaded.id, "next")
        answers = await asyncio.gather(*(press(client, loaded.id, "next", now) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert {answer.json()["state"] for answer in answers} == {"open"}


async def test_clicker_needs_a_right_and_every_role_has_it(running: Running, loaded: Event) -> None:
    async with caller(running, loaded.id, None) as nobody:
        refused = await press(nobody, loaded.id, "next", idle())
    assert refused.status_code == 403
    assert "presenter" in refused.json()["message"]
    seen = idle()
    for role in (Role.PRESENTER, Role.MODERATOR, Role.ORGANISER):
        async with caller(running, loaded.id, role) as client:
            answer = await press(client, loaded.id, "next", seen)
            assert answer.status_code == 200
            seen = answer.json()


async def test_blank_and_back_keeps_the_poll(running: Running, loaded: Event) -> None:
    async with caller(running, loaded.id, Role.PRESENTER) as client:
        before = await walk(client, loaded.id, "next", "next")
        black = (await press(client, loaded.id, "blank", before)).json()
        assert black == idle(blank=True)
        assert (await press(client, loaded.id, "hide", black)).status_code == 409
        assert (await press(client, loaded.id, "blank", black)).json() == before


async def test_next_key_on_a_black_screen_only_shows_the_stage_again(running: Running, loaded: Event) -> None:
    async with caller(running, loaded.id, Role.PRESENTER) as client:
        before = await walk(client, loaded.id, "next", "next")
        black = (await press(client, loaded.id, "blank", before)).json()
        assert (await press(client, loaded.id, "next", black)).json() == before


async def test_previous_shows_the_poll_before_but_never_leaves_an_open_one(
    running: Running, loaded: Event
) -> None:
    async with caller(running, loaded.id, Role.PRESENTER) as client:
        second = await walk(client, loaded.id, *["next"] * 5)
        back = (await press(client, loaded.id, "previous", second)).json()
        assert (back["poll"], back["state"]) == (FIRST, "published")
        assert (await press(client, loaded.id, "previous", back)).status_code == 409
        again = (await press(client, loaded.id, "next", back)).json()
        opened = (await press(client, loaded.id, "next", again)).json()
        assert (opened["poll"], opened["state"]) == (SECOND, "open")
        assert (await press(client, loaded.id, "previous", opened)).status_code == 409


async def test_hide_key_hides_a_live_result_and_shows_it_again(running: Running, loaded: Event) -> None:
    async def lines(client: httpx.AsyncClient) -> int:
        return len(embedded((await client.get(f"/stage/{loaded.id}")).text)["frame"]["view"]["lines"])

    async with caller(running, loaded.id, Role.PRESENTER) as client:
        opened = await walk(client, loaded.id, "next", "next")
        assert await lines(client) == 6
        assert (await press(client, loaded.id, "hide", opened)).status_code == 200
        assert await lines(client) == 0
        assert (await press(client, loaded.id, "hide", opened)).status_code == 200
        assert await lines(client) == 6


async def test_hide_key_never_reveals_a_hidden_vote_that_is_open(running: Running, loaded: Event) -> None:
    async with caller(running, loaded.id, Role.MODERATOR) as client:
        await client.post(f"/console/{loaded.id}/show", data={"poll": VOTE})
        await client.post(f"/console/{loaded.id}/open", data={"poll": VOTE})
        seen = {"poll": VOTE, "round": 1, "state": "open", "blank": False}
        await fill_box(running.store, loaded.id, VOTE, 1, ["novo", "pfeil", "pfeil"])
        assert (await press(client, loaded.id, "hide", seen)).status_code == 409
        page = (await client.get(f"/stage/{loaded.id}")).text
    view = embedded(page)["frame"]["view"]
    assert (view["form"], view["lines"], view["counted"]) == ("turnout", [], 3)
    assert embedded(page)["frame"]["figures"] is None
    assert "Uwe Pfeil" not in page


async def test_groups_key_shows_groups_and_everyone_again_and_nothing_without_groups(
    running: Running, loaded: Event
) -> None:
    async def is_beside(client: httpx.AsyncClient) -> bool:
        return bool(embedded((await client.get(f"/stage/{loaded.id}")).text)["frame"]["view"]["beside"])

    async with caller(running, loaded.id, Role.PRESENTER) as client:
        waiting = await walk(client, loaded.id, "next")
        assert (await press(client, loaded.id, "beside", waiting)).status_code == 409
        opened = (await press(client, loaded.id, "next", waiting)).json()
        for action in ("beside", "beside", "together"):
            assert (await press(client, loaded.id, action, opened)).status_code == 200
            assert await is_beside(client) == (action == "beside")
        await press(client, loaded.id, "beside", opened)
        second = opened
        for _ in range(4):
            second = (await press(client, loaded.id, "next", second)).json()
        assert (second["poll"], second["state"]) == (SECOND, "open")
        assert (await press(client, loaded.id, "beside", second)).status_code == 409
        assert not await is_beside(client)


async def test_broken_press_is_refused_and_changes_nothing(running: Running, loaded: Event) -> None:
    async with caller(running, loaded.id, Role.PRESENTER) as client:
        url = f"/stage/{loaded.id}/press"
        assert (await client.post(url, content=b"{")).status_code == 400
        assert (await client.post(url, json={"action": "reset", **idle()})).status_code == 400
        assert (await client.post(url, json={"action": "next", "surprise": 1})).status_code == 400
        assert (await client.post(url, content=b" " * 5000)).status_code == 413
        assert (await press(client, loaded.id, "next", idle(), room="nowhere")).status_code == 404
        foreign = await client.post(
            url, json={"action": "next", **idle()}, headers={"origin": "https://elsewhere.example"}
        )
        assert foreign.status_code == 403
    snapshot = await running.store.snapshot(loaded.id)
    assert snapshot is not None and not snapshot.state.desks


async def test_clicker_of_a_room_steers_only_that_room(running: Running, loaded: Event) -> None:
    async with caller(running, loaded.id, Role.PRESENTER) as client:
        answer = await press(client, loaded.id, "blank", idle(), room="green")
        assert answer.status_code == 200
    snapshot = await running.store.snapshot(loaded.id)
    assert snapshot is not None
    assert snapshot.state.desk(RoomId("green")).blank
    assert not snapshot.state.desk(RoomId("")).blank


async def test_page_says_question_sentence_and_figures_without_a_script(
    running: Running, loaded: Event
) -> None:
    async with caller(running, loaded.id, Role.PRESENTER, accept="text/html") as client:
        await walk(client, loaded.id, "next", "next")
        await fill_box(running.store, loaded.id, FIRST, 1, ["1"] * 19 + ["2"] * 18 + ["3"] * 8, "audience")
        text = (await client.get(f"/stage/{loaded.id}")).text
    assert '<h1 id="question">How can public authorities support business' in text
    assert "Increase public investments leads with 42\u00a0%, 45 answers" in text
    cells = re.findall(r"<td>([^<]*)</td>", text)
    assert cells[:3] == ["Increase public investments", "19", "42\u00a0%"]
    assert f"{loaded.join_code[:3]} {loaded.join_code[3:]}" in text
    assert "<svg" in text


async def test_page_speaks_the_language_and_theme_of_its_address(running: Running, loaded: Event) -> None:
    async with caller(running, loaded.id, Role.PRESENTER) as client:
        await walk(client, loaded.id, "next")
        page = (await client.get(f"/stage/{loaded.id}?lang=de&theme=light")).text
    assert '<html lang="de" data-theme="light">' in page
    assert "Wie kann die öffentliche Hand" in page
    assert embedded(page)["theme"] == "light"


async def test_key_in_the_link_becomes_a_cookie_and_leaves_the_address(
    running: Running, loaded: Event
) -> None:
    token = await running.token(loaded.id, Role.PRESENTER)
    async with httpx.AsyncClient(base_url=running.base) as client:
        answer = await client.get(f"/stage/{loaded.id}?key={token}&theme=light")
        assert (answer.status_code, answer.headers["location"]) == (303, f"/stage/{loaded.id}?theme=light")
        assert "HttpOnly" in answer.headers["set-cookie"]
        assert (await press(client, loaded.id, "next", idle())).status_code == 200
        wrong = await client.get(f"/stage/{loaded.id}?key=nonsense")
        assert wrong.status_code == 403


async def test_stage_of_no_event_or_room_is_not_found(running: Running, loaded: Event) -> None:
    async with httpx.AsyncClient(base_url=running.base) as client:
        assert (await client.get("/stage/no-such-event")).status_code == 404
        assert (await client.get(f"/stage/{loaded.id}?room=nowhere")).status_code == 404


def test_data_for_the_script_cannot_end_its_element() -> None:
    value = {"question": "</script><script>alert(1)</script><!-- & \u2028"}
    text = script_json(value)
    assert "<" not in text and ">" not in text
    assert json.loads(text) == value


def embedded(page: str) -> dict[str, Any]:
    """The first state that the page carries for its script."""
    found = re.search(r'<script type="application/json" id="first">(.*?)</script>', page, re.DOTALL)
    assert found
    value: dict[str, Any] = json.loads(found.group(1))
    return value
