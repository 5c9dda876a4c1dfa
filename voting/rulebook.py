"""The rulebook: what a count may choose, in one frozen object that the counter runs and everyone can read.

Its fingerprint is the SHA-256 of its canonical JSON (keys sorted, no spaces, UTF-8) and stands in every
result: two results with one fingerprint were counted by the same rules.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from voting.canonical import sha256_hex

VERSION = 1
"""Rises when the meaning of a field changes, so that an old fingerprint never names new rules."""


class Unranked(StrEnum):
    """What a points method gives to the candidates a ballot does not rank."""

    ZERO = "zero"
    """Nothing."""
    AVERAGE = "average"
    """Each the mean of the values of the places that are left, as if they were tied for last."""
    LENGTH = "length"
    """Nothing, and the ballot's values start from the number of candidates it ranks, not of all."""


class Overvote(StrEnum):
    """What an instant runoff makes of a rank with several candidates."""

    ONLY_CONTINUING = "onlyContinuing"
    """It counts for its only continuing candidate; otherwise the ballot moves on to its next rank."""
    SKIP = "alwaysSkipToNextRank"
    EXHAUST = "exhaustImmediately"
    EXHAUST_IF_MULTIPLE = "exhaustIfMultipleContinuing"


class Duplicates(StrEnum):
    """What an instant runoff makes of a candidate that a ballot names a second time."""

    SKIP = "skip"
    EXHAUST = "exhaustOnDuplicateCandidate"


class Rung(StrEnum):
    """The rungs of the tie ladder of an instant runoff, from the top."""

    PREVIOUS_ROUNDS = "previous-rounds"
    FIRST_PREFERENCES = "first-preferences"
    TOGETHER = "together"
    UNDECIDED = "undecided"
    SHARED = "shared"
    """Not a rung of the ladder: the tied candidates simply share their place."""


LADDER = (Rung.PREVIOUS_ROUNDS, Rung.FIRST_PREFERENCES, Rung.TOGETHER, Rung.UNDECIDED)

MAJORITY = "more than half of the continuing ballots"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """The rules of a count. A method reads the fields it uses and ignores the others.

    `skips` is the longest run of skipped ranks a ballot survives; None is no limit.
    """

    method: str
    unranked: Unranked = Unranked.ZERO
    implicit_ranking: bool = False
    overvote: Overvote = Overvote.ONLY_CONTINUING
    skips: int | None = None
    duplicates: Duplicates = Duplicates.SKIP

    def __post_init__(self) -> None:
        if self.skips is not None and self.skips < 0:
            raise ValueError("the number of skipped ranks allowed is not below zero")

    def as_dict(self, uses: frozenset[str]) -> Mapping[str, object]:
        """The rules of these fields, as plain values ready for JSON, without the fingerprint."""
        rules: dict[str, object] = {"version": VERSION, "method": self.method, "seats": 1}
        if "unranked" in uses:
            rules["unranked"] = str(self.unranked)
        if "implicit_ranking" in uses:
            rules["implicit_ranking"] = self.implicit_ranking
        if "runoff" in uses:
            rules["majority"] = MAJORITY
            rules["overvote"] = str(self.overvote)
            rules["skips"] = "unlimited" if self.skips is None else self.skips
            rules["duplicates"] = str(self.duplicates)
            rules["tie_ladder"] = [str(rung) for rung in LADDER]
        return rules


def fingerprint(rules: Mapping[str, object]) -> str:
    """SHA-256 over the canonical JSON of the rules, 64 hexadecimal digits."""
    return sha256_hex(rules)
