"""The law of the record: the server's result and that of recount.py, which share no code, are equal.

On random rules, sheets and ballots: every jury rule, every method, every blend, ladders with chair and
lot, run-offs, withdrawals before and after a seal, voided ballots. Few voices and marks make ties frequent.
"""

import functools
import random
from dataclasses import replace
from fractions import Fraction
from typing import Any
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from polls.award.life import AwardRun, RoundRun, RoundState
from polls.award.model import (
    NOBODY,
    SHARE_METHODS,
    SHARE_RULES,
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
    Electorate,
    Juror,
    JurorId,
    JuryRound,
    JuryRule,
    Publish,
    RoundId,
    ScrutineerId,
    VoterClass,
    VoteRound,
)
from polls.model import Text
from server.eventyaml import read_event
from server.record import recount
from tests.conftest import EXAMPLE
from tests.server.record.builder import Draft, Json
from voting.award.ballot import AwardBallot, canonical_choices
from voting.award.count import AwardPapers, admits, count_award, standing_in
from voting.award.counted import Turnout
from voting.award.rules import rules_of
from voting.jury.sheet import RecusalReason, Sheet
from voting.record.canonical import canonical_json, sha256_hex

EVENT = read_event(EXAMPLE.read_text(encoding="utf-8"))
MULTIPLES = functools.lru_cache(recount.multiples)  # the key's tables are the same every time
METHODS = {
    BallotForm.SINGLE: ("plurality",),
    BallotForm.APPROVAL: ("approval",),
    BallotForm.RANKING: ("borda", "irv", "schulze-winning"),
}
RUNGS = ("audience", "groups", "countback", "head-to-head", "criterion:k1", "criterion:k2", "chair", "lot")


def random_jury(rng: random.Random, name: str) -> JuryRound:
    jurors = tuple(
        Juror(id=JurorId(f"j{n}"), name=f"J {n}", group=rng.choice(("", "", "x", "y")))
        for n in range(rng.choice((1, 2, 2, 3, 4, 6)))
    )
    return JuryRound(
        id=RoundId(name),
        jurors=jurors,
        rule=rng.choice(list(JuryRule)),
        criteria=tuple(
            Criterion(id=CriterionId(f"k{n}"), name=Text.plain("K"), weight=rng.randint(1, 4), low=1, high=2)
            for n in range(1, rng.randint(2, 3))
        ),
        shortlist=rng.choice((0, 1, 2, 3)),
        boundary_ladder=rng.random() < 0.5,
        drop=rng.choice((1, 1, 2)),
        table=rng.choice(((12, 10, 8, 7, 6), (3, 2, 1), (1,))),
        picks=rng.choice((0, 2)),
        unranked=rng.choice(("zero", "average", "length")),
        quorum_min=rng.choice((0, 0, 1, 2)),
        quorum_share=rng.choice((Fraction(0), Fraction(1, 2), Fraction(2, 3))),
        publish=Publish.BALLOTS,
    )


def random_award(rng: random.Random) -> Award:
    candidates = tuple(
        Candidate(id=CandidateId(c), name=Text.plain(c.upper()))
        for c in "dacbe"[: rng.choice((1, 2, 2, 3, 5))]
    )
    juries = tuple(random_jury(rng, f"jury{n}") for n in range(rng.choice((0, 1, 1, 1, 2))))
    form = rng.choice(list(BallotForm))
    vote = VoteRound(
        id=RoundId("vote"),
        electorate=rng.choice(list(Electorate)),
        classes=tuple(
            VoterClass(id=ClassId(k), name=Text.plain(k), weight=rng.randint(1, 3))
            for k in "pq"[: rng.randint(1, 2)]
        ),
        form=form,
        method=rng.choice(METHODS[form]),
        least=rng.choice((1, 1, 2)),
        most=rng.choice((0, 2, 3)) if form is not BallotForm.SINGLE else 1,
        ties=rng.random() < 0.5,
        abstain=rng.random() < 0.8,
        unranked=rng.choice(("zero", "average", "length")),
        min_turnout=rng.choice((0, 0, 0, 4)),
        publish=Publish.BALLOTS,
    )
    with_vote = not juries or rng.random() < 0.85
    blends = [Blend.AUDIENCE] if with_vote else []
    if juries:
        blends.append(Blend.JURY)
        if with_vote:
            blends.append(Blend.POINTS)
            if juries[-1].rule in SHARE_RULES and vote.method in SHARE_METHODS:
                blends += [Blend.SHARES] * 2
    blend = rng.choice(blends)
    rungs = tuple(rng.sample(RUNGS, rng.randint(0, len(RUNGS))))
    names_jury = juries and (blend is not Blend.AUDIENCE or rng.random() < 0.7)
    return Award(
        id=AwardId("best"),
        title=Text.plain("Best"),
        candidates=candidates,
        none_of_the_above=with_vote and rng.random() < 0.3,
        jury=juries,
        vote=vote if with_vote else None,
        decision=Decision(
            blend=blend,
            jury_round=juries[-1].id if names_jury else None,
            jury_weight=rng.randint(1, 3),
            audience_weight=rng.randint(1, 3),
            jury_table=rng.choice(((12, 10, 8), (2, 1))),
            audience_table=rng.choice(((12, 10, 8), (2, 1))),
            jury_only_without_audience=rng.random() < 0.5,
            ladder=(*rungs, *(("shared",) if rungs[-1:] != ("lot",) else ())),
        ),
        scrutineers=tuple((ScrutineerId(f"s{n}"), f"S {n}") for n in range(3)),
        checkpoint_min=2,
    )


