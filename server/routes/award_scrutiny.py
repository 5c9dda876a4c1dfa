"""The page of a scrutineer: what is approved and why, checkpoints, signatures, counts, recount."""

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dashboard.award_rules import award_rules
from dashboard.words import say
from polls.award.life import approvals_needed, phase, round_of
from polls.award.model import RoundId, ScrutineerId
from polls.errors import AwardRefused
from server.award.checking import Check, check_result, check_round
from server.routes import roles
from server.routes.award_common import (
    REFUSALS,
    Here,
    find_award,
    person_by_key,
    person_of,
    refusal_of,
    scrutineer_role,
)
from server.routes.award_desk import NOTHING, counts_of, done, notice_of, words_of
from server.routes.award_figures import count_form, figures_of, place_of
from server.routes.award_proposals import (
    Form,
    Unreadable,
    may_propose,
    may_withdraw,
    number_in,
    proposal_in,
    proposals_of,
)
from server.routes.award_rounds import checkpoints_of, rounds_of, scrutineer_name
from server.routes.moderate import LANG
from server.routes.pages import error_page, wants_json


def _roles(here: Here) -> dict[str, ScrutineerId]:
    return {scrutineer_role(here.award.id, one): one for one, _ in here.award.scrutineers}


def who_is(request: Request, here: Here) -> ScrutineerId | None:
    """The scrutineer whose link the request came by."""
    known = _roles(here)
    return known.get(person_of(request, here, list(known)))


async def page(request: Request) -> Response:
    """`GET /scrutiny/{event}/{award}`."""
    here = await find_award(request, fresh=True)
    early = person_by_key(request, here, list(_roles(here)))
    if early is not None:
        return early
    who = who_is(request, here)
    if who is None:
        return error_page(request, 403, "need_scrutineer")
    return await scrutineers_page(here, who, notice_of(request))


async def numbers(request: Request) -> Response:
    """`GET /scrutiny/{event}/{award}/numbers`: what changes by itself while a vote is open, as a fragment."""
    here = await find_award(request)
    if who_is(request, here) is None:
        return error_page(request, 403, "need_scrutineer")
    return here.context.render.page(
        "award_desk/_numbers.html",
        lang=LANG,
        base=f"/scrutiny/{here.path}",
        rounds=await rounds_of(here, LANG),
        checkpoints=await checkpoints_of(here),
    )


async def scrutineers_page(
    here: Here,
    who: ScrutineerId,
    notice: str = "",
    *,
    is_alarm: bool = False,
    status: int = 200,
    recount: Mapping[RoundId, tuple[tuple[str, bool], ...]] | None = None,
    filled: Mapping[str, str] = NOTHING,
) -> Response:
    """The page as things stand for one scrutineer. `recount` is what was just checked, by round; `filled` a
    form that was refused."""
    award, run = here.award, here.run
    return here.context.render.page(
        "award_desk/scrutiny.html",
        status,
        lang=LANG,
        event=here.event,
        base=f"/scrutiny/{here.path}",
        title=award.title.pick(LANG),
        rehearsal=say(LANG, "rehearsal") if here.event.rehearsal_of else "",
        name=scrutineer_name(award, who, LANG),
        needed=approvals_needed(award),
        of=len(award.scrutineers),
        notice=notice,
        is_alarm=is_alarm,
        phase=phase(award, run).value,
        rounds=await rounds_of(here, LANG),
        approved={one for one, stands in run.rounds.items() if who in stands.approved_by},
        checkpoints=await checkpoints_of(here),
        proposals=proposals_of(award, run),
        signed={one.id for one in run.proposals if who in one.by},
        settled=proposals_of(award, run, settled=True),
        may_propose=may_propose(award, run),
        candidates=may_withdraw(award, run),
        filled=filled,
        count=count_form(award, run, LANG),
        counts=counts_of(award, run),
        rules=award_rules(award, LANG, run.rules_hash),
        mark=run.rules_hash,
        recount=recount or {},
    )


