"""Figures, and how they are told: on the screen, as JSON, as the table of docs/performance.md."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured value against its target. `values` has one entry a round; `at_most` says whether the
    target is an upper or a lower bound; `doubt` names what else than the server may have decided it."""

    name: str
    what: str
    values: Sequence[float]
    unit: str
    target: float | None = None
    at_most: bool = True
    doubt: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def verdict(self) -> str:
        if self.target is None:
            return ""
        if self.doubt:
            return "not measured: " + self.doubt
        is_met = self.median <= self.target if self.at_most else self.median >= self.target
        return "met" if is_met else "missed"

    def row(self) -> tuple[str, ...]:
        bound = "" if self.target is None else f"{'≤' if self.at_most else '≥'} {self.target:g} {self.unit}"
        spread = f"{min(self.values):.3g}–{max(self.values):.3g}" if len(self.values) > 1 else ""
        return (
            self.name,
            self.what,
            f"{self.median:.3g} {self.unit}",
            spread,
            str(len(self.values)),
            bound,
            self.verdict,
        )

    def as_json(self) -> dict[str, object]:
        return {**asdict(self), "median": self.median, "verdict": self.verdict}


HEAD = ("", "what", "median", "spread", "rounds", "target", "")


@dataclass(slots=True, kw_only=True)
class Report:
    """All figures of a run; `tell` is called with each line as soon as it is known."""

    tell: Callable[[str], None]
    figures: list[Figure] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    def add(self, figure: Figure) -> None:
        self.figures.append(figure)
        name, what, median, spread, rounds, bound, verdict = figure.row()
        self.tell(
            f"{name:4} {what}: {median} ({spread or 'one value'}, {rounds} rounds) {bound} {verdict}".rstrip()
        )

    def skip(self, what: str, why: object) -> None:
        self.skipped.append(f"{what}: {why}")
        self.tell(f"     left out, {what}: {why}")

    def markdown(self) -> str:
        rows = [HEAD, tuple("---" for _ in HEAD), *(figure.row() for figure in self.figures)]
        lines = ["| " + " | ".join(row) + " |" for row in rows]
        return "\n".join([*lines, "", *(f"Left out: {one}." for one in self.skipped)]).rstrip() + "\n"


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Round by round, since the machine's mood changes between rounds."""
    return [mine / other for mine, other in zip(ours, theirs, strict=True) if other]
