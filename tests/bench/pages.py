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
WARM = 200
"""Phones that come before anything is measured."""


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
        for number in range(rounds + 1):
            for name, (house, path) in halls.items():
                with house.scanners() as phones:
                    few = min(n, WARM) if number == 0 else n
                    before = house.cpu_s()
                    answer = phones.connect(few, page=path)
                    phones.quiet(200)
                    if number:
                        seconds[name].append(answer["ms"] / 1000)
                        cpus[name].append(house.cpu_s() - before)
                        doubt = doubt or limit(answer, answer["ms"])
                machine.settle(house.cpu_s)  # everybody has left before the next come
    report.add(Figure(name="S9", what=f"{n} phones join: page and socket", values=seconds["ours"], unit="s"))
    report.add(
        Figure(
            name="S9",
            what="CPU of page and socket",
            values=[one / n * 1e6 for one in cpus["ours"]],
            unit="µs",
        )
    )
    if seconds["theirs"]:
        values = ratios(seconds["ours"], seconds["theirs"])
        report.add(
            Figure(
                name="S9",
                what="the same time, against node",
                values=values,
                unit="x",
                target=0.6,
                doubt=doubt,
            )
        )
        values = ratios(cpus["ours"], cpus["theirs"])
        report.add(Figure(name="S9", what="the same CPU, against node", values=values, unit="x"))


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
