"""The hash that names a closed box: the root of a Merkle tree over its ballots or sheets (RFC 6962 §2.1)."""

import hashlib
from collections.abc import Sequence

EMPTY = hashlib.sha256(b"").hexdigest()
"""The root of a box in which nothing is."""


def leaf_of(text: str) -> str:
    """The leaf of one ballot or sheet, given as canonical JSON: hex SHA-256 of a zero byte and the text."""
    return hashlib.sha256(b"\x00" + text.encode("utf-8")).hexdigest()


def root_of(leaves: Sequence[str]) -> str:
    """The root (hex) over leaves (hex) in record order: batches as they were recorded, each sorted by leaf.

    Raises ValueError for a leaf that is not hex.
    """
    # From the bottom up: a node without a partner goes up unchanged, which gives the tree of RFC 6962, whose
    # left half is the largest power of two.
    level = [bytes.fromhex(leaf) for leaf in leaves]
    if not level:
        return EMPTY
    while len(level) > 1:
        pairs = [
            hashlib.sha256(b"\x01" + left + right).digest()
            for left, right in zip(level[::2], level[1::2], strict=False)
        ]
        level = pairs + level[len(pairs) * 2 :]
    return level[0].hex()
