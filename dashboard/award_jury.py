"""A juror's sheet as a page shows it: entries, marks, what is missing, in words. Pure: no marks of others."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.award_rules import RuleSection, award_rules
from dashboard.words import say
from polls.award.life import AwardRun, RoundState, standing
from polls.award.model import Award, Candidate, CandidateId, Criterion, JurorId, JuryRound, JuryRule
from voting.jury.sheet import RecusalReason, Sheet, is_complete

WIDEST = 11
"""A scale of more marks than this is a field for a number; others are a row of marks to tap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkView:
    """One criterion of one entry. `marks` are those to tap, low to high; none where a number is typed."""

    field: str
    label: str
    criterion: str
    weight: str
    scale: str
    low: int
    high: int
    marks: tuple[int, ...]
    mark: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryView:
    """An entry on a juror's sheet. `place` is 0 without one; `reason` is empty unless recused."""

    id: CandidateId
    name: str
    entrant: str
    detail: str
    marks: tuple[MarkView, ...]
    is_complete: bool
    is_picked: bool
    place: int
    reason: str
    reason_words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetView:
    """A juror's sheet in one round. `form` is marks, picks or ranking."""

    form: str
    entries: tuple[EntryView, ...]
    recused: tuple[EntryView, ...]
    progress: str
    how: str
    missing: tuple[str, ...]
    is_whole: bool


def form_of(jury: JuryRound) -> str:
    """What jurors of the round fill in: marks, picks or ranking."""
    if jury.rule.reads_marks:
        return "marks"
    return "picks" if jury.rule is JuryRule.APPROVAL else "ranking"


def rounds_of(award: Award, juror: JurorId) -> tuple[JuryRound, ...]:
    """The jury rounds in which a juror sits, in their order."""
    return tuple(jury for jury in award.jury if any(one.id == juror for one in jury.jurors))


def present_round(rounds: Sequence[JuryRound], run: AwardRun) -> JuryRound:
    """The round to show: the open one, else the last that has begun, else the first."""
    begun = [jury for jury in rounds if run.round(jury.id).state is not RoundState.WAITING]
    opened = [jury for jury in begun if run.round(jury.id).state is RoundState.OPEN]
    return (opened or begun[-1:] or list(rounds))[0]


def round_rules(award: Award, jury: JuryRound, lang: str) -> RuleSection:
    """How a jury round is counted, in words."""
    return award_rules(award, lang)[award.jury.index(jury)]


def may_show_entries(award: Award, run: AwardRun, jury: JuryRound) -> bool:
    """Whether it is known who stands in a round: every round before it is sealed."""
    before = award.jury[: award.jury.index(jury)]
    return all(run.round(one.id).state is RoundState.SEALED for one in before)


def marked_count(jury: JuryRound, sheet: Sheet, entries: Sequence[CandidateId]) -> int:
    """How many entries a sheet judges: for progress, so that it says nothing of how they are judged.

    Picks are one judgement of all entries: their number would say something of the judgement.
    """
    judged = [c for c in entries if c not in sheet.recused]
    match form_of(jury):
        case "marks":
            return sum(is_complete(jury, sheet, c) for c in judged)
        case "picks":
            return len(judged) if sheet.picks else 0
    placed = {c for rank in sheet.ranking for c in rank}
    return sum(c in placed for c in judged)


def sheet_view(award: Award, run: AwardRun, jury: JuryRound, sheet: Sheet, lang: str) -> SheetView:
    """The sheet as its juror sees it."""
    known = {candidate.id: candidate for candidate in award.candidates}
    stand = standing(award, run, jury.id)
    views = [_entry(jury, sheet, known[c], lang) for c in stand if c in known]
    judged = tuple(view for view in views if not view.reason)
    missing = _missing(jury, judged, lang)
    return SheetView(
        form=form_of(jury),
        entries=judged,
        recused=tuple(view for view in views if view.reason),
        progress=progress_words(jury, sheet, [view.id for view in judged], lang),
        how=_how(jury, lang),
        missing=missing,
        is_whole=not missing,
    )


