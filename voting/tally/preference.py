"""Preference: each ballot puts options in order, all or the first few; the poll's method makes the result.

Definition: the method and its rules are those of voting.methods, told by voting.pollrules.rulebook_of.
An option's count is the number of ballots that rank it. One that no ballot ranks is not ranked: it has
no place, which is not the last place (unless Borda gives the unranked the mean of the places left; then
it stands where its points put it). Percentages of first choices and of runoff ballots are shares of the
valid ballots, rounded half up each by itself; points are shown as their mean over the valid ballots.
"""

from collections.abc import Mapping
from fractions import Fraction

from polls.model import OptionId, Poll
from voting.ballot import ABSTENTION
from voting.count_outcome import CountOutcome
from voting.methods import Counting
from voting.methods.live import LiveCount
from voting.percent import half_up
from voting.pollrules import POINTS, base_of, other_rulebooks, rounding_of, rulebook_of
from voting.rankings import profile_of
from voting.result import ByRule, OptionResult, Outcome
from voting.rulebook import Unranked
from voting.tally.parts import Parts

NOT_RANKED = "not ranked"


def count(poll: Poll, ballots: Mapping[str, int]) -> Parts:
    """Count a preference poll. Raises ValueError for ballots that cannot be of this poll."""
    ranked = dict.fromkeys(poll.option_ids, 0)
    for canonical, number in ballots.items():
        if number < 0:
            raise ValueError(f"cannot belong to this poll: {number} ballots {canonical!r}")
        for option in options_of(poll, canonical):
            ranked[option] += number
    counting = Counting(profile_of(poll.option_ids, ballots))
    others = [counting.by(rulebook) for rulebook in other_rulebooks(poll)]
    return _parts(poll, counting.by(rulebook_of(poll)), others, ranked)


def options_of(poll: Poll, canonical: str) -> tuple[OptionId, ...]:
    """The options that a canonical ballot ranks, from the first on; none for an abstention.

    Raises ValueError for a ballot that the paper of `poll` does not allow.
    """
    if canonical == ABSTENTION:
        return ()
    found = tuple(OptionId(option) for option in canonical.replace(">", "=").split("="))
    if (
        len(found) > poll.max_selections
        or len(set(found)) < len(found)
        or not set(found) <= set(poll.option_ids)
        or ("=" in canonical and not poll.ties)
    ):
        raise ValueError(f"cannot belong to this poll: {canonical!r}")
    return found


class RunningCount:
    """The count of a preference poll that follows every ballot cast, changed or withdrawn.

    After any interleaving `parts` equals `count` of the ballots, to the fraction. A refresh of the
    points and pairwise methods costs the same however many ballots there are; a runoff is counted anew
    from the distinct rankings.
    """

    def __init__(self, poll: Poll) -> None:
        self._poll = poll
        self._count = LiveCount(poll.option_ids, rulebook_of(poll), *other_rulebooks(poll))
        self._ranked = dict.fromkeys(poll.option_ids, 0)

    def add(self, canonical: str, by: int) -> None:
        """Count `by` more of this canonical ballot, or fewer when it is below zero.

        Raises ValueError when the ballot cannot belong to the poll; nothing is counted then.
        """
        options = options_of(self._poll, canonical)
        self._count.add(canonical, by)
        for option in options:
            self._ranked[option] += by

    def parts(self) -> Parts:
        """The parts of the result of the ballots counted so far."""
        own, *others = self._count.outcomes()
        return _parts(self._poll, own, others, dict(self._ranked))


def _parts(
    poll: Poll, outcome: CountOutcome, others: list[CountOutcome], ranked: Mapping[OptionId, int]
) -> Parts:
    places: dict[str, int] = {}
    for group in outcome.ranking:
        place = len(places) + 1
        places.update(dict.fromkeys(group, place))
    has_places = poll.method == "borda" and poll.unranked == Unranked.AVERAGE
    n = outcome.valid
    return Parts(
        base=base_of(poll),
        n=n,
        cast=outcome.ballots,
        abstained=outcome.ballots - n,
        rounding=rounding_of(poll),
        options=tuple(
            OptionResult(
                option=option,
                count=ranked[option],
                share=Fraction(ranked[option], n) if n else None,
                percent=_percent(poll, outcome.scores[option], n) if n else 0,
                place=places[option] if n and (ranked[option] or has_places) else None,
                shown=_shown(poll, outcome.scores[option], n) if n and ranked[option] else NOT_RANKED,
            )
            for option in poll.option_ids
        ),
        outcome=Outcome(kind=outcome.kind, winners=_paper_order(poll, outcome.winners)),
        ties=tuple(
            _paper_order(poll, group)
            for group in outcome.ranking
            if len(group) > 1 and all(ranked[OptionId(option)] for option in group)
        ),
        scores=_scores(outcome) if n else None,
        rounds=outcome.rounds,
        ties_met=outcome.ties,
        by_rules=tuple(
            ByRule(
                method=other.method,
                kind=other.kind,
                winners=_paper_order(poll, other.winners),
                scores=_scores(other),
                ranking=tuple(_paper_order(poll, group) for group in other.ranking),
            )
            for other in others
        )
        if n
        else (),
    )


def _scores(outcome: CountOutcome) -> Mapping[OptionId, Fraction]:
    return {OptionId(option): score for option, score in outcome.scores.items()}


def _paper_order(poll: Poll, options: tuple[str, ...]) -> tuple[OptionId, ...]:
    return tuple(option for option in poll.option_ids if option in options)


def figure(method: str, score: Fraction, n: int) -> Fraction:
    """The figure that people read for a score: the mean of points over the `n` valid ballots, else itself."""
    return Fraction(score, n) if method in POINTS else score


def two_decimals(value: Fraction) -> str:
    """A fraction with two decimals, halves away from zero, by whole numbers alone: "3.42"."""
    hundredths = (200 * abs(value.numerator) + value.denominator) // (2 * value.denominator)
    sign = "-" if value < 0 and hundredths else ""
    return f"{sign}{hundredths // 100}.{hundredths % 100:02d}"


def _shown(poll: Poll, score: Fraction, n: int) -> str:
    value = figure(poll.method, score, n)
    is_whole = poll.method not in POINTS and value.denominator == 1
    return str(value.numerator) if is_whole else two_decimals(value)


def reach(method: str, score: Fraction, n: int, options: int) -> Fraction:
    """How far a score reaches from the worst possible (0) to the best possible (1), for `n` valid ballots
    and so many options. For first choices and runoffs that is the share of the valid ballots."""
    rivals = max(options - 1, 1)
    match method:
        case "borda":
            return Fraction(score, n * options)
        case "dowdall" | "plurality" | "irv":
            return Fraction(score, n)
        case "copeland":
            return Fraction(score + rivals, 2 * rivals)
        case "minimax-winning":
            return 1 - Fraction(score, n)
        case "minimax-margins":  # from beating everyone by all ballots to losing by all of them
            return Fraction(n - score, 2 * n)
        case _:
            return Fraction(score, rivals)


def _percent(poll: Poll, score: Fraction, n: int) -> int:
    part = reach(poll.method, score, n, len(poll.options))
    return half_up(part.numerator, part.denominator)


__all__ = ["NOT_RANKED", "RunningCount", "count", "figure", "options_of", "reach", "two_decimals"]
