"""The way in: type the code, choose group and room, and the phone page, complete without a script."""

from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dashboard.words import say
from polls import joincode
from polls.errors import JoinCodeInvalid
from server.auth import Seat
from server.ballots import own_ballots
from server.context import Context
from server.live.event import LiveEvent, NoSuchEvent
from server.routes import phone_page
from server.routes.fresh import FreshPages
from server.routes.pages import context_of, language
from server.wire import Own
from voting.errors import VotingError

FORM_BYTES = 4_096


async def start(request: Request) -> Response:
    """`GET /`: the form for the join code."""
    return _join_page(request, 200, "", "")


async def go(request: Request) -> Response:
    """`POST /`: to the page of the code that was typed, or the form again with what is wrong."""
    fields = dict(await read_fields(request, FORM_BYTES))
    typed = fields.get("code", "")[:40]
    try:
        code = joincode.canonical(typed)
    except JoinCodeInvalid:
        return _join_page(request, 422, typed, "join_invalid")
    return RedirectResponse(f"/j/{code}", 303)


def _join_page(request: Request, status: int, typed: str, problem: str) -> Response:
    lang = language(request)
    words = say(lang, problem) if problem else ""
    return context_of(request).render.page("join.html", status, lang=lang, typed=typed, problem=words)


async def read_fields(request: Request, limit: int) -> list[tuple[str, str]]:
    """The fields of a small urlencoded form, in order. Raises HTTPException 413 above `limit` bytes, 400."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > limit:
            raise HTTPException(413)
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=100)
    except ValueError:
        raise HTTPException(400) from None


async def event_of(request: Request) -> LiveEvent:
    """The event of the code in the address, however it is written. Raises NoSuchEvent.

    An event this process follows already is found without asking the store.
    """
    context = context_of(request)
    try:
        code = joincode.canonical(request.path_params["code"])
    except JoinCodeInvalid as error:
        raise NoSuchEvent(request.path_params["code"]) from error
    return context.event_that_is_read(code) or await context.event_by_code(code)


async def phone(request: Request) -> Response:
    """`GET /j/{code}?change=&seat=`: the phone's page. Sets the device cookie when there is none.

    `change` names a poll whose counted answer is to be changed, `seat` asks for group and room again.
    """
    context = context_of(request)
    typed: str = request.path_params["code"]
    try:
        live = await event_of(request)
    except NoSuchEvent:
        return _join_page(request, 404, typed[:40], "join_unknown")
    event = live.state.event
    if typed != event.join_code:
        return RedirectResponse(f"/j/{event.join_code}", 303)
    device = context.device(request)
    is_new = device is None
    if device is None:
        device = context.keyring.new_device()
    fresh: FreshPages = request.app.state.fresh
    lang, seat = language(request, event), context.seat(request, live.id)
    accepted = request.headers.get("accept-encoding", "")
    if phone_page.needs_seat(event, seat):
        response = fresh.response(live, seat, lang, device, accepted)
    elif "seat" in request.query_params and (event.segments or event.rooms):
        response = context.render.page(phone_page.SEAT_PAGE, **phone_page.seat_values(event, seat, lang))
    else:
        own = [] if is_new else await _own(context, live, device)
        is_plain = "change" not in request.query_params and not phone_page.said_to(request, live.id)[1]
        if is_plain and own == []:
            response = fresh.response(live, seat, lang, device, accepted)
        else:
            response = phone_page.phone_page(request, live, device, seat, lang, own)
    if is_new:
        phone_page.keep(context, response, context.device_cookie, context.keyring.sign_device(device), event)
    return response


async def _own(context: Context, live: LiveEvent, device: str) -> list[Own] | None:
    """The device's ballots; None while the store is away: the page still stands, its script asks again."""
    try:
        return await own_ballots(live, context.store, device)
    except VotingError:
        return None


async def take_seat(request: Request) -> Response:
    """`POST /j/{code}/seat`: remember the group and the room; what is not declared counts as not chosen."""
    context = context_of(request)
    live = await event_of(request)
    event = live.state.event
    fields = dict(await read_fields(request, FORM_BYTES))
    segment, room = fields.get("segment", ""), fields.get("room", "")
    seat = Seat(
        segment=segment if event.segment(segment) else "",
        room=room if event.room(room) else "",
    )
    response = RedirectResponse(f"/j/{event.join_code}", 303)
    phone_page.keep(
        context, response, context.seat_cookie(live.id), context.keyring.sign_seat(live.id, seat), event
    )
    return response


ROUTES = [
    Route("/", start, methods=["GET"]),
    Route("/", go, methods=["POST"]),
    Route("/j/{code}", phone, methods=["GET"]),
    Route("/j/{code}/seat", take_seat, methods=["POST"]),
]
