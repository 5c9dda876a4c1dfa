"""The rules of a poll, in one frozen object: the counter runs them, faces print them, results carry them.

A poll's definition gives all of it, so that the rules stand before the first ballot is cast. The
fingerprint is that of voting.rulebook: results of one fingerprint were counted by the same rules.
"""

from collections.abc import Mapping
from types import MappingProxyType

from polls.model import Poll, PollKind
from voting.methods import METHODS
from voting.result import Base, Method, Rounding
from voting.rulebook import VERSION, Rulebook, Unranked

METHOD_OF_KIND: Mapping[PollKind, Method] = MappingProxyType(
    {
        PollKind.SINGLE: Method.PLURALITY,
        PollKind.MULTIPLE: Method.MULTIPLE_CHOICE,
        PollKind.RANKED_BY_SELECTION: Method.RANKED_BY_SELECTION,
        PollKind.RATING: Method.RATING_MEAN,
        PollKind.PREFERENCE: Method.PREFERENCE,
    }
)

POINTS = frozenset({"borda", "dowdall"})
"""Methods of preference polls whose figure is a mean of points."""

VOTES = frozenset({"plurality", "irv"})
"""Methods of preference polls whose figure is a number of ballots and their share."""


def rulebook_of(poll: Poll, method: str = "") -> Rulebook:
    """The rules by which `voting.methods` counts a preference poll, or counts it by another `method`.

    An option that a ballot does not rank stands below those it ranks wherever options are compared two
    by two: people who rank their first three have said that the others come later.
    """
    return Rulebook(
        method=method or poll.method,
        unranked=Unranked(poll.unranked) if poll.method == "borda" else Unranked.ZERO,
        implicit_ranking=True,
    )


def other_rulebooks(poll: Poll) -> tuple[Rulebook, ...]:
    """The other rules by which a preference poll's ballots can be looked at: points, first choices, pairs."""
    return tuple(rulebook_of(poll, method) for method in ("borda", "plurality", "condorcet"))


def base_of(poll: Poll) -> Base:
    """What figures of this poll are a share of."""
    choices = (PollKind.MULTIPLE, PollKind.RANKED_BY_SELECTION)
    return Base.RESPONDENTS if poll.kind in choices else Base.VALID


def rounding_of(poll: Poll) -> Rounding:
    """How figures of this poll are rounded for people to read."""
    match poll.kind:
        case PollKind.SINGLE | PollKind.RATING:
            return Rounding.HALF_UP if poll.people else Rounding.LARGEST_REMAINDER
        case PollKind.MULTIPLE | PollKind.RANKED_BY_SELECTION:
            return Rounding.HALF_UP
        case PollKind.PREFERENCE:
            if poll.method in VOTES:
                return Rounding.HALF_UP
            return Rounding.TWO_DECIMALS if poll.method in POINTS else Rounding.WHOLE


def rules_of(poll: Poll) -> Mapping[str, object]:
    """The frozen rules of a poll, as plain values ready for JSON; `voting.rulebook.fingerprint` names them.

    Keys of every poll: version, kind, method, seats, base, rounding, people, options (how many), max
    (choices or ranks of one ballot), abstain, min_group, places ("shared": equal figures share a
    place). A preference poll adds ties and the fields of its method (voting.rulebook), a rating poll
    the ends of its scale.
    """
    rules: dict[str, object] = {
        "version": VERSION,
        "kind": poll.kind.value,
        "method": METHOD_OF_KIND[poll.kind].value,
        "seats": 1,
        "base": base_of(poll).value,
        "rounding": rounding_of(poll).value,
        "people": poll.people,
        "options": len(poll.options),
        "max": poll.max_selections,
        "abstain": poll.abstain,
        "min_group": poll.min_group,
        "places": "shared",
    }
    if poll.kind is PollKind.PREFERENCE:
        rules |= rulebook_of(poll).as_dict(METHODS[poll.method].uses)
        rules["ties"] = poll.ties
    if poll.scale is not None:
        rules["scale"] = [poll.scale.low, poll.scale.high]
    return MappingProxyType(rules)
