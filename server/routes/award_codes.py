"""Making the voting codes of an award in the browser: one upload or one number, one answer with the files.

The codes are in the answer alone. What is stored are hashes, so they can be made anew but not shown again.
"""

import asyncio
import io
import zipfile
from collections.abc import AsyncGenerator, Mapping

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dashboard.words import say
from polls.award.life import RoundState
from polls.award.model import Electorate, VoteRound
from polls.errors import AwardRefused
from server import moderation
from server.auth import Role
from server.award.codes import mail_merge, make_codes, register_lines, sheets
from server.award.roll import Person, RollError, people_in
from server.routes import roles
from server.routes.award_common import REFUSALS, Here, find_award, refusal_of
from server.routes.award_desk import REPLACE, refuse, words_of
from server.routes.award_proposals import Unreadable
from server.routes.moderate import LANG
from voting.award.ports import At, RegisterLine

UPLOAD_BYTES = 4_000_000
"""The largest form with a roll that is read."""

MOST_HERE = 10_000
"""Codes that one answer may hold: their sheets take a core about ten seconds, beside the hall, and 21 MB. For
more there is the command line."""

COUNT = "count-"
"""Beginning of the fields that say how many codes a class gets without a roll."""


class _InMemory(MultiPartParser):
    spool_max_size = UPLOAD_BYTES  # a roll holds names: it never touches the disk


async def make(request: Request) -> Response:
    """`POST /organise/{event}/award/{award}/codes`: a zip with the sheets to print and the mail merge."""
    here = await find_award(request, fresh=True)
    refused = roles.refusal(request, here.live, Role.ORGANISER)
    if refused is not None:
        return refused
    fields, roll = await read_upload(request)
    try:
        content = await _make(here, fields, roll, roles.actor(request, here.live))
    except (Unreadable, RollError) as error:
        return await refuse(request, here, 422, str(error))
    except REFUSALS as error:
        status, text = refusal_of(error)
        return await refuse(
            request, here, status, words_of(error) if isinstance(error, AwardRefused) else text
        )
    headers = {
        "content-disposition": f'attachment; filename="{here.event.id}-{here.award.id}-codes.zip"',
        "cache-control": "no-store",
    }
    return Response(content, media_type="application/zip", headers=headers)


async def _make(here: Here, fields: Mapping[str, str], roll: tuple[str, bytes] | None, actor: str) -> bytes:
    vote = here.award.vote
    if vote is None or vote.electorate is not Electorate.CODES:
        raise AwardRefused("gone", "codes", "this award has no vote by codes")
    if not here.run.rules_hash:
        raise AwardRefused("draft", "codes", "freeze the rules first: codes belong to the classes they name")
    if here.run.round(vote.id).state is not RoundState.WAITING:
        raise AwardRefused("open", "codes", "the vote was opened, so its codes stand")
    at = At(here.live.id, here.award.id, vote.id)
    box = here.context.awards.box
    replaces = bool(await box.register(at))
    if replaces and fields.get("typed", "").strip().upper() != REPLACE:
        raise Unreadable(say(LANG, "adesk_codes_are_made", word=REPLACE))
    people = await asyncio.to_thread(people_of, vote, fields, roll)  # a large workbook must not stop the hall
    lang = fields.get("lang", "")
    lang = lang if lang in here.event.languages else here.event.languages[0]
    url = here.context.public_url
    texts = {"award": here.award.title.pick(lang), "event": here.event.title.pick(lang)}

    def write() -> tuple[bytes, list[RegisterLine]]:
        made = make_codes(people)
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as out:
            cards = sheets(made, **texts, public_url=url, lang=lang, classes=vote.classes)
            out.writestr("codes.pdf", cards, zipfile.ZIP_STORED)
            out.writestr("codes.csv", mail_merge(made, url))
        return content.getvalue(), register_lines(made, here.award.id, here.context.keyring.codes_key())

    # Written before they count: codes that are in force but on no paper would shut everybody out.
    content, lines = await asyncio.to_thread(write)
    await box.load_register(at, lines, replace=replaces)
    body: dict[str, str | int] = {"round": vote.id, "lines": len(lines)}
    await moderation.note(here.context.store, here.live.id, actor, "codes", f"award:{here.award.id}", body)
    return content


def people_of(vote: VoteRound, fields: Mapping[str, str], roll: tuple[str, bytes] | None) -> list[Person]:
    """Who gets a code: the people of the roll, or so many without a name of each class.

    Raises Unreadable and RollError.
    """
    numbers = {one.id: _number(fields.get(COUNT + one.id, "")) for one in vote.classes}
    total = sum(numbers.values())
    if (roll is None) == (total == 0):
        raise Unreadable(say(LANG, "adesk_codes_either"))
    people = (
        people_in(*roll, vote.classes)
        if roll is not None
        else [Person(voter_class=name) for name, n in numbers.items() for _ in range(min(n, MOST_HERE + 1))]
    )
    if len(people) > MOST_HERE:
        raise Unreadable(say(LANG, "adesk_codes_too_many", most=MOST_HERE))
    return people


def _number(typed: str) -> int:
    text = typed.strip() or "0"
    if not text.isascii() or not text.isdecimal() or len(text) > 6:
        raise Unreadable(say(LANG, "adesk_codes_number", typed=text[:20]))
    return int(text)


async def read_upload(request: Request) -> tuple[dict[str, str], tuple[str, bytes] | None]:
    """The fields of a form and the name and content of the file `roll`, if there is one.

    Raises 413 for more than UPLOAD_BYTES, 400 for what is no such form.
    """
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await roles.read_form(request), None
    parser = _InMemory(
        request.headers, _at_most(request), max_files=1, max_fields=64, max_part_size=roles.FORM_BYTES
    )
    try:
        form = await parser.parse()
    except MultiPartException:
        raise HTTPException(400) from None
    try:
        fields = {name: value for name, value in form.multi_items() if isinstance(value, str)}
        file = form.get("roll")
        if not isinstance(file, UploadFile) or not file.filename:
            return fields, None
        return fields, (file.filename.rsplit("/", 1)[-1][-80:], await file.read())
    finally:
        await form.close()


async def _at_most(request: Request) -> AsyncGenerator[bytes, None]:
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size > UPLOAD_BYTES:
            raise HTTPException(413)
        yield piece


ROUTES = [Route("/organise/{event}/award/{award}/codes", make, methods=["POST"])]
