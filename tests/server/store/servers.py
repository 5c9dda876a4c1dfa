"""Real stores for tests: our own Valkey, and Debian's redis-server, each in a process that can be killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Protocol

import redis

from server.store.embedded import EmbeddedStore
from tests.waiting import wait_until

REDIS = shutil.which("redis-server")
NO_REDIS = "redis-server is not installed"


class Server(Protocol):
    url: str

    def kill(self) -> None:
        """As by kill -9."""
        ...

    def start(self) -> None: ...

    def stop(self) -> None: ...


class Valkey:
    """The embedded store on its own folder."""

    def __init__(self, data: Path) -> None:
        self._store = EmbeddedStore(data)
        self.url = self._store.start()

    def kill(self) -> None:
        assert self._store.pid is not None
        os.kill(self._store.pid, signal.SIGKILL)
        wait_until(lambda: self._store.poll() is not None)

    def start(self) -> None:
        self.url = self._store.restart()

    def stop(self) -> None:
        self._store.stop()


class DebianRedis:
    """redis-server with our settings, reached by a socket in a short folder."""

    def __init__(self) -> None:
        assert REDIS is not None, NO_REDIS
        self._folder = Path(tempfile.mkdtemp(prefix="hc-redis-"))
        self._settings = {
            "port": "0",
            "unixsocket": str(self._folder / "s"),
            "dir": str(self._folder),
            "appendonly": "yes",
            "appendfsync": "always",
            "save": "",
            "maxmemory-policy": "noeviction",
        }
        self.url = f"unix://{self._settings['unixsocket']}"
        self.start()

    def start(self) -> None:
        words = [word for name, value in self._settings.items() for word in (f"--{name}", value)]
        log = ("--logfile", str(self._folder / "log"))
        self._process = subprocess.Popen([str(REDIS), *words, *log], stdout=subprocess.DEVNULL)
        with redis.Redis(unix_socket_path=self._settings["unixsocket"]) as client:
            wait_until(lambda: _answers(client), what="redis-server answers")

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        self.kill()
        shutil.rmtree(self._folder)


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