async def act(request: Request) -> Response:
    """`POST /scrutiny/{event}/{award}/{act}`: approve, propose, sign, confirm or recount."""
    here = await find_award(request, fresh=True)
    who = who_is(request, here)
    if who is None:
        return error_page(request, 403, "need_scrutineer")
    name, form = request.path_params["act"], await roles.read_form(request)
    ids = here.live.id, here.award.id
    filled = {**form, "act": name}
    try:
        match name:
            case "approve":
                await _approve(here, who, form)
            case "propose":
                kind, subject, reason = proposal_in(form)
                acts = here.context.awards.acts
                await acts.propose(*ids, kind, subject, reason, who, f"scrutineer:{who}")
            case "sign":
                await here.context.awards.acts.sign(*ids, number_in(form), who)
            case "confirm":
                await _confirm(here, who, form)
            case "recount":
                return await _recount(request, here, who, form)
            case _:
                raise HTTPException(404)
    except Unreadable as error:
        return await _refuse(request, who, 422, str(error), filled)
    except REFUSALS as error:
        status, text = refusal_of(error)
        text = words_of(error) if isinstance(error, AwardRefused) else text
        return await _refuse(request, who, status, text, filled)
    return done(request, here, name, f"/scrutiny/{here.path}")


async def _approve(here: Here, who: ScrutineerId, form: Form) -> None:
    if form.get("compared") != "yes":
        raise Unreadable(say(LANG, "ascrut_not_compared"))
    round_id = form.get("round", "")
    if round_of(here.award, here.run, round_id) is None:
        raise Unreadable(say(LANG, "adesk_no_round"))
    acts = here.context.awards.acts
    await acts.approve(here.live.id, here.award.id, RoundId(round_id), who, form.get("root", ""))


async def _confirm(here: Here, who: ScrutineerId, form: Form) -> None:
    figures = figures_of(here.award, here.run, form)
    name = scrutineer_name(here.award, who, LANG)
    await here.context.awards.counts.second(
        here.live.id, here.award.id, place_of(form), figures, name, f"scrutineer:{who}"
    )


async def _recount(request: Request, here: Here, who: ScrutineerId, form: Form) -> Response:
    round_id = RoundId(form.get("round", ""))
    if round_of(here.award, here.run, round_id) is None:
        raise Unreadable(say(LANG, "adesk_no_round"))
    awards = here.context.awards
    checks = list(await check_round(awards, here.live.id, here.award, here.run, round_id))
    of_result = await check_result(awards, here.live.id, here.award, here.run)
    if of_result is not None:
        checks.append(of_result)
    lines = tuple((_words(one), one.is_sound) for one in checks)
    is_sound = all(one.is_sound for one in checks)
    if wants_json(request):
        return JSONResponse({"sound": is_sound, "checks": [{"text": t, "sound": s} for t, s in lines]})
    notice = say(LANG, "ascrut_sound" if is_sound else "ascrut_unsound")
    return await scrutineers_page(here, who, notice, is_alarm=not is_sound, recount={round_id: lines})


def _words(check: Check) -> str:
    outcome = "good" if check.is_sound else "bad"
    return say(LANG, f"ascrut_{check.key}_{outcome}", n=check.n, of=check.of)


async def _refuse(
    request: Request, who: ScrutineerId, status: int, text: str, filled: Mapping[str, str]
) -> Response:
    if wants_json(request):
        return JSONResponse({"message": text}, status)
    here = await find_award(request, fresh=True)
    return await scrutineers_page(here, who, text, is_alarm=True, status=status, filled=filled)


ROUTES = [
    Route("/scrutiny/{event}/{award}", page, methods=["GET"]),
    Route("/scrutiny/{event}/{award}/numbers", numbers, methods=["GET"]),
    Route("/scrutiny/{event}/{award}/{act}", act, methods=["POST"]),
]
