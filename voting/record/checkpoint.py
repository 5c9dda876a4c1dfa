"""Checkpoints: when the open box is pinned down by a root, and in which order its leaves then stand.

A checkpoint waits for time and for enough new ballots, both: a batch of one would tie a ballot to the
moment somebody was seen voting. Within a batch the leaves are sorted, so arrival leaves no trace.
"""

from collections.abc import Iterable, Sequence


def is_due(*, now_ms: int, last_ms: int, new: int, every_s: int, min_new: int) -> bool:
    """Whether a checkpoint is to be made: `last_ms` is the last one's moment, or the opening's."""
    return new >= max(1, min_new) and now_ms - last_ms >= 1000 * every_s


def batch(leaves: Iterable[bytes]) -> list[bytes]:
    """The new leaves in the order in which they are added to the record."""
    return sorted(leaves)


def batch_ends(leaves: Sequence[str], pinned: int) -> list[int]:
    """After how many leaves (hex, in record order) each batch ends that came after the first `pinned`.

    A batch is sorted, so one has ended where a lower leaf follows. Two that follow each other in order count
    as one: nobody can tell them from one batch of both.
    """
    inner = [at for at in range(pinned + 1, len(leaves)) if leaves[at] < leaves[at - 1]]
    return [*inner, len(leaves)] if len(leaves) > pinned else []
