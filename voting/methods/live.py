"""Live counting: sums that follow every ballot cast, changed or withdrawn, and an outcome at any moment.

A changed ballot is one fewer of the old and one more of the new. After any interleaving the outcome
equals a recount of the ballots, to the fraction: both feed the same sums. A refresh of plurality,
approval, score, Borda, Dowdall and the pairwise methods costs the same for a thousand ballots as for a
hundred thousand; an instant runoff keeps the distinct rankings and is counted anew from them.
"""

from collections.abc import Sequence
from typing import Any

from voting.count_outcome import CountOutcome
from voting.methods import METHODS, conclude
from voting.methods.score import parse_marks
from voting.rankings import Ranking, parse_ranking, positions
from voting.rulebook import Rulebook


class LiveCount:
    """The running count of one poll by one rulebook.

    Raises KeyError for an unknown method.
    """

    def __init__(self, options: Sequence[str], rulebook: Rulebook) -> None:
        self._options = tuple(options)
        self._position = positions(self._options)
        self._rulebook = rulebook
        self._method = METHODS[rulebook.method]
        self._sums: Any = self._method.start(len(self._options), rulebook)
        self._parsed: dict[str, Ranking] = {}
        self._ballots = 0
        self._valid = 0

    def add(self, canonical: str, count: int) -> None:
        """Count `count` more of this canonical ballot, or fewer when it is below zero.

        Raises ValueError when the ballot cannot belong to the poll.
        """
        ranking = self._parsed.get(canonical)
        if ranking is None:
            parse = parse_marks if self._method.marks else parse_ranking
            ranking = self._parsed[canonical] = parse(canonical, self._position)
        self._sums.add(ranking, count)
        self._ballots += count
        self._valid += count if ranking else 0

    def outcome(self) -> CountOutcome:
        """The outcome of the ballots counted so far."""
        return conclude(self._options, self._method, self._rulebook, self._sums, self._ballots, self._valid)
