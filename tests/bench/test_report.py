"""A measurement that says more of the load client than of the server gives no verdict."""

from typing import Any

import pytest

from tests.bench.load import Load, LoadError, limit
from tests.bench.report import Figure, Report, ratios


def figure(*values: float, target: float | None = 2.0, **more: Any) -> Figure:
    return Figure(name="S0", what="something", values=values, unit="x", target=target, **more)


@pytest.mark.parametrize(
    ("values", "more", "verdict"),
    [
        ((1.0, 9.0, 2.0), {}, "met"),
        ((1.0, 9.0, 2.1), {}, "missed"),
        ((1.0, 9.0, 2.0), {"at_most": False}, "met"),
        ((1.0, 9.0, 1.9), {"at_most": False}, "missed"),
        ((1.0,), {"target": None}, ""),
        ((1.0,), {"doubt": "not everybody heard"}, "not measured: not everybody heard"),
        ((9.0,), {"doubt": "not everybody heard"}, "not measured: not everybody heard"),
    ],
)
def test_the_median_is_held_against_the_target_unless_there_is_doubt(
    values: tuple[float, ...], more: dict[str, Any], verdict: str
) -> None:
    one = figure(*values, **more)
    assert one.verdict == one.as_json()["verdict"] == one.row()[-1] == verdict


@pytest.mark.parametrize(
    ("cpu_ms", "send_ms", "sending", "is_doubtful"),
    [(91, 0, False, True), (89, 91, False, False), (89, 91, True, True), (89, 89, True, False)],
)
def test_a_client_that_was_busy_all_the_time_is_told(
    cpu_ms: float, send_ms: float, sending: bool, is_doubtful: bool
) -> None:
    assert bool(limit({"cpu_ms": cpu_ms, "send_ms": send_ms}, 100, sending=sending)) is is_doubtful


class Told(Load):
    """A load client that answers what it is told to."""

    def __init__(self, **answer: float) -> None:
        self._answer = answer

    def ask(self, *words: object) -> dict[str, Any]:
        return self._answer

    def stop(self) -> str:
        return "Too many open files"


def test_a_hall_that_does_not_come_up_whole_is_not_measured() -> None:
    assert Told(ready=10).connect(10) == {"ready": 10}
    with pytest.raises(LoadError, match=r"only 9 of 10 connections came up\. Too many open files"):
        Told(ready=9).connect(10)


@pytest.mark.parametrize("answer", [{"ok": 0, "closed": 0}, {"ok": 10, "closed": 1}])
def test_ballots_of_connections_that_were_lost_are_not_measured(answer: dict[str, float]) -> None:
    with pytest.raises(LoadError, match="connections were lost while voting"):
        Told(**answer).vote("poll", 1)


def test_what_was_left_out_is_told_and_written() -> None:
    said: list[str] = []
    report = Report(tell=said.append)
    report.add(figure(*ratios([2, 4], [1, 1])))
    report.skip("nchan", "it is not installed")
    assert said == [
        "S0   something: 3 x (2–4, 2 rounds) ≤ 2 x missed",
        "     left out, nchan: it is not installed",
    ]
    assert report.markdown().endswith(
        "| 2–4 | 2 | ≤ 2 x | missed |\n\nLeft out: nchan: it is not installed.\n"
    )
