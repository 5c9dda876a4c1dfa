"""The award that several rooms of tests share: invented people, a jury of three, a vote, two scrutineers."""

from collections.abc import Iterable
from dataclasses import replace

from polls.award.model import (
    Award,
    AwardId,
    Blend,
    Candidate,
    CandidateId,
    Criterion,
    CriterionId,
    Decision,
    Juror,
    JurorId,
    JuryRound,
    RoundId,
    ScrutineerId,
    VoteRound,
)
from polls.model import Text

AWARD = AwardId("prize")
JURY, FINAL = RoundId("jury"), RoundId("final")
ANA, BEN = ScrutineerId("ana"), ScrutineerId("ben")
IDEA = CriterionId("idea")
NAMES = ("Quillfeather", "Brambleworth", "Thistledown", "Marrowgate")


def candidate(candidate_id: str, name: str, **more: Text) -> Candidate:
    return Candidate(id=CandidateId(candidate_id), name=Text.plain(name), **more)


def juror(juror_id: str, name: str, *, chair: bool = False) -> Juror:
    return Juror(id=JurorId(juror_id), name=name, chair=chair)


def criterion(criterion_id: str, name: str, **more: int) -> Criterion:
    return Criterion(id=CriterionId(criterion_id), name=Text.plain(name), **more)


def sample_award(candidates: Iterable[Candidate], *, shortlist: int = 0, **changes: object) -> Award:
    """Three jurors, j1 to j3, mark the idea; the hall votes by codes; Ana and Ben approve. `changes` are of
    the award's own fields."""
    award = Award(
        id=AWARD,
        title=Text.plain("The Prize"),
        candidates=tuple(candidates),
        jury=(
            JuryRound(
                id=JURY,
                jurors=tuple(juror(f"j{n}", f"Juror {n}") for n in (1, 2, 3)),
                criteria=(criterion(IDEA, "Idea"),),
                shortlist=shortlist,
            ),
        ),
        vote=VoteRound(id=FINAL),
        decision=Decision(blend=Blend.AUDIENCE),
        scrutineers=((ANA, "Ana Ruiz"), (BEN, "Ben Costa")),
        approvals=2,
    )
    return replace(award, **changes)  # type: ignore[arg-type]
