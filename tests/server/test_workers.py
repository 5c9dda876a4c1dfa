"""Several server processes on one machine: they share the store, and one that is killed loses nothing."""

import asyncio
import os
import random
import signal
import time
from collections.abc import AsyncIterator, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from polls.joincode import derive
from polls.model import EventId, PollId
from server.live.event import WORKER_FRESH_MS, LiveEvent
from server.rehearsal.phone import Phone, Sent
from server.store.embedded import running_url
from server.store.valkey import ValkeyStore
from tests.server.cli.served import Served, command, good, is_alive, store_pid
from tests.waiting import eventually, wait_until
from voting.recount import Recount

WORKERS = 2
PHONES = 60
WINDOW_S = 4
BACK_S = 15.0
"""Promise R14: all phones of a worker that was killed are back within this time."""
SPREAD_MS = 100.0
"""How much later than the first phone the last one may hear of the same change."""


def workers_of(served: Served) -> list[int]:
    """The processes of the workers."""
    pid = served.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in children if b"server.worker" in words_of(child)]


def words_of(pid: str) -> bytes:
    """The command line of a process; empty when it has ended meanwhile."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def start(data: Path) -> Served:
    one = Served.start(data, "--workers", WORKERS, "--empty", HEMICYCLE_LIVE_RECONNECT_WINDOW_S=str(WINDOW_S))
    wait_until(lambda: len(workers_of(one)) == WORKERS)
    return one


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Served]:
    """A server for one test, which ends it."""
    one = start(tmp_path / "data")
    yield one
    one.stop()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server whose workers may be killed: they come back."""
    one = start(tmp_path_factory.mktemp("workers"))
    yield one
    one.stop()


@pytest.fixture
async def store(served: Served) -> AsyncIterator[ValkeyStore]:
    url = running_url(served.data)
    assert url is not None
    store = ValkeyStore(url)
    await store.connect()
    yield store
    await store.close()


class Guest(Phone):
    """A phone that comes back by itself, as ours do: after a random part of the window of `welcome`."""

    back_s = 0.0
    """How long it was away, in seconds; 0 while it never was."""
    is_gone = False

    @cached_property
    def _door(self) -> asyncio.Lock:
        return asyncio.Lock()

    async def connect(self) -> None:
        """Once, though both `stay` and a ballot that is not answered may want it."""
        async with self._door:
            if not self.is_connected:
                await super().connect()

    async def _cast_once(self, ballot: Sent, ref: int, twice: bool) -> dict[str, Any] | None:
        """Like the outbox of a real phone: it keeps a ballot while there is no connection."""
        await eventually(lambda: self.is_connected, BACK_S)
        return await super()._cast_once(ballot, ref, twice)

    async def stay(self) -> None:
        """Come back whenever the connection is lost. Until cancelled."""
        while True:
            assert self._reader is not None
            await asyncio.wait([self._reader])
            if self.is_gone:
                return
            began = time.monotonic()
            await asyncio.sleep(random.uniform(0, WINDOW_S))
            await self.connect()
            self.back_s = time.monotonic() - began

    @property
    def is_connected(self) -> bool:
        return self._reader is not None and not self._reader.done()


async def guests(served: Served, event: str, count: int = PHONES) -> list[Guest]:
    phones = [Guest(base=served.base, code=derive(event), event=event) for _ in range(count)]
    gate = asyncio.Semaphore(10)

    async def join(phone: Guest) -> None:
        async with gate, httpx.AsyncHTTPTransport(trust_env=False) as transport:
            await phone.join(transport)

    await asyncio.gather(*map(join, phones))
    return phones


async def act(served: Served, event: str, action: str) -> None:
    await asyncio.to_thread(served.act, event, action, "colour", typed=action)


async def phones_shown(store: ValkeyStore, event: str) -> int:
    """Connected phones as every screen shows them."""
    live = LiveEvent(EventId(event), store)
    await live.refresh()
    return live.phones()


async def test_links_are_printed_once_and_the_end_leaves_nothing_running(own: Served, tmp_path: Path) -> None:
    event = await asyncio.to_thread(own.load, tmp_path)
    pids = [*workers_of(own), store_pid(own.data)]
    (phone,) = await guests(own, event, 1)
    assert phone._socket is not None

    code = await asyncio.to_thread(own.ask, signal.SIGTERM)

    assert code == 0
    with pytest.raises(ConnectionClosed) as closed:
        await phone._socket.recv()
    assert closed.value.rcvd is not None and closed.value.rcvd.code == 4001, "it was told goodbye"
    assert not [pid for pid in pids if is_alive(pid)]
    assert own.said().count("Ctrl-C stops it") == 1
    assert "Traceback" not in own.said()
    assert not (own.data / "server.json").exists()
    await phone.leave()


async def test_workers_and_store_die_with_their_parent(own: Served) -> None:
    pids = [*workers_of(own), store_pid(own.data)]

    await asyncio.to_thread(own.ask, signal.SIGKILL)

    await eventually(lambda: not [pid for pid in pids if is_alive(pid)])


