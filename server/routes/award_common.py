"""What every page of an award needs: the award behind an address, links for one person, errors in words.

A juror's or scrutineer's link works as the links of roles do: `?key=TOKEN` sets a cookie and leads to the
clean address; raising the serial of its role (`moderation.revoke` with `juror_role` or `scrutineer_role`)
ends the link and everybody's stay who came by it.
"""

import base64
import hashlib
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from polls.award.life import AwardRun
from polls.award.model import Award
from polls.errors import AwardRefused
from polls.model import Event
from polls.ports import Snapshot
from server.context import Context
from server.live.event import LiveEvent
from server.routes.pages import context_of, error_page
from server.routes.roles import COOKIE_S
from voting.errors import (
    BallotInvalid,
    CodeInvalid,
    RoundRefused,
    StoreConflict,
    StoreFull,
    StoreUnavailable,
    VotingError,
)

REFUSALS = (AwardRefused, VotingError)
"""What acts and the ballot box may raise; `refusal_of` has status and words for each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """The award a request is about, as of this process's newest reading of its event."""

    context: Context
    live: LiveEvent
    snapshot: Snapshot
    award: Award
    run: AwardRun

    @property
    def event(self) -> Event:
        return self.snapshot.state.event

    @property
    def path(self) -> str:
        """The event and the award as they stand in every address: `{event}/{award}`."""
        return f"{self.live.id}/{self.award.id}"


async def find_award(request: Request, *, fresh: bool = False) -> Here:
    """The award that `{event}` and `{award}` in the address name; `fresh` reads the store first, as every
    act does. Raises NoSuchEvent, HTTPException 404 for an award the event has not."""
    context = context_of(request)
    live = await context.event(request.path_params["event"])
    if fresh:
        await live.refresh()
    snapshot = live.snapshot
    award = snapshot.state.event.award(request.path_params["award"])
    if award is None:
        raise HTTPException(404)
    return Here(
        context=context, live=live, snapshot=snapshot, award=award, run=snapshot.state.award(award.id)
    )


# -- links for one person -----------------------------------------------------------------------------


def juror_role(award: str, juror: str) -> str:
    """The role that a juror's link stands for; also what `moderation.revoke` takes to renew it."""
    return f"juror:{award}:{juror}"


def scrutineer_role(award: str, scrutineer: str) -> str:
    """The role that a scrutineer's link stands for; also what `moderation.revoke` takes to renew it."""
    return f"scrutineer:{award}:{scrutineer}"


def person_url(here: Here, page: str, role: str) -> str:
    """The private link of a role: `page` is the first part of its address, "jury" or "scrutiny"."""
    token = here.context.keyring.token(here.live.id, role, here.snapshot.links.get(role, 1))
    return f"{here.context.public_url}/{page}/{here.path}?key={token}"


def person_by_key(request: Request, here: Here, roles: list[str]) -> Response | None:
    """The answer to `?key=TOKEN`: the cookie of one of `roles` and the clean address, or a page that says
    the link is over. None when the address holds no key."""
    token = request.query_params.get("key")
    if token is None:
        return None
    keyring, links = here.context.keyring, here.snapshot.links
    role = next((one for one in roles if keyring.is_token_of(here.live.id, one, token, links)), None)
    if role is None:
        return error_page(request, 403, "link_invalid")
    rest = [(name, value) for name, value in request.query_params.multi_items() if name != "key"]
    response = RedirectResponse(request.url.path + (f"?{urlencode(rest)}" if rest else ""), 303)
    response.set_cookie(
        person_cookie(here, role),
        token,
        max_age=COOKIE_S,
        path="/",
        httponly=True,
        secure=here.context.is_https,
        samesite="lax",
    )
    return response


def person_of(request: Request, here: Here, roles: list[str]) -> str:
    """The first of `roles` that the request holds, by its cookies or an Authorization token; else ""."""
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    bearer = bearer.strip() if scheme.lower() == "bearer" else ""
    keyring, links = here.context.keyring, here.snapshot.links
    for role in roles:
        for token in (request.cookies.get(person_cookie(here, role)), bearer):
            if keyring.is_token_of(here.live.id, role, token, links):
                return role
    return ""


def person_cookie(here: Here, role: str) -> str:
    """The name of a person's cookie: ids may hold letters that a cookie's name may not."""
    digest = hashlib.sha256(f"{here.live.id}|{role}".encode()).digest()[:12]
    return f"hc_person_{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


# -- errors -------------------------------------------------------------------------------------------


def refusal_of(error: AwardRefused | VotingError) -> tuple[int, str]:
    """Status and words of what an act or the box refused; staff read the words as they stand."""
    match error:
        case AwardRefused() | RoundRefused() | StoreConflict():
            return 409, str(error)
        case CodeInvalid() | BallotInvalid():
            return 422, str(error)
        case StoreUnavailable() | StoreFull():
            return 503, "The store does not answer or is full. Nothing was changed; try again."
    return 503, str(error)
