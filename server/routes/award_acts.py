"""What the organiser does to an award by forms: every act is a POST that names what the person saw."""

from collections.abc import Awaitable, Callable, Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dashboard.words import say
from polls.award.life import ORGANISER, RoundState, round_of
from polls.award.model import AwardId, CandidateId, RoundId
from polls.errors import AwardRefused
from polls.model import EventId
from server import moderation
from server.auth import Role
from server.award.acts import AwardActs
from server.routes import roles
from server.routes.award_common import REFUSALS, Here, find_award, person_url, refusal_of
from server.routes.award_desk import (
    FREEZE,
    done,
    links_of,
    organiser_page,
    refuse,
    words_of,
)
from server.routes.award_figures import figures_of, place_of
from server.routes.award_proposals import Form, Unreadable, number_in, proposal_in
from server.routes.award_ties import desk_of
from server.routes.moderate import LANG
from server.routes.pages import wants_json

EXTEND_MOST_S = 3_600


async def act(request: Request) -> Response:
    """`POST /organise/{event}/award/{award}/{act}`."""
    here = await find_award(request, fresh=True)
    name = request.path_params["act"]
    of_count = name in ("count", "confirm")
    right = Role.MODERATOR if of_count else Role.ORGANISER
    refused = roles.refusal(request, here.live, right)
    if refused is not None:
        return refused
    if name not in ACTS:
        raise HTTPException(404)
    form = await roles.read_form(request)
    on_count_page = of_count and form.get("page") == "count"
    filled = {**form, "act": name} if of_count else {}
    try:
        await ACTS[name](here, here.context.awards.acts, form, roles.actor(request, here.live))
    except Unreadable as error:
        return await refuse(request, here, 422, str(error), of_count=on_count_page, filled=filled)
    except REFUSALS as error:
        status, text = refusal_of(error)
        text = words_of(error) if isinstance(error, AwardRefused) else text
        return await refuse(request, here, status, text, of_count=on_count_page, filled=filled)
    address = f"/organise/{here.event.id}/award/{here.award.id}"
    return done(request, here, name, f"{address}/count" if on_count_page else address)


async def tie(request: Request) -> Response:
    """`POST /organise/{event}/award/{award}/tie`: open the tie desk, which is logged: whoever opens it knows
    more than the hall."""
    here = await find_award(request, fresh=True)
    refused = roles.refusal(request, here.live, Role.ORGANISER)
    if refused is not None:
        return refused
    desk = await desk_of(here, LANG)
    if desk is None:
        return await refuse(request, here, 409, say(LANG, "adesk_no_tie"))
    actor = roles.actor(request, here.live)
    await moderation.note(here.context.store, here.live.id, actor, "award_tie", f"award:{here.award.id}", {})
    if wants_json(request):
        return JSONResponse({"tied": [c for c, _ in desk.left], "chair": desk.chair, "lot": desk.needs_lot})
    return await organiser_page(here, show_desk=True)


async def renew(request: Request) -> Response:
    """`POST /organise/{event}/award/{award}/renew` with `role`: a new private link for one person."""
    here = await find_award(request, fresh=True)
    refused = roles.refusal(request, here.live, Role.ORGANISER)
    if refused is not None:
        return refused
    role = (await roles.read_form(request)).get("role", "")
    link = next((one for one in links_of(here) if one.role == role), None)
    if link is None:
        return await refuse(request, here, 422, say(LANG, "adesk_no_person"))
    await moderation.revoke(here.context.store, here.live.id, roles.actor(request, here.live), role)
    if wants_json(request):
        here = await find_award(request, fresh=True)
        page = "jury" if link.kind == "juror" else "scrutiny"
        return JSONResponse({"role": role, "url": person_url(here, page, role)})
    return done(request, here, "renew", f"/organise/{here.event.id}/award/{here.award.id}")


# -- one act each ---------------------------------------------------------------------------------------


def _ids(here: Here) -> tuple[EventId, AwardId]:
    return here.live.id, here.award.id


def _round(here: Here, form: Form, expected: RoundState) -> RoundId:
    """The round that the form names, if it still stands as the person saw it."""
    round_id = form.get("round", "")
    if round_of(here.award, here.run, round_id) is None:
        raise Unreadable(say(LANG, "adesk_no_round"))
    state = here.run.round(round_id).state
    if state is not expected:
        raise AwardRefused(state, "change")
    return RoundId(round_id)


