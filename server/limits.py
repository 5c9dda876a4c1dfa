"""Limits on guessing: how many wrong voting codes may come from one address before it has to wait."""

import ipaddress
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

KEPT = 10_000
"""Buckets that are remembered; the one that was not touched for longest goes first."""


@dataclass(slots=True)
class _Bucket:
    left: float
    at_ms: int


class Misses:
    """Allows `burst` misses at once and one more every `every_ms`, for each key.

    Only misses count: a hall that votes from behind one address can cast as many ballots as it likes.
    Each process counts for itself, so that several of them allow so many times more.
    """

    def __init__(self, *, burst: int, every_ms: int, kept: int = KEPT) -> None:
        self._burst, self._every_ms, self._kept = burst, every_ms, kept
        self._buckets: OrderedDict[Hashable, _Bucket] = OrderedDict()

    def wait_ms(self, key: Hashable, now_ms: int) -> int:
        """How long `key` has to wait before the next try, in ms; 0 when it may try now."""
        bucket = self._filled(key, now_ms)
        if bucket is None or bucket.left >= 1:
            return 0
        return max(1, round((1 - bucket.left) * self._every_ms))

    def miss(self, key: Hashable, now_ms: int) -> None:
        """A try that failed."""
        bucket = self._filled(key, now_ms) or _Bucket(self._burst, now_ms)
        bucket.left = max(0.0, bucket.left - 1)
        self._buckets[key] = bucket
        self._buckets.move_to_end(key)
        while len(self._buckets) > self._kept:
            self._buckets.popitem(last=False)

    def _filled(self, key: Hashable, now_ms: int) -> _Bucket | None:
        bucket = self._buckets.get(key)
        if bucket is not None:
            gained = max(0, now_ms - bucket.at_ms) / self._every_ms
            bucket.left, bucket.at_ms = min(self._burst, bucket.left + gained), now_ms
        return bucket


def network_of(host: str) -> str:
    """The address for which misses are counted: all of an IPv4 address, the /64 of an IPv6 one, because
    whoever has one of its addresses has them all."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped or ipaddress.ip_network((address, 64), strict=False).network_address)
    return str(address)
