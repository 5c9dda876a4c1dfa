"""Checkpoints: when the open box is pinned down by a root, and in which order its leaves then stand.

A checkpoint waits for time and for enough new ballots, both: a batch of one would tie a ballot to the
moment somebody was seen voting. Within a batch the leaves are sorted, so arrival leaves no trace.
"""

from collections.abc import Iterable


def is_due(*, now_ms: int, last_ms: int, new: int, every_s: int, min_new: int) -> bool:
    """Whether a checkpoint is to be made: `last_ms` is the last one's moment, or the opening's."""
    return new >= max(1, min_new) and now_ms - last_ms >= 1000 * every_s


def batch(leaves: Iterable[bytes]) -> list[bytes]:
    """The new leaves in the order in which they are added to the record."""
    return sorted(leaves)
