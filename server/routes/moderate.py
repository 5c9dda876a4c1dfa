"""The console: its page, the panel that is fetched again when something changed, and every action."""

import contextlib
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from dashboard.award_buttons import MOVES
from dashboard.words import LANGUAGES
from polls.errors import AwardRefused, IllegalTransition
from polls.lifecycle import Action
from polls.model import PLENARY, RoomId
from server import moderation
from server.auth import Role
from server.live.event import LiveEvent
from server.routes import award_moves, panel, roles
from server.routes.pages import context_of, wants_json
from voting.errors import VotingError

LANG = "en"
"""Console and organiser's page speak one language; a page half in another helps nobody."""

TYPE_WORDS = {Action.RESET: "RESET", Action.REOPEN: "REOPEN"}
"""What has to be typed before an action that loses something or starts over."""

NOTICES = ("lost_race", "console_busy", "console_refused", "console_wrong_reset", "console_wrong_reopen")
"""The sentences that an address may ask the console to show."""

SCRIPT_WORDS = (
    "stall",
    "no_stage",
    "no_stage_here",
    "stall_elsewhere",
    "console_offline",
    "console_connected",
    "console_connecting",
    "console_busy",
    "console_unreached",
)
"""The sentences that the console's script fills in by itself."""


class Refused(Exception):
    """An action that was not done; `notice` names the sentence that says why."""

    def __init__(self, notice: str) -> None:
        self.notice = notice
        super().__init__(notice)


def room_of(request: Request, live: LiveEvent) -> RoomId:
    """The room in `?room=`; the plenary when it names none of this event."""
    room = request.query_params.get("room", "")
    return RoomId(room) if live.state.event.room(room) else PLENARY


async def page(request: Request) -> Response:
    """`GET /console/{event}?room=`: the console of one room."""
    context = context_of(request)
    live = await context.event(request.path_params["event"])
    early = roles.by_link(request, live) or roles.refusal(request, live, Role.MODERATOR)
    if early is not None:
        return early
    said = request.query_params.get("said", "")
    values = await panel.values(context, live, room_of(request, live), LANG, said if said in NOTICES else "")
    words = {key: LANGUAGES[LANG][key] for key in SCRIPT_WORDS}
    return context.render.page(
        "console/page.html",
        **values,
        may_organise=context.role(request, live) is Role.ORGANISER,
        script={"event": live.id, "timezone": live.state.event.timezone, "words": words},
    )


async def panel_alone(request: Request) -> Response:
    """`GET /console/{event}/panel?room=`: what changes, as a fragment."""
    context = context_of(request)
    live = await context.event(request.path_params["event"])
    refused = roles.refusal(request, live, Role.MODERATOR)
    if refused is not None:
        return refused
    return await _fragment(request, live, room_of(request, live), "")


async def _fragment(request: Request, live: LiveEvent, room: RoomId, notice: str, why: str = "") -> Response:
    context = context_of(request)
    values = await panel.values(context, live, room, LANG, notice)
    if why:
        values["notice"] = f"{values['notice']} ({why})"
    return context.render.page("console/_panel.html", **values)


async def act(request: Request) -> Response:
    """`POST /console/{event}/{action}` with the poll, round and state that the person saw.

    Programs (Accept: application/json) get {"offset", "poll", "state", "round"}, or 409 with how it
    stands and a "message"; the console's own forms get the panel or are sent back to the page.
    """
    context = context_of(request)
    live = await context.event(request.path_params["event"])
    refused = roles.refusal(request, live, Role.MODERATOR)
    if refused is not None:
        return refused
    form = await roles.read_form(request)
    notice, why, offset = "", "", None
    try:
        offset = await _do(request, live, request.path_params["action"], form)
    except AwardRefused as error:
        notice, why = "console_refused", error.why
    except IllegalTransition:
        notice = "console_refused"
    except Refused as error:
        notice = error.notice
    except VotingError:
        notice = "console_busy"
    return await _answer(request, live, form, notice, why, offset)


