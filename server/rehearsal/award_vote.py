"""The simulated hall at an award's vote: codes as the organiser gets them, receipts, mistakes."""

import asyncio
import csv
import io
import secrets
import zipfile
from dataclasses import dataclass, field
from typing import Any

import httpx

from server.rehearsal.asking import Asker, RehearsalError
from server.rehearsal.award_report import AwardReport
from server.rehearsal.plan import Asked, choices
from voting.award.codes import code_from
from voting.record.receipt import RANDOM_BYTES, make_receipt

AT_ONCE = 40
"""Voters whose request is under way at the same time."""
TRIES = 6
"""How often a ballot is sent again while its reply says to."""
TWICE_EVERY = 5
TYPED_EVERY = 3
ABSTAIN_EVERY = 25
WRONG_CODES = 5
"""Guessed codes; far fewer than the server takes for an attack."""


@dataclass(slots=True, kw_only=True)
class Voter:
    """One voter: the secret of the voting code (none where devices vote), the class, the ballot."""

    secret: str = field(default="", repr=False)
    voter_class: str
    selections: tuple[str, ...]
    cookies: dict[str, str] = field(default_factory=dict, repr=False)
    ballot: dict[str, Any] = field(default_factory=dict, repr=False)
    is_counted: bool = False


def hall(round_: dict[str, Any], secrets_: list[tuple[str, str]]) -> list[Voter]:
    """Who votes what: `secrets_` are code and class, one pair a voter."""
    asked = Asked(
        poll=round_["id"],
        options=tuple(round_["candidates"]),
        max_selections=round_["most"],
        is_ranking=round_["form"] == "ranking",
    )
    hands = choices(asked, len(secrets_), follow=False)
    voters = []
    for number, ((secret, voter_class), hand) in enumerate(zip(secrets_, hands, strict=True)):
        more = [one for one in round_["candidates"] if one not in hand]
        hand = (*hand, *more[: max(0, round_["least"] - len(hand))])
        if round_["abstain"] and number % ABSTAIN_EVERY == ABSTAIN_EVERY - 1:
            hand = ()
        voters.append(Voter(secret=secret, voter_class=voter_class, selections=hand))
    return voters


def ranks(form: str, selections: tuple[str, ...]) -> list[list[str]]:
    """The choices of a ballot in ranks, as the record holds them."""
    if form == "ranking":
        return [[one] for one in selections]
    return [sorted(selections)] if selections else []


async def make_codes(staff: Asker, page: str, round_: dict[str, Any], voters: int) -> list[tuple[str, str]]:
    """The codes of a vote, as the organiser downloads them: every third to be typed, the others scanned."""
    classes = round_["classes"]
    form = {f"count-{one}": str(len(range(place, voters, len(classes)))) for place, one in enumerate(classes)}
    content = (await staff.send("POST", f"{page}/codes", form)).content
    with zipfile.ZipFile(io.BytesIO(content)) as files:
        if not files.read("codes.pdf").startswith(b"%PDF"):
            raise RehearsalError("the sheets of voting codes are no PDF")
        rows = list(csv.DictReader(io.StringIO(files.read("codes.csv").decode("utf-8-sig"))))
    return [
        (row["link"].partition("#")[2] if number % TYPED_EVERY else row["code"], row["class"])
        for number, row in enumerate(rows)
    ]


