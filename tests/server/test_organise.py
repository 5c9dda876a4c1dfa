"""The organiser's page and its requests against a real server and store."""

import json

import httpx
import pytest

from polls.model import Event, EventId
from server.auth import Role
from server.rehearsal_copy import IsACopy, make_copy
from tests.conftest import Running
from tests.server.faces import caller, fill_box

POLL = "public-support"


async def open_poll(running: Running, event: Event, *canonicals: str) -> None:
    async with caller(running, event.id, Role.MODERATOR) as client:
        assert (await client.post(f"/console/{event.id}/open", data={"poll": POLL})).status_code == 200
    await fill_box(running.store, event.id, POLL, 1, canonicals)


@pytest.mark.parametrize("role", [None, Role.PRESENTER, Role.MODERATOR])
async def test_organisers_pages_are_for_the_organiser(
    running: Running, loaded: Event, role: Role | None
) -> None:
    async with caller(running, loaded.id, role) as client:
        for path in ("", "/status", "/export.json", "/export.csv?hidden=1"):
            assert (await client.get(f"/organise/{loaded.id}{path}")).status_code == 403
        for path in ("renew", "rehearsal", "delete"):
            assert (await client.post(f"/organise/{loaded.id}/{path}", data={})).status_code == 403
    assert await running.store.snapshot(EventId(f"{loaded.id}-rehearsal")) is None


async def test_page_holds_the_link_of_every_role(running: Running, loaded: Event) -> None:
    async with caller(running, loaded.id, Role.ORGANISER, accept="text/html") as client:
        page = (await client.get(f"/organise/{loaded.id}")).text
    for name, role in (("stage", Role.PRESENTER), ("console", Role.MODERATOR), ("organise", Role.ORGANISER)):
        assert f"{running.base}/{name}/{loaded.id}?key={await running.token(loaded.id, role)}" in page
    assert f"{running.base}/j/{loaded.join_code}" in page
    assert "Checked: the chain of 1 entry is whole." in page


async def test_renewed_link_replaces_the_old_one_and_the_organiser_stays_in(
    running: Running, loaded: Event
) -> None:
    old = await running.token(loaded.id, Role.ORGANISER)
    async with httpx.AsyncClient(base_url=running.base, follow_redirects=True) as client:
        await client.get(f"/organise/{loaded.id}?key={old}")
        page = await client.post(f"/organise/{loaded.id}/renew", data={"role": "organiser"})
        assert page.status_code == 200
        assert "The link was renewed." in page.text
        assert old not in page.text
    async with httpx.AsyncClient(base_url=running.base) as stranger:
        assert (await stranger.get(f"/organise/{loaded.id}?key={old}")).status_code == 403
    assert "revoke" in [entry.action for entry in await running.store.audit(loaded.id)]


async def test_renewing_an_unknown_role_is_refused(running: Running, loaded: Event) -> None:
    async with caller(running, loaded.id, Role.ORGANISER) as client:
        assert (await client.post(f"/organise/{loaded.id}/renew", data={"role": "king"})).status_code == 400


async def test_status_gives_the_polls_in_the_order_of_the_run_of_show(
    running: Running, loaded: Event
) -> None:
    await open_poll(running, loaded, "1", "2", "2")
    async with caller(running, loaded.id, Role.ORGANISER) as client:
        status = (await client.get(f"/organise/{loaded.id}/status")).json()
    assert [poll["id"] for poll in status["polls"]] == [poll.id for _, poll in loaded.polls()]
    assert (status["event"], status["ballots"], status["join_code"]) == (loaded.id, 3, loaded.join_code)
    first = status["polls"][0]
    assert (first["state"], first["round"], first["counted"], first["max"]) == ("open", 1, 3, 1)
    assert first["options"] == ["1", "2", "3", "4", "5", "6"]
    assert first["published"]["percent"] == {"1": 35, "2": 33, "3": 14, "4": 14, "5": 2, "6": 2}
    assert status["segments"][0] == "panellist"
    assert "green" in status["rooms"]


async def test_status_counts_ballots_of_earlier_rounds_too(running: Running, loaded: Event) -> None:
    await open_poll(running, loaded, "1", "2")
    async with caller(running, loaded.id, Role.MODERATOR) as client:
        await client.post(f"/console/{loaded.id}/close", data={"poll": POLL})
        await client.post(f"/console/{loaded.id}/reopen", data={"poll": POLL, "typed": "REOPEN"})
    async with caller(running, loaded.id, Role.ORGANISER) as client:
        assert (await client.get(f"/organise/{loaded.id}/status")).json()["ballots"] == 2


# -- rehearsal ----------------------------------------------------------------------------------------------


async def test_rehearsal_copy_has_its_own_code_links_and_empty_boxes(running: Running, loaded: Event) -> None:
    await open_poll(running, loaded, "1")
    async with caller(running, loaded.id, Role.ORGANISER) as client:
        answer = await client.post(f"/organise/{loaded.id}/rehearsal")
    made = answer.json()
    assert answer.status_code == 201
    assert made["event"] == f"{loaded.id}-rehearsal"
    assert made["join_code"] != loaded.join_code
    copy = await running.store.snapshot(EventId(made["event"]))
    assert copy is not None
    assert copy.state.event.rehearsal_of == loaded.id
    assert copy.state.event.title == loaded.title
    assert copy.state.runs == {}
    async with caller(
        running, made["event"], None, authorization=f"Bearer {made['tokens']['organiser']}"
    ) as client:
        status = (await client.get(f"/organise/{made['event']}/status")).json()
    assert (status["ballots"], status["rehearsal_of"]) == (0, loaded.id)


