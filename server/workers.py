"""Several server processes on one listening socket and one store; this is what their parent does.

The parent holds the socket and the embedded store, starts the workers, starts one again that ends, and
passes on the wish to stop. Each worker is a fresh Python (server/worker.py) that takes connections from
the same socket. They share nothing but the store, so a worker that is killed takes only its connections
along. Like the store they die with their parent, by the kernel's hand.
"""

import contextlib
import ctypes
import os
import pickle
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from server.config import Config
from server.serving import GOODBYE_S, GRACE_S

log = structlog.get_logger()

STEP_S = 0.05
STOP_S = GOODBYE_S + GRACE_S + 5
"""How long workers may take to stop before they are killed, in seconds."""
SOON_S = 5.0
"""A worker that ends within this time of its start is given a pause before the next try, in seconds."""
MAX_PAUSE_S = 15.0
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class WorkersFailed(Exception):
    """No worker came up; the log says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a worker is told. `listener` and `ready` are file descriptors that it inherits: the listening
    socket, and a pipe into which it writes one byte once it takes connections."""

    config: Config
    store_url: str
    public_url: str
    number: int
    listener: int
    ready: int


class Worker:
    """One place among the workers, and the process that has it now."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.is_ready = False
        self._process: subprocess.Popen[bytes] | None = None
        self._ready = -1
        self._started_s = 0.0
        self._pause_s = 0.0

    def start(self, config: Config, store_url: str, public_url: str, listener: socket.socket) -> None:
        self.close()
        self._ready, theirs = os.pipe()
        os.set_blocking(self._ready, False)
        job = Job(
            config=config,
            store_url=store_url,
            public_url=public_url,
            number=self.number,
            listener=listener.fileno(),
            ready=theirs,
        )
        parent = os.getpid()

        def die_with_parent() -> None:
            if _libc is not None:
                _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
                if os.getppid() != parent:  # it died before the line above
                    os._exit(1)

        self._process = subprocess.Popen(
            [sys.executable, "-m", "server.worker"],
            stdin=subprocess.PIPE,
            pass_fds=(job.listener, theirs),
            preexec_fn=die_with_parent,
            start_new_session=True,  # Ctrl-C is for the parent, which then stops us
        )
        os.close(theirs)
        self._started_s = time.monotonic()
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError), self._process.stdin as line:
            pickle.dump(job, line)

    def look(self) -> int | None:
        """The exit status if the process has ended. Notes whether it has said that it is ready."""
        assert self._process is not None
        if self._ready >= 0:
            with contextlib.suppress(BlockingIOError):
                self.is_ready = self.is_ready or bool(os.read(self._ready, 1))
                os.close(self._ready)
                self._ready = -1
        return self._process.poll()

    def may_start_again(self) -> bool:
        """Whether it is time: at once, but with ever longer pauses for one that ends again and again."""
        now = time.monotonic()
        if now - self._started_s > SOON_S + self._pause_s:
            self._pause_s = 0.0
        if now - self._started_s < self._pause_s:
            return False
        self._pause_s = min(MAX_PAUSE_S, max(0.5, self._pause_s * 2))
        return True

    def ask_to_stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def stop(self, until_s: float) -> None:
        """Wait for its end, which was asked for, and insist at the time `until_s` of the monotonic clock."""
        if self._process is not None:
            try:
                self._process.wait(max(0.0, until_s - time.monotonic()))
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self.close()

    def close(self) -> None:
        if self._ready >= 0:
            os.close(self._ready)
            self._ready = -1
        self.is_ready = False


def run_workers(
    config: Config,
    store_url: str,
    public_url: str,
    listener: socket.socket,
    watch_store: Callable[[], None],
    announce: Callable[[], None],
) -> None:
    """Run `server.workers` workers until SIGTERM or SIGINT; returns when all have stopped.

    `watch_store` is called often and may start the store again; `announce` once, when the first worker
    takes connections. To be called from the main thread. Raises WorkersFailed when none comes up.
    """
    stopping: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda signum, _: stopping.append(signum))
    workers = [Worker(number) for number in range(config.server.workers)]
    announced = False
    try:
        for worker in workers:
            worker.start(config, store_url, public_url, listener)
        while not stopping:
            watch_store()
            for worker in workers:
                status = worker.look()
                if status is None:
                    continue
                if not announced and not any(one.is_ready for one in workers):
                    raise WorkersFailed(
                        "a server process ended before it took connections; see the lines above"
                    )
                if worker.may_start_again():
                    log.error("worker_died", number=worker.number, status=status)
                    worker.start(config, store_url, public_url, listener)
            if not announced and any(worker.is_ready for worker in workers):
                announced = True
                announce()
            time.sleep(STEP_S)
    finally:
        until_s = time.monotonic() + STOP_S
        for worker in workers:
            worker.ask_to_stop()
        for worker in workers:
            worker.stop(until_s)