def random_sheet(rng: random.Random, jury: JuryRound, juror: str, who: tuple[CandidateId, ...]) -> Sheet:
    recused = {c: rng.choice(list(RecusalReason)) for c in who if rng.random() < 0.1}
    some = [c for c in who if rng.random() < 0.9 and c not in recused]
    marks: dict[CandidateId, dict[CriterionId, int]] = {}
    picks: tuple[CandidateId, ...] = ()
    ranking: tuple[tuple[CandidateId, ...], ...] = ()
    if jury.rule.reads_marks:
        for c in some:
            marks[c] = {k.id: rng.randint(k.low, k.high) for k in jury.criteria if rng.random() < 0.97}
    elif jury.rule is JuryRule.APPROVAL:
        picks = tuple(rng.sample(some, rng.randint(0, min(len(some), jury.picks or len(some)))))
    else:
        ranking = random_ranks(rng, rng.sample(some, rng.randint(0, len(some))), ties=True)
    return Sheet(
        juror=JurorId(juror), recused=recused, marks=marks, picks=picks, ranking=ranking, locked=True
    )


def random_ranks(
    rng: random.Random, named: list[CandidateId], ties: bool
) -> tuple[tuple[CandidateId, ...], ...]:
    ranks: list[list[CandidateId]] = []
    for c in named:
        if ranks and ties and rng.random() < 0.3:
            ranks[-1].append(c)
        else:
            ranks.append([c])
    return canonical_choices(ranks)


def random_choices(
    rng: random.Random, vote: VoteRound, who: tuple[CandidateId, ...]
) -> tuple[tuple[CandidateId, ...], ...]:
    if vote.abstain and rng.random() < 0.1:
        return ()
    most = 1 if vote.form is BallotForm.SINGLE else vote.most or len(who)
    least = min(vote.least, len(who), most)
    named = rng.sample(who, rng.randint(least, max(least, min(most, len(who)))))
    if vote.form is BallotForm.RANKING:
        return random_ranks(rng, named, vote.ties)
    return canonical_choices([named])


def sheet_line(jury: JuryRound, sheet: Sheet) -> Json:
    line: Json = {"juror": sheet.juror, "recused": {c: r.value for c, r in sheet.recused.items()}}
    if jury.rule.reads_marks:
        return line | {"marks": {c: dict(marks) for c, marks in sheet.marks.items()}}
    if jury.rule is JuryRule.APPROVAL:
        return line | {"picks": list(sheet.picks)}
    return line | {"ranking": [list(rank) for rank in sheet.ranking]}


