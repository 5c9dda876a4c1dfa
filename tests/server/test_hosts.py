"""Several hosts: servers with nothing in common but a store's address and the key act as one."""

import asyncio
import shutil
import signal
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from polls.joincode import derive
from polls.model import EventId, PollId
from server.auth import Keyring
from server.rehearsal.phone import Phone, Sent
from server.store.valkey import ValkeyStore
from tests.server.cli.served import Served, Voter, is_alive
from tests.server.store.cluster import Cluster
from tests.server.store.servers import Valkey
from tests.server.test_workers import workers_of
from tests.waiting import eventually, wait_until
from voting.recount import Recount

VOTERS = 24
WORKERS = 2
"""Processes of the second host; the first has one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosts:
    """Two hosts, each with a data folder of its own, and the store that they share."""

    first: Served
    second: Served
    store_url: str


@pytest.fixture(scope="module", params=["single", "cluster"])
def hosts(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosts]:
    """On one store, and on a cluster of three primaries."""
    folder = tmp_path_factory.mktemp("hosts")
    shared = Cluster(folder) if request.param == "cluster" else Valkey(folder / "shared")
    folders = [folder / name for name in ("first", "second")]
    for data in folders:
        data.mkdir(mode=0o700)
    Keyring.load(folders[0] / "key")
    shutil.copy2(folders[0] / "key", folders[1] / "key")
    started: list[Served] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEMICYCLE_STORE_URL", shared.url)  # for commands that run in this process
        try:
            for data, workers in zip(folders, (1, WORKERS), strict=True):
                words = ("--workers", workers, "--empty")
                started.append(Served.start(data, *words, HEMICYCLE_STORE_URL=shared.url))
            wait_until(lambda: len(workers_of(started[1])) == WORKERS)
            yield Hosts(first=started[0], second=started[1], store_url=shared.url)
        finally:
            for one in started:
                one.stop()
            shared.stop()


@pytest.fixture
async def store(hosts: Hosts) -> AsyncIterator[ValkeyStore]:
    store = ValkeyStore(hosts.store_url)
    await store.connect()
    yield store
    await store.close()


@pytest.fixture
def event(hosts: Hosts, tmp_path: Path) -> str:
    """A small event, loaded by a command on the second host."""
    return hosts.second.load(tmp_path)


def elsewhere(voter: Voter, host: Served) -> Voter:
    """The same phone as it comes by another host: a proxy before them keeps nobody to one."""
    client = httpx.Client(base_url=host.base, headers=voter.client.headers, timeout=20, verify=False)
    client.headers["cookie"] = voter.cookie()
    return Voter(client, voter.event, voter.code)


async def act(host: Served, event: str, action: str) -> None:
    await asyncio.to_thread(host.act, event, action, "colour", typed=action)


async def wrong(store: ValkeyStore, event: str, counted: int) -> list[str]:
    """What does not hold of: box = sum of the tally = replay of the log = `counted`."""
    reading = await store.read_round(EventId(event), PollId("colour"), 1)
    recount = Recount()
    recount.add(reading.log)
    sizes = {"box": len(reading.box), "tally": sum(reading.tally.values())}
    return [*recount.differences(reading), *(f"{n} in {name}" for name, n in sizes.items() if n != counted)]


async def test_a_voter_who_changes_hosts_has_one_ballot(hosts: Hosts, store: ValkeyStore, event: str) -> None:
    await act(hosts.first, event, "open")

    def vote() -> list[dict[str, Any]]:
        with hosts.first.phone(event) as here, elsewhere(here, hosts.second) as there:
            said = [
                here.cast("colour", "1", nonce="the-first-ballot"),
                there.cast("colour", "1", nonce="the-first-ballot"),
                there.cast("colour", "2", nonce="another-ballot-"),
                there.cast("colour", "3", rev=2, nonce="a-change-of-mind"),
                here.cast("colour", "1", nonce="the-first-ballot"),
            ]
            assert here.own() == there.own()
            assert [(own["rev"], own["selections"]) for own in here.own()] == [(2, ["3"])]
            return said

    said = await asyncio.to_thread(vote)

    assert [one["type"] for one in said] == ["receipt", "receipt", "reject", "receipt", "reject"]
    assert [one.get("again") for one in said] == [False, True, None, False, None]
    assert [one.get("code") for one in said] == [None, None, "conflict", None, "stale"]
    assert await wrong(store, event, 1) == []


async def phones_of(host: Served, event: str, count: int) -> list[Phone]:
    """Connected phones, each somebody else."""
    phones = [Phone(base=host.base, code=derive(event), event=event) for _ in range(count)]
    async with httpx.AsyncHTTPTransport(trust_env=False) as transport:
        for phone in phones:
            await phone.join(transport)
    return phones


async def same_phone(phone: Phone, host: Served) -> Phone:
    """A second socket of the same phone, by another host."""
    again = Phone(base=host.base, code=phone.code, event=phone.event, cookies=phone.cookies)
    await again.connect()
    return again


async def test_ballots_sent_to_both_hosts_at_once_are_counted_once(
    hosts: Hosts, store: ValkeyStore, event: str
) -> None:
    await act(hosts.second, event, "open")
    here = await phones_of(hosts.first, event, VOTERS)
    there = [await same_phone(phone, hosts.second) for phone in here]

    async def vote(phone: Phone, place: int) -> dict[str, Any] | None:
        ballot = Sent("colour", 1, 1, f"the-ballot-of-{place:04}", [str(1 + place % 3)])
        return await phone._cast_once(ballot, 1, twice=place % 5 == 0)

    said = await asyncio.gather(
        *(vote(one, place) for both in (here, there) for place, one in enumerate(both))
    )

    assert all(one is not None and one["type"] == "receipt" for one in said)
    await asyncio.gather(*(phone.hello() for phone in (*here, *there)))
    assert all(len(one.own) == 1 and one.own == other.own for one, other in zip(here, there, strict=True))
    assert await wrong(store, event, VOTERS) == []
    await asyncio.gather(*(phone.leave() for phone in (*here, *there)))


async def test_what_a_moderator_does_on_either_host_is_on_the_phones_of_both(
    hosts: Hosts, store: ValkeyStore, event: str
) -> None:
    """And a ballot that comes after the close is refused, whichever host it comes by."""
    phones = [*await phones_of(hosts.first, event, 3), *await phones_of(hosts.second, event, 6)]

    await act(hosts.first, event, "open")
    assert [await phone.wait_for_paper("colour", 10) for phone in phones] == [1] * 9
    await asyncio.gather(*(phone.cast("colour", 1, ["2"]) for phone in phones[2:5]))
    assert [phone.sent[0].acknowledged for phone in phones[2:5]] == [True] * 3

    await act(hosts.second, event, "close")
    await eventually(lambda: not any(phone.open_rounds for phone in phones), what="the papers are taken away")
    for phone in (phones[0], phones[-1]):
        await phone.cast("colour", 1, ["1"])
        assert phone.sent[0].rejected == "closed"
    assert await wrong(store, event, 3) == []

    await act(hosts.first, event, "reopen")
    assert [await phone.wait_for_paper("colour", 10) for phone in phones] == [2] * 9
    await asyncio.gather(*(phone.leave() for phone in phones))


async def test_links_of_one_host_open_the_other(hosts: Hosts, event: str) -> None:
    for host, other in ((hosts.first, hosts.second), (hosts.second, hosts.first)):
        link = await asyncio.to_thread(host.link, event, "Console")
        async with httpx.AsyncClient(verify=False, follow_redirects=True) as client:
            answer = await client.get(link.replace(host.base, other.base))
        assert answer.status_code == 200 and "A small event" in answer.text


async def test_the_phones_of_a_host_that_is_lost_go_on_by_the_other(
    hosts: Hosts, store: ValkeyStore, event: str, tmp_path: Path
) -> None:
    third = tmp_path / "third"
    third.mkdir(mode=0o700)
    shutil.copy2(hosts.first.data / "key", third / "key")
    doomed = await asyncio.to_thread(Served.start, third, "--empty", HEMICYCLE_STORE_URL=hosts.store_url)
    await act(doomed, event, "open")
    phones = await phones_of(doomed, event, 6)
    await asyncio.gather(*(phone.cast("colour", 1, ["1"], twice=True) for phone in phones[:3]))

    doomed.process.send_signal(signal.SIGKILL)
    await asyncio.to_thread(doomed.process.wait, 10)
    assert not is_alive(doomed.process.pid)
    doomed.stop()

    back = [await same_phone(phone, hosts.second) for phone in phones]
    for phone, again in zip(phones, back, strict=True):
        again.sent = phone.sent
    assert [len(phone.own) for phone in back] == [1, 1, 1, 0, 0, 0]
    assert [sent for phone in back for sent in phone.lost()] == []
    await asyncio.gather(*(phone.cast("colour", 1, ["2"]) for phone in back[3:]))
    assert all(phone.sent[0].acknowledged for phone in back)
    assert await wrong(store, event, 6) == []
    await asyncio.gather(*(phone.leave() for phone in (*phones, *back)))
