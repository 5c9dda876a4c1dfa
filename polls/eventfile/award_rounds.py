"""Rounds of an award in an event file: juries with their jurors and criteria, and the hall's vote."""

import re
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from polls.award.life import RUNOFF
from polls.award.model import (
    EVERYBODY,
    POINTS_TABLE,
    BallotForm,
    ClassId,
    Criterion,
    CriterionId,
    Electorate,
    Juror,
    JurorId,
    JuryRound,
    JuryRule,
    Publish,
    RoundId,
    VoterClass,
    VoteRound,
)
from polls.eventfile import fields
from polls.eventfile.parts import Part, describe
from polls.eventfile.poll import COUNTDOWN_MAX_S, COUNTDOWN_MIN_S
from polls.model import UNRANKED_RULES

NAME_MAX, GROUP_MAX = 80, 80
JURORS_MAX, CRITERIA_MAX, CLASSES_MAX = 100, 20, 10
WEIGHT_MAX, MARK_MAX, POINTS_MAX, TABLE_MAX = 1000, 1000, 1000, 50
DROP_MAX, TURNOUT_MAX = 5, 1_000_000
QUORUM_MIN, QUORUM_SHARE = 3, Fraction(2, 3)

METHODS = {
    BallotForm.SINGLE: ("plurality",),
    BallotForm.APPROVAL: ("approval",),
    BallotForm.RANKING: ("irv", "borda", "schulze-winning"),
}
"""How each form of ballot can be counted; the first is the default."""

_MARKING = tuple(rule for rule in JuryRule if rule.reads_marks)
_KEYS_OF_RULE: Mapping[str, tuple[JuryRule, ...]] = {
    "criteria": _MARKING,
    "drop": (JuryRule.TRIMMED,),
    "table": (JuryRule.POINTS,),
    "picks": (JuryRule.APPROVAL,),
    "unranked": (JuryRule.BORDA,),
}
"""Keys that only some rules read."""

_SHARE = re.compile(r"([0-9]{1,4})\s*/\s*([0-9]{1,4})")


def jurors_needed(drop: int) -> int:
    """How many marks a trimmed mean needs at least: three more than it drops at both ends."""
    return 2 * drop + 3


def usual_quorum(jurors: int) -> int:
    """The quorum_min of a jury that names none."""
    return min(QUORUM_MIN, jurors)


def read_juries(part: Part, candidates: int, languages: Sequence[str]) -> tuple[JuryRound, ...]:
    """One jury round, or a list of them; those with faults are left out."""
    several = isinstance(part.value, list)
    items = part.items("jury rounds", 1, 5) if several else [part]
    taken: set[str] = set()
    rounds: list[JuryRound] = []
    standing = candidates
    for number, item in enumerate(items, 1):
        usual = f"jury{number}" if several else "jury"
        found = _jury(item, usual, taken, standing, languages)
        if found is not None:
            rounds.append(found)
            standing = found.shortlist or standing
    return tuple(rounds)


def read_round_id(parts: Mapping[str, Part], usual: str, taken: set[str], part: Part) -> str | None:
    """The id of a round; none begins like those of run-offs."""
    found: str | None = usual
    if "id" in parts:
        found = fields.new_id(parts["id"], taken, "round of this award")
        if found is not None and found.startswith(RUNOFF):
            parts["id"].fault(f"expected an id that does not begin with “{RUNOFF}”, as those of run-offs do")
    elif usual in taken:
        part.fault(f"expected an id, since another round already has “{usual}”")
    if found is not None:
        taken.add(found)
    return found


