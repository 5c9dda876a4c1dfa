"""The same ballots by other rules: one column for each rule, with its own order of the options.

When names are too long for every column they stand once, beside a table (dashboard.figure_matrix). Who
leads by the poll's own rule has the one full colour in every column, so that the eye follows it.
"""

from collections.abc import Sequence

from dashboard.compare import RuleColumn, RuleLine
from dashboard.figure_matrix import is_cut, matrix_figure
from dashboard.figure_parts import Field, Part, Words, bars, fixed_axis, pixel_axes, texts
from dashboard.figure_plan import NOTE
from dashboard.figure_text import escape, label, plain, width, wrap
from dashboard.palette import Theme, quieter
from dashboard.stage_view import StageView
from dashboard.words import say

HEADER = 92
SMALL = 28
LINE = 34
COLUMN_GAP = 40
PLACE = 36
"""Room in px for a place in front of its option."""
LOW_ROW, HIGH_ROW = 54, 104
BAR = 10


def compare_figure(view: StageView, theme: Theme, field: Field) -> tuple[list[Part], Part]:
    """Traces and layout of the columns, one for each rule."""
    columns = view.columns
    rows = len(columns[0].lines)
    fits = (field.height - HEADER) // LOW_ROW
    shown = rows if rows <= fits else max((field.height - HEADER - NOTE) // LOW_ROW, 1)
    height = field.height - HEADER - (NOTE if shown < rows else 0)
    row = min(HIGH_ROW, height // shown)
    room = (field.width - (len(columns) - 1) * COLUMN_GAP) // len(columns)
    if any(
        is_cut(line.label, SMALL, most, many)
        for column in columns
        for many, free in [_label_room(column.lines, room, row)]
        for line, most in zip(column.lines, free, strict=True)
    ):
        return matrix_figure(view, theme, field)
    layout = pixel_axes(field) | {"shapes": []}
    data: list[Part] = []
    for number, column in enumerate(columns, start=2):
        left = (number - 2) * (room + COLUMN_GAP)
        axis = f"x{number}"
        lines = column.lines[:shown]
        layout[f"xaxis{number}"] = fixed_axis(
            0, _longest(lines), field.across(left + PLACE, left + room), "y"
        )
        data += _header(column, left, room, theme)
        data += _rows(lines, left, room, row, theme, axis)
    if shown < rows:
        note = Words(
            id="note0",
            x=0,
            y=field.height - NOTE // 2,
            text=escape(say(view.lang, "more_options", n=rows - shown)),
            colour=theme.muted,
        )
        data.append(texts([note], SMALL, "middle right"))
    return data, layout


def _longest(lines: Sequence[RuleLine]) -> float:
    return max((line.reach / 100 for line in lines), default=0.0) or 100.0


def _header(column: RuleColumn, left: int, room: int, theme: Theme) -> list[Part]:
    title = Words(
        id=column.method,
        x=left,
        y=22,
        text=label(wrap(column.title, 32, room, lines=1)),
        colour=theme.text,
        weight=700,
    )
    note = Words(
        id=f"{column.method}-note",
        x=left,
        y=60,
        text=label(wrap(column.note, SMALL, room, lines=1)),
        colour=theme.muted,
    )
    return [texts([title], 32, "middle right"), texts([note], SMALL, "middle right")]


def _label_room(lines: Sequence[RuleLine], room: int, row: int) -> tuple[int, list[int]]:
    """In how many lines labels are set, and the px that each has beside its value."""
    free = [room - PLACE - width(line.value, SMALL) - 20 for line in lines]
    is_long = any(width(plain(line.label), SMALL) > most for line, most in zip(lines, free, strict=True))
    return 2 if is_long and row >= 2 * LINE + BAR + 20 else 1, free


def _rows(lines: Sequence[RuleLine], left: int, room: int, row: int, theme: Theme, axis: str) -> list[Part]:
    many, free = _label_room(lines, room, row)
    high = many * LINE
    tops = [HEADER + at * row for at in range(len(lines))]
    labels, places, values = [], [], []
    for line, top, most in zip(lines, tops, free, strict=True):
        y = top + high // 2
        weight = 700 if line.leader else 400
        colour = theme.text if line.place else theme.muted
        text = label(wrap(line.label, SMALL, most, lines=many))
        labels.append(Words(id=line.option, x=left + PLACE, y=y, text=text, colour=colour, weight=weight))
        places.append(
            Words(
                id=line.option,
                x=left,
                y=y,
                text=escape(line.place),
                colour=theme.text if line.leader else theme.muted,
                weight=700,
            )
        )
        value = escape(plain(line.value))
        values.append(Words(id=line.option, x=left + room, y=y, text=value, colour=colour, weight=weight))
    drawn = [(line, top) for line, top in zip(lines, tops, strict=True) if line.place]
    return [
        bars(
            ids=[line.option for line, _ in drawn],
            shares=[line.reach / 100 for line, _ in drawn],
            at=[top + high + BAR // 2 + 2 for _, top in drawn],
            thickness=BAR,
            counts=[line.reach for line, _ in drawn],
            colours=[theme.hue if line.is_own else quieter(theme.muted, theme.ground) for line, _ in drawn],
            x=axis,
            y="y",
        ),
        texts(labels, SMALL, "middle right"),
        texts(places, SMALL, "middle right"),
        texts(values, SMALL, "middle left"),
    ]
