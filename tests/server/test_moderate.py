"""The console's actions by real requests against a real server and store."""

import asyncio

import httpx
import pytest

from polls.model import Event
from server.auth import Role
from server.store.checks import Durability
from tests.conftest import Running
from tests.server.faces import caller, fill_box

POLL = "public-support"


async def do(client: httpx.AsyncClient, event: str, action: str, **form: str) -> httpx.Response:
    return await client.post(f"/console/{event}/{action}", data={"poll": POLL, **form})


async def test_run_of_one_poll_from_open_to_published(running: Running, loaded: Event) -> None:
    async with caller(running, loaded.id, Role.MODERATOR) as client:
        stands = []
        for action in ("show", "open", "close", "reveal"):
            answer = await do(client, loaded.id, action)
            assert answer.status_code == 200
            stands.append((answer.json()["state"], answer.json()["round"]))
        assert stands == [("draft", 0), ("open", 1), ("closed", 1), ("published", 1)]
        following = await do(client, loaded.id, "next")
        assert following.status_code == 200
    snapshot = await running.store.snapshot(loaded.id)
    assert snapshot is not None
    assert snapshot.state.desk(loaded.sessions[0].room).poll == "business-adapts"


async def test_offset_in_the_answer_rises_with_every_action(running: Running, loaded: Event) -> None:
    async with caller(running, loaded.id, Role.MODERATOR) as client:
        offsets = [
            (await do(client, loaded.id, action)).json()["offset"] for action in ("open", "close", "reveal")
        ]
    assert offsets == sorted(set(offsets))


async def test_lost_race_answers_with_how_it_stands(running: Running, loaded: Event) -> None:
    async with caller(running, loaded.id, Role.MODERATOR) as client:
        await do(client, loaded.id, "open")
        late = await do(client, loaded.id, "open", state="draft", round="0")
        assert late.status_code == 409
        assert (late.json()["state"], late.json()["round"]) == ("open", 1)
        assert late.json()["message"] == "Somebody else was faster. This is how it stands now."


async def test_of_two_moderators_closing_at_once_one_does_it_and_one_is_told(
    running: Running, loaded: Event
) -> None:
    async with caller(running, loaded.id, Role.MODERATOR) as client:
        await do(client, loaded.id, "open")
        answers = await asyncio.gather(
            *(do(client, loaded.id, "close", state="open", round="1") for _ in range(2))
        )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert {answer.json()["state"] for answer in answers} == {"closed"}
    entries = [entry.action for entry in await running.store.audit(loaded.id)]
    assert entries.count("close") == 1


async def test_close_meant_for_an_earlier_round_is_refused(running: Running, loaded: Event) -> None:
    async with caller(running, loaded.id, Role.MODERATOR) as client:
        for action in ("open", "close"):
            await do(client, loaded.id, action)
        await do(client, loaded.id, "reopen", typed="REOPEN")
        late = await do(client, loaded.id, "close", state="open", round="1")
    assert late.status_code == 409
    assert (late.json()["state"], late.json()["round"]) == ("open", 2)


@pytest.mark.parametrize(("action", "typed"), [("reset", ""), ("reset", "REOPEN"), ("reopen", "yes")])
async def test_what_loses_something_needs_its_word(
    running: Running, loaded: Event, action: str, typed: str
) -> None:
    async with caller(running, loaded.id, Role.MODERATOR) as client:
        for step in ("open", "close"):
            await do(client, loaded.id, step)
        answer = await do(client, loaded.id, action, typed=typed)
    assert answer.status_code == 409
    assert answer.json()["state"] == "closed"
    assert action.upper() in answer.json()["message"]


async def test_reset_deletes_the_ballots_and_reopening_keeps_the_old_round(
    running: Running, loaded: Event
) -> None:
    async with caller(running, loaded.id, Role.MODERATOR) as client:
        await do(client, loaded.id, "open")
        await fill_box(running.store, loaded.id, POLL, 1, ["1", "2"])
        await do(client, loaded.id, "close")
        again = await do(client, loaded.id, "reopen", typed="reopen")
        assert (again.json()["state"], again.json()["round"]) == ("open", 2)
        await fill_box(running.store, loaded.id, POLL, 2, ["3"])
        reset = await do(client, loaded.id, "reset", typed="RESET", state="open", round="2")
        assert reset.json()["state"] == "draft"
    assert len((await running.store.read_round(loaded.id, loaded.sessions[0].polls[0].id, 1)).box) == 2
    assert (await running.store.read_round(loaded.id, loaded.sessions[0].polls[0].id, 2)).box == {}


