"""The counting methods, one module each: pure functions from a profile of ballots to a result's parts."""

from collections.abc import Mapping
from types import MappingProxyType

from voting.result import Method
from voting.tally import multiple, plurality, preference, rating, selection
from voting.tally.parts import Counter, Parts

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

__all__ = ["METHODS", "Counter", "Parts"]
