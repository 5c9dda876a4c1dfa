"""Acts of people on an award, from the freeze to a correction, on a store, each with its audit entry."""

from dataclasses import replace

import pytest

from polls.award.life import AwardRun, Phase, phase
from polls.award.model import Award, CandidateId, ScrutineerId
from polls.errors import AwardRefused
from polls.model import Event
from server.award import moderation as do
from server.eventyaml import read_event
from server.loading import LoadRefused, load_event
from server.store.memory import MemoryStore
from tests.conftest import ROOT, fresh
from voting.audit import verify
from voting.award.rules import rules_hash

FIRST, SECOND = ScrutineerId("1"), ScrutineerId("2")


class Box:
    """A box that remembers what it was told, and may refuse."""

    def __init__(self, refuses: str = "") -> None:
        self.told: list[str] = []
        self.refuses = refuses

    async def open(self) -> None:
        self._tell("open")

    async def close(self) -> str:
        self._tell("close")
        return "aa"

    async def seal(self, box_hash: str) -> None:
        self._tell(f"seal {box_hash}")

    async def has_receipt(self, receipt: str) -> bool:
        return receipt == "known"

    def _tell(self, what: str) -> None:
        if self.refuses == what:
            raise RuntimeError(what)
        self.told.append(what)


class Desk:
    """One award on a store in memory."""

    def __init__(self, event: Event) -> None:
        self.store, self.event, self.award = MemoryStore(), event, event.awards[1]

    async def run(self) -> AwardRun:
        snapshot = await self.store.snapshot(self.event.id)
        assert snapshot is not None
        return snapshot.state.award(self.award.id)

    async def actions(self) -> list[str]:
        log = await self.store.audit(self.event.id)
        assert verify(log) == []
        return [entry.action for entry in log]

    async def hold(self, round_id: str, box: Box) -> None:
        at = (self.event.id, "test", self.award.id, round_id)
        await do.open_round(self.store, box, *at)
        await do.close_round(self.store, box, *at)
        await do.approve(self.store, *at, FIRST, "aa")
        await do.approve(self.store, *at, SECOND, "aa")
        await do.seal(
            self.store, box, *at, "aa", [c.id for c in self.award.candidates] if round_id == "jury" else []
        )


@pytest.fixture
async def desk() -> Desk:
    made = Desk(fresh(read_event((ROOT / "examples" / "award.yaml").read_text(encoding="utf-8"))))
    await load_event(made.store, made.event, actor="test")
    return made


async def freeze(desk: Desk) -> Award:
    await do.freeze(desk.store, desk.event.id, "test", desk.award.id, rules_hash(desk.award, desk.event))
    return desk.award


async def test_an_award_from_the_freeze_to_a_correction(desk: Desk) -> None:
    award, box = await freeze(desk), Box()
    at = (desk.event.id, "test", award.id)
    for round_id in ("jury", "vote"):
        await desk.hold(round_id, box)
    assert box.told == ["open", "close", "seal aa"] * 2
    await do.withdraw(desk.store, *at, FIRST, CandidateId("4"), "ill")
    await do.sign(desk.store, *at, 1, SECOND)
    assert (await desk.run()).withdrawn == ("4",)
    tied = [CandidateId("1"), CandidateId("2")]
    await do.cast_chair(desk.store, *at, tied[1], tied)
    await do.start_runoff(desk.store, *at, tied)
    await desk.hold("runoff1", box)
    await do.reveal_step(desk.store, *at, 0, 2)
    with pytest.raises(AwardRefused, match="moved on"):
        await do.reveal_step(desk.store, *at, 0, 2)
    await do.hide_step(desk.store, *at, 1)
    await do.reveal_step(desk.store, *at, 0, 2)
    await do.reveal_step(desk.store, *at, 1, 2)
    await do.publish(desk.store, *at, "cc")
    await do.correct(desk.store, *at, "A name was misspelt.")
    run = await desk.run()
    assert phase(award, run) is Phase.PUBLISHED and run.corrections == ("A name was misspelt.",)
    held = ["open", "close", "approve", "approve", "seal"]
    assert await desk.actions() == [
        *("load", "freeze", *held, *held, "propose", "withdraw-done", "chair", "runoff", *held),
        *("step", "back", "step", "step", "publish", "correct"),
    ]


async def test_rules_that_were_not_read_are_not_frozen(desk: Desk) -> None:
    with pytest.raises(AwardRefused, match="read them again"):
        await do.freeze(desk.store, desk.event.id, "test", desk.award.id, "old")
    assert await desk.actions() == ["load"]


async def test_a_frozen_award_is_not_loaded_anew(desk: Desk) -> None:
    await freeze(desk)
    changed = replace(desk.event, awards=(desk.event.awards[0],))
    with pytest.raises(LoadRefused, match="frozen"):
        await load_event(desk.store, changed, actor="test")


async def test_the_box_is_asked_only_for_what_the_tables_allow_and_its_refusal_changes_nothing(
    desk: Desk,
) -> None:
    award = await freeze(desk)
    at = (desk.event.id, "test", award.id)
    box = Box()
    for act in (do.open_round, do.close_round):
        with pytest.raises(AwardRefused):
            await act(desk.store, box, *at, "vote")
    with pytest.raises(AwardRefused):
        await do.seal(desk.store, box, *at, "jury", "aa", [])
    assert box.told == []
    with pytest.raises(RuntimeError):
        await do.open_round(desk.store, Box(refuses="open"), *at, "jury")
    assert (await desk.run()).rounds == {}


async def test_only_a_ballot_that_is_there_can_be_voided(desk: Desk) -> None:
    award, box = await freeze(desk), Box()
    at = (desk.event.id, "test", award.id)
    with pytest.raises(AwardRefused, match="no ballot"):
        await do.void(desk.store, [box], *at, FIRST, "unknown", "twice")
    await do.void(desk.store, [Box(), box], *at, FIRST, "known", "twice")
    await do.drop(desk.store, *at, 1)
    await do.void(desk.store, [box], *at, SECOND, "known", "twice")
    await do.sign(desk.store, *at, 1, FIRST)
    assert (await desk.run()).voided == ("known",)
    log = await desk.store.audit(desk.event.id)
    assert log[-1].body["by"] == "2, 1" and log[-1].body["reason"] == "twice"


async def test_the_chair_decides_between_the_tied_alone(desk: Desk) -> None:
    with pytest.raises(AwardRefused, match="tied"):
        await do.cast_chair(
            desk.store, desk.event.id, "test", desk.award.id, CandidateId("3"), [CandidateId("1")]
        )
