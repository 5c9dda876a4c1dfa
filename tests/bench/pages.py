"""S9 and S12: a hall that scans the code, and what a phone has to fetch before it can vote."""

from __future__ import annotations

import contextlib
import json
import re
from collections import defaultdict
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx

from server.eventyaml import read_event
from tests.bench import anchors, machine
from tests.bench.hall import Hall, hall
from tests.bench.load import limit
from tests.bench.report import Figure, Report, ratios

BEFORE_SCRIPT_BYTES = 14 * 1024
IN_ALL_BYTES = 40 * 1024
VISITS = 100
"""New phones whose files are fetched one after the other."""


def join_page() -> str:
    event = read_event(Path(__file__).with_name("hall.yaml").read_text(encoding="utf-8"))
    return f"/j/{event.join_code}"


def measure(report: Report, client: Path, folder: Path, *, n: int, rounds: int) -> None:
    """Page, cookie, socket, first state. The others do the same work: a ready page of as many bytes, a signed
    cookie, its check and that of the Origin at the upgrade, a first message of as many bytes."""
    seconds, cpus = (defaultdict[str, list[float]](list) for _ in range(2))
    doubt = ""
    with contextlib.ExitStack() as stack:
        ours = stack.enter_context(hall(client, folder))
        ours.new_round("burst")
        _weigh(report, ours)
        page, push = _sizes(ours)
        halls: dict[str, tuple[Hall | anchors.Anchor, str]] = {"ours": (ours, join_page())}
        try:
            halls["theirs"] = (stack.enter_context(anchors.node("sio", folder, client, push, page=page)), "/")
        except machine.Missing as why:
            report.skip("socket.io", why)
        for _ in range(rounds + 1):
            for name, (house, path) in halls.items():
                with house.scanners() as phones:
                    before = house.cpu_s()
                    answer = phones.connect(n, page=path)
                    phones.quiet(200)
                    seconds[name].append(answer["ms"] / 1000)
                    cpus[name].append(house.cpu_s() - before)
                    doubt = doubt or limit(answer, answer["ms"])
                machine.settle(house.cpu_s)  # everybody has left before the next come

    def add(what: str, values: list[float], unit: str, target: float | None = None) -> None:
        report.add(Figure(name="S9", what=what, values=values, unit=unit, target=target, doubt=doubt))

    # Node compiles its code while the first thousands join, so its first time says little of the next ones.
    add(f"{n} phones join: page, socket and first state", seconds["ours"][1:], "s")
    add("CPU of that, for each phone", [one / n * 1e6 for one in cpus["ours"][1:]], "µs")
    if seconds["theirs"]:
        for what, of in (("time", seconds), ("CPU", cpus)):
            first, *values = ratios(of["ours"], of["theirs"])
            target = 0.6 if of is seconds else None
            add(f"the same {what}, against node", values, "x", target)
            add(f"the same {what}, against node, the first time after the start of both", [first], "x")


def _sizes(ours: Hall) -> tuple[int, int]:
    """Bytes of our packed page and of its first push, so that others send as many."""
    with httpx.Client(base_url=f"http://127.0.0.1:{ours.port}") as browser:
        page = browser.get(join_page()).num_bytes_downloaded
        state = browser.get(f"{join_page()}/state").json()
    return page, len(json.dumps(state["papers"], separators=(",", ":")).encode())


def _weigh(report: Report, ours: Hall) -> None:
    """S12: bytes over the wire, compressed as a browser gets them; without the heads of the answers."""
    with httpx.Client(base_url=f"http://127.0.0.1:{ours.port}") as browser:
        page = browser.get(join_page())
        styles = {*re.findall(r'<link[^>]+rel="?stylesheet"?[^>]*href="([^"]+)"', page.text)}
        styles |= {*re.findall(r'<link[^>]+href="([^"]+)"[^>]*rel="?stylesheet"?', page.text)}
        first = page.num_bytes_downloaded + sum(browser.get(one).num_bytes_downloaded for one in styles)
        wanted = [*re.findall(r'<script[^>]+src="([^"]+)"', page.text)]
        wanted += re.findall(r'<link[^>]+rel="?modulepreload"?[^>]*href="([^"]+)"', page.text)
        seen: dict[str, int] = {}
        while wanted:
            path = urlsplit(wanted.pop()).path
            if path in seen:
                continue
            script = browser.get(path)
            seen[path] = script.num_bytes_downloaded
            wanted += [
                urljoin(path, one) for one in re.findall(r'(?:from|import)\s*"(\.[^"]+)"', script.text)
            ]
        in_all = first + sum(seen.values())
        files = [*styles, *seen]
    with httpx.Client(base_url=f"http://127.0.0.1:{ours.port}") as browser:
        browser.get(join_page())
        before = ours.cpu_s()
        for _ in range(VISITS):
            for path in files:
                browser.get(path)
        spent = ours.cpu_s() - before
    report.add(
        Figure(
            name="S9",
            what=f"CPU of the {len(files)} files that a new phone fetches, for each phone",
            values=[spent / VISITS * 1e6],
            unit="µs",
        )
    )
    report.add(
        Figure(
            name="S12",
            what="page and styles, before any script",
            values=[first / 1024],
            unit="KiB",
            target=BEFORE_SCRIPT_BYTES / 1024,
        )
    )
    report.add(
        Figure(
            name="S12",
            what="everything needed to vote",
            values=[in_all / 1024],
            unit="KiB",
            target=IN_ALL_BYTES / 1024,
        )
    )
