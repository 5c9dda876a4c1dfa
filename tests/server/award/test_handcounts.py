"""Counts of hands and paper: what two people name, what breaks off before the log, what the record says."""

from collections.abc import Callable
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
from voting.errors import RoundRefused, StoreUnavailable
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
