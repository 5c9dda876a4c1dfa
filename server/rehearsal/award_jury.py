"""The simulated jury of an award: private links, drafts, a recusal, locked sheets."""

import asyncio
from typing import Any

from server.rehearsal.asking import Asker, RehearsalError
from server.rehearsal.award_report import AwardReport
from server.rehearsal.award_twins import Twins, even_fields, is_absent

KEY = "?key="


def token_of(url: str) -> str:
    """The token in a private link. Raises RehearsalError."""
    _, found, token = url.partition(KEY)
    if not found:
        raise RehearsalError("a private link holds no key; renew it on the organiser's page")
    return token


def mark(juror: int, entry: int, low: int, high: int) -> int:
    """A mark that leans to the first entries and differs by juror."""
    return max(low, high - (entry * 2 + juror * (entry + 1)) % (high - low + 1))


def sheet_fields(round_: dict[str, Any], juror: int, *, upto: int) -> dict[str, str]:
    """What the juror's form holds once the first `upto` entries are judged; the last juror recuses from the
    last entry, where there are enough jurors for it to be rated all the same."""
    entries = round_["candidates"][:upto]
    fields: dict[str, str] = {}
    order = sorted(range(len(entries)), key=lambda place: ((place * 3 + juror) % (len(entries) + 1), place))
    for place, entry in enumerate(entries):
        if is_recused(round_, juror, entry):
            fields[f"recused.{entry}"] = "employer"
        elif round_["criteria"]:
            for criterion in round_["criteria"]:
                given = mark(juror, place, criterion["low"], criterion["high"])
                fields[f"mark.{entry}.{criterion['id']}"] = str(given)
        elif round_["rule"] == "approval":
            if place < (round_["picks"] or max(1, len(entries) // 2)):
                fields[f"pick.{entry}"] = "1"
        else:
            fields[f"rank.{entry}"] = str(order.index(place) + 1)
    return fields


def is_recused(round_: dict[str, Any], juror: int, entry: str) -> bool:
    """Whether a juror's employer stands behind an entry: the last juror's behind the last of several."""
    jurors, entries = len(round_["jurors"]), round_["candidates"]
    return jurors > 3 and len(entries) > 1 and juror == jurors - 1 and entry == entries[-1]


async def judge(
    staff: Asker,
    path: str,
    round_: dict[str, Any],
    links: dict[str, str],
    report: AwardReport,
    twins: Twins = (),
) -> None:
    """Everybody on the jury of an open round opens the link, saves two drafts and locks the sheet; with twins
    they come out alike, and somebody never locks."""

    def filled_in(number: int, upto: int) -> dict[str, str]:
        fields = sheet_fields(round_, number, upto=upto)
        return even_fields(round_, number, twins, fields) if twins and upto == entries else fields

    entries = len(round_["candidates"])

    async def one(number: int, juror: str) -> None:
        own = staff.named(token_of(links[juror]))
        stands = await own.ask("GET", f"{path}?round={round_['id']}")
        rev, stays_away = stands["rev"], bool(twins) and is_absent(round_, number)
        for upto, act in ((max(1, entries // 2), "save"), (entries, "save"), (entries, "lock")):
            if act == "lock" and stays_away:
                report.absent += 1
                return
            fields = {} if act == "lock" else filled_in(number, upto)
            form = {"round": round_["id"], "rev": str(rev), "do": act, **fields}
            rev = (await own.ask("POST", path, form))["rev"]
        stands = await own.ask("GET", f"{path}?round={round_['id']}")
        report.must(stands["locked"], f"the locked sheet of juror {juror} is not locked")
        report.locked += bool(stands["locked"])

    for juror in round_["jurors"]:
        came = await staff.client.get(f"{path}{KEY}{token_of(links[juror])}")
        report.must(came.status_code == 303, f"the link of juror {juror} answered {came.status_code}")
        staff.client.cookies.clear()  # all jurors here share one client, not one browser
    report.jurors += len(round_["jurors"])
    report.recused += sum(
        name.startswith("recused.")
        for number in range(len(round_["jurors"]))
        if not (twins and is_absent(round_, number))
        for name in filled_in(number, entries)
    )
    await asyncio.gather(*(one(number, juror) for number, juror in enumerate(round_["jurors"])))