async def test_countdown_is_given_to_a_poll_without_one_and_lengthened(
    running: Running, loaded: Event
) -> None:
    async with caller(running, loaded.id, Role.MODERATOR) as client:
        await do(client, loaded.id, "open")
        await do(client, loaded.id, "extend", seconds="30")
        first = (await running.store.snapshot(loaded.id)).state.run(loaded.sessions[0].polls[0].id)  # type: ignore[union-attr]
        await do(client, loaded.id, "extend", seconds="30")
        second = (await running.store.snapshot(loaded.id)).state.run(loaded.sessions[0].polls[0].id)  # type: ignore[union-attr]
        refused = await do(client, loaded.id, "extend", seconds="-5")
    assert first.closes_ms is not None
    assert second.closes_ms == first.closes_ms + 30_000
    assert refused.status_code == 409


@pytest.mark.parametrize(
    ("action", "poll"), [("explode", POLL), ("open", "no-such-poll"), ("show", "no-such-poll"), ("open", "")]
)
async def test_nonsense_changes_nothing(running: Running, loaded: Event, action: str, poll: str) -> None:
    before = await running.store.snapshot(loaded.id)
    async with caller(running, loaded.id, Role.MODERATOR) as client:
        answer = await client.post(f"/console/{loaded.id}/{action}", data={"poll": poll})
    after = await running.store.snapshot(loaded.id)
    assert answer.status_code == 409
    assert before is not None and after is not None
    assert before.head == after.head


@pytest.mark.parametrize("role", [None, Role.PRESENTER])
async def test_console_is_for_moderators(running: Running, loaded: Event, role: Role | None) -> None:
    async with caller(running, loaded.id, role) as client:
        assert (await do(client, loaded.id, "open")).status_code == 403
        assert (await client.get(f"/console/{loaded.id}")).status_code == 403
        assert (await client.get(f"/console/{loaded.id}/panel")).status_code == 403


async def test_post_from_another_site_is_refused(running: Running, loaded: Event) -> None:
    async with caller(running, loaded.id, Role.MODERATOR, origin="https://elsewhere.example") as client:
        assert (await do(client, loaded.id, "open")).status_code == 403


async def test_large_form_is_refused(running: Running, loaded: Event) -> None:
    async with caller(running, loaded.id, Role.MODERATOR) as client:
        assert (await do(client, loaded.id, "open", typed="x" * 20_000)).status_code == 413


async def test_link_gives_the_cookie_and_a_clean_address(running: Running, loaded: Event) -> None:
    token = await running.token(loaded.id, Role.MODERATOR)
    async with httpx.AsyncClient(base_url=running.base) as client:
        first = await client.get(f"/console/{loaded.id}?key={token}&room=green")
        assert (first.status_code, first.headers["location"]) == (303, f"/console/{loaded.id}?room=green")
        cookie = first.headers["set-cookie"].lower()
        assert "httponly" in cookie and "samesite=lax" in cookie and "secure" not in cookie
        page = await client.get(first.headers["location"])
    assert page.status_code == 200
    assert token not in page.text


async def test_link_that_was_renewed_opens_nothing(running: Running, loaded: Event) -> None:
    token = await running.token(loaded.id, Role.MODERATOR)
    async with caller(running, loaded.id, Role.ORGANISER) as organiser:
        await organiser.post(f"/organise/{loaded.id}/renew", data={"role": "moderator"})
    async with httpx.AsyncClient(base_url=running.base) as client:
        answer = await client.get(f"/console/{loaded.id}?key={token}")
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


async def test_without_scripts_an_action_leads_back_to_the_page_of_its_room(
    running: Running, loaded: Event
) -> None:
    async with caller(running, loaded.id, Role.MODERATOR, accept="text/html") as client:
        done = await client.post(f"/console/{loaded.id}/blank", data={"room": "green"})
        assert (done.status_code, done.headers["location"]) == (303, f"/console/{loaded.id}?room=green")
        late = await do(client, loaded.id, "close", room="")
        assert late.headers["location"] == f"/console/{loaded.id}?said=console_refused"
        page = await client.get(late.headers["location"])
    assert "This does not fit how it stands now. Nothing was changed." in page.text


async def test_htmx_gets_the_panel_with_the_sentence_of_a_lost_race(running: Running, loaded: Event) -> None:
    headers = {"accept": "text/html", "hx-request": "true"}
    async with caller(running, loaded.id, Role.MODERATOR, **headers) as client:
        await do(client, loaded.id, "open")
        late = await do(client, loaded.id, "open", state="draft", round="0")
    assert late.status_code == 200
    assert "<html" not in late.text
    assert "Somebody else was faster." in late.text
    assert "Close voting" in late.text


