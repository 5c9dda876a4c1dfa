"""What happened on the way to an outcome: the ties that a count met, and the rounds of a runoff.

Candidates stand here by name: in a poll, by the id of the option.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from voting.rulebook import Rung


@dataclass(frozen=True, slots=True, kw_only=True)
class TieMet:
    """A tie that the count met, and the rung that dealt with it.

    `round` is the runoff round, None for methods without rounds. `rungs` are those that were tried, the
    last one decided. `eliminated` are the candidates that left by it; `looked_at` is the round whose
    figures parted them.
    """

    candidates: tuple[str, ...]
    rungs: tuple[Rung, ...]
    round: int | None = None
    eliminated: tuple[str, ...] = ()
    looked_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One round of a runoff, in ballots.

    `tally` holds the continuing candidates, `exhausted` the valid ballots that count for none of them,
    `threshold` the smallest majority. `transfers[a][b]` is how many ballots went from a to b after the
    round; b is None for those that went to nobody.
    """

    number: int
    tally: Mapping[str, int]
    exhausted: int
    threshold: int
    elected: tuple[str, ...] = ()
    eliminated: tuple[str, ...] = ()
    transfers: Mapping[str | None, Mapping[str | None, int]]
