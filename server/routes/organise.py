"""The organiser's page: facts, links, downloads, rehearsal copy, log; and the same for programs."""

from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from dashboard.award_facts import phase_key
from dashboard.console_view import action_lines
from dashboard.rules import poll_rules
from dashboard.words import say
from polls.lifecycle import PollState
from polls.model import EventId, Poll
from polls.ports import Snapshot
from server import moderation
from server.auth import Role
from server.clock import now_ms
from server.context import Context
from server.exporting import read_export, to_csv, to_json, to_xlsx
from server.live.event import LiveEvent
from server.rehearsal_copy import IsACopy, copy_id, make_copy
from server.routes import roles
from server.routes.moderate import LANG
from server.routes.pages import context_of, wants_json
from server.running import is_own_only
from voting import audit
from voting.errors import StoreConflict
from voting.pollrules import rules_of
from voting.rulebook import fingerprint

WRITERS = {
    "json": (to_json, "application/json"),
    "csv": (to_csv, "text/csv; charset=utf-8"),
    "xlsx": (to_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
"""How each kind of export is written, and its media type."""

PAGES = {Role.ORGANISER: "organise", Role.MODERATOR: "console", Role.PRESENTER: "stage"}
NOTICES = ("organise_renewed", "organise_deleted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One address to hand on. `role` is empty for the phones', whose link cannot be renewed."""

    key: str
    role: str
    url: str


async def _live(request: Request) -> LiveEvent:
    live = await context_of(request).event(request.path_params["event"])
    await live.refresh()
    return live


def role_url(context: Context, event: EventId, role: Role, serial: int) -> str:
    """The link that gives a role its right."""
    return f"{context.public_url}/{PAGES[role]}/{event}?key={context.keyring.token(event, role, serial)}"


def _links(context: Context, snapshot: Snapshot) -> list[Link]:
    event, serials = snapshot.state.event, snapshot.links
    links = [Link(key="phones", role="", url=context.join_url(event.join_code))]
    for key, role in (("stage", Role.PRESENTER), ("console", Role.MODERATOR), ("organise", Role.ORGANISER)):
        links.append(Link(key=key, role=role, url=role_url(context, event.id, role, serials.get(role, 1))))
    return links


async def page(request: Request) -> Response:
    """`GET /organise/{event}`: everything around the event but the voting itself."""
    context, live = context_of(request), await _live(request)
    early = roles.by_link(request, live) or roles.refusal(request, live, Role.ORGANISER)
    if early is not None:
        return early
    state, entries = live.state, await context.store.audit(live.id)
    faults = audit.verify(entries, live.snapshot.head)
    said = request.query_params.get("said", "")
    copy = copy_id(live.id)
    of_copy = None if state.event.rehearsal_of else await context.store.snapshot(copy)
    serial = of_copy.links.get(Role.ORGANISER, 1) if of_copy else 0
    return context.render.page(
        "organise/page.html",
        lang=LANG,
        event=state.event,
        title=state.event.title.pick(LANG),
        rehearsal=say(LANG, "rehearsal") if state.event.rehearsal_of else "",
        polls=sum(1 for _ in state.event.polls()),
        opened=sum(1 for run in state.runs.values() if run.state is not PollState.DRAFT or run.past),
        ballots=sum((await _boxes(context, live)).values()),
        links=_links(context, live.snapshot),
        is_own_only=is_own_only(context.public_url),
        awards=[
            (
                award.id,
                award.title.pick(LANG),
                say(LANG, f"adesk_phase_{phase_key(award, state.award(award.id))}"),
            )
            for award in state.event.awards
        ],
        rules=[(poll.question.pick(LANG), poll_rules(poll, LANG)) for _, poll in state.event.polls()],
        copy_url=role_url(context, copy, Role.ORGANISER, serial) if of_copy else "",
        log=action_lines(state, entries, LANG, now_ms(), limit=len(entries)),
        entries=len(entries),
        head=live.snapshot.head,
        fault=faults[0] if faults else "",
        notice=say(LANG, said) if said in NOTICES else "",
    )


async def _boxes(context: Context, live: LiveEvent) -> dict[str, int]:
    """Ballots in the box of every poll's present round."""
    rounds = [(poll.id, live.state.run(poll.id).round) for _, poll in live.state.event.polls()]
    snapshot = await context.store.snapshot(live.id, [one for one in rounds if one[1]])
    return {poll: count for (poll, _), count in snapshot.boxes.items()} if snapshot else {}


async def status(request: Request) -> Response:
    """`GET /organise/{event}/status`: how the event stands, for programs."""
    context, live = context_of(request), await _live(request)
    refused = roles.refusal(request, live, Role.ORGANISER)
    if refused is not None:
        return refused
    event, boxes = live.state.event, await _boxes(context, live)
    past = sum([await _past_ballots(context, live, poll) for _, poll in event.polls()])
    return JSONResponse(
        {
            "event": event.id,
            "title": event.title.pick(LANG),
            "rehearsal_of": event.rehearsal_of,
            "ballots": sum(boxes.values()) + past,
            "join_code": event.join_code,
            "segments": [segment.id for segment in event.segments],
            "rooms": [room.id for room in event.rooms],
            "awards": [award.id for award in event.awards],
            "polls": [
                _poll_status(live, poll, session.room, boxes.get(poll.id, 0))
                for session, poll in event.polls()
            ],
        },
        headers={"cache-control": "no-store"},
    )


async def _past_ballots(context: Context, live: LiveEvent, poll: Poll) -> int:
    past = [(poll.id, one.round) for one in live.state.run(poll.id).past]
    snapshot = await context.store.snapshot(live.id, past) if past else None
    return sum(snapshot.boxes.values()) if snapshot else 0


def _poll_status(live: LiveEvent, poll: Poll, room: str, counted: int) -> dict[str, Any]:
    run, published = live.state.run(poll.id), poll.published
    return {
        "id": poll.id,
        "room": room,
        "kind": poll.kind,
        "state": run.state,
        "round": run.round,
        "counted": counted,
        "options": list(poll.option_ids),
        "segments": list(poll.segments),
        "max": poll.max_selections,
        "rules": dict(rules_of(poll)),
        "rules_hash": fingerprint(dict(rules_of(poll))),
        "abstain": poll.abstain,
        "countdown_s": poll.countdown_s,
        "published": None
        if published is None
        else {
            "percent": dict(published.percent),
            "order": list(published.order),
            "not_selected": list(published.not_selected),
        },
    }


async def renew(request: Request) -> Response:
    """`POST /organise/{event}/renew` with `role`: the old link stops working at once."""
    context, live = context_of(request), await _live(request)
    refused = roles.refusal(request, live, Role.ORGANISER)
    if refused is not None:
        return refused
    try:
        role = Role((await roles.read_form(request)).get("role", ""))
    except ValueError:
        raise HTTPException(400) from None
    await moderation.revoke(context.store, live.id, roles.actor(request, live), role)
    snapshot = await live.refresh()
    serial = snapshot.links.get(role, 1)
    if wants_json(request):
        return JSONResponse({"role": role, "url": role_url(context, live.id, role, serial)})
    response = RedirectResponse(f"/organise/{live.id}?said=organise_renewed", 303)
    if role is Role.ORGANISER:  # or the page would lock its own reader out
        roles.keep_role(context, response, live.id, role, context.keyring.token(live.id, role, serial))
    return response


async def rehearse(request: Request) -> Response:
    """`POST /organise/{event}/rehearsal`: make or replace the rehearsal copy."""
    context, live = context_of(request), await _live(request)
    refused = roles.refusal(request, live, Role.ORGANISER)
    if refused is not None:
        return refused
    try:
        copy = await make_copy(context.store, live.id, roles.actor(request, live))
    except IsACopy:
        raise HTTPException(409) from None
    except StoreConflict as error:
        if wants_json(request):
            return JSONResponse({"message": str(error)}, 409)
        raise HTTPException(409) from None
    context.forget(copy)
    of_copy = await context.event(copy)
    links = {link.key: link.url for link in _links(context, of_copy.snapshot)}
    tokens = {role: context.keyring.token(copy, role, of_copy.snapshot.links.get(role, 1)) for role in Role}
    if wants_json(request):
        return JSONResponse(
            {"event": copy, "join_code": of_copy.state.event.join_code, "links": links, "tokens": tokens}, 201
        )
    response = RedirectResponse(f"/organise/{copy}", 303)
    roles.keep_role(context, response, copy, Role.ORGANISER, tokens[Role.ORGANISER])
    return response


async def delete(request: Request) -> Response:
    """`POST /organise/{event}/delete`: delete a rehearsal copy; nothing else can be deleted here."""
    context, live = context_of(request), await _live(request)
    refused = roles.refusal(request, live, Role.ORGANISER)
    if refused is not None:
        return refused
    original = live.state.event.rehearsal_of
    if original is None:
        raise HTTPException(409)
    actor = roles.actor(request, live)
    await context.store.delete_event(live.id)
    context.forget(live.id)
    if await context.store.snapshot(original) is not None:
        await moderation.note(context.store, original, actor, "delete", f"event:{live.id}", {})
    if wants_json(request):
        return JSONResponse({"deleted": live.id})
    return RedirectResponse(f"/organise/{original}?said=organise_deleted", 303)


async def export(request: Request) -> Response:
    """`GET /organise/{event}/export.{kind}?hidden=1`: results and ballots; hidden ones are logged."""
    context, live = context_of(request), await _live(request)
    refused = roles.refusal(request, live, Role.ORGANISER)
    if refused is not None:
        return refused
    kind = request.path_params["kind"]
    if kind not in WRITERS:
        raise HTTPException(404)
    is_hidden_wanted = request.query_params.get("hidden") == "1"
    if is_hidden_wanted:
        actor = roles.actor(request, live)
        body = {"hidden": "yes", "format": kind}
        await moderation.note(context.store, live.id, actor, "export", f"event:{live.id}", body)
    write, media_type = WRITERS[kind]
    content = write(
        await read_export(context.store, live.id, include_hidden=is_hidden_wanted, awards=context.awards)
    )
    headers = {
        "content-disposition": f'attachment; filename="{live.id}.{kind}"',
        "cache-control": "no-store",
    }
    return Response(content, media_type=media_type, headers=headers)


ROUTES = [
    Route("/organise/{event}", page, methods=["GET"]),
    Route("/organise/{event}/status", status, methods=["GET"]),
    Route("/organise/{event}/export.{kind}", export, methods=["GET"]),
    Route("/organise/{event}/renew", renew, methods=["POST"]),
    Route("/organise/{event}/rehearsal", rehearse, methods=["POST"]),
    Route("/organise/{event}/delete", delete, methods=["POST"]),
]
