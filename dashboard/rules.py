"""A poll's frozen rulebook in words: one sentence for each rule, the same on every face and in downloads."""

from collections.abc import Mapping, Sequence

from dashboard.words import LANGUAGES, say
from polls.model import Poll, PollKind
from voting.pollrules import rules_of
from voting.result import Base, Rounding
from voting.rulebook import Overvote, fingerprint


def poll_rules(poll: Poll, lang: str) -> tuple[str, ...]:
    """How `poll` is counted, in sentences, and the fingerprint of its rules as the last one."""
    rules = rules_of(poll)
    return (*rule_sentences(rules, lang), say(lang, "rules_fingerprint", hash=fingerprint(dict(rules))))


def rule_sentences(rules: Mapping[str, object], lang: str) -> tuple[str, ...]:
    """The rules of a poll (voting.pollrules.rules_of) in sentences, the weightiest first."""
    numbers = {key: _number(rules[key]) for key in ("options", "max", "min_group")}
    kind = str(rules["kind"])
    if kind == PollKind.PREFERENCE.value:
        said = _preference(rules, numbers, lang)
    else:
        scale = rules.get("scale")
        low, high = (str(end) for end in scale) if isinstance(scale, Sequence) else ("", "")
        said = [say(lang, f"rules_{kind}", **numbers, low=low, high=high)]
    base = "valid" if rules["base"] == Base.VALID.value else "respondents"
    said += [
        say(lang, f"rules_places_{rules['places']}"),
        say(lang, f"rules_base_{base}"),
        rounding_words(Rounding(str(rules["rounding"])), lang),
        say(lang, "rules_abstain_yes" if rules["abstain"] else "rules_abstain_no"),
        say(lang, "rules_min_group", n=numbers["min_group"]),
    ]
    return tuple(said)


def _preference(rules: Mapping[str, object], numbers: Mapping[str, int], lang: str) -> list[str]:
    is_all = numbers["max"] == numbers["options"]
    said = [
        say(lang, "rules_rank_all" if is_all else "rules_rank_some", **numbers),
        say(lang, f"rules_method_{rules['method']}", **numbers),
        say(lang, "rules_ties_yes" if rules["ties"] else "rules_ties_no"),
    ]
    if "unranked" in rules:
        said.append(say(lang, f"rules_unranked_{rules['unranked']}"))
    if rules.get("implicit_ranking"):
        said.append(say(lang, "rules_implicit_ranking"))
    if rules["ties"] and rules.get("overvote") == Overvote.ONLY_CONTINUING.value:
        said.append(say(lang, f"rules_overvote_{rules['overvote']}"))
    if "tie_ladder" in rules:
        said.append(say(lang, "rules_tie_ladder"))
    return said


def rounding_words(rounding: Rounding, lang: str) -> str:
    """How figures were rounded."""
    key = {
        Rounding.LARGEST_REMAINDER: "rounding_largest_remainder",
        Rounding.HALF_UP: "rounding_half_up",
        Rounding.TWO_DECIMALS: "rounding_two_decimals",
        Rounding.WHOLE: "rounding_whole",
    }[rounding]
    return say(lang, key)


def rule_name(method: str, lang: str) -> str:
    """The name of a preference poll's method, as it stands after "by"; the method itself when it has none."""
    key = f"rule_{method}"
    return say(lang, key) if key in LANGUAGES["en"] else method


def _number(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(f"not a number: {value!r}")
    return value