@dataclass(slots=True, kw_only=True)
class Vote:
    """An open vote and everybody who takes part in it. `path` is EVENT/AWARD."""

    base: str
    path: str
    award: str
    round: dict[str, Any]
    voters: list[Voter]
    seconds: float
    report: AwardReport
    pairs: list[tuple[Voter, Voter]] = field(default_factory=list)
    """Voters whose ballots are alike but for two candidates who are to tie."""

    async def hold(self) -> None:
        """Everybody votes over two thirds of the time; some ballots twice, some codes again, some wrong."""
        limits = httpx.Limits(max_connections=AT_ONCE)
        gate = asyncio.Semaphore(AT_ONCE)
        async with httpx.AsyncHTTPTransport(limits=limits, trust_env=False) as transport:

            async def one(number: int, voter: Voter) -> None:
                await asyncio.sleep(self.seconds * 2 / 3 * number / max(1, len(self.voters)))
                async with gate:
                    await self._vote(transport, voter, twice=number % TWICE_EVERY == 0)

            await asyncio.gather(*(one(number, voter) for number, voter in enumerate(self.voters)))
            counted = [voter for voter in self.voters if voter.is_counted]
            for voter in counted[:WRONG_CODES]:
                await self._again(transport, voter)
            if self.round["electorate"] == "codes":
                for _ in range(WRONG_CODES):
                    await self._guess(transport)
        self.report.accepted += len(counted)
        missing = len(self.voters) - len(counted)
        self.report.must(not missing, f"{missing} voters got no answer that their ballot is counted")

    async def _vote(self, transport: httpx.AsyncHTTPTransport, voter: Voter, *, twice: bool) -> None:
        if not voter.secret:
            page = await self._send(transport, "GET", f"/vote/{self.path}", voter)
            for line in page.headers.get_list("set-cookie"):
                name, _, value = line.partition(";")[0].partition("=")
                voter.cookies[name] = value
        voter.ballot = self._ballot(voter)
        self.report.sent_twice += twice
        for _ in range(TRIES):
            replies = await asyncio.gather(*(self._cast(transport, voter) for _ in range(1 + twice)))
            if all(reply["counted"] for reply in replies):
                voter.is_counted = True
                return
            lasting = [reply for reply in replies if not reply["counted"] and not reply["temporary"]]
            if lasting:
                self.report.faults.append(f"a ballot was refused: {lasting[0]['message']}")
                return
            await asyncio.sleep(max(reply["retry_ms"] for reply in replies) / 1000)

    async def _again(self, transport: httpx.AsyncHTTPTransport, voter: Voter) -> None:
        """A second ballot of somebody who has voted: it must not count."""
        kept, voter.ballot = voter.ballot, self._ballot(voter)
        reply = await self._cast(transport, voter)
        voter.ballot = kept
        self.report.must(not reply["counted"], "one voter cast two ballots")
        self.report.refused += not reply["counted"]

    async def _guess(self, transport: httpx.AsyncHTTPTransport) -> None:
        stranger = Voter(
            secret=code_from(secrets.randbits(128)), voter_class="", selections=self.voters[0].selections
        )
        stranger.ballot = self._ballot(stranger)
        reply = await self._cast(transport, stranger)
        self.report.must(not reply["counted"], "a guessed code could vote")
        self.report.refused += not reply["counted"]

    def _ballot(self, voter: Voter) -> dict[str, Any]:
        made = make_receipt(self.award, self.round["id"], secrets.token_hex(RANDOM_BYTES))
        return {
            "round": self.round["id"],
            "choices": ranks(self.round["form"], voter.selections),
            "receipt": made.receipt,
            "salt": made.salt,
            "code": voter.secret,
        }

    async def _cast(self, transport: httpx.AsyncHTTPTransport, voter: Voter) -> dict[str, Any]:
        answer = await self._send(transport, "POST", f"/vote/{self.path}/cast", voter, voter.ballot)
        try:
            reply: dict[str, Any] = answer.json()
        except ValueError:
            raise RehearsalError(f"a ballot was answered with {answer.status_code}") from None
        return reply

    async def _send(
        self,
        transport: httpx.AsyncHTTPTransport,
        method: str,
        path: str,
        voter: Voter,
        body: dict[str, Any] | None = None,
    ) -> httpx.Response:
        headers = {"origin": self.base, "accept": "application/json" if body else "text/html"}
        if voter.cookies:
            headers["cookie"] = "; ".join(f"{name}={value}" for name, value in voter.cookies.items())
        request = httpx.Request(method, self.base + path, headers=headers, json=body)
        try:
            response = await transport.handle_async_request(request)
            await response.aread()
            await response.aclose()
        except httpx.HTTPError as error:
            raise RehearsalError(f"the server did not answer a voter: {error}") from None
        return response
