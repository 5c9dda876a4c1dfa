"""The charts: accepted by Plotly, honest, legible, safe."""

import json
from dataclasses import replace

import plotly.graph_objects as go
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.figures import stage_figure, table_of
from dashboard.palette import THEMES, ThemeName, contrast, quieter, text_on
from polls.lifecycle import PollRun
from polls.model import Poll, PollId
from tests.dashboard.charts import (
    COUNTS,
    THEME_NAMES,
    VIEWS,
    every_theme,
    every_view,
    figure_of,
    traces,
    written,
)
from tests.dashboard.samples import (
    OPEN,
    PANEL,
    PEOPLE,
    PERCENT,
    RATING,
    SEALED,
    beside_result,
    result_of,
    singles,
    view_of,
    with_poll,
)
from tests.polls.small_event import options


@every_view
@every_theme
def test_plotlys_own_validators_accept_every_chart(name: str, theme: ThemeName) -> None:
    figure = figure_of(VIEWS[name], theme)
    go.Figure(data=figure["data"], layout=figure["layout"])
    assert json.loads(json.dumps(figure)) == figure


@every_view
@every_theme
def test_no_text_is_under_28_px(name: str, theme: ThemeName) -> None:
    figure = figure_of(VIEWS[name], theme)
    sizes = [trace["textfont"]["size"] for trace in figure["data"] if "textfont" in trace]
    assert sizes and min(sizes) >= 28


@every_view
def test_every_text_and_bar_lies_within_the_field(name: str) -> None:
    figure = figure_of(VIEWS[name])
    for trace in figure["data"]:
        if trace["xaxis"] == "x":
            assert all(0 <= x <= 1240 for x in trace["x"])
        if trace["yaxis"] == "y":
            assert all(0 <= y <= 620 for y in trace["y"])
        for axis in ("x", "y"):
            layout_axis = figure["layout"][f"{axis}axis{trace[axis + 'axis'][1:]}"]
            low, high = sorted(layout_axis["range"])
            assert all(low <= value <= high for value in trace[axis])


@every_view
def test_bars_start_at_zero_and_hold_the_results_own_shares(name: str) -> None:
    figure = figure_of(VIEWS[name])
    for bars in traces(figure, "bar"):
        is_upright = bars["orientation"] == "v"
        axis = figure["layout"][f"yaxis{bars['yaxis'][1:]}" if is_upright else f"xaxis{bars['xaxis'][1:]}"]
        assert 0 in axis["range"]
        assert not axis["visible"] and axis["fixedrange"]
        assert "base" not in bars


def test_bar_lengths_are_exact_shares_and_counts_travel_along() -> None:
    bars = traces(figure_of(VIEWS["percent open"]), "bar")[0]
    assert bars["customdata"] == list(COUNTS)
    assert bars["x"] == [round(count * 100 / 55, 4) for count in COUNTS]


def test_who_leads_has_the_full_colour_and_others_one_quieter_hue() -> None:
    for theme in THEME_NAMES:
        colours = traces(figure_of(VIEWS["percent open"], theme), "bar")[0]["marker"]["color"]
        assert colours == [THEMES[theme].hue] + [THEMES[theme].quiet] * 5


def test_people_have_a_colour_each_and_its_letter() -> None:
    figure = figure_of(VIEWS["people"])
    bars = traces(figure, "bar")[0]
    assert dict(zip(bars["ids"], bars["marker"]["color"], strict=True)) == {
        option: THEMES["dark"].identities[at] for at, option in enumerate(PEOPLE.option_ids)
    }
    assert [text for text in written(figure) if text in "ABC"] == ["B", "A", "C"]


def test_what_nobody_selected_is_said_below_a_rule_and_is_no_bar() -> None:
    figure = figure_of(VIEWS["race"])
    assert "1" not in traces(figure, "bar")[0]["ids"]
    assert "not selected" in written(figure)
    rule_y = figure["layout"]["shapes"][0]["y0"]
    labels = next(trace for trace in figure["data"] if "Public funding" in trace.get("text", ()))
    below = [option for option, y in zip(labels["ids"], labels["y"], strict=True) if y > rule_y]
    assert below == ["1"]


def test_places_are_shared_by_equal_counts() -> None:
    assert [text for text in written(figure_of(VIEWS["race"])) if text in "123456"] == [
        "1",
        "1",
        "3",
        "3",
        "3",
    ]


