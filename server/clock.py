"""Time: the one place that reads clocks."""

import time
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo


def now_ms() -> int:
    """Unix time in milliseconds."""
    return time.time_ns() // 1_000_000


def monotonic_ms() -> int:
    """Milliseconds of a clock that no one can set; only differences mean anything."""
    return time.monotonic_ns() // 1_000_000


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@lru_cache(maxsize=4096)  # all receipts of a batch say the same, and a time zone is dear to ask
def local_time(at_ms: int, timezone: str) -> str:
    """Time of day with seconds in an IANA time zone, such as "10:42:03"."""
    return datetime.fromtimestamp(at_ms // 1000, UTC).astimezone(_zone(timezone)).strftime("%H:%M:%S")
