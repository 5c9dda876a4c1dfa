"""The short address on voting cards: a typed or scanned code finds the award it is for."""

from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dashboard.words import voter_words
from polls.award.model import Award, AwardId, Electorate, RoundId
from polls.model import Event, EventId
from server.award.casting import open_vote, vote_meant
from server.award.voters import TooManyMisses
from server.context import Context
from server.render import script_json
from server.routes import award_vote
from server.routes.award_common import Here
from server.routes.award_reply import Reply, code_reply, network, voters_of
from server.routes.join import read_fields
from server.routes.pages import context_of, language, wants_json
from voting.award.ports import At
from voting.errors import CodeInvalid

FORM_BYTES = 4_096

DOOR = At(EventId(""), AwardId(""), RoundId(""))
"""For what wrong codes are counted that no award knows."""


async def door(request: Request) -> Response:
    """`GET /v#TOKEN`: the form for the code. The script sends the token on in a body, never in an address."""
    return _page(request, 200, "", "")


def _page(request: Request, status: int, typed: str, problem: str) -> Response:
    lang = language(request)
    words = {key: text for key, text in voter_words(lang).items() if key.startswith("voter_js_")}
    return context_of(request).render.page(
        "award/door.html",
        status,
        lang=lang,
        typed=typed,
        problem=problem,
        data=script_json({"words": words}),
    )


async def enter(request: Request) -> Response:
    """`POST /v` with `code`: the voter's page with the code filled in; for a script {"url"} or the reply
    that says why not."""
    typed = dict(await read_fields(request, FORM_BYTES)).get("code", "")[:100]
    lang = language(request)
    reply: Reply
    try:
        here = await _find(request, typed)
    except (CodeInvalid, TooManyMisses) as error:
        reply = code_reply(lang, typed, error)
    else:
        if here is not None and wants_json(request):
            return JSONResponse({"url": f"/vote/{here.path}"}, headers=award_vote.ANSWER)
        if here is not None:
            return await award_vote.show(request, here, filled=award_vote.Filled(code=typed))
        reply = code_reply(lang, typed, None)
    if wants_json(request):
        return JSONResponse(reply.as_dict(), reply.status, headers=award_vote.ANSWER)
    return _page(request, reply.status, typed, reply.message)


async def _find(request: Request, typed: str) -> Here | None:
    """The award whose register has a code; None when none has. Raises CodeInvalid, TooManyMisses."""
    context, voters, where = context_of(request), voters_of(request), network(request)
    context.awards.casting.hash_of("", typed)  # a slip of the finger is told before anything is looked up
    voters.check_wait(DOOR, typed, where)
    async for event, award, round_id in _votes(context):
        at = At(event.id, award.id, round_id)
        hashed = context.awards.casting.hash_of(award.id, typed)
        if await context.awards.box.find_code(at, hashed) is not None:
            live = await context.event(event.id)
            snapshot = live.snapshot
            return Here(
                context=context,
                live=live,
                snapshot=snapshot,
                award=award,
                run=snapshot.state.award(award.id),
            )
    voters.missed(DOOR, typed, where)
    return None


async def _votes(context: Context) -> AsyncIterator[tuple[Event, Award, RoundId]]:
    """Every vote by codes, those that are open now first."""
    others: list[tuple[Event, Award, RoundId]] = []
    for event_id in await context.store.event_ids():
        live = context.known_event(event_id)
        snapshot = live.snapshot if live and live.is_read else await context.store.snapshot(event_id)
        if snapshot is None:
            continue
        for award in snapshot.state.event.awards:
            if award.vote is None or award.vote.electorate is not Electorate.CODES:
                continue
            run = snapshot.state.award(award.id)
            found = (snapshot.state.event, award, vote_meant(award, run))
            if open_vote(award, run):
                yield found
            else:
                others.append(found)
    for found in others:
        yield found


ROUTES = [
    Route("/v", door, methods=["GET"]),
    Route("/v", enter, methods=["POST"]),
]
