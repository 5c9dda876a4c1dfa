"""An award with its papers, and how its state is made for a test: four entries, a jury of three, a vote."""

from collections.abc import Sequence
from dataclasses import replace

from dashboard.award_facts import AwardFacts
from polls.award.life import Approval, AwardRun, RoundRun, RoundState
from polls.award.model import (
    EVERYBODY,
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
from polls.desk import Desk, EventState
from polls.model import PLENARY, Text
from tests.dashboard.samples import EVENT
from voting.award.ballot import AwardBallot
from voting.award.count import AwardPapers, count_award
from voting.award.counted import AwardKind
from voting.award.reveal import reveal_steps
from voting.award.tiedesk import tie_desk
from voting.jury.sheet import Sheet

JURY, FINAL = RoundId("jury"), RoundId("final")
NAMES = ("Quillfeather", "Brambleworth", "Thistledown", "Marrowgate")
IDS = tuple(CandidateId(name.lower()) for name in NAMES)
ANA, BEN = ScrutineerId("ana"), ScrutineerId("ben")
IDEA = CriterionId("idea")

PRIZE = Award(
    id=AwardId("prize"),
    title=Text.plain("The Prize"),
    candidates=tuple(
        Candidate(id=one, name=Text.plain(name), entrant=Text.plain(f"House of {name}"))
        for one, name in zip(IDS, NAMES, strict=True)
    ),
    jury=(
        JuryRound(
            id=JURY,
            jurors=tuple(Juror(id=JurorId(f"j{n}"), name=f"Juror {n}") for n in (1, 2, 3)),
            criteria=(Criterion(id=IDEA, name=Text.plain("Idea")),),
        ),
    ),
    vote=VoteRound(id=FINAL),
    decision=Decision(blend=Blend.SHARES, jury_round=JURY, ladder=("audience", "chair", "shared")),
    scrutineers=((ANA, "Ana Ruiz"), (BEN, "Ben Costa")),
    approvals=2,
)
AUDIENCE = replace(PRIZE, decision=Decision(blend=Blend.AUDIENCE, ladder=("chair", "shared")))
SEALED = RoundRun(state=RoundState.SEALED, box_hash="ab", admitted=IDS)


def run_at(jury: RoundRun, final: RoundRun | None = None, **changes: object) -> AwardRun:
    """The award's run with its rules frozen and its rounds where they are."""
    rounds = {JURY: jury, **({FINAL: final} if final else {})}
    return replace(AwardRun(rules_hash="ff", rounds=rounds), **changes)  # type: ignore[arg-type]


ALL_SEALED = run_at(SEALED, replace(SEALED, admitted=()))
OPEN = RoundRun(state=RoundState.OPEN, opened_ms=1)
CLOSED = RoundRun(
    state=RoundState.CLOSED,
    box_hash="ab",
    approvals=(Approval(scrutineer=ANA, box_hash="ab", at_ms=1),),
)


def papers(marks: Sequence[Sequence[int]], votes: Sequence[int]) -> AwardPapers:
    """Three sheets with a mark for each entry, and ballots by the entry's number."""
    return AwardPapers(
        sheets={
            JURY: [
                Sheet(
                    juror=JurorId(f"j{n}"),
                    locked=True,
                    marks={one: {IDEA: mark} for one, mark in zip(IDS, row, strict=True)},
                )
                for n, row in enumerate(marks, 1)
            ]
        },
        ballots={FINAL: [ballot(vote) for vote in votes]},
    )


def ballot(vote: int) -> AwardBallot:
    return AwardBallot(voter_class=EVERYBODY.id, choices=((IDS[vote],),))


def facts_of(award: Award, run: AwardRun, handed_in: AwardPapers) -> AwardFacts:
    """What the server would know once every round is sealed."""
    result = count_award(award, run, handed_in)
    is_open = result.kind is AwardKind.UNDECIDED
    return AwardFacts(
        result=result,
        steps=() if is_open else reveal_steps(award, result),
        tie=tie_desk(award, run, handed_in) if is_open else None,
    )


def state_at(award: Award, run: AwardRun, *, blank: bool = False, tie: bool = False) -> EventState:
    """The event with the award in front of the main room."""
    event = replace(EVENT, awards=(award,))
    return EventState(
        event=event,
        runs={},
        desks={PLENARY: Desk(award=award.id, blank=blank, tie=tie)},
        awards={award.id: run},
    )
