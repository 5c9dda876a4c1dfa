"""Law 10: every change by a person is in the audit log, once, and the log is a sound chain."""

from collections.abc import Sequence
from typing import Any

from starlette.routing import Route

from polls.model import Event, EventId
from server.app import build_app
from server.auth import Role
from server.context import Context
from server.rehearsal_copy import copy_id
from tests.conftest import Running
from tests.server.faces import caller
from tests.server.laws import POLL
from voting.audit import verify

IN_AWARDS = "in tests/server/award/test_audit.py"


async def entries(running: Running, event: str) -> int:
    log = await running.store.audit(EventId(event))
    snapshot = await running.store.snapshot(EventId(event))
    assert snapshot is not None
    assert verify(log, snapshot.head) == []
    return len(log)


async def test_every_post_that_changes_something_writes_one_entry(running: Running, loaded: Event) -> None:
    id = loaded.id
    done: set[tuple[str, str]] = set()
    async with caller(running, id, Role.ORGANISER) as person:

        async def post(path: str, added: int = 1, status: Sequence[int] = (200, 201), **sent: Any) -> None:
            before = await entries(running, id)
            answer = await person.post(path, **sent)
            assert answer.status_code in status, answer.text
            assert await entries(running, id) == before + added, path
            done.add((path.split("/")[1], path.split("/")[3]))

        async def console(action: str, added: int = 1, status: Sequence[int] = (200,), **form: str) -> None:
            await post(f"/console/{id}/{action}", added, status, data={"poll": POLL, **form})

        async def press(action: str, **seen: object) -> None:
            await post(f"/stage/{id}/press", json={"action": action, **seen})

        await console("show")
        await console("show", added=0)
        await console("blank")
        await console("blank", added=0)
        await console("unblank")
        await console("open")
        await console("open", added=0, status=(409,))
        await console("extend", seconds="60")
        await console("hide")
        await console("reveal")
        await console("close")
        await console("reveal")
        await console("reopen", added=0, status=(409,))
        await console("reopen", typed="REOPEN")
        await console("reset", typed="RESET")
        await console("next")
        await console("no-such-action", added=0, status=(409,))
        second = "business-adapts"
        await press("next", poll=second, round=0, state="waiting")
        await press("blank", poll=second, round=1, state="open")
        await press("blank", blank=True)
        await press("hide", poll=second, round=1, state="open")
        await post(f"/organise/{id}/renew", data={"role": "presenter"})
        await post(f"/organise/{id}/rehearsal", added=0)
        assert await entries(running, copy_id(id)) == 1, "the copy's own log begins with its making"
        before = await entries(running, id)
        async with caller(running, copy_id(id), Role.ORGANISER) as of_copy:
            assert (await of_copy.post(f"/organise/{copy_id(id)}/delete")).status_code == 200
            done.add(("organise", "delete"))
        assert await entries(running, id) == before + 1
        for query, added in (("", 0), ("?hidden=1", 1)):
            before = await entries(running, id)
            assert (await person.get(f"/organise/{id}/export.json{query}")).status_code == 200
            assert await entries(running, id) == before + added
    assert {face for face, _ in done} == {"console", "stage", "organise"}
    assert (
        posting_routes(running.context)
        == {
            "/": "leads to an event, changes nothing",
            "/j/{code}/seat": "a cookie only",
            "/j/{code}/cast": "a ballot; the ballot log has it",
            "/console/{event}/{action}": "",
            "/stage/{event}/press": "",
            "/organise/{event}/renew": "",
            "/organise/{event}/rehearsal": "",
            "/organise/{event}/delete": "",
            "/organise/{event}/award/{award}/{act}": IN_AWARDS,
            "/organise/{event}/award/{award}/tie": "a look at the tie desk, logged as such",
            "/organise/{event}/award/{award}/renew": "as the organiser's own links",
            "/organise/{event}/award/{award}/codes": IN_AWARDS,
            "/scrutiny/{event}/{award}/{act}": IN_AWARDS,
            "/jury/{event}/{award}": "a juror's sheet; the box has it",
            "/jury/{event}/{award}/chair": IN_AWARDS,
            "/award/{event}/{award}/ballot": "finds a published ballot, changes nothing",
            "/v": "leads to an award, changes nothing",
            "/vote/{event}/{award}": "a ballot; the box has it, without its voter",
            "/vote/{event}/{award}/code": "looks at a code, changes nothing",
            "/vote/{event}/{award}/cast": "a ballot; the box has it, without its voter",
        }.keys()
    ), "a new route that changes something belongs into this test"


def posting_routes(context: Context) -> set[str]:
    """The paths of all routes that take a POST."""
    routes = [route for route in build_app(context).routes if isinstance(route, Route)]
    return {route.path for route in routes if "POST" in (route.methods or ())}
