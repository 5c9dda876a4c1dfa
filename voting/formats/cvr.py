"""CVR in CSV: cast vote records, one ballot a row, one column for each rank, in RCTab's manner.

    Ballot ID,Precinct,rank1,rank2,rank3
    17,P-2,Ada,,Bert
    18,P-2,overvote,Carla,skipped
    19,P-3,Ada|Bert,Carla,

The first row is the header. A column is a rank when its name says which: "rank1", "Rank 2", "choice_3",
"1st choice", "Mayor 2nd Choice Ward 3", "Choice 1 of 15 Mayor", "preference 1", or a bare number; the
ranks are read in their order whatever the order of the columns, and a number left out is a rank nobody
could mark. A column called "count", "weight", "votes" or "quantity" holds the number of such ballots. All
other columns (ids, precincts) are left alone.

When the header has no comma, semicolons or tabs part the cells. Ranks may be counted from 0 or from 1.

An empty cell is a skipped rank, and so are "skipped", "undervote" and "under". "overvote" and "over"
are a rank marked for several candidates that the file does not name; "Ada|Bert" or "Ada//Bert" names them
("overvote_delimiter" sets another text between them). Case does not matter in these words. Every other
text is a candidate, white space around it aside; the candidates are those that any ballot names, in the
order of their first mention, so a candidate without a single mark is unknown to the file.

Sources: RCTab's configuration parameters (overvoteLabel, undervoteLabel, overvoteDelimiter),
https://github.com/BrightSpots/rcv; the rank columns of RCV Cruncher, https://github.com/fairvotereform.
"""

import csv
import re
from collections.abc import Sequence

from voting.formats.parts import BallotFile, FormatError, to_number, whole, without_mark
from voting.rankings import OVERVOTE, Profile, Ranking

SKIPPED = {"", "skipped", "undervote", "under"}
UNKNOWN_OVERVOTE = {"overvote", "over"}
COUNTS = {"count", "weight", "votes", "quantity"}
DELIMITERS = ("//", "|")
HIGHEST = 10_000
"""The highest rank a column may name: ranks that no column names are held too, as skipped ones."""

_RANK = (
    re.compile(r"([0-9]+)"),
    re.compile(r".*?(?<![a-z])(?:rank|choice|preference|pref)[ _.-]*([0-9]+)(?![0-9]).*"),
    re.compile(r".*?(?<![0-9])([0-9]+)(?:st|nd|rd|th)[ _.-]*(?:rank|choice|preference|pref)(?![a-z]).*"),
)


def read_cvr(text: str, overvote_delimiter: str | None = None) -> BallotFile:
    """The election of a CVR file. Raises FormatError with line, column and reason.

    `line` and `column` count rows of the text and cells of the row. A blank row is no ballot; a ballot
    with nothing marked has at least its separators.
    """
    delimiters = DELIMITERS if overvote_delimiter is None else (overvote_delimiter,)
    lines = without_mark(text).splitlines(keepends=True)
    rows = csv.reader(lines, strict=True, delimiter=_separator(lines[0] if lines else ""))
    try:
        header = next(rows, None)
        if header is None:
            raise FormatError(1, 1, "the file is empty; the first row names the columns")
        ranks, weights = _columns(header)
        position: dict[str, int] = {}
        ballots: dict[Ranking, int] = {}
        cells: dict[str, tuple[int, ...]] = {}
        for row in rows:
            if not row:
                continue
            if len(row) != len(header):
                raise FormatError(
                    rows.line_num, len(row), f"the row has {len(row)} cells, the header {len(header)}"
                )
            marked = tuple([row[column] if column >= 0 else "" for column in ranks])
            try:
                ranking = tuple(map(cells.__getitem__, marked))
            except KeyError:
                for cell in marked:
                    if cell not in cells:
                        cells[cell] = _cell(cell.strip(), position, delimiters)
                ranking = tuple(map(cells.__getitem__, marked))
            if not ranking[-1]:
                ranking = _without_end(ranking)
            count = 1
            if weights >= 0:
                if not whole(row[weights].strip()):
                    raise FormatError(
                        rows.line_num, weights + 1, f"expected a number of ballots, not {row[weights]!r}"
                    )
                count = to_number(row[weights].strip(), rows.line_num, weights + 1)
            ballots[ranking] = ballots.get(ranking, 0) + count
    except csv.Error as error:
        raise FormatError(rows.line_num, 1, f"not readable as CSV: {error}") from None
    return BallotFile(profile=Profile(candidates=tuple(position), ballots=ballots))


def _separator(header: str) -> str:
    """What stands between cells: a comma, or what some spreadsheets write when the header has no comma."""
    return next((mark for mark in (",", ";", "\t") if mark in header), ",")


def _columns(header: Sequence[str]) -> tuple[list[int], int]:
    """The column of each rank (-1 where there is none), and that of the number of ballots (-1: none)."""
    found: dict[int, int] = {}
    weights = -1
    for column, title in enumerate(header):
        name = title.strip().lower()
        if name in COUNTS:
            if weights >= 0:
                raise FormatError(1, column + 1, "two columns hold numbers of ballots")
            weights = column
            continue
        match = next((match for form in _RANK if (match := form.fullmatch(name))), None)
        if match is None:
            continue
        rank = to_number(match[1], 1, column + 1)
        if rank > HIGHEST:
            raise FormatError(1, column + 1, f"rank {rank} is beyond {HIGHEST}")
        if rank in found:
            raise FormatError(1, column + 1, f"two columns hold rank {rank}: one file has one contest")
        found[rank] = column
    if not found:
        raise FormatError(1, 1, "no column is a rank; call them rank1, rank2 … or 1st choice, 2nd choice …")
    return [found.get(rank, -1) for rank in range(min(found), max(found) + 1)], weights


def _without_end(ranking: Ranking) -> Ranking:
    """The ranking without the skipped ranks at its end."""
    marked = len(ranking)
    while marked and not ranking[marked - 1]:
        marked -= 1
    return ranking[:marked]


def _cell(cell: str, position: dict[str, int], delimiters: Sequence[str]) -> tuple[int, ...]:
    if cell.lower() in SKIPPED:
        return ()
    if cell.lower() in UNKNOWN_OVERVOTE:
        return OVERVOTE
    parts = [cell]
    for delimiter in delimiters:
        parts = [piece for part in parts for piece in part.split(delimiter)]
    names = {part.strip() for part in parts} - {""}
    if not names:
        return ()
    return tuple(sorted({position.setdefault(name, len(position)) for name in sorted(names)}))
