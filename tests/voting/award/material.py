"""Awards, sheets and ballots to test with. All are invented unless a test names its source."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from polls.award.life import AwardRun, RoundRun, RoundState
from polls.award.model import (
    Award,
    AwardId,
    BallotForm,
    Blend,
    Candidate,
    CandidateId,
    ClassId,
    Criterion,
    CriterionId,
    Decision,
    Juror,
    JurorId,
    JuryRound,
    JuryRule,
    RoundId,
    VoterClass,
    VoteRound,
)
from polls.model import Text
from voting.award.ballot import AwardBallot, canonical_choices
from voting.award.count import AwardPapers, count_award
from voting.award.counted import AwardResult
from voting.jury.sheet import RecusalReason, Sheet

JURY = RoundId("jury")
HALL = RoundId("hall")


def ids(names: str | Sequence[str]) -> tuple[CandidateId, ...]:
    return tuple(CandidateId(name) for name in names)


def criteria(*weights: int, low: int = 0, high: int = 100) -> tuple[Criterion, ...]:
    return tuple(
        Criterion(id=CriterionId(f"k{i}"), name=Text.plain(f"Criterion {i}"), weight=w, low=low, high=high)
        for i, w in enumerate(weights, start=1)
    )


def jury(jurors: int | Sequence[str] = 5, rule: JuryRule = JuryRule.MEAN, **other: Any) -> JuryRound:
    """A jury of jurors j1, j2 …, or one juror for each of the groups named."""
    groups = [""] * jurors if isinstance(jurors, int) else jurors
    more: dict[str, Any] = {
        "criteria": criteria(1),
        "quorum_min": 1,
        "quorum_share": Fraction(0),
        "id": JURY,
    } | other
    return JuryRound(
        jurors=tuple(
            Juror(id=JurorId(f"j{i}"), name=f"Juror {i}", group=group) for i, group in enumerate(groups, 1)
        ),
        rule=rule,
        **more,
    )


def sheet(juror: int, *, recused: str = "", locked: bool = True, **said: Any) -> Sheet:
    """A sheet: a=7 marks one criterion, a=(1, 1, 4) several; picks="ab"; ranking="a b=c"."""
    picks, ranking = said.pop("picks", ""), said.pop("ranking", "")
    marks = {c: (m if isinstance(m, tuple) else (m,)) for c, m in said.items()}
    return Sheet(
        juror=JurorId(f"j{juror}"),
        recused=dict.fromkeys(ids(recused), RecusalReason.EMPLOYER),
        marks={
            CandidateId(c): {CriterionId(f"k{i}"): mark for i, mark in enumerate(m, 1) if mark is not None}
            for c, m in marks.items()
        },
        picks=ids(picks),
        ranking=canonical_choices(rank.split("=") for rank in ranking.split()),
        locked=locked,
    )


def vote(form: BallotForm = BallotForm.SINGLE, method: str = "plurality", **more: Any) -> VoteRound:
    more = {"id": HALL, "most": 1 if form is BallotForm.SINGLE else 0} | more
    return VoteRound(form=form, method=method, **more)


def ballots(
    counts: Mapping[str, int], voter_class: str = "voters", form: BallotForm = BallotForm.SINGLE
) -> list[AwardBallot]:
    """Ballots by number: {"a": 5, "": 2} single choices and abstentions; {"a b=c": 3} rankings."""
    made = []
    for text, number in counts.items():
        choices = canonical_choices(rank.split("=") for rank in text.split())
        made += [AwardBallot(voter_class=ClassId(voter_class), choices=choices) for _ in range(number)]
    return [replace(ballot, receipt=f"{voter_class}-{i}") for i, ballot in enumerate(made)]


def classes(**weights: int) -> tuple[VoterClass, ...]:
    return tuple(VoterClass(id=ClassId(c), name=Text.plain(c), weight=w) for c, w in weights.items())


def award(
    names: str | Sequence[str],
    *,
    jury_rounds: Sequence[JuryRound] = (),
    hall: VoteRound | None = None,
    none: bool = False,
    **decision: Any,
) -> Award:
    blend = Blend.JURY if hall is None else Blend.AUDIENCE
    decision = {"blend": blend, "jury_round": jury_rounds[-1].id if jury_rounds else None} | decision
    return Award(
        id=AwardId("manager"),
        title=Text.plain("Cluster manager of the year"),
        candidates=tuple(Candidate(id=c, name=Text.plain(c.upper())) for c in ids(names)),
        jury=tuple(jury_rounds),
        vote=hall,
        none_of_the_above=none,
        decision=Decision(**decision),
    )


def counted(
    one: Award,
    sheets: Sequence[Sheet] = (),
    votes: Sequence[AwardBallot] = (),
    runoffs: Mapping[str, tuple[str, Sequence[AwardBallot]]] | None = None,
    **run: Any,
) -> AwardResult:
    papers, state = handed_in(one, sheets, votes, runoffs, **run)
    return count_award(one, state, papers)


def handed_in(
    one: Award,
    sheets: Sequence[Sheet] = (),
    votes: Sequence[AwardBallot] = (),
    runoffs: Mapping[str, tuple[str, Sequence[AwardBallot]]] | None = None,
    **run: Any,
) -> tuple[AwardPapers, AwardRun]:
    runoffs = runoffs or {}
    held = {RoundId(r): RoundRun(state=RoundState.SEALED, box_hash=f"root-{r}") for r in runoffs}
    state = AwardRun(
        runoffs={RoundId(r): ids(names) for r, (names, _) in runoffs.items()},
        **{"rounds": held, **run},
    )
    papers = AwardPapers(
        sheets={one.jury[0].id: sheets} if one.jury else {},
        ballots={HALL: votes, **{RoundId(r): cast for r, (_, cast) in runoffs.items()}},
    )
    return papers, state


def figures(found: Mapping[CandidateId, Fraction]) -> dict[str, str]:
    return {str(c): str(figure) for c, figure in sorted(found.items())}
