"""The fields of a posted sheet to the sheet that they say, and acts on it in the box."""

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace

from dashboard.award_jury import form_of, marked_count
from dashboard.words import say
from polls.award.life import AwardRun, standing
from polls.award.model import Award, CandidateId, CriterionId, JurorId, JuryRound
from server.award.papers import read_sheet, sheet_text
from voting.award.ports import At, AwardBox, SheetAct
from voting.award.ports import Sheet as Stored
from voting.jury.sheet import RecusalReason, Sheet, SheetRefused, check_sheet

_WHOLE = re.compile(r"-?[0-9]{1,9}")


class SheetFault(ValueError):
    """Fields that make no sheet of the round. `key` and `values` are its words for the juror."""

    def __init__(self, key: str, **values: str | int) -> None:
        super().__init__(key)
        self.key, self.values = key, values

    def words(self, lang: str) -> str:
        return say(lang, self.key, **self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """One juror in one round of an award."""

    award: Award
    run: AwardRun
    jury: JuryRound
    juror: JurorId
    at: At

    @property
    def entries(self) -> tuple[CandidateId, ...]:
        return standing(self.award, self.run, self.jury.id)

    def sheet_of(self, stored: Stored | None) -> Sheet:
        """The juror's own sheet as stored; an empty one when none is."""
        if stored is None:
            return Sheet(juror=self.juror)
        return read_sheet(stored.text, locked=stored.is_locked)


def read_fields(seat: Seat, fields: Mapping[str, str], lang: str) -> Sheet:
    """The sheet that the fields say. An empty field says nothing; recused entries lose what was said of them.

    Fields: mark.ENTRY.CRITERION, pick.ENTRY, rank.ENTRY, recused.ENTRY. Raises SheetFault.
    """
    known, named = set(seat.entries), {c.id: c.name.pick(lang) for c in seat.award.candidates}
    marks: dict[CandidateId, dict[CriterionId, int]] = {}
    picks: list[CandidateId] = []
    places: dict[int, list[CandidateId]] = {}
    recused: dict[CandidateId, RecusalReason] = {}
    scales = {one.id: one for one in seat.jury.criteria}
    for field, value in fields.items():
        kind, *rest = field.split(".")
        if kind not in ("mark", "pick", "rank", "recused") or not value:
            continue
        entry = CandidateId(rest[0] if rest else "")
        if entry not in named or len(rest) != (2 if kind == "mark" else 1):
            raise SheetFault("jury_bad_sheet")
        if entry in seat.run.withdrawn:
            continue  # it withdrew after the page was loaded
        if entry not in known:
            raise SheetFault("jury_bad_sheet")
        if kind == "recused":
            recused[entry] = _reason(value)
        elif kind == "pick":
            picks.append(entry)
        elif kind == "rank":
            places.setdefault(_number(value), []).append(entry)
        else:
            criterion = scales.get(CriterionId(rest[1]))
            if criterion is None:
                raise SheetFault("jury_bad_sheet")
            mark = _number(value)
            if not criterion.low <= mark <= criterion.high:
                raise SheetFault(
                    "jury_bad_mark",
                    criterion=criterion.name.pick(lang),
                    entry=named[entry],
                    low=criterion.low,
                    high=criterion.high,
                )
            marks.setdefault(entry, {})[criterion.id] = mark
    return _checked(
        seat,
        Sheet(
            juror=seat.juror,
            recused=recused,
            marks={c: of for c, of in marks.items() if c not in recused},
            picks=tuple(sorted(c for c in picks if c not in recused)),
            ranking=tuple(
                rank
                for place in sorted(places)
                if (rank := tuple(sorted(c for c in places[place] if c not in recused)))
            ),
        ),
    )


def _checked(seat: Seat, sheet: Sheet) -> Sheet:
    said = {"marks": sheet.marks, "picks": sheet.picks, "ranking": sheet.ranking}
    if any(what for form, what in said.items() if form != form_of(seat.jury)):
        raise SheetFault("jury_bad_sheet")
    if seat.jury.picks and len(sheet.picks) > seat.jury.picks:
        raise SheetFault("jury_bad_picks", most=seat.jury.picks)
    try:
        check_sheet(seat.jury, sheet, seat.entries)
    except SheetRefused:
        raise SheetFault("jury_bad_sheet") from None
    return sheet


def recuse(seat: Seat, sheet: Sheet, entry: str, reason: str) -> Sheet:
    """The sheet without an entry that its juror should not judge. Raises SheetFault."""
    if not entry:
        raise SheetFault("jury_bad_entry")
    if entry not in seat.entries:
        raise SheetFault("jury_bad_sheet")
    if not reason:
        raise SheetFault("jury_bad_reason")
    one = CandidateId(entry)
    ranking = (tuple(c for c in rank if c != one) for rank in sheet.ranking)
    return replace(
        sheet,
        recused={**sheet.recused, one: _reason(reason)},
        marks={c: of for c, of in sheet.marks.items() if c != one},
        picks=tuple(c for c in sheet.picks if c != one),
        ranking=tuple(rank for rank in ranking if rank),
    )


def judge_again(sheet: Sheet, entry: str) -> Sheet:
    """The sheet with an entry taken up again; nothing when it was not recused."""
    return replace(sheet, recused={c: why for c, why in sheet.recused.items() if c != entry})


async def save(box: AwardBox, seat: Seat, sheet: Sheet, seen: int) -> tuple[str, int]:
    """Store a draft that was made on revision `seen`. Gives the box's code and the new revision."""
    held = await box.sheet(seat.at, seat.juror)
    # The salt stays, so that the same draft sent again is the same text.
    salt = secrets.token_hex(16) if held is None else _salt_of(held)
    return await _act(box, seat, SheetAct.SAVE, sheet, salt, seen)


async def lock(box: AwardBox, seat: Seat, seen: int) -> tuple[str, int]:
    """Lock the stored sheet, if it is still the one of revision `seen`."""
    held = await box.sheet(seat.at, seat.juror)
    if held is None:
        return "empty", seen
    if held.rev > seen:
        return "dup" if held.is_locked and held.rev == seen + 1 else "stale", seen
    return await _act(box, seat, SheetAct.LOCK, seat.sheet_of(held), _salt_of(held), seen)


async def unlock(box: AwardBox, seat: Seat, seen: int) -> tuple[str, int]:
    """Make a locked sheet a draft again."""
    code = await box.act_on_sheet(seat.at, seat.juror, SheetAct.UNLOCK, seen + 1)
    return code, seen + 1


async def _act(
    box: AwardBox, seat: Seat, act: SheetAct, sheet: Sheet, salt: str, seen: int
) -> tuple[str, int]:
    code = await box.act_on_sheet(
        seat.at,
        seat.juror,
        act,
        seen + 1,
        sheet_text(seat.jury, sheet, salt),
        marked_count(seat.jury, sheet, seat.entries),
        sum(entry in sheet.recused for entry in seat.entries),
    )
    return code, seen + 1


def _reason(value: str) -> RecusalReason:
    try:
        return RecusalReason(value)
    except ValueError:
        raise SheetFault("jury_bad_reason") from None


def _number(value: str) -> int:
    if not _WHOLE.fullmatch(value):
        raise SheetFault("jury_bad_sheet")
    return int(value)


def _salt_of(stored: Stored) -> str:
    return str(json.loads(stored.text)["salt"])
