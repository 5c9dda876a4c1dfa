"""What the tests of console, organiser's page and export share: requests with a role, ballots in a box."""

import contextlib
import secrets
from collections.abc import AsyncIterator, Sequence

import httpx

from polls.model import EventId, PollId
from server.auth import Role
from server.context import Store
from tests.conftest import Running
from voting.ballot import CastBallot


@contextlib.asynccontextmanager
async def caller(
    running: Running, event: str, role: Role | None, **headers: str
) -> AsyncIterator[httpx.AsyncClient]:
    """A program with a role's token; asks for JSON unless told otherwise."""
    words = {"accept": "application/json", **headers}
    if role is not None:
        words["authorization"] = f"Bearer {await running.token(event, role)}"
    async with httpx.AsyncClient(base_url=running.base, headers=words) as client:
        yield client


async def cast_as(
    store: Store, event: EventId, poll: str, round: int, voter: str, rev: int, canonical: str
) -> None:
    """Put one voter's ballot into the box of an open poll; a higher `rev` changes it."""
    nonce = secrets.token_hex(8)
    ballot = CastBallot(voter=voter, rev=rev, nonce=nonce, segment="", canonical=canonical)
    outcomes = await store.cast(event, PollId(poll), round, [ballot])
    assert all(outcome.is_counted for outcome in outcomes)


async def fill_box(
    store: Store, event: EventId, poll: str, round: int, canonicals: Sequence[str], segment: str = ""
) -> None:
    """Put ballots of as many voters into the box of an open poll."""
    ballots = [
        CastBallot(
            voter=secrets.token_hex(8),
            rev=1,
            nonce=secrets.token_hex(8),
            segment=segment,
            canonical=one,
        )
        for one in canonicals
    ]
    outcomes = await store.cast(event, PollId(poll), round, ballots)
    assert all(outcome.is_counted for outcome in outcomes)