def _jury(
    part: Part, usual: str, taken: set[str], standing: int, languages: Sequence[str]
) -> JuryRound | None:
    before = len(part.faults)
    optional = ("id", "rule", "shortlist", "boundary", "quorum", "publish", *_KEYS_OF_RULE)
    parts = part.keys(("jurors",), optional)
    round_id = read_round_id(parts, usual, taken, part)
    rule = fields.word(parts["rule"], JuryRule) if "rule" in parts else JuryRule.MEAN
    jurors = _jurors(parts["jurors"]) if "jurors" in parts else ()
    for key, rules in _KEYS_OF_RULE.items():
        if key in parts and rule is not None and rule not in rules:
            named = ", ".join(rules[:-1]) + " and " + rules[-1] if len(rules) > 1 else rules[0]
            parts[key].fault(f"only the rule {named} reads this key; this jury's rule is {rule}")
    criteria: tuple[Criterion, ...] = ()
    if "criteria" in parts:
        criteria = _criteria(parts["criteria"], languages)
    elif rule is not None and rule.reads_marks and isinstance(part.value, dict):
        missing = Part(None, (*part.path, "criteria"), part.faults)
        missing.fault("is missing; expected a list of criteria such as {name: Impact, weight: 2}")
    shortlist = 0
    if "shortlist" in parts:
        if standing < 2:
            parts["shortlist"].fault("expected at least two candidates to choose from")
        else:
            shortlist = fields.whole(parts["shortlist"], 1, standing - 1) or 0
    boundary = fields.one_of(parts["boundary"], ("admit", "ladder")) if "boundary" in parts else "admit"
    if "boundary" in parts and "shortlist" not in parts:
        parts["boundary"].fault("only a shortlist has a boundary; expected the key shortlist beside it")
    quorum = _quorum(parts.get("quorum"), len(jurors))
    drop = fields.whole(parts["drop"], 1, DROP_MAX) if "drop" in parts else 1
    if rule is JuryRule.TRIMMED and drop and jurors and len(jurors) < jurors_needed(drop):
        needed = jurors_needed(drop)
        part.fault(f"expected at least {needed} jurors to drop {drop} at each end, found {len(jurors)}")
    table = read_table(parts["table"]) if "table" in parts else POINTS_TABLE
    picks = fields.whole(parts["picks"], 1, standing) if "picks" in parts else 0
    unranked = fields.one_of(parts["unranked"], UNRANKED_RULES) if "unranked" in parts else "zero"
    publish = fields.word(parts["publish"], Publish) if "publish" in parts else Publish.TOTALS
    if len(part.faults) > before or not (round_id and rule and jurors and publish):
        return None
    return JuryRound(
        id=RoundId(round_id),
        jurors=jurors,
        rule=rule,
        criteria=criteria,
        shortlist=shortlist,
        boundary_ladder=boundary == "ladder",
        drop=drop or 1,
        table=table,
        picks=picks or 0,
        unranked=unranked or "zero",
        quorum_min=quorum[0],
        quorum_share=quorum[1],
        publish=publish,
    )


def _jurors(part: Part) -> tuple[Juror, ...]:
    """Names, or `{id, name, group, chair}`; ids are places in the list where none is given."""
    found: list[Juror] = []
    taken: set[str] = set()
    for number, item in enumerate(part.items("jurors", 1, JURORS_MAX), 1):
        named = read_named(item, ("group", "chair"))
        name = fields.line(named["name"], NAME_MAX) if "name" in named else None
        group = fields.line(named["group"], GROUP_MAX) if "group" in named else ""
        chair = fields.flag(named["chair"]) if "chair" in named else False
        if chair and any(juror.chair for juror in found):
            item.fault("expected at most one chair; another juror of this round is the chair already")
        juror_id = read_place_id(item, named, number, taken, "juror of this round")
        if juror_id and name and group is not None and chair is not None:
            found.append(Juror(id=JurorId(juror_id), name=name, group=group, chair=chair))
    return tuple(found)


def read_named(item: Part, optional: Iterable[str]) -> dict[str, Part]:
    """A name by itself, or `{id, name}` with more; the parts by key."""
    return item.keys(("name",), ("id", *optional)) if isinstance(item.value, dict) else {"name": item}