def test_bars_labels_and_values_move_together_when_lines_sort() -> None:
    for name in ("percent published", "race", "people"):
        figure = figure_of(VIEWS[name])
        bars = traces(figure, "bar")[0]
        moving = [trace for trace in figure["data"] if set(bars["ids"]) <= set(trace["ids"])]
        assert len(moving) >= 3


def test_traces_keep_their_places_from_one_push_to_the_next() -> None:
    empty, full = figure_of(VIEWS["race empty"]), figure_of(VIEWS["race"])
    assert [trace["type"] for trace in empty["data"]] == [trace["type"] for trace in full["data"]]


def test_bars_do_not_all_jump_when_the_leader_gains_a_vote() -> None:
    def top(*counts: int) -> float:
        view = view_of(PERCENT, OPEN, result_of(PERCENT, singles(PERCENT, *counts)))
        return float(figure_of(view)["layout"]["xaxis2"]["range"][1])

    assert top(350, 650) == top(351, 650)


def test_reduced_motion_means_cuts() -> None:
    moving = figure_of(VIEWS["percent open"])["layout"]["transition"]
    assert 200 <= moving["duration"] <= 350
    assert "transition" not in figure_of(VIEWS["percent open"], reduced_motion=True)["layout"]


def test_nothing_is_drawn_without_a_result_to_show() -> None:
    assert stage_figure(view_of(PEOPLE, SEALED, result_of(PEOPLE, {"1": 3})), "dark") is None
    assert stage_figure(view_of(PERCENT, PollRun(), None), "dark") is None
    assert table_of(view_of(PEOPLE, SEALED, result_of(PEOPLE, {"1": 3}))) == []


def test_nothing_of_the_chart_can_leave_for_another_host() -> None:
    config = figure_of(VIEWS["percent open"])["config"]
    assert config["showSendToCloud"] is False
    assert config["plotlyServerURL"] == ""
    assert config["staticPlot"] is True and config["displayModeBar"] is False


def test_a_hidden_group_is_said_in_words_and_leaves_no_empty_column() -> None:
    figure = figure_of(VIEWS["beside hidden"])
    assert "Panellists: fewer than 5 answers: not shown" in written(figure)
    assert len(traces(figure, "bar")) == 1


def test_two_groups_are_mirrored_bars_on_one_scale() -> None:
    figure = figure_of(VIEWS["beside"])
    panel, others = traces(figure, "bar")
    assert panel["y"] == others["y"]
    left, right = figure["layout"]["xaxis2"], figure["layout"]["xaxis3"]
    assert left["range"] == list(reversed(right["range"])) and right["range"][0] == 0
    assert left["domain"][1] < 0.5 < right["domain"][0]
    assert left["domain"][1] - left["domain"][0] == pytest.approx(right["domain"][1] - right["domain"][0])
    assert {"A", "B", "Panellists, N = 11", "Everyone else, N = 550"} <= set(written(figure))
    assert {"27\u00a0%\u00a0", "\u00a035\u00a0%"} <= set(written(figure))


def test_three_groups_are_columns_on_one_scale() -> None:
    figure = figure_of(VIEWS["beside three"])
    layout = figure["layout"]
    columns = [layout[f"xaxis{number}"] for number in (2, 3, 4)]
    assert len(traces(figure, "bar")) == 3
    assert columns[0]["range"] == columns[1]["range"] == columns[2]["range"]
    assert columns[0]["domain"][1] < columns[1]["domain"][0] < columns[2]["domain"][0]
    assert {"A", "B", "C"} <= set(written(figure))


def test_groups_have_a_colour_each_that_does_not_depend_on_who_leads() -> None:
    for theme in THEME_NAMES:
        identities = THEMES[theme].identities
        for place, bars in enumerate(traces(figure_of(VIEWS["beside three"], theme), "bar")):
            own = {identities[place], quieter(identities[place], THEMES[theme].ground)}
            assert set(bars["marker"]["color"]) <= own


def test_everyone_is_drawn_until_the_groups_are_asked_for() -> None:
    figure = figure_of(VIEWS["beside together"])
    assert len(traces(figure, "bar")) == 1
    assert traces(figure, "bar")[0]["customdata"] == [193, 185, 81, 80, 12, 10]
    assert not any("not shown" in text for text in written(figure))


