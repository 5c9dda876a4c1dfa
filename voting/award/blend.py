"""How the rounds decide together: the jury alone, the audience alone, points (B1), or shares (B2)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import assert_never

from polls.award.model import NOBODY, SHARE_METHODS, SHARE_RULES, Award, Blend, CandidateId, Decision
from voting.award.counted import RoundCount, Sides
from voting.jury.sheet import Ranks
from voting.jury.voice import by_figure, only, table_points


class BlendRefused(ValueError):
    """The rules blend what cannot be blended; the text says why, in plain words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """The combined figures and places before the tie ladder; no ranking: there is no valid result."""

    combined: Mapping[CandidateId, Fraction] = field(default_factory=dict)
    ranking: Ranks = ()
    jury_only: bool = False
    sides: Sides = field(default_factory=Sides)


def decide(
    award: Award, standing: Collection[CandidateId], jury: RoundCount | None, vote: RoundCount | None
) -> Decided:
    """Combine the deciding jury round and the vote between those who stand at the end.

    Whom the deciding jury has not rated cannot win (it is never zero); NOBODY, whom no jury judges, gets
    nothing from it. Raises BlendRefused for rules that cannot be run.
    """
    decision = award.decision
    if decision.blend is not Blend.JURY and award.vote is None:
        raise BlendRefused(f"the blend {decision.blend.value} needs a vote of the audience")
    if decision.blend is not Blend.AUDIENCE and jury is None:
        raise BlendRefused(f"the blend {decision.blend.value} needs a jury round: set jury_round")
    blend = decision.blend
    match blend:
        case Blend.JURY:
            return _by(jury, _judged(standing, jury))
        case Blend.AUDIENCE:
            if vote is None or not vote.is_valid:
                return _without_audience(decision, standing, jury)
            return _by(vote, standing)
        case Blend.POINTS | Blend.SHARES:
            return _blended(award, standing, jury, vote)
    assert_never(blend)


def check_shares(award: Award) -> None:
    """Raise BlendRefused when the rules want shares of figures that are no parts of a total."""
    jury = next((r for r in award.jury if r.id == award.decision.jury_round), None)
    if award.decision.blend is not Blend.SHARES or jury is None or award.vote is None:
        return
    if jury.rule not in SHARE_RULES:
        raise BlendRefused(f"figures of the jury rule {jury.rule.value} have no shares: use the blend points")
    if award.vote.method not in SHARE_METHODS:
        raise BlendRefused(f"figures of {award.vote.method} have no shares: use the blend points")


def _judged(standing: Collection[CandidateId], jury: RoundCount | None) -> tuple[CandidateId, ...]:
    rated = jury.figures.keys() if jury is not None and jury.is_valid else ()
    return tuple(sorted(candidate for candidate in standing if candidate in rated))


def _by(counted: RoundCount | None, among: Collection[CandidateId], jury_only: bool = False) -> Decided:
    ranking = only(counted.ranking, among) if counted is not None and counted.is_valid else ()
    if counted is None or not ranking:
        return Decided()
    return Decided(
        combined={c: counted.figures[c] for c in sorted(among)},
        ranking=ranking,
        jury_only=jury_only,
    )


def _without_audience(
    decision: Decision, standing: Collection[CandidateId], jury: RoundCount | None
) -> Decided:
    if not decision.jury_only_without_audience:
        return Decided()
    return _by(jury, _judged(standing, jury), jury_only=True)


def _blended(
    award: Award, standing: Collection[CandidateId], jury: RoundCount | None, vote: RoundCount | None
) -> Decided:
    decision = award.decision
    judged = _judged(standing, jury)
    if jury is None or not judged:
        return Decided()
    among = (*judged, NOBODY) if NOBODY in standing else judged
    if vote is None or not vote.is_valid:
        return _without_audience(decision, standing, jury)
    if decision.blend is Blend.POINTS:
        jury_gives = table_points(only(jury.ranking, judged), decision.jury_table)
        audience_gives = table_points(only(vote.ranking, among), decision.audience_table)
    else:
        check_shares(award)
        jury_total = sum((jury.figures[c] for c in judged), Fraction())
        vote_total = sum((vote.figures[c] for c in among), Fraction())
        if not jury_total:
            return Decided()
        if not vote_total:
            return _without_audience(decision, standing, jury)
        jury_gives = {c: Fraction(decision.jury_weight * jury.figures[c], jury_total) for c in judged}
        audience_gives = {c: Fraction(decision.audience_weight * vote.figures[c], vote_total) for c in among}
    if NOBODY in among:
        jury_gives[NOBODY] = Fraction()
    combined = {c: jury_gives[c] + audience_gives[c] for c in sorted(among)}
    return Decided(
        combined=combined,
        ranking=by_figure(combined),
        sides=Sides(jury=jury_gives, audience=audience_gives),
    )
