"""Score (range voting): every ballot gives marks to candidates; the highest sum of marks wins.

A candidate without a mark gets nothing from that ballot. Source: NIST Election Terminology Glossary,
"range voting". The ballots are marks, not rankings: the method refuses rankings, because a rank is not
a mark. A canonical ballot of marks is "option:mark" joined by "=", in the order of these texts:
"1:5=2:0=4:3"; marks are whole numbers.
"""

import re
from collections.abc import Mapping, Sequence

from voting.ballot import ABSTENTION
from voting.methods.parts import Conclusion, Method, by_score
from voting.rankings import ABSTAINED, Profile, Ranking, positions
from voting.rulebook import Rulebook

_MARK = re.compile(r"(.+):(-?[0-9]+)")


class ScoreSums:
    """The sum of each candidate's marks."""

    def __init__(self, candidates: int, rulebook: Rulebook) -> None:
        self.marks = [0] * candidates

    def add(self, ranking: Ranking, count: int) -> None:
        for candidate, mark in ranking:
            self.marks[candidate] += mark * count


def conclude(sums: ScoreSums) -> Conclusion:
    """Scores are sums of marks."""
    return by_score(sums.marks)


def parse_marks(canonical: str, position: Mapping[str, int]) -> Ranking:
    """The (candidate, mark) pairs of a canonical ballot of marks, candidates ascending.

    Raises ValueError for what is not a mark, an unknown option or an option marked twice.
    """
    if canonical == ABSTENTION:
        return ABSTAINED
    marks: dict[int, int] = {}
    for part in canonical.split("="):
        found = _MARK.fullmatch(part)
        if not found or found[1] not in position:
            raise ValueError(f"not a mark for an option on the ballot paper: {part!r}")
        if position[found[1]] in marks:
            raise ValueError(f"an option is marked twice: {canonical!r}")
        marks[position[found[1]]] = int(found[2])
    return tuple(sorted(marks.items()))


def marks_of(options: Sequence[str], ballots: Mapping[str, int]) -> Profile:
    """The profile of canonical ballots of marks. Raises ValueError like `parse_marks`."""
    position = positions(options)
    parsed = {parse_marks(canonical, position): count for canonical, count in ballots.items()}
    return Profile(candidates=tuple(options), ballots=parsed, marks=True)


METHOD = Method(
    name="score",
    title="Sum of marks",
    definition="The candidate with the highest sum of marks wins; no mark gives nothing.",
    source="NIST Election Terminology Glossary, range voting",
    start=ScoreSums,
    conclude=conclude,
    marks=True,
)
