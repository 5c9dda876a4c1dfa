"""The same ballots by other rules, as a table: each option once and in full, each rule a column beside it.

Drawn instead of columns with an order of their own when names are too long to stand in every column.
"""

from dataclasses import dataclass

from dashboard.compare import RuleColumn, RuleLine
from dashboard.figure_parts import Field, Part, Words, bars, fixed_axis, pixel_axes, rule, texts
from dashboard.figure_plan import NOTE
from dashboard.figure_text import escape, label, plain, width, wrap
from dashboard.palette import Theme, quieter
from dashboard.stage_view import StageView
from dashboard.words import say

SMALL, TITLE = 28, 28
LINE = 32
HEADER = 2 * LINE + 16
LOW_ROW, AIRY_ROW, HIGH_ROW = 50, 80, 104
GAP = 36
BAR = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class _Room:
    """Where the table stands, in px: `names` is the width of the options' column, `column` that of a rule."""

    names: int
    column: int
    row: int

    def left(self, number: int) -> int:
        return self.names + GAP + number * (self.column + GAP)


def matrix_figure(view: StageView, theme: Theme, field: Field) -> tuple[list[Part], Part]:
    """Traces and layout of the table."""
    columns = view.columns
    order = [line.option for line in view.lines]
    fits = (field.height - HEADER) // LOW_ROW
    shown = len(order) if len(order) <= fits else max((field.height - HEADER - NOTE) // LOW_ROW, 1)
    height = field.height - HEADER - (NOTE if shown < len(order) else 0)
    names = field.width // 2
    column = (field.width - names - len(columns) * GAP) // len(columns)
    room = _Room(names=names, column=column, row=min(HIGH_ROW, height // shown))
    start = 0 if room.row >= AIRY_ROW else room.left(0)  # a line must not run through names of two lines
    between = [rule(theme, start, field.width, HEADER + at * room.row) for at in range(shown)]
    layout = pixel_axes(field) | {"shapes": between}
    by_option = [{line.option: line for line in column.lines} for column in columns]
    first = [by_option[0][option] for option in order[:shown]]
    data = [texts(_names(first, room, theme), SMALL, "middle right")]
    for number, (by_rule, lines) in enumerate(zip(columns, by_option, strict=True)):
        left, axis = room.left(number), f"x{number + 2}"
        cells = [lines[option] for option in order[:shown]]
        longest = max((line.reach / 100 for line in cells), default=0.0) or 100.0
        layout[f"xaxis{number + 2}"] = fixed_axis(0, longest, field.across(left, left + room.column), "y")
        data += [_header(by_rule, left, room, theme), *_cells(cells, left, room, theme, axis)]
    if shown < len(order):
        text = escape(say(view.lang, "more_options", n=len(order) - shown))
        note = Words(id="note0", x=0, y=field.height - NOTE // 2, text=text, colour=theme.muted)
        data.append(texts([note], SMALL, "middle right"))
    return data, layout


def _header(column: RuleColumn, left: int, room: _Room, theme: Theme) -> Part:
    lines = wrap(column.title, TITLE, room.column)
    words = Words(id=column.method, x=left, y=LINE, text=label(lines), colour=theme.text, weight=700)
    return texts([words], TITLE, "middle right")


def _names(lines: list[RuleLine], room: _Room, theme: Theme) -> list[Words]:
    many = 2 if room.row >= 2 * LINE else 1
    return [
        Words(
            id=line.option,
            x=0,
            y=HEADER + at * room.row + room.row // 2,
            text=label(wrap(line.label, SMALL, room.names, lines=many)),
            colour=theme.text if line.place else theme.muted,
            weight=700 if line.is_own else 400,
        )
        for at, line in enumerate(lines)
    ]


def _cells(lines: list[RuleLine], left: int, room: _Room, theme: Theme, axis: str) -> list[Part]:
    high = SMALL + 8
    top = (room.row - high - BAR) // 2
    places, values = [], []
    for at, line in enumerate(lines):
        y = HEADER + at * room.row + top + high // 2
        weight = 700 if line.leader else 400
        colour = theme.text if line.leader else theme.muted
        places.append(
            Words(id=line.option, x=left, y=y, text=escape(line.place), colour=colour, weight=weight)
        )
        text = wrap(plain(line.value), SMALL, room.column, lines=1)
        colour = theme.text if line.place else theme.muted
        values.append(
            Words(id=line.option, x=left + room.column, y=y, text=label(text), colour=colour, weight=weight)
        )
    drawn = [(at, line) for at, line in enumerate(lines) if line.place]
    return [
        bars(
            ids=[line.option for _, line in drawn],
            shares=[line.reach / 100 for _, line in drawn],
            at=[HEADER + at * room.row + top + high + BAR // 2 for at, _ in drawn],
            thickness=BAR,
            counts=[line.reach for _, line in drawn],
            colours=[theme.hue if line.is_own else quieter(theme.muted, theme.ground) for _, line in drawn],
            x=axis,
            y="y",
        ),
        texts(places, SMALL, "middle right"),
        texts(values, SMALL, "middle left"),
    ]


def is_cut(text: str, size: int, room: int, lines: int) -> bool:
    """Whether `text` does not fit into so many lines of `room` px."""
    wrapped = wrap(text, size, room, lines)
    return "".join("".join(wrapped).split()) != "".join(plain(text).split()) or any(
        width(line, size) > room for line in wrapped
    )