async def _do(request: Request, live: LiveEvent, name: str, form: dict[str, str]) -> int | None:
    """Do one action if it fits what the person saw; gives the new offset, None when it was so already."""
    store, actor = context_of(request).store, roles.actor(request, live)
    await live.refresh()
    room, poll_id, award_id = _room(live, form), form.get("poll", ""), form.get("award", "")
    if name in MOVES:
        await award_moves.move(
            context_of(request), live, actor, room, name, award=award_id, state=form.get("state", "")
        )
        return None
    match name:
        case "blank" | "unblank":
            return await moderation.blank(store, live.id, actor, room, name == "blank")
        case "beside" | "together":
            return await moderation.beside(store, live.id, actor, room, poll_id, name == "beside")
        case "compare" | "own_rule":
            return await moderation.compare(store, live.id, actor, room, poll_id, name == "compare")
        case "show":
            return await moderation.show(store, live.id, actor, room, poll_id or None, award_id or None)
        case "next":
            offset = await moderation.go_on(store, live.id, actor, room, poll_id or None, award_id or None)
            if offset is None:
                raise Refused("lost_race")
            return offset
    try:
        action = Action(name)
    except ValueError:
        raise Refused("console_refused") from None
    found = live.state.event.find_poll(poll_id)
    if found is None:
        raise Refused("console_refused")
    run = live.state.run(found[1].id)
    state, round = run.state.value, run.round
    if form.get("state", state) != state or form.get("round", str(round)) != str(round):
        raise Refused("lost_race")
    word = TYPE_WORDS.get(action)
    if word is not None and form.get("typed", "").strip().upper() != word:
        raise Refused(f"console_wrong_{action}")
    seconds = form.get("seconds", "0")
    return await moderation.act(
        store,
        live.id,
        actor,
        poll_id,
        action,
        seen_round=round,
        seconds=int(seconds) if seconds.isdecimal() and len(seconds) < 6 else 0,
    )


def _room(live: LiveEvent, form: dict[str, str]) -> RoomId:
    """The room an action is for: that of its poll, else the one named."""
    found = live.state.event.find_poll(form.get("poll", ""))
    if found is not None:
        return found[0].room
    room = form.get("room", "")
    return RoomId(room) if live.state.event.room(room) else PLENARY


async def _answer(
    request: Request, live: LiveEvent, form: dict[str, str], notice: str, why: str, offset: int | None
) -> Response:
    room = form.get("room", "")
    room = room if live.state.event.room(room) else PLENARY
    if request.headers.get("hx-request") == "true":
        return await _fragment(request, live, RoomId(room), notice, why)
    if not wants_json(request):
        query = urlencode({name: value for name, value in (("room", room), ("said", notice)) if value})
        return RedirectResponse(f"/console/{live.id}" + (f"?{query}" if query else ""), 303)
    with contextlib.suppress(VotingError):  # else the last reading is what we have; the status says the rest
        await live.refresh()
    poll_id = form.get("poll") or live.state.desk(RoomId(room)).poll or ""
    found = live.state.event.find_poll(poll_id)
    run = live.state.run(found[1].id) if found else None
    stands: dict[str, object] = {
        "poll": poll_id,
        "state": run.state.value if run else "",
        "round": run.round if run else 0,
    }
    award, token = award_moves.award_token(live, RoomId(room))
    if award and not found:
        stands = {"award": award, "state": token}
    if notice:
        status = 503 if notice == "console_busy" else 409
        message = panel.notice_text(LANG, notice) + (f" ({why})" if why else "")
        return JSONResponse({**stands, "message": message}, status)
    return JSONResponse({"offset": live.snapshot.offset if offset is None else offset, **stands})


ROUTES = [
    Route("/console/{event}", page, methods=["GET"]),
    Route("/console/{event}/panel", panel_alone, methods=["GET"]),
    Route("/console/{event}/{action}", act, methods=["POST"]),
]
