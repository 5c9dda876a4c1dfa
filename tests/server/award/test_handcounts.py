"""Counts of hands and paper: what two people name, what breaks off before the log, what the record says."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from polls.award import handcounts
from polls.award.handcounts import Place
from polls.award.life import AwardRun, HandCount
from polls.award.model import Award, ClassId
from polls.errors import AwardRefused
from server.award.handcounts import Figures, log_of_counts
from server.record import recount
from server.record.archive import write_record
from server.store.memory import MemoryStore
from tests.polls.award_sample import FINAL
from tests.server.award.hall import Prize, prize
from voting.award.ports import At
from voting.errors import RoundRefused, StoreConflict, StoreUnavailable
from voting.record.log import EntryType

HANDS = Place(FINAL, "hands", "voters")
THREE = Figures(counts={(("a",),): 2, (("b",),): 1})  # type: ignore[dict-item]


async def voting(tmp_path: Path) -> Prize:
    award = await Prize.set_up(MemoryStore(), tmp_path, prize())
    await award.load_codes()
    await award.hold_jury()
    await award.awards.acts.open(award.event, award.award.id, FINAL, "moderator")
    return award


async def both(award: Prize) -> None:
    here = award.event, award.award.id
    await award.awards.counts.first(*here, HANDS, THREE, "Mo", "moderator")
    await award.awards.counts.second(*here, HANDS, THREE, "Ana", "scrutineer:ana")


def break_off(award: Prize, monkeypatch: pytest.MonkeyPatch, action: str) -> None:
    """The next commit of this kind does not reach the store."""
    commits = award.awards.counts._commits
    commit: Callable[..., Any] = commits.commit

    async def broken(event: str, of: str, actor: str, name: str, plan: object) -> None:
        if name == action:
            raise StoreUnavailable("gone")
        await commit(event, of, actor, name, plan)

    monkeypatch.setattr(commits, "commit", broken)


async def broken_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Prize:
    """Two people have named the figures, the ballots are in the box, and nothing of it is in the log."""
    award = await voting(tmp_path)
    with monkeypatch.context() as broken:
        break_off(award, broken, "award_channel")
        with pytest.raises(StoreUnavailable):
            await both(award)
    return award


async def channels(award: Prize) -> list[tuple[str, object]]:
    log = await award.awards.log(award.event, award.award.id)
    return [
        (e.type.value, e.body.get("counts", ""))
        for e in log
        if e.type in (EntryType.CHANNEL, EntryType.CLOSE)
    ][1:]  # the jury's close is not asked for


async def test_a_record_with_hands_recounts(tmp_path: Path) -> None:
    award = await voting(tmp_path)
    await both(award)
    assert await award.vote(0, "b") == "ok"
    here = award.event, award.award.id
    await award.awards.acts.close(*here, FINAL, "moderator")
    await award.approve(FINAL)
    run = await award.run()
    while not run.revealed:
        await award.awards.acts.step(*here, "moderator", seen=run.steps)
        run = await award.run()
    snapshot = await award.store.snapshot(award.event)
    assert snapshot is not None
    path = tmp_path / "record.zip"
    path.write_bytes(write_record(await award.awards.record(snapshot.state.event, award.award, run)))

    assert recount.main([str(path)]) == 0


async def test_the_close_logs_what_broke_off_after_the_box(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    award = await broken_off(tmp_path, monkeypatch)
    assert await channels(award) == []
    await award.awards.acts.close(award.event, award.award.id, FINAL, "moderator")

    assert await channels(award) == [("CHANNEL", {'[["a"]]': 2, '[["b"]]': 1}), ("CLOSE", "")]
    assert (await award.run()).counts == ()


async def test_the_second_person_can_finish_what_broke_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    award = await broken_off(tmp_path, monkeypatch)
    here = award.event, award.award.id
    with pytest.raises(AwardRefused, match="entered for this class already"):
        await award.awards.counts.first(*here, HANDS, THREE, "Mo", "moderator")
    await award.awards.counts.second(*here, HANDS, THREE, "Ana", "scrutineer:ana")

    assert await channels(award) == [("CHANNEL", {'[["a"]]': 2, '[["b"]]': 1})]
    assert (await award.awards.box.turnout(award.at(FINAL)))["voters"].cast["hands"] == 3


async def test_a_count_that_the_box_does_not_take_is_confirmed_by_nobody(tmp_path: Path) -> None:
    award = await voting(tmp_path)
    await award.awards.counts.first(award.event, award.award.id, HANDS, THREE, "Mo", "moderator")
    await award.awards.box.close(award.at(FINAL))  # the close came in between
    with pytest.raises(RoundRefused):
        await award.awards.counts.second(award.event, award.award.id, HANDS, THREE, "Ana", "scrutineer:ana")
    assert (await award.run()).counts[0].by == ("Mo",)
    await award.awards.acts.close(award.event, award.award.id, FINAL, "moderator")
    assert await channels(award) == [("CLOSE", "")]


def test_a_count_that_one_alone_has_named_is_never_logged() -> None:
    one = HandCount(
        round=FINAL, channel="hands", voter_class=ClassId("voters"), mark="m", actor="x", by=("Mo",)
    )
    text = '{"channel":"hands","choices":[["a"]],"class":"voters"}'
    run, said = log_of_counts(AwardRun(counts=(one,)), FINAL, {"leaf": text})
    assert (run.counts, said) == ((), [])


@pytest.mark.parametrize(
    "place",
    [Place("other", "hands", "voters"), Place(FINAL, "code", "voters"), Place(FINAL, "hands", "x")],
)
def test_a_count_has_a_vote_a_channel_and_a_class(place: Place) -> None:
    award: Award = prize()
    with pytest.raises(AwardRefused):
        handcounts.name_first(award, AwardRun(), handcounts.named(place, "mark", "Mo", "moderator"))


def test_counts_wait_for_an_open_vote() -> None:
    with pytest.raises(AwardRefused, match="while the vote is open"):
        handcounts.name_first(prize(), AwardRun(), handcounts.named(HANDS, "m", "Mo", "moderator"))


# -- two presses, and other people's counts -----------------------------------------------------------


def hold_before_entering(
    award: Prize, monkeypatch: pytest.MonkeyPatch
) -> tuple[asyncio.Event, asyncio.Event]:
    """The next count for the box stops before it: (it has come there, it may go on)."""
    box, came, may_go = award.awards.box, asyncio.Event(), asyncio.Event()
    enter: Callable[..., Any] = box.enter

    async def slow(*args: Any) -> None:
        monkeypatch.setattr(box, "enter", enter)
        came.set()
        await may_go.wait()
        await enter(*args)

    monkeypatch.setattr(box, "enter", slow)
    return came, may_go


async def two_presses(
    award: Prize, monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], Awaitable[object]]
) -> None:
    """The second person presses twice; the first press waits before the box while the other press counts."""
    counts, here = award.awards.counts, (award.event, award.award.id)
    await counts.first(*here, HANDS, THREE, "Mo", "moderator")
    second = partial(counts.second, *here, HANDS, THREE, "Ana", "scrutineer:ana")
    came, may_go = hold_before_entering(award, monkeypatch)
    slow = asyncio.create_task(second())
    await came.wait()
    log = break_off_by(award, monkeypatch)
    with pytest.raises(StoreUnavailable):
        await second()  # in the box, and on its way to the log
    monkeypatch.setattr(*log)
    await meanwhile()
    may_go.set()
    with suppress(RoundRefused, StoreConflict):
        await slow


def break_off_by(award: Prize, monkeypatch: pytest.MonkeyPatch) -> tuple[object, str, object]:
    commits = award.awards.counts._commits
    whole = commits.commit
    break_off(award, monkeypatch, "award_channel")
    return commits, "commit", whole


async def test_the_log_has_a_count_whose_other_press_was_overtaken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slower press found other ballots of its channel, and took the name back while the other one was
    between box and log."""
    award = await voting(tmp_path)
    counts, here = award.awards.counts, (award.event, award.award.id)
    await counts.first(*here, HANDS, THREE, "Mo", "moderator")
    second = partial(counts.second, *here, HANDS, THREE, "Ana", "scrutineer:ana")
    commit: Callable[..., Any] = counts._commits.commit
    held: list[tuple[Any, ...]] = []

    async def woven(*args: Any) -> None:
        if args[3] == "award_unconfirm":
            held.append(args)
            await second()
        elif args[3] == "award_channel" and held:
            await commit(*held.pop())
            await commit(*args)
        else:
            await commit(*args)

    monkeypatch.setattr(counts._commits, "commit", woven)
    came, may_go = hold_before_entering(award, monkeypatch)
    slow = asyncio.create_task(second())
    await came.wait()
    await award.awards.box.enter(award.at(FINAL), "hands", "others", {"hands-0001": '{"a":1}'}, 0)
    may_go.set()
    with suppress(StoreConflict):
        await slow

    assert await channels(award) == [("CHANNEL", {'[["a"]]': 2, '[["b"]]': 1})]
    assert (await award.run()).counts == ()


