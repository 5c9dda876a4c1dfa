"""Rating: each ballot names one point of a scale; the figures are the distribution and the mean.

Definition: the mean is the sum of (point x ballots) over the valid ballots, an exact fraction;
abstentions are not in it, since absent is not zero. The distribution is a percentage of the valid
ballots, by largest remainder (half up in votes on people). The outcome names the most given point
(the mode), which need not be near the mean. Source: the arithmetic mean of range voting, see
NIST Election Terminology Glossary, "range voting".
"""

from collections.abc import Mapping
from fractions import Fraction

from polls.model import Poll
from voting.result import Base
from voting.tally.parts import Parts, RunningSelections, Selections, count_selections, parts, percentages


def count(poll: Poll, ballots: Mapping[str, int]) -> Parts:
    """Count a rating poll, whose option ids are the points of its scale.

    Raises ValueError for ballots that cannot be of this poll and for option ids that are not numbers.
    """
    return _figures(poll, count_selections(poll, ballots, at_most=1))


def running(poll: Poll) -> RunningSelections:
    """The same count, following every ballot."""
    return RunningSelections(poll, 1, _figures)


def _figures(poll: Poll, selections: Selections) -> Parts:
    rounding, percents = percentages(poll, selections.counts)
    total = sum(int(point) * number for point, number in zip(poll.option_ids, selections.counts, strict=True))
    return parts(
        poll,
        selections,
        base=Base.VALID,
        rounding=rounding,
        percents=percents,
        mean=Fraction(total, selections.valid) if selections.valid else None,
    )
