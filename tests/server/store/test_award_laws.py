"""Laws of award boxes: the same story everywhere, many closers at once, and a store that is killed."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from polls.award.model import AwardId, RoundId
from server.store.memory import MemoryStore
from server.store.valkey import ValkeyStore
from tests.server.store.award_hall import AwardHall, AwardStore, award_hall, ballot, line
from tests.server.store.hall import Hall, fresh_event
from tests.server.store.servers import Server, Valkey
from tests.waiting import eventually
from voting.award.ports import CODE, HANDS, At, Vote
from voting.errors import RoundRefused, StoreConflict, StoreUnavailable

VOTERS, CLOSERS, TOGETHER = 5_000, 50, 10

votes = st.builds(
    lambda number, choice, receipt, is_typed: ballot(number, choice, receipt)._replace(
        credential=line(number).alias if is_typed else line(number).credential
    ),
    st.integers(0, 5),
    st.sampled_from("ab"),
    st.sampled_from(["", "shared"]),
    st.booleans(),
)
steps = st.one_of(
    st.lists(votes, min_size=1, max_size=6),
    st.sampled_from(["open", "checkpoint", "hands", "freeze", "thaw", "close", "seal"]),
)


async def play(hall: AwardHall, step: list[Vote] | str) -> Any:
    """Do one step; gives what the store answered."""
    box, at = hall.box, hall.at
    try:
        match step:
            case list():
                return await hall.cast(*step)
            case "open":
                await hall.open(5)
                return None
            case "checkpoint":
                return await box.checkpoint(at, 2)
            case "hands":
                return await box.enter(at, HANDS, "hall", {"hands-0001": '{"choices":[["a"]]}'}, 0)
            case "freeze" | "thaw":
                return await box.freeze(at, "why" if step == "freeze" else "")
            case "close":
                return await box.close(at)
            case _:
                return await box.seal(at, (await box.read_box(at)).box_hash)
    except (RoundRefused, StoreConflict) as error:
        return error.code


async def keeps_the_law(hall: AwardHall) -> Any:
    """|used codes| = |ballots by code|, in all and for each class; gives all that can be read."""
    box, at = hall.box, hall.at
    register, turnout = await box.register(at), await box.turnout(at)
    used = [one for one in register if (code := await box.find_code(at, one)) and code.is_used]
    for name, one in turnout.items():
        assert one.cast.get(CODE, 0) == sum(register[code] == name for code in used)
    try:
        held = await box.read_box(at)
    except RoundRefused as refused:
        return register, turnout, sorted(used), refused.code
    by_code = [text for text in held.ballots.values() if '"channel":"code"' in text]
    assert len(by_code) == len(held.spent) == len(used)
    assert sorted(held.spent) == sorted(used)
    return register, turnout, held


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=st.lists(steps, max_size=12))
async def test_the_same_story_of_an_award_ends_the_same_in_memory_and_in_a_real_store(
    valkey_server: Server, story: list[list[Vote] | str]
) -> None:
    event = fresh_event()
    real = ValkeyStore(valkey_server.url)
    await real.connect()
    try:
        halls = []
        stores: tuple[AwardStore, ...] = (MemoryStore(), real)
        for store in stores:
            await Hall(store, event).set_up()
            halls.append(AwardHall(store, At(event.id, AwardId("prize"), RoundId("final"))))
        offsets = [await _offset(hall) for hall in halls]
        for step in ["open", *story]:
            fake, true = [await play(hall, step) for hall in halls]
            assert fake == true
            fake, true = [await keeps_the_law(hall) for hall in halls]
            assert fake == true
        moved = [await _offset(hall) - offset for hall, offset in zip(halls, offsets, strict=True)]
        assert moved[0] == moved[1]
        await real.delete_event(event.id)
    finally:
        await real.close()


async def _offset(hall: AwardHall) -> int:
    snapshot = await hall.store.snapshot(hall.at.event)
    assert snapshot is not None
    return snapshot.offset


async def test_of_5000_voters_racing_50_closers_exactly_the_accepted_are_in_the_box(
    valkey_server: Server,
) -> None:
    store = ValkeyStore(valkey_server.url, pool=CLOSERS + 30, timeout_s=30)
    await store.connect()
    hall = await (await award_hall(store)).open(VOTERS)
    answers: dict[str, str] = {}
    is_under_way = asyncio.Event()

    async def cast(first: int) -> None:
        batch = [ballot(number, "abc"[number % 3]) for number in range(first, first + TOGETHER)]
        for vote, code in zip(batch, await hall.cast(*batch), strict=True):
            answers[vote.text] = code
        if len(answers) >= VOTERS // 3:
            is_under_way.set()

    async def close() -> str:
        await is_under_way.wait()
        return (await hall.box.close(hall.at)).box_hash

    hashes = asyncio.gather(*(close() for _ in range(CLOSERS)))
    lanes = [range(lane, VOTERS, 20 * TOGETHER) for lane in range(0, 20 * TOGETHER, TOGETHER)]

    async def hurry(lane: range) -> None:
        for first in lane:
            await cast(first)

    await asyncio.gather(*map(hurry, lanes))

    assert len(set(await hashes)) == 1, "all closers name one box"
    box = await hall.box.read_box(hall.at)
    accepted = {text for text, code in answers.items() if code == "ok"}
    assert set(box.ballots.values()) == accepted
    assert len(box.spent) == len(accepted)
    assert set(answers.values()) == {"ok", "closed"}, "the race was one"
    assert sum((await hall.by_class()).values()) == len(accepted)
    await store.close()


async def test_every_accepted_ballot_survives_kill_9_of_the_store(tmp_path: Path) -> None:
    server = Valkey(tmp_path)
    store = ValkeyStore(server.url, timeout_s=5)
    await store.connect()
    hall = await (await award_hall(store)).open(VOTERS)
    accepted: list[Vote] = []

    async def flood() -> None:
        with pytest.raises(StoreUnavailable):
            for first in range(0, VOTERS, 5):
                batch = [ballot(number) for number in range(first, first + 5)]
                assert set(await hall.cast(*batch)) == {"ok"}
                accepted.extend(batch)
            raise AssertionError("the store was not killed in time")

    flooding = asyncio.create_task(flood())
    await eventually(lambda: len(accepted) >= 200 or flooding.done())
    server.kill()
    await flooding
    server.start()

    assert set(await hall.cast(*accepted[-500:])) == {"dup"}
    box = await hall.box.close(hall.at)
    assert {vote.text for vote in accepted} <= set(box.ballots.values())
    assert len(box.ballots) - len(accepted) in (0, 5), "the batch that was under way is in whole or not"
    register = await hall.box.register(hall.at)
    for name, cast in (await hall.by_class()).items():
        assert cast == sum(register[one] == name for one in box.spent)
        assert cast == sum(f'"class":"{name}"' in text for text in box.ballots.values())
    await store.close()
    server.stop()


async def test_a_seal_that_was_broken_off_before_the_files_were_written_is_made_up_for(
    valkey_server: Server,
) -> None:
    store = ValkeyStore(valkey_server.url)
    await store.connect()
    hall = await (await award_hall(store)).open(3)
    await hall.cast(ballot(0))
    box = await hall.box.close(hall.at)
    assert await hall.box.rewrite_files(hall.at.event) == "no-need"
    await hall.box.seal(hall.at, box.box_hash)

    assert await hall.box.rewrite_files(hall.at.event) == "rewritten"
    assert await hall.box.rewrite_files(hall.at.event) == "no-need"
    await store.close()
