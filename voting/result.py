"""Tally and Result: what was counted, and what the method makes of it.

A tally is a mapping from (segment, canonical ballot) to a count. A Result is immutable and carries
everything a face needs to show it honestly: N, base, method, rounding, ties, version.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from polls.model import OptionId, PollId, SegmentId
from voting.rounds import Round, TieMet


class Entry(NamedTuple):
    """One entry of a tally: who it counts for and what the ballot says."""

    segment: str
    canonical: str


Tally = Mapping[Entry, int]
"""Counts of distinct canonical ballots; entries at zero are absent."""


class Method(StrEnum):
    PLURALITY = "plurality"
    MULTIPLE_CHOICE = "multiple-choice"
    RANKED_BY_SELECTION = "ranked-by-selection"
    RATING_MEAN = "rating-mean"
    PREFERENCE = "preference"
    """By the poll's own method, which the rulebook names."""


class Base(StrEnum):
    """What a percentage is a share of."""

    VALID = "valid ballots"
    RESPONDENTS = "respondents"


class Rounding(StrEnum):
    LARGEST_REMAINDER = "largest remainder, whole percent, sum 100"
    HALF_UP = "half up, whole percent, each by itself"
    TWO_DECIMALS = "half up, two decimals, each by itself"
    WHOLE = "none, the figures are whole numbers"


class OutcomeKind(StrEnum):
    WINNER = "winner"
    SHARED = "shared"
    UNDECIDED = "undecided"
    NO_VALID_VOTES = "no-valid-votes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Who is first: one option, several with equal counts (a tie is a result), or nobody."""

    kind: OutcomeKind
    winners: tuple[OptionId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionResult:
    """One option's line. `share` is exact (None without ballots), `percent` the whole percentage shown.

    `place` is 1 for the most selected; equal counts share a place; None when nobody selected it.
    `shown` is the figure as text: "35 %", "<1 %", "1", "not selected".

    In a preference poll `count` is how many ballots rank the option, `share` their share, `shown` the
    method's figure ("3.42", "not ranked") and `percent` how far it reaches from the worst possible
    figure to the best; an option on no ballot has no place, unlike one that is ranked last.
    """

    option: OptionId
    count: int
    share: Fraction | None
    percent: int | None
    place: int | None
    shown: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupResult:
    """One group beside the others: a segment, or EVERYONE_ELSE; `result` is None while it is hidden."""

    segment: SegmentId
    cast: int
    result: "Result | None"


@dataclass(frozen=True, slots=True, kw_only=True)
class ByRule:
    """What the same preference ballots give by another method; `scores` as voting.methods has them."""

    method: str
    kind: OutcomeKind
    winners: tuple[OptionId, ...]
    scores: Mapping[OptionId, Fraction]
    ranking: tuple[tuple[OptionId, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What the method makes of a tally.

    `n` is the number of the base (valid ballots or respondents), `cast` all ballots in the box,
    `abstained` those without a choice: cast = valid + abstained. `options` are in paper order.
    `ties` lists groups of options with equal non-zero counts. `mean` is exact, for ratings only.
    `epoch` and `offset` say which state of the store it was made from.

    `rulebook` are the frozen rules it was counted by (voting.pollrules.rules_of), `rules_hash` their
    fingerprint. Preference polls alone have `scores` (exact, by option, None without valid ballots),
    `ties_met` with the rung that dealt with each, `rounds` of a runoff, and `by_rules`: the same
    ballots by points, first choices and pairs.
    """

    poll: PollId
    round: int
    method: Method
    base: Base
    n: int
    cast: int
    abstained: int
    rounding: Rounding
    options: tuple[OptionResult, ...]
    outcome: Outcome
    ties: tuple[tuple[OptionId, ...], ...] = ()
    mean: Fraction | None = None
    scores: Mapping[OptionId, Fraction] | None = None
    rounds: tuple[Round, ...] = ()
    ties_met: tuple[TieMet, ...] = ()
    by_rules: tuple[ByRule, ...] = ()
    rulebook: Mapping[str, object] = field(default_factory=dict)
    rules_hash: str = ""
    groups: tuple[GroupResult, ...] = ()
    epoch: str = ""
    offset: int = 0

    def option(self, option_id: str) -> OptionResult:
        """The line of one option. Raises KeyError when it is not on the paper."""
        for line in self.options:
            if line.option == option_id:
                return line
        raise KeyError(option_id)
