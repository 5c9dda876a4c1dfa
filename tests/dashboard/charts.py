"""A chart of every kind that the stage draws, for tests of charts."""

from dataclasses import replace
from typing import Any

import pytest

from dashboard.figures import stage_figure
from dashboard.palette import ThemeName
from dashboard.stage_view import StageView
from polls.model import EACH, PollId
from tests.dashboard.samples import (
    BESIDE,
    CLOSED,
    MULTI,
    OPEN,
    ORDER,
    ORDERED,
    PANEL,
    PEOPLE,
    PERCENT,
    PUBLISHED,
    RACE,
    RATING,
    RUN_OFF,
    RUNOFF,
    beside_result,
    result_of,
    singles,
    view_of,
    with_poll,
)

COUNTS = (19, 18, 8, 8, 1, 1)
BESIDE_RATING = replace(RATING, id=PollId("rating-beside"), beside=(EACH,))
MULTI_BESIDE = replace(MULTI, id=PollId("multi-beside"), beside=PANEL.beside)
RACE_BESIDE = replace(RACE, id=PollId("race-beside"), segments=(), beside=(EACH,))
GROUPS = {"panel": (3, 5, 1, 0, 0, 2), "audience": (190, 180, 80, 80, 10, 10)}
RATED = (1, 0, 2, 4, 5, 15, 22, 60, 80, 34, 29)
VIEWS: dict[str, StageView] = {
    "percent open": view_of(PERCENT, OPEN, result_of(PERCENT, singles(PERCENT, *COUNTS))),
    "percent published": view_of(PERCENT, PUBLISHED, result_of(PERCENT, singles(PERCENT, *COUNTS))),
    "percent empty": view_of(PERCENT, OPEN, result_of(PERCENT, {})),
    "multiple": view_of(MULTI, OPEN, result_of(MULTI, {"1=2": 5, "3": 2})),
    "race": view_of(RACE, OPEN, result_of(RACE, {"2=4": 60, "3": 30, "5=6": 30})),
    "race empty": view_of(RACE, OPEN, result_of(RACE, {})),
    "people": view_of(PEOPLE, PUBLISHED, result_of(PEOPLE, singles(PEOPLE, 120, 240, 118))),
    "rating": view_of(RATING, OPEN, result_of(RATING, singles(RATING, *RATED))),
    "beside": view_of(PANEL, PUBLISHED, beside_result(PANEL, GROUPS), event=with_poll(PANEL), beside=True),
    "beside together": view_of(BESIDE, PUBLISHED, beside_result(BESIDE, GROUPS)),
    "beside three": view_of(
        BESIDE, OPEN, beside_result(BESIDE, GROUPS | {"manager": (9, 1, 2, 8, 0, 0)}), beside=True
    ),
    "beside multiple": view_of(
        MULTI_BESIDE,
        CLOSED,
        beside_result(MULTI_BESIDE, GROUPS),
        event=with_poll(MULTI_BESIDE),
        beside=True,
    ),
    "beside race": view_of(
        RACE_BESIDE,
        OPEN,
        beside_result(RACE_BESIDE, {"manager": (0, 5, 1, 0, 0, 2), "panel": (3, 0, 3, 0, 0, 0)}),
        event=with_poll(RACE_BESIDE),
        beside=True,
    ),
    "beside hidden": view_of(
        BESIDE,
        PUBLISHED,
        beside_result(BESIDE, GROUPS | {"panel": (1, 2, 0, 0, 0, 0), "": (3, 0, 0, 0, 0, 0)}),
        beside=True,
    ),
    "preference": view_of(ORDER, OPEN, result_of(ORDER, ORDERED), event=with_poll(ORDER)),
    "preference empty": view_of(ORDER, OPEN, result_of(ORDER, {}), event=with_poll(ORDER)),
    "preference copeland": view_of(
        replace(ORDER, method="copeland"),
        CLOSED,
        result_of(replace(ORDER, method="copeland"), ORDERED),
        event=with_poll(replace(ORDER, method="copeland")),
    ),
    "other rules": view_of(ORDER, CLOSED, result_of(ORDER, ORDERED), event=with_poll(ORDER), compare=True),
    "runoff": view_of(RUNOFF, PUBLISHED, result_of(RUNOFF, RUN_OFF), event=with_poll(RUNOFF)),
    "runoff other rules": view_of(
        RUNOFF, OPEN, result_of(RUNOFF, RUN_OFF), event=with_poll(RUNOFF), compare=True
    ),
    "rating beside": view_of(
        BESIDE_RATING,
        OPEN,
        beside_result(BESIDE_RATING, {"panel": (0, 0, 0, 0, 1, 2, 3, 5, 1, 0, 0), "audience": RATED}),
        event=with_poll(BESIDE_RATING),
        beside=True,
    ),
}
THEME_NAMES: tuple[ThemeName, ...] = ("dark", "light")
every_view = pytest.mark.parametrize("name", list(VIEWS))
every_theme = pytest.mark.parametrize("theme", THEME_NAMES)


def figure_of(view: StageView, theme: ThemeName = "dark", **kwargs: Any) -> dict[str, Any]:
    figure = stage_figure(view, theme, **kwargs)
    assert figure is not None
    return figure


def traces(figure: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [trace for trace in figure["data"] if trace["type"] == kind]


def written(figure: dict[str, Any]) -> list[str]:
    return [text for trace in figure["data"] for text in trace.get("text", ())]
