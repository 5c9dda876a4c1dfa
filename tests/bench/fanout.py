"""S1–S4: broadcasts to thousands of sockets, memory of an idle phone, the price of a join."""

from __future__ import annotations

import contextlib
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from polls.lifecycle import Action
from tests.bench import anchors, machine
from tests.bench.hall import Hall, hall
from tests.bench.load import LIMITED, Load
from tests.bench.report import Figure, Report, ratios

TAIL_S = 0.1
"""What a server still does after the last message has come belongs to the broadcast, in seconds."""
STEPS = 4
"""Connections come up in so many steps, everybody's turn by turn: a round of joins each."""
DEAF = 50


@dataclass(slots=True, kw_only=True)
class Contender:
    """A server with its hall of phones."""

    name: str
    pid: int
    phones: Load
    cpu_s: Callable[[], float]
    match: str
    trigger: str | Callable[[], object]
    joins_us: list[float] = field(default_factory=list)
    messages_us: list[float] = field(default_factory=list)
    rounds: list[dict[str, Any]] = field(default_factory=list)
    before_kb: int = 0
    after_kb: int = 0

    def join(self, n: int, of: int) -> None:
        before = self.cpu_s()
        self.phones.connect(of)
        self.phones.quiet(200)
        self.joins_us.append((self.cpu_s() - before) / n * 1e6)

    def broadcast(self) -> None:
        before = self.cpu_s()
        heard = self.phones.fan(self.match, self.trigger)
        time.sleep(TAIL_S)
        self.messages_us.append((self.cpu_s() - before) / max(1, heard["heard"]) * 1e6)
        self.rounds.append(heard)

    @property
    def doubt(self) -> str:
        if any(one["heard"] < one["of"] for one in self.rounds):
            return "not everybody heard"
        busy = max(one["cpu_ms"] / max(1, one["last_ms"] - one["first_ms"]) for one in self.rounds)
        return (
            "the load client was busy all the time" if busy > 1 / LIMITED and self.name != "C floor" else ""
        )


def measure(report: Report, client: Path, folder: Path, *, n: int, rounds: int) -> None:
    """Bring everybody's hall up, then broadcast in turn."""
    with contextlib.ExitStack() as stack:
        ours = stack.enter_context(hall(client, folder))
        mine = stack.enter_context(ours.phones(n))
        ours.new_round("tick")
        contenders = [_ours(ours, mine)]
        size = _size_of_a_push(ours)
        makers: dict[str, Callable[[], AbstractContextManager[anchors.Anchor]]] = {
            "C floor": lambda: anchors.floor("fan", folder, client, size),
            "socket.io": lambda: anchors.node("sio", folder, client, size),
            "ws": lambda: anchors.node("ws", folder, client, size),
            "Starlette": lambda: anchors.starlette(folder, client, size),
            "nginx + nchan": lambda: anchors.nchan(folder, client, size),
        }
        for name, make in makers.items():
            try:
                anchor = stack.enter_context(make())
                phones = stack.enter_context(anchor.phones())
            except machine.Missing as why:
                report.skip(name, why)
                continue
            contenders.append(
                Contender(
                    name=name,
                    pid=anchor.pids[0],
                    phones=phones,
                    cpu_s=anchor.cpu_s,
                    match="xxx",
                    trigger=anchor.trigger,
                )
            )
        report.tell(f"     {len(contenders)} halls of {n} phones; a message has {size} bytes")
        _run(report, contenders, n, rounds)
        _deaf(report, contenders[0], rounds)


def _ours(ours: Hall, phones: Load) -> Contender:
    def extend() -> None:
        ours.act("tick", Action.EXTEND, seconds=5)

    return Contender(
        name="ours", pid=ours.pid, phones=phones, cpu_s=ours.cpu_s, match='"papers"', trigger=extend
    )


def _size_of_a_push(ours: Hall) -> int:
    """How large the push is that a change of the countdown sends to every phone, in bytes of payload."""
    from websockets.sync.client import connect

    cookie = ours.data.joinpath(next(ours.data.glob("cookies-*")).name).read_text().splitlines()[0]
    url = f"ws://127.0.0.1:{ours.port}/ws/bench/phone"
    with connect(url, additional_headers={"Cookie": cookie}, proxy=None, compression=None) as socket:
        while True:
            said = socket.recv(5)
            if '"papers"' in str(said):
                return len(str(said).encode())


def _run(report: Report, contenders: list[Contender], n: int, rounds: int) -> None:
    for one in contenders:
        one.before_kb = machine.rss_kb(one.pid)
    for step in range(1, STEPS + 1):
        for one in contenders:
            one.join(n // STEPS, n * step // STEPS)
    for one in contenders:
        one.after_kb = machine.rss_kb(one.pid)
    for one in contenders:
        one.broadcast()  # the first of each warms up
        one.messages_us.clear()
        one.rounds.clear()
    for _ in range(rounds):
        for one in contenders:
            one.broadcast()
    ours, *others = contenders
    targets = {"C floor": 1.3, "socket.io": 0.65, "Starlette": 0.55, "nginx + nchan": 1.1}
    report.add(_figure("S1", f"CPU per message at {n}", ours.messages_us, "µs"))
    for other in others:
        name = "S1" if other.name == "C floor" else "S2"
        what = f"CPU per message at {n}, against {other.name}"
        values = ratios(ours.messages_us, other.messages_us)
        report.add(_figure(name, what, values, "x", targets.get(other.name), doubt=ours.doubt or other.doubt))
    report.add(
        _figure(
            "S1",
            f"a push reaches everybody of {n} after the first",
            [r["last_ms"] - r["first_ms"] for r in ours.rounds],
            "ms",
        )
    )
    report.add(_figure("S3", "memory per idle phone", [_kb(ours, n)], "kB", 4))
    for other in others:
        if other.name in ("socket.io", "Starlette"):
            report.add(_figure("S3", f"memory per idle phone, {other.name}", [_kb(other, n)], "kB"))
    report.add(_figure("S4", "CPU of a join", ours.joins_us, "µs"))
    for other in others:
        if other.name == "socket.io":
            values = ratios(ours.joins_us, other.joins_us)
            report.add(_figure("S4", "CPU of a join, against socket.io", values, "x", 0.35))


def _kb(one: Contender, n: int) -> float:
    return (one.after_kb - one.before_kb) / n


def _deaf(report: Report, ours: Contender, rounds: int) -> None:
    """50 clients that do not read: how much later the others hear."""
    apart: dict[str, list[float]] = defaultdict(list)
    for who in ("all read", "some do not"):
        if who == "some do not":
            ours.phones.ask("deaf", DEAF)
        for _ in range(rounds):
            ours.broadcast()
            apart[who].append(ours.rounds[-1]["p99_ms"] - ours.rounds[-1]["first_ms"])
    values = ratios(apart["some do not"], apart["all read"])
    report.add(
        _figure("slow", f"p99 of a push with {DEAF} clients that do not read, against none", values, "x", 1.5)
    )


def _figure(
    name: str, what: str, values: list[float], unit: str, target: float | None = None, doubt: str = ""
) -> Figure:
    return Figure(name=name, what=what, values=values, unit=unit, target=target, doubt=doubt)
