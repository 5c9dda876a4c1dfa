"""BLT, the ballot file of OpaVote, OpenSTV and most programs for the single transferable vote.

    4 2                 # four candidates, two seats
    -2                  # candidate 2 has withdrawn
    3 1 3 4 0           # weight 3: candidate 1 first, then 3, then 4
    1 2=3 - 4 0         # 2 and 3 tied, a skipped rank, then 4
    1 0                 # an empty ballot
    0                   # end of ballots
    "Adam"
    "Basil"
    "Charlotte"
    "Donald"
    "Title"             # optional

Blank lines, further white space and comments (from # to the end of the line) are nothing. Each ballot
has a line of its own and ends with 0. An id in brackets before a ballot is allowed. A name is in straight
double quotes, or stands alone in its line; of several quoted texts in one line (name and party) the first
is the name. A candidate named twice on a ballot keeps the better rank, unless the rules say otherwise.
Weights are whole numbers.

Sources: Hill, Wichmann and Woodall, Algorithm 123, Computer Journal 30 (1987);
https://www.opavote.com/help/overview#blt-file-format; OpenSTV's BLT loader.
"""

import re
from collections import Counter
from collections.abc import Iterator

from voting.formats.parts import BallotFile, FormatError, distinct, to_number, whole, without_mark
from voting.rankings import Profile, Ranking

_TOKEN = re.compile(r'"([^"]*)"|\([^)]*\)|[^\s"]+')
_SEVERAL = re.compile(r'"([^"]*)"(?:\s+"[^"]*")+')
_WITHDRAWN = re.compile(r"-[0-9]+")

Line = tuple[int, str]
"""A line's number and its text, without comments; never blank."""


def read_blt(text: str) -> BallotFile:
    """The election of a BLT file. Raises FormatError with line, column and reason."""
    lines = list(_lines(without_mark(text)))
    if not lines:
        raise FormatError(
            1, 1, "the file is empty; a BLT file begins with the numbers of candidates and seats"
        )
    size, seats, rest = _first_line(lines)
    withdrawn: set[int] = set()
    while rest and _WITHDRAWN.match(rest[0][1].split()[0]):
        withdrawn |= _withdrawn(rest[0], size)
        rest = rest[1:]
    ballots, end = _ballots(rest, size)
    names, title = _names(rest[end:], size, rest[end - 1][0] if end else lines[-1][0])
    everyone = Profile(candidates=names, ballots=ballots)
    gone = tuple(name for number, name in enumerate(names) if number in withdrawn)
    return BallotFile(profile=everyone.without(gone), title=title, seats=seats, withdrawn=gone)


def _lines(text: str) -> Iterator[Line]:
    for number, line in enumerate(text.splitlines(), start=1):
        if "#" in line:
            line = _without_comment(line)
        if line and not line.isspace():
            yield number, line


def _without_comment(line: str) -> str:
    """The line up to the first # outside quotes."""
    quoted = False
    for at, character in enumerate(line):
        if character == '"':
            quoted = not quoted
        elif character == "#" and not quoted:
            return line[:at]
    return line


def _first_line(lines: list[Line]) -> tuple[int, int, list[Line]]:
    at, line = lines[0]
    tokens = list(re.finditer(r"\S+", line))
    if len(tokens) < 2 or not all(whole(token[0]) for token in tokens[:2]):
        raise FormatError(at, tokens[0].start() + 1, "expected the numbers of candidates and seats")
    size, seats = (to_number(token[0], at, token.start() + 1) for token in tokens[:2])
    if size < 1:
        raise FormatError(at, tokens[0].start() + 1, "there must be at least one candidate")
    if seats < 1:
        raise FormatError(at, tokens[1].start() + 1, "there must be at least one seat")
    rest = lines[1:]
    if len(tokens) > 2:
        raise FormatError(at, tokens[2].start() + 1, "nothing may follow the number of seats")
    return size, seats, rest


def _withdrawn(line: Line, size: int) -> set[int]:
    at, text = line
    gone = set()
    for token in re.finditer(r"\S+", text):
        column = token.start() + 1
        candidate = to_number(token[0][1:], at, column) if _WITHDRAWN.fullmatch(token[0]) else 0
        if not 1 <= candidate <= size:
            raise FormatError(
                at, column, f"expected a withdrawn candidate from -1 to -{size}, not {token[0]!r}"
            )
        gone.add(candidate - 1)
    return gone


