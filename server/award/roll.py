"""The roll: who is to get a voting code, read from a CSV file or a workbook."""

import csv
import io
import unicodedata
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import openpyxl

from polls.award.model import VoterClass

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "name": ("name", "voter", "person", "stimmberechtigte", "organisation", "organization"),
    "email": ("email", "e-mail", "mail"),
    "class": ("class", "group", "klasse", "gruppe"),
    "weight": ("weight", "gewicht", "votes", "stimmen"),
}
"""What a column may be called; case and blanks do not matter."""

MOST = 100_000
"""Lines of a roll at most."""

UNPACKED_BYTES = 100_000_000
"""What a workbook may unpack to: a small file can hold a great deal of nothing."""


MOST_COLUMNS = 64
"""Columns that are looked at: a few bytes of a workbook can name its 16,384th, in each of a million lines."""


class RollError(ValueError):
    """A roll that cannot be used; the text names the line and says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One line of a roll. Name and address are for handing out the code, and are never stored."""

    name: str = ""
    email: str = ""
    voter_class: str


def read_roll(path: Path, classes: Sequence[VoterClass]) -> list[Person]:
    """The people of a .csv or .xlsx file, whose first line names its columns (see COLUMNS).

    A class is named by its id or its name; without a column for it, its weight finds it, or there is only
    one. A weight must be that of the class: how ballots weigh is decided by the rules alone.
    Raises RollError and OSError.
    """
    return people_in(path.name, path.read_bytes(), classes)


def people_in(name: str, content: bytes, classes: Sequence[VoterClass]) -> list[Person]:
    """As `read_roll`, of a file's content; what it is its name says. Raises RollError."""
    rows = _from_xlsx(name, content) if name.lower().endswith(".xlsx") else _from_csv(name, content)
    lines = [(number, row) for number, row in enumerate(rows, start=1) if any(row)]
    if len(lines) < 2:
        raise RollError(f"{name}: nobody is in it. The first line names the columns, such as name,class")
    if len(lines) > MOST:
        raise RollError(f"{name}: more than {MOST} lines; split the roll over several classes or awards")
    places = _places(name, lines[0][1])
    people = [_person(name, number, row, places, classes) for number, row in lines[1:]]
    seen: dict[str, int] = {}
    for (number, _), person in zip(lines[1:], people, strict=True):
        if person.email and seen.setdefault(person.email.lower(), number) != number:
            raise RollError(
                f"{name} line {number}: {person.email} stands in line {seen[person.email.lower()]} too; "
                "one person gets one code"
            )
    return people


def _from_csv(name: str, content: bytes) -> Iterable[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RollError(
            f"{name}: expected text in UTF-8; in a spreadsheet choose “CSV UTF-8” when you save it"
        ) from None
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    try:
        return [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text), delimiter=delimiter)]
    except csv.Error as error:
        raise RollError(f"{name}: cannot be read as CSV: {error}") from None


def _from_xlsx(name: str, content: bytes) -> Iterable[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            if sum(part.file_size for part in parts.infolist()) > UNPACKED_BYTES:
                raise RollError(f"{name}: too large once it is unpacked; save the roll alone as CSV")
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        try:
            return _cells(book.worksheets[0].iter_rows(values_only=True, max_col=MOST_COLUMNS))
        finally:
            book.close()
    except RollError:
        raise
    except Exception as error:  # the library stumbles over a damaged file in more ways than it names
        raise RollError(f"{name}: cannot be read as a workbook: {error or type(error).__name__}") from None


def _cells(rows: Iterable[Sequence[object]]) -> list[list[str]]:
    """The cells of a sheet as texts; of more lines than a roll may have, one more."""
    found: list[list[str]] = []
    blank: list[str] = []
    lines = 0
    for row in rows:
        cells = ["" if cell is None else str(cell).strip() for cell in row]
        lines += any(cells)
        found.append(cells if any(cells) else blank)
        if lines > MOST:
            break
    return found


def _places(file: str, header: Sequence[str]) -> dict[str, int]:
    """Column -> its place. Raises RollError for a column that stands there twice, or when none is known."""
    found: dict[str, int] = {}
    for place, title in enumerate(header):
        plain = unicodedata.normalize("NFKC", title).casefold().replace(" ", "")
        for column, names in COLUMNS.items():
            if plain in names:
                if column in found:
                    raise RollError(f"{file}: two columns are for the {column}; keep one")
                found[column] = place
    if not found:
        known = ", ".join(COLUMNS)
        raise RollError(f"{file}: the first line names none of the columns {known}")
    return found


def _person(
    file: str, number: int, row: Sequence[str], places: Mapping[str, int], classes: Sequence[VoterClass]
) -> Person:
    cells = {column: row[place] if place < len(row) else "" for column, place in places.items()}
    where = f"{file} line {number}"
    weight = _weight(where, cells.get("weight", ""))
    named = cells.get("class", "")
    if named:
        fits = [one for one in classes if named.casefold() in _names(one)]
    else:
        fits = [one for one in classes if weight in (None, one.weight)]
    if len(fits) != 1:
        known = ", ".join(f"{one.id} (weight {one.weight})" for one in classes)
        said = f"there is no class “{named}”" if named else "it does not say of which class the voter is"
        raise RollError(f"{where}: {said}; the rules have {known}")
    if weight not in (None, fits[0].weight):
        raise RollError(
            f"{where}: weight {weight}, but a ballot of the class {fits[0].id} weighs {fits[0].weight}; "
            "the rules decide, so change the class or the rules"
        )
    return Person(name=cells.get("name", ""), email=cells.get("email", ""), voter_class=fits[0].id)


def _names(one: VoterClass) -> set[str]:
    return {one.id.casefold(), *(text.casefold() for _, text in one.name.variants)}


def _weight(where: str, text: str) -> int | None:
    if not text:
        return None
    whole = text.removesuffix(".0")  # as a workbook may hold a whole number
    if not whole.isascii() or not whole.isdecimal() or int(whole) < 1:
        raise RollError(f"{where}: a weight is a whole number from 1, not {text!r}")
    return int(whole)
