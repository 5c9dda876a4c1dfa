"""The tie ladder: its rungs in the order of the rules, until one candidate is left or the award is shared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from polls.award.model import CRITERION_RUNG, NOBODY, CandidateId, RoundId, Rung
from voting.award.counted import AwardKind, AwardTie, RoundCount
from voting.award.rungs import by_lot, by_ranking, part_by_round
from voting.jury.sheet import Ranks

NOBODY_RUNG = "nobody"
"""Not of the ladder: a candidate must have more than "none of the above", so a tie with it is no win."""

TOLD_RUNGS = (Rung.CHAIR, Rung.LOT)
"""The rungs that people must tell something: whom the chair chooses, what was drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Runoff:
    """A run-off that was held: its candidates without those who have withdrawn since, and its count."""

    id: RoundId
    candidates: frozenset[CandidateId]
    counted: RoundCount


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the rungs read. `side` is the round of GROUPS, COUNTBACK and HEAD_TO_HEAD, `jury` that of the
    criteria. `told` is {"chair": candidate id, "lot": text of the draw}; `root` the last box's hash."""

    side: RoundCount | None = None
    vote: RoundCount | None = None
    jury: RoundCount | None = None
    runoffs: tuple[Runoff, ...] = ()
    told: Mapping[str, str] | None = None
    root: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """Where the ladder ended: the tie with all rungs walked, and winner, shared or undecided."""

    tie: AwardTie
    kind: AwardKind


def part(rung: str, group: Sequence[CandidateId], evidence: Evidence) -> Ranks | None:
    """What one rung makes of a tied group, best first; None when it does not apply or has not been told."""
    told = evidence.told or {}
    if rung == Rung.AUDIENCE:
        return by_ranking(group, evidence.vote)
    if rung == Rung.CHAIR:
        chosen = CandidateId(told.get(Rung.CHAIR.value, ""))
        if chosen not in group:
            return None
        rest = tuple(sorted(c for c in group if c != chosen))
        return ((chosen,), rest) if rest else ((chosen,),)
    if rung == Rung.LOT:
        draw = told.get(Rung.LOT.value, "")
        return by_lot(group, evidence.root, draw) if draw else None
    round_ = evidence.jury if rung.startswith(CRITERION_RUNG) else evidence.side
    return None if round_ is None else part_by_round(rung, group, round_)


def walk(tied: Sequence[CandidateId], ladder: Sequence[str], evidence: Evidence) -> Walked:
    """Walk the ladder with a group that is tied for first place.

    Each rung refines only those who are still first. Before people are asked (chair, lot) and before the
    award is shared, run-offs between exactly these candidates decide. A ladder always ends: in SHARED.
    """
    groups: list[tuple[CandidateId, ...]] = [tuple(sorted(tied))]
    tried: list[str] = []
    runoffs = list(evidence.runoffs)

    def ended(kind: AwardKind) -> Walked:
        tie = AwardTie(
            candidates=tuple(sorted(tied)), rung=tried[-1], tried=tuple(tried), parted=tuple(groups)
        )
        return Walked(tie=tie, kind=kind)

    for rung in (*ladder, Rung.SHARED.value):
        if rung in (*TOLD_RUNGS, Rung.SHARED):
            for runoff in list(runoffs):
                parted = by_ranking(groups[0], runoff.counted)
                if runoff.candidates == set(groups[0]) and parted is not None:
                    runoffs.remove(runoff)
                    tried.append(runoff.id)
                    groups[:1] = parted
                    if len(groups[0]) == 1:
                        return ended(AwardKind.WINNER)
        tried.append(str(rung))
        if rung == Rung.SHARED:
            break
        parted = part(rung, groups[0], evidence)
        if parted is None and rung in TOLD_RUNGS:
            return ended(AwardKind.UNDECIDED)
        groups[:1] = parted or (groups[0],)
        if len(groups[0]) == 1:
            return ended(AwardKind.WINNER)
    return ended(AwardKind.SHARED)


def behind_nobody(tied: Sequence[CandidateId]) -> AwardTie:
    """The tie of NOBODY with candidates for first place: they stand behind it."""
    group = tuple(sorted(tied))
    rest = tuple(c for c in group if c != NOBODY)
    return AwardTie(
        candidates=group, rung=NOBODY_RUNG, tried=(NOBODY_RUNG,), parted=((NOBODY,), rest) if rest else ()
    )
