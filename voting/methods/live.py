"""Live counting: sums that follow every ballot cast, changed or withdrawn, and an outcome at any moment.

A changed ballot is one fewer of the old and one more of the new. After any interleaving the outcome
equals a recount of the ballots, to the fraction: both feed the same sums. A refresh of plurality,
approval, score, Borda, Dowdall and the pairwise methods costs the same for a thousand ballots as for a
hundred thousand; an instant runoff keeps the distinct rankings and is counted anew from them.
"""

from collections.abc import Hashable, Sequence
from typing import Any

from voting.count_outcome import CountOutcome
from voting.methods import METHODS, conclude
from voting.methods.score import parse_marks
from voting.rankings import Ranking, parse_ranking, positions
from voting.rulebook import Rulebook

REMEMBERED = 4_096
"""Distinct ballots whose reading is remembered."""


class LiveCount:
    """The running count of one poll by one or several rulebooks, all for rankings or all for marks.

    Sums that methods share are kept once. Raises KeyError for an unknown method.
    """

    def __init__(self, options: Sequence[str], *rulebooks: Rulebook) -> None:
        self._options = tuple(options)
        self._position = positions(self._options)
        self._rulebooks = rulebooks
        methods = [METHODS[rulebook.method] for rulebook in rulebooks]
        if len({method.marks for method in methods}) != 1:
            raise ValueError("name methods for rankings or methods for marks, not both")
        self._parse = parse_marks if methods[0].marks else parse_ranking
        self._sums: dict[Hashable, Any] = {}
        for method, rulebook in zip(methods, rulebooks, strict=True):
            key = method.sums_key(rulebook)
            if key not in self._sums:
                self._sums[key] = method.start(len(self._options), rulebook)
        self._parsed: dict[str, Ranking] = {}
        self._ballots = 0
        self._valid = 0

    def add(self, canonical: str, count: int) -> None:
        """Count `count` more of this canonical ballot, or fewer when it is below zero.

        Raises ValueError when the ballot cannot belong to the poll.
        """
        ranking = self._parsed.get(canonical)
        if ranking is None:
            if len(self._parsed) >= REMEMBERED:
                self._parsed.clear()
            ranking = self._parsed[canonical] = self._parse(canonical, self._position)
        for sums in self._sums.values():
            sums.add(ranking, count)
        self._ballots += count
        self._valid += count if ranking else 0

    def outcome(self) -> CountOutcome:
        """The outcome of the ballots counted so far, by the first rulebook."""
        return self._by(self._rulebooks[0])

    def outcomes(self) -> list[CountOutcome]:
        """The outcomes by all rulebooks, in their order."""
        return [self._by(rulebook) for rulebook in self._rulebooks]

    def _by(self, rulebook: Rulebook) -> CountOutcome:
        method = METHODS[rulebook.method]
        sums = self._sums[method.sums_key(rulebook)]
        return conclude(self._options, method, rulebook, sums, self._ballots, self._valid)