def progress_words(jury: JuryRound, sheet: Sheet, judged: Sequence[CandidateId], lang: str) -> str:
    """How far the juror is: "4 of 6 entries complete"; `judged` are the entries that are not recused."""
    if form_of(jury) == "picks":
        picked = sum(c in sheet.picks for c in judged)
        key = "jury_progress_picks_most" if jury.picks else "jury_progress_picks"
        return say(lang, key, n=picked, most=jury.picks)
    key = f"jury_progress_{form_of(jury)}"
    return say(lang, key, n=marked_count(jury, sheet, judged), of=len(judged))


def _how(jury: JuryRound, lang: str) -> str:
    if form_of(jury) == "marks":
        # Said in sight: where 1 is the best mark at school, nobody would guess it.
        scales = {(one.low, one.high) for one in jury.criteria}
        low, high = min(scales)
        return say(lang, "jury_marks_how" if len(scales) == 1 else "jury_marks_how_any", low=low, high=high)
    if form_of(jury) != "picks":
        return ""
    return say(lang, "jury_pick_how", n=jury.picks) if jury.picks else say(lang, "jury_pick_any")


def _entry(jury: JuryRound, sheet: Sheet, candidate: Candidate, lang: str) -> EntryView:
    name = candidate.name.pick(lang)
    reason: RecusalReason | None = sheet.recused.get(candidate.id)
    place = next((n for n, rank in enumerate(sheet.ranking, 1) if candidate.id in rank), 0)
    return EntryView(
        id=candidate.id,
        name=name,
        entrant=candidate.entrant.pick(lang) if candidate.entrant else "",
        detail=candidate.detail.pick(lang) if candidate.detail else "",
        marks=tuple(_mark(jury, sheet, candidate, name, one, lang) for one in jury.criteria)
        if jury.rule.reads_marks
        else (),
        is_complete=jury.rule.reads_marks and is_complete(jury, sheet, candidate.id),
        is_picked=candidate.id in sheet.picks,
        place=place,
        reason=reason.value if reason else "",
        reason_words=say(lang, f"jury_reason_{reason.value}") if reason else "",
    )


def _mark(
    jury: JuryRound, sheet: Sheet, candidate: Candidate, name: str, criterion: Criterion, lang: str
) -> MarkView:
    total = sum(one.weight for one in jury.criteria)
    marks = range(criterion.low, criterion.high + 1)
    criterion_name = criterion.name.pick(lang)
    return MarkView(
        field=f"mark.{candidate.id}.{criterion.id}",
        label=say(lang, "jury_mark", criterion=criterion_name, entry=name),
        criterion=criterion_name,
        weight=say(lang, "jury_weight", n=criterion.weight, total=total) if len(jury.criteria) > 1 else "",
        scale=say(lang, "jury_scale", low=criterion.low, high=criterion.high),
        low=criterion.low,
        high=criterion.high,
        marks=tuple(marks) if len(marks) <= WIDEST else (),
        mark=sheet.marks.get(candidate.id, {}).get(criterion.id),
    )


def _missing(jury: JuryRound, judged: Sequence[EntryView], lang: str) -> tuple[str, ...]:
    """What a juror should know to be missing before locking, in whole sentences."""
    match form_of(jury):
        case "marks":
            return tuple(
                say(lang, "jury_lock_missing_line", entry=view.name, criteria=", ".join(names))
                for view in judged
                if (names := [mark.criterion for mark in view.marks if mark.mark is None])
            )
        case "picks":
            return () if any(view.is_picked for view in judged) else (say(lang, "jury_lock_no_picks"),)
    names = [view.name for view in judged if not view.place]
    return (say(lang, "jury_lock_unranked", names=", ".join(names)),) if names else ()
