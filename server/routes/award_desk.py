"""The organiser's page of one award: rules and freeze, codes, links, rounds, ties, record."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from dashboard.award_facts import phase_key
from dashboard.award_rules import award_rules
from dashboard.words import say
from polls.award.life import AwardRun, Phase, phase
from polls.award.model import Award, Electorate
from polls.errors import AwardRefused
from server.auth import Role
from server.award.roll import MOST
from server.routes import roles
from server.routes.award_common import (
    Here,
    find_award,
    juror_role,
    person_url,
    scrutineer_role,
)
from server.routes.award_figures import count_form
from server.routes.award_proposals import may_propose, may_withdraw, proposals_of
from server.routes.award_rounds import RoundView, checkpoints_of, round_title, rounds_of
from server.routes.award_ties import desk_of, waits_for_people
from server.routes.moderate import LANG
from server.routes.pages import wants_json
from server.running import is_own_only
from voting.award.rules import rules_hash

FREEZE, REPLACE = "FREEZE", "REPLACE"
"""What has to be typed before the rules are fixed, and before codes that were made become void."""

NOTHING: Mapping[str, str] = {}
"""No form that was refused."""

NOTICES = frozenset(
    f"adesk_did_{key}"
    for key in (
        "freeze",
        "open",
        "close",
        "extend",
        "approve",
        "propose",
        "sign",
        "drop",
        "chair",
        "draw",
        "runoff",
        "publish",
        "correct",
        "count",
        "confirm",
        "renew",
    )
)
"""The sentences that an address may ask a page to show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLink:
    """The private link of a juror or scrutineer, as the organiser hands it out."""

    id: str
    kind: str
    name: str
    note: str
    role: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CountView:
    """A count of hands or paper that waits: which one, and who has named the figures."""

    round: str
    channel: str
    voter_class: str
    what: str
    by: str


async def page(request: Request) -> Response:
    """`GET /organise/{event}/award/{award}`."""
    here = await find_award(request, fresh=True)
    early = roles.by_link(request, here.live) or roles.refusal(request, here.live, Role.ORGANISER)
    if early is not None:
        return early
    return await organiser_page(here, notice_of(request))


async def organiser_page(
    here: Here,
    notice: str = "",
    *,
    is_alarm: bool = False,
    status: int = 200,
    show_desk: bool = False,
    filled: Mapping[str, str] = NOTHING,
) -> Response:
    """The page as things stand, with what is to be said at its top. `filled` is a form that was refused."""
    award, run, event = here.award, here.run, here.event
    rounds = await rounds_of(here, LANG)
    mark = run.rules_hash or rules_hash(award, event)
    tie = await waits_for_people(here)
    now = phase(award, run)
    return here.context.render.page(
        "award_desk/page.html",
        status,
        lang=LANG,
        event=event,
        award=award,
        path=here.path,
        base=f"/organise/{event.id}/award/{award.id}",
        title=award.title.pick(LANG),
        rehearsal=say(LANG, "rehearsal") if event.rehearsal_of else "",
        notice=notice,
        is_alarm=is_alarm,
        phase=phase_key(award, run),
        next=next_thing(rounds, now, tie),
        rounds=rounds,
        rules=award_rules(award, LANG, run.rules_hash),
        mark=mark,
        is_frozen=bool(run.rules_hash),
        links=links_of(here),
        codes=codes_of(here, rounds),
        proposals=proposals_of(award, run),
        settled=proposals_of(award, run, settled=True),
        may_propose=may_propose(award, run),
        candidates=may_withdraw(award, run),
        count=count_form(award, run, LANG),
        counts=counts_of(award, run),
        may_confirm=not award.scrutineers,
        filled=filled,
        tie=tie,
        desk=await desk_of(here, LANG) if show_desk and tie else None,
        checkpoints=await checkpoints_of(here),
        is_out=run.revealed,
        is_published=run.published,
        corrections=run.corrections,
    )


def notice_of(request: Request) -> str:
    """The sentence that the address asks for, if it is one of ours."""
    said = request.query_params.get("said", "")
    return say(LANG, said) if said in NOTICES else ""


def next_thing(rounds: tuple[RoundView, ...], now: Phase, tie: bool) -> str:
    """The next right thing, in a sentence."""
    match now:
        case Phase.DRAFT:
            return say(LANG, "adesk_next_freeze")
        case Phase.SEALED | Phase.REVEALING:
            return say(LANG, "adesk_next_tie" if tie else "adesk_next_reveal")
        case Phase.REVEALED:
            return say(LANG, "adesk_next_publish")
        case Phase.PUBLISHED:
            return say(LANG, "adesk_next_done")
    one = next(view for view in rounds if view.state.value != "sealed")
    if one.state.value == "waiting":
        return say(LANG, "adesk_next_open" if "open" in one.may else "adesk_next_codes", round=one.title)
    return say(
        LANG, "adesk_next_close" if one.state.value == "open" else "adesk_next_approve", round=one.title
    )


