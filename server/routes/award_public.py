"""The public page of an award: rules, how it stands, what was shown of the result, and the record."""

from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dashboard.award_facts import phase_key
from dashboard.award_public import candidate_lines, round_lines, round_name, shown_places
from dashboard.award_result import remarks, result_sentence, result_tables, tie_sentences
from dashboard.award_rules import award_rules
from dashboard.award_voter import VoteState, choices_words, vote_state
from dashboard.words import say
from polls.award.life import round_ids
from polls.award.model import Publish, Rung
from polls.errors import AwardRefused
from server.award.casting import vote_meant
from server.render import script_json
from server.routes import award_page
from server.routes.award_common import Here, find_award
from server.routes.award_reply import voters_of
from server.routes.join import read_fields
from server.routes.pages import language
from voting.award.reveal import NothingToReveal, reveal_steps, shown
from voting.record.bundle import Record
from voting.record.check import ReceiptCheck, check_receipt
from voting.record.receipt import is_receipt, read_receipt, show_receipt

FORM_BYTES = 1_024


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a receipt led to, in words; `check` has the proof. Without one `text` says what to do."""

    typed: str
    text: str
    choice: str = ""
    head: str = ""
    voided: str = ""
    check: ReceiptCheck | None = None


async def page(request: Request) -> Response:
    """`GET /award/{event}/{award}`."""
    return await _page(request, await find_award(request))


async def _page(request: Request, here: Here, found: Found | None = None, status: int = 200) -> Response:
    lang = language(request, here.event)
    award, run, voters = here.award, here.run, voters_of(request)
    has_vote = award.vote is not None
    vote_is_open = has_vote and vote_state(award, run, vote_meant(award, run)) is VoteState.OPEN
    stand = await award_page.stand_of(here, lang)
    key = (await voters.record(here.event, award, run))[0].public_key if run.published else ""
    accepted = request.headers.get("accept-encoding", "") if found is None else ""
    return here.context.render.packed(
        accepted,
        "award/public.html",
        status=status,
        lang=lang,
        event=here.event.title.pick(lang),
        rehearsal=say(lang, "rehearsal") if here.event.rehearsal_of else "",
        title=award.title.pick(lang),
        note=award.note.pick(lang) if award.note else "",
        path=here.path,
        phase=say(lang, f"award_page_phase_{phase_key(award, run)}"),
        candidates=candidate_lines(award, run, lang),
        rounds=round_lines(award, run, lang),
        rules=award_rules(award, lang, run.rules_hash),
        rules_hash=run.rules_hash,
        has_vote=has_vote,
        vote_is_open=vote_is_open,
        stand=stand,
        follows=not run.published and found is None,
        data=script_json(
            {
                "event": here.live.id,
                "award": award.id,
                "lang": lang,
                "push": award_page.push_of(here, stand),
            }
        ),
        result=await _result(here, lang),
        published=run.published,
        record_key=key,
        is_listed=award.vote is not None and award.vote.publish is Publish.BALLOTS,
        corrections=run.corrections,
        found=found,
    )


async def _result(here: Here, lang: str) -> dict[str, Any]:
    """What the reveal has shown, in words; nothing else is in it. Empty before the first step."""
    award, run = here.award, here.run
    if not run.steps and not run.revealed:
        return {}
    try:
        _, result = await here.context.awards.papers_and_result(here.live.id, award, run)
        steps = reveal_steps(award, result)
    except (AwardRefused, NothingToReveal):  # a run-off is on: the steps shown belong to no result yet
        return {}
    if not run.revealed:
        return {"sentence": "", "places": shown_places(award, shown(steps, min(run.steps, len(steps))), lang)}
    return {
        "sentence": result_sentence(award, result, lang),
        "places": shown_places(award, steps, lang),
        "ties": tie_sentences(award, result, lang, run.choices.get(Rung.LOT.value, "")),
        "remarks": remarks(award, result, lang, voided=len(run.voided)),
        "tables": result_tables(award, result, lang),
    }


async def _published(request: Request) -> Here:
    """The award; read anew while it is not known to be published, since that may be a moment ago."""
    here = await find_award(request)
    return here if here.run.published else await find_award(request, fresh=True)


async def record(request: Request) -> Response:
    """`GET /award/{event}/{award}/record.zip`: the whole record, once it is published."""
    here = await _published(request)
    if not here.run.published:
        raise HTTPException(404)
    _, packed = await voters_of(request).record(here.event, here.award, here.run)
    name = f"{here.live.id}-{here.award.id}-record.zip"
    return Response(
        packed,
        media_type="application/zip",
        headers={"cache-control": "no-cache", "content-disposition": f'attachment; filename="{name}"'},
    )


async def find(request: Request) -> Response:
    """`POST /award/{event}/{award}/ballot` with `receipt`: the ballot of a receipt. A post, so that the
    receipt stands in no address, history or log."""
    here = await _published(request)
    fields = dict(await read_fields(request, FORM_BYTES))
    lang, typed = language(request, here.event), fields.get("receipt", "")[:60]
    if not here.run.published:
        return await _page(request, here, Found(typed=typed, text=say(lang, "award_page_early")), 409)
    receipt = read_receipt(typed)
    if not is_receipt(receipt):
        return await _page(request, here, Found(typed=typed, text=say(lang, "award_page_bad_receipt")), 422)
    kept, _ = await voters_of(request).record(here.event, here.award, here.run)
    found = _look_up(here, kept, receipt, lang)
    return await _page(request, here, found, 200 if found.check else 404)


def _look_up(here: Here, kept: Record, receipt: str, lang: str) -> Found:
    award = here.award
    typed = show_receipt(receipt)
    if award.vote is None or award.vote.publish is Publish.TOTALS:
        return Found(typed=typed, text=say(lang, "award_page_totals"))
    for round_id in round_ids(award, here.run):
        ballots = [line for line in kept.ballots if line["round"] == round_id]
        check = check_receipt(receipt, round_id, ballots, kept.log)
        if check is None:
            continue
        choices: Any = check.ballot["choices"]
        answer = choices_words(award, choices, award.vote.form, lang)
        voided = check.voided
        return Found(
            typed=typed,
            text=say(lang, "award_page_found", place=check.place, round=round_name(award, round_id, lang)),
            choice=say(lang, "award_page_found_choice", choice=answer) if choices else answer,
            head=say(lang, "award_page_found_head", count=check.count, words=" ".join(check.words)),
            voided="" if voided is None else say(lang, "award_page_found_voided", reason=voided),
            check=check,
        )
    return Found(typed=typed, text=say(lang, "award_page_not_found"))


ROUTES = [
    Route("/award/{event}/{award}", page, methods=["GET"]),
    Route("/award/{event}/{award}/record.zip", record, methods=["GET"]),
    Route("/award/{event}/{award}/ballot", find, methods=["POST"]),
]
