"""QR codes of voting codes, read by another program: ZXing."""

from __future__ import annotations

import re

import pytest
import segno
import typst
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from server.award.codes import _template, _words, make_codes
from server.award.qr import svgs
from server.award.roll import Person
from tests import png

URLS = ["http://10.0.0.1:8000", "https://hemicycle.example.org", "https://" + "vote." * 20 + "example.org"]


def dark(svg: str) -> list[list[bool]]:
    """The modules that the strokes of a drawing cover."""
    side = int(re.search(r'width="(\d+)"', svg)[1])  # type: ignore[index]
    rows = [[False] * side for _ in range(side)]
    for x, y, run in re.findall(r"M(\d+) (\d+)\.5h(\d+)", svg):
        for column in range(int(x), int(x) + int(run)):
            rows[int(y)][column] = True
    return rows


def read(svg: str) -> str:
    """What a scanner reads from a drawing, with its quiet zone, four pixels a module."""
    rows = dark(svg)
    side = 4 * (len(rows) + 8)
    pixels = bytearray(b"\xff" * side * side)
    for y, row in enumerate(rows, start=4):
        line = b"".join((b"\0" if one else b"\xff") * 4 for one in row)
        for pixel in range(4 * y, 4 * y + 4):
            pixels[pixel * side + 16 : pixel * side + 16 + len(line)] = line
    [found] = zxingcpp.read_barcodes(memoryview(pixels).cast("B", (side, side)))
    return found.text


@pytest.mark.parametrize("url", URLS)
def test_every_code_of_a_sheet_is_read_as_its_link(url: str) -> None:
    codes = make_codes([Person(voter_class="hall")] * 40)

    drawings = svgs(f"{url}/v#", [one.token for one in codes])

    assert [read(drawing) for drawing in drawings] == [one.link(url) for one in codes]


@settings(max_examples=25)
@given(st.text(max_size=80), st.integers(1, 4), st.data())
def test_each_code_is_the_one_that_segno_draws_with_the_first_ones_mask(
    start: str, length: int, data: st.DataObject
) -> None:
    ends = data.draw(st.lists(st.text(st.characters(max_codepoint=127), min_size=length, max_size=length)))

    drawings = svgs(start, ends)

    drawn = [
        segno.make((start + end).encode(), error="m", mode="byte", micro=False, boost_error=False, mask=mask)
        for mask in (None, *range(8))
        for end in (ends if mask is not None else ends[:1])
    ]
    mask = drawn[0].mask if ends else 0
    expected = [one for one in drawn[1:] if one.mask == mask]
    assert [dark(drawing) for drawing in drawings] == [
        [[bool(module) for module in row] for row in one.matrix] for one in expected
    ]


def test_ends_of_different_lengths_or_outside_ascii_are_refused() -> None:
    for ends in (["ab", "c"], ["é", "e"]):
        with pytest.raises(ValueError):
            svgs("https://v.example/v#", ends)
    assert svgs("https://v.example/v#", []) == []


def test_all_eight_codes_of_a_page_are_read_from_the_page() -> None:
    codes = make_codes([Person(name=f"Voter {n}", voter_class="hall") for n in range(8)])
    words = _words(codes, "Prize", "Event", URLS[1], "en", {})

    page = typst.compile(_template(), sys_inputs=words, format="png", ppi=72)

    found = zxingcpp.read_barcodes(png.grey(page))
    assert {one.text for one in found} == {one.link(URLS[1]) for one in codes}
