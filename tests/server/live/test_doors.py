"""Who is let in, and who is sent off again."""

import asyncio

import pytest

from polls.model import EventId
from server import moderation
from server.auth import Role
from server.context import Context
from server.errors import Close
from tests.server.live.clients import phone
from tests.server.live.conftest import Hall
from tests.waiting import eventually


async def test_languages_the_event_does_not_speak_make_no_audience_of_their_own(hall: Hall) -> None:
    async with (
        phone(hall.running, hall.id, query="?lang=xx") as one,
        phone(hall.running, hall.id, query="?lang=yy") as two,
        phone(hall.running, hall.id) as three,
    ):
        for someone in (one, two, three):
            await someone.hear(ch="papers")

        assert hall.running.context.hub.topics(hall.id, "papers") == [hall.topic("papers")]


async def test_console_that_came_by_a_renewed_link_is_sent_off_and_not_let_in_again(hall: Hall) -> None:
    context = hall.running.context
    token = await hall.running.token(hall.id, Role.MODERATOR)
    cookie = f"{context.role_cookie(hall.id, Role.MODERATOR)}={token}"
    async with phone(hall.running, hall.id, kind="console", cookie=cookie) as console:
        await console.hear(ch="console")
        await moderation.revoke(hall.running.store, hall.id, "test", Role.MODERATOR)

        await eventually(lambda: console.socket.close_code == Close.GOING_AWAY, what="it is sent off")
    async with phone(hall.running, hall.id, kind="console", cookie=cookie) as console:
        await eventually(lambda: console.socket.close_code == Close.FORBIDDEN, what="it is refused")


async def test_an_event_that_was_deleted_a_moment_ago_is_refused_by_its_close_code(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process still follows it, but has no reading of it any more."""
    live = await hall.running.context.event(hall.id)
    monkeypatch.setattr(live, "_snapshot", None)

    async with phone(hall.running, hall.id) as one:
        await eventually(lambda: one.socket.close_code == Close.NO_SUCH_EVENT, what="it is refused")


async def test_an_unforeseen_error_while_an_event_is_looked_up_ends_the_connection_and_is_reported(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    if hall.shell != "own":
        pytest.skip("Starlette answers and reports for the reference")
    told = list[object]()

    async def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Context, "event", broken)
    loop = asyncio.get_running_loop()
    monkeypatch.setattr(loop, "call_exception_handler", lambda said: told.append(said["exception"]))

    async with phone(hall.running, EventId("another")) as one:
        await eventually(lambda: one.socket.close_code == Close.GOING_AWAY, what="it is sent off")

    assert [type(error) for error in told] == [ZeroDivisionError]
