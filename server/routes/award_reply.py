"""What becomes of a voter's code and ballot, in words: the same for the script and for the plain form."""

import re
from dataclasses import dataclass, replace

from starlette.requests import Request

from dashboard.words import say
from polls.award.model import Electorate, RoundId, VoteRound
from server.award.casting import Paper
from server.award.voters import TooManyMisses, VoterDesk
from server.clock import local_time, now_ms
from server.limits import network_of
from server.routes.award_common import Here
from server.routes.pages import context_of
from voting.award.codes import LENGTH
from voting.award.ports import At, AwardBox
from voting.errors import BallotInvalid, CodeInvalid, VotingError

COUNTED = ("ok", "dup")
TEMPORARY = ("frozen", "busy")
"""Codes of replies with which sending the same ballot again can help."""

OF_THE_CODE = ("used", "unknown", "length", "wrong", "limited", "missing")
"""Codes of replies because of which another voting code has to be typed."""

_STATUS = {
    "ok": 200,
    "dup": 200,
    "used": 409,
    "closed": 409,
    "receipt_taken": 409,
    "paper": 409,
    "no_cookie": 403,
    "limited": 429,
    "frozen": 503,
    "busy": 503,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What became of a ballot or of a code; `at` is the time of day of what was counted just now. `pinned`
    ballots were in checkpoints when a counted one was in the box already: it is in the first with more; None
    when the store could not say."""

    code: str
    message: str
    at: str = ""
    retry_ms: int = 0
    pinned: int | None = None

    @property
    def is_counted(self) -> bool:
        return self.code in COUNTED

    @property
    def status(self) -> int:
        """The HTTP status; what is not named is a faulty request."""
        return _STATUS.get(self.code, 422)

    def as_dict(self) -> dict[str, object]:
        """The reply as JSON for the page's script."""
        return {
            "code": self.code,
            "counted": self.is_counted,
            "temporary": self.code in TEMPORARY,
            "of_code": self.code in OF_THE_CODE,
            "message": self.message,
            "at": self.at,
            "retry_ms": self.retry_ms,
            **({} if self.pinned is None else {"pinned": self.pinned}),
        }


def voters_of(request: Request) -> VoterDesk:
    """What this process remembers for voters."""
    return context_of(request).voters


def network(request: Request) -> str:
    """Where a request comes from, as far as wrong codes are counted."""
    return network_of(request.client.host) if request.client else ""


def code_reply(lang: str, typed: str, error: CodeInvalid | TooManyMisses | None) -> Reply:
    """The words for a code that leads nowhere; without an error it is on no list."""
    match error:
        case TooManyMisses():
            seconds = -(-error.wait_ms // 1000)
            message = say(lang, "voter_code_limited", seconds=seconds)
            return Reply(code="limited", message=message, retry_ms=error.wait_ms)
        case CodeInvalid():
            kept = len(re.sub(r"[\W_]", "", typed))
            name = "missing" if not kept else "wrong" if kept == LENGTH else "length"
            return Reply(code=name, message=say(lang, f"voter_code_{name}"))
    return Reply(code="unknown", message=say(lang, "voter_code_unknown"))


async def cast(
    request: Request, here: Here, vote: VoteRound, round_id: RoundId, secret: str, paper: Paper, lang: str
) -> Reply:
    """Cast a paper by code or as this device, whichever the vote takes; the words of what became of it."""
    awards, voters = here.context.awards, voters_of(request)
    at = At(here.live.id, here.award.id, round_id)
    by_code = vote.electorate is Electorate.CODES
    try:
        if by_code:
            awards.casting.hash_of(at.award, secret)  # a slip of the finger is told before anything else
            voters.check_wait(at, secret, network(request))
            code = await awards.casting.by_code(at.event, here.award, here.run, secret, paper, round_id)
            if code == "unknown":
                voters.missed(at, secret, network(request))
        else:
            device = here.context.device(request)
            if device is None:
                return Reply(code="no_cookie", message=say(lang, "voter_cast_no_cookie"))
            code = await awards.casting.by_device(at.event, here.award, here.run, device, paper, round_id)
    except (CodeInvalid, TooManyMisses) as error:
        return code_reply(lang, secret, error)
    except BallotInvalid:
        return Reply(code="paper", message=say(lang, "voter_cast_paper"))
    except VotingError:
        return Reply(code="busy", message=say(lang, "voter_cast_busy"), retry_ms=3000)
    reply = reply_of(here, code, by_code=by_code, lang=lang)
    return await _with_pinned(awards.box, at, reply) if reply.is_counted else reply


async def _with_pinned(box: AwardBox, at: At, reply: Reply) -> Reply:
    try:
        return replace(reply, pinned=await box.pinned(at))
    except VotingError:  # it is counted all the same
        return reply


def reply_of(here: Here, code: str, *, by_code: bool, lang: str) -> Reply:
    """The words for a code of the ballot box."""
    match code:
        case "ok":
            at = local_time(now_ms(), here.event.timezone)
            return Reply(code=code, message=say(lang, "voter_counted", time=at), at=at)
        case "dup":
            return Reply(code=code, message=say(lang, "voter_counted_dup"))
        case "used":
            return Reply(
                code=code, message=say(lang, "voter_code_used" if by_code else "voter_code_used_device")
            )
        case "unknown":
            return code_reply(lang, "", None)
        case "frozen":
            return Reply(code=code, message=say(lang, "voter_cast_frozen"), retry_ms=3000)
        case "closed" | "receipt_taken":
            return Reply(code=code, message=say(lang, f"voter_cast_{code}"))
    return Reply(code="malformed", message=say(lang, "voter_cast_malformed"))
