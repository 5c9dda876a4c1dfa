"""What a setting's value may be: each reader takes what YAML, a word or the code gave.

It returns the value, or raises Bad with what was expected, in words that follow "expected".
"""

from __future__ import annotations

import math
from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

STORE_SCHEMES = (
    "redis://",
    "rediss://",
    "unix://",
    "valkey+cluster://",
    "redis+cluster://",
    "valkeys+cluster://",
    "rediss+cluster://",
)


class Bad(Exception):
    """What was expected instead; becomes a ConfigError where the key is known."""


def text(value: object) -> str:
    """Any text, without space around it."""
    if not isinstance(value, str):
        raise Bad("text")
    return value.strip()


def word(value: object) -> str:
    """Text that is not empty."""
    if not (given := text(value)):
        raise Bad("text that is not empty")
    return given


def whole(low: int, high: int) -> Callable[[object], int]:
    """A whole number in a range, ends included."""

    def read(value: object) -> int:
        if isinstance(value, str) and value.strip().removeprefix("-").isdecimal():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise Bad(f"a whole number from {low} to {high}")
        return value

    return read


def number(low: float, high: float) -> Callable[[object], float]:
    """A number in a range, ends included."""

    def read(value: object) -> float:
        try:
            found = math.nan if isinstance(value, bool) else float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            found = math.nan
        if not low <= found <= high:
            raise Bad(f"a number from {low:g} to {high:g}")
        return found

    return read


def one_of(*words: str) -> Callable[[object], str]:
    """One of these words."""

    def read(value: object) -> str:
        if value not in words:
            raise Bad("one of " + ", ".join(words))
        return str(value)

    return read


def list_of(read_one: Callable[[object], str]) -> Callable[[object], tuple[str, ...]]:
    """A list; in the environment and on the command line the items stand between commas."""

    def read(value: object) -> tuple[str, ...]:
        if isinstance(value, str):
            value = [word for word in value.split(",") if word.strip()]
        if not isinstance(value, list | tuple):
            raise Bad("a list")
        return tuple(read_one(item) for item in value)

    return read


def folder(value: object) -> Path:
    """The path of a folder; it need not exist."""
    if not isinstance(value, str | Path) or not str(value).strip():
        raise Bad("a folder")
    return Path(value)


def origin(value: object) -> str:
    """Scheme, host and port of a web server, in lower case."""
    expected = "an address such as https://vote.example.org, without a path"
    given = text(value).rstrip("/")
    try:
        parts = urlsplit(given)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        raise Bad(expected) from None
    if not good or "@" in parts.netloc or given != f"{parts.scheme}://{parts.netloc}":
        raise Bad(expected)
    return given.lower()


def origin_or_empty(value: object) -> str:
    """The same, or nothing."""
    return "" if value in ("", None) else origin(value)


def network(value: object) -> str:
    """An IP address or network."""
    try:
        return str(ip_network(text(value)))
    except ValueError:
        raise Bad("an address or network such as 127.0.0.1 or 10.0.0.0/8") from None


def store_url(value: object) -> str:
    """Address of an external store, or empty; +cluster after the scheme says that it is a cluster."""
    given = "" if value is None else text(value)
    if given and not given.startswith(STORE_SCHEMES):
        raise Bad(
            "empty, or redis://host:6379/0, rediss://…, unix:///path or, for a cluster, "
            "valkey+cluster://host:6379"
        )
    return given
