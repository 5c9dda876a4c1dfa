"""An award from its freeze to the recount of its published record, as its people do it, over HTTP."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from polls.award.model import NOBODY
from server.rehearsal.asking import Asker, Refused, RehearsalError
from server.rehearsal.award_jury import judge, token_of
from server.rehearsal.award_record import check_record, check_whole
from server.rehearsal.award_report import AwardReport
from server.rehearsal.award_troubles import Troubles
from server.rehearsal.award_twins import Twins, decide_for, even_hall, twins_of
from server.rehearsal.award_vote import Vote, hall, make_codes
from server.rehearsal.phone import Phone

MOST_STEPS = 400
"""Steps of a reveal after which something must be wrong."""
TOLD_S = 10.0
"""How long phones wait for the result after the last step, in seconds."""


@dataclass(slots=True, kw_only=True)
class AwardRehearsal:
    """One award of a rehearsal copy. `staff` asks as the organiser, `helper` as a moderator; `say` is told
    what is going on. With troubles, what goes wrong at awards is rehearsed too."""

    staff: Asker
    helper: Asker
    event: str
    award: str
    voters: int
    seconds: float
    phones: list[Phone]
    say: Callable[[str], None]
    has_troubles: bool = False
    report: AwardReport = field(init=False)
    _votes: list[Vote] = field(default_factory=list)
    _troubles: Troubles | None = None

    def __post_init__(self) -> None:
        self.report = AwardReport(award=self.award)

    @property
    def page(self) -> str:
        return f"/organise/{self.event}/award/{self.award}"

    async def run(self) -> AwardReport:
        """Do it. Raises RehearsalError when it cannot go on."""
        stands = await self._status()
        self.say("rules are frozen")
        await self._act("freeze", typed="FREEZE", mark=stands["mark"])
        if self.has_troubles:
            self._troubles = Troubles(
                staff=self.staff,
                helper=self.helper,
                event=self.event,
                award=self.award,
                people=await self._links("scrutineer"),
                twins=twins_of(stands["rounds"]),
                report=self.report,
            )
        codes: list[tuple[str, str]] = []
        for round_ in stands["rounds"]:
            if round_["kind"] == "vote" and round_["electorate"] == "codes":
                self.say("codes are made")
                codes = await make_codes(self.staff, self.page, round_, self.voters)
                self.report.codes = len(codes)
        await self._show()
        for round_ in stands["rounds"]:
            if round_["id"] == stands["pitches"]:
                await self._pitch(round_["id"])
            await self._hold(round_["id"], codes)
        if self._troubles is not None and self._votes:
            await self._troubles.void(self._votes[0].pairs)
            await self._run_off(self._troubles, codes)
        await self._decide()
        await self._reveal()
        self.say("the record is checked")
        if self.has_troubles:
            await self._check_whole(f"{self.page}/record.zip")
        await self._act("publish")
        await check_record(self.staff, f"{self.event}/{self.award}", self._votes, self.report)
        if self.has_troubles:
            await self._act("correct", text="Rehearsal: the title of one entry was misspelt on stage")
            await self._check_whole(f"/award/{self.event}/{self.award}/record.zip")
        return self.report

    async def _check_whole(self, path: str) -> None:
        await check_whole((await self.staff.send("GET", path)).content, self.report)

    async def _pitch(self, round_id: str) -> None:
        """Whoever stands in the round pitches, in the order of the paper; the end is taken back once."""
        self.say("the finalists pitch")
        stands, seen = await self._status(), await self._show()
        finalists = [one for one in self._round(stands, round_id)["candidates"] if one != NOBODY]
        steps = [("award_pitch", one) for one in finalists]
        steps += [("award_pitch_end", ""), ("award_pitch_back", finalists[-1]), ("award_pitch_end", "")]
        for act, pitching in steps:
            form = {"award": self.award, "room": stands["room"], "state": seen["state"]}
            seen = await self.staff.ask("POST", f"/console/{self.event}/{act}", form)
            fits = seen["state"].startswith("pitch.") and seen["state"].endswith(f".{pitching}")
            self.report.must(fits if pitching else seen["state"].startswith("waiting."), f"{act}: {seen}")
        self.report.pitches = len(finalists)

    # -- rounds ---------------------------------------------------------------------------------

    async def _hold(self, round_id: str, codes: list[tuple[str, str]]) -> None:
        await self._act("open", round=round_id)
        round_ = self._round(await self._status(), round_id)
        path = f"{self.event}/{self.award}"
        if round_["kind"] == "jury":
            self.say("the jury judges")
            links, twins = await self._links("juror"), self._twins
            await judge(self.staff, f"/jury/{path}", round_, links, self.report, twins)
        else:
            self.say("the hall votes")
            await self._hold_vote(path, round_, codes)
        round_ = self._round(await self._status(), round_id)
        if round_["state"] == "open":  # a countdown may have closed it
            await self._act("close", round=round_id)
        await self._seal(round_id)
        if self._troubles is not None:
            await self._troubles.recount(round_id)

    async def _hold_vote(self, path: str, round_: dict[str, Any], codes: list[tuple[str, str]]) -> None:
        some_class = round_["classes"][0]
        secrets = codes or [("", some_class)] * self.voters
        vote = Vote(
            base=self.staff.base,
            path=path,
            award=self.award,
            round=round_,
            voters=hall(round_, secrets),
            seconds=self.seconds,
            report=self.report,
        )
        is_runoff = bool(self._votes)
        if is_runoff and not codes:  # the same phones vote again
            for again, voter in zip(vote.voters, self._votes[0].voters, strict=False):
                again.cookies = voter.cookies
        if self._twins and is_runoff:
            decide_for(vote.voters, round_, self._twins)
        elif self._twins:
            vote.pairs = even_hall(round_, vote.voters, self._twins)
        self._votes.append(vote)
        if self._troubles is not None and self._twins:
            await self._troubles.count_by_hand(round_, lead=int(is_runoff))
            if not is_runoff:
                await self._troubles.withdraw(round_)
        await asyncio.gather(vote.hold(), asyncio.sleep(self.seconds))

    @property
    def _twins(self) -> Twins:
        return self._troubles.twins if self._troubles is not None else ()

    async def _seal(self, round_id: str) -> None:
        """Scrutineers approve the box until it is sealed; the organiser does where there are none."""
        self.say("scrutineers approve the box")
        people = await self._links("scrutineer")
        root = self._round(await self._status(), round_id)["root"]
        form = {"round": round_id, "root": root, "compared": "yes"}
        for url in people.values():
            path = f"/scrutiny/{self.event}/{self.award}/approve"
            await self.staff.named(token_of(url)).ask("POST", path, form)
            if self._round(await self._status(), round_id)["state"] == "sealed":
                return
        if not people:
            await self._act("approve", **form)
        state = self._round(await self._status(), round_id)["state"]
        self.report.must(state == "sealed", f"round {round_id} is {state} after all approvals")

    async def _run_off(self, troubles: Troubles, codes: list[tuple[str, str]]) -> None:
        """A tie for first place is put to those who voted once more."""
        tie = await self._tie()
        if tie is None:
            return
        self.report.tied = len(tie["tied"])
        self.say("a run-off parts those who are tied")
        stands = await self._status()
        waits = bool(tie["chair"] or tie["lot"])
        await self._hold(await troubles.tie(stands["room"], tie["tied"], waits=waits), codes)

    # -- result ---------------------------------------------------------------------------------

    async def _decide(self) -> None:
        """What people have to decide when a tie is left to them: the chair, or the draw."""
        tie = await self._tie()
        if tie is None:
            return
        if tie.get("chair"):
            await self._act("chair", candidate=tie["tied"][0], sure="yes")
        elif tie.get("lot"):
            await self._act("draw", text="Rehearsal: 4 8 15 16 23 42", sure="yes")
        else:
            return
        await self._decide()

    async def _tie(self) -> dict[str, Any] | None:
        """What the tie desk says; nothing without a tie that is left to people."""
        try:
            return await self.staff.ask("POST", f"{self.page}/tie")
        except Refused:
            return None

    async def _show(self) -> dict[str, Any]:
        """Put the award on the stage of its room; gives what the console sees of it."""
        room = (await self._status())["room"]
        form = {"award": self.award, "room": room}
        return await self.staff.ask("POST", f"/console/{self.event}/show", form)

    async def _reveal(self) -> None:
        """Step by step, each press naming the state that its presser saw."""
        self.say("the result is revealed")
        stands, seen = await self._status(), await self._show()
        while not stands["revealed"]:
            form = {"award": self.award, "room": stands["room"], "state": seen["state"]}
            seen = await self.staff.ask("POST", f"/console/{self.event}/award_step", form)
            self.report.steps += 1
            stands = await self._status()
            told = sum(self.award in phone.awards for phone in self.phones)
            self.report.must(stands["revealed"] or not told, "a phone knew the result before the last step")
            if self.report.steps > MOST_STEPS:
                raise RehearsalError(f"the reveal of {self.award} does not end")
        here = [phone for phone in self.phones if phone.room == stands["room"]]
        reached = await asyncio.gather(*(phone.wait_for_award(self.award, TOLD_S) for phone in here))
        self.report.phones, self.report.told = len(here), sum(reached)
        self.report.must(all(reached), f"{len(here) - sum(reached)} phones did not get the result")

    # -- asking ---------------------------------------------------------------------------------

    async def _status(self) -> dict[str, Any]:
        return await self.staff.ask("GET", f"{self.page}/status")

    async def _links(self, kind: str) -> dict[str, str]:
        """The private links of the jurors or scrutineers, by id."""
        links = (await self._status())["links"]
        return {one["role"].split(":", 2)[2]: one["url"] for one in links if one["kind"] == kind}

    async def _act(self, act: str, **form: str) -> None:
        await self.staff.ask("POST", f"{self.page}/{act}", form)

    @staticmethod
    def _round(stands: dict[str, Any], round_id: str) -> dict[str, Any]:
        found: dict[str, Any] = next(one for one in stands["rounds"] if one["id"] == round_id)
        return found