def read_place_id(
    item: Part, parts: Mapping[str, Part], number: int, taken: set[str], what: str
) -> str | None:
    """The id that is given, else the place in the list."""
    if "id" in parts:
        found = fields.new_id(parts["id"], taken, what)
    elif (found := str(number)) in taken:
        item.fault(f"expected an id, since “{number}”, its place, is the id of another {what}")
        return None
    if found is not None:
        taken.add(found)
    return found


def _criteria(part: Part, languages: Sequence[str]) -> tuple[Criterion, ...]:
    found: list[Criterion] = []
    taken: set[str] = set()
    for number, item in enumerate(part.items("criteria", 1, CRITERIA_MAX), 1):
        parts = read_texted(item, languages, ("weight", "scale"))
        criterion_id = read_place_id(item, parts, number, taken, "criterion of this round")
        name = fields.text(parts["name"], NAME_MAX, languages) if "name" in parts else None
        weight = fields.whole(parts["weight"], 1, WEIGHT_MAX) if "weight" in parts else 1
        low, high = _scale(parts["scale"]) if "scale" in parts else (1, 10)
        if criterion_id and name and weight:
            found.append(
                Criterion(id=CriterionId(criterion_id), name=name, weight=weight, low=low, high=high)
            )
    return tuple(found)


def read_texted(item: Part, languages: Sequence[str], optional: Iterable[str]) -> dict[str, Part]:
    """A text by itself (in one or several languages), or `{id, name}` with more."""
    value = item.value
    # {id: Dampak, en: Impact} is a text when Indonesian is one of the languages; {name: …} never is.
    if isinstance(value, dict) and ("name" in value or not all(key in languages for key in value)):
        return item.keys(("name",), ("id", *optional))
    return {"name": item}


def _scale(part: Part) -> tuple[int, int]:
    ends = [
        fields.whole(item, 0, MARK_MAX) for item in part.items("marks, the lowest and the highest,", 2, 2)
    ]
    if len(ends) < 2 or ends[0] is None or ends[1] is None:
        return 1, 10
    if ends[0] >= ends[1]:
        part.fault(f"expected a highest mark above the lowest, found from {ends[0]} to {ends[1]}")
    return ends[0], ends[1]


def read_table(part: Part) -> tuple[int, ...]:
    """Points for the places from the first on, none higher than the one before."""
    found = [fields.whole(item, 0, POINTS_MAX) for item in part.items("points", 1, TABLE_MAX)]
    table = tuple(points for points in found if points is not None)
    if len(table) == len(found) and table:
        rising = next((n for n in range(1, len(table)) if table[n] > table[n - 1]), None)
        if rising is not None:
            part.fault(
                f"expected points that do not rise from place to place; place {rising + 1} has "
                f"{table[rising]} after {table[rising - 1]}"
            )
        elif table[0] == 0:
            part.fault("expected more than 0 points for the first place")
    return table


def _quorum(part: Part | None, jurors: int) -> tuple[int, Fraction]:
    """Sheets that a candidate needs: at least so many, and this share of the jurors who may judge."""
    least, share = usual_quorum(jurors), QUORUM_SHARE
    if part is None:
        return least, share
    parts = part.keys((), ("min", "share"))
    if "min" in parts:
        least = fields.whole(parts["min"], 1, max(jurors, 1)) or least
    if "share" in parts:
        share = _share(parts["share"]) or share
    return least, share


def _share(part: Part) -> Fraction | None:
    found = _SHARE.fullmatch(part.value.strip()) if isinstance(part.value, str) else None
    if part.value == 1 and not isinstance(part.value, bool):
        return Fraction(1)
    if found and int(found[2]) and 0 < int(found[1]) <= int(found[2]):
        return Fraction(int(found[1]), int(found[2]))
    part.fault(f'expected a share such as "2/3", at most 1, found {describe(part.value)}')
    return None


