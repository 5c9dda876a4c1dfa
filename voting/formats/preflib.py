"""PrefLib's orders: .soc (strict, complete), .soi (strict), .toc (tied, complete) and .toi (tied).

    # NUMBER ALTERNATIVES: 4            old header:  4
    # NUMBER VOTERS: 17                              1,Adam
    # ALTERNATIVE NAME 1: Adam                       2,Basil
    # ALTERNATIVE NAME 2: Basil                      3,Charlotte
    # ALTERNATIVE NAME 3: Charlotte                  4,Donald
    # ALTERNATIVE NAME 4: Donald                     17,17,3
    12: 1,4,3,2                                      12,1,4,3,2
    3: 1,{4,3},2                                     3,1,{4,3},2
    2: 2                                             2,2

A line is a number of voters and their order; alternatives in braces are tied. The orders must be of the
kind the file's type promises (strict means no ties, complete that everyone is ranked), and their numbers
must add up to the number of voters that the header states: a file that contradicts itself is not counted.
Source: PrefLib's FORMAT_SPECIFICATION.md, https://github.com/PrefLib/PrefLib-Data; the old header at
https://www.preflib.org/data/format.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import chain

from voting.formats.parts import BallotFile, FormatError, distinct, to_number, whole, without_mark
from voting.rankings import Profile, Ranking

TYPES = ("soc", "soi", "toc", "toi")

_METADATA = re.compile(r"#\s*([^:]*?)\s*:(.*)")
_NAME = re.compile(r"ALTERNATIVE NAME\s+([0-9]+)")
_RANK = re.compile(r"[^,{}]*\{[^{}]*\}[^,{}]*|[^,{}]+")
_STEP = re.compile(r"\s*(?:([0-9]+)|\{([0-9,\s]*)\})\s*(,|$)")

Line = tuple[int, str]


def read_preflib(text: str, kind: str = "") -> BallotFile:
    """The election of a PrefLib file; `kind` is soc, soi, toc or toi, by default what the header says.

    Raises FormatError with line, column and reason.
    """
    lines = [
        (number, line)
        for number, line in enumerate(without_mark(text).splitlines(), start=1)
        if line and not line.isspace()
    ]
    if not lines:
        raise FormatError(1, 1, "the file is empty")
    if lines[0][1].lstrip().startswith("#"):
        names, voters, title, stated, orders = _new_header(lines)
        separator = ":"
    else:
        names, voters, title, stated, orders = _old_header(lines)
        separator = ","
    kind = kind or stated
    first = {line: number for number, line in reversed(orders)}
    simple: dict[str, tuple[int, ...]] = {}
    for alternative in range(1, len(names) + 1):
        simple[f"{alternative}"] = simple[f" {alternative}"] = (alternative - 1,)
    partial = kind in ("soi", "toi")
    ballots: dict[Ranking, int] = {}
    total = 0
    # A line is read once however often it comes, and a rank; a fault is reported where it comes first.
    for line, times in Counter([line for _, line in orders]).items():
        head, _, order = line.partition(separator)
        texts = _RANK.findall(order) if "{" in order else order.split(",")
        try:
            ranking = tuple(map(simple.__getitem__, texts))
            named = tuple(chain.from_iterable(ranking))
            once = len(set(named)) == len(named) and (partial or len(named) == len(names))
            # Between ranks there is one comma and nothing else, or the line is looked at step by step.
            count = int(head) if whole(head) and len(head) < 19 and once and ",".join(texts) == order else -1
        except KeyError:
            count = -1
        if count < 0:
            ranking, count = _order(first[line], line, separator, len(names), kind)
            if len(texts) == len(ranking):
                simple.update(zip(texts, ranking, strict=True))
        ballots[ranking] = ballots.get(ranking, 0) + count * times
        total += count * times
    if voters is not None and total != voters[1]:
        raise FormatError(voters[0], 1, f"the header states {voters[1]} voters, the orders have {total}")
    return BallotFile(profile=Profile(candidates=distinct(names), ballots=ballots), title=title)


Header = tuple[Sequence[str], tuple[int, int] | None, str, str, Sequence[Line]]
"""Names, (line, number of voters), title, type, and the lines after it."""


def _new_header(lines: Sequence[Line]) -> Header:
    size: int | None = None
    voters: tuple[int, int] | None = None
    title = stated = ""
    names: dict[int, str] = {}
    named_at: dict[int, int] = {}
    end = 0
    for at, line in lines:
        if not line.startswith("#"):
            break
        end += 1
        found = _METADATA.fullmatch(line)
        if not found:
            continue
        key, value = found[1].upper(), found[2].strip()
        name = _NAME.fullmatch(key)
        if key in ("NUMBER ALTERNATIVES", "NUMBER VOTERS"):
            if not whole(value):
                raise FormatError(at, found.start(2) + 1, f"expected a whole number, not {value!r}")
            if key == "NUMBER VOTERS":
                voters = at, to_number(value, at, found.start(2) + 1)
            else:
                size = to_number(value, at, found.start(2) + 1)
        elif key == "TITLE":
            title = value
        elif key == "DATA TYPE":
            stated = value.lower()
        elif name:
            alternative = to_number(name[1], at, 1)
            if alternative in names:
                raise FormatError(at, 1, f"alternative {alternative} is named twice")
            names[alternative] = value
            named_at[alternative] = at
    last = lines[end - 1][0]
    if size is None:
        raise FormatError(last, 1, "the header does not state NUMBER ALTERNATIVES")
    if size < 1:
        raise FormatError(last, 1, "there must be at least one alternative")
    for alternative in range(1, size + 1):
        if not names.get(alternative):
            raise FormatError(last, 1, f"the header does not name alternative {alternative} of {size}")
    for alternative in names:
        if not 1 <= alternative <= size:
            raise FormatError(named_at[alternative], 1, f"alternative {alternative} is beyond {size}")
    return [names[alternative] for alternative in range(1, size + 1)], voters, title, stated, lines[end:]


def _old_header(lines: Sequence[Line]) -> Header:
    at, first = lines[0]
    size = to_number(first.strip(), at, 1) if whole(first.strip()) else 0
    if size < 1:
        raise FormatError(at, 1, "expected a header (lines with #) or the number of alternatives")
    names = []
    for alternative in range(1, size + 1):
        if alternative >= len(lines):
            raise FormatError(lines[-1][0], 1, f"the name of alternative {alternative} of {size} is missing")
        at, line = lines[alternative]
        label, comma, name = line.partition(",")
        if not comma or label.strip() != str(alternative) or not name.strip():
            raise FormatError(at, 1, f"expected “{alternative}, name”")
        names.append(name.strip())
    if size + 1 >= len(lines):
        raise FormatError(lines[-1][0], 1, "the line with the numbers of voters and orders is missing")
    at, line = lines[size + 1]
    figures = [figure.strip() for figure in line.split(",")]
    if len(figures) != 3 or not all(whole(figure) for figure in figures):
        raise FormatError(at, 1, "expected the numbers of voters, of votes and of distinct orders")
    return names, (at, to_number(figures[1], at, 1)), "", "", lines[size + 2 :]


def _order(at_line: int, line: str, separator: str, size: int, kind: str) -> tuple[Ranking, int]:
    head, found, order = line.partition(separator)
    if not found and not (separator == "," and whole(head.strip())):
        raise FormatError(at_line, 1, f"expected a number of voters, “{separator}” and their order")
    if not whole(head.strip()):
        raise FormatError(at_line, 1, f"the number of voters is a whole number, not {head.strip()!r}")
    voters = to_number(head.strip(), at_line, 1)
    start = len(head) + 1
    ranking: list[tuple[int, ...]] = []
    ranked: set[int] = set()
    at = 0
    comma = False
    while at < len(order) and (order[at:].strip() or comma):
        step = _STEP.match(order, at)
        if not step:
            raise FormatError(
                at_line, start + at + 1, "expected an alternative or tied ones in braces, after them a comma"
            )
        column = start + step.start(1 if step[1] else 2) + 1
        rank = []
        for text in [step[1]] if step[1] else step[2].split(","):
            alternative = to_number(text.strip(), at_line, column) if whole(text.strip()) else 0
            if not 1 <= alternative <= size:
                raise FormatError(at_line, column, f"expected an alternative from 1 to {size}, not {text!r}")
            if alternative in ranked:
                raise FormatError(at_line, column, f"alternative {alternative} is ranked twice")
            ranked.add(alternative)
            rank.append(alternative - 1)
            column += len(text) + 1
        if len(rank) > 1 and kind in ("soc", "soi"):
            raise FormatError(at_line, start + step.start() + 1, f"a .{kind} file has no ties")
        ranking.append(tuple(sorted(rank)))
        comma = step[3] == ","
        at = step.end()
        if comma and at >= len(order):
            raise FormatError(at_line, start + at + 1, "an alternative is missing after the comma")
    if kind in ("soc", "toc") and len(ranked) < size:
        raise FormatError(
            at_line, len(line) + 1, f"a .{kind} file ranks everyone; this order has {len(ranked)} of {size}"
        )
    return tuple(ranking), voters
