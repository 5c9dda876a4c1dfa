"""Horizontal bars: shares, ranked race, votes on people, segments side by side."""

from collections.abc import Sequence
from dataclasses import replace

from dashboard.figure_parts import (
    Field,
    Part,
    Words,
    badges,
    bars,
    fixed_axis,
    full_length,
    optical,
    pixel_axes,
    rule,
    texts,
)
from dashboard.figure_plan import COLUMN_GAP, HEADER, MARK, NOTE, Column, Plan, Row, Size, arrange, is_muted
from dashboard.figure_text import escape, label, plain, width, wrap
from dashboard.lines import Bar, Group
from dashboard.palette import Theme, quieter
from dashboard.stage_view import StageView
from dashboard.words import say

MOST_NOTES = 3
"""Of so many groups it can be said in the chart why they are not shown; of more only the table says it."""


def rows_figure(view: StageView, theme: Theme, field: Field) -> tuple[list[Part], Part]:
    """Traces and layout of everyone's result as horizontal bars."""
    is_race = view.form == "race"
    indent = MARK if is_race or view.people else 0
    # Before enough have answered every group is hidden: that is worth the room only once voting is over.
    said = hidden_groups(view) if view.phase != "open" and len(view.groups) <= MOST_NOTES else []
    plan = arrange(view.lines, field, indent=indent, is_race=is_race, below=_below_px(said))
    layout = pixel_axes(field) | {"shapes": []}
    data: list[Part] = []
    full = full_length(max(share(line, view.n) for line in view.lines), is_open=view.phase == "open")
    for number, column in enumerate(plan.columns, start=2):
        axis = f"x{number}"
        start = column.left + indent
        drawn = [row for row in column.rows if not is_muted(row.line, is_race)]
        muted = [row for row in column.rows if is_muted(row.line, is_race)]
        layout[f"xaxis{number}"] = _share_axis(
            field, start, column.right, full, [row.line.value for row in drawn], plan.size
        )
        data.append(_bars(drawn, theme, plan.size, axis, view.n))
        data.append(_values(drawn, theme, plan.size, axis, view.n))
        data.append(_labels(column.rows, start, theme, plan.size, is_race))
        data.append(_details(column.rows, start, column.right - start, theme))
        data.append(texts([_unselected(row, column, theme) for row in muted], 28, "middle left"))
        if is_race:
            data.append(
                texts([_place(row, column, theme) for row in drawn], plan.size.value, "middle center")
            )
        elif indent:
            data += _letters(column, theme)
        if column.rule_y is not None:
            layout["shapes"].append(rule(theme, column.left, column.right, column.rule_y))
    return data + _notes(view, plan, theme, field, said), layout


def beside_figure(view: StageView, theme: Theme, field: Field) -> tuple[list[Part], Part]:
    """Traces and layout of the segments' results side by side, each in its own column and colour."""
    lines = [replace(line, leader=False) for line in view.lines]
    said = hidden_groups(view)
    plan = arrange(lines, field, top=HEADER, below=_below_px(said), most=1)
    rows = plan.columns[0].rows
    layout = pixel_axes(field) | {"shapes": []}
    data = [_labels(rows, 0, theme, plan.size, False), _details(rows, 0, field.width, theme)]
    shown = [(place, group) for place, group in enumerate(view.groups) if not group.hidden]
    room = (field.width - (len(shown) - 1) * COLUMN_GAP) // len(shown)
    shares = [share(line, group.n) for _, group in shown for line in group.lines]
    values = [line.value for _, group in shown for line in group.lines]
    full = full_length(max(shares, default=0.0), is_open=view.phase == "open")
    for number, (place, group) in enumerate(shown, start=2):
        left = (number - 2) * (room + COLUMN_GAP)
        colour = theme.identities[place % len(theme.identities)]
        data += _header(group, place, left, room, colour, theme)
        layout[f"xaxis{number}"] = _share_axis(field, left, left + room, full, values, plan.size)
        of_option = {line.option: line for line in group.lines}
        own = [replace(row, line=of_option[row.line.option]) for row in rows if row.line.option in of_option]
        data.append(_bars(own, theme, plan.size, f"x{number}", group.n, colour))
        data.append(_values(own, theme, plan.size, f"x{number}", group.n))
    return data + _notes(view, plan, theme, field, said), layout


def _below_px(said: Sequence[Group]) -> int:
    """Room below the lines for what is said of groups that are not shown."""
    return NOTE * len(said) + (14 if said else 0)


def hidden_groups(view: StageView) -> list[Group]:
    """The groups whose result is not shown; their places beside the others are not left empty."""
    return [group for group in view.groups if group.hidden]


