"""The parts of the export document that preference polls bring: orders, rounds, ties, other rules."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from polls.model import Poll, PollKind
from voting.result import Result


def preference_part(poll: Poll, result: Result, lang: str) -> dict[str, Any]:
    """What only preference polls have: rounds, ties and the rung that dealt with each, other rules."""
    names = {str(option.id): option.text.pick(lang) for option in poll.options}

    def texts(options: Iterable[str]) -> list[str]:
        return [names[option] for option in options]

    return {
        "runoff": [
            {
                "round": entry.number,
                "tally": {names[option]: votes for option, votes in entry.tally.items()},
                "exhausted": entry.exhausted,
                "threshold": entry.threshold,
                "elected": texts(entry.elected),
                "eliminated": texts(entry.eliminated),
                "transfers": {
                    names.get(source or "", ""): {
                        names.get(target or "", ""): votes for target, votes in moved.items()
                    }
                    for source, moved in entry.transfers.items()
                },
            }
            for entry in result.rounds
        ],
        "ties_met": [
            {
                "round": tie.round,
                "options": texts(tie.candidates),
                "rungs": [rung.value for rung in tie.rungs],
                "eliminated": texts(tie.eliminated),
                "looked_at": tie.looked_at,
            }
            for tie in result.ties_met
        ],
        "by_rules": [
            {
                "method": by.method,
                "kind": by.kind.value,
                "winners": texts(by.winners),
                "scores": {names[option]: str(score) for option, score in by.scores.items()},
            }
            for by in result.by_rules
        ],
    }


def choices_part(poll: Poll, choices: Sequence[str], names: Mapping[str, str]) -> dict[str, Any]:
    """What one ballot chose, in texts; of a preference poll in the order of its ranks, and their numbers."""
    if poll.kind is not PollKind.PREFERENCE:
        return {"choices": [names[choice] for choice in choices]}
    ranked = [
        (names[option], place) for place, rank in enumerate(choices, start=1) for option in rank.split("=")
    ]
    return {"choices": [text for text, _ in ranked], "ranks": [place for _, place in ranked]}
