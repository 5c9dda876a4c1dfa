"""Voting codes: how a voter's single-use code is written, read and hashed.

Each line of the register has one secret in two forms. The QR code holds a token of 128 bits; its SHA-256
names the line in the register, in the set of used codes and in the public record. What people type is ten
symbols of Crockford's Base 32 (https://www.crockford.com/base32.html): nine hold 45 bits, the tenth is a
check that finds every single wrong symbol and every two neighbours that were swapped. 45 bits could be
searched through, so a typed code goes through an HMAC under a key that is not in the store before it is
hashed, and leads to the line of its token.
"""

import base64
import hashlib
import hmac
import re
import unicodedata

from voting.errors import CodeInvalid

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's symbols; a symbol's place is its value."""

LOOK_ALIKES = {"O": "0", "I": "1", "L": "1"}
LENGTH = 10
TOKEN_BYTES = 16
CHECK_WEIGHTS = (3, 5, 7, 9, 11, 13, 15, 17, 19)

_PRIME = 31
_VALUES = {symbol: value for value, symbol in enumerate(ALPHABET)}
_SEPARATORS = re.compile(r"[\s‐‑–—_.·-]+")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
_HASH = re.compile(r"[0-9a-f]{64}")


def code_from(number: int) -> str:
    """The typed code of nine symbols' worth of chance: `number` is taken modulo 31**9 (44.6 bits).

    Only 31 of the 32 symbols are used (no Z), because a check modulo a prime finds more.
    """
    digits = []
    for _ in range(LENGTH - 1):
        number, digit = divmod(number, _PRIME)
        digits.append(digit)
    return "".join(ALPHABET[digit] for digit in (*digits, _check(digits)))


def canonical_code(text: str) -> str:
    """The code in the one form in which it is hashed: ten symbols, no hyphen.

    Case, spaces and hyphens do not matter, O is read as 0, I and L as 1. Raises CodeInvalid, in words for
    the person who typed it.
    """
    kept = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()
    code = "".join(LOOK_ALIKES.get(symbol, symbol) for symbol in kept)
    if len(code) != LENGTH:
        raise CodeInvalid(
            f"A voting code has {LENGTH} letters and digits, such as {shown(code_from(7**15))}."
        )
    values = [_VALUES.get(symbol, _PRIME) for symbol in code]
    if max(values) >= _PRIME or values[-1] != _check(values[:-1]):
        raise CodeInvalid("This is not a voting code. Look again: one letter or digit is wrong.")
    return code


def shown(code: str) -> str:
    """A canonical code as people see it: XXXXX-XXXXX."""
    return f"{code[:5]}-{code[5:]}"


def token_from(chance: bytes) -> str:
    """The token of a QR code: 16 random bytes in base64url (RFC 4648 §5), 22 characters.

    Raises ValueError for another number of bytes.
    """
    if len(chance) != TOKEN_BYTES:
        raise ValueError(f"a token is made of {TOKEN_BYTES} bytes, not {len(chance)}")
    return base64.urlsafe_b64encode(chance).rstrip(b"=").decode("ascii")


def is_token(text: str) -> bool:
    """Whether a text looks like a token."""
    return _TOKEN.fullmatch(text) is not None


def is_hash(text: str) -> bool:
    """Whether a text is a hash as `token_hash` gives it."""
    return _HASH.fullmatch(text) is not None


def token_hash(award: str, token: str) -> str:
    """The line of a token in the register: hex SHA-256 of "code|award|token"."""
    return hashlib.sha256(f"code|{award}|{token}".encode()).hexdigest()


def typed_hash(key: bytes, award: str, code: str) -> str:
    """What a canonical code is stored as: hex SHA-256 of "code|award|" and its HMAC-SHA-256 under `key`.

    The key lies outside the store, so that the store alone does not let anyone try all codes. Raises
    ValueError when the key is shorter than 32 bytes.
    """
    if len(key) < 32:
        raise ValueError("the key of typed codes is shorter than 32 bytes")
    return token_hash(award, hmac.digest(key, f"{award}|{code}".encode(), hashlib.sha256).hex())


def _check(digits: list[int]) -> int:
    # Weights that differ, and differ from their neighbours, modulo a prime: hence both promises above.
    return sum(weight * digit for weight, digit in zip(CHECK_WEIGHTS, digits, strict=True)) % _PRIME
