"""A result's lines and sentences, as every face shows them: bars, groups, base, method, who is first."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.compare import RuleColumn, compare_sentence, rule_columns
from dashboard.flow import Flow, flow_of
from dashboard.numbers import two_decimals
from dashboard.preference import option_value, preference_base, preference_sentence
from dashboard.rules import rounding_words
from dashboard.words import say
from polls.model import EVERYONE_ELSE, Event, Option, Poll, PollKind, SegmentId
from voting.percent import show_percent
from voting.result import Base, GroupResult, Method, OptionResult, OutcomeKind, Result

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One option's line. `value` is the figure as text; `percent` a whole number for a meter, 0 to 100.

    `place` is a number as text ("" when the form shows none), `letter` marks a person or entry
    beside its colour, `paper` is the position on the ballot paper from 0 on, `selected` is False for
    an option that nobody chose, `leader` True for whoever is first, ties included. `reach` is the length
    of the line in hundredths of a percent where it is not the share of `count` (preference polls, in
    which `count` is the number of ballots that rank the option).
    """

    option: str
    label: str
    detail: str
    count: int
    percent: int
    value: str
    place: str
    letter: str
    paper: int
    leader: bool
    selected: bool
    reach: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One group beside the others: its own lines, or the sentence in `hidden` why there are none.

    `segment` is "" for everyone else.
    """

    segment: str
    title: str
    lines: tuple[Bar, ...]
    n: int
    mean: str
    mean_value: str
    hidden: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Everything that a result says in words, and its lines. The same for every face."""

    lines: tuple[Bar, ...]
    n: int
    sentence: str
    base: str
    method: str
    rounding: str
    mean: str
    mean_value: str
    """The mean as a decimal with a point, two digits, for drawing; "" when there is none."""
    abstained: str
    groups: tuple[Group, ...]
    flow: Flow | None = None
    """A runoff round by round."""
    columns: tuple[RuleColumn, ...] = ()
    """A preference poll's ballots by other rules, and the sentence that says who would lead."""
    compared: str = ""


def figures(
    event: Event,
    poll: Poll,
    result: Result,
    *,
    lang: str,
    is_sorted: bool,
    is_open: bool,
    is_beside: bool = False,
) -> Figures:
    """The result in lines and sentences; `is_sorted` puts the most chosen first (never in a rating).

    With `is_beside` the groups are what is drawn, so that sentence and base say which figures are
    everyone's.
    """
    sentence = result_sentence(poll, result, lang=lang, is_open=is_open)
    mean, mean_value = _mean(result, lang)
    return Figures(
        lines=bars(poll, result, lang=lang, is_sorted=is_sorted),
        n=result.n,
        sentence=say(lang, "result_everyone", sentence=sentence) if is_beside else sentence,
        base=base_sentence(poll, result, lang, is_beside=is_beside),
        method=method_sentence(poll, result, lang),
        rounding=rounding_sentence(result, lang),
        mean=mean,
        mean_value=mean_value,
        abstained=say(lang, "abstained", n=result.abstained) if result.abstained else "",
        groups=tuple(_group(event, poll, result, group, lang, is_sorted) for group in result.groups),
        flow=flow_of(poll, result, lang),
        columns=rule_columns(poll, result, lang),
        compared=compare_sentence(poll, result, lang),
    )


def bars(
    poll: Poll, result: Result, *, lang: str, is_sorted: bool, order: Sequence[str] | None = None
) -> tuple[Bar, ...]:
    """One line per option; by count if `is_sorted`, or in the `order` of option ids, else as on the paper."""
    options = {option.id: option for option in poll.options}
    paper = {option.id: place for place, option in enumerate(poll.options)}
    lines = [
        _bar(poll, result, options[line.option], line, paper[line.option], lang) for line in result.options
    ]
    if order is not None:
        rank = {option: place for place, option in enumerate(order)}
        lines.sort(key=lambda line: rank.get(line.option, len(rank)))
    elif is_sorted and poll.kind is PollKind.PREFERENCE:
        last = len(lines) + 1
        lines.sort(key=lambda line: (int(line.place or last), line.paper))
    elif is_sorted and poll.kind is not PollKind.RATING:
        lines.sort(key=lambda line: (-line.count, line.paper))
    return tuple(lines)


def _bar(poll: Poll, result: Result, option: Option, line: OptionResult, paper: int, lang: str) -> Bar:
    is_race = result.method is Method.RANKED_BY_SELECTION
    selected = line.count > 0
    percent = line.percent or 0
    reach = None
    if result.method is Method.PREFERENCE:
        shown = option_value(poll, result, line, lang)
        value, reach = shown.value, shown.reach
    elif is_race and not selected:
        value = say(lang, "not_selected") if result.n else ""
    elif is_race or poll.people:
        share = show_percent(line.count, result.n, percent)
        value = say(lang, "value_count_share", count=line.count, share=share)
    else:
        value = line.shown
    return Bar(
        option=option.id,
        label=option.text.pick(lang),
        detail=option.detail.pick(lang) if option.detail else "",
        count=line.count,
        percent=percent,
        value=value,
        place=str(line.place) if line.place is not None and (is_race or reach is not None) else "",
        letter=LETTERS[paper] if poll.people and paper < len(LETTERS) else "",
        paper=paper,
        leader=line.option in result.outcome.winners
        if reach is not None
        else line.place == 1 and poll.kind is not PollKind.RATING,
        selected=selected,
        reach=reach,
    )


