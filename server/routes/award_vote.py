"""The voter's page of an award: code or device, paper, confirmation, receipt; complete without a script."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from dashboard.award_voter import VotePaper, choices_of, choices_words, paper_problem
from dashboard.words import say
from polls.award.life import RoundState, round_ids
from polls.award.model import Electorate, RoundId, VoteRound
from server import wire
from server.award.casting import Paper, vote_meant
from server.award.stand import read_stand
from server.award.voters import TooManyMisses
from server.routes import award_page, phone_page
from server.routes.award_common import Here, find_award
from server.routes.award_reply import Reply, cast, code_reply, network, reply_of, voters_of
from server.routes.join import read_fields
from server.routes.pages import context_of, language
from voting.award.ports import At
from voting.errors import CodeInvalid, VotingError
from voting.record.receipt import RANDOM_BYTES, make_receipt, show_receipt

T = TypeVar("T")

FORM_BYTES = 16_384
ANSWER = {"cache-control": "no-store"}


class CodeIn(msgspec.Struct, forbid_unknown_fields=True):
    """What the script asks about: a code that was typed or scanned, for a round."""

    code: str
    round: str


class BallotIn(msgspec.Struct, forbid_unknown_fields=True):
    """A ballot as the script sends it; choices in ranks, best first, an abstention has none."""

    round: str
    choices: list[list[str]]
    receipt: str
    salt: str
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What a plain form brought: the code, selections, and r of the receipt once it was made."""

    code: str = ""
    selections: tuple[str, ...] = ()
    r: str = ""


def _rounds(here: Here) -> tuple[VoteRound, RoundId] | None:
    """The rules of the award's vote and the round that people mean; None when there is no vote."""
    if here.award.vote is None:
        return None
    return here.award.vote, vote_meant(here.award, here.run)


async def page(request: Request) -> Response:
    """`GET /vote/{event}/{award}` and `/v/{event}/{award}#TOKEN`: the page as the vote stands."""
    here = await find_award(request)
    found = _rounds(here)
    if found is None:
        return RedirectResponse(f"/award/{here.path}", 303)
    return await show(request, here)


async def show(
    request: Request,
    here: Here,
    *,
    filled: Filled | None = None,
    said: str = "",
    confirm: str = "",
    receipt: str = "",
    counted: Reply | None = None,
    status: int = 200,
) -> Response:
    """The page of an award with a vote: its paper, or with `confirm` the ballot in words to look over, or
    with `counted` the receipt."""
    found = _rounds(here)
    assert found is not None
    vote, round_id = found
    lang = language(request, here.event)
    filled = filled or Filled()
    values = await award_page.vote_values(here, vote, round_id, lang)
    ranks = {one: n for n, rank in enumerate(filled.selections, 1) for one in rank.split("=") if one}
    # Only a page that nothing was posted for holds no secret of the voter's.
    accepted = request.headers.get("accept-encoding", "") if request.method == "GET" else ""
    response = here.context.render.packed(
        accepted,
        "award/vote.html",
        status=status,
        **values,
        filled=filled,
        ranks=ranks,
        said=said,
        confirm=confirm,
        receipt=show_receipt(receipt) if receipt else "",
        counted=counted,
    )
    if vote.electorate is Electorate.DEVICES and here.context.device(request) is None:
        device = here.context.keyring.sign_device(here.context.keyring.new_device())
        phone_page.keep(here.context, response, here.context.device_cookie, device, here.event)
    return response


# -- the plain form -----------------------------------------------------------------------------------


async def post(request: Request) -> Response:
    """`POST /vote/{event}/{award}`: what a browser without a script sends: `step` look, edit or cast."""
    here = await find_award(request)
    found = _rounds(here)
    if found is None:
        return RedirectResponse(f"/award/{here.path}", 303)
    vote, round_id = found
    fields = await read_fields(request, FORM_BYTES)
    single = dict(fields)
    filled = Filled(code=single.get("code", "")[:100], r=single.get("r", ""))
    lang = language(request, here.event)
    try:
        filled = replace(filled, selections=tuple(wire.form_selections(fields)))
    except wire.BadFrame:
        return await show(
            request, here, filled=filled, said=say(lang, "voter_abstain_and_choice"), status=422
        )
    if single.get("round", "") in _votes(here):
        round_id = RoundId(single["round"])
    paper = award_page.paper_of(here, vote, round_id, lang)
    if single.get("step") == "edit":
        return await show(request, here, filled=filled)
    is_casting = single.get("step") == "cast" and bool(filled.r)
    # A ballot that is sent once more may be of a round that is over: it reads whether it was counted.
    if paper.round != single.get("round"):
        return await show(request, here, said=say(lang, "voter_cast_paper"), status=409)
    problem = paper_problem(paper, filled.selections)
    if problem:
        said = say(lang, problem, least=paper.least, most=paper.most)
        return await show(request, here, filled=filled, said=said, status=422)
    if is_casting:
        return await _cast_plain(request, here, vote, paper, filled, lang)
    return await _look_over(request, here, vote, paper, filled, lang)


async def _look_over(
    request: Request, here: Here, vote: VoteRound, paper: VotePaper, filled: Filled, lang: str, said: str = ""
) -> Response:
    if here.run.round(paper.round).state is not RoundState.OPEN:
        return await show(request, here, said=say(lang, "voter_cast_closed"), status=409)
    if vote.electorate is Electorate.CODES:
        reply = await _code(request, here, paper.round, filled.code, lang)
        if reply.code != "ok":
            return await show(request, here, filled=filled, said=reply.message, status=reply.status)
    return await _confirm(request, here, vote, filled, lang, said)


