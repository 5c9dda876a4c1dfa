"""The way in: type the code, choose group and room, and the phone page, complete without a script."""

import datetime
import secrets
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dashboard.phone_view import PaperView, PhoneView, answer_words, phone_state, ranks_by_option
from dashboard.words import phone_words, say
from polls import joincode
from polls.errors import JoinCodeInvalid
from polls.model import Event, PollKind, RoomId
from polls.paper import display_order
from server.auth import Seat, order_seed
from server.ballots import own_ballots
from server.clock import now_ms
from server.context import Context
from server.live import pushes
from server.live.event import LiveEvent, NoSuchEvent
from server.render import script_json
from server.routes.pages import context_of, language
from server.wire import Card, Own
from voting.errors import VotingError

FORM_BYTES = 4_096
NONCE_BYTES = 16
SCRIPT_WORDS = ("phone_", "choose_", "reject_none_chosen")
"""Keys of the sentences that the page's script puts up by itself start like this."""


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
    for live in context.live_events():
        if live.state.event.join_code == code:
            return live
    return await context.event_by_code(code)


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
    lang, seat = language(request, event), context.seat(request, live.id)
    needs_seat = bool(event.segments) and event.segment(seat.segment) is None
    if needs_seat or ("seat" in request.query_params and (event.segments or event.rooms)):
        response = _seat_page(context, event, seat, lang)
    else:
        own = [] if is_new else await _own(context, live, device)
        response = _phone_page(request, live, device, seat, lang, own)
    if is_new:
        keep(context, response, context.device_cookie, context.keyring.sign_device(device), event)
    return response


async def _own(context: Context, live: LiveEvent, device: str) -> list[Own] | None:
    """The device's ballots; None while the store is away: the page still stands, its script asks again."""
    try:
        return await own_ballots(live, context.store, device)
    except VotingError:
        return None


def _seat_page(context: Context, event: Event, seat: Seat, lang: str) -> Response:
    return context.render.page(
        "phone/seat.html",
        lang=lang,
        event=event.title.pick(lang),
        rehearsal=say(lang, "rehearsal") if event.rehearsal_of else "",
        code=event.join_code,
        segments=event.segments,
        rooms=event.rooms,
        seat=seat,
    )


def keep(context: Context, response: Response, name: str, value: str, event: Event) -> None:
    """Give the phone a cookie that outlives the event's last day by `privacy.device_days_after_event`."""
    today = datetime.datetime.fromtimestamp(now_ms() / 1000, datetime.UTC).date()
    days = (max(event.last_day, today) - today).days + context.config.privacy.device_days_after_event + 1
    response.set_cookie(
        name,
        value,
        max_age=days * 86_400,
        path="/",
        httponly=True,
        secure=context.is_https,
        samesite="lax",
    )


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
    keep(context, response, context.seat_cookie(live.id), context.keyring.sign_seat(live.id, seat), event)
    return response


# -- the phone's page -------------------------------------------------------------------------------


def said_cookie(event_id: str) -> str:
    """The cookie in which a refusal travels from the plain form's post to the page that shows it."""
    return f"hc_said_{event_id}"


