"""A whole rehearsal: the moderator goes through the run of show while the phones vote; then the awards."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx

from server.rehearsal.asking import Asker, RehearsalError
from server.rehearsal.award import AwardRehearsal
from server.rehearsal.award_report import AwardReport
from server.rehearsal.phone import Phone, PhoneError
from server.rehearsal.plan import Asked, choices, mixed

JOINING_AT_ONCE = 40
"""Phones that join at the same time; the others queue up behind them."""
PAPER_S = 15.0
"""How long a phone waits for the paper of a poll that was opened, in seconds."""
GRACE_S = 20.0
"""How much longer than asked a poll stays open while ballots are still on their way, in seconds."""
TWICE_EVERY = 5
"""Every so-manieth ballot is sent two times at once."""


@dataclass(slots=True, kw_only=True)
class Report:
    """What came of it. `voted` counts ballots cast, `acknowledged` those with a receipt, `lost` the
    acknowledged ones that are not in the box; latencies are from sending to receipt, in ms."""

    event: str
    joined: int = 0
    voted: int = 0
    acknowledged: int = 0
    lost: int = 0
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    rejected: dict[str, int] = field(default_factory=dict)
    polls: list[dict[str, Any]] = field(default_factory=list)
    awards: list[AwardReport] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        """Whether nothing was lost and every record fits."""
        return not self.lost and not any(award.faults for award in self.awards)


@dataclass(slots=True, kw_only=True)
class Rehearsal:
    """One run against a server. `token` is an organiser's; `progress` is told (done, of, words)."""

    base: str
    event: str
    token: str
    voters: int
    seconds: float
    follow: bool
    in_place: bool
    awards: bool = True
    troubles: bool = False
    progress: Callable[[int, int, str], None]

    async def run(self) -> Report:
        """Do it. Raises RehearsalError in plain words."""
        async with httpx.AsyncClient(base_url=self.base, timeout=60, trust_env=False) as moderator:
            event, token, helper = self.event, self.token, self.token
            if not self.in_place:
                copy = await self._ask(moderator, "POST", f"/organise/{event}/rehearsal", token)
                event, token = copy["event"], copy["tokens"]["organiser"]
                helper = copy["tokens"]["moderator"]
            status = await self._ask(moderator, "GET", f"/organise/{event}/status", token)
            if self.in_place and status["ballots"]:
                raise RehearsalError(
                    f"{event} holds {status['ballots']} ballots already. A rehearsal in place is for an "
                    "event without any; leave out --in-place to rehearse on a copy."
                )
            report = Report(event=event)
            phones = await self._join(status)
            report.joined = len(phones)
            try:
                for place, poll in enumerate(status["polls"]):
                    self.progress(place, len(status["polls"]), f"Poll {place + 1}: {poll['id']}")
                    report.polls.append(await self._hold(moderator, event, token, poll, phones))
                await self._settle(phones, report)
                for award in status["awards"] if self.awards and not self.in_place else []:
                    report.awards.append(await self._award(moderator, event, (token, helper), award, phones))
            finally:
                await asyncio.gather(*(phone.leave() for phone in phones))
            self.progress(len(status["polls"]), len(status["polls"]), "Done")
            return report

    # -- phones ---------------------------------------------------------------------------------

    async def _join(self, status: dict[str, Any]) -> list[Phone]:
        segments = status["segments"] or [""]
        gate = asyncio.Semaphore(JOINING_AT_ONCE)
        joined: list[Phone] = []
        failed: list[str] = []

        async def one(number: int, transport: httpx.AsyncHTTPTransport) -> None:
            phone = Phone(
                base=self.base,
                code=status["join_code"],
                event=status["event"],
                segment=segments[number % len(segments)],
            )
            async with gate:
                try:
                    await phone.join(transport)
                except PhoneError as error:
                    failed.append(str(error))
                    return
            joined.append(phone)
            if len(joined) % 50 == 0 or len(joined) == self.voters:
                self.progress(0, len(status["polls"]), f"{len(joined)} of {self.voters} phones have joined")

        limits = httpx.Limits(max_connections=JOINING_AT_ONCE, max_keepalive_connections=0)
        async with httpx.AsyncHTTPTransport(limits=limits, trust_env=False) as transport:
            await asyncio.gather(*(one(number, transport) for number in range(self.voters)))
        if not joined:
            raise RehearsalError(f"no phone could join: {failed[0] if failed else 'no voters'}")
        return joined

    # -- one poll -------------------------------------------------------------------------------

    async def _hold(
        self, moderator: httpx.AsyncClient, event: str, token: str, poll: dict[str, Any], phones: list[Phone]
    ) -> dict[str, Any]:
        voters = [phone for phone in phones if not poll["segments"] or phone.segment in poll["segments"]]
        rooms = {phone: phone.room for phone in voters}
        if poll["room"]:
            await asyncio.gather(*(self._move(phone, poll["room"]) for phone in voters))
        published = poll.get("published") or {}
        asked = Asked(
            poll=poll["id"],
            options=tuple(poll["options"]),
            max_selections=poll["max"],
            is_ranking=poll["kind"] == "preference",
            percent=tuple((published.get("percent") or {}).items()),
            order=tuple(published.get("order") or ()),
            not_selected=tuple(published.get("not_selected") or ()),
        )
        hands = choices(asked, len(voters), follow=self.follow)
        await self._act(moderator, event, token, "open", poll["id"])
        opened = asyncio.get_running_loop().time()
        late = opened + self.seconds + GRACE_S
        answering = [
            asyncio.create_task(self._answer(phone, poll["id"], list(hand), when, len(voters)))
            for when, phone, hand in zip(mixed(len(voters)), voters, hands, strict=True)
            if hand
        ]
        await asyncio.sleep(self.seconds)
        if answering:
            await asyncio.wait(answering, timeout=max(0.0, late - asyncio.get_running_loop().time()))
        await self._act(moderator, event, token, "close", poll["id"])
        if answering:
            await asyncio.wait(answering)
        await self._act(moderator, event, token, "reveal", poll["id"])
        if poll["room"]:
            await asyncio.gather(*(self._move(phone, rooms[phone]) for phone in voters))
        return {"poll": poll["id"], "voters": len(voters), "answering": len(answering)}

    async def _move(self, phone: Phone, room: str) -> None:
        """Change a phone's room the way a person does: the form, then a new connection."""
        phone.room = room
        async with httpx.AsyncHTTPTransport(trust_env=False) as transport:
            await phone.join(transport)

    async def _answer(self, phone: Phone, poll: str, hand: list[str], place: int, of: int) -> None:
        round = await phone.wait_for_paper(poll, PAPER_S)
        if round is None:
            return
        # Answers come in over the first two thirds of the time, as in a hall.
        await asyncio.sleep(self.seconds * 2 / 3 * place / max(1, of))
        await phone.cast(poll, round, hand, twice=place % TWICE_EVERY == 0)

    async def _settle(self, phones: list[Phone], report: Report) -> None:
        """Ask the server, phone by phone, which of its ballots are in the box."""
        self.progress(len(report.polls), len(report.polls), "Comparing receipts with the ballot box")
        gate = asyncio.Semaphore(JOINING_AT_ONCE)

        async def ask(phone: Phone) -> None:
            async with gate:
                for attempt in range(3):
                    with suppress(PhoneError):
                        await (phone.hello() if attempt == 0 else phone.connect())
                        return

        await asyncio.gather(*(ask(phone) for phone in phones))
        latencies = sorted(ms for phone in phones for ms in phone.latencies_ms)
        for phone in phones:
            report.voted += len(phone.sent)
            report.acknowledged += sum(sent.acknowledged for sent in phone.sent)
            report.lost += len(phone.lost())
            for sent in phone.sent:
                if sent.rejected:
                    report.rejected[sent.rejected] = report.rejected.get(sent.rejected, 0) + 1
        if latencies:
            report.p50_ms, report.p95_ms, report.p99_ms = (
                round(latencies[min(len(latencies) - 1, len(latencies) * q // 100)], 1) for q in (50, 95, 99)
            )

    async def _award(
        self,
        moderator: httpx.AsyncClient,
        event: str,
        tokens: tuple[str, str],
        award: str,
        phones: list[Phone],
    ) -> AwardReport:
        """Everything that happens to an award, from the freeze to the recount of its record. `tokens` are the
        organiser's and a moderator's."""
        staff, helper = (Asker(client=moderator, base=self.base, token=token) for token in tokens)
        return await AwardRehearsal(
            staff=staff,
            helper=helper,
            has_troubles=self.troubles,
            event=event,
            award=award,
            voters=self.voters,
            seconds=self.seconds,
            phones=phones,
            say=lambda words: self.progress(0, 1, f"Award {award}: {words}"),
        ).run()

    # -- the moderator --------------------------------------------------------------------------

    async def _act(
        self, moderator: httpx.AsyncClient, event: str, token: str, action: str, poll: str
    ) -> dict[str, Any]:
        return await self._ask(moderator, "POST", f"/console/{event}/{action}", token, {"poll": poll})

    async def _ask(
        self,
        client: httpx.AsyncClient,
        method: str,
        path: str,
        token: str,
        form: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        return await Asker(client=client, base=self.base, token=token).ask(method, path, form)
