"""Counting a jury round: its figures by the rule, and the shortlist that it makes."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from polls.award.model import CRITERION_RUNG, CandidateId, JuryRound, Rung
from voting.award.counted import RoundCount, RoundKind, Turnout
from voting.award.rungs import part_by_round
from voting.jury.diagnose import Diagnosis, diagnose
from voting.jury.panel import Panel, panel
from voting.jury.rules import figures_of
from voting.jury.sheet import Sheet

BOUNDARY_RUNGS = (Rung.GROUPS, Rung.COUNTBACK, Rung.HEAD_TO_HEAD)
"""The rungs that can part a tie at a shortlist's boundary: those that read the jury's own sheets."""


def count_jury(
    jury: JuryRound,
    sheets: Iterable[Sheet],
    standing: Sequence[CandidateId],
    *,
    withdrawn: Collection[CandidateId] = (),
    ladder: Sequence[str] = (),
) -> RoundCount:
    """The round as counted between those who stand (in the order of the paper), with its shortlist.

    Raises SheetRefused for a sheet that cannot belong to the round.
    """
    found = count_panel(panel(jury, sheets, standing, known={*standing, *withdrawn}))
    return replace(found, admitted=shortlist(jury, found, standing, ladder))


def count_panel(seated: Panel) -> RoundCount:
    """A panel as counted, without its shortlist."""
    jury = seated.jury
    figures = figures_of(seated)
    return RoundCount(
        kind=RoundKind.JURY,
        ballots=len(seated.sheets),
        valid=seated.valid,
        weight=seated.valid,
        figures=figures.figures,
        ranking=figures.ranking,
        not_rated=seated.not_rated,
        fallback=figures.fallback,
        turnout=Turnout(register=len(jury.jurors), spent=len(seated.sheets)),
        steps=figures.rounds,
        step_ties=figures.step_ties,
        voices=seated.voices(),
        givers=figures.givers,
        criteria={
            criterion.id: {
                c: mean
                for c in seated.standing
                if (mean := seated.criterion_mean(criterion.id, c)) is not None
            }
            for criterion in jury.criteria
        },
    )


def shortlist(
    jury: JuryRound, counted: RoundCount, standing: Sequence[CandidateId], ladder: Sequence[str]
) -> tuple[CandidateId, ...]:
    """Who goes on to the next round, in the order of the paper.

    Without a shortlist everybody who stands. Else the best n of the rated; of a tie at the boundary all,
    unless the rules send it to the ladder: then its rungs that read the jury's sheets refine the tied
    group that straddles the boundary, and those who stay tied there all go on.
    """
    if not jury.shortlist:
        return tuple(standing)
    groups = list(counted.ranking)
    rungs = [
        rung
        for rung in ladder
        if jury.boundary_ladder and (rung in BOUNDARY_RUNGS or rung.startswith(CRITERION_RUNG))
    ]
    for rung in rungs:
        at = _straddling(groups, jury.shortlist)
        if at is None:
            break
        groups[at : at + 1] = part_by_round(rung, groups[at], counted) or (groups[at],)
    admitted: set[CandidateId] = set()
    for group in groups:
        if len(admitted) >= jury.shortlist:
            break
        admitted.update(group)
    return tuple(candidate for candidate in standing if candidate in admitted)


def _straddling(groups: Sequence[Sequence[CandidateId]], size: int) -> int | None:
    """The group that begins within the first `size` places and ends beyond them."""
    before = 0
    for at, group in enumerate(groups):
        if before < size < before + len(group):
            return at
        before += len(group)
    return None


def diagnosis(
    jury: JuryRound,
    sheets: Iterable[Sheet],
    standing: Sequence[CandidateId],
    *,
    withdrawn: Collection[CandidateId] = (),
    ladder: Sequence[str] = (),
) -> Diagnosis:
    """What the chair may look at before the seal: who goes on, or without a shortlist who is first."""

    def judge(seated: Panel) -> tuple[CandidateId, ...]:
        counted = count_panel(seated)
        if seated.jury.shortlist:
            return shortlist(seated.jury, counted, standing, ladder)
        return counted.ranking[0] if counted.ranking else ()

    return diagnose(panel(jury, sheets, standing, known={*standing, *withdrawn}), judge)
