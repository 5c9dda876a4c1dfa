"""Who is there: device cookies, role links, and the check of where a request comes from.

No account, no password. A phone carries a signed random device id; moderators, presenters and
organisers come by links whose tokens are HMACs under a key file, so that they can be printed again
and need not be stored. Raising a link's serial revokes it.
"""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from itsdangerous import BadSignature, URLSafeSerializer

from server.keyfile import make_key_file

KEY_BYTES = 32
DEVICE_BYTES = 16
_USUAL = re.compile(r"[A-Za-z0-9_-]{1,24}", re.ASCII)
"""Device ids such as `new_device` makes: nothing is won by packing them, which the library would try."""


class Role(StrEnum):
    ORGANISER = "organiser"
    MODERATOR = "moderator"
    PRESENTER = "presenter"


MAY: Mapping[Role, frozenset[Role]] = {
    Role.ORGANISER: frozenset({Role.ORGANISER}),
    Role.MODERATOR: frozenset({Role.ORGANISER, Role.MODERATOR}),
    Role.PRESENTER: frozenset({Role.ORGANISER, Role.MODERATOR, Role.PRESENTER}),
}
"""For each right, the roles that hold it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """What a phone said about its person: the segment answered for, and the room they are in."""

    segment: str = ""
    room: str = ""


class Visitor(Protocol):
    """What a request tells of who asks: Starlette's requests do, and what the live path reads itself."""

    @property
    def headers(self) -> Mapping[str, str]: ...

    @property
    def cookies(self) -> Mapping[str, str]: ...

    @property
    def query_params(self) -> Mapping[str, str]: ...


class Keyring:
    """Signs and checks everything that leaves the server to come back later."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._devices = URLSafeSerializer(secret, salt="device")
        self._seats = URLSafeSerializer(secret, salt="seat")
        self._device_key = self._devices.make_signer("device").derive_key()

    def codes_key(self) -> bytes:
        """The key under which typed voting codes are hashed: the store alone does not let anyone try them."""
        return hmac.digest(self._secret, b"voting codes", hashlib.sha256)

    @classmethod
    def load(cls, path: Path) -> "Keyring":
        """The keyring of a data folder; makes the key file (mode 0600) the first time.

        Raises PermissionError when somebody else could read the file.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            make_key_file(path, secrets.token_bytes(KEY_BYTES))
        if path.stat().st_mode & 0o077:
            raise PermissionError(f"{path} can be read by others; run: chmod 600 {path}")
        secret = path.read_bytes()
        if len(secret) < KEY_BYTES:
            raise PermissionError(f"{path} is damaged: {KEY_BYTES} bytes expected, {len(secret)} found")
        return cls(secret)

    # -- phones ---------------------------------------------------------------------------------

    def new_device(self) -> str:
        """A fresh device id of 128 random bits."""
        return secrets.token_urlsafe(DEVICE_BYTES)

    def sign_device(self, device: str) -> str:
        """The device's cookie, as itsdangerous makes and reads it; a usual id at a part of the price."""
        if not _USUAL.fullmatch(device):
            return str(self._devices.dumps(device))
        payload = base64.urlsafe_b64encode(b'"%b"' % device.encode()).rstrip(b"=")
        mac = hmac.digest(self._device_key, payload, "sha1")
        return (payload + b"." + base64.urlsafe_b64encode(mac).rstrip(b"=")).decode()

    def read_device(self, cookie: str | None) -> str | None:
        """The device id in a cookie; None when it is missing, forged or damaged."""
        value = self._device_sealed_by(cookie) if cookie else None
        return value if isinstance(value, str) else None

    def _device_sealed_by(self, cookie: str) -> object:
        # What itsdangerous does, at half its price: every socket of a hall begins with this check.
        payload, _, signature = cookie.encode("utf-8", "replace").rpartition(b".")
        good = hmac.digest(self._device_key, payload, "sha1")
        if not hmac.compare_digest(base64.urlsafe_b64encode(good).rstrip(b"="), signature):
            return None
        if not payload.startswith(b"."):  # a packed one
            value = base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)).decode("ascii", "replace")
            device = value[1:-1]
            if value == f'"{device}"' and _USUAL.fullmatch(device):
                return device
        return self._devices.load_payload(payload)

    def sign_seat(self, event: str, seat: Seat) -> str:
        return str(self._seats.dumps([event, seat.segment, seat.room]))

    def read_seat(self, event: str, cookie: str | None) -> Seat:
        """The seat in a cookie of this event; an empty one when there is none or it is forged."""
        match self._read(self._seats, cookie):
            case [str(of), str(segment), str(room)] if of == event:
                return Seat(segment=segment, room=room)
        return Seat()

    @staticmethod
    def _read(serializer: URLSafeSerializer, cookie: str | None) -> object:
        if not cookie:
            return None
        try:
            return serializer.loads(cookie)
        except BadSignature:
            return None

    # -- role links -----------------------------------------------------------------------------

    def derived(self, purpose: str) -> bytes:
        """A key of its own for `purpose`, 32 bytes, that is never stored."""
        return hmac.digest(self._secret, f"derived|{purpose}".encode(), hashlib.sha256)

    def token(self, event: str, role: str, serial: int) -> str:
        """The token in a role's link: 128 bits of HMAC-SHA-256, base64url. `role` is a Role, or the name of
        one person's part in an award, such as `juror:best:ada`."""
        text = f"link|{event}|{role}|{serial}".encode()
        mac = hmac.digest(self._secret, text, hashlib.sha256)[:16]
        return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()

    def role_of(self, event: str, token: str | None, serials: Mapping[str, int]) -> Role | None:
        """The role a token stands for at the event's present serials (absent: 1); None when none."""
        if not token:
            return None
        for role in Role:
            good = self.token(event, role, serials.get(role, 1))
            if hmac.compare_digest(good.encode(), token.encode("utf-8", "replace")):
                return role
        return None

    def is_token_of(self, event: str, role: str, token: str | None, serials: Mapping[str, int]) -> bool:
        """Whether a token is that of `role` (as `token` takes it) at its present serial."""
        good = self.token(event, role, serials.get(role, 1))
        return bool(token) and hmac.compare_digest(good.encode(), (token or "").encode("utf-8", "replace"))

    def best_role(self, event: str, tokens: Iterable[str | None], serials: Mapping[str, int]) -> Role | None:
        """The strongest role among several tokens."""
        held = {self.role_of(event, token, serials) for token in tokens}
        return next((role for role in Role if role in held), None)


def order_seed(device: str) -> str:
    """The seed of a device's shuffled option order; says nothing about the device id."""
    return hashlib.sha256(f"order|{device}".encode()).hexdigest()[:12]


def is_own_origin(
    origin: str | None, fetch_site: str | None, host: str | None, allowed: frozenset[str]
) -> bool:
    """Whether a state-changing request or a WebSocket upgrade comes from our own pages.

    `origin` is the Origin header, `fetch_site` Sec-Fetch-Site, `host` the Host header, `allowed` whole
    origins ("https://vote.example") beside the host itself. A missing Origin is accepted only when
    the browser vouches for the same site by Sec-Fetch-Site or the client is no browser at all (sends
    neither header): such a client carries no one else's cookies.
    Source: OWASP CSRF Prevention and WebSocket Security cheat sheets.
    """
    if fetch_site is not None and fetch_site not in ("same-origin", "none"):
        return False
    if origin is None:
        return True
    if origin in allowed:
        return True
    try:
        parts = urlsplit(origin)
    except ValueError:  # such as an address in brackets that are not closed
        return False
    return bool(parts.netloc) and parts.scheme in ("http", "https") and parts.netloc == host
