"""A juror's page: the own sheet of a jury round, saved as it is filled in, locked, unlocked, read again."""

from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from dashboard.award_jury import (
    form_of,
    may_show_entries,
    present_round,
    progress_words,
    round_rules,
    rounds_of,
    sheet_view,
)
from dashboard.award_result import names_of
from dashboard.console_view import local_clock
from dashboard.words import LANGUAGES, language_of, paper_words, say
from polls.award.life import RoundState
from polls.award.model import JurorId, JuryRound
from server.award import sheets
from server.award.sheets import Seat, SheetFault
from server.clock import now_ms
from server.render import script_json
from server.routes import roles
from server.routes.award_common import (
    Here,
    find_award,
    juror_role,
    person_by_key,
    person_cookie,
    person_of,
)
from server.routes.pages import error_page, language, wants_json
from voting.award.ports import At
from voting.award.ports import Sheet as Stored
from voting.errors import StoreFull, StoreUnavailable
from voting.jury.sheet import RecusalReason, Sheet, is_complete

SHEET_BYTES = 131_072
"""The largest sheet that is read: a hundred entries with five criteria have room."""

SHEET_FIELDS = 2_000

SAID = ("newer", "locked", "unlocked", "recused", "judged", "late")
"""What an address may ask the page to say, besides when it was saved."""

REFUSED = {
    "stale": (409, "jury_said_newer"),
    "locked": (409, "jury_said_is_locked"),
    "closed": (409, "jury_said_late"),
    "frozen": (409, "jury_said_frozen"),
    "empty": (409, "jury_said_empty"),
    "busy": (503, "jury_said_busy"),
}
"""Status and words of what the box refuses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A juror at the page: who, where, and what is said to them."""

    here: Here
    juror: JurorId
    rounds: tuple[JuryRound, ...]
    lang: str

    @property
    def name(self) -> str:
        return next(one.name for jury in self.rounds for one in jury.jurors if one.id == self.juror)

    @property
    def is_chair(self) -> bool:
        return any(one.chair for jury in self.rounds for one in jury.jurors if one.id == self.juror)

    def seat(self, jury: JuryRound) -> Seat:
        here = self.here
        at = At(here.live.id, here.award.id, jury.id)
        return Seat(award=here.award, run=here.run, jury=jury, juror=self.juror, at=at)


def juror_roles(here: Here) -> list[str]:
    """The roles of everybody on a jury of the award, each once."""
    ids = dict.fromkeys(one.id for jury in here.award.jury for one in jury.jurors)
    return [juror_role(here.award.id, one) for one in ids]


def by_key(request: Request, here: Here) -> Response | None:
    """The answer to a private link. Whoever came by another juror's link in this browser is out: a tablet
    that is passed on shows nobody the sheet of the one before."""
    known = juror_roles(here)
    response = person_by_key(request, here, known)
    if isinstance(response, RedirectResponse):
        token, keyring, links = request.query_params["key"], here.context.keyring, here.snapshot.links
        for role in known:
            name = person_cookie(here, role)
            if name in request.cookies and not keyring.is_token_of(here.live.id, role, token, links):
                response.delete_cookie(name, path="/", secure=here.context.is_https, httponly=True)
    return response


def person(request: Request, here: Here) -> Person | None:
    """The juror whose link this browser holds."""
    role = person_of(request, here, juror_roles(here))
    if not role:
        return None
    juror = JurorId(role.split(":", 2)[2])
    lang = language(request, here.event)
    return Person(here=here, juror=juror, rounds=rounds_of(here.award, juror), lang=lang)