async def test_starting_again_replaces_the_copy_in_the_running_server(
    running: Running, loaded: Event
) -> None:
    async with caller(running, loaded.id, Role.ORGANISER) as client:
        first = (await client.post(f"/organise/{loaded.id}/rehearsal")).json()
        token = {"authorization": f"Bearer {first['tokens']['organiser']}"}
        await client.post(f"/console/{first['event']}/open", data={"poll": POLL}, headers=token)
        await fill_box(running.store, EventId(first["event"]), POLL, 1, ["1"])
        second = (await client.post(f"/organise/{loaded.id}/rehearsal")).json()
        status = (await client.get(f"/organise/{second['event']}/status", headers=token)).json()
    assert second["event"] == first["event"]
    assert status["ballots"] == 0
    assert {poll["state"] for poll in status["polls"]} == {"draft"}


async def test_copy_is_deleted_and_the_event_is_not(running: Running, loaded: Event) -> None:
    async with caller(running, loaded.id, Role.ORGANISER) as client:
        made = (await client.post(f"/organise/{loaded.id}/rehearsal")).json()
        token = {"authorization": f"Bearer {made['tokens']['organiser']}"}
        assert (await client.post(f"/organise/{loaded.id}/delete")).status_code == 409
        assert (await client.post(f"/organise/{made['event']}/delete", headers=token)).status_code == 200
        assert (await client.get(f"/organise/{made['event']}/status", headers=token)).status_code == 404
        assert (await client.get(f"/organise/{loaded.id}/status")).status_code == 200


async def test_copy_of_a_copy_is_refused(running: Running, loaded: Event) -> None:
    copy = await make_copy(running.store, loaded.id, "test")
    with pytest.raises(IsACopy):
        await make_copy(running.store, copy, "test")


async def test_copy_keeps_a_renewed_link_renewed(running: Running, loaded: Event) -> None:
    copy = await make_copy(running.store, loaded.id, "test")
    before = await running.token(copy, Role.MODERATOR)
    async with caller(running, copy, Role.ORGANISER) as client:
        await client.post(f"/organise/{copy}/renew", data={"role": "moderator"})
    await make_copy(running.store, loaded.id, "test")
    assert await running.token(copy, Role.MODERATOR) != before


async def test_copy_says_rehearsal_on_the_console(running: Running, loaded: Event) -> None:
    copy = await make_copy(running.store, loaded.id, "test")
    async with caller(running, copy, Role.ORGANISER, accept="text/html") as client:
        for page in ("console", "organise"):
            assert "REHEARSAL" in (await client.get(f"/{page}/{copy}")).text


# -- downloads ----------------------------------------------------------------------------------------------


async def test_download_leaves_hidden_results_out_unless_asked_and_logs_the_asking(
    running: Running, loaded: Event
) -> None:
    poll = next(poll for _, poll in loaded.polls() if poll.people)
    people = poll.id
    async with caller(running, loaded.id, Role.MODERATOR) as client:
        await client.post(f"/console/{loaded.id}/open", data={"poll": people})
    await fill_box(running.store, loaded.id, people, 1, [poll.options[0].id] * 6)
    async with caller(running, loaded.id, Role.ORGANISER) as client:
        plain = (await client.get(f"/organise/{loaded.id}/export.json")).json()
        before = [entry.action for entry in await running.store.audit(loaded.id)]
        full = (await client.get(f"/organise/{loaded.id}/export.json?hidden=1")).json()
    line = next(one for one in plain["polls"] if one["id"] == people)
    assert (line["hidden"], line["result"], line["ballots"]) == (True, None, [])
    shown = next(one for one in full["polls"] if one["id"] == people)
    assert shown["result"]["n"] == 6
    after = await running.store.audit(loaded.id)
    assert "export" not in before
    assert (after[-1].action, after[-1].actor, after[-1].body["format"]) == ("export", "organiser", "json")


@pytest.mark.parametrize(("kind", "start"), [("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK"), ("json", b"{")])
async def test_downloads_come_as_files(running: Running, loaded: Event, kind: str, start: bytes) -> None:
    async with caller(running, loaded.id, Role.ORGANISER) as client:
        answer = await client.get(f"/organise/{loaded.id}/export.{kind}")
    assert answer.status_code == 200
    assert answer.content.startswith(start)
    assert answer.headers["content-disposition"] == f'attachment; filename="{loaded.id}.{kind}"'


async def test_unknown_kind_of_download_is_not_found(running: Running, loaded: Event) -> None:
    async with caller(running, loaded.id, Role.ORGANISER) as client:
        answer = await client.get(f"/organise/{loaded.id}/export.exe")
    assert answer.status_code == 404
    assert json.loads(answer.content)["error"] == "not_found"
