"""An award from its freeze to the recount of its published record, as its people do it, over HTTP."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from server.rehearsal.asking import Asker, RehearsalError
from server.rehearsal.award_jury import judge, token_of
from server.rehearsal.award_record import check_record
from server.rehearsal.award_report import AwardReport
from server.rehearsal.award_vote import Vote, hall, make_codes
from server.rehearsal.phone import Phone

MOST_STEPS = 400
"""Steps of a reveal after which something must be wrong."""
TOLD_S = 10.0
"""How long phones wait for the result after the last step, in seconds."""


@dataclass(slots=True, kw_only=True)
class AwardRehearsal:
    """One award of a rehearsal copy. `staff` asks as the organiser; `say` is told what is going on."""

    staff: Asker
    event: str
    award: str
    voters: int
    seconds: float
    phones: list[Phone]
    say: Callable[[str], None]
    report: AwardReport = field(init=False)
    _votes: list[Vote] = field(default_factory=list)

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
        codes: list[tuple[str, str]] = []
        for round_ in stands["rounds"]:
            if round_["kind"] == "vote" and round_["electorate"] == "codes":
                self.say("codes are made")
                codes = await make_codes(self.staff, self.page, round_, self.voters)
                self.report.codes = len(codes)
        await self._show()
        for round_ in stands["rounds"]:
            await self._hold(round_["id"], codes)
        await self._decide()
        await self._reveal()
        self.say("the record is checked")
        await self._act("publish")
        await check_record(self.staff, f"{self.event}/{self.award}", self._votes, self.report)
        return self.report

    # -- rounds ---------------------------------------------------------------------------------

    async def _hold(self, round_id: str, codes: list[tuple[str, str]]) -> None:
        await self._act("open", round=round_id)
        round_ = self._round(await self._status(), round_id)
        path = f"{self.event}/{self.award}"
        if round_["kind"] == "jury":
            self.say("the jury judges")
            await judge(self.staff, f"/jury/{path}", round_, await self._links("juror"), self.report)
        else:
            self.say("the hall votes")
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
            self._votes.append(vote)
            await asyncio.gather(vote.hold(), asyncio.sleep(self.seconds))
        round_ = self._round(await self._status(), round_id)
        if round_["state"] == "open":  # a countdown may have closed it
            await self._act("close", round=round_id)
        await self._seal(round_id)

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

    # -- result ---------------------------------------------------------------------------------

    async def _decide(self) -> None:
        """What people have to decide when a tie is left to them: the chair, or the draw."""
        response = await self.staff.client.post(
            f"{self.page}/tie",
            headers={"authorization": f"Bearer {self.staff.token}", "accept": "application/json"},
        )
        if response.status_code == 409:  # no tie
            return
        tie: dict[str, Any] = response.json()
        if tie.get("chair"):
            await self._act("chair", candidate=tie["tied"][0], sure="yes")
        elif tie.get("lot"):
            await self._act("draw", text="Rehearsal: 4 8 15 16 23 42", sure="yes")
        else:
            return
        await self._decide()

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