async def _confirm(
    request: Request, here: Here, vote: VoteRound, filled: Filled, lang: str, said: str, status: int = 200
) -> Response:
    filled = replace(filled, r=filled.r or secrets.token_hex(RANDOM_BYTES))
    answer = choices_words(here.award, choices_of(vote.form, filled.selections), vote.form, lang)
    return await show(request, here, filled=filled, said=said, confirm=answer, status=status)


async def _cast_plain(
    request: Request, here: Here, vote: VoteRound, paper: VotePaper, filled: Filled, lang: str
) -> Response:
    try:
        made = make_receipt(here.award.id, paper.round, filled.r)
    except ValueError:
        return await show(request, here, said=say(lang, "voter_cast_malformed"), status=422)
    choices = choices_of(vote.form, filled.selections)
    ballot = Paper(choices=choices, receipt=made.receipt, salt=made.salt)
    reply = await cast(request, here, vote, paper.round, filled.code, ballot, lang)
    if reply.is_counted:
        return await show(request, here, counted=reply, receipt=made.receipt)
    if reply.code in ("frozen", "busy"):
        said = say(lang, "voter_cast_frozen_plain") if reply.code == "frozen" else reply.message
        return await _confirm(request, here, vote, filled, lang, said, reply.status)
    if reply.code == "receipt_taken":
        return await _confirm(request, here, vote, replace(filled, r=""), lang, reply.message, reply.status)
    return await show(request, here, filled=replace(filled, r=""), said=reply.message, status=reply.status)


# -- the script ---------------------------------------------------------------------------------------


async def _code(request: Request, here: Here, round_id: RoundId, code: str, lang: str) -> Reply:
    """Whether a ballot can be cast with a code: `ok` with the words for its class, or why not."""
    at = At(here.live.id, here.award.id, round_id)
    try:
        found = await voters_of(request).find_code(at, code, network(request))
    except (CodeInvalid, TooManyMisses) as error:
        return code_reply(lang, code, error)
    except VotingError:
        return Reply(code="busy", message=say(lang, "voter_cast_busy"), retry_ms=3000)
    if found is None:
        return code_reply(lang, code, None)
    if found.is_used:
        return reply_of(here, "used", by_code=True, lang=lang)
    assert here.award.vote is not None
    classes = here.award.vote.classes
    own = next((one for one in classes if one.id == found.voter_class), None)
    said = ""
    if own is not None and len(classes) > 1:
        said = say(lang, "voter_class", name=own.name.pick(lang), weight=own.weight)
    return Reply(code="ok", message=said)


async def look_at_code(request: Request) -> Response:
    """`POST /vote/{event}/{award}/code` {code, round}: the reply for a code, before the paper is shown."""
    here = await find_award(request)
    asked = await _body(request, CodeIn)
    lang = language(request, here.event)
    if asked is None or asked.round not in _votes(here):
        return _answer(Reply(code="paper", message=say(lang, "voter_cast_paper")))
    return _answer(await _code(request, here, RoundId(asked.round), asked.code, lang))


async def cast_ballot(request: Request) -> Response:
    """`POST /vote/{event}/{award}/cast` with a BallotIn: what became of it. The same ballot may be sent
    again at any time, until a reply says `counted`."""
    here = await find_award(request)
    ballot = await _body(request, BallotIn)
    if ballot is not None and ballot.round not in _votes(here):
        here = await find_award(request, fresh=True)  # a run-off this process has not heard of yet
    lang = language(request, here.event)
    if ballot is None or here.award.vote is None or ballot.round not in _votes(here):
        name = "malformed" if ballot is None else "paper"
        return _answer(Reply(code=name, message=say(lang, f"voter_cast_{name}")))
    paper = Paper(choices=ballot.choices, receipt=ballot.receipt, salt=ballot.salt)
    round_id = RoundId(ballot.round)
    return _answer(await cast(request, here, here.award.vote, round_id, ballot.code, paper, lang))


async def state(request: Request) -> Response:
    """`GET /vote/{event}/{award}/state`: how the award stands, for open pages to which no push comes; the
    same as a push on the channel "award"."""
    here = await find_award(request)
    lang = language(request, here.event)
    try:
        stand = await read_stand(here.context.voters, here.live.id, here.award, here.run, lang)
    except VotingError:
        return JSONResponse({}, 503, headers=ANSWER)
    payload = wire.encode(award_page.push_of(here, stand))
    return Response(payload, media_type="application/json", headers=ANSWER)


def _votes(here: Here) -> Sequence[str]:
    """The rounds in which voters cast ballots."""
    jury = {one.id for one in here.award.jury}
    return [one for one in round_ids(here.award, here.run) if one not in jury]


def _answer(reply: Reply) -> Response:
    return JSONResponse(reply.as_dict(), reply.status, headers=ANSWER)


async def _body(request: Request, kind: type[T]) -> T | None:
    body = b""
    limit = context_of(request).config.live.max_message_bytes
    async for piece in request.stream():
        body += piece
        if len(body) > limit:
            return None
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError:
        return None


ROUTES: list[Route] = [
    Route("/vote/{event}/{award}", page, methods=["GET"]),
    Route("/v/{event}/{award}", page, methods=["GET"]),
    Route("/vote/{event}/{award}", post, methods=["POST"]),
    Route("/vote/{event}/{award}/code", look_at_code, methods=["POST"]),
    Route("/vote/{event}/{award}/cast", cast_ballot, methods=["POST"]),
    Route("/vote/{event}/{award}/state", state, methods=["GET"]),
]
