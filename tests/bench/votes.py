"""S5–S8, S10, S13: bursts of ballots, the time to the stage, and that none is lost or doubled."""

from __future__ import annotations

import contextlib
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from polls.lifecycle import Action
from tests.bench import anchors, machine
from tests.bench.hall import EVENT, Hall, hall
from tests.bench.load import Load, limit
from tests.bench.report import Figure, Report, ratios

TWICE = 20
"""So many per cent of the ballots are sent two times at once."""
SETTLE_S = 0.1
STAGE_TARGET_MS = 250


class Books:
    """S13: what was acknowledged against what lies in the store, over all rounds."""

    def __init__(self) -> None:
        self.ballots = self.rounds = 0
        self.wrong: list[str] = []

    def check(self, ours: Hall, poll: str, round: int, answer: dict[str, Any]) -> None:
        self.rounds += 1
        self.ballots += answer["ok"]
        self.wrong += ours.wrong_ballots(poll, round, answer["ok"])
        if answer["refused"]:
            self.wrong.append(f"{answer['refused']} ballots were refused")

    def close(self, report: Report) -> None:
        for one in self.wrong:
            report.tell(f"     {one}")
        what = f"wrong of {self.ballots} ballots in {self.rounds} rounds, {TWICE} % of them sent twice"
        report.add(Figure(name="S13", what=what, values=[float(len(self.wrong))], unit="", target=0))


def measure(report: Report, client: Path, folder: Path, books: Books, *, n: int, rounds: int) -> None:
    """`n` ballots in the same instant, ours and theirs in turn."""
    with contextlib.ExitStack() as stack:
        ours = stack.enter_context(hall(client, folder))
        mine = stack.enter_context(ours.phones(n))
        halls: dict[str, tuple[Load, Callable[[], float]]] = {"ours": (mine, ours.cpu_s)}
        house = {"ours": ours, "no file": stack.enter_context(hall(client, folder, fsync="none"))}
        no_file = stack.enter_context(house["no file"].phones(n))
        halls["no file"] = (no_file, house["no file"].cpu_s)
        makers: dict[str, Callable[[], AbstractContextManager[anchors.Anchor]]] = {
            "socket.io": lambda: anchors.node("sio", _room(folder, "sio"), client, votes=True),
            "Starlette": lambda: anchors.starlette(_room(folder, "plain"), client, votes=True),
            "C echo": lambda: anchors.floor("echo", folder, client),
        }
        for name, make in makers.items():
            try:
                anchor = stack.enter_context(make())
                halls[name] = (stack.enter_context(anchor.phones()), anchor.cpu_s)
            except machine.Missing as why:
                report.skip(name, why)
        for phones, _ in halls.values():
            phones.connect(n)
            phones.quiet()
        rates, cpus, drains, p99s = (defaultdict[str, list[float]](list) for _ in range(4))
        doubts = defaultdict[str, str](str)
        for number in range(rounds + 1):
            for name, (phones, cpu_s) in halls.items():
                own = house.get(name)
                round = own.new_round("burst") if own else number
                phones.quiet(100)
                if own:
                    own.settle()
                before = cpu_s()
                answer = phones.vote("burst", round, twice=TWICE if name != "C echo" else 0)
                time.sleep(SETTLE_S)
                used = cpu_s() - before
                if own:
                    books.check(own, "burst", round, answer)
                if number:  # the first of each warms up
                    doubts[name] = doubts[name] or limit(answer, answer["drain_ms"], sending=True)
                    rates[name].append(answer["ok"] / answer["drain_ms"] * 1e3)
                    cpus[name].append(used / n * 1e6)
                    drains[name].append(answer["drain_ms"])
                    p99s[name].append(answer["p99_ms"])

        def add(
            name: str, what: str, values: list[float], unit: str, target: float | None = None, **more: Any
        ) -> None:
            report.add(Figure(name=name, what=what, values=values, unit=unit, target=target, **more))

        def doubt(name: str) -> str:
            return doubts["ours"] or doubts[name]

        add("S5", f"ballots/s, {n} at once, on disk before the receipt", rates["ours"], "/s")
        add("S5", f"CPU of the server per ballot, {n} at once", cpus["ours"], "µs")
        if "socket.io" in halls:
            faster = ratios(rates["ours"], rates["socket.io"])
            add(
                "S5",
                f"ballots/s at {n}, against socket.io + ioredis without disk",
                faster,
                "x",
                1.8,
                at_most=False,
                doubt=doubt("socket.io"),
            )
            cheaper = ratios(cpus["ours"], cpus["socket.io"])
            add("S5", f"CPU per ballot at {n}, against socket.io + ioredis", cheaper, "x", 0.5)
        if "C echo" in halls:
            add("S5", f"CPU per ballot at {n}, against a C echo", ratios(cpus["ours"], cpus["C echo"]), "x")
        if "Starlette" in halls:
            add(
                "S6",
                f"ballots/s at {n}, against Starlette + redis-py pool",
                ratios(rates["ours"], rates["Starlette"]),
                "x",
                5,
                at_most=False,
                doubt=doubt("Starlette"),
            )
        add(
            "S7",
            f"ballots/s at {n}, on disk against without a file",
            ratios(rates["ours"], rates["no file"]),
            "x",
            0.85,
            at_most=False,
            doubt=doubt("no file"),
        )
        add("S8", f"{n} at once: the last receipt after", drains["ours"], "ms")
        add("S8", f"{n} at once: p99 of receipts", p99s["ours"], "ms")
        if "socket.io" in halls:
            add(
                "S8",
                f"{n} at once: last receipt, against socket.io",
                ratios(drains["ours"], drains["socket.io"]),
                "x",
                0.6,
                doubt=doubt("socket.io"),
            )


