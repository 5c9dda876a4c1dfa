"""Workbooks that are damaged or made to do harm: a sentence for the organiser, no error and no gigabytes."""

import io
import struct
import tracemalloc
import zipfile
from collections.abc import Callable

import openpyxl
import pytest

from polls.award.model import ClassId, VoterClass
from polls.model import Text
from server.award.roll import RollError, people_in

HALL = VoterClass(id=ClassId("hall"), name=Text.plain("In the hall"))
SHEET = "xl/worksheets/sheet1.xml"
NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def _workbook() -> bytes:
    book = openpyxl.Workbook()
    for row in (("name", "class"), ("Ada", "hall"), ("Ben", "hall")):
        book.worksheets[0].append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _with(change: Callable[[dict[str, bytes]], None]) -> bytes:
    """The workbook with parts changed."""
    with zipfile.ZipFile(io.BytesIO(_workbook())) as box:
        parts = {name: box.read(name) for name in box.namelist()}
    change(parts)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as box:
        for name, part in parts.items():
            box.writestr(name, part)
    return content.getvalue()


def _cut(parts: dict[str, bytes]) -> None:
    parts[SHEET] = parts[SHEET][:-40]


def _no_sheets(parts: dict[str, bytes]) -> None:
    book = parts["xl/workbook.xml"]
    start, end = book.index(b"<sheets>"), book.index(b"</sheets>")
    parts["xl/workbook.xml"] = book[:start] + b"<sheets>" + book[end:]


def _odd_cell(parts: dict[str, bytes]) -> None:
    parts[SHEET] = parts[SHEET].replace(b'r="A2"', b'r="!!"')


def _flipped() -> bytes:
    """A byte of the packed sheet is another one."""
    whole = bytearray(_workbook())
    with zipfile.ZipFile(io.BytesIO(bytes(whole))) as box:
        at = box.getinfo(SHEET).header_offset
    name, extra = struct.unpack("<HH", whole[at + 26 : at + 30])
    whole[at + 30 + name + extra + 40] ^= 0xFF
    return bytes(whole)


def _locked() -> bytes:
    """Every part says that it is encrypted."""
    whole = _workbook()
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        pieces = whole.split(mark)
        whole = mark.join([pieces[0], *(p[: place - 4] + b"\x01" + p[place - 3 :] for p in pieces[1:])])
    return whole


DAMAGED: dict[str, Callable[[], bytes]] = {
    "cut": lambda: _with(_cut),
    "no sheets": lambda: _with(_no_sheets),
    "odd cell": lambda: _with(_odd_cell),
    "flipped": _flipped,
    "locked": _locked,
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_workbook_is_a_sentence(name: str) -> None:
    with pytest.raises(RollError, match=r"roll\.xlsx: "):
        people_in("roll.xlsx", DAMAGED[name](), [HALL])


def test_a_workbook_of_endless_rows_takes_little_memory() -> None:
    """Each of them ends in the last column there is: a few bytes that become sixteen thousand cells."""

    def fill(parts: dict[str, bytes]) -> None:
        rows = b"".join(b'<row r="%d"><c r="XFD%d"/></row>' % (n, n) for n in range(1, 500))
        parts[SHEET] = b'<worksheet xmlns="%b"><sheetData>%b</sheetData></worksheet>' % (
            NAMESPACE.encode(),
            rows,
        )

    content = _with(fill)
    tracemalloc.start()
    try:
        with pytest.raises(RollError):
            people_in("roll.xlsx", content, [HALL])
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 20_000_000


def test_a_sheet_whose_only_row_is_the_last_one_is_read_at_once() -> None:
    def fill(parts: dict[str, bytes]) -> None:
        parts[SHEET] = (
            b'<worksheet xmlns="%b"><sheetData><row r="1048576"><c r="A1048576"/></row>'
            b"</sheetData></worksheet>" % NAMESPACE.encode()
        )

    with pytest.raises(RollError, match="nobody is in it"):
        people_in("roll.xlsx", _with(fill), [HALL])
