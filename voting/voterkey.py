"""Voter keys: how the box tells voters apart without knowing their devices."""

import base64
import hashlib
import hmac

MIN_SECRET_BYTES = 16
KEY_BYTES = 16
BLOCK_BYTES = 64
"""What SHA-256 takes at a time (FIPS 180-4)."""

INNER_PAD = bytes(byte ^ 0x36 for byte in range(256))
OUTER_PAD = bytes(byte ^ 0x5C for byte in range(256))


def voter_key(round_secret: bytes, device: str) -> str:
    """The name under which `device` votes in one round: 22 url-safe characters.

    The first 16 bytes of HMAC-SHA-256 (RFC 2104) of the device id under the round's own secret, in
    base64url without padding (RFC 4648 §5). Why not the device id itself (law L8): every round has
    another secret, so the same person's ballots cannot be linked across polls or rounds; and once
    the secret is destroyed nobody, holding every device id and the whole box, can tell whose
    ballot is whose. 128 bits keep two of a million voters apart with a chance of error below 2^-88.

    Raises ValueError when the secret is shorter than 16 bytes (it could be guessed, and the keys
    with it) or the device id is empty (all such devices would share one ballot).
    """
    if len(round_secret) < MIN_SECRET_BYTES:
        raise ValueError(f"the round's secret is shorter than {MIN_SECRET_BYTES} bytes")
    if not device:
        raise ValueError("the device id is empty")
    return _named(hmac.digest(round_secret, device.encode("utf-8"), hashlib.sha256))


class VoterKeys:
    """`voter_key` for the many devices of one round, at a quarter of its price.

    HMAC begins by hashing its key twice, with two pads (RFC 2104 §2); both are the same for the whole
    round and are kept half-way hashed. Raises ValueError as `voter_key` does.
    """

    __slots__ = ("_inner", "_outer")

    def __init__(self, round_secret: bytes) -> None:
        if len(round_secret) < MIN_SECRET_BYTES:
            raise ValueError(f"the round's secret is shorter than {MIN_SECRET_BYTES} bytes")
        if len(round_secret) > BLOCK_BYTES:
            round_secret = hashlib.sha256(round_secret).digest()
        block = round_secret.ljust(BLOCK_BYTES, b"\0")
        self._inner = hashlib.sha256(block.translate(INNER_PAD))
        self._outer = hashlib.sha256(block.translate(OUTER_PAD))

    def of(self, device: str) -> str:
        """The name under which `device` votes in this round."""
        if not device:
            raise ValueError("the device id is empty")
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(device.encode("utf-8"))
        outer.update(inner.digest())
        return _named(outer.digest())


def _named(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest[:KEY_BYTES]).rstrip(b"=").decode("ascii")
