"""The big screen: its page, and the clicker of whoever presents."""

from typing import Literal

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dashboard.award_buttons import MOVES
from dashboard.award_facts import round_now
from dashboard.beside import may_compare, may_stand_beside
from dashboard.console_buttons import main_button
from dashboard.figures import table_of
from dashboard.stage_view import StageView, phase_of
from dashboard.words import forms, say
from polls.award.life import RoundState
from polls.desk import place_of, run_of_show
from polls.errors import IllegalTransition
from polls.lifecycle import Action, PollState
from polls.model import EventId, RoomId
from polls.ports import EventStore
from server import moderation
from server.auth import MAY, Role
from server.clock import now_ms
from server.context import Context
from server.live import pushes
from server.live.event import LiveEvent
from server.render import script_json
from server.routes import award_moves, roles
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
    award: str = ""
    round: int = 0
    state: str = "idle"
    blank: bool = False
    sure: bool = False
    """Pressed a second time, after the answer said `again`."""


class AskAgain(Exception):
    """What the key means cannot be undone: the same key has to be pressed again; `what` names it."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(what)


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

    The answer says how things stand: {"poll", "round", "state", "blank"} and "award" where one is on, with
    409 and a "message" when the screen was behind or somebody else was faster, 403 without the right. With
    "again" the key has to be pressed once more ("sure": true): what it does to an award cannot be undone.
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
    status, notice, ask = 200, "", ""
    try:
        await live.refresh()
        if not _is_up_to_date(live, room, seen):
            status, notice = 409, "lost_race"
        elif not await _do(context, live, roles.actor(request, live), room, seen):
            status, notice = 409, "stage_nothing"
    except AskAgain as error:
        status, ask = 409, error.what
    except IllegalTransition:
        status, notice = 409, "lost_race"
    except VotingError:
        status, notice = 503, "stage_busy"
    if status != 503:
        await live.refresh()
    stands: dict[str, object] = dict(_stands(live, room))
    if ask:
        stands["message"], stands["again"] = say(lang, "award_again", what=ask), True
    elif notice:
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
    award, token = award_moves.award_token(live, room)
    return {
        "poll": poll.id if poll else "",
        **({"award": award} if award else {}),
        "round": run.round if run else 0,
        "state": token or (phase_of(poll, run) if run else "idle"),
        "blank": desk.blank,
    }


def _is_up_to_date(live: LiveEvent, room: RoomId, seen: Press) -> bool:
    stands = _stands(live, room)
    return all(stands[name] == getattr(seen, name) for name in stands)


async def _do(context: Context, live: LiveEvent, actor: str, room: RoomId, seen: Press) -> bool:
    """Do what a key means; False when it means nothing now. Raises IllegalTransition after a lost race, and
    AskAgain."""
    desk, store = live.state.desk(room), context.store
    if seen.action == "blank" or (seen.action == "next" and desk.blank):
        await moderation.blank(store, live.id, actor, room, not desk.blank)
        return True
    if desk.blank:
        return False
    match seen.action:
        case "next":
            return await _next(context, live, actor, room, seen)
        case "previous":
            return await _previous(context, live, actor, room, seen)
        case "hide":
            return await _hide(store, live, actor, seen)
        case "beside" | "together":
            return await _beside(store, live, actor, room, seen)
        case "compare" | "own_rule":
            return await _compare(store, live, actor, room, seen)


async def _next(context: Context, live: LiveEvent, actor: str, room: RoomId, seen: Press) -> bool:
    """The console's next right thing."""
    store = context.store
    button = main_button(live.state, room, "en", live.awards)
    if button is None:
        return False
    if button.action in MOVES:
        # A step of the reveal is one key press, the last one too: the hall is watching.
        if button.confirm and button.action != "award_step" and not seen.sure:
            raise AskAgain(button.words)
        await award_moves.move(
            context, live, actor, room, button.action, award=button.award, state=button.state
        )
        return True
    match button.action:
        case "show":
            await moderation.show(store, live.id, actor, room, button.poll, button.award)
        case "next":
            if await moderation.go_on(store, live.id, actor, room, button.poll, button.award) is None:
                raise IllegalTransition("elsewhere", "next")
        case action:
            await _act(store, live.id, actor, button.poll, Action(action), button.round)
    return True


async def _previous(context: Context, live: LiveEvent, actor: str, room: RoomId, seen: Press) -> bool:
    """One step back in the pitches or the reveal, or what stood before this in the run of show, unless people
    are voting."""
    desk, award = live.state.desk(room), live.state.award_on_stage(room)
    if award is not None:
        run = live.state.award(award.id)
        if back := award_moves.way_back(live, award):
            await award_moves.move(context, live, actor, room, back, award=seen.award, state=seen.state)
            return True
        if run.round(round_now(award, run) or "").state is RoundState.OPEN:
            return False
    elif desk.poll and live.state.run(desk.poll).state is PollState.OPEN:
        return False
    items = run_of_show(live.state.event, room)
    place = place_of(items, desk)
    if not place:
        return False
    before = items[place - 1].desk
    await moderation.show(context.store, live.id, actor, room, before.poll, before.award)
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