async def test_a_change_reaches_the_phones_of_all_workers_at_once(
    served: Served, store: ValkeyStore, tmp_path: Path
) -> None:
    event = await asyncio.to_thread(served.load, tmp_path)
    phones = await guests(served, event)
    spreads: list[float] = []
    while sum(spread < SPREAD_MS for spread in spreads) < 8 and len(spreads) < 40:  # a busy machine is slower
        round = len(spreads) + 1
        arrived: list[float] = []

        async def hear(phone: Guest, round: int = round, arrived: list[float] = arrived) -> None:
            async with phone._changed:
                await phone._changed.wait_for(lambda: phone.open_rounds.get("colour") == round)
            arrived.append(time.monotonic())

        hearing = [asyncio.create_task(hear(phone)) for phone in phones]
        await act(served, event, "open" if round == 1 else "reopen")
        await asyncio.wait_for(asyncio.gather(*hearing), 10)
        spreads.append((max(arrived) - min(arrived)) * 1000)
        await act(served, event, "close")
    print(f"{PHONES} phones, {WORKERS} workers, first to last: {min(spreads):.1f} to {max(spreads):.1f} ms")
    snapshot = await store.snapshot(EventId(event))
    assert snapshot is not None and len(snapshot.workers) == WORKERS, "both held phones"
    assert sum(spread < SPREAD_MS for spread in spreads) == 8, spreads
    await asyncio.gather(*(phone.leave() for phone in phones))


async def test_kill_9_of_a_worker_loses_no_ballot_and_its_phones_come_back(
    served: Served, store: ValkeyStore, tmp_path: Path
) -> None:
    event = await asyncio.to_thread(served.load, tmp_path)
    phones = await guests(served, event)
    staying = [asyncio.create_task(phone.stay()) for phone in phones]
    await act(served, event, "open")
    await eventually(lambda: phones_are(store, event, PHONES), what="all phones are shown")

    async def vote(phone: Guest, place: int) -> None:
        round = await phone.wait_for_paper("colour", 15)
        assert round is not None
        await asyncio.sleep(place / PHONES)  # while the worker is killed
        await phone.cast("colour", round, [str(1 + place % 3)], twice=place % 5 == 0)

    voting = [asyncio.create_task(vote(phone, place)) for place, phone in enumerate(phones)]
    await eventually(lambda: sum(len(phone.sent) for phone in phones) > PHONES // 4)
    # The one with more of them: which worker takes a connection is the kernel's choice.
    doomed = max(workers_of(served), key=lambda pid: len(os.listdir(f"/proc/{pid}/fd")))
    os.kill(doomed, signal.SIGKILL)
    began = time.monotonic()
    await asyncio.gather(*voting)
    await eventually(lambda: all(phone.is_connected for phone in phones), BACK_S - (time.monotonic() - began))

    away = sorted(phone.back_s for phone in phones if phone.back_s)
    print(f"{len(away)} of {PHONES} phones were away, for {away[0]:.2f} to {away[-1]:.2f} s")
    assert len(away) > PHONES // 8, "the worker held a fair share of the phones"
    assert away[-1] - away[0] > WINDOW_S / 3, "they came back spread over the window"
    await eventually(lambda: len(workers_of(served)) == WORKERS, 15)
    assert doomed not in workers_of(served)
    assert "worker_died" in served.said()
    await asyncio.gather(*(phone.hello() for phone in phones))
    assert [sent for phone in phones for sent in phone.lost()] == []
    assert all(sent.acknowledged for phone in phones for sent in phone.sent)
    await act(served, event, "close")
    reading = await store.read_round(EventId(event), PollId("colour"), 1)
    recount = Recount()
    recount.add(reading.log)
    assert recount.differences(reading) == []
    assert len(reading.box) == sum(reading.tally.values()) == PHONES, "acks = box = sum of the tally = log"

    # Those who do not come back are counted no longer, though nobody could say goodbye for them.
    pid = workers_of(served)[0]
    before = {phone for phone in phones if phone.is_connected}
    for phone in phones:
        phone.is_gone = True
    os.kill(pid, signal.SIGKILL)
    await eventually(lambda: any(not phone.is_connected for phone in before))
    await eventually(lambda: len(workers_of(served)) == WORKERS, 15)
    left = sum(phone.is_connected for phone in phones)
    assert left < PHONES
    await eventually(
        lambda: phones_are(store, event, left), WORKER_FRESH_MS / 1000 + 3, "only those who are still there"
    )
    for task in staying:
        task.cancel()
    await asyncio.gather(*staying, return_exceptions=True)
    await asyncio.gather(*(phone.leave() for phone in phones))


async def phones_are(store: ValkeyStore, event: str, count: int) -> bool:
    return await phones_shown(store, event) == count


async def test_the_parent_restarts_a_store_that_was_killed(served: Served, tmp_path: Path) -> None:
    event = await asyncio.to_thread(served.load, tmp_path)
    await act(served, event, "open")
    await asyncio.to_thread(served.vote, event, "colour", "1", "2")
    os.kill(store_pid(served.data), signal.SIGKILL)

    await eventually(lambda: "store_restarted" in served.said())

    await eventually(lambda: httpx.get(served.base + "/healthz", verify=False).status_code == 200)
    await asyncio.to_thread(served.vote, event, "colour", "3")
    assert "colour round 1: 3 ballots" in await asyncio.to_thread(good, "recount", event, data=served.data)


def test_a_number_of_workers_that_cannot_be_is_refused_in_words(tmp_path: Path) -> None:
    said = command("serve", "--port", 0, "--workers", 65, data=tmp_path / "data")

    assert said.exit_code == 1
    assert "server.workers: expected a whole number from 1 to 64" in said.stderr
