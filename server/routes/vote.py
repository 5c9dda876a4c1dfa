"""Ballots by plain form, and the phone's state by plain request: for browsers without script or socket."""

from collections.abc import Sequence
from time import perf_counter

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dashboard.words import say
from server import wire
from server.ballots import cast_ballot, own_ballots
from server.clock import now_ms
from server.live import pushes
from server.live.event import LiveEvent
from server.live.hub import Topic
from server.routes.join import event_of, read_fields
from server.routes.pages import context_of, error_page, language, wants_json
from server.routes.phone_page import said_cookie

SAID_S = 60
"""How long a refusal waits to be shown, in seconds."""

CONFLICTS = frozenset({"closed", "other_round", "conflict", "stale"})
"""Rejects because of how things stand, answered by 409; the rest is a faulty ballot, 422."""

JSON = "application/json"


async def cast(request: Request) -> Response:
    """`POST /j/{code}/cast`: one ballot as a form, see wire.decode_form; an empty `selections` abstains.

    For `Accept: application/json` the answer is a receipt or reject frame with status 200, 403, 409,
    422 or 503; otherwise a redirect back to the page, which shows the counted ballot or the refusal.
    """
    context = context_of(request)
    live = await event_of(request)
    lang = language(request, live.state.event)
    fields = await read_fields(request, context.config.live.max_message_bytes)
    device = context.device(request)
    if device is None:
        if wants_json(request):
            return _json(_reject(fields, "no_cookie", lang), 403)
        return error_page(request, 403, "no_cookie")
    context.received[live.id] = context.received.get(live.id, 0) + 1
    began_s = perf_counter()
    problem = "" if wants_json(request) else _plain_problem(fields)
    reply: wire.Reply
    try:
        frame = wire.decode_form([field for field in fields if field != ("selections", "")])
    except wire.BadFrame:
        reply = _reject(fields, "bad_frame", lang)
    else:
        if problem:
            reply = _reject(fields, problem, lang)
        else:
            seat = context.seat(request, live.id)
            reply = await cast_ballot(live, context.batchers, device, seat, frame, lang)
    context.metrics.answered(reply, perf_counter() - began_s)
    if wants_json(request):
        return _json(reply, status_of(reply))
    return _back(request, live, reply)


def _plain_problem(fields: Sequence[tuple[str, str]]) -> str:
    """What a form says that no script would send: nothing at all, or an answer and an abstention."""
    selections = [value for name, value in fields if name == "selections"]
    ranked = any(value for name, value in fields if name.startswith(wire.RANK_FIELD))
    if not selections and not ranked:
        return "none_chosen"
    return "abstain_and_choice" if "" in selections and (ranked or any(selections)) else ""


def _reject(fields: Sequence[tuple[str, str]], code: str, lang: str) -> wire.Reject:
    """A reject of something that is not a ballot yet; the poll it names is only said back."""
    poll = dict(fields).get("poll", "")[:80]
    return wire.Reject(ref=0, code=code, temporary=False, message=say(lang, f"reject_{code}"), poll=poll)


def status_of(reply: wire.Reply) -> int:
    """The HTTP status of a receipt (200) or reject."""
    if isinstance(reply, wire.Receipt):
        return 200
    if reply.temporary:
        return 503
    return 409 if reply.code in CONFLICTS else 422


def _json(reply: wire.Reply, status: int) -> Response:
    return Response(wire.encode(reply), status, {"cache-control": "no-store"}, media_type=JSON)


def _back(request: Request, live: LiveEvent, reply: wire.Reply) -> Response:
    """Back to the page. A receipt needs no words: the page reads the ballot from the box, so loading it
    again does no harm. A refusal is shown once, by a cookie that the page takes away."""
    context = context_of(request)
    response = RedirectResponse(f"/j/{live.state.event.join_code}", 303)
    if isinstance(reply, wire.Reject) and live.state.event.find_poll(reply.poll):
        response.set_cookie(
            said_cookie(live.id),
            f"{reply.poll}~{reply.code}",
            max_age=SAID_S,
            path="/",
            httponly=True,
            secure=context.is_https,
            samesite="lax",
        )
    return response


async def state(request: Request) -> Response:
    """`GET /j/{code}/state`: {welcome, papers, results}, the frames a socket would have sent by now."""
    context = context_of(request)
    live = await event_of(request)
    lang, seat = language(request, live.state.event), context.seat(request, live.id)
    device = context.device(request)
    own = await own_ballots(live, context.store, device) if device else []
    snapshot, server_ms = live.snapshot, now_ms()
    window_ms = int(context.config.live.reconnect_window_s * 1000)
    welcome = wire.Welcome(epoch=snapshot.epoch, server_ms=server_ms, window_ms=window_ms, own=own)
    parts: list[tuple[str, wire.ServerFrame]] = [("welcome", welcome)]
    for channel in ("papers", "results"):
        content = pushes.content(context, live, Topic(live.id, channel, seat.room, seat.segment, lang))
        parts.append((channel, pushes.frame(content, channel, snapshot, server_ms)))
    body = b",".join(b'"%s":%s' % (name.encode(), wire.encode(frame)) for name, frame in parts)
    return Response(b"{%s}" % body, headers={"cache-control": "no-store"}, media_type=JSON)


ROUTES = [
    Route("/j/{code}/cast", cast, methods=["POST"]),
    Route("/j/{code}/state", state, methods=["GET"]),
]