def _group(event: Event, poll: Poll, whole: Result, group: GroupResult, lang: str, is_sorted: bool) -> Group:
    name = group_name(event, group.segment, lang)
    if group.result is None:
        # A group can be large and yet hidden, so that a small one beside it cannot be worked out.
        is_small = group.cast < poll.min_group
        hidden = say(lang, "too_few", n=poll.min_group) if is_small else say(lang, "hidden_beside")
        return Group(segment=group.segment, title=name, lines=(), n=0, mean="", mean_value="", hidden=hidden)
    mean, mean_value = _mean(group.result, lang)
    # Beside each other, every group keeps the order of the whole, or the rows would not be one option's.
    order = [line.option for line in bars(poll, whole, lang=lang, is_sorted=is_sorted)]
    return Group(
        segment=group.segment,
        title=say(lang, "group_n", group=name, n=group.result.n),
        lines=bars(poll, group.result, lang=lang, is_sorted=False, order=order),
        n=group.result.n,
        mean=mean,
        mean_value=mean_value,
        hidden="",
    )


def group_name(event: Event, group: SegmentId, lang: str) -> str:
    """The name of a segment, or of everyone else."""
    segment = event.segment(group)
    if segment is None:
        return say(lang, "group_others") if group == EVERYONE_ELSE else group
    return segment.text.pick(lang)


def result_sentence(poll: Poll, result: Result, *, lang: str, is_open: bool) -> str:
    """The result in one sentence: who leads, who shares the lead, the mean, or that there is no vote."""
    kind, winners = result.outcome.kind, result.outcome.winners
    if result.n == 0 or kind is OutcomeKind.NO_VALID_VOTES:
        return say(lang, "result_none_yet" if is_open else "result_none")
    if result.mean is not None:
        return say(lang, "result_mean", mean=two_decimals(result.mean, lang), n=result.n)
    if result.method is Method.PREFERENCE:
        return preference_sentence(poll, result, lang)
    if kind is OutcomeKind.UNDECIDED or not winners:
        return say(lang, "result_undecided", n=result.n)
    names = {option.id: option.text.pick(lang) for option in poll.options}
    first = result.option(winners[0])
    share = show_percent(first.count, result.n, first.percent or 0)
    if len(winners) > 1:
        key = {2: "result_shared_2", 3: "result_shared_3"}.get(len(winners), "result_shared_many")
        values = dict(zip(("first", "second", "third"), (names[option] for option in winners), strict=False))
        return say(lang, key, options=len(winners), count=first.count, n=result.n, **values)
    if poll.people:
        key = "result_votes"
    elif result.method is Method.RANKED_BY_SELECTION:
        key = "result_most_selected"
    elif result.base is Base.RESPONDENTS:
        key = "result_leads_respondents"
    else:
        key = "result_leads"
    return say(lang, key, option=names[winners[0]], count=first.count, share=share, n=result.n)


def base_sentence(poll: Poll, result: Result, lang: str, *, is_beside: bool = False) -> str:
    """What the figures are a share of, with everyone's N; `is_beside`: the figures are each group's."""
    match result.method:
        case Method.PREFERENCE:
            return preference_base(poll, result.n, lang, is_beside=is_beside)
        case Method.RATING_MEAN:
            key = "rating"
        case Method.RANKED_BY_SELECTION:
            key = "ranked"
        case _ if result.base is Base.RESPONDENTS:
            key = "respondents"
        case _:
            key = "valid"
    prefix = "base_beside" if is_beside else "base"
    return say(lang, f"{prefix}_{key}", n=result.n, max=poll.max_selections)


def method_sentence(poll: Poll, result: Result, lang: str) -> str:
    """How the figures were made."""
    match result.method:
        case Method.RATING_MEAN:
            return say(lang, "method_rating")
        case Method.RANKED_BY_SELECTION:
            key = "method_ranked" if poll.max_selections == 1 else "method_ranked_many"
            return say(lang, key, max=poll.max_selections)
        case Method.MULTIPLE_CHOICE:
            return say(lang, "method_multiple", max=poll.max_selections)
        case Method.PLURALITY:
            return say(lang, "method_plurality")
        case Method.PREFERENCE:
            return say(lang, f"rules_method_{poll.method}", options=len(poll.options))


def rounding_sentence(result: Result, lang: str) -> str:
    """How the figures were rounded."""
    return rounding_words(result.rounding, lang)


def _mean(result: Result, lang: str) -> tuple[str, str]:
    if result.mean is None:
        return "", ""
    shown = two_decimals(result.mean, lang)
    exact = f"{result.mean.numerator}/{result.mean.denominator}"
    plain = two_decimals(result.mean).replace("−", "-")
    return say(lang, "mean_exact", mean=shown, exact=exact), plain
