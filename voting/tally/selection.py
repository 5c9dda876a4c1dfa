"""Ranked by selection: choices as in multiple choice, shown as places: 1 = most selected.

Definition: an option's place is one more than the number of options chosen more often (standard
competition ranking: 1, 2, 2, 4); an option that nobody chose has no place and reads "not selected".
This is the display of the European Cluster Conference 2020's output paper. It is not a preference
ranking: voters choose, they do not order. The percentage of respondents stands beside the place,
rounded half up so that equal counts read equal.
"""

from collections.abc import Mapping

from polls.model import Poll
from voting.percent import half_up
from voting.result import Base, Rounding
from voting.tally.parts import Parts, RunningSelections, Selections, count_selections, parts
from voting.ties import places

NOT_SELECTED = "not selected"


def count(poll: Poll, ballots: Mapping[str, int]) -> Parts:
    """Count a poll ranked by selection. Raises ValueError for ballots that cannot be of this poll."""
    return _figures(poll, count_selections(poll, ballots, at_most=poll.max_selections))


def running(poll: Poll) -> RunningSelections:
    """The same count, following every ballot."""
    return RunningSelections(poll, poll.max_selections, _figures)


def _figures(poll: Poll, selections: Selections) -> Parts:
    return parts(
        poll,
        selections,
        base=Base.RESPONDENTS,
        rounding=Rounding.HALF_UP,
        percents=[half_up(number, selections.valid) for number in selections.counts],
        shown=[NOT_SELECTED if place is None else str(place) for place in places(selections.counts)],
    )