def test_when_every_group_is_hidden_everyone_is_drawn_and_words_say_why() -> None:
    small = beside_result(PANEL, {"panel": (1, 1, 0, 0, 0, 0), "audience": (9, 8, 0, 0, 0, 0)})
    figure = figure_of(view_of(PANEL, OPEN, small, event=with_poll(PANEL), beside=True))
    assert traces(figure, "bar")[0]["customdata"] == [10, 9, 0, 0, 0, 0]
    assert "Panellists: fewer than 3 answers: not shown" in written(figure)
    assert "Everyone else: not shown, so that a small group cannot be worked out" in written(figure)


def test_the_mean_is_marked_at_its_place_on_the_scale() -> None:
    figure = figure_of(view_of(RATING, OPEN, result_of(RATING, {"5": 4})))
    bars = traces(figure, "bar")[0]
    marker = next(
        trace for trace in figure["data"] if trace["ids"] == ["mean"] and trace["mode"] == "markers"
    )
    assert marker["x"] == [bars["x"][5]]
    assert "Mean 5.00 (5/1)" in written(figure)


HOSTILE = (
    '<a href="https://evil.example">click</a>',
    '<b style="font-size:200px">big</b>',
    "<br><br><br>",
    "Tom & Jerry &lt;b&gt;",
    "\u202egnp.exe\u202c\x00\x1b[31m",
    "a\nb\tc",
    "x" * 500,
    "$\\frac{1}{2}$",
)


@every_theme
def test_nothing_people_wrote_is_markup(theme: ThemeName) -> None:
    poll = replace(PERCENT, id=PollId("hostile"), options=options(*HOSTILE))
    view = view_of(poll, OPEN, result_of(poll, {"1": 3}), event=with_poll(poll))
    figure = figure_of(view, theme)
    for text in written(figure):
        bare = text.replace("<br>", "")
        assert "<" not in bare and ">" not in bare
        assert text.count("<br>") <= 1
        assert not any(ord(c) < 32 or c in "\u202a\u202b\u202c\u202d\u202e" for c in text)
        assert len(text) < 400
    assert any(text.startswith("&lt;a") for text in written(figure))
    assert any("href=" in text for text in written(figure))
    assert any("&amp;lt;b" in text for text in written(figure))
    go.Figure(data=figure["data"], layout=figure["layout"])


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 64), st.integers(1, 160))
def test_any_paper_is_drawn_or_says_how_many_options_are_missing(count: int, length: int) -> None:
    text = ("word " * 40)[:length].strip() or "x"
    poll: Poll = replace(PERCENT, id=PollId("many"), options=options(*[f"{i} {text}" for i in range(count)]))
    view = view_of(poll, OPEN, result_of(poll, {"1": 3}), event=with_poll(poll))
    figure = figure_of(view)
    drawn = sum(len(bars["ids"]) for bars in traces(figure, "bar"))
    notes = [note for note in written(figure) if note.startswith("and ")]
    assert drawn == count if not notes else notes[0].startswith(f"and {count - drawn} more")
    assert drawn >= min(count, 8)
    for trace in figure["data"]:
        if trace["yaxis"] == "y":
            assert all(0 <= y <= 620 for y in trace["y"])


def test_the_table_says_what_the_chart_shows() -> None:
    rows = table_of(VIEWS["race"])
    assert rows[0] == ["Place", "Option", "Votes", "Shown"]
    assert rows[1] == ["1", "Public funding", "60", "60 · 50\u00a0%"]
    assert rows[-1] == ["–", "We are better off without public support", "0", "not selected"]
    beside = table_of(VIEWS["beside hidden"])
    assert beside[0][3:] == ["Panellists", "Audience, N = 550"]
    assert beside[1][3] == "fewer than 5 answers: not shown"
    people = table_of(VIEWS["people"])
    assert people[1][0] == "B Uwe Pfeil"


@every_theme
def test_every_mark_and_text_has_its_contrast(theme: ThemeName) -> None:
    colours = THEMES[theme]
    assert contrast(colours.text, colours.ground) >= 4.5
    assert contrast(colours.muted, colours.ground) >= 4.5
    for mark in (colours.hue, colours.quiet, *colours.identities):
        assert contrast(mark, colours.ground) >= 3
        assert contrast(quieter(mark, colours.ground), colours.ground) >= 3
        assert contrast(text_on(mark), mark) >= 4.5
    assert colours.quiet != colours.hue
    assert len(set(colours.identities)) == len(colours.identities)


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
