"""Canonical JSON as a record has it: that of voting.canonical, with all texts in Unicode form NFC.

A record of votes has no fractions but those written as text.
"""

import hashlib

from voting import canonical


def canonical_json(value: object) -> str:
    """The text of a value made of mappings, lists, tuples, texts, whole numbers, booleans and None.

    Raises ValueError for a float, for any other type, and for a key that is no text.
    """
    return canonical.canonical_json(canonical.nfc(value))


def sha256_hex(text: str) -> str:
    """SHA-256 of the text in UTF-8, 64 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
