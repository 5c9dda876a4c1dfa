"""Canonical JSON: one text for one value, so that a hash names the value.

Keys sorted, no spaces, no escapes beyond those JSON demands, texts in Unicode form NFC, whole numbers
only. After RFC 8785, without its numbers: a record of votes has no fractions but those written as text.
"""

import hashlib
import json
import unicodedata
from collections.abc import Mapping


def canonical_json(value: object) -> str:
    """The text of a value made of mappings, lists, tuples, texts, whole numbers, booleans and None.

    Raises ValueError for a float, for any other type, and for a key that is no text.
    """
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sha256_hex(text: str) -> str:
    """SHA-256 of the text in UTF-8, 64 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _plain(value: object) -> object:
    match value:
        case None | bool() | int():
            return value
        case str():
            return unicodedata.normalize("NFC", value)
        case Mapping():
            plain: dict[str, object] = {}
            for key, inner in value.items():
                if not isinstance(key, str):
                    raise ValueError(f"a key of canonical JSON is a text, not {key!r}")
                plain[unicodedata.normalize("NFC", key)] = _plain(inner)
            return plain
        case list() | tuple():
            return [_plain(inner) for inner in value]
    raise ValueError(f"canonical JSON holds no {type(value).__name__}: {value!r}")
