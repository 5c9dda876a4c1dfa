"""Several processes: how soon a change is on the phones of all, and what one that is killed takes along."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from polls.lifecycle import Action
from tests.bench.hall import Hall, hall
from tests.bench.load import Load, limit
from tests.bench.report import Figure, Report
from tests.bench.votes import TWICE, Books

WORKERS = 3
MEANWHILE = {
    "burst": "ballots come in",
    "live": "ballots come in and their result goes to every phone once a second",
}
PUSH_S = 0.25
"""What a push takes with the time until the next, in seconds."""
APART_S = (0.05, 0.2)
"""Between two pushes, so that they meet the turns of the workers at any moment, in seconds."""
VOTERS = 500
SOON_MS = 100
BACK_S = 15
STORM_MS = 4_000
KILL_AFTER_S = 1.0
CHANCE = 11


def measure(
    report: Report,
    client: Path,
    folder: Path,
    books: Books,
    *,
    n: int,
    pushes: int,
    kills: int,
    meanwhile: Sequence[str],
    window_s: int,
) -> None:
    """Pushes to the phones of all workers, in silence and while ballots come in; then kill -9 of a worker."""
    with hall(client, folder, workers=WORKERS, window_s=window_s) as ours, ours.phones(n) as phones:
        phones.connect(n)
        ours.new_round("tick")
        phones.quiet()
        homes = _homes(ours, phones)
        held = sorted(list(homes.values()).count(pid) for pid in ours.workers())
        where = f"{n} phones of {WORKERS} workers ({', '.join(map(str, held))})"
        _pushes(report, ours, phones, homes, pushes, f"from the change in the store to {where}")
        for poll in meanwhile:
            with _voting(ours, books, poll, pushes):
                _pushes(report, ours, phones, homes, pushes, f"the same while {MEANWHILE[poll]}")
        _kills(report, ours, phones, books, n, kills)


def _pushes(report: Report, ours: Hall, phones: Load, homes: dict[str, int], pushes: int, what: str) -> None:
    by_worker, lasts, doubt = _heard(ours, phones, homes, pushes)
    everybody = [one for some in by_worker.values() for one in some]

    def add(what: str, values: list[float], target: float | None = None) -> None:
        report.add(Figure(name="workers", what=what, values=values, unit="ms", target=target, doubt=doubt))

    add(f"{what}, p99 of all phones and {pushes} pushes", [p99(everybody)], SOON_MS)
    add("that p99 worker by worker", [p99(some) for some in by_worker.values()], SOON_MS)
    add("the last phone, push by push", lasts)


def _homes(ours: Hall, phones: Load) -> dict[str, int]:
    """The worker of each phone, by the phone's own address."""
    owners = {}
    for pid in ours.workers():
        for file in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                owners[os.readlink(file)] = pid
    found = {}
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, remote, *rest = line.split()
        owner = owners.get(f"socket:[{rest[6]}]")
        if owner is not None and int(local.partition(":")[2], 16) == ours.port:
            found[remote] = owner
    return {address: found[address] for address, _ in phones.each()}


def _heard(
    ours: Hall, phones: Load, homes: dict[str, int], pushes: int
) -> tuple[dict[int, list[float]], list[float], str]:
    """In ms after the change: when each phone of each worker heard, of all pushes, and the last phone of each
    push; and what there is to doubt."""
    chance = random.Random(CHANCE)
    by_worker, lasts, doubt = defaultdict[int, list[float]](list), list[float](), ""
    with ours.decisions("tick") as extend:
        for number in range(pushes + 1):
            phones.quiet(int(chance.uniform(*APART_S) * 1000))
            answer = phones.fan('"papers"', extend)
            late_ms = (extend.changed_s - answer["began_s"]) * 1e3
            if number == 0:
                continue  # warms up
            for address, at_ms in phones.each():
                by_worker[homes[address]].append(at_ms - late_ms)
            lasts.append(answer["last_ms"] - late_ms)
            if answer["heard"] < answer["of"]:
                doubt = f"{answer['of'] - answer['heard']} phones did not hear"
            doubt = doubt or limit(answer, lasts[-1])
    return by_worker, lasts, doubt


def p99(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.99)]


@contextlib.contextmanager
def _voting(ours: Hall, books: Books, poll: str, pushes: int) -> Iterator[None]:
    """Some other phones vote meanwhile, one after the other."""
    with ours.phones(VOTERS) as voters:
        voters.connect(VOTERS)
        round = ours.new_round(poll)
        voters.quiet(200)
        voters.begin_vote(poll, round, spread_ms=int(pushes * PUSH_S * 1000), twice=TWICE)
        yield
        books.check(ours, poll, round, voters.end_vote())
        ours.act(poll, Action.CLOSE)


def _kills(report: Report, ours: Hall, phones: Load, books: Books, n: int, rounds: int) -> None:
    lasts, p99s, halves, aways = (list[float]() for _ in range(4))
    doubt, window = "", 0.0
    for _ in range(rounds):
        round = ours.new_round("burst")
        phones.quiet(400)
        doomed = max(ours.workers(), key=lambda pid: len(list(Path(f"/proc/{pid}/fd").iterdir())))
        phones.begin_storm("burst", round, spread_ms=STORM_MS, twice=TWICE, timeout_ms=30_000)
        time.sleep(KILL_AFTER_S)
        os.kill(doomed, signal.SIGKILL)
        answer = phones.end_storm()
        books.check(ours, "burst", round, answer)
        window = answer["window_s"]
        if answer["windows"] < n or answer["ready"] < n:
            doubt = f"{n - answer['ready']} phones are not back, {n - answer['windows']} got no welcome"
        back = answer["back_s"]
        if not back:
            doubt = "the worker that was killed held no phone"
            continue
        aways.append(answer["away"])
        lasts.append(back[-1])
        halves.append(back[len(back) // 2] / window)
        p99s.append(answer["p99_ms"])

    def add(what: str, values: list[float], unit: str, target: float | None = None) -> None:
        report.add(Figure(name="kill -9", what=what, values=values, unit=unit, target=target, doubt=doubt))

    add(f"of a worker while {n} phones vote: phones cut off", aways, "")
    add(f"the last of them is back after (window of {window:g} s)", lasts, "s", BACK_S)
    add("half of them are back after this part of the window", halves, "")
    add("p99 of receipts of all phones, the way back included", p99s, "ms")
