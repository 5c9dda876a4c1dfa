"""`python -m tests.bench [--quick] [--only S1,S5] [--json FILE] [--markdown FILE]`."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench import counting, fanout, machine, pages, refresh, votes, workers
from tests.bench.load import LoadError
from tests.bench.report import Report

FILES = 40_000


def main() -> None:
    """Measure, print, write."""
    words = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    words.add_argument(
        "--quick", action="store_true", help="smaller halls and fewer rounds, under two minutes"
    )
    words.add_argument("--only", default="", help="parts to measure, such as S1,S5 (default: all)")
    words.add_argument("--json", type=Path, default=Path("docs/bench-last.json"), help="where the figures go")
    words.add_argument("--markdown", type=Path, help="where the table goes")
    said = words.parse_args()
    began = time.monotonic()
    report = Report(tell=lambda line: print(line, flush=True))
    limit = machine.raise_files(FILES)
    if limit:
        print(f"open files: {limit}")
    facts = machine.facts()
    for name, value in facts.items():
        print(f"{name}: {value}")
    core, other = machine.cores()
    os.sched_setaffinity(0, {other})
    print(f"server on core {core}; load, store and this program on core {other}\n")
    wanted = {one.strip().upper() for one in said.only.split(",") if one.strip()}
    books = votes.Books()
    with tempfile.TemporaryDirectory(prefix="hcb-") as made:
        folder = Path(made)
        client = machine.compiled("load", folder)
        for covers, part in _parts(report, client, folder, books, said.quick):
            if wanted and not wanted & covers:
                continue
            started = time.monotonic()
            try:
                part()
            except (machine.Missing, LoadError) as why:
                report.skip(", ".join(sorted(covers)), why)
            report.tell(f"     {', '.join(sorted(covers))}: {time.monotonic() - started:.0f} s")
    if books.rounds:
        books.close(report)
    facts["load after"] = " ".join(f"{one:.1f}" for one in os.getloadavg())
    print(f"\n{time.monotonic() - began:.0f} s; load was {facts['load before']}, then {facts['load after']}")
    said.json.write_text(
        json.dumps(
            {
                "quick": said.quick,
                "machine": facts,
                "files": limit,
                "figures": [one.as_json() for one in report.figures],
                "left out": report.skipped,
            },
            ensure_ascii=False,
            indent=1,
        )
        + "\n",
        encoding="utf-8",
    )
    if said.markdown:
        said.markdown.write_text(report.markdown(), encoding="utf-8")
    if books.wrong:
        sys.exit("ballots were lost or doubled")


Part = tuple[set[str], Callable[[], None]]


def _parts(report: Report, client: Path, folder: Path, books: votes.Books, quick: bool) -> list[Part]:
    hall = 2_000 if quick else 10_000
    pushes = 3 if quick else 24
    # The smaller burst is over in a tenth of a second, so it varies more.
    bursts = {2_000: 3} if quick else {2_000: 24, 8_000: 8}
    return [
        ({"S1", "S2", "S3", "S4"}, lambda: fanout.measure(report, client, folder, n=hall, rounds=pushes)),
        (
            {"SLOW"},
            lambda: fanout.slow(
                report, client, folder, n=1_000 if quick else 2_000, rounds=1 if quick else 5
            ),
        ),
        *(
            ({"S5", "S6", "S7", "S8", "S13"}, _burst(report, client, folder, books, n, many))
            for n, many in bursts.items()
        ),
        ({"S9", "S12"}, lambda: pages.measure(report, client, folder, n=hall, rounds=2 if quick else 5)),
        (
            {"S10", "S13"},
            lambda: votes.to_the_stage(
                report, client, folder, books, n=hall, seconds=2 if quick else 10, rounds=2 if quick else 3
            ),
        ),
        (
            {"WORKERS", "S13"},
            lambda: workers.measure(
                report,
                client,
                folder,
                books,
                n=2_000 if quick else 3_000,
                pushes=10 if quick else 80,
                kills=1 if quick else 3,
                meanwhile=("live",) if quick else ("burst", "live"),
                window_s=4 if quick else 10,
            ),
        ),
        (
            {"S11"},
            lambda: refresh.measure(
                report, folder, few=1_000, many=10_000 if quick else 100_000, rounds=9 if quick else 15
            ),
        ),
        (
            {"COUNT"},
            lambda: counting.measure(
                report, folder, few=1_000, many=10_000 if quick else 100_000, rounds=5 if quick else 15
            ),
        ),
    ]


def _burst(
    report: Report, client: Path, folder: Path, books: votes.Books, n: int, rounds: int
) -> Callable[[], None]:
    return lambda: votes.measure(report, client, folder, books, n=n, rounds=rounds)


if __name__ == "__main__":
    main()
