"""Who is let in, and who is sent off again."""

from server import moderation
from server.auth import Role
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