async def page(request: Request) -> Response:
    """`GET /jury/{event}/{award}?round=&lock=1`: the own sheet; as JSON, how the round stands."""
    here = await find_award(request, fresh=True)
    early = by_key(request, here)
    if early is not None:
        return early
    who = person(request, here)
    if who is None:
        return error_page(request, 403, "need_juror")
    jury = _round(who, request.query_params.get("round", "")) or present_round(who.rounds, here.run)
    stored = await here.context.awards.box.sheet(who.seat(jury).at, who.juror)
    if wants_json(request):
        return JSONResponse(
            {
                "round": jury.id,
                "state": here.run.round(jury.id).state,
                "rev": stored.rev if stored else 0,
                "locked": bool(stored and stored.is_locked),
            },
            headers={"cache-control": "no-store"},
        )
    said, at = request.query_params.get("said", ""), request.query_params.get("at", "")
    note = say(who.lang, f"jury_said_{said}") if said in SAID else ""
    if said == "saved" and at.isascii() and at.isdigit() and len(at) < 15:
        note = say(who.lang, "jury_said_saved", time=local_clock(int(at), here.event.timezone))
    return _show(who, jury, stored, note=note, is_locking=request.query_params.get("lock") == "1")


async def act(request: Request) -> Response:
    """`POST /jury/{event}/{award}` with `round`, `rev`, `do` and the sheet: save, review, recuse:ENTRY,
    judge:ENTRY, lock, unlock. Forms get a page, programs JSON with the box's code."""
    here = await find_award(request, fresh=True)
    who = person(request, here)
    if who is None:
        return error_page(request, 403, "need_juror")
    fields = await roles.read_form(request, largest=SHEET_BYTES, most_fields=SHEET_FIELDS)
    jury, rev = _round(who, fields.get("round", "")), fields.get("rev", "")
    if jury is None or not (rev.isascii() and rev.isdigit() and len(rev) < 10):
        return error_page(request, 422, "bad_request")
    seat, seen, box = who.seat(jury), int(rev), here.context.awards.box
    verb, _, entry = fields.get("do", "save").partition(":")
    sheet = Sheet(juror=who.juror)
    try:
        if here.run.round(jury.id).state is not RoundState.OPEN:
            code = "closed"
        elif verb in ("lock", "unlock"):
            code, seen = await (sheets.lock if verb == "lock" else sheets.unlock)(box, seat, seen)
        else:
            sheet = _asked(seat, fields, verb, entry or fields.get("entry", ""), who.lang)
            code, seen = await sheets.save(box, seat, sheet, seen)
    except SheetFault as fault:
        return await _refuse(request, who, jury, 422, "invalid", fault.words(who.lang))
    except (StoreUnavailable, StoreFull):
        return await _refuse(request, who, jury, 503, "busy", say(who.lang, "jury_said_busy"))
    if code not in ("ok", "dup"):
        status, key = REFUSED[code]
        return await _refuse(request, who, jury, status, code, say(who.lang, key))
    at_ms = now_ms()
    if wants_json(request):
        return JSONResponse(_saved(who, seat, sheet, code, seen, at_ms))
    return RedirectResponse(_after(here, jury, verb, at_ms), 303)


def _asked(seat: Seat, fields: dict[str, str], verb: str, entry: str, lang: str) -> Sheet:
    """The sheet that a form asks to be stored."""
    sheet = sheets.read_fields(seat, fields, lang)
    match verb:
        case "recuse":
            return sheets.recuse(seat, sheet, entry, fields.get(f"reason.{entry}", fields.get("reason", "")))
        case "judge":
            return sheets.judge_again(sheet, entry)
        case "save" | "review":
            return sheet
    raise SheetFault("jury_bad_sheet")


def _saved(who: Person, seat: Seat, sheet: Sheet, code: str, rev: int, at_ms: int) -> dict[str, object]:
    judged = [entry for entry in seat.entries if entry not in sheet.recused]
    time = local_clock(at_ms, who.here.event.timezone)
    marks = form_of(seat.jury) == "marks"
    return {
        "code": code,
        "rev": rev,
        "time": time,
        "progress": progress_words(seat.jury, sheet, judged, who.lang),
        "complete": [c for c in judged if marks and is_complete(seat.jury, sheet, c)],
    }


