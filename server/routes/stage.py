"""The big screen: its page, and the clicker of whoever presents."""

from typing import Literal

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dashboard.beside import may_compare, may_stand_beside
from dashboard.console_buttons import main_button
from dashboard.figures import table_of
from dashboard.stage_view import StageView, phase_of
from dashboard.words import forms, say
from polls.desk import run_of_show
from polls.errors import IllegalTransition
from polls.lifecycle import Action, PollState
from polls.model import EventId, RoomId
from polls.ports import EventStore
from server import moderation
from server.auth import MAY, Role
from server.clock import now_ms
from server.live import pushes
from server.live.event import LiveEvent
from server.render import script_json
from server.routes import roles
from server.routes.pages import context_of, error_page, language
from voting.errors import VotingError

PRESS_BYTES = 1_024

SCRIPT_WORDS = ("stage_age", "stage_age_minutes", "stage_not_reached")
"""The sentences that the stage's script fills in by itself."""


class Press(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A key of the clicker, and what its screen showed when it was pressed."""

    action: Literal["next", "previous", "blank", "hide", "beside", "together", "compare", "own_rule"]
    room: str = ""
    poll: str = ""
    round: int = 0
    state: str = "idle"
    blank: bool = False


async def page(request: Request) -> Response:
    """`GET /stage/{event}?room=&theme=&lang=`: what the hall sees, complete without a script.

    Public, as the hall is; `?key=` makes this browser a presenter's, so that its keys steer the event.
    """
    context = context_of(request)
    live = await context.event(request.path_params["event"])
    early = roles.by_link(request, live)
    if early is not None:
        return early
    room = RoomId(request.query_params.get("room", ""))
    if room and live.state.event.room(room) is None:
        return error_page(request, 404, "not_found")
    theme = "light" if request.query_params.get("theme") == "light" else "dark"
    lang = language(request, live.state.event)
    await live.refresh()
    content = pushes.stage(context, live, room, lang, theme)
    view: StageView = content.view
    snapshot = live.snapshot
    first = {
        "event": live.id,
        "room": room,
        "theme": theme,
        "lang": lang,
        "words": {key: forms(lang, key) for key in SCRIPT_WORDS},
        "frame": {
            "type": "stage",
            "ch": "stage",
            "epoch": snapshot.epoch,
            "offset": snapshot.offset,
            "server_ms": now_ms(),
            "view": msgspec.to_builtins(view),
            "figures": content.figure,
        },
    }
    return context.render.page(
        "stage.html",
        lang=lang,
        theme=theme,
        view=view,
        table=table_of(view),
        first=script_json(first),
    )


async def press(request: Request) -> Response:
    """`POST /stage/{event}/press`: do what the clicker's key means now, if the screen was up to date.

    The answer says how things stand: {"poll", "round", "state", "blank"}, with 409 and a "message" when
    the screen was behind or somebody else was faster, 403 without the right.
    """
    context = context_of(request)
    live = await context.event(request.path_params["event"])
    lang = language(request, live.state.event)
    if context.role(request, live) not in MAY[Role.PRESENTER]:
        return JSONResponse({"error": "forbidden", "message": say(lang, "stage_no_right")}, 403)
    seen = await _read(request)
    room = RoomId(seen.room)
    if room and live.state.event.room(room) is None:
        raise HTTPException(404)
    status, notice = 200, ""
    try:
        await live.refresh()
        if not _is_up_to_date(live, room, seen):
            status, notice = 409, "lost_race"
        elif not await _do(context.store, live, roles.actor(request, live), room, seen):
            status, notice = 409, "stage_nothing"
    except IllegalTransition:
        status, notice = 409, "lost_race"
    except VotingError:
        status, notice = 503, "stage_busy"
    if status != 503:
        await live.refresh()
    stands: dict[str, object] = dict(_stands(live, room))
    if notice:
        stands["message"] = say(lang, notice)
    return JSONResponse(stands, status)


async def _read(request: Request) -> Press:
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > PRESS_BYTES:
            raise HTTPException(413)
    try:
        return msgspec.json.decode(body, type=Press)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise HTTPException(400) from None


def _stands(live: LiveEvent, room: RoomId) -> dict[str, str | int | bool]:
    """How the stage of a room stands, in the words of StageView."""
    desk = live.state.desk(room)
    found = None if desk.blank else live.state.on_stage(room)
    poll = found[1] if found else None
    run = live.state.run(poll.id) if poll else None
    return {
        "poll": poll.id if poll else "",
        "round": run.round if run else 0,
        "state": phase_of(poll, run) if run else "idle",
        "blank": desk.blank,
    }


def _is_up_to_date(live: LiveEvent, room: RoomId, seen: Press) -> bool:
    stands = _stands(live, room)
    return all(stands[name] == getattr(seen, name) for name in stands)


async def _do(store: EventStore, live: LiveEvent, actor: str, room: RoomId, seen: Press) -> bool:
    """Do what a key means; False when it means nothing now. Raises IllegalTransition after a lost race."""
    desk = live.state.desk(room)
    if seen.action == "blank" or (seen.action == "next" and desk.blank):
        await moderation.blank(store, live.id, actor, room, not desk.blank)
        return True
    if desk.blank:
        return False
    match seen.action:
        case "next":
            return await _next(store, live, actor, room)
        case "previous":
            return await _previous(store, live, actor, room)
        case "hide":
            return await _hide(store, live, actor, seen)
        case "beside" | "together":
            return await _beside(store, live, actor, room, seen)
        case "compare" | "own_rule":
            return await _compare(store, live, actor, room, seen)


async def _next(store: EventStore, live: LiveEvent, actor: str, room: RoomId) -> bool:
    """The console's next right thing."""
    button = main_button(live.state, room, "en")
    if button is None:
        return False
    match button.action:
        case "show":
            await moderation.show(store, live.id, actor, room, button.poll)
        case "next":
            if await moderation.go_on(store, live.id, actor, room, button.poll) is None:
                raise IllegalTransition("elsewhere", "next")
        case action:
            await _act(store, live.id, actor, button.poll, Action(action), button.round)
    return True


async def _previous(store: EventStore, live: LiveEvent, actor: str, room: RoomId) -> bool:
    """The poll before this one, unless people are answering this one."""
    current = live.state.desk(room).poll
    shown = [poll.id for _, poll in run_of_show(live.state.event, room)]
    if current not in shown or live.state.run(current).state is PollState.OPEN:
        return False
    place = shown.index(current)
    if place == 0:
        return False
    await moderation.show(store, live.id, actor, room, shown[place - 1])
    return True


async def _hide(store: EventStore, live: LiveEvent, actor: str, seen: Press) -> bool:
    """Hide a result that is shown, show one that is hidden."""
    found = live.state.event.find_poll(seen.poll)
    if found is None:
        return False
    run = live.state.run(found[1].id)
    try:
        action = Action.HIDE if run.visible else Action.REVEAL
        await _act(store, live.id, actor, seen.poll, action, seen.round)
    except IllegalTransition:
        return False  # nothing to hide yet, or a hidden poll that is still open
    return True


async def _beside(store: EventStore, live: LiveEvent, actor: str, room: RoomId, seen: Press) -> bool:
    """Show the groups beside each other, or everyone's result again."""
    if not may_stand_beside(live.state, room):
        return False
    await moderation.beside(store, live.id, actor, room, seen.poll, seen.action == "beside")
    return True


async def _compare(store: EventStore, live: LiveEvent, actor: str, room: RoomId, seen: Press) -> bool:
    """Show the same ballots by other rules, or by the poll's own rule again."""
    if not may_compare(live.state, room):
        return False
    await moderation.compare(store, live.id, actor, room, seen.poll, seen.action == "compare")
    return True


async def _act(store: EventStore, event: EventId, actor: str, poll: str, action: Action, round: int) -> None:
    await moderation.act(store, event, actor, poll, action, seen_round=round)


ROUTES = [
    Route("/stage/{event}", page, methods=["GET"]),
    Route("/stage/{event}/press", press, methods=["POST"]),
]
