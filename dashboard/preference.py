"""What a preference poll's figures say: values with their unit, the sentence of the result, its base."""

from dataclasses import dataclass
from fractions import Fraction

from dashboard.numbers import two_decimals
from dashboard.rules import rule_name
from dashboard.words import say
from polls.model import OptionId, Poll
from voting.percent import half_up, show_percent
from voting.pollrules import POINTS, VOTES
from voting.result import OptionResult, OutcomeKind, Result
from voting.tally.preference import figure, reach


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A score as people read it. `reach` is its distance from the worst possible figure to the best,
    in hundredths of a percent, for drawing."""

    value: str
    reach: int


def shown_score(method: str, score: Fraction, n: int, options: int, lang: str) -> Shown:
    """The score of one of `options` options by `method`, from `n` valid ballots (at least one)."""
    number = figure(method, score, n)
    plain = str(number.numerator) if number.denominator == 1 else two_decimals(number, lang)
    match method:
        case "borda" | "dowdall":
            most = options if method == "borda" else 1
            value = say(lang, "value_points", score=two_decimals(number, lang), max=most)
        case "plurality" | "irv":
            percent = _whole_percent(score / n)
            share = show_percent(score.numerator, n * score.denominator, percent)
            value = say(lang, "value_count_share", count=plain, share=share)
        case "copeland":
            value = f"+{plain}" if score > 0 else plain.replace("-", "−")
        case "schulze-winning" | "schulze-margins":
            value = say(lang, "value_ahead", count=plain)
        case "condorcet":
            value = say(lang, "value_wins", count=plain, max=options - 1)
        case _:
            value = plain.replace("-", "−")
    length = reach(method, score, n, options) * 10_000
    return Shown(value=value, reach=(2 * length.numerator + length.denominator) // (2 * length.denominator))


def short_score(method: str, score: Fraction, n: int, options: int, lang: str) -> Shown:
    """The same without its unit, for a column whose title names it: points, a share, or a number."""
    number = figure(method, score, n)
    if method in VOTES:
        value = show_percent(score.numerator, n * score.denominator, _whole_percent(score / n))
    else:
        value = two_decimals(number, lang) if method in POINTS else str(number)
    return Shown(value=value, reach=shown_score(method, score, n, options, lang).reach)


def _whole_percent(share: Fraction) -> int:
    return half_up(share.numerator, share.denominator)


def option_value(poll: Poll, result: Result, line: OptionResult, lang: str) -> Shown:
    """One option's line: its score, or that no ballot ranks it; nothing without valid ballots."""
    if result.scores is None:
        return Shown(value="", reach=0)
    shown = shown_score(poll.method, result.scores[line.option], result.n, len(poll.options), lang)
    if line.count:
        return shown
    return Shown(value=say(lang, "not_ranked"), reach=shown.reach if line.place is not None else 0)


def preference_sentence(poll: Poll, result: Result, lang: str) -> str:
    """Who leads a preference poll by its own method, in one sentence; there are valid ballots."""
    names = {option.id: option.text.pick(lang) for option in poll.options}
    winners, n = result.outcome.winners, result.n
    if result.outcome.kind is OutcomeKind.UNDECIDED:
        key = "no_pair_winner" if poll.method == "condorcet" else "undecided"
        return say(lang, f"result_preference_{key}", n=n)
    if len(winners) > 1:
        key = {2: "shared_2", 3: "shared_3"}.get(len(winners), "shared_many")
        values = dict(zip(("first", "second", "third"), (names[option] for option in winners), strict=False))
        return say(lang, f"result_preference_{key}", options=len(winners), n=n, **values)
    score = (result.scores or {})[winners[0]]
    option = names[winners[0]]
    if poll.method in POINTS:
        most = len(poll.options) if poll.method == "borda" else 1
        mean = two_decimals(figure(poll.method, score, n), lang)
        return say(lang, "result_preference_points", option=option, score=mean, max=most, n=n)
    if poll.method == "irv":
        last = result.rounds[-1]
        return say(
            lang,
            "result_preference_runoff",
            option=option,
            round=last.number,
            count=last.tally[winners[0]],
            total=sum(last.tally.values()),
        )
    if poll.method in VOTES:
        percent = _whole_percent(score / n)
        share = show_percent(score.numerator, n * score.denominator, percent)
        return say(lang, "result_preference_first", option=option, share=share, n=n)
    key = "pair_winner" if poll.method == "condorcet" else "pairs"
    return say(lang, f"result_preference_{key}", option=option, n=n)


def preference_base(poll: Poll, n: int, lang: str, *, is_beside: bool = False) -> str:
    """What the figures of a preference poll are."""
    if is_beside:
        return say(lang, "base_beside_preference", rule=rule_name(poll.method, lang), n=n)
    return say(lang, f"base_preference_{poll.method}", options=len(poll.options), n=n)


def names_of(poll: Poll, options: tuple[OptionId, ...], lang: str) -> str:
    """One option, two joined in words, or how many there are."""
    names = [option.text.pick(lang) for option in poll.options if option.id in options]
    if len(names) == 1:
        return names[0]
    if len(names) == 2:
        return say(lang, "names_2", first=names[0], second=names[1])
    return say(lang, "names_many", n=len(names))
