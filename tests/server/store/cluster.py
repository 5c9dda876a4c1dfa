"""A cluster of three primaries for tests, made of real processes: our own Valkey, or another program."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import redis
from redis.crc import key_slot

from server.store.embedded import PR_SET_PDEATHSIG, find_binary
from tests.waiting import wait_until

SLOTS = 16_384
NODES = 3
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class Cluster:
    """Three primaries without replicas, each with a third of the slots."""

    def __init__(self, folder: Path, program: str | None = None) -> None:
        self._folder, self._program = folder, program or str(find_binary())
        self.ports = _free_ports(2 * NODES)
        self._processes: list[subprocess.Popen[bytes]] = [self._spawn(place) for place in range(NODES)]
        self.clients = [
            redis.Redis(port=port, protocol=2, decode_responses=True) for port in self.ports[:NODES]
        ]
        self.url = f"valkey+cluster://127.0.0.1:{self.ports[0]}"
        try:
            self._join()
        except BaseException:
            self.stop()
            raise

    def _join(self) -> None:
        for client in self.clients:
            wait_until(partial(_answers, client), what="a node answers")
        for place, client in enumerate(self.clients):
            first, last = SLOTS * place // NODES, SLOTS * (place + 1) // NODES - 1
            _ask(client, "CLUSTER", "ADDSLOTSRANGE", first, last)
            _ask(client, "CLUSTER", "SET-CONFIG-EPOCH", place + 1)
        for port, bus in zip(self.ports[1:NODES], self.ports[NODES + 1 :], strict=True):
            _ask(self.clients[0], "CLUSTER", "MEET", "127.0.0.1", port, bus)
        self.wait_until_ready()

    def _spawn(self, place: int) -> subprocess.Popen[bytes]:
        folder = self._folder / f"node{place}"
        folder.mkdir(exist_ok=True)
        settings = {
            "port": str(self.ports[place]),
            "cluster-port": str(self.ports[NODES + place]),
            "bind": "127.0.0.1",
            "cluster-enabled": "yes",
            "cluster-node-timeout": "2000",
            "cluster-require-full-coverage": "no",
            "dir": str(folder),
            "logfile": str(folder / "log"),
            "appendonly": "yes",
            "appendfsync": "always",
            "save": "",
            "maxmemory-policy": "noeviction",
        }
        words = [word for name, value in settings.items() for word in (f"--{name}", value)]
        return subprocess.Popen(
            [self._program, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            preexec_fn=lambda: _libc and _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0),
        )

    def wait_until_ready(self) -> None:
        for client in self.clients:
            wait_until(partial(_is_whole, client), 20, "the cluster is whole")

    def place_of(self, key: str) -> int:
        """Which of the primaries holds a key."""
        return key_slot(key.encode()) * NODES // SLOTS

    def move(self, key: str, source: int, target: int) -> None:
        """Move the slot of a key, and what lies in it, to another primary, as an operator does."""
        slot = key_slot(key.encode())
        names = [str(_ask(client, "CLUSTER", "MYID")) for client in self.clients]
        at, to = self.clients[source], self.clients[target]
        _ask(to, "CLUSTER", "SETSLOT", slot, "IMPORTING", names[source])
        _ask(at, "CLUSTER", "SETSLOT", slot, "MIGRATING", names[target])
        found = _ask(at, "CLUSTER", "GETKEYSINSLOT", slot, 1000)
        _ask(at, "MIGRATE", "127.0.0.1", self.ports[target], "", 0, 5000, "KEYS", *found)
        for client in (to, at, *self.clients):
            _ask(client, "CLUSTER", "SETSLOT", slot, "NODE", names[target])

    def kill(self, place: int) -> None:
        """As by kill -9."""
        os.kill(self._processes[place].pid, signal.SIGKILL)
        self._processes[place].wait()

    def start(self, place: int) -> None:
        self._processes[place] = self._spawn(place)
        self.wait_until_ready()

    def stop(self) -> None:
        for client in self.clients:
            client.close()
        for place in range(NODES):
            with contextlib.suppress(ProcessLookupError):
                self.kill(place)


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        found = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in found:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in found]


def _ask(client: redis.Redis, *words: str | int) -> Any:
    ask: Callable[..., Any] = client.execute_command
    return ask(*words)


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False


def _is_whole(client: redis.Redis) -> bool:
    try:
        info = str(_ask(client, "CLUSTER", "INFO")).split()
    except redis.RedisError:
        return False
    return "cluster_state:ok" in info and f"cluster_known_nodes:{NODES}" in info
