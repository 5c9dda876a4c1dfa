"""The tie desk: what each rung of the ladder would give for those tied for first, and what people must do."""

from dataclasses import dataclass
from enum import StrEnum

from polls.award.life import AwardRun
from polls.award.model import NOBODY, Award, CandidateId, Rung
from voting.award.count import AwardPapers, count_award, count_rounds
from voting.award.counted import AwardKind, AwardResult, AwardTie
from voting.award.ladder import part
from voting.jury.sheet import Ranks


class Need(StrEnum):
    """What the ladder waits for."""

    NOTHING = ""
    CHAIR = "chair"
    LOT = "lot"


@dataclass(frozen=True, slots=True, kw_only=True)
class RungView:
    """One rung: whether it applies, what it alone would make of the tied group, and whether it was walked."""

    rung: str
    applies: bool
    parted: Ranks
    walked: bool
    decided: bool
    """Whether the ladder ended with this rung."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TieDesk:
    """The tie for first place as the stage and the organiser see it once it may be seen.

    `left` are those still tied after the ladder (or before the rung that waits). `runoff` says whether a
    run-off between them can be held: there is a vote with an electorate, and more than one is left.
    """

    tie: AwardTie
    rungs: tuple[RungView, ...]
    left: tuple[CandidateId, ...]
    need: Need
    runoff: bool


def tie_desk(award: Award, run: AwardRun, papers: AwardPapers) -> TieDesk | None:
    """The desk of an award's tie for first place; None without one. Raises like `count_award`."""
    result = count_award(award, run, papers)
    if not result.ties or NOBODY in result.ties[-1].candidates:
        return None
    tie = result.ties[-1]
    evidence = count_rounds(award, run, papers).evidence
    rungs = []
    runoffs = tuple(one.id for one in evidence.runoffs if one.id in tie.tried)
    told_at = next(
        (i for i, r in enumerate(award.decision.ladder) if r in (Rung.CHAIR, Rung.LOT, Rung.SHARED)), None
    )
    ladder = [str(rung) for rung in award.decision.ladder]
    ladder[told_at:told_at] = [str(one) for one in runoffs]
    for rung in ladder:
        if rung in runoffs:
            counted = next(one.counted for one in evidence.runoffs if one.id == rung)
            parted: Ranks | None = counted.ranking
        elif rung == Rung.SHARED:
            parted = (tie.candidates,)
        else:
            parted = part(rung, tie.candidates, evidence)
        rungs.append(
            RungView(
                rung=rung,
                applies=parted is not None,
                parted=parted or (tie.candidates,),
                walked=rung in tie.tried,
                decided=rung == tie.rung and result.kind is not AwardKind.UNDECIDED,
            )
        )
    left = tie.parted[0]
    return TieDesk(
        tie=tie,
        rungs=tuple(rungs),
        left=left if len(left) > 1 else (),
        need=need(result),
        runoff=award.vote is not None and len(left) > 1,
    )


def need(result: AwardResult) -> Need:
    """What the result waits for."""
    return Need(result.pending)