def _room(folder: Path, name: str) -> Path:
    room = folder / name
    room.mkdir(exist_ok=True)
    return room


def to_the_stage(
    report: Report, client: Path, folder: Path, books: Books, *, n: int, seconds: int, rounds: int
) -> None:
    """S10: phones vote within some seconds on a question whose result is live on the stage and on phones;
    and what a ballot waits for while everybody is being told something."""
    with hall(client, folder) as ours, ours.phones(n) as phones:
        phones.connect(n)
        phones.ask("stage", f"/ws/{EVENT}/stage")
        phones.quiet()
        seen, last, doubt = [], [], ""
        for _ in range(rounds):
            round = ours.new_round("live")
            phones.quiet(1200)
            answer = phones.vote("live", round, spread_ms=seconds * 1000, twice=TWICE)
            books.check(ours, "live", round, answer)
            if not answer["seen"] == answer["ok"] == n:
                doubt = f"{answer['seen']} of {n} were seen"
            doubt = doubt or limit(answer, seconds * 1e3)
            seen.append(answer["stage_p99_ms"])
            last.append(answer["stage_p50_ms"])
        where = f"{n} phones vote within {seconds} s"
        report.add(
            Figure(
                name="S10",
                what=f"tap to stage, p99, {where}",
                values=seen,
                unit="ms",
                target=STAGE_TARGET_MS,
                doubt=doubt,
            )
        )
        report.add(Figure(name="S10", what=f"tap to stage, median, {where}", values=last, unit="ms"))
        _while_telling(report, ours, phones, books, n, max(1, rounds - 1), min(seconds, 4))


def _while_telling(
    report: Report, ours: Hall, phones: Load, books: Books, n: int, rounds: int, seconds: int
) -> None:
    ours.new_round("tick")
    p99s = defaultdict[str, list[float]](list)
    for _ in range(rounds):
        for kind in ("silence", "pushes"):
            round = ours.new_round("burst")
            phones.quiet(400)
            phones.begin_vote("burst", round, spread_ms=seconds * 1000, twice=TWICE)
            until = time.monotonic() + seconds - 0.5
            while time.monotonic() < until:
                if kind == "pushes":
                    ours.act("tick", Action.EXTEND, seconds=5)
                time.sleep(0.5)
            answer = phones.end_vote()
            books.check(ours, "burst", round, answer)
            p99s[kind].append(answer["p99_ms"])
    what = f"p99 of receipts, {n} ballots in {seconds} s"
    report.add(Figure(name="both", what=what, values=p99s["silence"], unit="ms"))
    report.add(
        Figure(
            name="both",
            what=f"{what}, while two pushes a second go to everybody",
            values=p99s["pushes"],
            unit="ms",
        )
    )