async def test_the_close_logs_a_count_whose_other_press_came_too_late(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    award = await voting(tmp_path)
    await two_presses(award, monkeypatch, lambda: award.awards.box.close(award.at(FINAL)))

    await award.awards.acts.close(award.event, award.award.id, FINAL, "moderator")

    assert await channels(award) == [("CHANNEL", {'[["a"]]': 2, '[["b"]]': 1}), ("CLOSE", "")]


async def test_counts_of_two_classes_at_once_both_go_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    award = await voting(tmp_path)
    counts, here = award.awards.counts, (award.event, award.award.id)
    await counts.first(*here, HANDS, THREE, "Mo", "moderator")
    came, may_go = hold_before_entering(award, monkeypatch)
    slow = asyncio.create_task(counts.second(*here, HANDS, THREE, "Ana", "scrutineer:ana"))
    await came.wait()
    await award.awards.box.enter(award.at(FINAL), "hands", "others", {"hands-0001": '{"a":1}'}, 0)
    may_go.set()
    await slow

    assert await channels(award) == [("CHANNEL", {'[["a"]]': 2, '[["b"]]': 1})]


async def test_a_count_that_is_in_is_not_logged_again_with_other_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A first person who looked whether it is in just before it was."""
    award = await voting(tmp_path)
    counts, here = award.awards.counts, (award.event, award.award.id)
    turnout = award.awards.box.turnout

    async def early(at: At) -> object:
        found = await turnout(at)
        monkeypatch.setattr(award.awards.box, "turnout", turnout)
        await both(award)
        return found

    monkeypatch.setattr(award.awards.box, "turnout", early)
    wrong = Figures(counts={(("a",),): 5})  # type: ignore[dict-item]
    with suppress(AwardRefused):
        await counts.first(*here, HANDS, wrong, "Mo", "moderator")
    with pytest.raises(AwardRefused):
        await counts.second(*here, HANDS, wrong, "Ana", "scrutineer:ana")

    assert await channels(award) == [("CHANNEL", {'[["a"]]': 2, '[["b"]]': 1})]