def links_of(here: Here) -> tuple[PersonLink, ...]:
    """The private links of everybody who judges or watches; a juror of several rounds has one."""
    award = here.award
    jurors = {juror.id: juror for jury in award.jury for juror in jury.jurors}
    links = [
        PersonLink(
            id=f"juror-{juror.id}",
            kind="juror",
            name=juror.name,
            note=say(LANG, "adesk_is_chair") if juror.chair else juror.group,
            role=juror_role(award.id, juror.id),
            url=person_url(here, "jury", juror_role(award.id, juror.id)),
        )
        for juror in jurors.values()
    ]
    links += [
        PersonLink(
            id=f"scrutineer-{scrutineer}",
            kind="scrutineer",
            name=name,
            note="",
            role=scrutineer_role(award.id, scrutineer),
            url=person_url(here, "scrutiny", scrutineer_role(award.id, scrutineer)),
        )
        for scrutineer, name in award.scrutineers
    ]
    return tuple(links)


def codes_of(here: Here, rounds: tuple[RoundView, ...]) -> Mapping[str, Any] | None:
    """What the section on codes needs; None without a vote by codes."""
    vote = here.award.vote
    if vote is None or vote.electorate is not Electorate.CODES:
        return None
    view = next(one for one in rounds if one.id == vote.id)
    is_waiting = view.state.value == "waiting"
    return {
        "classes": [(one.id, one.name.pick(LANG), one.weight) for one in vote.classes],
        "made": view.figures if is_waiting else (),
        "is_made": bool(view.figures),
        "may": is_waiting and bool(here.run.rules_hash),
        "is_waiting": is_waiting,
        "languages": here.event.languages,
        "most": MOST,
        "address": here.context.public_url,
        "is_own_only": is_own_only(here.context.public_url),
    }


def counts_of(award: Award, run: AwardRun) -> tuple[CountView, ...]:
    """The counts that wait for their second person."""
    names = {one.id: one.name.pick(LANG) for one in award.vote.classes} if award.vote else {}
    return tuple(
        CountView(
            round=one.round,
            channel=one.channel,
            voter_class=one.voter_class,
            what=say(
                LANG,
                f"adesk_count_of_{one.channel}",
                name=names.get(one.voter_class, one.voter_class),
                round=round_title(award, run, one.round, LANG),
            ),
            by=one.by[0],
        )
        for one in run.counts
    )


async def moderators_page(request: Request) -> Response:
    """`GET /organise/{event}/award/{award}/count`: counts of hands and paper, for moderators too."""
    here = await find_award(request, fresh=True)
    early = roles.by_link(request, here.live) or roles.refusal(request, here.live, Role.MODERATOR)
    if early is not None:
        return early
    return count_page(here, notice_of(request))


def count_page(
    here: Here,
    notice: str,
    *,
    is_alarm: bool = False,
    status: int = 200,
    filled: Mapping[str, str] = NOTHING,
) -> Response:
    """The page on which moderators enter counts. `filled` is a form that was refused."""
    award, run = here.award, here.run
    return here.context.render.page(
        "award_desk/count.html",
        status,
        lang=LANG,
        event=here.event,
        title=award.title.pick(LANG),
        rehearsal=say(LANG, "rehearsal") if here.event.rehearsal_of else "",
        base=f"/organise/{here.event.id}/award/{award.id}",
        notice=notice,
        is_alarm=is_alarm,
        count=count_form(award, run, LANG),
        counts=counts_of(award, run),
        may_confirm=not award.scrutineers,
        filled=filled,
    )


async def record(request: Request) -> Response:
    """`GET /organise/{event}/award/{award}/record.zip`, once the last step of the reveal was shown."""
    here = await find_award(request, fresh=True)
    refused = roles.refusal(request, here.live, Role.ORGANISER)
    if refused is not None:
        return refused
    if not here.run.revealed:
        return await refuse(request, here, 409, say(LANG, "adesk_no_record"))
    _, content = await here.context.voters.record(here.event, here.award, here.run)
    headers = {
        "content-disposition": f'attachment; filename="{here.event.id}-{here.award.id}-record.zip"',
        "cache-control": "no-store",
    }
    return Response(content, media_type="application/zip", headers=headers)


async def refuse(
    request: Request,
    here: Here,
    status: int,
    text: str,
    *,
    of_count: bool = False,
    filled: Mapping[str, str] = NOTHING,
) -> Response:
    """What was not done and why: JSON for programs, else the page with the sentence at its top and the
    figures of `filled` in the form again."""
    if wants_json(request):
        return JSONResponse({"message": text}, status)
    here = await find_award(request, fresh=True)
    if of_count:
        return count_page(here, text, is_alarm=True, status=status, filled=filled)
    return await organiser_page(here, text, is_alarm=True, status=status, filled=filled)


def done(request: Request, here: Here, key: str, address: str) -> Response:
    """What was done: JSON for programs, else back to the page."""
    if wants_json(request):
        return JSONResponse({"done": key})
    return RedirectResponse(f"{address}?said=adesk_did_{key}", 303)


def words_of(error: AwardRefused) -> str:
    """Why an act was refused, as a sentence for staff."""
    if not error.why:
        return say(LANG, "adesk_lost_race")
    return f"{error.why[0].upper()}{error.why[1:]}."


ROUTES = [
    Route("/organise/{event}/award/{award}", page, methods=["GET"]),
    Route("/organise/{event}/award/{award}/count", moderators_page, methods=["GET"]),
    Route("/organise/{event}/award/{award}/record.zip", record, methods=["GET"]),
]