async def _freeze(here: Here, acts: AwardActs, form: Form, actor: str) -> None:
    if form.get("typed", "").strip().upper() != FREEZE:
        raise Unreadable(say(LANG, "console_wrong_word", word=FREEZE))
    if not form.get("mark"):
        raise Unreadable(say(LANG, "adesk_no_mark"))
    await acts.freeze(*_ids(here), actor, seen_hash=form["mark"])


async def _open(here: Here, acts: AwardActs, form: Form, actor: str) -> None:
    await acts.open(*_ids(here), _round(here, form, RoundState.WAITING), actor)


async def _close(here: Here, acts: AwardActs, form: Form, actor: str) -> None:
    await acts.close(*_ids(here), _round(here, form, RoundState.OPEN), actor)


async def _extend(here: Here, acts: AwardActs, form: Form, actor: str) -> None:
    typed = form.get("seconds", "")
    seconds = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 6 else 0
    if not 0 < seconds <= EXTEND_MOST_S:
        raise Unreadable(say(LANG, "adesk_bad_seconds", most=EXTEND_MOST_S))
    round_id = _round(here, form, RoundState.OPEN)
    if here.run.round(round_id).closes_ms is None:
        raise Unreadable(say(LANG, "adesk_no_countdown"))
    await acts.extend(*_ids(here), round_id, seconds, actor)


async def _approve(here: Here, acts: AwardActs, form: Form, actor: str) -> None:
    if form.get("compared") != "yes":
        raise Unreadable(say(LANG, "ascrut_not_compared"))
    round_id = _round(here, form, RoundState.CLOSED)
    await acts.approve(*_ids(here), round_id, ORGANISER, form.get("root", ""))


async def _propose(here: Here, acts: AwardActs, form: Form, actor: str) -> None:
    kind, subject, reason = proposal_in(form)
    await acts.propose(*_ids(here), kind, subject, reason, ORGANISER, actor)


async def _drop(here: Here, acts: AwardActs, form: Form, actor: str) -> None:
    await acts.drop(*_ids(here), number_in(form), actor)


async def _chair(here: Here, acts: AwardActs, form: Form, actor: str) -> None:
    if form.get("sure") != "yes":
        raise Unreadable(say(LANG, "adesk_not_sure"))
    await acts.chair(*_ids(here), CandidateId(form.get("candidate", "")), actor)


async def _draw(here: Here, acts: AwardActs, form: Form, actor: str) -> None:
    if form.get("sure") != "yes":
        raise Unreadable(say(LANG, "adesk_not_sure"))
    await acts.draw(*_ids(here), form.get("text", ""), actor)


async def _runoff(here: Here, acts: AwardActs, form: Form, actor: str) -> None:
    await acts.runoff(*_ids(here), actor)


async def _publish(here: Here, acts: AwardActs, form: Form, actor: str) -> None:
    await acts.publish(*_ids(here), actor)


async def _correct(here: Here, acts: AwardActs, form: Form, actor: str) -> None:
    await acts.correct(*_ids(here), form.get("text", ""), actor)


async def _count(here: Here, acts: AwardActs, form: Form, actor: str) -> None:
    figures = figures_of(here.award, here.run, form)
    who = form.get("who", "").strip()
    if not 0 < len(who) <= 80:
        raise Unreadable(say(LANG, "adesk_no_name"))
    await here.context.awards.counts.first(*_ids(here), place_of(form), figures, who, actor)


async def _confirm(here: Here, acts: AwardActs, form: Form, actor: str) -> None:
    """The second person, where an award has no scrutineers."""
    if here.award.scrutineers:
        raise AwardRefused("open", "confirm", "a scrutineer confirms the figures, on the scrutineers' page")
    figures = figures_of(here.award, here.run, form)
    who = form.get("who", "").strip()
    if not 0 < len(who) <= 80:
        raise Unreadable(say(LANG, "adesk_no_name"))
    await here.context.awards.counts.second(*_ids(here), place_of(form), figures, who, actor)


ACTS: Mapping[str, Callable[[Here, AwardActs, Form, str], Awaitable[None]]] = {
    "freeze": _freeze,
    "open": _open,
    "close": _close,
    "extend": _extend,
    "approve": _approve,
    "propose": _propose,
    "drop": _drop,
    "chair": _chair,
    "draw": _draw,
    "runoff": _runoff,
    "publish": _publish,
    "correct": _correct,
    "count": _count,
    "confirm": _confirm,
}
"""Every act that a form can ask for."""

ROUTES = [
    Route("/organise/{event}/award/{award}/tie", tie, methods=["POST"]),
    Route("/organise/{event}/award/{award}/renew", renew, methods=["POST"]),
    Route("/organise/{event}/award/{award}/{act}", act, methods=["POST"]),
]