async def test_console_shows_no_count_of_options_that_the_hall_may_not_see(
    running: Running, loaded: Event
) -> None:
    poll = (
        "manager-of-the-year"
        if loaded.find_poll("manager-of-the-year")
        else next(poll.id for _, poll in loaded.polls() if poll.people)
    )
    async with caller(running, loaded.id, Role.MODERATOR) as client:
        await client.post(f"/console/{loaded.id}/open", data={"poll": poll})
        option = loaded.find_poll(poll)[1].options[0]  # type: ignore[index]
        await fill_box(running.store, loaded.id, poll, 1, [option.id] * 7)
        hidden = (await client.get(f"/console/{loaded.id}/panel")).text
        await client.post(f"/console/{loaded.id}/close", data={"poll": poll})
        await client.post(f"/console/{loaded.id}/reveal", data={"poll": poll})
        revealed = (await client.get(f"/console/{loaded.id}/panel")).text
    assert option.text.pick("en") not in hidden
    assert "The result is hidden until it is revealed." in hidden
    assert option.text.pick("en") in revealed


async def test_reset_says_how_many_ballots_are_lost(running: Running, loaded: Event) -> None:
    async with caller(running, loaded.id, Role.MODERATOR) as client:
        await do(client, loaded.id, "open")
        await fill_box(running.store, loaded.id, POLL, 1, ["1"] * 12)
        panel = (await client.get(f"/console/{loaded.id}/panel")).text
    assert "Reset deletes 12 ballots of this round." in panel


async def test_every_room_has_a_desk_of_its_own(running: Running, loaded: Event) -> None:
    async with caller(running, loaded.id, Role.MODERATOR) as client:
        await do(client, loaded.id, "show")
        await client.post(f"/console/{loaded.id}/blank", data={"room": "green"})
        main = (await client.get(f"/console/{loaded.id}/panel")).text
        green = (await client.get(f"/console/{loaded.id}/panel?room=green")).text
    assert "The stage is blank." in green
    assert "The stage is blank." not in main
    assert 'data-poll="public-support"' in main


async def test_durability_is_what_the_store_says(running: Running, loaded: Event) -> None:
    async with caller(running, loaded.id, Role.MODERATOR) as client:
        panel = (await client.get(f"/console/{loaded.id}/panel")).text
    assert await running.store.durability() is Durability.ALWAYS
    assert "Every counted vote is on disk." in panel


async def test_groups_stand_beside_each_other_until_the_moderator_or_another_poll_takes_them_back(
    running: Running, loaded: Event
) -> None:
    async with caller(running, loaded.id, Role.MODERATOR) as client:
        early = await do(client, loaded.id, "beside")
        assert early.status_code == 409
        await do(client, loaded.id, "open")
        await fill_box(running.store, loaded.id, POLL, 1, ["2", "2", "2", "1"], "panellist")
        await fill_box(running.store, loaded.id, POLL, 1, ["1"] * 9, "business")
        panel = (await client.get(f"/console/{loaded.id}/panel")).text
        assert "Show the groups beside each other" in panel
        assert (await do(client, loaded.id, "beside")).status_code == 200
        again = await do(client, loaded.id, "beside")
        assert again.status_code == 200
        panel = (await client.get(f"/console/{loaded.id}/panel")).text
        stage = (await client.get(f"/stage/{loaded.id}")).text
        assert "Show everyone&#39;s result" in panel
        assert "Panellist, N = 4" in stage and "Everyone else, N = 9" in stage
        assert "everyone: N = 13" in stage
        assert (await do(client, loaded.id, "together")).status_code == 200
        assert "share of valid ballots, N = 13" in (await client.get(f"/stage/{loaded.id}")).text
        await do(client, loaded.id, "beside")
        await client.post(f"/console/{loaded.id}/show", data={"poll": "business-adapts"})
    snapshot = await running.store.snapshot(loaded.id)
    assert snapshot is not None
    assert not snapshot.state.desk(loaded.sessions[0].room).beside
    done = [entry.action for entry in await running.store.audit(loaded.id)]
    assert [action for action in done if action in ("beside", "together")] == ["beside", "together", "beside"]


async def test_groups_of_a_poll_that_left_the_stage_are_not_shown(running: Running, loaded: Event) -> None:
    async with caller(running, loaded.id, Role.MODERATOR) as client:
        await do(client, loaded.id, "open")
        await client.post(f"/console/{loaded.id}/show", data={"poll": "business-adapts"})
        assert (await do(client, loaded.id, "beside")).status_code == 409
