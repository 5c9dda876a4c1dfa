"""The roll: who is to get a voting code, read from a CSV file or a workbook."""

import csv
import io
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import openpyxl

from polls.award.model import VoterClass

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "name": ("name", "fullname", "voter", "person", "stimmberechtigte", "organisation", "organization"),
    "first name": ("firstname", "givenname", "forename", "vorname"),
    "last name": ("lastname", "surname", "familyname", "nachname", "familienname"),
    "email": ("email", "mail", "emailaddress", "mailaddress", "emailadresse", "mailadresse"),
    "class": ("class", "group", "klasse", "gruppe"),
    "weight": ("weight", "gewicht", "votes", "stimmen"),
}
"""What a column may be called; only letters and digits matter, large or small."""

ALIKE: Mapping[str, tuple[str, ...]] = {"name": ("name", "first name", "last name"), "mail": ("email",)}
"""Part of a title -> the columns that it is probably meant for. Without any of them names or addresses would
be missing on the codes, and nobody would see it before they are to be handed out."""

MOST = 100_000
"""Lines of a roll at most."""

UNPACKED_BYTES = 100_000_000
"""What a workbook may unpack to: a small file can hold a great deal of nothing."""

FAULTS_SHOWN = 10
"""Faults that are named at once, a line each."""

Rows = list[tuple[int, list[str]]]
"""Lines by their number in the file."""


MOST_COLUMNS = 64
"""Columns that are looked at: a few bytes of a workbook can name its 16,384th, in each of a million lines."""


class RollError(ValueError):
    """A roll that cannot be used; the text names the lines and says what to do."""


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
    """As `read_roll`, of a file's content; what it is its name says. Raises RollError, with every fault of
    its lines up to FAULTS_SHOWN."""
    found, hint = _from_xlsx(name, content) if name.lower().endswith(".xlsx") else _from_csv(name, content)
    rows = [(number, row) for number, row in found if any(row)]
    if len(rows) < 2:
        raise RollError(
            f"{name}: nobody is in it. The first line names the columns, such as name,class{hint}"
        )
    if len(rows) > MOST:
        raise RollError(f"{name}: more than {MOST} lines; split the roll over several classes or awards")
    places = _places(name, rows, hint)
    people: list[Person] = []
    faults: list[str] = []
    seen: dict[str, int] = {}
    for number, row in rows[1:]:
        try:
            person = _person(row, places, classes)
        except RollError as error:
            faults.append(f"{name} line {number}: {error}")
            continue
        first = seen.setdefault(person.email.casefold(), number) if person.email else number
        if first != number:
            faults.append(
                f"{name} line {number}: {person.email} stands in line {first} too; one person gets one code"
            )
        people.append(person)
    if faults:
        more = len(faults) - FAULTS_SHOWN
        raise RollError(
            "\n".join(faults[:FAULTS_SHOWN] + ([f"{name}: {more} more lines like these"] if more > 0 else []))
        )
    return people


def _from_csv(name: str, content: bytes) -> tuple[Rows, str]:
    try:
        # One kind of line end: a lone carriage return is what spreadsheets on old Macs write.
        text = content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError:
        raise RollError(
            f"{name}: expected text in UTF-8; in a spreadsheet choose “CSV UTF-8” or XLSX when you save it"
        ) from None
    first = text.split("\n", 1)[0].strip().strip('"')
    # “sep=;” is how a spreadsheet is told what parts the columns.
    is_told = first.lower().startswith("sep=") and len(first) == 5
    delimiter = first[-1] if is_told else max(",;\t", key=first.count)
    rows: Rows = []
    try:
        for line in _numbered(text, delimiter):
            rows.append(line)
    except csv.Error:
        at = rows[-1][0] + 1 if rows else 1
        raise RollError(
            f"{name}: a quotation mark in or after line {at} is not closed, or stands inside a text; "
            "there it has to be written twice"
        ) from None
    return rows[1:] if is_told else rows, ""


