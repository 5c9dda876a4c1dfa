"""Ballot files: the formats that are read, found by file name or content."""

import re

from voting.formats.blt import read_blt
from voting.formats.cef import read_cef
from voting.formats.cvr import read_cvr
from voting.formats.parts import BallotFile, FormatError
from voting.formats.preflib import TYPES, read_preflib

FORMATS = ("blt", "cef", "cvr", "preflib", *TYPES)
"""The formats by name; "preflib" is the type that the file's own header states."""

_BY_ENDING = {"blt": "blt", "cvotes": "cef", "cef": "cef", "csv": "cvr"} | {kind: kind for kind in TYPES}


def format_of(name: str, text: str) -> str:
    """The format of a ballot file by the ending of its name, or else by what it begins with.

    Raises FormatError when neither tells.
    """
    ending = name.rpartition(".")[2].lower()
    if ending in _BY_ENDING:
        return _BY_ENDING[ending]
    head = text.removeprefix("\ufeff").lstrip()
    if re.match(r"#\s*(FILE NAME|TITLE|NUMBER ALTERNATIVES)\s*:", head):
        return "preflib"
    lines = [line for line in head.splitlines() if line.strip() and not re.match(r"\s*#(?!/)", line)]
    first = lines[0] if lines else ""
    if re.match(r"\s*[0-9]+\s+[0-9]+\s*(#|$)", first):
        return "blt"
    if re.match(r"\s*[0-9]+\s*$", first):
        return "preflib"
    if first.startswith("#/") or re.search(r"[>=*]|/EMPTY", first):
        return "cef"
    if "," in first:
        return "cvr"
    raise FormatError(1, 1, f"cannot tell the format of this file; the formats are {', '.join(FORMATS)}")


def read(name: str, text: str, form: str | None = None, overvote_delimiter: str | None = None) -> BallotFile:
    """The election of a ballot file's text; `form` is one of FORMATS, by default found by `format_of`.

    Raises FormatError with line, column and reason.
    """
    form = form or format_of(name, text)
    if form == "blt":
        return read_blt(text)
    if form == "cef":
        return read_cef(text)
    if form == "cvr":
        return read_cvr(text, overvote_delimiter)
    return read_preflib(text, form if form in TYPES else "")


__all__ = ["FORMATS", "BallotFile", "FormatError", "format_of", "read"]
