"""A voter's completed paper: the form in which it is counted, and what makes it valid.

A canonical ballot is a text: the choices in rank order joined by ">", choices of one rank in
ascending order joined by "=", option ids only. "2" is a single choice, "1=3" two choices of equal
standing, "3>1=4>2" a ranking, "-" an abstention. It never holds display order or open text.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from polls.model import Poll, SegmentId
from voting.errors import BallotInvalid

ABSTENTION = "-"


def canonical_set(options: Iterable[str]) -> str:
    """The canonical ballot of options of equal standing; the abstention when there are none."""
    return "=".join(sorted(options, key=option_order)) or ABSTENTION


def option_order(option: str) -> tuple[int, int, str]:
    """Sort key of option ids: whole numbers by value, then everything else by text."""
    return (0, int(option), option) if option.isdecimal() else (1, 0, option)


def chosen(canonical: str) -> tuple[str, ...]:
    """The options of a canonical ballot of one rank; empty for an abstention.

    Raises ValueError for a ranking of several ranks.
    """
    if canonical == ABSTENTION:
        return ()
    if ">" in canonical:
        raise ValueError(f"not a ballot of one rank: {canonical!r}")
    return tuple(canonical.split("="))


def fill_in(poll: Poll, selections: Sequence[str], segment: SegmentId | None) -> str:
    """The canonical ballot of `selections` (option ids; none at all is an abstention).

    Raises BallotInvalid with a stable code and a plain sentence when the paper does not allow it.
    """
    if not poll.is_for(segment):
        raise BallotInvalid("not_for_you", "This question is for another group.")
    if not selections:
        if not poll.abstain:
            raise BallotInvalid("none_chosen", "Choose an answer first.")
        return ABSTENTION
    known = set(poll.option_ids)
    for option in selections:
        if option not in known:
            raise BallotInvalid("unknown_option", "This answer is not on the ballot paper.")
    if len(set(selections)) != len(selections):
        raise BallotInvalid("chosen_twice", "Each answer can be chosen once.")
    if len(selections) > poll.max_selections:
        raise BallotInvalid("too_many", f"Choose at most {poll.max_selections}.")
    return canonical_set(selections)


@dataclass(frozen=True, slots=True, kw_only=True)
class CastBallot:
    """A ballot on its way into the box.

    `voter` is the voter key (an HMAC under the round's key, never the device itself), `rev` rises
    with every change of mind, `nonce` tells two ballots of one rev apart, `segment` is the class it
    counts in, `canonical` its content.
    """

    voter: str
    rev: int
    nonce: str
    segment: str
    canonical: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxEntry:
    """A ballot in the box; `counted_ms` is the store's Unix time in milliseconds when it was counted."""

    rev: int
    nonce: str
    segment: str
    canonical: str
    counted_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CastOutcome:
    """What became of one ballot.

    `code` is ok, dup (same ballot again: same receipt), stale (an older one came late), conflict
    (same rev, other content: another tab), closed, other_round, frozen or malformed (its parts cannot
    be stored; nothing that was decoded and validated is). `entry` is the ballot that is in the box now,
    if any.
    """

    code: str
    entry: BoxEntry | None = None

    @property
    def is_counted(self) -> bool:
        return self.code in ("ok", "dup")
