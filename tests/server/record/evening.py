"""An award being held with papers drawn by chance: on the server's side, and in the record of it."""

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from polls.award.life import ORGANISER, RUNOFF, AwardRun, RoundRun, RoundState
from polls.award.model import (
    NOBODY,
    Award,
    BallotForm,
    Blend,
    CandidateId,
    ClassId,
    CriterionId,
    Electorate,
    JurorId,
    JuryRound,
    JuryRule,
    RoundId,
    VoteRound,
)
from server.eventyaml import read_event
from tests.conftest import EXAMPLE
from tests.server.record.builder import Draft, Json
from voting.award.ballot import AwardBallot, canonical_choices
from voting.award.count import AwardPapers, admits, count_award, standing_in
from voting.award.counted import AwardResult, Turnout
from voting.award.jury import count_jury
from voting.award.rules import rules_of
from voting.jury.sheet import Ranks, RecusalReason, Sheet
from voting.record.canonical import canonical_json, sha256_hex

EVENT = read_event(EXAMPLE.read_text(encoding="utf-8"))


Twins = tuple[CandidateId, ...]
"""Two candidates whom all papers treat alike, so that they tie; or none."""


def random_sheet(
    rng: random.Random, jury: JuryRound, juror: str, who: tuple[CandidateId, ...], twins: Twins
) -> Sheet:
    recused = {c: rng.choice(list(RecusalReason)) for c in who if rng.random() < 0.1}
    some = [c for c in who if rng.random() < 0.9 and c not in recused]
    marks: dict[CandidateId, dict[CriterionId, int]] = {}
    picks: tuple[CandidateId, ...] = ()
    ranking: tuple[tuple[CandidateId, ...], ...] = ()
    if jury.rule.reads_marks:
        for c in some:
            low = rng.random() < 0.4 or c not in twins
            marks[c] = {
                k.id: rng.randint(k.low if low else k.high, k.high)
                for k in jury.criteria
                if rng.random() < 0.97
            }
    else:
        size = rng.randint(0, len(some))
        if jury.rule is JuryRule.APPROVAL:
            picks = tuple(some_of(rng, some, min(size, jury.picks or size), twins))
        else:
            ranking = random_ranks(rng, some_of(rng, some, size, twins), ties=True)
    return Sheet(
        juror=JurorId(juror), recused=recused, marks=marks, picks=picks, ranking=ranking, locked=True
    )


def some_of(rng: random.Random, who: Sequence[CandidateId], size: int, twins: Twins) -> list[CandidateId]:
    """So many, best first; more often than not the twins are ahead."""
    order = rng.sample(who, len(who))
    if rng.random() < 0.6:
        order.sort(key=lambda c: c not in twins)
    return order[:size]


def swapped(sheet: Sheet, juror: str, twins: Twins) -> Sheet:
    """What another juror says who takes one twin for the other."""
    other = {twins[0]: twins[1], twins[1]: twins[0]}
    return replace(
        sheet,
        juror=JurorId(juror),
        recused={other.get(c, c): reason for c, reason in sheet.recused.items()},
        marks={other.get(c, c): marks for c, marks in sheet.marks.items()},
        picks=tuple(other.get(c, c) for c in sheet.picks),
        ranking=swapped_ranks(sheet.ranking, twins),
    )


def swapped_ranks(ranks: Ranks, twins: Twins) -> Ranks:
    """An order in which one twin stands where the other did."""
    other = {twins[0]: twins[1], twins[1]: twins[0]}
    return canonical_choices([other.get(c, c) for c in rank] for rank in ranks)


def is_ahead(twin: CandidateId, ranks: Ranks, twins: Twins) -> bool:
    """Whether a ballot prefers this twin to the other."""
    places = {c: place for place, rank in enumerate(ranks) for c in rank}
    (other,) = (c for c in twins if c != twin)
    return places.get(twin, len(ranks)) < places.get(other, len(ranks))


