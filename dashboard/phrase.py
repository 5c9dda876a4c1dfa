"""What a sentence is before it is filled in."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plural:
    """A sentence that counts: `by` names the value that is counted, `forms` has one whole sentence for
    each plural category of the language; "other" is always there."""

    by: str
    forms: Mapping[str, str]


Phrase = str | Plural


def count(by: str, one: str, other: str) -> Plural:
    """A counting sentence of a language with two plural categories."""
    return Plural(by, {"one": one, "other": other})
