"""What the tests of the organiser's and the scrutineer's page share: an award on the running server."""

import contextlib
import dataclasses
import io
import re
import zipfile
from collections.abc import AsyncIterator

import httpx

from polls.award.model import Award, AwardId
from server.auth import Role
from server.routes.award_common import scrutineer_role
from tests.conftest import Running
from tests.polls.award_sample import FINAL
from tests.server.award.hall import Prize, prize
from tests.server.faces import caller


async def on_server(running: Running, award: Award | None = None) -> Prize:
    """An award on the running server, whose awards the test uses too."""
    context = running.context
    given = award or prize()
    decision = given.decision
    if decision == prize().decision:  # its ladder could part nobody, which an event file does not allow
        decision = dataclasses.replace(decision, ladder=("shared",))
    given = dataclasses.replace(given, checkpoint_s=600, decision=decision)
    made = await Prize.set_up(running.store, context.data, given)
    made.awards = context.awards
    return made


def desk(award: Prize) -> str:
    return f"/organise/{award.event}/award/{award.award.id}"


def scrutiny(award: Prize) -> str:
    return f"/scrutiny/{award.event}/{award.award.id}"


@contextlib.asynccontextmanager
async def organiser(running: Running, award: Prize, **headers: str) -> AsyncIterator[httpx.AsyncClient]:
    async with caller(running, award.event, Role.ORGANISER, **headers) as client:
        client.timeout = httpx.Timeout(20)
        yield client


def scrutineer_token(running: Running, award: Prize, who: str, serial: int = 1) -> str:
    role = scrutineer_role(AwardId(award.award.id), who)
    return running.context.keyring.token(award.event, role, serial)


@contextlib.asynccontextmanager
async def scrutineer(
    running: Running, award: Prize, who: str, **headers: str
) -> AsyncIterator[httpx.AsyncClient]:
    token = scrutineer_token(running, award, who)
    words = {"accept": "application/json", "authorization": f"Bearer {token}", **headers}
    async with httpx.AsyncClient(base_url=running.base, headers=words) as client:
        yield client


async def open_vote(award: Prize) -> None:
    """Jury held, codes loaded, vote open."""
    await award.load_codes()
    await award.hold_jury()
    await award.awards.acts.open(award.event, award.award.id, FINAL, "moderator")


def without_hashes(page: str) -> str:
    """A page without what differs by chance: hashes, words of hashes, receipts, tokens, times, the event."""
    page = re.sub(r"[0-9a-f]{64}", "HASH", page)
    page = re.sub(r'(class="(?:box|big)-words">)[a-z ]+<', r"\1WORDS<", page)
    page = re.sub(r"key=[\w-]+", "key=TOKEN", page)
    page = re.sub(r"\d\d:\d\d:\d\d", "TIME", page)
    return re.sub(r"hall-?\w*|127\.0\.0\.1:\d+", "PLACE", page)


def said(answer: httpx.Response, status: int) -> str:
    """The sentence with which something was refused."""
    assert answer.status_code == status, answer.text[:300]
    return str(answer.json()["message"])


async def freeze(award: Prize) -> None:
    """The rules frozen."""
    await award.awards.acts.freeze(award.event, award.award.id, "organiser")


def files_of(answer: httpx.Response) -> dict[str, bytes]:
    """What is in a zip that was answered."""
    assert answer.status_code == 200, answer.text[:300]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as held:
        return {name: held.read(name) for name in held.namelist()}
