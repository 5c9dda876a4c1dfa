"""A voter's completed paper: the form in which it is counted, and what makes it valid.

A canonical ballot is a text: the choices in rank order joined by ">", choices of one rank in
ascending order joined by "=", option ids only. "2" is a single choice, "1=3" two choices of equal
standing, "3>1=4>2" a ranking, "-" an abstention. It never holds display order or open text.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, partial
from typing import NamedTuple

from polls.model import Poll, PollKind, SegmentId
from voting.errors import BallotInvalid

ABSTENTION = "-"

_PREFERENCE = PollKind.PREFERENCE  # up to Python 3.11 a member of an enumeration is dear to look up

COUNTED = ("ok", "dup")
"""The codes of outcomes whose ballot is in the box."""


def canonical_set(options: Iterable[str]) -> str:
    """The canonical ballot of options of equal standing; the abstention when there are none."""
    return "=".join(sorted(options, key=option_order)) or ABSTENTION


def option_order(option: str) -> tuple[int, int, str]:
    """Sort key of option ids: whole numbers by value, then everything else by text."""
    return (0, int(option), option) if option.isdecimal() else (1, 0, option)


@lru_cache(maxsize=4096)  # each receipt needs it, and a hall casts few different ballots
def chosen(canonical: str) -> tuple[str, ...]:
    """The options of a canonical ballot of one rank; empty for an abstention.

    Raises ValueError for a ranking of several ranks.
    """
    if canonical == ABSTENTION:
        return ()
    if ">" in canonical:
        raise ValueError(f"not a ballot of one rank: {canonical!r}")
    return tuple(canonical.split("="))


@lru_cache(maxsize=4096)
def ranks(canonical: str) -> tuple[str, ...]:
    """The ranks of a ranking from first to last, options of one rank joined by "=": "3>1=4" is
    ("3", "1=4"). Empty for an abstention."""
    return () if canonical == ABSTENTION else tuple(canonical.split(">"))


def selections_of(poll: Poll, canonical: str) -> tuple[str, ...]:
    """What `fill_in` made this canonical ballot of `poll` from, in canonical order.

    Raises ValueError for a ranking where the poll takes none.
    """
    return ranks(canonical) if poll.kind is _PREFERENCE else chosen(canonical)


def fill_in(poll: Poll, selections: Sequence[str], segment: SegmentId | None) -> str:
    """The canonical ballot of `selections`; none at all is an abstention.

    They are option ids, or in a preference poll the ranks from first to last: option ids, several
    joined by "=" where the poll allows ties. `max_selections` limits the options, however they share
    places.

    Raises BallotInvalid with a stable code and a plain sentence when the paper does not allow it.
    """
    if not poll.is_for(segment):
        raise BallotInvalid("not_for_you", "This question is for another group.")
    if not selections:
        if not poll.abstain:
            raise BallotInvalid("none_chosen", "Choose an answer first.")
        return ABSTENTION
    is_ranking = poll.kind is PollKind.PREFERENCE
    places = [rank.split("=") if is_ranking else [rank] for rank in selections]
    options = [option for place in places for option in place]
    known = set(poll.option_ids)
    if not known.issuperset(options):
        raise BallotInvalid("unknown_option", "This answer is not on the ballot paper.")
    if len(set(options)) != len(options):
        raise BallotInvalid("chosen_twice", "Each answer can be chosen once.")
    if not poll.ties and any(len(place) > 1 for place in places):
        raise BallotInvalid("same_place", "Give each answer a place of its own.")
    if len(options) > poll.max_selections:
        raise BallotInvalid("too_many", f"Choose at most {poll.max_selections}.")
    return ">".join(map(canonical_set, places)) if is_ranking else canonical_set(options)


# Made for every ballot, hence named tuples: a frozen dataclass costs three times as much.


class CastBallot(NamedTuple):
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


class BoxEntry(NamedTuple):
    """A ballot in the box; `counted_ms` is the store's Unix time in milliseconds when it was counted."""

    rev: int
    nonce: str
    segment: str
    canonical: str
    counted_ms: int


class CastOutcome(NamedTuple):
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
        return self.code in COUNTED


# For the way of every ballot: calling the class takes twice as long, because it can be called by names.

cast_ballot_of: Callable[[tuple[str, int, str, str, str]], CastBallot] = partial(tuple.__new__, CastBallot)
box_entry_of: Callable[[tuple[int, str, str, str, int]], BoxEntry] = partial(tuple.__new__, BoxEntry)
outcome_of: Callable[[tuple[str, BoxEntry | None]], CastOutcome] = partial(tuple.__new__, CastOutcome)
