"""Two minutes after its close a poll's round knows no voter any more (law L8)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from polls.lifecycle import Action, PollRun, PollState, due_to_seal
from server.sealing import seal_round, seal_what_is_due
from server.store.memory import MemoryStore
from server.store.valkey import ValkeyStore
from server.watch import Rechecker
from tests.server.store.hall import FIRST, Hall, ballot, codes, open_hall
from tests.server.store.servers import Valkey
from voting.sealing import nonce_hash, sealed_ballots, sealed_faults, tally_hash


async def closed_hall(store: Any, voters: int = 6) -> Hall:
    hall = await open_hall(store)
    await hall.cast(*(ballot(f"voter-{n}", choice=str(n % 3 + 1)) for n in range(voters)))
    await hall.cast(ballot("voter-0", 2, "3"))
    await hall.act(Action.CLOSE)
    return hall


@pytest.fixture(params=["memory", "valkey"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Any]:
    if request.param == "memory":
        yield MemoryStore()
        return
    server = Valkey(tmp_path)
    store = ValkeyStore(server.url)
    await store.connect()
    yield store
    await store.close()
    server.stop()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Valkey]:
    server = Valkey(tmp_path)
    yield server
    server.stop()


async def test_a_sealed_round_keeps_its_tally_and_forgets_its_voters(store: Any) -> None:
    hall = await closed_hall(store)
    before = await hall.snapshot((FIRST, 1))

    assert await seal_round(store, hall.id, FIRST, 1, "timer")

    after = await hall.snapshot((FIRST, 1))
    reading = await hall.reading()
    assert after.tallies == before.tallies
    assert after.boxes == before.boxes == {(FIRST, 1): 6}
    assert (reading.log, reading.box, reading.counted, reading.is_closed) == ([], {}, 6, True)
    assert sealed_faults(reading) == []
    assert len(sealed_ballots(reading)) == 6
    assert await store.round_key(hall.id, FIRST, 1) is None
    assert (await hall.run()).sealed == (1,)
    [entry] = [entry for entry in await store.audit(hall.id) if entry.action == "seal"]
    assert entry.body["ballots"] == 6
    assert entry.body["tally_sha256"] == tally_hash(after.tallies[(FIRST, 1)])
    assert sealed_faults(reading, str(entry.body["tally_sha256"])) == []
    assert sealed_faults(reading, "0" * 64) == ["the tally is not the one that was sealed"]


async def test_a_late_retry_is_still_known_and_nothing_else_is_taken(store: Any) -> None:
    hall = await closed_hall(store)
    assert not await store.was_counted(hall.id, FIRST, 1, "nonce-voter-1-1")

    await seal_round(store, hall.id, FIRST, 1, "timer")

    assert await store.was_counted(hall.id, FIRST, 1, "nonce-voter-1-1")
    assert await store.was_counted(hall.id, FIRST, 1, "nonce-voter-0-2")
    assert not await store.was_counted(hall.id, FIRST, 1, "nonce-voter-0-1"), "it was changed: not in the box"
    assert not await store.was_counted(hall.id, FIRST, 1, "never-sent")
    assert codes(await hall.cast(ballot("voter-1"), ballot("late"))) == ["closed", "closed"]
    assert (await hall.reading()).counted == 6


async def test_sealing_again_does_nothing_and_reopening_starts_a_round_of_its_own(store: Any) -> None:
    hall = await closed_hall(store)
    assert await seal_round(store, hall.id, FIRST, 1, "timer")
    assert not await seal_round(store, hall.id, FIRST, 1, "timer")

    await hall.act(Action.REOPEN)

    assert codes(await hall.cast(ballot("voter-1"), round=2)) == ["ok"]
    assert (await hall.run()).sealed == (1,)
    assert not await seal_round(store, hall.id, FIRST, 2, "timer"), "it is open"
    assert await hall.differences(round=2) == []
    assert (await hall.reading()).counted == 6
    await hall.act(Action.CLOSE)
    await hall.act(Action.RESET)
    assert (await hall.run()).sealed == (1,)


async def test_an_empty_round_can_be_sealed(store: Any) -> None:
    hall = await open_hall(store)
    await hall.act(Action.CLOSE)

    assert await seal_round(store, hall.id, FIRST, 1, "timer")

    assert await hall.tally() == {}
    assert (await hall.snapshot((FIRST, 1))).boxes == {(FIRST, 1): 0}
    assert not await seal_round(store, hall.id, FIRST, 1, "timer")


async def test_a_recount_agrees_before_and_after_the_seal_with_the_same_rechecker(store: Any) -> None:
    hall = await closed_hall(store)
    rechecker = Rechecker(store)
    assert await rechecker.check(hall.id, FIRST, 1, 1) == []
    await seal_round(store, hall.id, FIRST, 1, "timer")

    for checker in (rechecker, Rechecker(store)):
        assert await checker.check(hall.id, FIRST, 1, 1) == []
    assert not (await hall.run()).frozen


async def test_a_tally_that_does_not_agree_is_frozen_and_not_sealed(own: Valkey) -> None:
    store = ValkeyStore(own.url)
    await store.connect()
    hall = await closed_hall(store)
    with redis.Redis.from_url(own.url) as client:
        client.hincrby(f"hc:1:{{{hall.id}}}:tally:{FIRST}:1", "1||1", 1)

    assert not await seal_round(store, hall.id, FIRST, 1, "timer")

    assert (await hall.run()).frozen
    assert len((await hall.reading()).log) == 7, "everything is kept for somebody to look at"
    await store.delete_event(hall.id)
    await store.close()


def test_rounds_are_due_in_time_and_once() -> None:
    closed = PollRun(state=PollState.CLOSED, round=2, closed_ms=1_000)

    assert due_to_seal(closed, 1_000) == []
    assert due_to_seal(closed, 1_001) == [2]
    assert due_to_seal(PollRun(state=PollState.OPEN, round=2), 9_000) == []
    assert due_to_seal(PollRun(state=PollState.PUBLISHED, round=2, closed_ms=1, sealed=(2,)), 9_000) == []
    assert due_to_seal(PollRun(state=PollState.CLOSED, round=2, closed_ms=1, frozen="why"), 9_000) == []


async def test_what_is_due_is_sealed(store: Any) -> None:
    hall = await closed_hall(store)  # its clock is years ago

    assert await seal_what_is_due(store, hall.id, 120, set()) == 1
    assert await seal_what_is_due(store, hall.id, 120, set()) == 0
    assert (await hall.run()).sealed == (1,)
    last = (await store.audit(hall.id))[-1]
    assert (last.action, last.actor) == ("seal", "server"), "no countdown did it"


@pytest.mark.parametrize("voters", [5, 40, 100, 5_000])
async def test_after_the_seal_neither_store_nor_files_hold_a_voter_or_the_order_of_ballots(
    tmp_path: Path, voters: int
) -> None:
    server = Valkey(tmp_path)
    with redis.Redis.from_url(server.url, decode_responses=True) as client:
        client.config_set("rdbcompression", "no")
        store = ValkeyStore(server.url)
        await store.connect()
        hall = await closed_hall(store, voters)
        secret = await store.round_key(hall.id, FIRST, 1)
        assert secret is not None
        names = [f"voter-{n}" for n in range(voters)]
        assert all(name in raw(tmp_path) for name in (names[-1], secret.hex(), f"nonce-{names[-1]}-1"))

        assert await seal_round(store, hall.id, FIRST, 1, "timer")
        assert await store.awards.rewrite_files(hall.id) == "rewritten"

        box = f"hc:1:{{{hall.id}}}:box:{FIRST}:1"
        fields = client.hkeys(box)
        assert set(client.hvals(box)) == {"-"}
        assert set(fields) == {nonce_hash(f"nonce-{name}-{2 if name == 'voter-0' else 1}") for name in names}
        if voters <= 40:
            assert fields == sorted(fields), "a small hash keeps the order it was filled in: its own"
        files = raw(tmp_path)
        for word in ("voter-", "nonce-", secret.hex()):
            assert word not in files
        assert f"log:{FIRST}:1" not in files and f"key:{FIRST}:1" not in files
        await store.close()
    server.stop()


def raw(folder: Path) -> str:
    """The bytes of all files of the store."""
    found = [path.read_bytes() for path in (folder / "store").rglob("*") if path.is_file()]
    return b"".join(found).decode("latin-1")


async def test_after_a_reset_neither_store_nor_files_hold_what_joins_voters_and_ballots(
    tmp_path: Path,
) -> None:
    server = Valkey(tmp_path)
    store = ValkeyStore(server.url)
    await store.connect()
    hall = await closed_hall(store, 5)
    secret = await store.round_key(hall.id, FIRST, 1)
    assert secret is not None and "voter-1" in raw(tmp_path)

    await hall.act(Action.RESET)
    assert await store.round_key(hall.id, FIRST, 1) is None
    assert await store.awards.rewrite_files(hall.id) == "rewritten"

    for word in ("voter-", "nonce-", secret.hex()):
        assert word not in raw(tmp_path)
    await store.close()
    server.stop()


async def test_a_reset_round_has_no_secret_in_any_store(store: Any) -> None:
    hall = await closed_hall(store)

    await hall.act(Action.RESET)

    assert await store.round_key(hall.id, FIRST, 1) is None


async def test_a_deleted_event_is_forgotten_by_the_files_too(tmp_path: Path) -> None:
    server = Valkey(tmp_path)
    store = ValkeyStore(server.url)
    await store.connect()
    hall = await closed_hall(store, 5)

    await store.delete_event(hall.id)
    assert await store.event_ids() == [] and await store.unwritten_ids() == [hall.id]
    assert await store.awards.rewrite_files(hall.id) == "rewritten"

    assert await store.unwritten_ids() == []
    for word in ("voter-", "nonce-"):
        assert word not in raw(tmp_path)
    await store.close()
    server.stop()


async def test_an_event_made_again_before_the_files_are_written_stays_listed(store: Any) -> None:
    hall = await closed_hall(store)
    await store.delete_event(hall.id)
    await hall.set_up()

    await store.awards.rewrite_files(hall.id)

    assert hall.id in await store.event_ids()
    assert hall.id not in await store.unwritten_ids()


async def test_a_round_that_was_given_up_says_nothing_of_an_event_made_again() -> None:
    """A rehearsal copy is deleted and made again, with the same polls and rounds."""
    hall = await closed_hall(MemoryStore())
    given_up = {(hall.id, FIRST, 1)}
    await hall.store.delete_event(hall.id)
    await hall.set_up()
    await hall.act(Action.OPEN)

    assert await seal_what_is_due(hall.store, hall.id, 120, given_up) == 0  # type: ignore[arg-type]
    await hall.act(Action.CLOSE)

    assert await seal_what_is_due(hall.store, hall.id, 120, given_up) == 1  # type: ignore[arg-type]
