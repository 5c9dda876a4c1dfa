"""Plurality: each ballot names one option; the option named most often is first.

Definition and source: NIST Election Terminology Glossary, "plurality voting"; the base is the valid
ballots (a choice was made), abstentions being counted beside it. Options in front with equal counts
share the first place. Percentages sum to 100 by largest remainder (Hamilton); in votes on people
they are rounded half up each by itself, so that equal counts read equal.
"""

from collections.abc import Mapping

from polls.model import Poll
from voting.result import Base
from voting.tally.parts import Parts, RunningSelections, Selections, count_selections, parts, percentages


def count(poll: Poll, ballots: Mapping[str, int]) -> Parts:
    """Count a single-choice poll. Raises ValueError for ballots that cannot be of this poll."""
    return _figures(poll, count_selections(poll, ballots, at_most=1))


def running(poll: Poll) -> RunningSelections:
    """The same count, following every ballot."""
    return RunningSelections(poll, 1, _figures)


def _figures(poll: Poll, selections: Selections) -> Parts:
    rounding, percents = percentages(poll, selections.counts)
    return parts(poll, selections, base=Base.VALID, rounding=rounding, percents=percents)
