"""Every setting: its default, its unit and its meaning; server/config.py reads them.

config.yaml in the repository is `default_yaml()`, held to it by a test.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from server import config_values as values

T = TypeVar("T")


def _setting(default: T, read: Callable[[object], T], meaning: str, unit: str = "") -> T:
    # Says T and returns a Field: as dataclasses.field does, so that the sections below read as plain types.
    made: Any = field(default=default, metadata={"read": read, "meaning": meaning, "unit": unit})
    return made  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where the web server listens and what it is called from outside."""

    host: str = _setting(
        "127.0.0.1", values.word, "The address to listen on; 0.0.0.0 for the whole venue's network."
    )
    port: int = _setting(8000, values.whole(0, 65535), "The TCP port to listen on; 0 takes any free one.")
    workers: int = _setting(
        1,
        values.whole(1, 64),
        "Server processes on this machine, at most one for each core. They share the store.",
        "processes",
    )
    public_url: str = _setting(
        "",
        values.origin_or_empty,
        "How phones reach the server: https://vote.example.org. Decides QR code, links, Origin and cookie "
        "name. Empty: the address it listens on.",
    )
    trusted_proxies: tuple[str, ...] = _setting(
        (),
        values.list_of(values.network),
        "Addresses or networks of proxies whose X-Forwarded-* lines are believed.",
    )
    allowed_origins: tuple[str, ...] = _setting(
        (),
        values.list_of(values.origin),
        "Further origins whose pages may open a WebSocket; public_url always may.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """Where ballots are kept."""

    url: str = _setting(
        "",
        values.store_url,
        "An external Valkey >= 8 or Redis >= 7: redis://host:6379/0. Empty: our own private one. "
        "A password belongs in HEMICYCLE_STORE_URL, not here.",
    )
    data: Path = _setting(
        Path("data"), values.folder, "Folder for the private store, keys and logs; made when missing."
    )
    fsync: str = _setting(
        "always",
        values.one_of("always", "everysec"),
        "When a ballot is on disk: always (before a phone reads Counted) or everysec (up to 1 s may "
        "be lost).",
    )
    maxmemory_mb: int = _setting(
        0,
        values.whole(0, 1_048_576),
        "Memory the private store may take; 0 sets no limit. Full refuses, never forgets.",
        "MiB",
    )
    min_free_mb: int = _setting(
        64, values.whole(0, 1_048_576), "Free disk space below which ballots are no longer accepted.", "MiB"
    )
    start_timeout_s: int = _setting(
        60,
        values.whole(1, 3600),
        "How long the store may make no progress at start before we give up.",
        "seconds",
    )
    pool: int = _setting(
        16, values.whole(2, 1000), "Connections from one server process to the store.", "connections"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """The live path: how often is told, and what a connection may do."""

    stage_hz: float = _setting(
        10.0, values.number(0.1, 10), "How often stage and console are redrawn at most.", "per second"
    )
    phone_hz: float = _setting(
        1.0, values.number(0.1, 10), "How often a phone is sent a changed result at most.", "per second"
    )
    tick_s: int = _setting(
        20, values.whole(1, 20), "Every so often each connection hears from the server.", "seconds"
    )
    silence_s: int = _setting(
        45,
        values.whole(2, 600),
        "A connection that says nothing for so long is closed; above tick_s.",
        "seconds",
    )
    reconnect_window_s: int = _setting(
        10, values.whole(0, 600), "After a restart phones come back spread over this time.", "seconds"
    )
    max_message_bytes: int = _setting(
        4096, values.whole(512, 65536), "The largest message a phone may send.", "bytes"
    )
    max_connections_per_device: int = _setting(
        8, values.whole(1, 1000), "Tabs of one device that may be connected at once.", "connections"
    )
    send_timeout_s: int = _setting(
        5, values.whole(1, 120), "A connection that takes nothing for so long is dropped.", "seconds"
    )
    write_buffer_bytes: int = _setting(
        65536,
        values.whole(4096, 16_777_216),
        "Unsent bytes per connection above which it is dropped.",
        "bytes",
    )
    messages_per_10s: int = _setting(
        40, values.whole(1, 10_000), "Messages one connection may send within 10 seconds.", "messages"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Votes:
    """How ballots are recorded and checked."""

    batch_max: int = _setting(
        512, values.whole(1, 10_000), "Ballots recorded together in one step at most.", "ballots"
    )
    recheck_s: int = _setting(
        60,
        values.whole(1, 86_400),
        "How often the tally of an open poll is compared with its ballots.",
        "seconds",
    )
    seal_after_s: int = _setting(
        120,
        values.whole(10, 86_400),
        "So long after a poll's round is closed nothing tells any more who cast which ballot.",
        "seconds",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Polls:
    """What holds for every poll."""

    min_group: int = _setting(
        5,
        values.whole(1, 1000),
        "Segments with fewer ballots than this are not shown by themselves.",
        "ballots",
    )
    rehearsal_max_voters: int = _setting(
        5000, values.whole(1, 1_000_000), "The most simulated phones a rehearsal may have.", "phones"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """What the server says about itself."""

    level: str = _setting(
        "info", values.one_of("debug", "info", "warning", "error"), "The least severe line that is written."
    )
    format: str = _setting("text", values.one_of("text", "json"), "text for people, json for machines.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """Figures for Prometheus, on a listener of their own that phones do not reach."""

    host: str = _setting("127.0.0.1", values.word, "The address that /metrics listens on.")
    port: int = _setting(
        0,
        values.whole(0, 65_000),
        "Its TCP port; with several workers the first one's, the others take the next ones. 0 is off.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Privacy:
    """How long what belongs to a person is kept."""

    device_days_after_event: int = _setting(
        30,
        values.whole(1, 3650),
        "How long a phone's cookie and record outlive the event's last day.",
        "days",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All settings, by section: `config.server.port`."""

    server: Server = field(default_factory=Server)
    store: Store = field(default_factory=Store)
    live: Live = field(default_factory=Live)
    votes: Votes = field(default_factory=Votes)
    polls: Polls = field(default_factory=Polls)
    log: Log = field(default_factory=Log)
    metrics: Metrics = field(default_factory=Metrics)
    privacy: Privacy = field(default_factory=Privacy)


SECTIONS: Mapping[str, type] = {
    "server": Server,
    "store": Store,
    "live": Live,
    "votes": Votes,
    "polls": Polls,
    "log": Log,
    "metrics": Metrics,
    "privacy": Privacy,
}


def settings() -> Iterator[tuple[str, Field[Any]]]:
    """Every setting as (dotted name, dataclass field); metadata holds "meaning" and "unit"."""
    for section, kind in SECTIONS.items():
        for one in fields(kind):
            yield f"{section}.{one.name}", one


def default_yaml() -> str:
    """config.yaml as it ships: every setting with its default, its unit and its meaning."""
    lines = [
        "# Every setting of Hemicycle with its default. Later wins: this file, the environment",
        "# (HEMICYCLE_SERVER_PORT and so on), the words of the command line.",
    ]
    for section, kind in SECTIONS.items():
        lines += ["", f"# {kind.__doc__}", f"{section}:"]
        for one in fields(kind):
            unit = f" [{one.metadata['unit']}]" if one.metadata["unit"] else ""
            about = textwrap.wrap(one.metadata["meaning"] + unit, 96)
            lines += [f"  # {line}" for line in about]
            lines.append(f"  {one.name}: {_as_yaml(one.default)}")
    return "\n".join(lines) + "\n"


def _as_yaml(value: object) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(value) + "]"
    return f"{value:g}" if isinstance(value, float) else str(value) or '""'
