"""Canonical JSON: one text for one value, so that a hash of it names the value.

Keys sorted, no spaces, UTF-8 without escapes beyond those JSON demands, no floats.
"""

import hashlib
import json
import unicodedata
from collections.abc import Mapping


def canonical_json(value: object) -> str:
    """The one text of a value of dicts with text keys, lists, texts, whole numbers, booleans and None.

    Texts stay as they are; `nfc` makes those equal that only differ in how letters are composed.
    Raises ValueError when the value holds anything else, such as a float or a lone surrogate.
    """
    _check(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def sha256_hex(value: object) -> str:
    """SHA-256 of the canonical JSON, 64 hexadecimal digits. Raises ValueError as canonical_json."""
    return hashlib.sha256(canonical_json(value).encode("utf-8")).hexdigest()


def nfc(value: object) -> object:
    """The value with every text, keys included, in Unicode's normal form C; mappings as dicts."""
    match value:
        case str():
            return unicodedata.normalize("NFC", value)
        case Mapping():
            return {nfc(key): nfc(held) for key, held in value.items()}
        case list() | tuple():
            return [nfc(item) for item in value]
        case _:
            return value


def _check(value: object) -> None:
    match value:
        case str():
            value.encode("utf-8")  # UnicodeEncodeError is a ValueError
        case None | bool() | int():
            return
        case dict():
            for key, held in value.items():
                if not isinstance(key, str):
                    raise ValueError(f"canonical JSON has texts as keys, not {key!r}")
                _check(key)
                _check(held)
        case list() | tuple():
            for item in value:
                _check(item)
        case _:
            raise ValueError(f"canonical JSON holds no {type(value).__name__}: {value!r}")
