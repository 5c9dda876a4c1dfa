"""Voter keys: how the box tells voters apart without knowing their devices."""

import binascii
import hashlib
import hmac

MIN_SECRET_BYTES = 16
KEY_BYTES = 16


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
    """`voter_key` for the many devices of one round, for less: HMAC begins by hashing its key, which is the
    same for the whole round (RFC 2104 §4). Raises ValueError as `voter_key` does."""

    __slots__ = ("_begun",)

    def __init__(self, round_secret: bytes) -> None:
        if len(round_secret) < MIN_SECRET_BYTES:
            raise ValueError(f"the round's secret is shorter than {MIN_SECRET_BYTES} bytes")
        begun = hmac.new(round_secret, digestmod=hashlib.sha256)
        # What hmac.HMAC wraps, where there is such a thing: copying the wrapper costs twice as much as the
        # rest of a key, and a hall needs one for each ballot.
        self._begun: hmac.HMAC = getattr(begun, "_hmac", None) or begun

    def of(self, device: str) -> str:
        """The name under which `device` votes in this round."""
        if not device:
            raise ValueError("the device id is empty")
        mac = self._begun.copy()
        mac.update(device.encode("utf-8"))
        return _named(mac.digest())


_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def _named(digest: bytes) -> str:
    return binascii.b2a_base64(digest[:KEY_BYTES]).translate(_URL_SAFE, b"=\n").decode("ascii")
