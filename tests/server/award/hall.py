"""An award to try a store on: a jury of three that shortlists, a vote by codes, two scrutineers."""

import dataclasses
import hashlib
import secrets
from pathlib import Path

from polls.award.life import AwardRun
from polls.award.model import Award, CandidateId, JurorId, RoundId
from polls.model import Event, EventId, Text
from server.award.awards import Awards
from server.award.casting import Paper
from server.award.papers import sheet_text
from tests.polls.award_sample import ANA, BEN, FINAL, IDEA, JURY, candidate, sample_award
from tests.server.store.award_hall import AwardStore
from tests.server.store.hall import Hall, fresh_event
from voting.award.codes import token_from, token_hash
from voting.award.ports import At, RegisterLine, SheetAct
from voting.jury.sheet import Sheet
from voting.record.receipt import make_receipt

CODE_KEY = bytes(32)


def prize(**changes: object) -> Award:
    """Four candidates; the jury shortlists two, the hall decides."""
    four = (candidate(name, name.upper()) for name in ("a", "b", "c", "d"))
    award = sample_award(
        four,
        shortlist=2,
        title=Text.plain("Prize"),
        scrutineers=((ANA, "Ana"), (BEN, "Ben")),
        checkpoint_s=0,
        checkpoint_min=1,
    )
    return dataclasses.replace(award, **changes)  # type: ignore[arg-type]


class Prize:
    """One award in one store, and people who act on it."""

    def __init__(self, store: AwardStore, event: EventId, award: Award, data: Path) -> None:
        self.store, self.event, self.award = store, event, award
        self.awards = Awards(store, data, CODE_KEY)
        self.tokens = [token_from(hashlib.sha256(f"{event}{n}".encode()).digest()[:16]) for n in range(8)]

    @classmethod
    async def set_up(cls, store: AwardStore, data: Path, award: Award) -> "Prize":
        event: Event = dataclasses.replace(fresh_event(), awards=(award,))
        hall = await Hall(store, event).set_up()
        return cls(store, hall.id, award, data)

    async def run(self) -> AwardRun:
        snapshot = await self.store.snapshot(self.event)
        assert snapshot is not None
        return snapshot.state.award(self.award.id)

    def at(self, round_id: RoundId) -> At:
        return At(self.event, self.award.id, round_id)

    async def load_codes(self, round_id: RoundId = FINAL) -> None:
        lines = [RegisterLine(token_hash(self.award.id, token), "voters", "") for token in self.tokens]
        await self.awards.box.load_register(self.at(round_id), lines)

    async def judge(self, juror: str, **marks: int) -> str:
        """Hand in and lock a sheet with one mark for each candidate."""
        sheet = Sheet(
            juror=JurorId(juror),
            marks={CandidateId(c): {IDEA: mark} for c, mark in marks.items()},
        )
        text = sheet_text(self.award.jury[0], sheet, secrets.token_hex(16))
        box = self.awards.box
        assert await box.act_on_sheet(self.at(JURY), juror, SheetAct.SAVE, 1, text, len(marks)) == "ok"
        return await box.act_on_sheet(self.at(JURY), juror, SheetAct.LOCK, 2, text, len(marks))

    def paper(self, choice: str, round_id: RoundId = FINAL) -> Paper:
        made = make_receipt(self.award.id, round_id, secrets.token_hex(16))
        return Paper(choices=[[choice]], receipt=made.receipt, salt=made.salt)

    async def vote(self, voter: int, choice: str, round_id: RoundId = FINAL) -> str:
        run = await self.run()
        paper = self.paper(choice, round_id)
        return await self.awards.casting.by_code(self.event, self.award, run, self.tokens[voter], paper)

    async def approve(self, round_id: RoundId) -> None:
        root = (await self.run()).round(round_id).box_hash
        for who in (ANA, BEN):
            await self.awards.acts.approve(self.event, self.award.id, round_id, who, root)

    async def hold_jury(self) -> None:
        """Freeze, judge, close and seal: a and b go on."""
        acts, here = self.awards.acts, (self.event, self.award.id)
        await acts.freeze(*here, "organiser")
        await acts.open(*here, JURY, "moderator")
        for juror, marks in (
            ("j1", {"a": 9, "b": 8, "c": 2, "d": 1}),
            ("j2", {"a": 8, "b": 9, "c": 3, "d": 1}),
            ("j3", {"a": 9, "b": 9, "c": 1, "d": 4}),
        ):
            assert await self.judge(juror, **marks) == "ok"
        await acts.close(*here, JURY, "moderator")
        await self.approve(JURY)

    async def hold_vote(self, *choices: str, round_id: RoundId = FINAL) -> None:
        """Open, vote, close and seal."""
        acts, here = self.awards.acts, (self.event, self.award.id)
        await acts.open(*here, round_id, "moderator")
        for voter, choice in enumerate(choices):
            assert await self.vote(voter, choice, round_id) == "ok"
        await acts.close(*here, round_id, "moderator")
        await self.approve(round_id)
