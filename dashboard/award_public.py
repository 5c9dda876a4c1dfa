"""What everybody may know of an award: how its rounds stand, and of the result what was shown so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from dashboard.award_result import candidate_name, figure_text, names_of
from dashboard.words import say
from polls.award.life import AwardRun, RoundState, approvers, round_ids
from polls.award.model import Award, CandidateId, RoundId
from voting.award.reveal import RevealStep, StepKind


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundLine:
    """How a round stands, in words; once it is closed the fingerprint of its box and who approved it."""

    text: str
    box_hash: str
    approved: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateLine:
    """A candidate as the page names it; `note` says that it was withdrawn."""

    name: str
    detail: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPlace:
    """One place of a reveal, as far as it was shown."""

    text: str
    figures: tuple[str, ...]


def round_name(award: Award, round_id: RoundId, lang: str) -> str:
    """What people call a round."""
    if award.vote is not None and round_id == award.vote.id:
        return say(lang, "award_table_vote")
    number = next((n for n, jury in enumerate(award.jury, 1) if jury.id == round_id), 0)
    return say(lang, "award_rules_jury", number=number) if number else say(lang, "award_table_runoff")


def round_lines(award: Award, run: AwardRun, lang: str) -> tuple[RoundLine, ...]:
    """Every round in its order."""
    names = dict(award.scrutineers)
    lines = []
    for round_id in round_ids(award, run):
        stands = run.round(round_id)
        runoffs = list(run.runoffs)
        if award.vote is not None and round_id == award.vote.id:
            key, number = "vote", 1
        elif round_id in runoffs:
            key, number = "runoff", runoffs.index(round_id) + 1
        else:
            key, number = "jury", [jury.id for jury in award.jury].index(round_id) + 1
        state = say(lang, f"award_page_state_{stands.state.value}")
        is_shut = stands.state in (RoundState.CLOSED, RoundState.SEALED)
        known = [names[one] for one in names if one in stands.approved_by & approvers(award)]
        lines.append(
            RoundLine(
                text=say(lang, f"award_page_round_{key}", number=number, state=state),
                box_hash=stands.box_hash if is_shut else "",
                approved=say(lang, "award_page_approved", names=", ".join(known)) if known else "",
            )
        )
    return tuple(lines)


def candidate_lines(award: Award, run: AwardRun, lang: str) -> tuple[CandidateLine, ...]:
    """Every candidate in the order of the paper."""
    lines = []
    for one in award.candidates:
        parts = [text.pick(lang) for text in (one.entrant, one.detail) if text]
        is_out = one.id in run.withdrawn
        lines.append(
            CandidateLine(
                name=one.name.pick(lang),
                detail=" · ".join(parts),
                note=say(lang, "award_page_withdrawn") if is_out else "",
            )
        )
    return tuple(lines)


def shown_places(award: Award, steps: Sequence[RevealStep], lang: str) -> tuple[ShownPlace, ...]:
    """The places of the steps given, best first: what is not in them is not in the words."""
    newest: dict[int, RevealStep] = {
        step.place: step for step in steps if step.step is not StepKind.NO_RESULT
    }
    return tuple(
        ShownPlace(
            text=say(
                lang, "award_page_step_place", place=place, names=names_of(award, step.candidates, lang)
            ),
            figures=tuple(_figure(award, step, c, lang) for c in award.candidate_ids if c in step.candidates),
        )
        for place, step in sorted(newest.items())
    )


def _figure(award: Award, step: RevealStep, candidate: CandidateId, lang: str) -> str:
    def text(figures: Mapping[CandidateId, Fraction]) -> str:
        figure = figures.get(candidate)
        return "" if figure is None else figure_text(figure, lang)

    name = candidate_name(award, candidate, lang)
    jury, audience, combined = text(step.jury), text(step.audience), text(step.combined)
    if step.step is StepKind.JURY:
        return say(lang, "award_page_step_jury", name=name, jury=jury)
    if step.step is StepKind.AUDIENCE:
        return say(lang, "award_page_step_sum", name=name, jury=jury, audience=audience, figure=combined)
    return say(lang, "award_page_step_figure", name=name, figure=combined)