def _notes(view: StageView, plan: Plan, theme: Theme, field: Field, hidden: Sequence[Group]) -> list[Part]:
    """In words: groups that are not shown, and how many options found no room (the table has them)."""
    notes = [say(view.lang, "group_hidden", group=group.title, why=group.hidden) for group in hidden]
    if plan.more:
        notes.insert(0, say(view.lang, "more_options", n=plan.more))
    words = [
        Words(
            id=f"note{place}",
            x=0,
            y=field.height - NOTE * (len(notes) - place) + NOTE // 2,
            text=label(wrap(note, 28, field.width, lines=1)),
            colour=theme.muted,
        )
        for place, note in enumerate(notes)
    ]
    return [texts(words, 28, "middle right")]


def share(line: Bar, n: int) -> float:
    """The length of a bar: the exact share in percent. Only drawing leaves whole numbers."""
    return round(line.count * 100 / n, 4) if n else 0.0


def _share_axis(field: Field, left: int, right: int, full: float, values: Sequence[str], size: Size) -> Part:
    """From zero to where the longest bar still leaves room for the widest value behind it."""
    room = 30 + max((width(value, size.value) for value in values), default=0)
    unit = full / max(right - left - room, 40)
    return fixed_axis(0, round(unit * (right - left), 4), field.across(left, right), "y")


def _bars(rows: Sequence[Row], theme: Theme, size: Size, axis: str, n: int, colour: str = "") -> Part:
    return bars(
        ids=[row.line.option for row in rows],
        shares=[share(row.line, n) for row in rows],
        at=[row.bar_y for row in rows],
        thickness=size.bar,
        counts=[row.line.count for row in rows],
        colours=[_colour(row.line, theme, colour) for row in rows],
        x=axis,
        y="y",
    )


def _colour(line: Bar, theme: Theme, colour: str) -> str:
    """A candidate keeps one colour; otherwise there is one hue, and who leads has it in full."""
    if line.letter and not colour:
        return theme.identities[line.paper] if line.paper < len(theme.identities) else theme.hue
    colour = colour or theme.hue
    return colour if line.leader else quieter(colour, theme.ground)


def _values(rows: Sequence[Row], theme: Theme, size: Size, axis: str, n: int) -> Part:
    words = [
        Words(
            id=row.line.option,
            x=share(row.line, n),
            y=row.bar_y + optical(size.value),
            text="\u00a0" + escape(plain(row.line.value)),
            colour=theme.text if row.line.selected else theme.muted,
            weight=700 if row.line.leader else 500,
        )
        for row in rows
    ]
    return texts(words, size.value, "middle right", x=axis)


def _labels(rows: Sequence[Row], x: int, theme: Theme, size: Size, is_race: bool) -> Part:
    words = [
        Words(
            id=row.line.option,
            x=x,
            y=row.label_y,
            text=label(row.wrapped),
            colour=theme.muted if is_muted(row.line, is_race) else theme.text,
            weight=600 if row.line.leader else 400,
        )
        for row in rows
    ]
    return texts(words, size.text, "middle right")


def _details(rows: Sequence[Row], x: int, room: int, theme: Theme) -> Part:
    words = [
        Words(
            id=row.line.option,
            x=x,
            y=row.detail_y,
            text=label(wrap(row.line.detail, 28, room, lines=1)),
            colour=theme.muted,
        )
        for row in rows
        if row.line.detail
    ]
    return texts(words, 28, "middle right")


def _unselected(row: Row, column: Column, theme: Theme) -> Words:
    return Words(
        id=row.line.option,
        x=column.right,
        y=row.label_y,
        text=escape(plain(row.line.value)),
        colour=theme.muted,
    )


def _place(row: Row, column: Column, theme: Theme) -> Words:
    return Words(
        id=row.line.option,
        x=column.left + 24,
        y=row.middle_y,
        text=escape(row.line.place),
        colour=theme.text if row.line.leader else theme.muted,
        weight=700,
    )


def _letters(column: Column, theme: Theme) -> list[Part]:
    rows = [row for row in column.rows if row.line.letter]
    return badges(
        [row.line.option for row in rows],
        [column.left + 24 for _ in rows],
        [row.middle_y for row in rows],
        [row.line.letter for row in rows],
        [_colour(row.line, theme, "") for row in rows],
    )


def _header(group: Group, place: int, left: int, room: int, colour: str, theme: Theme) -> list[Part]:
    """A segment's letter on its colour, its name and N."""
    badge = badges([group.segment], [left + 24], [32], [chr(ord("A") + place)], [colour])
    title = Words(
        id=group.segment,
        x=left + 60,
        y=32,
        text=label(wrap(group.title, 28, room - 60)),
        colour=theme.text,
        weight=600,
    )
    return [*badge, texts([title], 28, "middle right")]
