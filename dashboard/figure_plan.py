"""Where the lines of a chart stand: sizes, rows and columns, in design px. Knows nothing of drawing."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.figure_parts import Field
from dashboard.figure_text import width, wrap
from dashboard.lines import Bar


@dataclass(frozen=True, slots=True)
class Size:
    """One set of sizes in px: label text, its line, bar, space below the bar, value text, space above
    the bar. A bar always stands nearer to its own label than to the next one."""

    text: int
    line: int
    bar: int
    gap: int
    value: int
    above: int = 6

    @property
    def row(self) -> int:
        """Height of the row that holds bar and value."""
        return max(self.bar, self.value + 4)


SIZES = (
    Size(40, 50, 72, 48, 48),
    Size(36, 46, 60, 36, 44),
    Size(34, 43, 48, 28, 40),
    Size(32, 40, 40, 22, 36),
    Size(30, 38, 36, 16, 32),
    Size(28, 35, 30, 12, 30),
    Size(28, 33, 24, 12, 28, above=2),
    Size(28, 32, 20, 9, 28, above=0),
)
"""From roomy to tight; the first that fits is taken. No text is under 28 px."""

COLUMN_GAP = 56
HEADER = 84
RULE = 34
NOTE = 40
"""Height of a line below the chart."""
DETAIL = 38
"""Height of the line that says more about an option, such as where a finalist comes from."""
MARK = 76
"""Room in px for a place or a letter in front of a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line and where it stands: centres of label, detail, bar and all of it, in px from the top."""

    line: Bar
    wrapped: list[str]
    label_y: int
    detail_y: int
    bar_y: int
    middle_y: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """Lines below each other between `left` and `right`; `rule_y` is above what nobody selected."""

    left: int
    right: int
    rows: list[Row]
    rule_y: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Where everything stands; `more` counts the options that found no room."""

    size: Size
    columns: list[Column]
    more: int = 0


def arrange(
    lines: Sequence[Bar],
    field: Field,
    *,
    indent: int = 0,
    is_race: bool = False,
    top: int = 0,
    below: int = 0,
    most: int = 3,
) -> Plan:
    """The roomiest sizes in the fewest columns (up to `most`) in which every line finds its place.

    When nothing fits, the tightest arrangement of those chosen most, in the order in which they came.
    """

    def plan(shown: Sequence[Bar], count: int, size: Size, height: int) -> Plan:
        room = (field.width - (count - 1) * COLUMN_GAP) // count
        each = -(-len(shown) // count)
        columns = [
            _column(
                shown[at * each : (at + 1) * each],
                at * (room + COLUMN_GAP),
                room,
                indent,
                is_race,
                size,
                top,
                height,
            )
            for at in range(count)
        ]
        placed = sum(len(column.rows) for column in columns)
        return Plan(size=size, columns=columns, more=len(lines) - placed)

    height = field.height - below
    tries = (plan(lines, count, size, height) for count in range(1, most + 1) for size in SIZES)
    found = next((found for found in tries if not found.more), None)
    if found is not None:
        return found
    fits, tightest = 0, plan((), most, SIZES[-1], height - NOTE)
    too_many = len(lines)
    while too_many - fits > 1:
        kept = (fits + too_many) // 2
        tried = plan(_most_chosen(lines, kept), most, SIZES[-1], height - NOTE)
        if tried.more == len(lines) - kept:
            fits, tightest = kept, tried
        else:
            too_many = kept
    return tightest


def _most_chosen(lines: Sequence[Bar], kept: int) -> list[Bar]:
    """The `kept` lines with the highest counts, as they stand; of equal ones those that come first."""
    lengths = [line.count if line.reach is None else line.reach for line in lines]
    ranked = sorted(range(len(lines)), key=lambda at: (-lengths[at], at))
    return [lines[at] for at in sorted(ranked[:kept])]


def _column(
    lines: Sequence[Bar], left: int, room: int, indent: int, is_race: bool, size: Size, top: int, bottom: int
) -> Column:
    muted = [is_muted(line, is_race) for line in lines]
    wrapped = [
        wrap(line.label, size.text, room - indent - (width(line.value, 28) + 24 if silent else 0))
        for line, silent in zip(lines, muted, strict=True)
    ]
    heights = [
        len(text) * size.line + (DETAIL if line.detail else 0) + (0 if silent else size.above + size.row)
        for line, text, silent in zip(lines, wrapped, muted, strict=True)
    ]
    ruled = any(muted) and not all(muted)
    gaps = max(len(lines) - 1, 1)
    spare = bottom - top - sum(heights) - gaps * size.gap - (RULE if ruled else 0)
    gap = size.gap + max(0, min(spare // gaps, size.gap))
    rows: list[Row] = []
    rule_y, y = None, top
    for line, text, height, silent in zip(lines, wrapped, heights, muted, strict=True):
        if ruled and rule_y is None and silent:
            rule_y = y - gap + (gap + RULE) // 2
            y += RULE
        if y + height > bottom:
            break
        under_label = y + len(text) * size.line
        under_text = under_label + (DETAIL if line.detail else 0)
        rows.append(
            Row(
                line=line,
                wrapped=text,
                label_y=(y + under_label) // 2,
                detail_y=(under_label + under_text) // 2,
                bar_y=under_text + size.above + size.row // 2,
                middle_y=y + height // 2,
            )
        )
        y += height + gap
    return Column(left=left, right=left + room, rows=rows, rule_y=rule_y)


def is_muted(line: Bar, is_race: bool) -> bool:
    """Whether the line is said in words instead of drawn: a race's options that nobody selected."""
    return is_race and not line.selected
