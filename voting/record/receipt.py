"""Receipts of award ballots: made from the voter's own chance, so that no two voters share one.

The voter's browser draws r (128 random bits) and may add a word that the voter typed. The receipt is
published with the ballot; the salt keeps the ballot's leaf from being guessed before the reveal.
`static/js/receipt.js` makes the same from the same r and word.
"""

import base64
import hashlib
import re
import unicodedata
from dataclasses import dataclass

RANDOM_BYTES = 16
RECEIPT_LENGTH = 12
_R = re.compile(r"[0-9a-f]{32}")
_RECEIPT = re.compile(r"[a-z2-7]{12}")
_SALT = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The receipt, 12 letters and digits of base32, and the salt, 32 hexadecimal digits."""

    receipt: str
    salt: str


def make_receipt(award: str, round_id: str, r_hex: str, word: str = "") -> Receipt:
    """The receipt and the salt of r, 16 random bytes as 32 hexadecimal digits.

    Raises ValueError when `r_hex` is anything else.
    """
    if not _R.fullmatch(r_hex):
        raise ValueError("r is 16 bytes as 32 lower-case hexadecimal digits")
    said = unicodedata.normalize("NFC", word).strip()
    digest = hashlib.sha256(f"rcpt|{award}|{round_id}|{r_hex}|{said}".encode()).digest()
    return Receipt(
        receipt=base64.b32encode(digest).decode().lower()[:RECEIPT_LENGTH],
        salt=hashlib.sha256(f"salt|{r_hex}".encode()).hexdigest()[:32],
    )


def server_receipt(award: str, round_id: str, r: bytes) -> Receipt:
    """The receipt for a voter without JavaScript, from 16 random bytes that the server drew.

    Faces label it as made by the server: whoever runs the server could know whose it is, so it shows a
    change of the ballot as well as the voter's own receipt does, but does not hide the voter from the
    server. Raises ValueError unless there are 16 bytes.
    """
    return make_receipt(award, round_id, r.hex())


def is_receipt(text: str) -> bool:
    """Whether a text has the form of a receipt."""
    return _RECEIPT.fullmatch(text) is not None


def is_salt(text: str) -> bool:
    """Whether a text has the form of a salt."""
    return _SALT.fullmatch(text) is not None


def read_receipt(typed: str) -> str:
    """A receipt as somebody typed it: without spaces and hyphens, in lower case, 0 and 1 read as o and i.

    Base32 has neither 0 nor 1, so reading them as letters cannot find another ballot.
    """
    return re.sub(r"[\s-]", "", typed).lower().replace("0", "o").replace("1", "i")


def show_receipt(receipt: str) -> str:
    """The receipt in groups of four, as people read it."""
    return "-".join(receipt[at : at + 4] for at in range(0, len(receipt), 4))
