"""What a chair may look at before a jury round is sealed. Advisory: nothing here decides anything.

Would leaving out one juror, or shifting a few points of weight, change who is first or who goes on? How
does each juror use the scale? z-scores are shown and never decide: they are irrational, undefined for a
juror whose marks are all equal, and meaningless between jurors who saw different candidates.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import isqrt

from polls.award.model import CandidateId, CriterionId, JurorId, JuryRound
from voting.jury.panel import Panel, panel
from voting.jury.sheet import weighted_mark

Judge = Callable[[Panel], tuple[CandidateId, ...]]
"""What is looked at: those in first place, or those who go on."""

SHIFTS = (1, 2, 3, 5)
"""Points of a hundred that are moved from one criterion's weight to another's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WithoutJuror:
    """What the jury would say without one juror, where that is different."""

    juror: JurorId
    instead: tuple[CandidateId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftedWeight:
    """The smallest shift of weight (points of a hundred) between two criteria that changes the outcome."""

    source: CriterionId
    target: CriterionId
    points: int
    instead: tuple[CandidateId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleUse:
    """How a juror used the scale, over complete sheets: weighted marks, exact.

    `flat` says that all marks are equal (standard deviation 0), so that z-scores do not exist.
    `z_hundredths` are z-scores in hundredths by candidate, halves away from zero, empty when flat.
    """

    juror: JurorId
    judged: int
    lowest: Fraction
    highest: Fraction
    mean: Fraction
    variance: Fraction
    flat: bool
    z_hundredths: tuple[tuple[CandidateId, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """All diagnostics of a jury round; `found` is what the jury says as it stands."""

    found: tuple[CandidateId, ...]
    jurors: tuple[WithoutJuror, ...]
    weights: tuple[ShiftedWeight, ...]
    scale: tuple[ScaleUse, ...]


def diagnose(seated: Panel, judge: Judge) -> Diagnosis:
    """Look at a panel from all these sides. `judge` says what is looked at (see `Judge`)."""
    found = judge(seated)
    return Diagnosis(
        found=found,
        jurors=tuple(
            WithoutJuror(juror=sheet.juror, instead=instead)
            for sheet in seated.sheets
            if (instead := judge(without(seated, sheet.juror))) != found
        ),
        weights=_shifted(seated, judge, found),
        scale=scale_use(seated) if seated.jury.rule.reads_marks else (),
    )


def without(seated: Panel, juror: JurorId) -> Panel:
    """The panel as if this juror had never been on the jury; the quorum is that of the smaller jury."""
    jurors = tuple(one for one in seated.jury.jurors if one.id != juror)
    sheets = [sheet for sheet in seated.sheets if sheet.juror != juror]
    known = {c for s in sheets for c in (*s.recused, *s.marks, *s.picks, *(c for r in s.ranking for c in r))}
    return panel(
        replace(seated.jury, jurors=jurors), sheets, seated.standing, known={*known, *seated.standing}
    )


def _shifted(seated: Panel, judge: Judge, found: tuple[CandidateId, ...]) -> tuple[ShiftedWeight, ...]:
    jury = seated.jury
    if not jury.rule.reads_marks:
        return ()
    shifts = []
    total = sum(criterion.weight for criterion in jury.criteria)
    for source in jury.criteria:
        for target in jury.criteria:
            for points in SHIFTS:
                if source.id == target.id or 100 * source.weight < points * total:
                    break
                instead = judge(replace(seated, jury=_moved(jury, source.id, target.id, points)))
                if instead != found:
                    shifts.append(
                        ShiftedWeight(source=source.id, target=target.id, points=points, instead=instead)
                    )
                    break
    return tuple(shifts)


def _moved(jury: JuryRound, source: CriterionId, target: CriterionId, points: int) -> JuryRound:
    """The round with `points` of a hundred of the whole weight moved; all weights times 100 stay whole."""
    total = sum(criterion.weight for criterion in jury.criteria)
    by = {source: -points * total, target: points * total}
    return replace(
        jury,
        criteria=tuple(
            replace(criterion, weight=100 * criterion.weight + by.get(criterion.id, 0))
            for criterion in jury.criteria
        ),
    )


def scale_use(seated: Panel) -> tuple[ScaleUse, ...]:
    """How each juror with at least one complete sheet used the scale."""
    used = []
    for sheet in seated.sheets:
        marks = {
            c: weighted_mark(seated.jury, sheet, c)
            for c in seated.standing
            if sheet.juror in seated.counting[c]
        }
        if not marks:
            continue
        mean = Fraction(sum(marks.values(), Fraction()), len(marks))
        variance = Fraction(sum(((mark - mean) ** 2 for mark in marks.values()), Fraction()), len(marks))
        used.append(
            ScaleUse(
                juror=sheet.juror,
                judged=len(marks),
                lowest=min(marks.values()),
                highest=max(marks.values()),
                mean=mean,
                variance=variance,
                flat=variance == 0,
                z_hundredths=tuple((c, z_hundredths(mark - mean, variance)) for c, mark in marks.items())
                if variance
                else (),
            )
        )
    return tuple(used)


def z_hundredths(distance: Fraction, variance: Fraction) -> int:
    """distance / √variance in hundredths, rounded with halves away from zero, in whole numbers alone.

    Raises ZeroDivisionError for a variance of 0: equal marks have no z-scores.
    """
    # (100 z)² is rational. With m = floor(200 |z|), |100 z| rounded is (m + 1) // 2.
    squared = Fraction(40_000 * distance * distance, variance)
    rounded = (isqrt(squared.numerator // squared.denominator) + 1) // 2
    return rounded if distance >= 0 else -rounded


def z_means(used: Sequence[ScaleUse]) -> dict[CandidateId, Fraction]:
    """The mean z-score (hundredths) of each candidate, over the jurors who have any."""
    found: dict[CandidateId, list[int]] = {}
    for use in used:
        for candidate, z in use.z_hundredths:
            found.setdefault(candidate, []).append(z)
    return {candidate: Fraction(sum(zs), len(zs)) for candidate, zs in sorted(found.items())}
