"""An award with a jury in a running server, and jurors with their private links."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import AsyncIterator

import httpx

from polls.award.model import Award, AwardId, Blend, Decision, JuryRound, JuryRule, RoundId
from polls.model import Event, EventId, Text
from server.award.papers import read_sheet
from server.loading import load_event
from server.routes.award_common import juror_role
from tests.conftest import Running
from tests.polls.award_sample import ANA, AWARD, JURY, candidate, criterion, juror
from voting.award.ports import At
from voting.jury.sheet import Sheet

NAMES = {
    "heat": "Warm Harbour",
    "seed": "Seed Library",
    "loom": "Second Loom",
    "tide": "Tide Watch",
}


def jury_round(**changes: object) -> JuryRound:
    """Ada in the chair, Bram and Chiara; two criteria, one with twice the weight."""
    jury = JuryRound(
        id=JURY,
        jurors=(
            juror("ada", "Ada Lindqvist", chair=True),
            juror("bram", "Bram Okafor"),
            juror("chiara", "Chiara Novak"),
        ),
        criteria=(
            criterion("impact", "Impact", weight=2),
            criterion("novelty", "Novelty", low=1, high=5),
        ),
    )
    return dataclasses.replace(jury, **changes)  # type: ignore[arg-type]


def jury_award(*jury: JuryRound, **changes: object) -> Award:
    """Four invented entries that the jury alone judges; Ana approves the closed box."""
    award = Award(
        id=AWARD,
        title=Text.plain("Project of the Year"),
        candidates=tuple(
            candidate(
                key,
                name,
                entrant=Text.plain(f"Makers of {name}"),
                detail=Text.plain(f"What {name} does for its neighbours, in one plain line."),
            )
            for key, name in NAMES.items()
        ),
        jury=jury,
        decision=Decision(blend=Blend.JURY, jury_round=jury[-1].id, ladder=("chair", "shared")),
        scrutineers=((ANA, "Ana"),),
        approvals=1,
    )
    return dataclasses.replace(award, **changes)  # type: ignore[arg-type]


def only(rule: JuryRule, **changes: object) -> Award:
    """An award by a rule that reads no marks."""
    return jury_award(jury_round(rule=rule, criteria=(), **changes))


@dataclasses.dataclass(frozen=True, slots=True)
class JuryHall:
    """One award in one event of the server."""

    running: Running
    event: Event
    award: Award

    @classmethod
    async def set_up(cls, running: Running, event: Event, award: Award) -> JuryHall:
        made = dataclasses.replace(event, awards=(award,))
        await load_event(running.store, made, actor="test")
        hall = cls(running, made, award)
        await running.context.awards.acts.freeze(made.id, award.id, "organiser")
        return hall

    @property
    def path(self) -> str:
        return f"/jury/{self.event.id}/{self.award.id}"

    @property
    def here(self) -> tuple[EventId, AwardId]:
        return self.event.id, self.award.id

    def at(self, round_id: RoundId = JURY) -> At:
        return At(self.event.id, self.award.id, round_id)

    async def open(self, round_id: RoundId = JURY) -> None:
        await self.running.context.awards.acts.open(*self.here, round_id, "moderator")

    async def close(self, round_id: RoundId = JURY) -> None:
        await self.running.context.awards.acts.close(*self.here, round_id, "moderator")

    async def seal(self, round_id: RoundId = JURY) -> None:
        snapshot = await self.running.store.snapshot(self.event.id)
        assert snapshot is not None
        root = snapshot.state.award(self.award.id).round(round_id).box_hash
        await self.running.context.awards.acts.approve(*self.here, round_id, ANA, root)

    def token(self, juror: str) -> str:
        return self.running.context.keyring.token(self.event.id, juror_role(self.award.id, juror), 1)

    @contextlib.asynccontextmanager
    async def juror(self, juror: str, **headers: str) -> AsyncIterator[httpx.AsyncClient]:
        """A program with a juror's token; asks for JSON unless told otherwise."""
        words = {"accept": "application/json", "authorization": f"Bearer {self.token(juror)}", **headers}
        async with httpx.AsyncClient(base_url=self.running.base, headers=words) as client:
            yield client

    async def post(self, juror: str, rev: int, **fields: str) -> httpx.Response:
        """What a juror's form sends; `mark__heat__impact` stands for mark.heat.impact."""
        data = {name.replace("__", "."): value for name, value in fields.items()}
        async with self.juror(juror) as client:
            return await client.post(self.path, data={"round": JURY, "rev": str(rev), **data})

    async def page(self, juror: str, query: str = "") -> str:
        async with self.juror(juror, accept="text/html") as client:
            answer = await client.get(self.path + query)
            assert answer.status_code == 200
            return answer.text

    async def judge(self, juror: str, **marks: tuple[int, int]) -> None:
        """Save and lock (impact, novelty) of entries."""
        fields = {}
        for entry, (impact, novelty) in marks.items():
            fields[f"mark__{entry}__impact"] = str(impact)
            fields[f"mark__{entry}__novelty"] = str(novelty)
        assert (await self.post(juror, 0, **fields)).json()["code"] == "ok"
        assert (await self.post(juror, 1, do="lock")).json()["code"] == "ok"

    async def sheet(self, juror: str, round_id: RoundId = JURY) -> Sheet:
        """The sheet as the box holds it."""
        stored = await self.running.store.awards.sheet(self.at(round_id), juror)
        assert stored is not None
        return read_sheet(stored.text, locked=stored.is_locked)