def _numbered(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Every record with the line on which it begins: a text in quotes may hold line ends."""
    reader, before = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True), 0
    for row in reader:
        yield before + 1, [cell.strip() for cell in row]
        before = reader.line_num


def _from_xlsx(name: str, content: bytes) -> tuple[Rows, str]:
    damaged = RollError(f"{name}: cannot be read as a workbook; save it as XLSX once more, or as “CSV UTF-8”")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            if sum(part.file_size for part in parts.infolist()) > UNPACKED_BYTES:
                raise RollError(f"{name}: too large once it is unpacked; save the roll alone as CSV")
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        try:
            sheets = book.worksheets
            hint = f". Only the first sheet, “{sheets[0].title}”, is read" if len(sheets) > 1 else ""
            return _cells(sheets[0].iter_rows(values_only=True, max_col=MOST_COLUMNS)), hint
        finally:
            book.close()
    except RollError:
        raise
    except Exception:  # the library stumbles over a damaged file in more ways than it names
        raise damaged from None


def _cells(rows: Iterable[Sequence[object]]) -> Rows:
    """The lines of a sheet that hold something, as texts; of more than a roll may have, one more."""
    found: Rows = []
    for number, row in enumerate(rows, start=1):
        cells = ["" if cell is None else str(cell).strip() for cell in row]
        if any(cells):
            found.append((number, cells))
        if len(found) > MOST:
            break
    return found


def _plain(title: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", title).casefold() if c.isalnum())


def _column(title: str) -> str | None:
    return next((column for column, names in COLUMNS.items() if _plain(title) in names), None)


def _places(file: str, rows: Rows, hint: str) -> dict[str, int]:
    """Column -> its place. Raises RollError for a column that stands there twice, when none is known, and for
    one whose title is nearly known."""
    found: dict[str, int] = {}
    number, header = rows[0]
    for place, title in enumerate(header):
        column = _column(title)
        if column in found:
            raise RollError(f"{file}: two columns are for the {column}; keep one")
        if column is not None:
            found[column] = place
    if not found:
        below = next((n for n, row in rows[1:6] if any(map(_column, row))), None)
        what = (
            f"line {below} does, so delete what is above it"
            if below is not None
            else "put such a line above it all: name,email,class"
        )
        known = ", ".join(COLUMNS)
        raise RollError(f"{file}: the first line names none of the columns {known}; {what}{hint}")
    for title in header:
        for part, columns in ALIKE.items():
            if part in _plain(title) and not any(column in found for column in columns):
                raise RollError(
                    f"{file} line {number}: the column “{title}” would be left out; "
                    f"call it {' or '.join(columns)}, or delete it"
                )
    return found


def _person(row: Sequence[str], places: Mapping[str, int], classes: Sequence[VoterClass]) -> Person:
    """One line. Raises RollError without its place."""
    cells = {column: row[place] if place < len(row) else "" for column, place in places.items()}
    weight = _weight(cells.get("weight", ""))
    named = cells.get("class", "")
    if named:
        fits = [one for one in classes if named.casefold() in _names(one)]
    else:
        fits = [one for one in classes if weight in (None, one.weight)]
    if len(fits) != 1:
        known = ", ".join(f"{one.id} (weight {one.weight})" for one in classes)
        said = f"there is no class “{named}”" if named else "it does not say of which class the voter is"
        raise RollError(f"{said}; the rules have {known}")
    if weight not in (None, fits[0].weight):
        raise RollError(
            f"weight {weight}, but a ballot of the class {fits[0].id} weighs {fits[0].weight}; "
            "the rules decide, so change the class or the rules"
        )
    both = " ".join(filter(None, (cells.get("first name"), cells.get("last name"))))
    name = cells.get("name", "") or both
    return Person(name=name, email=cells.get("email", ""), voter_class=fits[0].id)


def _names(one: VoterClass) -> set[str]:
    return {one.id.casefold(), *(text.casefold() for _, text in one.name.variants)}


def _weight(text: str) -> int | None:
    if not text:
        return None
    whole = text.removesuffix(".0")  # as a workbook may hold a whole number
    if not whole.isascii() or not whole.isdecimal() or int(whole) < 1:
        raise RollError(f"a weight is a whole number from 1, not {text!r}")
    return int(whole)
