"""A vote by codes to try a store on: who is in the register, and the ballots they cast."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Protocol

from polls.award.model import AwardId, RoundId
from server.store.checks import Durability
from tests.server.store.hall import Hall, Store, fresh_event
from voting.award.ports import CODE, At, AwardBox, Electorate, RegisterLine, SheetAct, Vote

CLASSES = ("hall", "online")


class AwardStore(Store, Protocol):
    """A store with the box of awards, as every adapter has it."""

    @property
    def awards(self) -> AwardBox: ...

    async def durability(self) -> Durability: ...


def hash_of(word: str) -> str:
    return hashlib.sha256(word.encode()).hexdigest()


def line(number: int) -> RegisterLine:
    return RegisterLine(
        hash_of(f"token {number}"), CLASSES[number % len(CLASSES)], hash_of(f"typed {number}")
    )


def ballot(number: int, choice: str = "a", receipt: str = "", voter_class: str = "") -> Vote:
    """The ballot of the register's line `number`; salt and receipt follow from its number."""
    voter_class = voter_class or line(number).voter_class
    receipt = receipt or hash_of(f"receipt {number}")[:12]
    content = {
        "round": "final",
        "class": voter_class,
        "choices": [[choice]],
        "receipt": receipt,
        "salt": hash_of(f"salt {number}")[:32],
        "channel": CODE,
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return Vote(line(number).credential, voter_class, receipt, text)


def sheet(juror: str, marks: Sequence[int]) -> str:
    """A juror's sheet as canonical JSON."""
    return json.dumps({"juror": juror, "marks": list(marks)}, sort_keys=True, separators=(",", ":"))


class AwardHall:
    """One round of one award in one store."""

    def __init__(self, store: AwardStore, at: At) -> None:
        self.store, self.box, self.at = store, store.awards, at

    async def open(self, voters: int) -> AwardHall:
        await self.box.load_register(self.at, [line(number) for number in range(voters)])
        await self.box.open(self.at, Electorate.CODES)
        return self

    async def cast(self, *votes: Vote) -> list[str]:
        return await self.box.cast(self.at, CODE, votes)

    async def seal(self) -> None:
        box = await self.box.close(self.at)
        await self.box.seal(self.at, box.box_hash)
        await self.box.rewrite_files(self.at.event)

    async def by_class(self) -> dict[str, int]:
        """Ballots by code, for each class."""
        return {name: one.cast.get(CODE, 0) for name, one in (await self.box.turnout(self.at)).items()}

    async def act(self, juror: str, act: SheetAct, rev: int, marks: Sequence[int] = (5,)) -> str:
        text = sheet(juror, marks)
        return await self.box.act_on_sheet(self.at, juror, act, rev, text, marked=len(marks))


async def award_hall(store: AwardStore, round: str = "final") -> AwardHall:
    """A hall whose award's round waits."""
    hall = await Hall(store, fresh_event()).set_up()
    return AwardHall(store, At(hall.id, AwardId("prize"), RoundId(round)))
