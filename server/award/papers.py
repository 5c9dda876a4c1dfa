"""Ballots and sheets of awards as canonical JSON, and back; what a round's box holds as papers to count."""

import json
from collections.abc import Mapping, Sequence

from polls.award.life import AwardRun, RoundState, round_ids, round_of
from polls.award.model import Award, CandidateId, ClassId, CriterionId, JurorId, JuryRound, RoundId
from polls.model import EventId
from voting.award.ballot import AwardBallot, canonical_choices
from voting.award.count import AwardPapers
from voting.award.counted import Turnout
from voting.award.ports import At, AwardBox, Box
from voting.canonical import canonical_json
from voting.jury.sheet import RecusalReason, Sheet


def ballot_text(
    *,
    round_id: str,
    voter_class: str,
    choices: Sequence[Sequence[str]],
    receipt: str,
    salt: str,
    channel: str,
) -> str:
    """A ballot as it lies in the box and stands in the record."""
    ballot = {
        "round": round_id,
        "class": voter_class,
        "choices": [list(rank) for rank in canonical_choices(choices)],
        "receipt": receipt,
        "salt": salt,
        "channel": channel,
    }
    return canonical_json(ballot)


def read_ballot(text: str) -> AwardBallot:
    """The ballot of a text by `ballot_text`."""
    fields = json.loads(text)
    return AwardBallot(
        voter_class=ClassId(fields["class"]),
        choices=canonical_choices(fields["choices"]),
        receipt=fields["receipt"],
    )


def sheet_text(jury: JuryRound, sheet: Sheet, salt: str) -> str:
    """A juror's sheet as it lies in the box: marks, picks or a ranking, as the round's rule reads them."""
    said: dict[str, object] = {
        "round": jury.id,
        "juror": sheet.juror,
        "recused": {candidate: reason.value for candidate, reason in sheet.recused.items()},
        "salt": salt,
    }
    if jury.rule.reads_marks:
        said["marks"] = {candidate: dict(marks) for candidate, marks in sheet.marks.items() if marks}
    elif jury.rule.value == "approval":
        said["picks"] = sorted(sheet.picks)
    else:
        said["ranking"] = [sorted(rank) for rank in sheet.ranking]
    return canonical_json(said)


def read_sheet(text: str, *, locked: bool = True) -> Sheet:
    """The sheet of a text by `sheet_text`."""
    fields = json.loads(text)
    return Sheet(
        juror=JurorId(fields["juror"]),
        recused={CandidateId(c): RecusalReason(reason) for c, reason in fields["recused"].items()},
        marks={
            CandidateId(c): {CriterionId(k): mark for k, mark in marks.items()}
            for c, marks in fields.get("marks", {}).items()
        },
        picks=tuple(CandidateId(c) for c in fields.get("picks", ())),
        ranking=canonical_choices(fields.get("ranking", ())),
        locked=locked,
    )


async def read_boxes(box: AwardBox, event: EventId, award: Award, run: AwardRun) -> Mapping[RoundId, Box]:
    """The boxes of every round that is closed or sealed."""
    found = {}
    for round_id in round_ids(award, run):
        if run.round(round_id).state in (RoundState.CLOSED, RoundState.SEALED):
            found[round_id] = await box.read_box(At(event, award.id, round_id))
    return found


async def read_papers(
    box: AwardBox, event: EventId, award: Award, run: AwardRun, boxes: Mapping[RoundId, Box]
) -> AwardPapers:
    """What is counted, from boxes that were read."""
    sheets: dict[RoundId, list[Sheet]] = {}
    ballots: dict[RoundId, list[AwardBallot]] = {}
    turnouts: dict[RoundId, Turnout] = {}
    for round_id, held in boxes.items():
        rules = round_of(award, run, round_id)
        if isinstance(rules, JuryRound):
            sheets[round_id] = [read_sheet(text) for text in held.sheets.values()]
            continue
        ballots[round_id] = [read_ballot(text) for text in held.ballots.values()]
        turnout = await box.turnout(At(event, award.id, round_id))
        register = sum(of_class.register for of_class in turnout.values())
        # As the record shows it: used codes; without a register every ballot is a voter.
        spent = len(held.spent) if register else len(held.ballots)
        turnouts[round_id] = Turnout(register=register, spent=spent)
    return AwardPapers(sheets=sheets, ballots=ballots, turnout=turnouts)
