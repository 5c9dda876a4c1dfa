"""The few Plotly pieces that every chart is put together from.

One pair of axes, x and y, counts design pixels of the whole field from its top left corner: labels,
marks and rules stand there. Bars and the values at their ends stand on further axes that count what
is shown (shares in percent from zero on), so the figure's data are the result's own figures.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.palette import Theme, text_on

Part = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """The chart's room in design px."""

    width: int
    height: int

    def across(self, left: int, right: int) -> list[float]:
        """A domain from `left` to `right` px."""
        return [round(left / self.width, 6), round(right / self.width, 6)]

    def upwards(self, top: int, bottom: int) -> list[float]:
        """A domain from `top` to `bottom` px; Plotly counts it from the bottom."""
        return [round(1 - bottom / self.height, 6), round(1 - top / self.height, 6)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One text at a point. `id` says whose it is, so that it moves with its bar; `text` is escaped."""

    id: str
    x: float
    y: float
    text: str
    colour: str
    weight: int = 400


def fixed_axis(low: float, high: float, domain: list[float], anchor: str) -> Part:
    """An axis that shows nothing of itself and never moves."""
    return {
        "range": [low, high],
        "domain": domain,
        "anchor": anchor,
        "visible": False,
        "fixedrange": True,
        "autorange": False,
        "zeroline": False,
        "showgrid": False,
    }


def pixel_axes(field: Field) -> Part:
    """The x and y axes of the whole field, in px from the top left."""
    return {
        "xaxis": fixed_axis(0, field.width, [0, 1], "y"),
        "yaxis": fixed_axis(field.height, 0, [0, 1], "x"),
    }


def texts(words: Sequence[Words], size: int, position: str, x: str = "x", y: str = "y") -> Part:
    """Texts of one size; `position` is where they stand seen from their points ("middle right": after)."""
    return {
        "type": "scatter",
        "mode": "text",
        "ids": [word.id for word in words],
        "x": [word.x for word in words],
        "y": [word.y for word in words],
        "text": [word.text for word in words],
        "textposition": position,
        "textfont": {
            "size": size,
            "color": [word.colour for word in words],
            "weight": [word.weight for word in words],
        },
        "xaxis": x,
        "yaxis": y,
        "cliponaxis": False,
        "hoverinfo": "skip",
    }


def bars(
    *,
    ids: Sequence[str],
    shares: Sequence[float],
    at: Sequence[int],
    thickness: int,
    counts: Sequence[int],
    colours: Sequence[str],
    x: str,
    y: str,
    is_upright: bool = False,
) -> Part:
    """Bars from zero on. `at` and `thickness` are px along the other axis; customdata holds the counts."""
    along, across = ("y", "x") if is_upright else ("x", "y")
    return {
        "type": "bar",
        "orientation": "v" if is_upright else "h",
        along: list(shares),
        across: list(at),
        "width": [thickness for _ in ids],
        "ids": list(ids),
        "customdata": list(counts),
        "marker": {"color": list(colours), "line": {"width": 0}},
        "xaxis": x,
        "yaxis": y,
        "cliponaxis": False,
        "hoverinfo": "skip",
    }


def badges(
    ids: Sequence[str], xs: Sequence[int], ys: Sequence[int], letters: Sequence[str], colours: Sequence[str]
) -> list[Part]:
    """Letters on squares of their colour: who is who without colour vision."""
    squares: Part = {
        "type": "scatter",
        "mode": "markers",
        "ids": list(ids),
        "x": list(xs),
        "y": list(ys),
        "marker": {
            "symbol": "square",
            "size": 48,
            "color": list(colours),
            "opacity": 1,
            "line": {"width": 0},
        },
        "xaxis": "x",
        "yaxis": "y",
        "cliponaxis": False,
        "hoverinfo": "skip",
    }
    words = [
        Words(id=id, x=x, y=y + optical(30), text=letter, colour=text_on(colour), weight=700)
        for id, x, y, letter, colour in zip(ids, xs, ys, letters, colours, strict=True)
    ]
    return [squares, texts(words, 30, "middle center")]


def optical(size: int) -> int:
    """By how much a line of `size` px has to sink to look centred: Plotly centres it with its descenders."""
    return round(size * 0.1)


def full_length(longest: float, *, is_open: bool) -> float:
    """The share at which a bar has its full length. While voting is open it moves in steps, so that not
    every bar changes whenever the leader's share does; afterwards the leader fills the field."""
    if not longest:
        return 100.0
    steps = (10, 20, 30, 40, 50, 60, 80, 100)
    return float(next(step for step in steps if longest <= step)) if is_open else longest


def rule(theme: Theme, left: int, right: int, y: int) -> Part:
    """A thin line across."""
    return {
        "type": "line",
        "x0": left,
        "x1": right,
        "y0": y,
        "y1": y,
        "xref": "x",
        "yref": "y",
        "line": {"color": theme.line, "width": 2},
    }
