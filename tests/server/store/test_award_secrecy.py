"""After the seal nothing that a store keeps, in memory or on disk, joins a voter to a ballot (law L8)."""

from __future__ import annotations

import itertools
import json
import math
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import redis
from redis.asyncio import Redis

from polls.award.model import AwardId, RoundId
from server import keys
from server.store.valkey import ValkeyStore
from tests.server.store.award_hall import AwardHall, award_hall, ballot
from tests.server.store.hall import Hall, fresh_event
from tests.server.store.servers import Valkey
from voting.award.ports import DEVICE, At, Electorate, Vote

HALLS = (5, 40, 100, 5_000)
SMALL = 40
"""Below so many voters two orders may be alike by chance; there every order of casting is tried instead."""
BATCHES = (1, 3, 7, 50)
"""Ballots of one call, in turn: a hall comes in drops and in waves."""


@pytest.fixture
def own_valkey(tmp_path: Path) -> Iterator[tuple[Valkey, Path]]:
    server = Valkey(tmp_path)
    with redis.Redis.from_url(server.url) as client:
        client.config_set("rdbcompression", "no")  # so that the tests can read the files
    yield server, tmp_path / "store"
    server.stop()


def shuffled(count: int) -> list[int]:
    order = list(range(count))
    random.Random(count).shuffle(order)
    return order


async def cast_all(hall: AwardHall, order: Sequence[int]) -> None:
    first, turn = 0, 0
    while first < len(order):
        size = BATCHES[turn % len(BATCHES)] if len(order) < 1_000 else 500
        votes = [ballot(number, "abc"[number % 3]) for number in order[first : first + size]]
        assert set(await hall.cast(*votes)) == {"ok"}
        first, turn = first + size, turn + 1


async def dump(client: Any) -> dict[str, list[tuple[str, Any]]]:
    """Everything in the store, by each command that gives an order: key -> (command, what it gave)."""
    found: dict[str, list[tuple[str, Any]]] = {}
    async for key in client.scan_iter(count=1000):
        kind = await client.type(key)
        if kind == "hash":
            scanned = [pair async for pair in client.hscan_iter(key, count=10)]
            got = [("HGETALL", list((await client.hgetall(key)).items())), ("HSCAN", scanned)]
            got += [("HKEYS", await client.hkeys(key)), ("HVALS", await client.hvals(key))]
        elif kind == "set":
            scanned = [one async for one in client.sscan_iter(key, count=10)]
            # Not as a set of Python's: the order is the question.
            raw = await client.execute_command("SORT", key, "BY", "nosort")
            got = [("SMEMBERS", raw), ("SSCAN", scanned)]
        elif kind == "stream":
            got = [("XRANGE", await client.xrange(key))]
        elif kind == "list":
            got = [("LRANGE", await client.lrange(key, 0, -1))]
        else:
            got = [("GET", await client.get(key))]
        found[key] = got
    return found


def closeness(order: Sequence[int], other: Sequence[int]) -> float:
    """How near two orders of the same things are: Spearman's rank correlation, from -1 to 1."""
    place = {item: at for at, item in enumerate(other)}
    count = len(order)
    gaps = sum((at - place[item]) ** 2 for at, item in enumerate(order))
    return 1 - 6 * gaps / (count * (count**2 - 1))


def bound(count: int) -> float:
    """Chance keeps the correlation of two independent orders below this in all but one of 10**6 cases."""
    return min(1.0, 5 / math.sqrt(count - 1))


