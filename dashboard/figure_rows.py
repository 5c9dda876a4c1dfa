"""Horizontal bars of everyone's result: shares, ranked race, votes on people."""

from collections.abc import Sequence

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
from dashboard.figure_plan import MARK, NOTE, Column, Plan, Row, Size, arrange, is_muted
from dashboard.figure_text import escape, label, plain, width, wrap
from dashboard.lines import Bar, Group
from dashboard.palette import Theme, quieter
from dashboard.stage_view import StageView
from dashboard.words import say


def rows_figure(view: StageView, theme: Theme, field: Field) -> tuple[list[Part], Part]:
    """Traces and layout of everyone's result as horizontal bars."""
    is_race = view.form == "race"
    indent = MARK if is_race or view.people else 0
    # Groups were asked for, and all of them are hidden: this is why everyone stands in their place.
    said = hidden_groups(view) if view.beside else []
    plan = arrange(view.lines, field, indent=indent, is_race=is_race, below=below_px(said))
    layout = pixel_axes(field) | {"shapes": []}
    data: list[Part] = []
    full = full_length(max(share(line, view.n) for line in view.lines), is_open=view.phase == "open")
    for number, column in enumerate(plan.columns, start=2):
        axis = f"x{number}"
        start = column.left + indent
        drawn = [row for row in column.rows if not is_muted(row.line, is_race)]
        muted = [row for row in column.rows if is_muted(row.line, is_race)]
        layout[f"xaxis{number}"] = share_axis(
            field, start, column.right, full, [row.line.value for row in drawn], plan.size
        )
        data.append(line_bars(drawn, theme, plan.size, axis, view.n))
        data.append(line_values(drawn, theme, plan.size, axis, view.n))
        data.append(line_labels(column.rows, start, theme, plan.size, is_race=is_race))
        data.append(line_details(column.rows, start, column.right - start, theme))
        data.append(texts([_unselected(row, column, theme) for row in muted], 28, "middle left"))
        if is_race:
            data.append(
                texts([_place(row, column, theme) for row in drawn], plan.size.value, "middle center")
            )
        elif indent:
            data += _letters(column, theme)
        if column.rule_y is not None:
            layout["shapes"].append(rule(theme, column.left, column.right, column.rule_y))
    return data + notes(view, plan, theme, field, said), layout


def below_px(said: Sequence[Group]) -> int:
    """Room below the lines for what is said of groups that are not shown."""
    return NOTE * len(said) + (14 if said else 0)


def hidden_groups(view: StageView) -> list[Group]:
    """The groups whose result is not shown; their places beside the others are not left empty."""
    return [group for group in view.groups if group.hidden]


def notes(view: StageView, plan: Plan, theme: Theme, field: Field, hidden: Sequence[Group]) -> list[Part]:
    """In words: groups that are not shown, and how many options found no room (the table has them)."""
    said = [say(view.lang, "group_hidden", group=group.title, why=group.hidden) for group in hidden]
    if plan.more:
        said.insert(0, say(view.lang, "more_options", n=plan.more))
    words = [
        Words(
            id=f"note{place}",
            x=0,
            y=field.height - NOTE * (len(said) - place) + NOTE // 2,
            text=label(wrap(note, 28, field.width, lines=1)),
            colour=theme.muted,
        )
        for place, note in enumerate(said)
    ]
    return [texts(words, 28, "middle right")]


def share(line: Bar, n: int) -> float:
    """The length of a bar: the exact share in percent. Only drawing leaves whole numbers."""
    if line.reach is not None:
        return line.reach / 100
    return round(line.count * 100 / n, 4) if n else 0.0


def share_axis(field: Field, left: int, right: int, full: float, values: Sequence[str], size: Size) -> Part:
    """From zero to where the longest bar still leaves room for the widest value behind it."""
    room = 30 + max((width(value, size.value) for value in values), default=0)
    unit = full / max(right - left - room, 40)
    return fixed_axis(0, round(unit * (right - left), 4), field.across(left, right), "y")


def line_bars(rows: Sequence[Row], theme: Theme, size: Size, axis: str, n: int, colour: str = "") -> Part:
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


def line_values(
    rows: Sequence[Row], theme: Theme, size: Size, axis: str, n: int, *, is_mirrored: bool = False
) -> Part:
    """Every line's value at the end of its bar; with `is_mirrored` that end is the left one."""
    words = [
        Words(
            id=row.line.option,
            x=share(row.line, n),
            y=row.bar_y + optical(size.value),
            text=f"{value}\u00a0" if is_mirrored else f"\u00a0{value}",
            colour=theme.text if row.line.selected else theme.muted,
            weight=700 if row.line.leader else 500,
        )
        for row in rows
        for value in (escape(plain(row.line.value)),)
    ]
    return texts(words, size.value, "middle left" if is_mirrored else "middle right", x=axis)


def line_labels(
    rows: Sequence[Row],
    x: int,
    theme: Theme,
    size: Size,
    *,
    is_race: bool = False,
    position: str = "middle right",
) -> Part:
    """Every line's label above its bar."""
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
    return texts(words, size.text, position)


def line_details(
    rows: Sequence[Row], x: int, room: int, theme: Theme, *, position: str = "middle right"
) -> Part:
    """What says more about an option, below its label."""
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
    return texts(words, 28, position)


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
