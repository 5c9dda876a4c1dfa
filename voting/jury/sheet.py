"""A juror's sheet: marks by criteria, or picks, or a ranking; and the entries the juror keeps out of.

What is absent is never zero: a sheet counts for a candidate only when it is complete for it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from polls.award.model import CandidateId, CriterionId, JurorId, JuryRound, JuryRule

Ranks = tuple[tuple[CandidateId, ...], ...]
"""Candidates in order, best first; those in one rank are tied, ids ascending."""


class SheetRefused(ValueError):
    """A sheet that cannot belong to its round; the text says why, in plain words."""


class RecusalReason(StrEnum):
    """Why a juror keeps out of judging a candidate."""

    OWN_ENTRY = "own-entry"
    EMPLOYER = "employer"
    FAMILY = "family"
    BUSINESS = "business"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What one juror says in one round. Only a locked sheet counts, its recusals included."""

    juror: JurorId
    recused: Mapping[CandidateId, RecusalReason] = field(default_factory=dict)
    marks: Mapping[CandidateId, Mapping[CriterionId, int]] = field(default_factory=dict)
    picks: tuple[CandidateId, ...] = ()
    ranking: Ranks = ()
    locked: bool = False

    def ranks(self, rule: JuryRule, candidates: Collection[CandidateId]) -> Ranks:
        """The picks (as one rank) or the ranking, of these candidates without the recused ones."""
        said = (self.picks,) if rule is JuryRule.APPROVAL else self.ranking
        kept = (tuple(sorted(c for c in rank if c in candidates and c not in self.recused)) for rank in said)
        return tuple(rank for rank in kept if rank)


def is_complete(jury: JuryRound, sheet: Sheet, candidate: CandidateId) -> bool:
    """Whether the sheet has a mark in every criterion for this candidate, whom its juror may judge."""
    marks = sheet.marks.get(candidate, {})
    return candidate not in sheet.recused and all(criterion.id in marks for criterion in jury.criteria)


def missing_marks(
    jury: JuryRound, sheet: Sheet, candidates: Sequence[CandidateId]
) -> tuple[tuple[CandidateId, CriterionId], ...]:
    """The marks that are still to be given, in the order of the paper; none for recused candidates."""
    if not jury.rule.reads_marks:
        return ()
    return tuple(
        (candidate, criterion.id)
        for candidate in candidates
        if candidate not in sheet.recused
        for criterion in jury.criteria
        if criterion.id not in sheet.marks.get(candidate, {})
    )


def weighted_mark(jury: JuryRound, sheet: Sheet, candidate: CandidateId) -> Fraction:
    """The mean of a complete sheet's marks for a candidate, by the weights of the criteria: T(j, c)."""
    marks = sheet.marks[candidate]
    total = sum(criterion.weight for criterion in jury.criteria)
    return Fraction(sum(criterion.weight * marks[criterion.id] for criterion in jury.criteria), total)


def check_sheet(jury: JuryRound, sheet: Sheet, known: Collection[CandidateId]) -> None:
    """Raise SheetRefused unless the sheet can belong to the round; `known` are its candidates."""
    if sheet.juror not in {juror.id for juror in jury.jurors}:
        raise SheetRefused(f"no juror {sheet.juror!r} in round {jury.id!r}: check the list of jurors")
    ranked = [candidate for rank in sheet.ranking for candidate in rank]
    for candidate in (*sheet.recused, *sheet.marks, *sheet.picks, *ranked):
        if candidate not in known:
            raise SheetRefused(f"{sheet.juror}: {candidate!r} is not judged in round {jury.id!r}")
    for said in (sheet.picks, ranked):
        if len(set(said)) < len(said):
            raise SheetRefused(f"{sheet.juror}: a candidate is named twice")
    if jury.picks and len(sheet.picks) > jury.picks:
        raise SheetRefused(f"{sheet.juror}: {len(sheet.picks)} picks, at most {jury.picks} are allowed")
    scales = {criterion.id: criterion for criterion in jury.criteria}
    for candidate, marks in sheet.marks.items():
        for criterion_id, mark in marks.items():
            scale = scales.get(criterion_id)
            if scale is None:
                raise SheetRefused(f"{sheet.juror}: no criterion {criterion_id!r} in round {jury.id!r}")
            if isinstance(mark, bool) or not isinstance(mark, int) or not scale.low <= mark <= scale.high:
                raise SheetRefused(
                    f"{sheet.juror}: {mark!r} for {candidate} in {criterion_id} is not a whole mark "
                    f"from {scale.low} to {scale.high}"
                )
