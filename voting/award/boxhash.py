"""The hash that names a closed box: the root of a Merkle tree over its ballots or sheets, all in hex."""

from collections.abc import Sequence

from voting.record import merkle

EMPTY = merkle.EMPTY.hex()
"""The root of a box in which nothing is."""


def leaf_of(text: str) -> str:
    """The leaf of one ballot or sheet, given as canonical JSON: hex SHA-256 of a zero byte and the text."""
    return merkle.leaf_hash(text.encode("utf-8")).hex()


def root_of(leaves: Sequence[str]) -> str:
    """The root over leaves in record order: batches as they were recorded, each sorted by leaf.

    Raises ValueError for a leaf that is not hex.
    """
    return merkle.root_of([bytes.fromhex(leaf) for leaf in leaves]).hex()