@pytest.mark.parametrize("voters", HALLS)
async def test_after_the_seal_the_store_joins_no_code_to_a_ballot(
    own_valkey: tuple[Valkey, Path], voters: int
) -> None:
    server, files = own_valkey
    store = ValkeyStore(server.url)
    await store.connect()
    client = Redis.from_url(server.url, decode_responses=True, protocol=2)
    hall = await (await award_hall(store)).open(voters + 20)
    order = shuffled(voters)
    some = order[:: max(1, voters // 250)]  # in files that are searched voter by voter
    await cast_all(hall, order)
    assert closeness(*orders_in_files(files, some)) > 0.999, "before the seal the files tell who cast what"

    await hall.seal()

    found = await dump(client)
    at = hall.at
    credential = {ballot(number).credential: number for number in range(voters)}
    receipt = {ballot(number).receipt: number for number in range(voters)}
    for key, listings in found.items():
        if f"{{{at.event}}}" not in key:
            continue
        text = json.dumps(listings)
        has_voter = any(word in text for word in list(credential)[:50])
        has_ballot = any(word in text for word in list(receipt)[:50])
        assert not (has_voter and has_ballot), f"{key} knows voters and ballots"
    spent = found[keys.of_award(at.event, "spent", at.award, at.round)]
    box = found[keys.of_award(at.event, "box", at.award, at.round)]
    assert keys.of_award(at.event, "fresh", at.award, at.round) not in found
    assert keys.of_award(at.event, "secret", at.award, at.round) not in found
    for _, listed in spent:
        voters_of = [credential[one] for one in listed]
        assert sorted(voters_of) == sorted(order)
        if voters < SMALL:  # the set keeps the order in which it was filled: that of the hashes
            assert listed == sorted(listed)
        else:
            assert abs(closeness(voters_of, order)) < bound(voters)
        for _, ballots in box:
            texts = [one if isinstance(one, str) else "".join(one) for one in ballots]
            voters_in = [receipt[find(text)] for text in texts]
            assert sorted(voters_in) == sorted(order)
            if voters >= SMALL:
                assert abs(closeness(voters_in, order)) < bound(voters)
                assert abs(closeness(voters_in, voters_of)) < bound(voters)

    if voters >= SMALL:
        by_voter, by_ballot = orders_in_files(files, some)
        assert abs(closeness(by_voter, by_ballot)) < bound(len(some))
        assert abs(closeness(by_ballot, some)) < bound(len(some))
    kinds = sorted(
        path.name.removeprefix("appendonly.aof.").lstrip("0123456789.")
        for path in files.rglob("appendonly.aof.*")
    )
    assert kinds == ["base.rdb", "incr.aof", "manifest"], "older files are gone"
    assert not (files / "dump.rdb").exists()
    await client.aclose()
    await store.close()


def find(text: str) -> str:
    """The receipt in a ballot's text or in a field of the box."""
    if '"receipt":"' in text:
        return text.split('"receipt":"', 1)[1].split('"', 1)[0]
    return text[:12]


def orders_in_files(files: Path, order: Sequence[int]) -> tuple[list[int], list[int]]:
    """In what order the store's files have the voters' credentials, and their ballots; both where each was
    written last (credentials stand in the register too)."""
    raw = b"".join(path.read_bytes() for path in sorted(files.rglob("appendonly.aof.*")))
    at_voter = {number: raw.rfind(ballot(number).credential.encode()) for number in order}
    at_ballot = {number: raw.rfind(ballot(number).receipt.encode()) for number in order}
    assert min(*at_voter.values(), *at_ballot.values()) >= 0
    return sorted(order, key=at_voter.__getitem__), sorted(order, key=at_ballot.__getitem__)


@pytest.mark.parametrize("voters", [5, 40, 100])
async def test_two_halls_that_voted_in_other_orders_are_stored_alike(
    own_valkey: tuple[Valkey, Path], voters: int
) -> None:
    """The strongest form: whatever the order of casting was, the sealed listings are the same."""
    server, _ = own_valkey
    store = ValkeyStore(server.url)
    await store.connect()
    client: Any = Redis.from_url(server.url, decode_responses=True, protocol=2)
    seen = []
    hall = await Hall(store, fresh_event()).set_up()
    for order in (list(range(voters)), list(reversed(range(voters))), shuffled(voters)):
        box = AwardHall(store, At(hall.id, AwardId("prize"), RoundId("final")))
        await box.open(voters)
        await cast_all(box, order)
        await box.seal()
        seen.append(
            [
                await client.execute_command("SORT", keys.of_award(*_spot(box.at, "spent")), "BY", "nosort"),
                list((await client.hgetall(keys.of_award(*_spot(box.at, "box")))).items()),
                await client.hkeys(keys.of_award(*_spot(box.at, "box"))),
            ]
        )
        await store.delete_event(hall.id)
        await hall.set_up()
    assert seen[0] == seen[1] == seen[2]
    await client.aclose()
    await store.close()


async def test_of_five_voters_every_order_of_casting_leaves_the_same(
    own_valkey: tuple[Valkey, Path],
) -> None:
    """Listings of five say nothing one by one; what they say of the order is the same for all 120."""
    server, files = own_valkey
    store = ValkeyStore(server.url)
    await store.connect()
    client: Any = Redis.from_url(server.url, decode_responses=True, protocol=2)
    hall = await Hall(store, fresh_event()).set_up()
    box = AwardHall(store, At(hall.id, AwardId("prize"), RoundId("final")))
    credentials = sorted(ballot(number).credential for number in range(5))
    listings, in_files = set(), set()
    for place, order in enumerate(itertools.permutations(range(5))):
        await box.open(5)
        await cast_all(box, order)
        at = await box.box.close(box.at)
        await box.box.seal(box.at, at.box_hash)
        spent = await client.execute_command("SORT", keys.of_award(*_spot(box.at, "spent")), "BY", "nosort")
        assert spent == credentials
        listings.add(tuple((await client.hgetall(keys.of_award(*_spot(box.at, "box")))).items()))
        if place % 24 == 0:  # one that begins with each of the five
            await box.box.rewrite_files(hall.id)
            in_files.add(tuple(orders_in_files(files, range(5))[1]))
        await store.delete_event(hall.id)
        await hall.set_up()
    assert len(listings) == len(in_files) == 1
    await client.aclose()
    await store.close()


def _spot(at: At, name: str) -> tuple[str, str, str, str]:
    return at.event, name, at.award, at.round


async def test_after_the_seal_no_device_is_in_the_store_or_its_files(
    own_valkey: tuple[Valkey, Path],
) -> None:
    server, files = own_valkey
    store = ValkeyStore(server.url)
    await store.connect()
    hall = await award_hall(store)
    secret = "5ec7e7" * 10 + "abcd"
    await hall.box.open(hall.at, Electorate.DEVICES, secret)
    votes = [
        Vote(f"device-key-{number:04}", "hall", ballot(number).receipt, ballot(number).text)
        for number in range(100)
    ]
    assert set(await hall.box.cast(hall.at, DEVICE, votes)) == {"ok"}

    await hall.seal()

    client = Redis.from_url(server.url, decode_responses=True, protocol=2)
    held = json.dumps(await dump(client))
    raw = b"".join(path.read_bytes() for path in files.rglob("*") if path.is_file())
    for word in ("device-key-", secret):
        assert word not in held
        assert word.encode() not in raw
    assert ballot(0).receipt in held
    await client.aclose()
    await store.close()
