"""What the ballot log tells of changes in the tally, by every adapter: a reading of changes rests on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from redis.asyncio import Redis

from polls.lifecycle import Action
from polls.ports import Snapshot
from server import keys
from server.store.valkey import ValkeyStore
from tests.server.store.hall import FIRST, Hall, ballot, open_hall

AT = (FIRST, 1)


async def since(hall: Hall, line: str, whole: bool = False) -> Snapshot:
    snapshot = await hall.store.snapshot(hall.id, [AT] if whole else [], {AT: line})
    assert snapshot is not None
    return snapshot


def added(tally: Mapping[str, int], changes: Mapping[str, int]) -> dict[str, int]:
    total = Counter(tally)
    for key, by in changes.items():
        total[key] += by
    return {key: count for key, count in total.items() if count}


async def test_changes_since_a_line_lead_from_one_tally_to_the_next(hall: Hall) -> None:
    await hall.cast(ballot("anna", 1, "1"), ballot("ben", 1, "2", segment="audience"))
    before = await hall.snapshot(AT)
    await hall.cast(ballot("anna", 2, "3"), ballot("carl", 1, "3"), ballot("carl", 2, "-"))
    await hall.cast(ballot("anna", 1, "1"))  # stale: changes nothing

    found = await since(hall, before.lines[AT])

    assert found.changes == {AT: {"1||1": -1, "1||3": 1, "1||-": 1}}
    assert found.tallies == {}
    assert found.boxes == {AT: 3}
    after = await since(hall, found.lines[AT], whole=True)
    assert after.changes == {AT: {}}
    assert after.tallies[AT] == added(before.tallies[AT], found.changes[AT])


async def test_ballots_that_undo_each_other_change_nothing(hall: Hall) -> None:
    await hall.cast(ballot("anna", 1, "1"), ballot("ben", 1, "2"))
    line = (await hall.snapshot(AT)).lines[AT]
    await hall.cast(ballot("anna", 2, "2"), ballot("ben", 2, "1"))
    found = await since(hall, line)
    assert found.changes == {AT: {}}
    assert found.lines[AT] != line


async def test_the_closing_line_changes_nothing(hall: Hall) -> None:
    await hall.cast(ballot("anna"))
    line = (await hall.snapshot(AT)).lines[AT]
    await hall.act(Action.CLOSE)
    assert (await since(hall, line)).changes == {AT: {}}


async def test_the_tally_is_read_whole_where_the_log_cannot_tell(hall: Hall) -> None:
    empty = await since(hall, "")
    assert (empty.changes, empty.tallies, empty.lines) == ({}, {AT: {}}, {AT: ""})
    await hall.cast(ballot("anna"))
    for line in ("", "9999999999999-0" if isinstance(hall.store, ValkeyStore) else "99"):
        found = await since(hall, line)
        assert found.changes == {}
        assert found.tallies == {AT: {"1||1": 1}}


async def test_a_log_line_of_an_older_version_makes_the_reading_whole(
    valkey: ValkeyStore, client: Redis
) -> None:
    hall = await open_hall(valkey)
    await hall.cast(ballot("anna"))
    line = (await hall.snapshot(AT)).lines[AT]
    # As they were written before lines told their changes.
    await client.xadd(keys.of_round(hall.id, "log", *AT), {"ben": "1 nonce-ben-1 1600000000000 |2"})
    await client.hset(keys.of_round(hall.id, "box", *AT), "ben", "1 nonce-ben-1 1600000000000 |2")
    await client.hset(keys.of_round(hall.id, "tally", *AT), "1||2", 1)

    found = await since(hall, line)

    assert found.changes == {}
    assert found.tallies == {AT: {"1||1": 1, "1||2": 1}}
    assert await hall.differences() == [], "and such a log is recounted as ever"
    assert (await since(hall, found.lines[AT])).changes == {AT: {}}


async def test_more_lines_than_are_worth_reading_make_it_whole(hall: Hall) -> None:
    await hall.cast(ballot("anna", 1))
    line = (await hall.snapshot(AT)).lines[AT]
    for rev in range(2, 300):
        await hall.cast(ballot("anna", rev, str(1 + rev % 3)))
    found = await since(hall, line, whole=True)
    assert found.tallies == {AT: {"1||3": 1}}
    assert found.changes in ({}, {AT: {"1||1": -1, "1||3": 1}}), "in memory nothing is too long"


async def test_a_log_that_begins_anew_is_not_taken_for_the_old_one(hall: Hall) -> None:
    await hall.cast(ballot("anna"))
    old = (await hall.snapshot(AT)).lines[AT]
    for action in (Action.CLOSE, Action.RESET):
        await hall.act(action)
    found = await since(hall, old)
    assert found.changes == {}
    assert found.tallies == {AT: {}}