def random_ranks(rng: random.Random, named: list[CandidateId], ties: bool) -> Ranks:
    ranks: list[list[CandidateId]] = []
    for c in named:
        if ranks and ties and rng.random() < 0.3:
            ranks[-1].append(c)
        else:
            ranks.append([c])
    return canonical_choices(ranks)


def random_choices(rng: random.Random, vote: VoteRound, who: tuple[CandidateId, ...], twins: Twins) -> Ranks:
    if vote.abstain and rng.random() < 0.1:
        return ()
    most = 1 if vote.form is BallotForm.SINGLE else vote.most or len(who)
    least = min(vote.least, len(who), most)
    named = some_of(rng, who, rng.randint(least, max(least, min(most, len(who)))), twins)
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
    """An award being held: the same things happen on the server's side and in the record.

    With `has_twins` two candidates are ahead, and most of the rounds that decide treat them alike: jurors and
    voters come in pairs, and the second says of one what the first says of the other.
    """

    def __init__(self, award: Award, rng: random.Random, *, has_twins: bool = False) -> None:
        self.rng, self.award = rng, award
        ids = [c.id for c in award.candidates]
        self.twins: Twins = tuple(rng.sample(ids, 2)) if has_twins and len(ids) > 1 else ()
        self.run = AwardRun()
        self.rules = dict(rules_of(self.award, EVENT))
        self.draft = Draft(rules=self.rules, batch=award.checkpoint_min)
        self.draft.begin()
        self.papers: dict[str, Any] = {"sheets": {}, "ballots": {}, "turnout": {}}

    @property
    def signers(self) -> list[str]:
        """Those who must stand behind what is changed."""
        named = [str(who) for who, _ in self.award.scrutineers[: self.award.approvals]]
        return named or [str(ORGANISER)]

    def withdraw(self, chance: float) -> None:
        left = [c.id for c in self.award.candidates if c.id not in (*self.run.withdrawn, *self.twins)]
        if len(left) > 1 and self.rng.random() < chance:
            gone = self.rng.choice(left)
            self.run = replace(self.run, withdrawn=(*self.run.withdrawn, gone))
            body = {"candidate": gone, "reason": "Left", "by": self.signers}
            self.draft.log.append(("WITHDRAWN", body))

    def better_twin(self) -> CandidateId | None:
        """The twin whom the jury has put ahead, where points decide: if the hall prefers the other one, they
        tie, though each round by itself parts them."""
        decision = self.award.decision
        jury = next((jury for jury in self.award.jury if jury.id == decision.jury_round), None)
        if not self.twins or jury is None or decision.blend is not Blend.POINTS:
            return None
        who = standing_in(self.award, self.run, jury.id)
        found = count_jury(jury, self.papers["sheets"][jury.id], who, withdrawn=self.run.withdrawn)
        return next((c for rank in found.ranking for c in rank if c in self.twins and len(rank) == 1), None)

    def are_treated_alike(self, name: RoundId) -> bool:
        """Seldom where it does not decide, so that such a round can part what the others leave tied."""
        decision = self.award.decision
        match decision.blend:
            case Blend.AUDIENCE:
                chance = 0.2 if any(name == jury.id for jury in self.award.jury) else 0.5
            case Blend.JURY:
                chance = 0.5 if name == decision.jury_round else 0.2
            case _:
                chance = 0.35
        return bool(self.twins) and self.rng.random() < chance

    def _sealed(self, name: RoundId, admitted: tuple[CandidateId, ...]) -> None:
        root = self.draft.log[-1][1]["root"]
        sealed = RoundRun(state=RoundState.SEALED, box_hash=root, admitted=admitted)
        self.run = replace(self.run, rounds={**self.run.rounds, name: sealed})

    def hold_jury(self, jury: JuryRound) -> None:
        who = standing_in(self.award, self.run, jury.id)
        jurors = [j.id for j in jury.jurors if self.rng.random() < 0.9]
        sheets = [random_sheet(self.rng, jury, juror, who, self.twins) for juror in jurors]
        if len(jurors) > 1 and set(self.twins) <= set(who) and self.are_treated_alike(jury.id):
            pairs = zip(sheets[::2], jurors[1::2], strict=False)
            sheets = [one for sheet, juror in pairs for one in (sheet, swapped(sheet, juror, self.twins))]
        self.papers["sheets"][jury.id] = sheets
        admitted = admits(self.award, self.run, jury.id, sheets)
        lines = [sheet_line(jury, sheet) for sheet in sheets]
        self.draft.hold_jury(jury.id, lines, list(admitted), self.rng)
        self._sealed(jury.id, admitted)

    def hold_vote(self, name: RoundId, who: tuple[CandidateId, ...]) -> None:
        vote = self.award.vote
        assert vote is not None
        number = self.rng.choice((2, 4, 6) if self.twins else (0, 1, 2, 2, 4, 6, 9)) if who else 0
        cast = [
            (self.rng.choice(vote.classes).id, random_choices(self.rng, vote, who, self.twins))
            for _ in range(number)
        ]
        better = self.better_twin()
        if set(self.twins) <= set(who) and name == vote.id and self.are_treated_alike(name):
            cast[1::2] = [(k, swapped_ranks(ranks, self.twins)) for k, ranks in cast[::2]][: number // 2]
            del cast[number // 2 * 2 :]
        elif better is not None and set(self.twins) <= set(who) and name == vote.id:
            cast = [
                (k, swapped_ranks(ranks, self.twins) if is_ahead(better, ranks, self.twins) else ranks)
                for k, ranks in cast
            ]
        codes = vote.electorate is Electorate.CODES
        if codes:
            lines = [(k, f"{name}-{n}") for n, (k, _) in enumerate(cast)]
            lines.append((vote.classes[0].id, f"{name}-unused"))
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
            self.papers["turnout"][name] = Turnout(register=len(lines), spent=len(cast))

    def hold(self) -> AwardResult:
        """Everything up to the result; gives the server's."""
        for jury in self.award.jury:
            self.withdraw(0.15)
            self.hold_jury(jury)
        self.withdraw(0.2)
        if self.award.vote is not None:
            self.hold_vote(self.award.vote.id, standing_in(self.award, self.run, self.award.vote.id))
            self.withdraw(0.15)
            for ballot in self.draft.ballots:
                if not self.twins and self.rng.random() < 0.1:
                    self.run = replace(self.run, voided=(*self.run.voided, ballot["receipt"]))
                    body = {"receipt": ballot["receipt"], "reason": "Twice", "by": self.signers}
                    self.draft.log.append(("VOIDED", body))
        self.break_ties()
        return self.result()

    def result(self) -> AwardResult:
        """The server's result as things stand."""
        return count_award(self.award, self.run, AwardPapers(**self.papers))

    def tied(self) -> list[CandidateId]:
        """Who is first together with others, as far as the ladder could part them."""
        ties = self.result().ties
        return [c for c in (ties[0].parted[0] if ties else ()) if c != NOBODY]

    def break_ties(self) -> None:
        tied = self.tied()
        while self.award.vote is not None and len(tied) > 1 and self.rng.random() < 0.4:
            name = RoundId(f"{RUNOFF}{len(self.run.runoffs) + 1}")
            ordered = tuple(c.id for c in self.award.candidates if c.id in tied)
            self.run = replace(self.run, runoffs={**self.run.runoffs, name: ordered})
            self.draft.log.append(("RUNOFF", {"round": name, "candidates": list(ordered)}))
            self.hold_vote(name, ordered)
            tied = self.tied()
        choices: dict[str, str] = {}
        if tied and self.rng.random() < (0.8 if self.twins else 0.5):
            choices["chair"] = self.rng.choice(tied)
            who = next((j.name for jury in self.award.jury for j in jury.jurors if j.chair), "")
            self.draft.log.append(("CHAIR", {"candidate": choices["chair"], "name": who}))
        if self.rng.random() < 0.5:
            choices["lot"] = "7 11 23"
            self.draft.log.append(("DRAW", {"text": "7 11 23"}))
        self.run = replace(self.run, choices=choices, rules_hash=sha256_hex(canonical_json(self.rules)))
