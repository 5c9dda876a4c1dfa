"""What every counting method takes and gives, and the steps that several of them share."""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from polls.model import OptionId, Poll
from voting.ballot import chosen
from voting.percent import half_up, largest_remainder, show_percent
from voting.result import Base, ByRule, OptionResult, Outcome, OutcomeKind, Rounding
from voting.rounds import Round, TieMet
from voting.ties import leaders, places, tie_groups


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a method makes of one profile: the parts of a Result that come from the ballots."""

    base: Base
    n: int
    cast: int
    abstained: int
    rounding: Rounding
    options: tuple[OptionResult, ...]
    outcome: Outcome
    ties: tuple[tuple[OptionId, ...], ...]
    mean: Fraction | None = None
    scores: Mapping[OptionId, Fraction] | None = None
    rounds: tuple[Round, ...] = ()
    ties_met: tuple[TieMet, ...] = ()
    by_rules: tuple[ByRule, ...] = ()


Counter = Callable[[Poll, Mapping[str, int]], Parts]
"""A counting method: poll and counts of distinct canonical ballots in, parts of the result out.

Raises ValueError when a ballot or count cannot belong to the poll; no figure is made then.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selections:
    """How often each option was chosen (in paper order), and by how many ballots."""

    counts: tuple[int, ...]
    valid: int
    abstained: int


class Running(Protocol):
    """The count of a poll that follows every ballot cast, changed or withdrawn.

    Law: after any interleaving `parts` equals the method's count of the ballots, to the fraction.
    """

    def add(self, canonical: str, by: int) -> None:
        """Count `by` more of this canonical ballot, or fewer when it is below zero.

        Raises ValueError when the ballot cannot belong to the poll; nothing is counted then.
        """

    def parts(self) -> Parts:
        """The parts of the result of the ballots counted so far."""


class RunningSelections:
    """The running count of ballots of one rank with up to `at_most` choices.

    `figures` makes the method's parts of the selections. A refresh costs the same however many ballots,
    and however many kinds of them, there are.
    """

    def __init__(self, poll: Poll, at_most: int, figures: Callable[[Poll, Selections], Parts]) -> None:
        self._poll, self._at_most, self._figures = poll, at_most, figures
        self._counts: dict[str, int] = dict.fromkeys(poll.option_ids, 0)
        self._valid = self._abstained = 0

    def add(self, canonical: str, by: int) -> None:
        """See Running."""
        options = selected(self._counts, canonical, self._at_most)
        for option in options:
            self._counts[option] += by
        if options:
            self._valid += by
        else:
            self._abstained += by

    def parts(self) -> Parts:
        """See Running."""
        counts = tuple(self._counts.values())
        return self._figures(
            self._poll, Selections(counts=counts, valid=self._valid, abstained=self._abstained)
        )


def selected(paper: Container[str], canonical: str, at_most: int) -> tuple[str, ...]:
    """The options that a ballot of one rank chooses; `paper` holds those there are.

    Raises ValueError for an option that is not on the paper, an option chosen twice, too many choices,
    or a ranking.
    """
    options = chosen(canonical)
    if len(options) > at_most or len(set(options)) < len(options):
        raise ValueError(f"cannot belong to this poll: {canonical!r}")
    for option in options:
        if option not in paper:
            raise ValueError(f"not on the ballot paper: {option!r}")
    return options


def count_selections(poll: Poll, ballots: Mapping[str, int], at_most: int) -> Selections:
    """Count the choices of ballots of one rank with up to `at_most` choices.

    Raises ValueError for an option that is not on the paper, an option chosen twice, too many
    choices, a ranking, or a count below zero.
    """
    counts: dict[str, int] = dict.fromkeys(poll.option_ids, 0)
    valid = abstained = 0
    for canonical, count in ballots.items():
        options = selected(counts, canonical, at_most)
        if count < 0:
            raise ValueError(f"cannot belong to this poll: {count} ballots {canonical!r}")
        if not options:
            abstained += count
            continue
        valid += count
        for option in options:
            counts[option] += count
    return Selections(counts=tuple(counts.values()), valid=valid, abstained=abstained)


def percentages(poll: Poll, counts: Sequence[int]) -> tuple[Rounding, list[int]]:
    """Whole percentages of counts that make up the whole, and how they were rounded.

    They sum to 100, except in votes on people: there equal counts must read equal.
    """
    if poll.people:
        whole = sum(counts)
        return Rounding.HALF_UP, [half_up(count, whole) for count in counts]
    return Rounding.LARGEST_REMAINDER, largest_remainder(counts)


def parts(
    poll: Poll,
    selections: Selections,
    *,
    base: Base,
    rounding: Rounding,
    percents: Sequence[int],
    shown: Sequence[str] | None = None,
    mean: Fraction | None = None,
) -> Parts:
    """Put a method's figures together; `shown` is the percentage unless given."""
    n, counts = selections.valid, selections.counts
    texts = shown or [
        show_percent(count, n, percent) for count, percent in zip(counts, percents, strict=True)
    ]
    ids = poll.option_ids
    return Parts(
        base=base,
        n=n,
        cast=n + selections.abstained,
        abstained=selections.abstained,
        rounding=rounding,
        options=tuple(
            OptionResult(
                option=option,
                count=count,
                share=Fraction(count, n) if n else None,
                percent=percent,
                place=place,
                shown=text,
            )
            for option, count, percent, place, text in zip(
                ids, counts, percents, places(counts), texts, strict=True
            )
        ),
        outcome=outcome([ids[i] for i in leaders(counts)]),
        ties=tuple(tuple(ids[i] for i in group) for group in tie_groups(counts)),
        mean=mean,
    )


def outcome(winners: Sequence[OptionId]) -> Outcome:
    """One option in front is a winner, several share, none means that there was no valid vote."""
    if not winners:
        return Outcome(kind=OutcomeKind.NO_VALID_VOTES)
    kind = OutcomeKind.WINNER if len(winners) == 1 else OutcomeKind.SHARED
    return Outcome(kind=kind, winners=tuple(winners))
