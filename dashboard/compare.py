"""The same preference ballots by other rules: points, first choices and pairs, and who would lead."""

from collections.abc import Mapping
from dataclasses import dataclass

from dashboard.preference import names_of, short_score
from dashboard.rules import rule_name
from dashboard.words import say
from polls.model import OptionId, Poll
from voting.result import ByRule, OutcomeKind, Result


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLine:
    """One option by one rule. `reach` is the length of its bar in hundredths of a percent; `is_own` marks
    who leads by the poll's own rule, `leader` who leads by this one."""

    option: str
    label: str
    place: str
    value: str
    reach: int
    leader: bool
    is_own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleColumn:
    """One rule and its order of the options; `note` says in words that nobody wins by it, or that it is
    the rule of this poll."""

    method: str
    title: str
    note: str
    lines: tuple[RuleLine, ...]


def rule_columns(poll: Poll, result: Result, lang: str) -> tuple[RuleColumn, ...]:
    """The ballots of a preference poll by each of the other rules; none without valid ballots."""
    names = {option.id: option.text.pick(lang) for option in poll.options}
    ranked = {line.option for line in result.options if line.count}
    return tuple(_column(poll, result, by, names, ranked, lang) for by in result.by_rules)


def _column(
    poll: Poll, result: Result, by: ByRule, names: Mapping[OptionId, str], ranked: set[OptionId], lang: str
) -> RuleColumn:
    lines = []
    order = sorted(by.scores, key=lambda option: -by.scores[option])
    places: dict[object, int] = {}
    for place, option in enumerate(order, start=1):
        shown = short_score(by.method, by.scores[option], result.n, len(poll.options), lang)
        is_ranked = option in ranked
        lines.append(
            RuleLine(
                option=option,
                label=names[option],
                place=str(places.setdefault(by.scores[option], place)) if is_ranked else "",
                value=shown.value if is_ranked else say(lang, "not_ranked"),
                reach=shown.reach if is_ranked else 0,
                leader=option in by.winners,
                is_own=option in result.outcome.winners,
            )
        )
    if by.kind is OutcomeKind.UNDECIDED:
        note = say(lang, "compare_no_pair")
    else:
        note = say(lang, "rule_own") if by.method == poll.method else ""
    title = say(lang, f"rule_title_{by.method}", options=len(poll.options))
    return RuleColumn(method=by.method, title=title, note=note, lines=tuple(lines))


def compare_sentence(poll: Poll, result: Result, lang: str) -> str:
    """One sentence on who leads by which rule; empty without valid ballots."""
    own, leaders = rule_name(poll.method, lang), result.outcome.winners
    if not result.by_rules:
        return ""
    if not leaders:
        return say(lang, "compare_no_leader", own=own)
    leader = names_of(poll, leaders, lang)
    others = [
        (rule_name(by.method, lang), names_of(poll, by.winners, lang))
        for by in result.by_rules
        if by.winners and by.winners != leaders
    ]
    if not others:
        nobody = any(not by.winners for by in result.by_rules)
        return say(lang, "compare_same_but_pairs" if nobody else "compare_same", leader=leader)
    values = {"own": own, "leader": leader, "rule": others[0][0], "option": others[0][1]}
    for number, (rule, option) in enumerate(others[1:], start=2):
        values |= {f"rule_{number}": rule, f"option_{number}": option}
    return say(lang, ("compare_one", "compare_two", "compare_three")[len(others) - 1], **values)