def _ballots(lines: list[Line], size: int) -> tuple[dict[Ranking, int], int]:
    """The ballots, and how many of the lines they took with the end marker."""
    end = next((at for at, (_, line) in enumerate(lines) if line.strip() == "0"), len(lines))
    first = {line: number for number, line in reversed(lines[:end])}
    # Each name takes a line: a size beyond them is an error further on, and no reason to fill memory.
    numbers = range(min(size, len(lines)))
    simple: dict[str, tuple[int, ...]] = {str(candidate + 1): (candidate,) for candidate in numbers}
    simple["-"] = ()
    ballots: dict[Ranking, int] = {}
    # A line is read once however often it comes, and a tied rank; a fault is reported where it comes first.
    for line, times in Counter([line for _, line in lines[:end]]).items():
        tokens = line.split()
        try:
            found = tuple(map(simple.__getitem__, tokens[1:-1]))
            count = int(tokens[0]) if tokens[-1] == "0" and whole(tokens[0]) and len(tokens[0]) < 19 else 0
        except KeyError:
            count = 0
        if not count:
            found, count = _ballot(first[line], line, size)
            if len(tokens) == len(found) + 2:  # no id among them
                simple.update(zip(tokens[1:-1], found, strict=True))
        ballots[found] = ballots.get(found, 0) + count * times
    if end == len(lines):
        number, line = lines[-1] if lines else (1, "")
        raise FormatError(
            number, len(line) + 1, "the ballots do not end: the line with a single 0 is missing"
        )
    return ballots, end + 1


def _ballot(at: int, line: str, size: int) -> tuple[Ranking, int]:
    tokens = [token for token in _TOKEN.finditer(line) if not token[0].startswith("(")]
    if not tokens or not whole(tokens[0][0]):
        column = tokens[0].start() + 1 if tokens else 1
        if tokens and tokens[0][0].startswith('"'):
            raise FormatError(at, column, "a name before the line with a single 0 that ends the ballots")
        raise FormatError(at, column, "a ballot begins with its weight, a whole number")
    weight = to_number(tokens[0][0], at, tokens[0].start() + 1)
    if weight < 1:
        raise FormatError(at, tokens[0].start() + 1, "the weight of a ballot is at least 1")
    if len(tokens) < 2 or tokens[-1][0] != "0":
        raise FormatError(at, len(line.rstrip()) + 1, "the ballot does not end with 0")
    ranking = []
    for token in tokens[1:-1]:
        if token[0] == "0":
            reason = "a 0 ends the ballot and its line; each ballot has a line of its own"
            raise FormatError(at, token.start() + 1, reason)
        ranking.append(() if token[0] == "-" else _rank(at, token, size))
    return tuple(ranking), weight


def _rank(at: int, token: re.Match[str], size: int) -> tuple[int, ...]:
    tied: list[int] = []
    column = token.start() + 1
    for text in token[0].split("="):
        candidate = to_number(text, at, column) if whole(text) else 0
        if not 1 <= candidate <= size:
            raise FormatError(at, column, f"expected a candidate from 1 to {size}, not {text!r}")
        if candidate - 1 not in tied:
            tied.append(candidate - 1)
        column += len(text) + 1
    return tuple(sorted(tied))


def _names(lines: list[Line], size: int, after: int) -> tuple[tuple[str, ...], str]:
    texts: list[str] = []
    for number, line in lines:
        texts.append(_name(number, line))
    if len(texts) > size + 1:
        more = f"there are more names than {size} candidates and a title"
        raise FormatError(lines[size + 1][0], 1, more)
    if len(texts) < size:
        missing = f"expected the names of {size} candidates, there are {len(texts)}"
        raise FormatError(lines[-1][0] if lines else after, 1, missing)
    return distinct(texts[:size]), texts[size] if len(texts) > size else ""


def _name(number: int, line: str) -> str:
    stripped = line.strip()
    column = len(line) - len(line.lstrip()) + 1
    if not stripped.startswith('"'):
        return stripped
    if len(stripped) < 2 or not stripped.endswith('"'):
        raise FormatError(number, column, "the quotes around the name do not close at the end of the line")
    several = _SEVERAL.fullmatch(stripped)
    name = (several[1] if several else stripped[1:-1]).strip()
    if not name:
        raise FormatError(number, column, "the name is empty")
    return name
