"""An award with its papers, and how its state is made for a test: four entries, a jury of three, a vote."""

from collections.abc import Sequence
from dataclasses import replace

from dashboard.award_facts import AwardFacts
from polls.award.life import Approval, AwardRun, RoundRun, RoundState
from polls.award.model import EVERYBODY, Award, Blend, CandidateId, Decision, JurorId
from polls.desk import Desk, EventState
from polls.model import PLENARY, Text
from tests.dashboard.samples import EVENT
from tests.polls.award_sample import ANA, FINAL, IDEA, JURY, NAMES, candidate, sample_award
from voting.award.ballot import AwardBallot
from voting.award.count import AwardPapers, count_award
from voting.award.counted import AwardKind
from voting.award.reveal import reveal_steps
from voting.award.tiedesk import tie_desk
from voting.jury.sheet import Sheet

IDS = tuple(CandidateId(name.lower()) for name in NAMES)

PRIZE = sample_award(
    (
        candidate(one, name, entrant=Text.plain(f"House of {name}"))
        for one, name in zip(IDS, NAMES, strict=True)
    ),
    decision=Decision(blend=Blend.SHARES, jury_round=JURY, ladder=("audience", "chair", "shared")),
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
