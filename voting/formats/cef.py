"""CEF, the Condorcet Election Format (files often end with .cvotes).

    #/Candidates: Ada ; Bert ; Carla
    #/Implicit Ranking: false
    #/Weight Allowed: true

    # a comment
    tag 1, tag 2 || Ada > Bert = Carla ^7 * 42   # 42 ballots of weight 7
    /EMPTY_RANKING/ * 3

Parameters come before the ballots, each at the beginning of a line, names in any case. Without
`Candidates` they are those the ballots name. `Implicit Ranking` is on and `Weight Allowed` off unless
the file says otherwise; weights that are not allowed are read and then taken as 1. Candidates on a ballot
who do not stand are left out of it, as the format asks. Parameters that are not known are left alone.

The format calls a ballot invalid that names a candidate twice or has an empty rank; here that, or anything
else that cannot be read, makes the file unreadable instead of losing the ballot.
Source: https://github.com/CondorcetVote/CondorcetElectionFormat (version 1), with /EMPTY_RANKING/ as
Condorcet-PHP writes it beside the older /EMPTY/.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain

from voting.formats.parts import BallotFile, FormatError, to_number, whole, without_mark
from voting.rankings import Profile, Ranking

_EMPTY = {"/EMPTY_RANKING/", "/EMPTY/"}
_PARAMETER = re.compile(r"#/([^:]*):(.*)", re.DOTALL)
_TAIL = re.compile(r"(?P<ranking>[^*^]*)(?:\^(?P<weight>[^*^]*))?(?:\*(?P<times>[^*^]*))?")
_RESERVED = re.compile(r"[>=;,#/*^<|]")
_NO_TAG = re.compile(r"[;>]")
_BOOLEANS = {"true": True, "false": False}


@dataclass(slots=True)
class _Reading:
    """What has been read so far."""

    candidates: list[str] | None = None
    position: dict[str, int] = field(default_factory=dict)
    ranks: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """Ranks of standing candidates alone, by their very text, spaces and all."""
    seats: int | None = None
    implicit_ranking: bool = True
    weights: bool = False
    given: set[str] = field(default_factory=set)


def read_cef(text: str) -> BallotFile:
    """The election of a CEF file. Raises FormatError with line, column and reason."""
    reading = _Reading()
    ballots: dict[Ranking, int] = {}
    lines = without_mark(text).splitlines()
    start = _head(lines, reading)
    first = {
        line: number for number, line in zip(range(len(lines), start, -1), reversed(lines), strict=False)
    }
    # A line is read once however often it comes; a fault is reported where it comes first.
    for line, times in Counter(lines[start:]).items():
        known = _known(line, reading)
        ranking, count = (known, 1) if known is not None else _line(first[line], line, reading)
        if count:
            ballots[ranking] = ballots.get(ranking, 0) + count * times
    if not reading.position:
        raise FormatError(1, 1, "there are no candidates: no parameter and no ballot names any")
    return BallotFile(
        profile=Profile(candidates=tuple(reading.position), ballots=ballots),
        seats=reading.seats,
        implicit_ranking=reading.implicit_ranking,
    )


def _known(text: str, reading: _Reading) -> Ranking | None:
    """The ranking of a text whose every rank has been read before, if it names nobody twice."""
    try:
        ranking = tuple(map(reading.ranks.__getitem__, text.split(">")))
    except KeyError:
        return None
    named = tuple(chain.from_iterable(ranking))
    return ranking if len(set(named)) == len(named) else None


def _head(lines: Sequence[str], reading: _Reading) -> int:
    """Read the parameters: how many lines come before the first ballot."""
    for number, line in enumerate(lines, start=1):
        if line.startswith("#/"):
            _parameter(number, line, reading)
        elif line.strip() and not line.lstrip().startswith("#"):
            return number - 1
        elif line.lstrip().startswith("#/"):
            raise FormatError(number, len(line) - len(line.lstrip()) + 1, "a parameter begins its line")
    return len(lines)


def _line(number: int, line: str, reading: _Reading) -> tuple[Ranking, int]:
    """The ranking of a line and the number of its ballots, 0 for a comment or a blank line."""
    if line.lstrip().startswith("#/"):
        raise FormatError(number, 1, "a parameter stands after the first ballot")
    ballot = line.partition("#")[0]
    return _ballot(number, ballot, reading) if ballot.strip() else ((), 0)


def _parameter(line_number: int, line: str, reading: _Reading) -> None:
    found = _PARAMETER.fullmatch(line)
    if not found:
        raise FormatError(line_number, len(line) + 1, "a parameter has a name, a colon and a value")
    name, value = found[1].strip().lower(), found[2].strip()
    column = found.start(2) + len(found[2]) - len(found[2].lstrip()) + 1
    if name == "number of seat":
        name = "number of seats"
    if name in reading.given:
        raise FormatError(line_number, 1, f"the parameter “{found[1].strip()}” stands there twice")
    match name:
        case "candidates":
            reading.candidates = _candidates(line_number, line, found.start(2))
            reading.position = {candidate: at for at, candidate in enumerate(reading.candidates)}
        case "number of seats":
            seats = to_number(value, line_number, column) if whole(value) else 0
            if seats < 1:
                raise FormatError(
                    line_number, column, f"the number of seats is a whole number, not {value!r}"
                )
            reading.seats = seats
        case "implicit ranking" | "weight allowed":
            if value.lower() not in _BOOLEANS:
                raise FormatError(line_number, column, f"expected true or false, not {value!r}")
            if name == "implicit ranking":
                reading.implicit_ranking = _BOOLEANS[value.lower()]
            else:
                reading.weights = _BOOLEANS[value.lower()]
        case _:
            return
    reading.given.add(name)


def _candidates(number: int, line: str, start: int) -> list[str]:
    candidates: list[str] = []
    column = start
    for part in line[start:].split(";"):
        name = part.strip()
        at = column + len(part) - len(part.lstrip()) + 1
        column += len(part) + 1
        if not name:
            if not line[column - 1 :].strip(" \t;"):
                continue  # a semicolon at the end
            raise FormatError(number, at, "the name of a candidate is empty")
        _check_name(number, at, name)
        if name in candidates:
            raise FormatError(number, at, f"the candidate {name!r} stands there twice")
        candidates.append(name)
    if not candidates:
        raise FormatError(number, start + 1, "the list of candidates is empty")
    return candidates


def _check_name(number: int, column: int, name: str) -> None:
    reserved = _RESERVED.search(name)
    if reserved:
        raise FormatError(
            number, column + reserved.start(), f"{reserved[0]!r} cannot be part of the name of a candidate"
        )


def _ballot(line_number: int, line: str, reading: _Reading) -> tuple[Ranking, int]:
    tags, bars, rest = line.partition("||")
    start = len(tags) + 2 if bars else 0
    if not bars:
        rest = line
    swallowed = _NO_TAG.search(tags) if bars else re.search(";", line)
    if swallowed:
        reason = f"{swallowed[0]!r} is no part of a tag or a ballot; each ballot has a line of its own"
        raise FormatError(line_number, swallowed.start() + 1, reason)
    found = _TAIL.fullmatch(rest)
    if not found:
        wrong = re.search(r"\*.*[*^]|\^.*\^", rest)
        at = start + (wrong.start() if wrong else 0) + 1
        raise FormatError(
            line_number, at, "after the ranking come first ^weight, then * number of ballots, each once"
        )
    weight = _times(line_number, start, found, "weight") if found["weight"] is not None else 1
    times = _times(line_number, start, found, "times") if found["times"] is not None else 1
    ranking = _ranking(line_number, start, found["ranking"], reading)
    return ranking, times * (weight if reading.weights else 1)


def _times(line_number: int, start: int, found: re.Match[str], name: str) -> int:
    text = found[name].strip()
    column = start + found.start(name) + 1
    times = to_number(text, line_number, column) if whole(text) else 0
    if times < 1:
        what = "the weight" if name == "weight" else "the number of ballots"
        raise FormatError(line_number, column, f"{what} is a whole number from 1 on, not {text!r}")
    return times


def _ranking(number: int, start: int, text: str, reading: _Reading) -> Ranking:
    if text.strip() in _EMPTY:
        return ()
    known = _known(text, reading)
    if known is not None:
        return known
    ranking = []
    named: set[str] = set()
    column = start
    for rank in text.split(">"):
        tied = []
        for part in rank.split("="):
            name = part.strip()
            at = column + len(part) - len(part.lstrip()) + 1
            column += len(part) + 1
            if not name:
                raise FormatError(number, at, "a rank or a candidate's name is empty")
            if name in _EMPTY:
                raise FormatError(number, at, f"{name} stands for a whole ranking, not for a rank")
            _check_name(number, at, name)
            if name in named:
                raise FormatError(number, at, f"the ballot names {name!r} twice")
            named.add(name)
            if reading.candidates is None:
                reading.position.setdefault(name, len(reading.position))
            if name in reading.position:
                tied.append(reading.position[name])
        tied.sort()
        if len(tied) == rank.count("=") + 1:
            reading.ranks[rank] = tuple(tied)
        if tied:
            ranking.append(tuple(tied))
    return tuple(ranking)
