"""The stage's charts as Plotly figures: plain dicts of data, layout and config.

With its helpers (figure_parts, figure_rows, figure_beside, figure_scale,
figure_flow, figure_compare) the only place that knows
Plotly's schema.
Everything is placed in design pixels of a WIDTH x HEIGHT field, the chart's room on a stage of
1920x1080; a page of another size scales the field as a whole.

Bars, labels and values carry `ids`, so that what belongs to an option moves with it when lines sort.
"""

from typing import Any

from dashboard.figure_beside import beside_figure
from dashboard.figure_compare import compare_figure
from dashboard.figure_flow import flow_figure
from dashboard.figure_parts import Field
from dashboard.figure_rows import rows_figure
from dashboard.figure_scale import scale_figure
from dashboard.palette import THEMES, ThemeName
from dashboard.stage_view import StageView

Figure = dict[str, Any]
Table = list[list[str]]

WIDTH, HEIGHT = 1240, 620
"""The chart's field in px on a stage of 1920x1080."""

FAMILY = "Inter, system-ui, sans-serif"

DURATION_MS = 300

CONFIG: Figure = {
    "displayModeBar": False,
    "displaylogo": False,
    "showSendToCloud": False,
    "plotlyServerURL": "",
    "staticPlot": True,
    "responsive": True,
    "typesetMath": False,
}


def stage_figure(
    view: StageView,
    theme: ThemeName,
    *,
    reduced_motion: bool = False,
    width: int = WIDTH,
    height: int = HEIGHT,
) -> Figure | None:
    """The chart of a stage view; None when there is nothing to draw (turnout, waiting, idle, blank).

    `width` and `height` are the field's design px. The figure's texts are never under 28 px there.
    """
    if view.form == "turnout" or not view.lines:
        return None
    field = Field(width=width, height=height)
    if view.form == "rules":
        draw = compare_figure
    elif view.form == "flow":
        draw = flow_figure
    elif view.form == "dots":
        draw = scale_figure
    elif view.beside and any(not group.hidden for group in view.groups):
        draw = beside_figure
    else:
        draw = rows_figure
    data, layout = draw(view, THEMES[theme], field)
    layout |= {
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0, "pad": 0, "autoexpand": False},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FAMILY, "size": 28, "color": THEMES[theme].text},
        "showlegend": False,
        "hovermode": False,
        "dragmode": False,
        "barmode": "overlay",
        "autosize": True,
        "uirevision": f"{view.poll}.{view.round}.{view.beside}.{view.compare}",
        "datarevision": _revision(view),
        "meta": {"width": width, "height": height},
    }
    if not reduced_motion:
        layout["transition"] = {
            "duration": DURATION_MS,
            "easing": "cubic-out",
            "ordering": "traces first",
        }
    return {"data": data, "layout": layout, "config": dict(CONFIG)}


def _revision(view: StageView) -> str:
    """A text that changes whenever what is drawn changes; Plotly draws anew only then."""
    lines = ".".join(f"{line.option}:{line.count}:{line.value}" for line in view.lines)
    return f"{lines}.{view.phase}.{view.n}." + ".".join(cell for row in view.table for cell in row)


def table_of(view: StageView) -> Table:
    """What the chart shows, and every group, as a table for people who do not see it.

    A header, then one row per option. Empty when there is nothing to show. Places come
    first in a race; each group adds a column.
    """
    if view.form == "turnout" or not view.lines:
        return []
    if view.table:
        return [list(row) for row in view.table]
    is_race = view.form == "race"
    header = [view.words["table_place"]] if is_race else []
    header += [view.words["table_option"], view.words["table_count"], view.words["table_value"]]
    header += [group.title for group in view.groups]
    of_group = [{line.option: line.value for line in group.lines} for group in view.groups]
    rows = [header]
    for line in view.lines:
        row = [line.place or "–"] if is_race else []
        row += [f"{line.letter} {line.label}".strip(), str(line.count), line.value]
        row += [
            values.get(line.option, group.hidden) for values, group in zip(of_group, view.groups, strict=True)
        ]
        rows.append(row)
    return rows