def _phone_page(
    request: Request, live: LiveEvent, device: str, seat: Seat, lang: str, own: Sequence[Own] | None
) -> Response:
    context, event = context_of(request), live.state.event
    room, seed = RoomId(seat.room if event.room(seat.room) else ""), order_seed(device)
    view = phone_state(
        live.state, room=room, segment=pushes.segment_of(live, seat.segment), lang=lang, results={}
    )
    mine = {(one.poll, one.round): one for one in own or ()}
    said_poll, said_code = _said(request, live.id)
    wanted = request.query_params.get("change", "")
    paper = _paper_to_show(view, mine, said_poll or wanted)
    ballot = mine.get((paper.poll, paper.round)) if paper else None
    is_filling = paper is not None and (ballot is None or wanted == paper.poll)
    results = pushes.phone_results(context, live, room, seat.segment, lang).cards
    found = event.find_poll(said_poll)
    said = say(lang, f"reject_{said_code}", n=found[1].max_selections if found else 1) if said_code else ""
    is_said_here = paper is not None and paper.poll == said_poll
    response = context.render.page(
        "phone/page.html",
        lang=lang,
        view=view,
        paper=in_own_order(event, paper, seed) if paper else None,
        own=ballot,
        ranks=ranks_by_option(ballot.selections) if ballot else {},
        locked=paper is not None and not is_filling,
        rev=ballot.rev + 1 if ballot else 1,
        nonce=secrets.token_urlsafe(NONCE_BYTES),
        action=f"/j/{event.join_code}/cast",
        said=said if is_said_here else "",
        note={"question": found[1].question.pick(lang), "text": said}
        if said and found and not is_said_here
        else None,
        answer=_answer(event, mine.get((view.stage_poll, view.stage_round)), lang),
        places=_places(event, seat, lang),
        is_filling=is_filling,
        can_rank=any(poll.kind is PollKind.PREFERENCE for _, poll in event.polls()),
        results=[card.html for card in _visible(results, paper, is_filling)],
        data=script_json(
            {
                "event": live.id,
                "code": event.join_code,
                "lang": lang,
                "seed": seed,
                "own": own,
                "epoch": live.snapshot.epoch,
                "answers": {
                    f"{poll}:{round}": _answer(event, one, lang) for (poll, round), one in mine.items()
                },
                "words": _script_words(lang),
            }
        ),
    )
    if said_code:
        response.delete_cookie(said_cookie(live.id), path="/")
    return response


@lru_cache(maxsize=64)
def _script_words(lang: str) -> dict[str, str]:
    # Remembered: every phone of a hall asks within the same seconds.
    return {key: text for key, text in phone_words(lang).items() if key.startswith(SCRIPT_WORDS)}


def _said(request: Request, event_id: str) -> tuple[str, str]:
    """The poll and the code of a refusal that is to be shown once; empty when there is none."""
    poll, _, code = request.cookies.get(said_cookie(event_id), "").partition("~")
    return (poll, code) if f"reject_{code}" in phone_words("en") else ("", "")


def _paper_to_show(view: PhoneView, mine: dict[tuple[str, int], Own], wanted: str) -> PaperView | None:
    """One question at a time: the wanted one, else the first without an answer, else the first."""
    for paper in view.papers:
        if paper.poll == wanted:
            return paper
    unanswered = (paper for paper in view.papers if (paper.poll, paper.round) not in mine)
    return next(unanswered, view.papers[0] if view.papers else None)


def in_own_order(event: Event, paper: PaperView, seed: str) -> PaperView:
    """The paper with its options as the phone with `seed` shows them."""
    found = event.find_poll(paper.poll)
    if found is None or not paper.shuffled:
        return paper
    choices = {choice.id: choice for choice in paper.options}
    return replace(paper, options=tuple(choices[option.id] for option in display_order(found[1], seed)))


def _visible(results: Sequence[Card], paper: PaperView | None, is_filling: bool) -> list[Card]:
    """Results on the waiting page, or under one's own counted answer; none beside an open choice."""
    if is_filling:
        return []
    return [card for card in results if paper is None or card.poll == paper.poll]


def _answer(event: Event, ballot: Own | None, lang: str) -> str:
    """An own ballot in words: what was chosen and when it was counted."""
    found = event.find_poll(ballot.poll) if ballot else None
    if ballot is None or found is None:
        return ""
    words = answer_words(found[1], ballot.selections, lang)
    counted = say(lang, "phone_counted", time=ballot.at)
    return f"{say(lang, 'phone_your_answer', answer=words)} · {counted}"


def _places(event: Event, seat: Seat, lang: str) -> list[str]:
    """Where this phone sits: its room if the event has rooms, its group if it has groups."""
    places = []
    if event.rooms:
        room = event.room(seat.room)
        places.append(room.text.pick(lang) if room else say(lang, "join_plenary"))
    segment = event.segment(seat.segment)
    if segment:
        places.append(segment.text.pick(lang))
    return places


ROUTES = [
    Route("/", start, methods=["GET"]),
    Route("/", go, methods=["POST"]),
    Route("/j/{code}", phone, methods=["GET"]),
    Route("/j/{code}/seat", take_seat, methods=["POST"]),
]
