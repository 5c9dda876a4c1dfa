"""What stands in the public log of a register, and when it may still be made anew: alike in every adapter."""

from __future__ import annotations

import pytest

from polls.award.life import AwardRun, RoundRun, RoundState
from server.store.award_words import register_hash
from tests.server.store.award_hall import AwardHall, AwardStore, award_hall, line
from tests.server.store.hall import Hall
from voting.award.ports import At, Electorate
from voting.errors import RoundRefused


@pytest.fixture
async def waiting(store: AwardStore) -> AwardHall:
    hall = await award_hall(store)
    await hall.box.load_register(hall.at, [line(0), line(1)])
    return hall


async def commit_opening(hall: AwardHall, named: str) -> None:
    """Decide that the round is open, with a register that is named by its hash."""
    at = hall.at
    snapshot = await hall.store.snapshot(at.event)
    assert snapshot is not None
    run = AwardRun(rounds={at.round: RoundRun(state=RoundState.OPEN)})
    await Hall(hall.store, snapshot.state.event).change(
        "award_open", f"award:{at.award}", awards={at.award: run}, registers={(at.award, at.round): named}
    )


async def run_of(hall: AwardHall) -> RoundState:
    snapshot = await hall.store.snapshot(hall.at.event)
    assert snapshot is not None
    return snapshot.state.award(hall.at.award).round(hall.at.round).state


async def named_now(hall: AwardHall) -> str:
    return register_hash(await hall.box.register(hall.at), hall.at.round)


async def test_a_change_names_the_register_that_is_there_or_does_nothing(waiting: AwardHall) -> None:
    before = await named_now(waiting)
    await waiting.box.load_register(waiting.at, [line(2), line(3)], replace=True)

    with pytest.raises(RoundRefused) as refused:
        await commit_opening(waiting, before)
    assert refused.value.code == "replaced"
    assert await run_of(waiting) is RoundState.WAITING
    assert len(await waiting.store.audit(waiting.at.event)) == 1

    await commit_opening(waiting, await named_now(waiting))
    assert await run_of(waiting) is RoundState.OPEN


async def test_a_register_stands_from_the_decision_to_open_not_only_from_the_opened_box(
    waiting: AwardHall,
) -> None:
    await commit_opening(waiting, await named_now(waiting))

    with pytest.raises(RoundRefused) as refused:
        await waiting.box.load_register(waiting.at, [line(2)], replace=True)

    assert refused.value.code == "opened"
    await waiting.box.open(waiting.at, Electorate.CODES)
    assert await waiting.box.find_code(waiting.at, line(0).credential) is not None


async def test_another_round_of_the_award_still_takes_its_register(waiting: AwardHall) -> None:
    await commit_opening(waiting, await named_now(waiting))

    await waiting.box.load_register(At(waiting.at.event, waiting.at.award, "runoff1"), [line(4)])  # type: ignore[arg-type]
