"""What goes wrong at an award and what people do then, rehearsed: ballots by hands and paper, a candidate who
withdraws, ballots that are voided, a tie for first place and its run-off, a correction of the record."""

from dataclasses import dataclass, field
from typing import Any

from server.rehearsal.asking import Asker, Refused
from server.rehearsal.award_jury import token_of
from server.rehearsal.award_report import AwardReport
from server.rehearsal.award_twins import NOBODY, Twins, counts_by_hand
from server.rehearsal.award_vote import Voter

FIRST, SECOND = "Rehearsal: the desk", "Rehearsal: the floor"
"""Who names the figures of a count, where no scrutineer is the second."""


@dataclass(slots=True, kw_only=True)
class Troubles:
    """The troubles of one award. `staff` asks as the organiser, `helper` as a moderator; `people` are the
    private links of the scrutineers, by id."""

    staff: Asker
    helper: Asker
    event: str
    award: str
    people: dict[str, str]
    twins: Twins
    report: AwardReport
    withdrawn: list[str] = field(default_factory=list)

    @property
    def page(self) -> str:
        return f"/organise/{self.event}/award/{self.award}"

    @property
    def scrutiny(self) -> str:
        return f"/scrutiny/{self.event}/{self.award}"

    def scrutineers(self) -> list[Asker]:
        return [self.staff.named(token_of(url)) for url in self.people.values()]

    # -- while the vote is open -------------------------------------------------------------------

    async def count_by_hand(self, round_: dict[str, Any], *, lead: int = 0) -> None:
        """Hands and paper: one person enters the figures, another names them too; wrong ones are refused."""
        left = [one for one in round_["candidates"] if one not in self.withdrawn]
        for channel in ("hands", "paper"):
            fields, ballots = counts_by_hand(round_, channel, left, self.twins, lead)
            wrong, _ = counts_by_hand(round_, channel, left, self.twins, lead + 1)
            place = {"round": round_["id"], "channel": channel, "class": round_["classes"][-1]}
            await self.staff.ask("POST", f"{self.page}/count", {**place, **fields, "who": FIRST})
            try:
                await self._confirm({**place, **wrong})
                self.report.faults.append(f"two different counts of {channel} were taken for one")
            except Refused:
                self.report.refused += 1
            await self._confirm({**place, **fields})
            self.report.by_hand += ballots

    async def _confirm(self, form: dict[str, str]) -> None:
        for scrutineer in self.scrutineers()[:1]:
            await scrutineer.ask("POST", f"{self.scrutiny}/confirm", form)
            return
        await self.helper.ask("POST", f"{self.page}/confirm", {**form, "who": SECOND})

    async def withdraw(self, round_: dict[str, Any]) -> None:
        """The last candidate on the paper withdraws while the vote is open, if three or more stand."""
        standing = [one for one in round_["candidates"] if one != NOBODY and one not in self.twins]
        if standing:
            await self._countersign("withdraw", standing[-1], "Rehearsal: has left the company")
            self.withdrawn.append(standing[-1])
            self.report.withdrawn += 1

    # -- after the close --------------------------------------------------------------------------

    async def void(self, pairs: list[tuple[Voter, Voter]]) -> None:
        """Two ballots that are alike but for the twins are voided, with a reason."""
        counted = (pair for pair in pairs if all(voter.is_counted for voter in pair))
        for voter in next(counted, ()):
            await self._countersign("void", voter.ballot["receipt"], "Rehearsal: was cast by somebody else")
            self.report.voided += 1

    async def recount(self, round_id: str) -> None:
        """What every scrutineer's page says of a sealed box."""
        for scrutineer in self.scrutineers():
            found = await scrutineer.ask("POST", f"{self.scrutiny}/recount", {"round": round_id})
            self.report.must(found["sound"], f"the scrutineers' recount of round {round_id} does not agree")

    async def tie(self, room: str, tied: list[str], *, waits: bool) -> str:
        """Call a run-off between those who are tied; gives its id. A tie that `waits` for the chair or the
        draw is shown on the stage before; one that would be shared is the result itself and stays hidden."""
        shown = {"award": self.award, "room": room}
        if waits:
            seen = await self.staff.ask("POST", f"/console/{self.event}/show", shown)
            form = {**shown, "state": seen["state"]}
            await self.staff.ask("POST", f"/console/{self.event}/award_tie", form)
        await self.staff.ask("POST", f"{self.page}/runoff", {})
        rounds = (await self.staff.ask("GET", f"{self.page}/status"))["rounds"]
        self.report.must(
            sorted(rounds[-1]["candidates"]) == sorted(tied), "the run-off is not between those who are tied"
        )
        self.report.runoffs += 1
        return str(rounds[-1]["id"])

    # -- signatures -------------------------------------------------------------------------------

    async def _countersign(self, kind: str, subject: str, reason: str) -> None:
        """Propose it and have it signed by one scrutineer after the other, until it takes effect."""
        form = {"kind": kind, "subject": subject, "reason": reason}
        await self.staff.ask("POST", f"{self.page}/propose", form)
        settled = "withdrawn" if kind == "withdraw" else "voided"
        for signed, scrutineer in enumerate(self.scrutineers()):
            stands = await self.staff.ask("GET", f"{self.page}/status")
            if subject in stands[settled]:
                break
            self.report.must(signed < stands["approvals"], f"{signed} signatures were not enough")
            number = next(one["id"] for one in stands["proposals"] if one["subject"] == subject)
            await scrutineer.ask("POST", f"{self.scrutiny}/sign", {"proposal": str(number)})
        stands = await self.staff.ask("GET", f"{self.page}/status")
        self.report.must(subject in stands[settled], f"what was signed did not take effect: {kind} {subject}")
