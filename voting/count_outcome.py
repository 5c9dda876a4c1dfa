"""The outcome of a count by a preference method: exact figures, every tie, every round, the rules.

Candidates stand here by name. Tied candidates are listed in the order of their names, so an outcome
does not depend on the order of the paper either.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from voting.result import OutcomeKind
from voting.rounds import Round, TieMet


@dataclass(frozen=True, slots=True, kw_only=True)
class CountOutcome:
    """What a method makes of a profile.

    `ranking` holds every candidate once, best first, those that share a place in one group; it is empty
    without valid votes. `ballots` counts all ballots with their weights, `valid` those that rank (or
    mark) at least one candidate. `scores` are exact; what they mean is the method's (docs/counting.md).
    `rules` are the rules that were used and `rulebook` is their fingerprint.
    """

    method: str
    kind: OutcomeKind
    winners: tuple[str, ...]
    ranking: tuple[tuple[str, ...], ...]
    ballots: int
    valid: int
    scores: Mapping[str, Fraction]
    ties: tuple[TieMet, ...] = ()
    rounds: tuple[Round, ...] = ()
    condorcet_winner: str | None = None
    condorcet_loser: str | None = None
    rules: Mapping[str, object]
    rulebook: str


def outcome_to_dict(outcome: CountOutcome) -> dict[str, object]:
    """The outcome as plain values ready for JSON; exact figures are texts such as "27/2"."""
    plain: dict[str, object] = {
        "method": outcome.method,
        "kind": str(outcome.kind),
        "winners": list(outcome.winners),
        "ranking": [list(group) for group in outcome.ranking],
        "ballots": outcome.ballots,
        "valid": outcome.valid,
        "rounds": [_round(entry) for entry in outcome.rounds],
        "scores": {candidate: str(score) for candidate, score in outcome.scores.items()},
        "ties": [_tie(tie) for tie in outcome.ties],
        "rulebook": {**outcome.rules, "sha256": outcome.rulebook},
    }
    if outcome.method == "condorcet":
        plain["condorcet_winner"] = outcome.condorcet_winner
        plain["condorcet_loser"] = outcome.condorcet_loser
    return plain


EXHAUSTED = "exhausted"


def _round(entry: Round) -> dict[str, object]:
    results: list[dict[str, object]] = [{"elected": name} for name in entry.elected]
    for name in entry.eliminated:
        results.append({"eliminated": name, "transfers": _transfers(entry.transfers.get(name, {}))})
    # Only ballots with tied ranks move without their candidate being eliminated: a tie above it is over.
    others = {
        EXHAUSTED if source is None else source: _transfers(moved)
        for source, moved in entry.transfers.items()
        if source not in entry.eliminated
    }
    return {
        "round": entry.number,
        "tally": {name: str(votes) for name, votes in entry.tally.items()},
        "continuing": str(sum(entry.tally.values())),
        "exhausted": str(entry.exhausted),
        "threshold": str(entry.threshold),
        "tallyResults": results,
        **({"otherTransfers": others} if others else {}),
    }


def _transfers(moved: Mapping[str | None, int]) -> dict[str, str]:
    return {EXHAUSTED if name is None else name: str(votes) for name, votes in moved.items()}


def _tie(tie: TieMet) -> dict[str, object]:
    plain: dict[str, object] = {
        "candidates": list(tie.candidates),
        "rung": str(tie.rungs[-1]),
        "tried": [str(rung) for rung in tie.rungs],
    }
    if tie.round is not None:
        plain["round"] = tie.round
        plain["eliminated"] = list(tie.eliminated)
    if tie.looked_at is not None:
        plain["looked_at"] = tie.looked_at
    return plain


def by_name(names: Sequence[str]) -> tuple[str, ...]:
    """Candidates who share something, in the order of their names (Unicode code points)."""
    return tuple(sorted(names))
