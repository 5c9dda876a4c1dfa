"""The small fields of an event file. Each reader gives the value, or adds a fault and gives None."""

import re
import unicodedata
from collections.abc import Collection, Sequence
from datetime import date, time
from enum import StrEnum
from typing import TypeVar

from polls.eventfile.parts import HUGE, Part, nearest
from polls.model import Text

ID_MAX = 60

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})\s*[-–]\s*([0-9]{1,2}):([0-9]{2})")
_SECONDS = re.compile(r"([0-9]{1,4})\s*(s|m)?")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")
_TIMEZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*")

E = TypeVar("E", bound=StrEnum)


def identifier(part: Part) -> str | None:
    """A slug. A whole number is taken for its digits, since `id: 1` says what it means."""
    value = part.value
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < HUGE:
        value = str(value)
    if isinstance(value, str) and len(value) <= ID_MAX and _ID.fullmatch(value):
        return value
    part.expected(f"an id of small letters, digits and single hyphens (at most {ID_MAX})")
    return None


def new_id(part: Part, taken: Collection[str], what: str) -> str | None:
    """An id that no other `what` has."""
    found = identifier(part)
    if found is not None and found in taken:
        part.fault(f"expected an id of its own; another {what} has “{found}”")
        return None
    return found


def known_id(part: Part, known: Collection[str], what: str) -> str | None:
    """The id of a declared `what`."""
    found = identifier(part)
    if found is not None and found not in known:
        part.fault(f"“{found}” is not the id of a {what}; {nearest(found, known)}")
        return None
    return found


def line(part: Part, limit: int) -> str | None:
    """One line of text in one language, without spaces around it."""
    value = part.value
    if isinstance(value, bool | int | float) and abs(value) < HUGE:
        written = str(value).lower() if isinstance(value, bool) else value
        part.fault(f'expected a text, found the value {written}; to make it a text, write "{written}"')
        return None
    if not isinstance(value, str):
        part.expected("a text")
        return None
    stripped = value.strip()
    if not stripped:
        part.fault("expected a text, found an empty one")
    elif len(stripped) > limit:
        part.fault(f"expected at most {limit} characters, found {len(stripped)}")
    elif (bad := next((c for c in stripped if not printable(c)), None)) is not None:
        part.fault(f"expected text of one line, found the control character U+{ord(bad):04X}")
    else:
        return stripped
    return None


def printable(character: str) -> bool:
    """Letters, marks and joiners of every script; no controls, line breaks or reversed writing."""
    code = ord(character)
    if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or character in "\u202d\u202e\ufeff":
        return False
    return not (0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE)


def text(part: Part, limit: int, languages: Sequence[str]) -> Text | None:
    """A text, or one for each of several languages; `limit` is in characters."""
    if not isinstance(part.value, dict):
        found = line(part, limit)
        return None if found is None else Text.plain(found)
    if not part.value:
        part.fault("expected a text for at least one language")
        return None
    variants = []
    for key, value in part.value.items():
        child = part.child(key, value)
        if key not in languages:
            tag = str(child.path[-1])
            child.fault(f"“{tag}” is not among the event's languages; {nearest(tag, languages)}")
        elif (found := line(child, limit)) is not None:
            variants.append((key, found))
    return Text(tuple(variants)) if len(variants) == len(part.value) else None


def flag(part: Part) -> bool | None:
    if isinstance(part.value, bool):
        return part.value
    part.expected("true or false")
    return None


def whole(part: Part, low: int, high: int) -> int | None:
    value = part.value
    if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
        return value
    part.expected(f"a whole number from {low} to {high}")
    return None


def word(part: Part, words: type[E]) -> E | None:
    """One word of a fixed list."""
    for known in words:
        if part.value == known.value:
            return known
    part.fault(nearest_word(part.value, [known.value for known in words]))
    return None


def one_of(part: Part, words: Sequence[str]) -> str | None:
    """One of some words that are no type of their own."""
    if isinstance(part.value, str) and part.value in words:
        return part.value
    part.fault(nearest_word(part.value, words))
    return None


def nearest_word(value: object, words: Sequence[str]) -> str:
    all_words = f"{', '.join(words[:-1])} or {words[-1]}"
    if not isinstance(value, str):
        return f"expected {all_words}"
    hint = nearest(value, words)
    return f"expected {all_words}, found “{value[:40]}”" + (f"; {hint}" if hint.startswith("did") else "")


def day(part: Part) -> date | None:
    if isinstance(part.value, str) and _DAY.fullmatch(part.value):
        try:
            return date.fromisoformat(part.value)
        except ValueError:
            part.fault(f"there is no day {part.value}")
            return None
    part.expected("a day such as 2020-11-10")
    return None


def time_span(part: Part) -> tuple[time, time] | None:
    """Two local times of one day, the second after the first; minutes exact."""
    found = _TIME.fullmatch(part.value.strip()) if isinstance(part.value, str) else None
    if not found:
        part.expected("a time such as 09:30-11:15")
        return None
    hour, minute, end_hour, end_minute = map(int, found.groups())
    if max(hour, end_hour) > 23 or max(minute, end_minute) > 59:
        part.expected("times from 00:00 to 23:59")
        return None
    if (end_hour, end_minute) <= (hour, minute):
        part.expected("an end after the start, on the same day")
        return None
    return time(hour, minute), time(end_hour, end_minute)


def seconds(part: Part, low: int, high: int) -> int | None:
    """A duration: seconds, or a text such as 90s or 2m."""
    value = part.value
    if isinstance(value, str) and (found := _SECONDS.fullmatch(value.strip())):
        value = int(found[1]) * (60 if found[2] == "m" else 1)
    if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
        return value
    part.expected(f"{low} to {high} seconds, such as 90, 90s or 2m")
    return None


def language(part: Part) -> str | None:
    if isinstance(part.value, str) and _LANGUAGE.fullmatch(part.value):
        return part.value
    part.expected("a language tag such as en, de or pt-BR")
    return None


def timezone(part: Part) -> str | None:
    """The form of an IANA name; whether there is such a zone is for the caller to look up."""
    if isinstance(part.value, str) and len(part.value) <= 60 and _TIMEZONE.fullmatch(part.value):
        return part.value
    part.expected("a time zone such as Europe/Brussels")
    return None
