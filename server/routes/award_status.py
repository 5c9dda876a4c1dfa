"""How an award stands, for its organiser's programs: rules, rounds, private links, steps of the reveal."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from polls.award.life import AwardRun, approvals_needed, phase, round_ids, round_of, standing
from polls.award.model import BallotForm, JuryRound, RoundId, VoteRound
from polls.award.pitches import pitch_round
from polls.desk import session_of
from server.auth import Role
from server.routes import roles
from server.routes.award_common import Here, find_award
from server.routes.award_desk import links_of
from voting.award.rules import rules_hash


async def status(request: Request) -> Response:
    """`GET /organise/{event}/award/{award}/status`. `mark` is the hash of the rules as they are now, which
    a freeze has to name; `pitches` is the round before which they come, if any; links are as private as on
    the organiser's page."""
    here = await find_award(request, fresh=True)
    refused = roles.refusal(request, here.live, Role.ORGANISER)
    if refused is not None:
        return refused
    award, run = here.award, here.run
    session = session_of(here.event, award)
    return JSONResponse(
        {
            "award": award.id,
            "phase": phase(award, run),
            "room": session.room if session else "",
            "mark": run.rules_hash or rules_hash(award, here.event),
            "frozen": bool(run.rules_hash),
            "pitches": pitch_round(award) or "",
            "rounds": [_round(here, run, one) for one in round_ids(award, run)],
            "links": [{"kind": one.kind, "role": one.role, "url": one.url} for one in links_of(here)],
            "approvals": approvals_needed(award),
            "proposals": [
                {"id": one.id, "kind": one.kind, "subject": one.subject, "by": list(one.by)}
                for one in run.proposals
            ],
            "withdrawn": list(run.withdrawn),
            "voided": list(run.voided),
            "steps": run.steps,
            "revealed": run.revealed,
            "published": run.published,
        },
        headers={"cache-control": "no-store"},
    )


def _round(here: Here, run: AwardRun, round_id: RoundId) -> dict[str, Any]:
    stands, rules = run.round(round_id), round_of(here.award, run, round_id)
    said: dict[str, Any] = {
        "id": round_id,
        "state": stands.state,
        "root": stands.box_hash,
        "candidates": list(standing(here.award, run, round_id)),
    }
    match rules:
        case JuryRound():
            said |= {
                "kind": "jury",
                "jurors": [one.id for one in rules.jurors],
                "rule": rules.rule,
                "criteria": [{"id": one.id, "low": one.low, "high": one.high} for one in rules.criteria],
                "picks": rules.picks,
            }
        case VoteRound():
            of = len(said["candidates"])
            most = 1 if rules.form is BallotForm.SINGLE else min(rules.most or of, of)
            said |= {
                "kind": "vote",
                "electorate": rules.electorate,
                "form": rules.form,
                "classes": [one.id for one in rules.classes],
                "least": min(rules.least, most),
                "most": most,
                "abstain": rules.abstain,
            }
    return said


ROUTES = [Route("/organise/{event}/award/{award}/status", status, methods=["GET"])]
