"""Groups beside each other on one scale: two as mirrored bars, three or four as columns.

A group is told by its letter, its colour and its place; its name and N stand in its header.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dashboard.figure_parts import Field, Part, Words, badges, full_length, pixel_axes, texts
from dashboard.figure_plan import COLUMN_GAP, HEADER, Plan, Row, arrange
from dashboard.figure_rows import (
    below_px,
    hidden_groups,
    line_bars,
    line_details,
    line_labels,
    line_values,
    notes,
    share,
    share_axis,
)
from dashboard.figure_text import label, wrap
from dashboard.lines import Group
from dashboard.palette import Theme
from dashboard.stage_view import StageView

SPINE = 6
"""Px between the two sides of mirrored bars."""
BADGE = 60
"""Room in px for a group's letter and the gap beside it."""
LOW_HEADER = 64
"""Height in px of the headers when every name has one line, else HEADER."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """Where one group's bars stand; with `is_mirrored` they grow from `right` to the left."""

    group: Group
    letter: str
    colour: str
    left: int
    right: int
    is_mirrored: bool = False

    @property
    def title(self) -> list[str]:
        """The group's name and N in lines that have room beside its letter."""
        return wrap(self.group.title, 28, self.right - self.left - BADGE)


def beside_figure(view: StageView, theme: Theme, field: Field) -> tuple[list[Part], Part]:
    """Traces and layout of the groups that may be shown; of the others it is said why they are not."""
    lines = [replace(line, leader=False) for line in view.lines]
    said = hidden_groups(view)
    sides = _sides(view, theme, field)
    header = HEADER if any(len(side.title) > 1 for side in sides) else LOW_HEADER
    plan = arrange(lines, field, top=header, below=below_px(said), most=1)
    rows = plan.columns[0].rows
    is_mirrored = sides[0].is_mirrored
    start, position = (field.width // 2, "middle center") if is_mirrored else (0, "middle right")
    layout = pixel_axes(field) | {"shapes": []}
    data = [
        line_labels(rows, start, theme, plan.size, position=position),
        line_details(rows, start, field.width, theme, position=position),
    ]
    shares = [share(line, side.group.n) for side in sides for line in side.group.lines]
    full = full_length(max(shares, default=0.0), is_open=view.phase == "open")
    values = [line.value for side in sides for line in side.group.lines]
    for number, side in enumerate(sides, start=2):
        axis = share_axis(field, side.left, side.right, full, values, plan.size)
        if side.is_mirrored:
            axis["range"].reverse()
        layout[f"xaxis{number}"] = axis
        data += [*_header(side, theme, header), *_side(side, rows, plan, theme, f"x{number}")]
    return data + notes(view, plan, theme, field, said), layout


def _sides(view: StageView, theme: Theme, field: Field) -> list[Side]:
    """A group keeps its letter and colour whichever others are shown."""
    shown = [(place, group) for place, group in enumerate(view.groups) if not group.hidden]
    gap = SPINE if len(shown) == 2 else COLUMN_GAP
    room = (field.width - (len(shown) - 1) * gap) // len(shown)
    return [
        Side(
            group=group,
            letter=chr(ord("A") + place),
            colour=theme.identities[place % len(theme.identities)],
            left=at * (room + gap),
            right=at * (room + gap) + room,
            is_mirrored=at == 0 and len(shown) == 2,
        )
        for at, (place, group) in enumerate(shown)
    ]


def _side(side: Side, rows: Sequence[Row], plan: Plan, theme: Theme, axis: str) -> list[Part]:
    of_option = {line.option: line for line in side.group.lines}
    own = [replace(row, line=of_option[row.line.option]) for row in rows if row.line.option in of_option]
    return [
        line_bars(own, theme, plan.size, axis, side.group.n, side.colour),
        line_values(own, theme, plan.size, axis, side.group.n, is_mirrored=side.is_mirrored),
    ]


def _header(side: Side, theme: Theme, height: int) -> list[Part]:
    """The group's letter on its colour, its name and N, where its bars begin."""
    outward = -1 if side.is_mirrored else 1
    start = side.right if side.is_mirrored else side.left
    id = f"group-{side.letter}"
    middle = (height - 12) // 2
    title = Words(
        id=id,
        x=start + outward * BADGE,
        y=middle,
        text=label(side.title),
        colour=theme.text,
        weight=600,
    )
    return [
        *badges([id], [start + outward * 24], [middle], [side.letter], [side.colour]),
        texts([title], 28, "middle left" if side.is_mirrored else "middle right"),
    ]
