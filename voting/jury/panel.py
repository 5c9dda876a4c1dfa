"""A jury round made ready for counting: whose sheets count for whom, who is rated, what each voice says."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from polls.award.model import CandidateId, CriterionId, JurorId, JuryRound, JuryRule
from voting.jury.sheet import Sheet, SheetRefused, check_sheet, is_complete, weighted_mark
from voting.jury.voice import Voice, by_figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """The locked sheets of a round, and who is rated by them.

    `counting` are the jurors whose sheets count for each candidate who stands: N(c). `needed` is the
    quorum of each: a candidate with fewer is not rated, which is never zero.
    """

    jury: JuryRound
    sheets: tuple[Sheet, ...]
    standing: tuple[CandidateId, ...]
    counting: Mapping[CandidateId, frozenset[JurorId]]
    needed: Mapping[CandidateId, int]

    @property
    def rated(self) -> tuple[CandidateId, ...]:
        return tuple(c for c in self.standing if len(self.counting[c]) >= self.needed[c])

    @property
    def not_rated(self) -> tuple[CandidateId, ...]:
        return tuple(c for c in self.standing if len(self.counting[c]) < self.needed[c])

    @property
    def valid(self) -> int:
        """The number of sheets that count for somebody."""
        return len(frozenset[JurorId]().union(*self.counting.values()))

    def marks(self, candidate: CandidateId) -> list[Fraction]:
        """The weighted marks of all sheets that count for the candidate, lowest first."""
        counting = self.counting[candidate]
        return sorted(weighted_mark(self.jury, s, candidate) for s in self.sheets if s.juror in counting)

    def criterion_mean(self, criterion: CriterionId, candidate: CandidateId) -> Fraction | None:
        """The jury's mean mark of one criterion; None when no complete sheet has it."""
        counting = self.counting.get(candidate, frozenset())
        marks = [
            sheet.marks[candidate][criterion]
            for sheet in self.sheets
            if sheet.juror in counting and criterion in sheet.marks.get(candidate, {})
        ]
        return Fraction(sum(marks), len(marks)) if marks else None

    def voices(self) -> tuple[Voice, ...]:
        """What jurors (in POINTS groups of them) say of the rated candidates; silent ones are left out."""
        rated = frozenset(self.rated)
        if not self.jury.rule.reads_marks:
            said = (
                Voice(ranks=s.ranks(self.jury.rule, rated), covers=rated.difference(s.recused))
                for s in self.sheets
            )
        else:
            said = (self._order(members, rated) for members in self._members())
        return tuple(voice for voice in said if voice.ranks)

    def _members(self) -> Iterable[Sequence[Sheet]]:
        """The sheets that speak together."""
        if self.jury.rule is not JuryRule.POINTS:
            return [[sheet] for sheet in self.sheets]
        group = {juror.id: juror.group for juror in self.jury.jurors}
        members: dict[tuple[str, str], list[Sheet]] = {}
        for sheet in self.sheets:
            name = group[sheet.juror]
            members.setdefault((name, "" if name else sheet.juror), []).append(sheet)
        return members.values()

    def _order(self, members: Sequence[Sheet], rated: Collection[CandidateId]) -> Voice:
        means: dict[CandidateId, Fraction] = {}
        for candidate in rated:
            counting = self.counting[candidate]
            marks = [weighted_mark(self.jury, s, candidate) for s in members if s.juror in counting]
            if marks:
                means[candidate] = Fraction(sum(marks, Fraction()), len(marks))
        return Voice(ranks=by_figure(means), covers=frozenset(means))


def quorum(jury: JuryRound, eligible: int) -> int:
    """The complete sheets that a candidate needs whom `eligible` jurors may judge; at least one."""
    share = jury.quorum_share * eligible
    return max(1, jury.quorum_min, -(-share.numerator // share.denominator))


def panel(
    jury: JuryRound,
    sheets: Iterable[Sheet],
    standing: Sequence[CandidateId],
    known: Collection[CandidateId] | None = None,
) -> Panel:
    """The panel of a round for the candidates who stand. Sheets that are not locked do not exist here.

    `known` are all whom sheets may name (withdrawn candidates too); by default those who stand.
    Raises SheetRefused for a sheet that cannot belong to the round, or two of one juror.
    """
    locked = tuple(sorted((sheet for sheet in sheets if sheet.locked), key=lambda sheet: sheet.juror))
    known = standing if known is None else known
    for sheet in locked:
        check_sheet(jury, sheet, known)
    if len({sheet.juror for sheet in locked}) < len(locked):
        raise SheetRefused(f"two sheets of one juror in round {jury.id!r}: keep the one that was locked last")
    ordered = tuple(sorted(standing))
    recused = {c: sum(c in sheet.recused for sheet in locked) for c in ordered}
    return Panel(
        jury=jury,
        sheets=locked,
        standing=ordered,
        counting={
            c: frozenset(sheet.juror for sheet in locked if _counts(jury, sheet, c, ordered)) for c in ordered
        },
        needed={c: quorum(jury, len(jury.jurors) - recused[c]) for c in ordered},
    )


def _counts(jury: JuryRound, sheet: Sheet, candidate: CandidateId, standing: Collection[CandidateId]) -> bool:
    if jury.rule.reads_marks:
        return is_complete(jury, sheet, candidate)
    return candidate not in sheet.recused and bool(sheet.ranks(jury.rule, standing))