def _after(here: Here, jury: JuryRound, verb: str, at_ms: int) -> str:
    """Where a form leads once its act is done."""
    base = f"/jury/{here.path}?round={jury.id}"
    match verb:
        case "review":
            return f"{base}&lock=1"
        case "recuse" | "judge" | "lock" | "unlock":
            said = {"recuse": "recused", "judge": "judged"}.get(verb, f"{verb}ed")
            return f"{base}&said={said}"
    return f"{base}&said=saved&at={at_ms}"


async def _refuse(
    request: Request, who: Person, jury: JuryRound, status: int, code: str, words: str
) -> Response:
    """What was refused, in words; a page shows it above the sheet as it is stored."""
    if wants_json(request):
        return JSONResponse({"code": code, "message": words}, status)
    if status == 503:
        return error_page(request, 503, "store_away")
    here = who.here
    stored = await here.context.awards.box.sheet(who.seat(jury).at, who.juror)
    return _show(who, jury, stored, status=status, trouble=words)


def _round(who: Person, name: str) -> JuryRound | None:
    return next((jury for jury in who.rounds if jury.id == name), None)


def _show(
    who: Person,
    jury: JuryRound,
    stored: Stored | None,
    *,
    status: int = 200,
    note: str = "",
    trouble: str = "",
    is_locking: bool = False,
) -> Response:
    here, lang, seat = who.here, who.lang, who.seat(jury)
    if not who.rounds:
        raise HTTPException(404)
    state = here.run.round(jury.id).state
    sheet = seat.sheet_of(stored)
    is_locked = bool(stored and stored.is_locked)
    is_open = state is RoundState.OPEN
    view = sheet_view(here.award, here.run, jury, sheet, lang)
    return here.context.render.page(
        "jury/page.html",
        status,
        lang=lang,
        award=here.award.title.pick(lang),
        event=here.event.title.pick(lang),
        rehearsal=say(lang, "rehearsal") if here.event.rehearsal_of else "",
        path=f"/jury/{here.path}",
        who=say(lang, "jury_who_chair" if who.is_chair else "jury_who", name=who.name),
        is_chair=who.is_chair,
        rounds=[
            (one.id, say(lang, "jury_round", number=number, of=len(here.award.jury)))
            for number, one in enumerate(here.award.jury, 1)
            if one in who.rounds
        ],
        round=jury.id,
        rules=round_rules(here.award, jury, lang),
        state=state.value,
        is_open=is_open,
        is_locked=is_locked,
        is_filling=is_open and not is_locked and not is_locking,
        is_locking=is_open and not is_locked and is_locking and stored is not None,
        has_sheet=stored is not None,
        shows_entries=may_show_entries(here.award, here.run, jury),
        admitted=names_of(here.award, here.run.round(jury.id).admitted, lang),
        rev=stored.rev if stored else 0,
        view=view,
        reasons=[reason.value for reason in RecusalReason],
        note=note,
        trouble=trouble,
        ranking_words=paper_words(lang),
        data=script_json(
            {
                "key": f"hemicycle:jury:{here.path}:{jury.id}:{who.juror}",
                "round": jury.id,
                "state": state.value,
                "rev": stored.rev if stored else 0,
                "locked": is_locked,
                "words": _script_words(lang),
            }
        ),
    )


def _script_words(lang: str) -> dict[str, str]:
    """What the page's script says by itself."""
    own = LANGUAGES[language_of(lang)]
    return {
        key.removeprefix("jury_js_"): text
        for key, english in LANGUAGES["en"].items()
        if key.startswith("jury_js_") and isinstance(text := own.get(key, english), str)
    }


ROUTES = [
    Route("/jury/{event}/{award}", page, methods=["GET"]),
    Route("/jury/{event}/{award}", act, methods=["POST"]),
]
