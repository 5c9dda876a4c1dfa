"""The preference methods: one registry, one way to count.

`METHODS` holds every method by name, `count` counts a profile by one of them, and `Counting` counts it
by several without adding up the ballots twice.
"""

from collections.abc import Hashable, Mapping
from types import MappingProxyType
from typing import Any

from voting.count_outcome import CountOutcome, by_name
from voting.methods import (
    approval,
    borda,
    condorcet,
    copeland,
    dowdall,
    irv,
    minimax,
    plurality,
    schulze,
    score,
)
from voting.methods.parts import Conclusion, Method, MethodRefused, Sums
from voting.rankings import Profile, closed_up
from voting.result import OutcomeKind
from voting.rounds import Round, TieMet
from voting.rulebook import Rulebook, fingerprint

METHODS: Mapping[str, Method] = MappingProxyType(
    {
        method.name: method
        for method in (
            plurality.METHOD,
            approval.METHOD,
            score.METHOD,
            borda.METHOD,
            dowdall.METHOD,
            copeland.METHOD,
            minimax.WINNING,
            minimax.MARGINS,
            schulze.WINNING,
            schulze.MARGINS,
            condorcet.METHOD,
            irv.METHOD,
        )
    }
)
"""Every preference method, by its name."""


def count(profile: Profile, rulebook: Rulebook) -> CountOutcome:
    """Count a profile by the method and the rules of a rulebook.

    Raises MethodRefused when the method cannot count such ballots, KeyError for an unknown method.
    """
    return Counting(profile).by(rulebook)


class Counting:
    """A profile being counted by one or several rulebooks; sums that methods share are made once."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self._closed = profile.ballots if profile.marks else closed_up(profile.ballots)
        self._sums: dict[Hashable, Any] = {}

    def by(self, rulebook: Rulebook) -> CountOutcome:
        """The outcome by this rulebook. Raises like `count`."""
        method = METHODS[rulebook.method]
        method.check(self.profile, rulebook)
        key = method.sums_key(rulebook)
        if key not in self._sums:
            sums: Sums = method.start(len(self.profile.candidates), rulebook)
            for ranking, number in (self.profile.ballots if method.as_marked else self._closed).items():
                sums.add(ranking, number)
            self._sums[key] = sums
        ballots = self.profile.size
        valid = sum(number for ranking, number in self._closed.items() if ranking)
        return conclude(self.profile.candidates, method, rulebook, self._sums[key], ballots, valid)


def conclude(
    candidates: tuple[str, ...], method: Method, rulebook: Rulebook, sums: Any, ballots: int, valid: int
) -> CountOutcome:
    """The outcome of sums over `ballots` ballots of which `valid` rank or mark somebody."""
    rules = rulebook.as_dict(method.uses)
    if not valid or not candidates:
        return CountOutcome(
            method=method.name,
            kind=OutcomeKind.NO_VALID_VOTES,
            winners=(),
            ranking=(),
            ballots=ballots,
            valid=valid,
            scores={},
            rules=rules,
            rulebook=fingerprint(rules),
        )
    return _named(candidates, method, method.conclude(sums), ballots, valid, rules)


def _named(
    candidates: tuple[str, ...],
    method: Method,
    found: Conclusion,
    ballots: int,
    valid: int,
    rules: Mapping[str, object],
) -> CountOutcome:
    def names(group: tuple[int, ...]) -> tuple[str, ...]:
        return by_name([candidates[candidate] for candidate in group])

    def name(candidate: int | None) -> str | None:
        return None if candidate is None else candidates[candidate]

    return CountOutcome(
        method=method.name,
        kind=found.kind,
        winners=names(found.winners),
        ranking=tuple(names(group) for group in found.ranking),
        ballots=ballots,
        valid=valid,
        scores={
            candidate: found.scores[candidates.index(candidate)]
            for group in found.ranking
            for candidate in names(group)
        },
        ties=tuple(
            TieMet(
                candidates=names(tie.candidates),
                rungs=tie.rungs,
                round=tie.round,
                eliminated=names(tie.eliminated),
                looked_at=tie.looked_at,
            )
            for tie in found.ties
        ),
        rounds=tuple(
            Round(
                number=number,
                tally={candidates[candidate]: votes for candidate, votes in entry.tally.items()},
                exhausted=entry.exhausted,
                threshold=entry.threshold,
                elected=names(entry.elected),
                eliminated=names(entry.eliminated),
                transfers={
                    name(source): {name(target): votes for target, votes in moved.items()}
                    for source, moved in entry.transfers.items()
                },
            )
            for number, entry in enumerate(found.rounds, start=1)
        ),
        condorcet_winner=name(found.condorcet_winner),
        condorcet_loser=name(found.condorcet_loser),
        rules=rules,
        rulebook=fingerprint(rules),
    )


__all__ = ["METHODS", "Counting", "MethodRefused", "count"]
