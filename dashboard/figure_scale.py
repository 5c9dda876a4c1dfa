"""The points of a rating scale as columns, with the mean marked below; groups stand one above another."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from dashboard.figure_parts import (
    Field,
    Part,
    Words,
    badges,
    bars,
    fixed_axis,
    full_length,
    pixel_axes,
    rule,
    texts,
)
from dashboard.figure_rows import share
from dashboard.figure_text import escape, label, plain, width, wrap
from dashboard.lines import Bar
from dashboard.palette import Theme
from dashboard.stage_view import StageView

TITLE = 48
VALUE = 44
POINTS = 46
MEAN = 62


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One distribution between `top` and `bottom` px. `hidden` says why there is none; a group has a
    `letter` and a colour of its own."""

    letter: str
    colour: str
    title: str
    lines: Sequence[Bar]
    n: int
    mean: str
    mean_value: str
    hidden: str
    top: int
    bottom: int


def scale_figure(view: StageView, theme: Theme, field: Field) -> tuple[list[Part], Part]:
    """Traces and layout of a rating: everyone's distribution, or one panel for each group."""
    layout = pixel_axes(field) | {"shapes": []}
    data: list[Part] = []
    panels = _panels(view, theme, field)
    highest = max((share(line, panel.n) for panel in panels for line in panel.lines), default=0.0)
    full = full_length(highest, is_open=view.phase == "open")
    for number, panel in enumerate(panels, start=2):
        data += _panel(panel, number, full, theme, field, layout)
    return data, layout


def _panels(view: StageView, theme: Theme, field: Field) -> list[Panel]:
    if not view.beside or all(group.hidden for group in view.groups):
        return [
            Panel(
                letter="",
                colour=theme.hue,
                title="",
                lines=view.lines,
                n=view.n,
                mean=view.mean,
                mean_value=view.mean_value,
                hidden="",
                top=0,
                bottom=field.height,
            )
        ]
    height = field.height // len(view.groups)
    return [
        Panel(
            letter=chr(ord("A") + place),
            colour=theme.identities[place % len(theme.identities)],
            title=group.title,
            lines=group.lines,
            n=group.n,
            mean=group.mean,
            mean_value=group.mean_value,
            hidden=group.hidden,
            top=place * height,
            bottom=(place + 1) * height - (12 if place < len(view.groups) - 1 else 0),
        )
        for place, group in enumerate(view.groups)
    ]


def _panel(panel: Panel, number: int, full: float, theme: Theme, field: Field, layout: Part) -> list[Part]:
    axis = f"y{number}"
    data: list[Part] = []
    # Beside a title the mean stands in the title's line; alone it has a strip of its own below.
    top = panel.top
    if panel.title:
        words = [
            Words(
                id=panel.letter,
                x=60,
                y=top + 24,
                text=escape(plain(panel.title)),
                colour=theme.text,
                weight=600,
            )
        ]
        if panel.hidden:
            why = label(wrap(panel.hidden, 28, field.width - 60))
            words.append(Words(id="hidden", x=60, y=top + 70, text=why, colour=theme.muted))
        data += badges([panel.letter], [24], [top + 24], [panel.letter], [panel.colour])
        data.append(texts(words, 28, "middle right"))
        top += TITLE
    if not panel.lines:
        return data
    foot = panel.bottom - POINTS - MEAN
    step = field.width / len(panel.lines)
    thickness = int(min(step * 0.72, 150))
    centres = {line.option: round(step * (place + 0.5)) for place, line in enumerate(panel.lines)}
    plot = max(foot - top - VALUE, 40)
    layout[f"yaxis{number}"] = fixed_axis(
        0, round(full * (foot - top) / plot, 4), field.upwards(top, foot), "x"
    )
    layout["shapes"].append(rule(theme, 0, field.width, foot))
    data.append(
        bars(
            ids=[line.option for line in panel.lines],
            shares=[share(line, panel.n) for line in panel.lines],
            at=[centres[line.option] for line in panel.lines],
            thickness=thickness,
            counts=[line.count for line in panel.lines],
            colours=[panel.colour for _ in panel.lines],
            x="x",
            y=axis,
            is_upright=True,
        )
    )
    values = [
        Words(
            id=line.option,
            x=centres[line.option],
            y=share(line, panel.n),
            text=escape(plain(line.value)),
            colour=theme.text,
            weight=500,
        )
        for line in panel.lines
        if line.selected
    ]
    widest = max((width(line.value, 28) for line in panel.lines), default=0)
    data.append(texts(values, 32 if widest * 32 // 28 < step - 8 else 28, "top center", y=axis))
    points = [
        Words(
            id=line.option,
            x=centres[line.option],
            y=foot + 26,
            text=escape(plain(line.label)),
            colour=theme.muted,
        )
        for line in panel.lines
    ]
    data.append(texts(points, 30, "middle center"))
    return [*data, *_mean(panel, centres, foot + POINTS, theme, field)]


def _mean(panel: Panel, centres: dict[str, int], top: int, theme: Theme, field: Field) -> list[Part]:
    """A triangle at the mean, on the scale's own distances, and the mean in words beside it."""
    at = [(int(line.option), centres[line.option]) for line in panel.lines if _is_number(line.option)]
    if not panel.mean_value or len(at) < 2:
        return []
    (low, left), (high, right) = at[0], at[-1]
    x = round(left + (Fraction(panel.mean_value) - low) * (right - left) / (high - low))
    marker: Part = {
        "type": "scatter",
        "mode": "markers",
        "ids": ["mean"],
        "x": [x],
        "y": [top + 20],
        "marker": {
            "symbol": "triangle-up",
            "size": 26,
            "color": [theme.text],
            "opacity": 1,
            "line": {"width": 0},
        },
        "xaxis": "x",
        "yaxis": "y",
        "cliponaxis": False,
        "hoverinfo": "skip",
    }
    after = x < field.width * 2 // 3
    words = Words(
        id="mean",
        x=x + 22 if after else x - 22,
        y=top + 20,
        text=escape(plain(panel.mean)),
        colour=theme.text,
        weight=600,
    )
    return [marker, texts([words], 32, "middle right" if after else "middle left")]


def _is_number(text: str) -> bool:
    return text.removeprefix("-").isdecimal()
