"""Text inside a chart: nothing that people wrote may act as markup there, and nothing runs out of it.

Plotly reads the text of labels as a small HTML: an option called `<a href=…>` would be a live link on
the big screen. Everything is escaped here, control and direction characters are dropped, and length
is bounded.
"""

import re
import unicodedata
from functools import lru_cache

_FIRM = "\u00a0\u202f"
"""Blanks at which no line ends."""
_BLANKS = re.compile(rf"[^\S{_FIRM}]+")
_NARROW = frozenset(_FIRM + " .,:;'|!ijlIft()[]-·")


def plain(text: str) -> str:
    """The text on one line without control characters and without marks that turn the reading direction."""
    kept = (
        " " if c in "\n\r\t" else c
        for c in text
        if unicodedata.category(c) not in ("Cc", "Cf") or c in "\n\r\t"
    )
    return _BLANKS.sub(" ", "".join(kept)).strip(" ")


def escape(text: str) -> str:
    """Text for a Plotly label: `& < >` as entities, which Plotly turns back into the characters."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def width(text: str, size: int) -> int:
    """About how wide `text` is in px when set in `size` px; rather too wide than too narrow."""
    em = 0
    for character in text:
        if unicodedata.east_asian_width(character) in "WF":
            em += 100
        elif character in _NARROW:
            em += 34
        elif character in "mwMW—%@…":
            em += 90
        elif character.isupper() or character.isdigit():
            em += 67
        else:
            em += 58
    return em * size // 100


def wrap(text: str, size: int, room: int, lines: int = 2) -> list[str]:
    """`text` in at most `lines` lines of `room` px, broken between words; what does not fit ends in "…"."""
    return list(_wrapped(text, size, room, lines))


@lru_cache(maxsize=4096)  # a live chart is made ten times a second, of the same labels
def _wrapped(text: str, size: int, room: int, lines: int) -> tuple[str, ...]:
    rest = plain(text)
    wrapped: list[str] = []
    while rest and len(wrapped) < lines:
        fits = _fitting(rest, size, room)
        if fits == len(rest):
            wrapped.append(rest)
            return tuple(wrapped)
        if len(wrapped) == lines - 1:
            fits = _fitting(rest, size, room - width("…", size))
            # Rather a word less than a word cut in two, unless that would lose much of the line.
            space = rest.rfind(" ", 0, fits + 1)
            wrapped.append(rest[: space if space > fits * 2 // 3 else fits].rstrip() + "…")
            return tuple(wrapped)
        # A break between words, unless one word alone is too long.
        space = rest.rfind(" ", 0, fits + 1)
        end = space if space > 0 else fits
        wrapped.append(rest[:end].rstrip(" "))
        rest = rest[end:].lstrip(" ")
    return tuple(wrapped) or ("",)


def label(lines: list[str]) -> str:
    """Wrapped lines as one Plotly text."""
    return "<br>".join(escape(line) for line in lines)


def _fitting(text: str, size: int, room: int) -> int:
    end = 0
    used = 0
    for character in text:
        used += width(character, size * 100)
        if used > room * 100 and end:
            break
        end += 1
    return end
