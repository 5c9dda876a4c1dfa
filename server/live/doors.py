"""Who may open a socket, and what it listens to: one function for both shells.

Middleware is not seen by the shell that takes sockets over from the web server, so identity and
Origin are checked here and nowhere else.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from server import wire
from server.auth import MAY, Role, Visitor
from server.ballots import Voter
from server.errors import Close
from server.live.event import LiveEvent
from server.live.hub import Topic

if TYPE_CHECKING:
    from server.context import Context


class Refusal(NamedTuple):
    """Why a socket is closed again; `status` is the HTTP status for a shell that has not accepted it."""

    code: Close
    reason: str
    status: int = 403


class Guest(NamedTuple):
    """Somebody who may come in: a phone (with its voter), a stage (in a room), a console, or a page of an
    award, of which nothing is known: what joined its socket to a device or code would join it to a ballot."""

    kind: str
    topics: tuple[Topic, ...]
    voter: Voter | None = None
    room: str = ""


FOREIGN = Refusal(Close.FORBIDDEN, "this page belongs to another site")
NO_EVENT = Refusal(Close.NO_SUCH_EVENT, "no such event", 404)
BROKEN = Refusal(Close.GOING_AWAY, "something went wrong here", 503)
STORE_AWAY = Refusal(Close.GOING_AWAY, "the store is away", 503)


def is_foreign(context: "Context", visitor: Visitor) -> bool:
    """Whether another site's page asks: then nothing is accepted at all."""
    return not context.is_own_origin(visitor)


def admit(context: "Context", live: LiveEvent, kind: str, visitor: Visitor) -> Guest | Refusal:
    """Let a phone, stage, console or page of an award in, or say why not. The Origin has been looked at
    already."""
    query = visitor.query_params
    # Only languages of the event make an audience of their own; with any other it is the first one's.
    lang = query.get("lang", "")
    lang = lang if lang in live.state.event.languages else ""
    match kind:
        case "phone":
            return _phone(context, live, visitor, lang)
        case "stage":
            return _stage(live, query, lang)
        case "console":
            if context.role(visitor, live) not in MAY[Role.MODERATOR]:
                return Refusal(Close.FORBIDDEN, "open the moderator's link first")
            return Guest("console", (Topic(live.id, "console"),))
        case "award":
            return _award(context, live, query, lang)
    return Refusal(Close.NO_SUCH_EVENT, "no such channel", 404)


def _phone(context: "Context", live: LiveEvent, visitor: Visitor, lang: str) -> Guest | Refusal:
    device = context.device(visitor)
    if device is None:
        return Refusal(Close.FORBIDDEN, "open the join page first")
    if context.hub.connections(live.id, device) >= context.config.live.max_connections_per_device:
        return Refusal(Close.TOO_MANY_CONNECTIONS, "too many tabs")
    seat = context.seat(visitor, live.id)
    topics = (
        context.hub.shared(Topic(live.id, "papers", seat.room, seat.segment, lang)),
        context.hub.shared(Topic(live.id, "results", seat.room, seat.segment, lang)),
    )
    return Guest("phone", topics, Voter(device, seat, lang))


def _stage(live: LiveEvent, query: Mapping[str, str], lang: str) -> Guest | Refusal:
    theme = "light" if query.get("theme") == "light" else "dark"
    room = query.get("room", "")
    if room and live.state.event.room(room) is None:
        return Refusal(Close.NO_SUCH_EVENT, "no such room", 404)
    return Guest("stage", (Topic(live.id, "stage", room, theme, lang),), room=room)


def _award(context: "Context", live: LiveEvent, query: Mapping[str, str], lang: str) -> Guest | Refusal:
    award = live.state.event.award(query.get("award", ""))
    if award is None:
        return Refusal(Close.NO_SUCH_EVENT, "no such award", 404)
    # What is told here everybody may know, as by the public page: neither cookie nor code is looked at.
    return Guest("award", (context.hub.shared(Topic(live.id, "award", award.id, "", lang)),))


def subprotocol(offered: list[str]) -> str | None:
    """Our subprotocol, when the client offers it."""
    return wire.SUBPROTOCOL if wire.SUBPROTOCOL in offered else None
