"""The join code: six symbols that are read off a screen, said aloud and typed with a thumb.

It grants joining and nothing else. The symbols leave out every letter that looks like another
symbol in some typeface; whoever types such a letter is understood (the idea is that of Crockford's
Base 32, https://www.crockford.com/base32.html).
"""

import hashlib

from polls.errors import JoinCodeInvalid

LENGTH = 6

ALPHABET = "0123456789ACDEFHJKMNPQRTVWXY"
"""Every symbol a join code may hold."""

LOOK_ALIKES = {"O": "0", "I": "1", "L": "1", "Z": "2", "S": "5", "G": "6", "B": "8", "U": "V"}
"""Letters that are read as the symbol they look like."""

_DERIVED = "0123456789CDFHJKMNPQRTVWXY"  # no vowels, so that chance never spells a word
_SEPARATORS = " -\u00a0\u2007\u2009\u202f\u2010\u2011\u2013\t"


def canonical(text: str) -> str:
    """The code in the one form in which it is compared: six symbols of ALPHABET, no spaces.

    Case, spaces and hyphens do not matter, look-alikes are taken for the symbol they look like.
    Raises JoinCodeInvalid, in words for the person who typed it.
    """
    kept = [LOOK_ALIKES.get(symbol, symbol) for symbol in text.upper() if symbol not in _SEPARATORS]
    if len(kept) != LENGTH or any(symbol not in ALPHABET for symbol in kept):
        raise JoinCodeInvalid("A join code has six letters and digits, such as K7P 4QX.")
    return "".join(kept)


def spaced(code: str) -> str:
    """A canonical code as people see it, in two groups of three: `K7P 4QX`."""
    return f"{code[:3]} {code[3:]}"


def derive(event_id: str) -> str:
    """The code of an event whose file names none: always the same one for the same id.

    The first 64 bits of SHA-256 of the id, written in base 26. Anyone can work it out; it is no secret.
    """
    number = int.from_bytes(hashlib.sha256(event_id.encode()).digest()[:8], "big")
    symbols = []
    for _ in range(LENGTH):
        number, digit = divmod(number, len(_DERIVED))
        symbols.append(_DERIVED[digit])
    return "".join(symbols)
