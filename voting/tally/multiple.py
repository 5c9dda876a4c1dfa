"""Multiple choice: each ballot names up to `max_selections` options of equal standing.

Definition: the base is the respondents, that is ballots with at least one choice, so a figure says
"of those who answered, so many chose this". Figures may sum to more than 100 and are therefore never
forced to it: each is rounded half up by itself. Source of the base: the "percentage base" of assembly
software such as OpenSlides (https://docs.openslides.com), and the long experience of Mastodon's polls
that shares of selections are misread as shares of people.
"""

from collections.abc import Mapping

from polls.model import Poll
from voting.percent import half_up
from voting.result import Base, Rounding
from voting.tally.parts import Parts, RunningSelections, Selections, count_selections, parts


def count(poll: Poll, ballots: Mapping[str, int]) -> Parts:
    """Count a multiple-choice poll. Raises ValueError for ballots that cannot be of this poll."""
    return _figures(poll, count_selections(poll, ballots, at_most=poll.max_selections))


def running(poll: Poll) -> RunningSelections:
    """The same count, following every ballot."""
    return RunningSelections(poll, poll.max_selections, _figures)


def _figures(poll: Poll, selections: Selections) -> Parts:
    percents = [half_up(number, selections.valid) for number in selections.counts]
    return parts(poll, selections, base=Base.RESPONDENTS, rounding=Rounding.HALF_UP, percents=percents)
