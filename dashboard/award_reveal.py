"""The reveal as it is drawn: the step that is on, large, and the places shown before it. Of later steps there
is nothing, not even how many there are."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.award_facts import AwardFacts
from dashboard.award_result import candidate_name, figure_text, jury_column, percent_text
from dashboard.words import say
from polls.award.life import AwardRun
from polls.award.model import Award, Blend, CandidateId
from voting.award.counted import AwardKind, AwardResult
from voting.award.reveal import RevealStep, StepKind, shown
from voting.percent import show_percent


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number with its name; `is_new` marks what this step adds."""

    label: str
    text: str
    share: str = ""
    is_new: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Somebody at a place, with the figures that were shown of them."""

    name: str
    entrant: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A place that was shown before."""

    place: str
    name: str
    figure: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RevealView:
    """What the reveal has shown: `entries` at the newest place (`eyebrow`), `board` the places below it,
    best first. `is_last` says that the winner is known; `teaser` stands where no name is shown yet."""

    number: int
    eyebrow: str
    teaser: str
    entries: tuple[Entry, ...]
    board: tuple[Row, ...]
    is_last: bool
    has_winner: bool


def reveal_view(award: Award, run: AwardRun, facts: AwardFacts, lang: str) -> RevealView | None:
    """The reveal after `run.steps` steps; None before the first."""
    result = facts.result
    if result is None or not run.steps or run.steps > len(facts.steps):
        return None
    seen = shown(facts.steps, run.steps)
    step = seen[-1]
    # The jury's figures of the first place come without the name: that is for the last step.
    is_secret = step.place == 1 and not step.is_last
    entries = tuple(
        _entry(award, result, step, c, lang, is_secret) for c in _in_order(award, step, is_secret)
    )
    below = [one for one in seen if one.place > step.place and _is_whole(one)]
    return RevealView(
        number=step.number,
        eyebrow=_eyebrow(step, lang),
        teaser=say(lang, "award_stage_who") if is_secret else "",
        entries=entries,
        board=tuple(row for one in reversed(below) for row in _rows(award, result, one, lang)),
        is_last=step.is_last,
        has_winner=bool(step.winners),
    )


def shown_base(award: Award, run: AwardRun, facts: AwardFacts, lang: str) -> str:
    """What the figures shown so far are shares of; empty where they are no shares."""
    step = facts.steps[run.steps - 1] if 0 < run.steps <= len(facts.steps) else None
    if step is None:
        return ""
    if step.step is not StepKind.PLACE:
        return "" if step.step is StepKind.NO_RESULT else parts_base(award, lang)
    return "" if step.base is None else say(lang, "award_stage_base", n=step.base)


def parts_base(award: Award, lang: str) -> str:
    """What the figures of a blend are shares of, without a full stop; empty where they are no shares."""
    decision = award.decision
    if decision.blend is not Blend.SHARES:
        return ""
    jury, audience = decision.jury_weight, decision.audience_weight
    return say(lang, "award_stage_parts", total=jury + audience, jury=jury, audience=audience)


def _is_whole(step: RevealStep) -> bool:
    """Whether a step shows a place with all of its figures."""
    return step.step is not StepKind.JURY


def _in_order(award: Award, step: RevealStep, is_secret: bool) -> Sequence[CandidateId]:
    if is_secret:  # without names the order of the paper would say who is who
        return sorted(step.candidates, key=lambda c: -step.jury.get(c, 0))
    return [c for c in award.candidate_ids if c in step.candidates]


def _eyebrow(step: RevealStep, lang: str) -> str:
    if not step.is_last:
        first = step.place == 1
        return say(lang, "award_stage_first") if first else say(lang, "award_stage_place", n=step.place)
    if step.kind is AwardKind.WINNER:
        return say(lang, "award_stage_winner")
    return say(lang, "award_stage_winners" if step.kind is AwardKind.SHARED else "award_stage_no_winner")


def _entry(
    award: Award, result: AwardResult, step: RevealStep, one: CandidateId, lang: str, is_secret: bool
) -> Entry:
    found = award.candidate(one)
    return Entry(
        name="" if is_secret else candidate_name(award, one, lang),
        entrant="" if is_secret or found is None or found.entrant is None else found.entrant.pick(lang),
        figures=_figures(award, result, step, one, lang),
    )


def _figures(
    award: Award, result: AwardResult, step: RevealStep, one: CandidateId, lang: str
) -> tuple[Figure, ...]:
    if step.step is StepKind.PLACE:
        return _alone(award, result, step, one, lang)
    figures = []
    if one in step.jury:
        text, is_new = figure_text(step.jury[one], lang), step.step is StepKind.JURY
        figures.append(Figure(label=say(lang, "award_stage_jury"), text=text, is_new=is_new))
    if step.step is StepKind.AUDIENCE:
        votes = step.votes.get(one)
        figures.append(
            Figure(
                label=say(lang, "award_stage_audience"),
                text=figure_text(step.audience[one], lang),
                share="" if votes is None else say(lang, "award_stage_votes", n=int(votes)),
                is_new=True,
            )
        )
        total = figure_text(step.combined[one], lang)
        figures.append(Figure(label=say(lang, "award_stage_sum"), text=total, is_new=True))
    return tuple(figures)


def _alone(
    award: Award, result: AwardResult, step: RevealStep, one: CandidateId, lang: str
) -> tuple[Figure, ...]:
    """The figure of a side that decides alone; votes also as a share of the valid ones."""
    votes = step.votes.get(one)
    if votes is not None and step.base is not None and award.vote is not None:
        percent = result.rounds[award.vote.id].percent.get(one)
        share = "" if percent is None else show_percent(int(votes), step.base, percent)
        return (Figure(label=say(lang, "award_col_votes"), text=str(int(votes)), share=share, is_new=True),)
    if one not in step.combined:
        return ()
    figure, column = step.combined[one], _column(award, result)
    is_share = column in ("share", "rank_share")
    text = percent_text(figure, lang) if is_share else figure_text(figure, lang)
    return (Figure(label=say(lang, f"award_col_{column}"), text=text, is_new=True),)


def _column(award: Award, result: AwardResult) -> str:
    """What the deciding figure is called in tables."""
    decision = award.decision
    if decision.blend is Blend.AUDIENCE and not result.jury_only and award.vote is not None:
        return {"borda": "points", "schulze-winning": "ahead"}.get(award.vote.method, "votes")
    jury = next((one for one in award.jury if one.id == decision.jury_round), None)
    return "points" if jury is None else jury_column(jury, result.rounds[jury.id])


def _rows(award: Award, result: AwardResult, step: RevealStep, lang: str) -> tuple[Row, ...]:
    rows = []
    for one in [c for c in award.candidate_ids if c in step.candidates]:
        figures = _figures(award, result, step, one, lang)
        # Of both sides the sum; of votes the number with its share.
        last = figures[-1] if figures else Figure(label="", text="")
        text = f"{last.text} · {last.share}" if last.share and len(figures) == 1 else last.text
        rows.append(Row(place=str(step.place), name=candidate_name(award, one, lang), figure=text))
    return tuple(rows)
