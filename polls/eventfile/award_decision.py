"""How an award's rounds decide together, in an event file: blend, weights or tables, tie ladder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from polls.award.model import (
    CRITERION_RUNG,
    POINTS_TABLE,
    SHARE_METHODS,
    SHARE_RULES,
    BallotForm,
    Blend,
    Decision,
    JuryRound,
    RoundId,
    Rung,
    VoteRound,
)
from polls.eventfile import fields
from polls.eventfile.award_rounds import WEIGHT_MAX, read_table
from polls.eventfile.parts import Part, nearest

DRAW_MAX = 300


@dataclass(frozen=True, slots=True)
class Rounds:
    """The rounds that a decision is about."""

    jury: Sequence[JuryRound]
    vote: VoteRound | None

    def blends(self) -> tuple[Blend, ...]:
        """The blends that fit, the usual one first: a shortlist is a gate, otherwise shares decide."""
        if self.vote is None:
            return (Blend.JURY,)
        if not self.jury:
            return (Blend.AUDIENCE,)
        if self.jury[-1].shortlist:
            return (Blend.AUDIENCE, Blend.SHARES, Blend.POINTS, Blend.JURY)
        return (Blend.SHARES, Blend.POINTS, Blend.AUDIENCE, Blend.JURY)

    def usual_blend(self, jury_round: object) -> Blend:
        """The blend of a decision that names none, which may name a jury round."""
        shares = not self.without_shares(jury_round)
        return next(blend for blend in self.blends() if shares or blend is not Blend.SHARES)

    def without_shares(self, jury_round: object) -> str:
        """What has figures of which nobody can have a share: that jury's rule (by default the last one's) or
        the vote's method; empty when both have shares, or one is missing."""
        if not self.jury or self.vote is None:
            return ""
        jury = next((r for r in self.jury if r.id == jury_round), self.jury[-1])
        if jury.rule not in SHARE_RULES:
            return f"the jury rule {jury.rule}"
        return "" if self.vote.method in SHARE_METHODS else f"the method {self.vote.method}"


def usual_ladder(rounds: Rounds, blend: Blend) -> tuple[str, ...]:
    """The ladder of an award that names none: more of the audience, more first places, then shared."""
    return tuple(
        str(rung)
        for rung in (Rung.AUDIENCE, Rung.COUNTBACK, Rung.SHARED)
        if cannot_apply(str(rung), rounds, blend, None) is None
    )


def cannot_apply(rung: str, rounds: Rounds, blend: Blend, jury_round: str | None) -> str | None:
    """Why a rung can never part anyone; None when it can."""
    has_orders = bool(rounds.jury) or (rounds.vote is not None and rounds.vote.form is BallotForm.RANKING)
    if rung == Rung.AUDIENCE and (rounds.vote is None or blend is Blend.AUDIENCE):
        return "expected a vote that does not already decide alone"
    if rung == Rung.GROUPS and not rounds.jury and rounds.vote and rounds.vote.form is BallotForm.SINGLE:
        return "expected a jury, or ballots that name several candidates"
    if rung in (Rung.COUNTBACK, Rung.HEAD_TO_HEAD) and not has_orders:
        return "expected a jury, or ballots of form ranking"
    if rung == Rung.CHAIR and not any(juror.chair for r in rounds.jury for juror in r.jurors):
        return "expected a juror with chair: true"
    if rung.startswith(CRITERION_RUNG):
        juries = [r for r in rounds.jury if jury_round in (None, r.id)]
        criteria = [c.id for r in juries for c in r.criteria]
        wanted = rung.removeprefix(CRITERION_RUNG)
        if wanted not in criteria:
            return f"“{wanted}” is not the id of a criterion; {nearest(wanted, criteria)}"
    return None


_OF_BLEND: Mapping[str, tuple[Blend, ...]] = {
    "jury_round": (Blend.JURY, Blend.POINTS, Blend.SHARES),
    "weights": (Blend.SHARES,),
    "tables": (Blend.POINTS,),
    "jury_only_without_audience": (Blend.POINTS, Blend.SHARES),
}
"""Keys that only some blends read."""


