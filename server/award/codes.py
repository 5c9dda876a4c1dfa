"""Making voting codes for a roll, and handing them out: as a file for mail merges and as sheets to cut up."""

import csv
import io
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

import typst

from dashboard.words import say
from polls.award.model import VoterClass
from server.award.qr import svgs
from server.award.roll import Person
from voting.award.codes import TOKEN_BYTES, code_from, shown, token_from, token_hash, typed_hash
from voting.award.ports import RegisterLine

HEADER = ("name", "email", "class", "code", "link")

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the beginning of a formula (OWASP, "CSV Injection")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoterCode:
    """One voter's code in both forms: nothing of it is stored but hashes, so it is printed once."""

    person: Person
    code: str = field(repr=False)
    token: str = field(repr=False)

    def link(self, public_url: str) -> str:
        """The address in the QR code. The token is in the fragment, which browsers send to no server."""
        return _start(public_url) + self.token


def make_codes(
    people: Sequence[Person], chance: Callable[[int], bytes] = secrets.token_bytes
) -> list[VoterCode]:
    """A code for each person; no two are alike. `chance` gives so many random bytes."""
    made: dict[str, VoterCode] = {}
    for person in people:
        while (code := code_from(int.from_bytes(chance(TOKEN_BYTES), "big"))) in made:
            pass
        made[code] = VoterCode(person=person, code=code, token=token_from(chance(TOKEN_BYTES)))
    return list(made.values())


def register_lines(codes: Sequence[VoterCode], award: str, key: bytes) -> list[RegisterLine]:
    """What of the codes is stored: hashes and classes; `key` is the data folder's, for typed codes."""
    return [
        RegisterLine(token_hash(award, one.token), one.person.voter_class, typed_hash(key, award, one.code))
        for one in codes
    ]


def mail_merge(codes: Sequence[VoterCode], public_url: str) -> bytes:
    """The codes as CSV (RFC 4180, UTF-8 with BOM), one line a person, in the roll's order.

    A cell that a spreadsheet would run as a formula gets an apostrophe before it.
    """
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(HEADER)
    for one in codes:
        person = one.person
        cells = (person.name, person.email, person.voter_class, shown(one.code), one.link(public_url))
        writer.writerow([_tame(cell) for cell in cells])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def sheets(
    codes: Sequence[VoterCode],
    *,
    award: str,
    event: str,
    public_url: str,
    lang: str,
    classes: Sequence[VoterClass] = (),
) -> bytes:
    """The codes as a PDF, eight to a page of A4, with cut lines. `award` and `event` are titles.

    Where a roll has names, each card bears one, so that it reaches its voter. Where the vote has several
    `classes`, each card bears its own: once they are cut nothing else tells them apart.
    """
    kinds = {str(one.id): one.name.pick(lang) for one in classes} if len(classes) > 1 else {}
    words = _words(codes, award, event, public_url, lang, kinds)
    content: bytes = typst.compile(_template(), sys_inputs=words, format="pdf")
    return content


def _words(
    codes: Sequence[VoterCode],
    award: str,
    event: str,
    public_url: str,
    lang: str,
    kinds: Mapping[str, str],
) -> dict[str, str]:
    """What the template puts on the sheets, as JSON."""
    address = public_url.partition("://")[2]
    words = {
        "event": event,
        "award": award,
        "scan": say(lang, "code_sheet_scan"),
        "type": say(lang, "code_sheet_type", address=f"{address}/v"),
        "once": say(lang, "code_sheet_once"),
        "secret": say(lang, "code_sheet_secret"),
        "lang": lang,
    }
    drawings = svgs(_start(public_url), [one.token for one in codes])
    # Card by card: all of them in one go would hold up the hall, even from another thread.
    cards = [
        json.dumps(
            {
                "name": one.person.name,
                "kind": kinds.get(one.person.voter_class, ""),
                "code": shown(one.code),
                "qr": drawing,
            },
            ensure_ascii=False,
        )
        for one, drawing in zip(codes, drawings, strict=True)
    ]
    return {"words": json.dumps(words, ensure_ascii=False), "cards": f"[{','.join(cards)}]"}


def _tame(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _start(public_url: str) -> str:
    """How every link of a sheet begins."""
    return f"{public_url}/v#"


@cache
def _template() -> bytes:
    return (files("server.award") / "codes.typ").read_bytes()