class Evening:
    """An award being held: the same things happen on the server's side and in the record."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.award = random_award(rng)
        self.run = AwardRun()
        self.rules = dict(rules_of(self.award, EVENT))
        self.draft = Draft(rules=self.rules, batch=2)
        self.draft.begin()
        self.papers: dict[str, Any] = {"sheets": {}, "ballots": {}, "turnout": {}}

    def withdraw(self, chance: float) -> None:
        left = [c.id for c in self.award.candidates if c.id not in self.run.withdrawn]
        if len(left) > 1 and self.rng.random() < chance:
            gone = self.rng.choice(left)
            self.run = replace(self.run, withdrawn=(*self.run.withdrawn, gone))
            body = {"candidate": gone, "reason": "Left", "by": ["s0", "s1"]}
            self.draft.log.append(("WITHDRAWN", body))

    def _sealed(self, name: RoundId, admitted: tuple[CandidateId, ...]) -> None:
        root = self.draft.log[-1][1]["root"]
        sealed = RoundRun(state=RoundState.SEALED, box_hash=root, admitted=admitted)
        self.run = replace(self.run, rounds={**self.run.rounds, name: sealed})

    def hold_jury(self, jury: JuryRound) -> None:
        who = standing_in(self.award, self.run, jury.id)
        jurors = [j.id for j in jury.jurors if self.rng.random() < 0.9]
        sheets = [random_sheet(self.rng, jury, juror, who) for juror in jurors]
        self.papers["sheets"][jury.id] = sheets
        admitted = admits(self.award, self.run, jury.id, sheets)
        lines = [sheet_line(jury, sheet) for sheet in sheets]
        self.draft.hold_jury(jury.id, lines, list(admitted), self.rng)
        self._sealed(jury.id, admitted)

    def hold_vote(self, name: RoundId, who: tuple[CandidateId, ...]) -> None:
        vote = self.award.vote
        assert vote is not None
        number = self.rng.choice((0, 1, 2, 2, 4, 6, 9)) if who else 0
        cast = [
            (self.rng.choice(vote.classes).id, random_choices(self.rng, vote, who)) for _ in range(number)
        ]
        codes = vote.electorate is Electorate.CODES
        if codes:
            lines = [(k, f"{name}-{n}") for n, (k, _) in enumerate(cast)] + [("p", f"{name}-unused")]
            self.draft.open_vote(name, [(str(k), code) for k, code in lines])
        listed = [(str(k), [list(rank) for rank in ranks]) for k, ranks in cast]
        self.draft.hold_vote(name, listed, self.rng, "code" if codes else "device")
        self._sealed(name, ())
        self.papers["ballots"][name] = [
            AwardBallot(
                voter_class=ClassId(b["class"]),
                choices=canonical_choices(b["choices"]),
                receipt=b["receipt"],
            )
            for b in self.draft.ballots
            if b["round"] == name
        ]
        if codes:
            self.papers["turnout"][name] = Turnout(register=len(lines), spent=number)

    def hold(self) -> Json:
        """Everything up to the result; gives the server's result."""
        for jury in self.award.jury:
            self.withdraw(0.15)
            self.hold_jury(jury)
        self.withdraw(0.2)
        if self.award.vote is not None:
            self.hold_vote(self.award.vote.id, standing_in(self.award, self.run, self.award.vote.id))
            self.withdraw(0.15)
            for ballot in self.draft.ballots:
                if self.rng.random() < 0.1:
                    self.run = replace(self.run, voided=(*self.run.voided, ballot["receipt"]))
                    body = {"receipt": ballot["receipt"], "reason": "Twice", "by": ["s1", "s2"]}
                    self.draft.log.append(("VOIDED", body))
        self.break_ties()
        return count_award(self.award, self.run, AwardPapers(**self.papers)).as_dict()

    def break_ties(self) -> None:
        result = count_award(self.award, self.run, AwardPapers(**self.papers))
        tied = [c for c in (result.ties[0].parted[0] if result.ties else ()) if c != NOBODY]
        if self.award.vote is not None and len(tied) > 1 and self.rng.random() < 0.5:
            name = RoundId("runoff1")
            ordered = tuple(c.id for c in self.award.candidates if c.id in tied)
            self.run = replace(self.run, runoffs={name: ordered})
            self.draft.log.append(("RUNOFF", {"round": name, "candidates": list(ordered)}))
            self.hold_vote(name, ordered)
        choices: dict[str, str] = {}
        if tied and self.rng.random() < 0.5:
            choices["chair"] = self.rng.choice(tied)
            self.draft.log.append(("CHAIR", {"candidate": choices["chair"], "name": "J 1"}))
        if self.rng.random() < 0.5:
            choices["lot"] = "7 11 23"
            self.draft.log.append(("DRAW", {"text": "7 11 23"}))
        self.run = replace(self.run, choices=choices, rules_hash=sha256_hex(canonical_json(self.rules)))


@given(st.integers(min_value=0, max_value=2**32))
@settings(max_examples=150)
def test_the_server_and_the_recount_give_one_result(seed: int) -> None:
    evening = Evening(random.Random(seed))
    result = evening.hold()
    evening.draft.finish(result)

    audit = recount.Audit(evening.draft.files())
    with patch.object(recount, "multiples", MULTIPLES):
        audit.run()

    assert [fault for _, _, faults in audit.checks for fault in faults] == []
