"""Which format a file has."""

import pytest

from voting.formats import FORMATS, FormatError, format_of, read


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.blt", "blt"),
        ("A.BLT", "blt"),
        ("b.cvotes", "cef"),
        ("b.cef", "cef"),
        ("c.csv", "cvr"),
        ("d.soc", "soc"),
        ("d.soi", "soi"),
        ("d.toc", "toc"),
        ("d.toi", "toi"),
    ],
)
def test_the_ending_of_the_name_decides(name: str, form: str) -> None:
    assert format_of(name, "whatever") == form
    assert form in FORMATS


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("4 2\n-2\n", "blt"),
        ("# a comment\n4 2 # size\n", "blt"),
        ("#/Candidates: A;B\nA>B\n", "cef"),
        ("# a comment\n\nA > B * 3\n", "cef"),
        ("/EMPTY_RANKING/\nA\n", "cef"),
        ("\ufeff# FILE NAME: x\n", "preflib"),
        ("# NUMBER ALTERNATIVES: 3\n", "preflib"),
        ("3\n1,Ada\n", "preflib"),
        ("id,rank1\n", "cvr"),
    ],
)
def test_otherwise_the_first_line_decides(text: str, form: str) -> None:
    assert format_of("ballots.txt", text) == form


def test_a_file_that_gives_no_sign_is_refused() -> None:
    with pytest.raises(FormatError, match="cannot tell the format"):
        format_of("ballots", "hello\n")


def test_a_named_format_goes_before_the_file_name() -> None:
    assert read("x.csv", "A > B\n", "cef").profile.size == 1