def read_decision(part: Part | None, rounds: Rounds) -> Decision | None:
    """How the rounds decide; None when it has faults."""
    fitting = rounds.blends()
    if part is None:
        part = Part({}, (), [])
    before = len(part.faults)
    parts = part.keys((), ("blend", *_OF_BLEND, "ladder", "draw"))
    named_jury = parts["jury_round"].value if "jury_round" in parts else None
    blend: Blend | None = rounds.usual_blend(named_jury)
    if "blend" in parts:
        blend = fields.word(parts["blend"], Blend)
        if blend is not None and blend not in fitting:
            lacks = (
                "a jury and a vote" if blend in (Blend.POINTS, Blend.SHARES) else f"a round of the {blend}"
            )
            parts["blend"].fault(
                f"{blend} needs {lacks}; with the rounds given expected {' or '.join(fitting)}"
            )
        elif blend is Blend.SHARES and (what := rounds.without_shares(named_jury)):
            others = " or ".join(one for one in fitting if one is not Blend.SHARES)
            parts["blend"].fault(f"figures of {what} have no shares; expected {others}")
    if blend is None or len(part.faults) > before:
        return None
    for key, blends in _OF_BLEND.items():
        if key in parts and blend not in blends:
            parts[key].fault(f"only the blend {' or '.join(blends)} reads this key; this one is {blend}")
    jury_round = rounds.jury[-1].id if blend is not Blend.AUDIENCE else None
    if "jury_round" in parts and rounds.jury:
        named = fields.known_id(parts["jury_round"], [r.id for r in rounds.jury], "jury round")
        jury_round = None if named is None else RoundId(named)
    weights = _weights(parts["weights"]) if "weights" in parts else (1, 1)
    jury_table, audience_table = (
        _tables(parts["tables"]) if "tables" in parts else (POINTS_TABLE, POINTS_TABLE)
    )
    alone = False
    if "jury_only_without_audience" in parts:
        alone = bool(fields.flag(parts["jury_only_without_audience"]))
    ladder = usual_ladder(rounds, blend)
    if "ladder" in parts:
        ladder = _ladder(parts["ladder"], rounds, blend, jury_round)
    draw = (fields.line(parts["draw"], DRAW_MAX) or "") if "draw" in parts else ""
    if "draw" in parts and Rung.LOT not in ladder:
        parts["draw"].fault("only a ladder with the rung lot has a draw")
    if "ladder" in parts and Rung.LOT in ladder and "draw" not in parts:
        parts["ladder"].fault(
            "the rung lot needs a public draw that is announced before opening; expected the key draw, such "
            "as “the numbers of Saturday's state lottery”"
        )
    if len(part.faults) > before:
        return None
    return Decision(
        blend=blend,
        jury_round=jury_round,
        jury_weight=weights[0],
        audience_weight=weights[1],
        jury_table=jury_table,
        audience_table=audience_table,
        jury_only_without_audience=alone,
        ladder=ladder,
        draw=draw,
    )


def _weights(part: Part) -> tuple[int, int]:
    parts = part.keys(("jury", "audience"))
    found = [fields.whole(parts[key], 0, WEIGHT_MAX) for key in ("jury", "audience") if key in parts]
    if found == [0, 0]:
        part.fault("expected weights with a sum above 0")
    return (found[0] or 0, found[1] or 0) if len(found) == 2 else (1, 1)


def _tables(part: Part) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """One table of points for both sides, or one for each."""
    if not isinstance(part.value, dict):
        table = read_table(part)
        return table, table
    parts = part.keys((), ("jury", "audience"))
    jury, audience = (read_table(parts[k]) if k in parts else POINTS_TABLE for k in ("jury", "audience"))
    return jury, audience


def _ladder(part: Part, rounds: Rounds, blend: Blend, jury_round: str | None) -> tuple[str, ...]:
    known = [rung.value for rung in Rung]
    found: list[str] = []
    items = part.items("rungs", 1, 20)
    for place, item in enumerate(items):
        rung = item.value
        if not isinstance(rung, str) or not (rung in known or rung.startswith(CRITERION_RUNG)):
            item.fault(fields.nearest_word(rung, [*known, f"{CRITERION_RUNG}ID"]))
        elif rung in found:
            item.fault(f"“{rung}” is named twice")
        elif rung in (Rung.SHARED, Rung.LOT) and place + 1 < len(items):
            item.fault(f"nothing can follow “{rung}”, which always decides; expected it as the last rung")
        elif why := cannot_apply(rung, rounds, blend, jury_round):
            item.fault(f"“{rung}” can part nobody here; {why}")
        else:
            found.append(rung)
    if items and items[-1].value not in (Rung.SHARED.value, Rung.LOT.value):
        part.fault("expected shared or lot as the last rung, since a ladder has to end")
    return tuple(found)
