"""The page of a jury's chair: progress without marks, a logged look before the seal, the casting vote."""

import asyncio
import unicodedata

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dashboard.award_chair import Look, chair_round, look
from dashboard.award_result import candidate_name
from dashboard.words import say
from polls.award.life import Phase, RoundState, phase, standing
from polls.award.model import CandidateId, JuryRound, Rung
from server import moderation
from server.award.papers import read_sheet
from server.routes import roles
from server.routes.award_common import REFUSALS, Here, find_award, refusal_of
from server.routes.award_jury import Person, by_key, person
from server.routes.pages import error_page
from voting.award.jury import diagnosis
from voting.award.ports import At


def _chair(request: Request, here: Here) -> Person | None:
    who = person(request, here)
    return who if who is not None and who.is_chair else None


def _rounds(who: Person) -> list[JuryRound]:
    """The rounds whose chair this is."""
    return [jury for jury in who.rounds if any(j.chair and j.id == who.juror for j in jury.jurors)]


async def page(request: Request) -> Response:
    """`GET /jury/{event}/{award}/chair`: how far each juror is."""
    here = await find_award(request, fresh=True)
    early = by_key(request, here)
    if early is not None:
        return early
    who = _chair(request, here)
    return error_page(request, 403, "need_chair") if who is None else await _show(who)


async def act(request: Request) -> Response:
    """`POST /jury/{event}/{award}/chair` with `do`: look at a closed `round`, or decide for a `candidate`."""
    here = await find_award(request, fresh=True)
    who = _chair(request, here)
    if who is None:
        return error_page(request, 403, "need_chair")
    fields = await roles.read_form(request)
    match fields.get("do"):
        case "look":
            return await _look(who, fields.get("round", ""))
        case "decide":
            return await _decide(who, fields.get("candidate", ""), fields.get("name", ""))
    return error_page(request, 422, "bad_request")


async def _look(who: Person, round_id: str) -> Response:
    """The diagnostics of a closed round; the audit log has each look before it is shown."""
    here = who.here
    jury = next((one for one in _rounds(who) if one.id == round_id), None)
    if jury is None or here.run.round(jury.id).state is not RoundState.CLOSED:
        return await _show(who, status=409, trouble=say(who.lang, "chair_look_when"))
    subject, body = f"award:{here.award.id}", {"round": str(jury.id)}
    await moderation.note(here.context.store, here.live.id, f"juror:{who.juror}", "award_look", subject, body)
    box = await here.context.awards.box.read_box(At(here.live.id, here.award.id, jury.id))
    found = await asyncio.to_thread(
        diagnosis,
        jury,
        [read_sheet(text) for text in box.sheets.values()],
        standing(here.award, here.run, jury.id),
        withdrawn=here.run.withdrawn,
        ladder=here.award.decision.ladder,
    )
    return await _show(who, looked=(jury, look(jury, found, who.lang)))


async def _decide(who: Person, candidate: str, typed: str) -> Response:
    """The casting vote: only between those who are tied, and only with the typed name."""
    here = who.here
    tied = await _tied(here)
    if candidate not in tied:
        return await _show(who, status=422, trouble=say(who.lang, "chair_vote_choose"))
    if _plain(typed) != _plain(candidate_name(here.award, CandidateId(candidate), who.lang)):
        return await _show(who, status=422, trouble=say(who.lang, "chair_vote_typed"))
    acts = here.context.awards.acts
    try:
        await acts.chair(here.live.id, here.award.id, CandidateId(candidate), f"juror:{who.juror}")
    except REFUSALS as error:
        status, words = refusal_of(error)
        return await _show(who, status=status, trouble=words)
    return RedirectResponse(f"/jury/{here.path}/chair", 303)


def _plain(name: str) -> str:
    """A typed name for comparison: case and spaces do not matter."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


async def _tied(here: Here) -> tuple[CandidateId, ...]:
    """Those between whom the chair is asked to decide, in the order of the paper; nobody before the seal."""
    if phase(here.award, here.run) is not Phase.SEALED or Rung.CHAIR not in here.award.decision.ladder:
        return ()
    _, result = await here.context.awards.papers_and_result(here.live.id, here.award, here.run)
    if result.pending != Rung.CHAIR:
        return ()
    return tuple(c for c in here.award.candidate_ids if c in result.ranking[0])


async def _show(
    who: Person, *, status: int = 200, trouble: str = "", looked: tuple[JuryRound, Look] | None = None
) -> Response:
    here, lang = who.here, who.lang
    box = here.context.awards.box
    rounds = []
    for jury in _rounds(who):
        progress = await box.progress(At(here.live.id, here.award.id, jury.id))
        found = looked[1] if looked is not None and looked[0] is jury else None
        rounds.append((chair_round(here.award, here.run, jury, progress, lang), found))
    decided = here.run.choices.get(Rung.CHAIR.value, "")
    return here.context.render.page(
        "jury/chair.html",
        status,
        lang=lang,
        award=here.award.title.pick(lang),
        event=here.event.title.pick(lang),
        rehearsal=say(lang, "rehearsal") if here.event.rehearsal_of else "",
        path=f"/jury/{here.path}",
        who=say(lang, "jury_who_chair", name=who.name),
        rounds=rounds,
        may_decide=Rung.CHAIR in here.award.decision.ladder,
        tied=[(c, candidate_name(here.award, c, lang)) for c in await _tied(here)],
        decided=candidate_name(here.award, CandidateId(decided), lang) if decided else "",
        trouble=trouble,
    )


ROUTES = [
    Route("/jury/{event}/{award}/chair", page, methods=["GET"]),
    Route("/jury/{event}/{award}/chair", act, methods=["POST"]),
]
