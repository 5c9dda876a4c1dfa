"""One value of an event file and its place. Faults are collected, never raised one by one."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from polls.errors import Fault

Path = tuple[str | int, ...]

KEYS_NAMED = 6
"""How many keys are named where something else stands in their place."""

HUGE = 10**18
"""From here on a number is not spelt out: Python refuses to write those of several thousand digits."""


@dataclass(frozen=True, slots=True)
class Part:
    """A value at `path`; whoever finds a fault in it adds to `faults`, which all parts of a file share."""

    value: object
    path: Path
    faults: list[Fault]

    def fault(self, message: str) -> None:
        self.faults.append(Fault(self.path, message))

    def expected(self, what: str) -> None:
        self.fault(f"expected {what}, found {describe(self.value)}")

    def child(self, key: object, value: object) -> "Part":
        """The part under a key of this mapping. Keys of YAML may be anything; paths are words and numbers."""
        if isinstance(key, str) or (isinstance(key, int) and abs(key) < HUGE):
            return Part(value, (*self.path, key), self.faults)
        return Part(value, (*self.path, describe(key) if isinstance(key, int) else str(key)), self.faults)

    def keys(self, required: Iterable[str], optional: Iterable[str] = ()) -> dict[str, "Part"]:
        """The parts of a mapping by key; unknown and missing keys and anything but a mapping are faults."""
        required = tuple(required)
        known = (*required, *optional)
        if not isinstance(self.value, dict):
            more = ", …" if len(known) > KEYS_NAMED else ""
            self.expected(f"keys with values ({', '.join(known[:KEYS_NAMED])}{more})")
            return {}
        parts: dict[str, Part] = {}
        for key, value in self.value.items():
            part = self.child(key, value)
            if key in known:
                parts[key] = part
            else:
                part.fault(f"unknown key; {nearest(str(part.path[-1]), known)}")
        for key in required:
            if key not in parts:
                self.faults.append(Fault((*self.path, key), f"is missing; expected {EXPECTED[key]}"))
        return parts

    def items(self, what: str, at_least: int, at_most: int) -> list["Part"]:
        """The parts of a list of `what`, of a length between the limits, both included."""
        if not isinstance(self.value, list):
            self.expected(f"a list of {what}")
            return []
        if not at_least <= len(self.value) <= at_most:
            self.fault(f"expected {at_least} to {at_most} {what}, found {len(self.value)}")
            return []
        return [Part(item, (*self.path, place), self.faults) for place, item in enumerate(self.value)]


EXPECTED = {
    "hemicycle": "1, the version of this format",
    "id": "an id such as cluster-manager",
    "title": "a text",
    "name": "a text",
    "text": "a text",
    "days": "the first and the last day",
    "first": "a day such as 2020-11-10",
    "last": "a day such as 2020-11-11",
    "day": "a day such as 2020-11-10, or its number",
    "time": "a time such as 09:30-11:15",
    "timezone": "a time zone such as Europe/Brussels",
    "room": "the id of a room",
    "kind": "single, multiple, ranked-by-selection or rating",
    "question": "a text",
    "options": "a list of options",
    "candidates": "a list of candidates",
    "jurors": "a list of jurors",
    "jury": "a whole number",
    "audience": "a whole number",
    "scale": "a scale such as {from: 1, to: 5}",
    "from": "a whole number",
    "to": "a whole number",
}
"""What stands behind each key that may be missing."""


def describe(value: object) -> str:
    """A value in the words of a fault."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case int() if abs(value) >= HUGE:
            return "a very large number"
        case int() | float():
            return f"the number {value}"
        case str():
            return f"“{value if len(value) <= 40 else value[:39] + '…'}”"
        case list():
            return "a list"
        case dict():
            return "keys with values"
        case _:
            return type(value).__name__


def nearest(word: str, known: Collection[str]) -> str:
    """What was probably meant: the nearest known word, or all of them."""
    if not known:
        return "none is declared"
    close = get_close_matches(word.lower(), known, n=1, cutoff=0.5)
    return f"did you mean “{close[0]}”?" if close else f"expected one of {', '.join(known)}"
