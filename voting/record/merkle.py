"""The Merkle tree of RFC 6962, section 2.1: one hash stands for a list that only grows.

An inclusion proof shows that a leaf is in a list with a known root, a consistency proof that a longer
list begins with the shorter one, each with about log2(n) hashes. Verification follows RFC 9162, sections
2.1.3.2 and 2.1.4.2. Leaves are their hashes, 32 bytes each.
"""

import hashlib
from collections.abc import Sequence

from voting.record.canonical import canonical_json

EMPTY = hashlib.sha256(b"").digest()
"""The root of no leaves."""


def leaf_of(value: object) -> bytes:
    """The leaf of a ballot or sheet: SHA-256 of a zero byte and its canonical JSON."""
    return leaf_hash(canonical_json(value).encode("utf-8"))


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


class Tree:
    """The roots of a list while it grows; adding n leaves costs O(n) hashes, a root O(log n)."""

    def __init__(self, leaves: Sequence[bytes] = ()) -> None:
        self.size = 0
        self._whole: list[tuple[int, bytes]] = []  # full subtrees from the left: size and root
        for leaf in leaves:
            self.add(leaf)

    def add(self, leaf: bytes) -> None:
        self.size += 1
        self._whole.append((1, leaf))
        while len(self._whole) > 1 and self._whole[-1][0] == self._whole[-2][0]:
            size, right = self._whole.pop()
            _, left = self._whole.pop()
            self._whole.append((2 * size, node_hash(left, right)))

    def root(self) -> bytes:
        if not self._whole:
            return EMPTY
        *others, (_, root) = self._whole
        for _, left in reversed(others):
            root = node_hash(left, root)
        return root


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over the leaves in their order."""
    return Tree(leaves).root()


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The hashes that lead from the leaf at `index` to the root, the lowest first (PATH of the RFC).

    Raises IndexError when there is no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise IndexError(f"no leaf {index} among {len(leaves)}")
    if len(leaves) == 1:
        return []
    split = _split(len(leaves))
    if index < split:
        return [*inclusion_proof(leaves[:split], index), root_of(leaves[split:])]
    return [*inclusion_proof(leaves[split:], index - split), root_of(leaves[:split])]


def consistency_proof(leaves: Sequence[bytes], earlier: int) -> list[bytes]:
    """The hashes that show that the list began with its first `earlier` leaves (PROOF of the RFC).

    Raises ValueError unless 1 <= earlier <= the number of leaves.
    """
    if not 1 <= earlier <= len(leaves):
        raise ValueError(f"the earlier size is from 1 to {len(leaves)}, not {earlier}")
    return _subproof(leaves, earlier, True)


def _subproof(leaves: Sequence[bytes], earlier: int, is_whole: bool) -> list[bytes]:
    if earlier == len(leaves):
        return [] if is_whole else [root_of(leaves)]
    split = _split(len(leaves))
    if earlier <= split:
        return [*_subproof(leaves[:split], earlier, is_whole), root_of(leaves[split:])]
    return [*_subproof(leaves[split:], earlier - split, False), root_of(leaves[:split])]


def is_included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof shows that the leaf is at `index` of the list of `size` leaves with this root."""
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, leaf
    for other in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node_hash(other, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, other)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def is_consistent(earlier: int, size: int, earlier_root: bytes, root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the proof shows that the list of `size` leaves begins with the one of `earlier` leaves."""
    if not 1 <= earlier <= size:
        return False
    if earlier == size:
        return not proof and earlier_root == root
    hashes = list(proof)
    if earlier & (earlier - 1) == 0:
        hashes.insert(0, earlier_root)
    if not hashes:
        return False
    at, last = earlier - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = hashes[0]
    for other in hashes[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = node_hash(other, old), node_hash(other, new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, other)
        at, last = at >> 1, last >> 1
    return last == 0 and old == earlier_root and new == root


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1
