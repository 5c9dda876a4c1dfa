"""The counting methods, one module each: pure functions from a profile of ballots to a result's parts."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from polls.model import Poll
from voting.result import Method
from voting.tally import multiple, plurality, preference, rating, selection
from voting.tally.parts import Counter, Parts, Running

METHODS: Mapping[Method, Counter] = MappingProxyType(
    {
        Method.PLURALITY: plurality.count,
        Method.MULTIPLE_CHOICE: multiple.count,
        Method.RANKED_BY_SELECTION: selection.count,
        Method.RATING_MEAN: rating.count,
        Method.PREFERENCE: preference.count,
    }
)
"""Every method that counts, by its name."""

RUNNING: Mapping[Method, Callable[[Poll], Running]] = MappingProxyType(
    {
        Method.PLURALITY: plurality.running,
        Method.MULTIPLE_CHOICE: multiple.running,
        Method.RANKED_BY_SELECTION: selection.running,
        Method.RATING_MEAN: rating.running,
        Method.PREFERENCE: preference.RunningCount,
    }
)
"""The same methods, following every ballot as it is cast, changed or withdrawn."""

__all__ = ["METHODS", "RUNNING", "Counter", "Parts", "Running"]
