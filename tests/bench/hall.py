"""Our side: the real `hemicycle serve` with its real store, an event, and phones with signed cookies."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from polls.lifecycle import Action, PollState
from polls.model import EventId, PollId
from polls.ports import Change
from server import moderation
from server.auth import Keyring
from server.eventyaml import read_event
from server.loading import load_event
from server.store.embedded import running_url
from server.store.valkey import ValkeyStore
from tests.bench import machine
from tests.bench.load import Load, load
from voting.recount import Recount

T = TypeVar("T")

EVENT = EventId("bench")
DEVICE_COOKIE = "hc_device"
COMMAND = (machine.python(), "-m", "server")


class Clocked(ValkeyStore):
    """A store that notes when a change was handed to it: what a moderator reads before that is no part."""

    changed_s = 0.0

    async def commit(self, event: EventId, change: Change) -> int:
        self.changed_s = time.monotonic()
        return await super().commit(event, change)


class Extend:
    """A moderator who adds five seconds to a countdown whenever called."""

    def __init__(self, runner: asyncio.Runner, store: Clocked, poll: str) -> None:
        self._runner, self._store, self._poll = runner, store, poll

    def __call__(self) -> None:
        acting = moderation.act(self._store, EVENT, "bench", self._poll, Action.EXTEND, seconds=5)
        self._runner.run(acting)

    @property
    def changed_s(self) -> float:
        """When the store was last given a change, by the monotonic clock."""
        return self._store.changed_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Hall:
    """A running server with the event `bench`. `pid` is the server's, with several workers their parent's;
    `store_pid` the store's, 0 when it is not ours."""

    data: Path
    port: int
    pid: int
    store_pid: int
    store_url: str
    client: Path

    def phones(self, n: int) -> contextlib.AbstractContextManager[Load]:
        """A load client of at most `n` phones, each with a cookie of its own."""
        keyring, file = Keyring.load(self.data / "key"), self.data / f"cookies-{n}"
        if not file.exists():
            signed = (keyring.sign_device(keyring.new_device()) for _ in range(n))
            file.write_text("".join(f"{DEVICE_COOKIE}={one}\n" for one in signed))
        return load(self.client, self.port, "hemicycle", f"/ws/{EVENT}/phone", file)

    def scanners(self) -> contextlib.AbstractContextManager[Load]:
        """A load client whose phones have no cookie yet."""
        return load(self.client, self.port, "hemicycle", f"/ws/{EVENT}/phone")

    def cpu_s(self) -> float:
        """CPU time of the server so far, its workers included; the store's is not in it."""
        return machine.cpu_s(self.pid, *self.workers())

    def workers(self) -> list[int]:
        """The processes of the workers; none when the server works alone."""
        return [pid for pid in machine.children(self.pid) if pid != self.store_pid]

    def store_cpu_s(self) -> float:
        return machine.cpu_s(self.store_pid) if self.store_pid else 0.0

    def with_store(self, work: Callable[[ValkeyStore], Awaitable[T]]) -> T:
        async def run() -> T:
            store = ValkeyStore(self.store_url)
            await store.connect()
            try:
                return await work(store)
            finally:
                await store.close()

        return asyncio.run(run())

    def act(self, poll: str, action: Action, seconds: int = 0) -> None:
        """What a moderator does, from another process: the server hears of it as of another worker's."""
        self.with_store(lambda store: moderation.act(store, EVENT, "bench", poll, action, seconds=seconds))

    @contextlib.contextmanager
    def decisions(self, poll: str) -> Iterator[Extend]:
        """A moderator in another process who is there already and acts when told."""
        with asyncio.Runner() as runner:
            store = Clocked(self.store_url)
            runner.run(store.connect())
            yield Extend(runner, store, poll)
            runner.run(store.close())

    def new_round(self, poll: str) -> int:
        """Open a poll, or close it and open it again; gives the new round."""

        async def work(store: ValkeyStore) -> int:
            snapshot = await store.snapshot(EVENT)
            assert snapshot is not None
            state = snapshot.state.run(PollId(poll)).state
            if state is PollState.OPEN:
                await moderation.act(store, EVENT, "bench", poll, Action.CLOSE)
            action = Action.OPEN if state is PollState.DRAFT else Action.REOPEN
            await moderation.act(store, EVENT, "bench", poll, action)
            snapshot = await store.snapshot(EVENT)
            assert snapshot is not None
            return snapshot.state.run(PollId(poll)).round

        return self.with_store(work)

    def settle(self) -> None:
        """Wait until the server does nothing any more: it recounts a round that was closed, which is no part
        of what the next round costs."""
        machine.settle(self.cpu_s)

    def wrong_ballots(self, poll: str, round: int, acknowledged: int) -> list[str]:
        """What does not hold of: receipts = box = sum of tally = replay of the log; empty when all does."""

        async def work(store: ValkeyStore) -> list[str]:
            reading = await store.read_round(EVENT, PollId(poll), round)
            recount = Recount()
            recount.add(reading.log)
            wrong = list(recount.differences(reading))
            for name, count in (("box", len(reading.box)), ("tally", sum(reading.tally.values()))):
                if count != acknowledged:
                    wrong.append(f"{acknowledged} receipts, {count} in the {name}")
            return wrong

        return self.with_store(work)


@contextlib.contextmanager
def hall(
    client: Path, folder: Path, *, fsync: str = "always", workers: int = 1, window_s: int = 10
) -> Iterator[Hall]:
    """`hemicycle serve` on the first core, its store on the second beside the load.

    fsync: "always"; "none" runs the same store without an append-only file, which only a measurement may.
    window_s: over which phones of a worker that is gone come back.
    """
    core, other = machine.cores()
    data = folder / f"hall-{machine.free_port()}"
    data.mkdir()
    with contextlib.ExitStack() as stack:
        settings = data / "config.yaml"
        live = f"live: {{max_connections_per_device: 50, reconnect_window_s: {window_s}}}"
        settings.write_text(f"{live}\nlog: {{level: warning}}\n")
        if fsync == "none":
            socket = stack.enter_context(plain_store(data, other))
            settings.write_text(settings.read_text() + f"store: {{url: 'unix://{socket}'}}\n")
        options = ("--config", str(settings), "--data", str(data))
        port = machine.free_port()
        command = (*COMMAND, "serve", "--empty", "--port", str(port), "--workers", str(workers), *options)
        server = stack.enter_context(machine.running(command, core, port))
        if fsync == "none":
            store_pid, url = 0, f"unix://{socket}"
        else:
            store_pid = int(json.loads((data / "running.json").read_text())["pid"])
            machine.move(store_pid, other)
            found = running_url(data)
            assert found is not None
            url = found
        made = Hall(data=data, port=port, pid=server.pid, store_pid=store_pid, store_url=url, client=client)
        event = read_event(Path(__file__).with_name("hall.yaml").read_text(encoding="utf-8"))
        made.with_store(lambda store: load_event(store, event, actor="bench"))
        if workers > 1:
            made.settle()  # till all of them are up, or the first would take every phone
        yield made


@contextlib.contextmanager
def plain_store(folder: Path, core: int) -> Iterator[Path]:
    """A store that keeps nothing, for the anchors; gives its socket."""
    socket = folder / "plain.sock"
    command = [machine.store_binary(), "--port", "0", "--unixsocket", socket, "--dir", folder]
    server = machine.Server([*command, "--save", "", "--appendonly", "no"], core)
    server.wait_for_file(socket)
    try:
        yield socket
    finally:
        server.stop()
        socket.unlink(missing_ok=True)
