"""S1–S4: broadcasts to thousands of sockets, memory of an idle phone, the price of a join."""

from __future__ import annotations

import contextlib
import statistics
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from polls.lifecycle import Action
from tests.bench import anchors, machine
from tests.bench.hall import Hall, hall
from tests.bench.load import Load, limit
from tests.bench.report import Figure, Report, ratios

TAIL_S = 0.1
"""What a server still does after the last message has come belongs to the broadcast, in seconds."""
STEPS = 4
"""Connections come up in so many steps, everybody's turn by turn: a round of joins each, the first of which
warms up."""
DEAF = 50
ALONE, BESIDE, HELD = 20, 75, 25
"""Pushes without and with those who do not read. Their lines take some forty before they are full, so the
last HELD of BESIDE tell what it costs the others to have them."""
FILLED = 100 * (BESIDE - HELD) // BESIDE
"""Who got more than so many per cent of the pushes was not held back before the last ones."""


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
    kb: list[float] = field(default_factory=list)

    def join(self, n: int, of: int) -> None:
        """`n` more phones, `of` in all."""
        before, before_kb = self.cpu_s(), machine.rss_kb(self.pid)
        self.phones.connect(of)
        self.phones.quiet(100)
        self.joins_us.append((self.cpu_s() - before) / n * 1e6)
        self.kb.append((machine.rss_kb(self.pid) - before_kb) / n)

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
        if self.name == "C floor":
            return ""  # it is hardly slower than the client, but only its CPU is compared
        return next(filter(None, (limit(one, one["last_ms"]) for one in self.rounds)), "")


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
    for step in range(1, STEPS + 1):
        for one in contenders:
            one.join(n // STEPS, n * step // STEPS)
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
    report.add(_figure("S3", "memory per idle phone", ours.kb, "kB", 4))
    for other in others:
        if other.name in ("socket.io", "Starlette"):
            report.add(_figure("S3", f"memory per idle phone, {other.name}", other.kb, "kB"))
    # Node compiles its code while the first thousands join, so its first step says little of the next ones.
    report.add(_figure("S4", "CPU of a join", ours.joins_us[1:], "µs"))
    for other in others:
        if other.name == "socket.io":
            first, *values = ratios(ours.joins_us, other.joins_us)
            report.add(_figure("S4", "CPU of a join, against socket.io", values, "x", 0.35))
            what = f"CPU of a join, against socket.io, the first {n // STEPS} after the start of both"
            report.add(_figure("S4", what, [first], "x"))


def slow(report: Report, client: Path, folder: Path, *, n: int, rounds: int) -> None:
    """50 clients that do not read: how much later the others hear, until long after the server has stopped
    sending to those 50, and has cut them off."""
    values, got, doubt = list[float](), list[float](), ""
    with hall(client, folder) as ours, ours.phones(n) as phones:
        phones.connect(n)
        ours.new_round("long")
        _p99s(ours, phones, 2)
        for _ in range(rounds):
            phones.quiet(200)
            alone, why = _p99s(ours, phones, ALONE)
            with ours.phones(DEAF) as deaf:
                deaf.ask("narrow")
                deaf.connect(DEAF)
                deaf.quiet(100)
                beside, why_not = _p99s(ours, phones, BESIDE)
                got.append(deaf.quiet(300)["messages"] / (DEAF * BESIDE) * 100)
            doubt = doubt or why or why_not
            values.append(statistics.median(beside[-HELD:]) / statistics.median(alone))
    if max(got) > FILLED:
        doubt = f"the {DEAF} were sent {max(got):.0f} % of all pushes, so they were hardly held back"
    what = f"p99 of {HELD} pushes to {n} beside {DEAF} clients that do not read any more, against none"
    report.add(_figure("slow", what, values, "x", 1.5, doubt=doubt))
    what = f"of {BESIDE} pushes, these {HELD} the last, the {DEAF} were sent so many"
    report.add(_figure("slow", what, got, "%"))


def _p99s(ours: Hall, phones: Load, pushes: int) -> tuple[list[float], str]:
    """How long after the change in the store phones hear, for each push in ms; and what there is to doubt."""
    found, doubt = [], ""
    with ours.decisions("long") as extend:
        for _ in range(pushes):
            heard = phones.fan('"papers"', extend)
            late_ms = (extend.changed_s - heard["began_s"]) * 1e3
            found.append(heard["p99_ms"] - late_ms)
            if heard["heard"] < heard["of"]:
                doubt = "not everybody heard"
            doubt = doubt or limit(heard, heard["last_ms"] - late_ms)
    return found, doubt


def _figure(
    name: str, what: str, values: list[float], unit: str, target: float | None = None, doubt: str = ""
) -> Figure:
    return Figure(name=name, what=what, values=values, unit=unit, target=target, doubt=doubt)