def read_vote(
    part: Part, usual_taken: set[str], candidates: int, languages: Sequence[str]
) -> VoteRound | None:
    """The vote of the hall between at most so many `candidates`; None when it has faults."""
    before = len(part.faults)
    general = ("id", "electorate", "classes", "ballot", "method", "abstain", "min_turnout", "countdown")
    parts = part.keys((), (*general, "publish", "least", "most", "ties", "unranked"))
    round_id = read_round_id(parts, "vote", usual_taken, part)
    electorate = fields.word(parts["electorate"], Electorate) if "electorate" in parts else Electorate.CODES
    classes = _classes(parts["classes"], languages) if "classes" in parts else (EVERYBODY,)
    if "classes" in parts and electorate is Electorate.DEVICES:
        parts["classes"].fault("only voters by code have classes; devices are all alike")
    form = fields.word(parts["ballot"], BallotForm) if "ballot" in parts else BallotForm.SINGLE
    methods = METHODS[form or BallotForm.SINGLE]
    method = fields.one_of(parts["method"], methods) if "method" in parts and form else methods[0]
    least, most = 1, 0
    if form is BallotForm.SINGLE:
        most = 1
        for key in ("least", "most"):
            if key in parts:
                parts[key].fault(
                    "a ballot of form single names one candidate; for more use approval or ranking"
                )
    else:
        most = (fields.whole(parts["most"], 1, candidates) or 0) if "most" in parts else 0
        least = (fields.whole(parts["least"], 1, most or candidates) or 1) if "least" in parts else 1
    if "ties" in parts and form is not BallotForm.RANKING:
        parts["ties"].fault("only a ballot of form ranking can put several candidates in one place")
    ties = fields.flag(parts["ties"]) if "ties" in parts else False
    if ties and method == "irv":
        parts["ties"].fault("the method irv needs ballots without ties; expected false, or borda")
    if "unranked" in parts and method != "borda":
        parts["unranked"].fault(f"only the method borda reads this key; this vote is counted by {method}")
    unranked = fields.one_of(parts["unranked"], UNRANKED_RULES) if "unranked" in parts else "zero"
    abstain = fields.flag(parts["abstain"]) if "abstain" in parts else True
    turnout = fields.whole(parts["min_turnout"], 0, TURNOUT_MAX) if "min_turnout" in parts else 0
    countdown = (
        fields.seconds(parts["countdown"], COUNTDOWN_MIN_S, COUNTDOWN_MAX_S) if "countdown" in parts else None
    )
    publish = fields.word(parts["publish"], Publish) if "publish" in parts else Publish.BALLOTS
    if len(part.faults) > before or not (round_id and electorate and form and method and publish):
        return None
    return VoteRound(
        id=RoundId(round_id),
        electorate=electorate,
        classes=classes,
        form=form,
        method=method,
        least=least,
        most=most,
        ties=bool(ties),
        abstain=bool(abstain),
        unranked=unranked or "zero",
        min_turnout=turnout or 0,
        countdown_s=countdown,
        publish=publish,
    )


def _classes(part: Part, languages: Sequence[str]) -> tuple[VoterClass, ...]:
    found: list[VoterClass] = []
    taken: set[str] = set()
    for item in part.items("classes of voters", 1, CLASSES_MAX):
        parts = item.keys(("id", "name"), ("weight",))
        class_id = fields.new_id(parts["id"], taken, "class of this vote") if "id" in parts else None
        if class_id is not None:
            taken.add(class_id)
        name = fields.text(parts["name"], NAME_MAX, languages) if "name" in parts else None
        weight = fields.whole(parts["weight"], 1, WEIGHT_MAX) if "weight" in parts else 1
        if class_id and name and weight:
            found.append(VoterClass(id=ClassId(class_id), name=name, weight=weight))
    return tuple(found) or (EVERYBODY,)
