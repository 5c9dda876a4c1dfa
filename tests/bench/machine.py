"""What the benchmark runs on, and how processes are started, pinned, watched and ended."""

from __future__ import annotations

import contextlib
import os
import platform
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from server.store.embedded import find_binary

HERE = Path(__file__).parent
NODE = HERE / "node"
CPUCLOCK_SCHED = 2
START_S = 30.0
SETTLE_S = 10.0
IDLE_S = 0.003
"""Less CPU than this in a tenth of a second is idle, in seconds."""
PACKAGES = ("starlette", "uvicorn", "websockets", "uvloop", "httptools", "redis", "hiredis", "msgspec")
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin")


class Missing(Exception):
    """Something this measurement needs is not on this machine; the text says what."""


@cache
def cores() -> tuple[int, int]:
    """The core of the server and that of the load, as they were first asked. Raises Missing without two."""
    mine = sorted(os.sched_getaffinity(0))
    if len(mine) < 2:
        raise Missing("two cores are needed, one for the server and one for the load")
    return mine[0], mine[1]


def raise_files(wanted: int) -> str:
    """Allow this process and its children so many open files; says what could not be done, else nothing."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(wanted, soft), max(wanted, hard)))
        return ""
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return "" if hard >= wanted else f"only {hard} open files are allowed, {wanted} wanted"


def facts() -> dict[str, str]:
    """Machine, kernel and versions, as they are printed and written."""
    cpu = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    said = {
        "cpu": f"{cpu.group(1) if cpu else platform.machine()}, {os.cpu_count()} cores",
        "kernel": platform.release(),
        "python": platform.python_version(),
        "load before": " ".join(f"{one:.1f}" for one in os.getloadavg()),
    }
    for name in PACKAGES:
        with contextlib.suppress(PackageNotFoundError):
            said[name] = version(name)
    asked = {
        "node": ["node", "--version"],
        "store": [str(store_binary()), "--version"],
        "nginx": [NGINX or "nginx", "-v"],
        "nchan": ["dpkg-query", "--show", "libnginx-mod-nchan"],
    }
    for name, command in asked.items():
        with contextlib.suppress(OSError):
            out = subprocess.run(command, capture_output=True, text=True, check=False)
            found = re.search(r"(?:v=?|/|:)(\d+\.[\d.]*\d)", out.stdout + out.stderr)
            if found:
                said[name] = found.group(1)
    with contextlib.suppress(Missing):
        node_anchors()  # else the first run could not say which they are
    for name in ("ws", "socket.io", "ioredis"):
        with contextlib.suppress(OSError):
            found = re.search(
                r'"version": "(.+?)"', (NODE / "node_modules" / name / "package.json").read_text()
            )
            said[name] = found.group(1) if found else ""
    return said


def compiled(name: str, folder: Path) -> Path:
    """A C program of ours, made by this machine's compiler. Raises Missing without one."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise Missing("a C compiler is needed (Debian: apt-get install gcc libc6-dev)")
    program = folder / name
    if not program.exists():
        subprocess.run([compiler, "-O2", "-o", program, HERE / "c" / f"{name}.c"], check=True)
    return program


def node_anchors() -> None:
    """Install what the Node anchors need, from the lock. Raises Missing."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise Missing("node and npm are needed for the anchors ws and socket.io")
    mark = NODE / "node_modules" / ".package-lock.json"
    if not mark.exists() or mark.stat().st_mtime < (NODE / "package-lock.json").stat().st_mtime:
        done = subprocess.run([npm, "ci", "--loglevel=error"], cwd=NODE, capture_output=True, text=True)
        if done.returncode:
            raise Missing(f"npm ci failed: {done.stderr.strip()[-200:]}")
        mark.touch()


def store_binary() -> Path:
    """The store that `hemicycle serve` runs."""
    return find_binary()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Server:
    """A process under measurement with its children."""

    def __init__(self, command: Sequence[object], core: int) -> None:
        self._process = subprocess.Popen(
            [str(word) for word in command],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
            preexec_fn=lambda: os.sched_setaffinity(0, {core}),
        )
        self.pid = self._process.pid

    def wait_for_port(self, port: int) -> None:
        """Wait until something answers there, not merely listens: ours listens before its store is up."""
        until = time.monotonic() + START_S
        while time.monotonic() < until and self._process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2) as one:
                one.settimeout(START_S)
                one.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                if one.recv(1):
                    return
            time.sleep(0.05)
        self.stop()
        raise Missing(f"a server did not start: {self.errors()[-400:]}")

    def wait_for_file(self, path: Path) -> None:
        until = time.monotonic() + START_S
        while not path.exists():
            if time.monotonic() > until or self._process.poll() is not None:
                self.stop()
                raise Missing(f"a store did not start: {self.errors()[-400:]}")
            time.sleep(0.02)

    def errors(self) -> str:
        assert self._process.stderr is not None
        return self._process.stderr.read().decode(errors="replace")

    def stop(self) -> None:
        """End it, politely first."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()


@contextlib.contextmanager
def running(command: Sequence[object], core: int, port: int) -> Iterator[Server]:
    """A server that answers on `port`, ended afterwards."""
    server = Server(command, core)
    server.wait_for_port(port)
    try:
        yield server
    finally:
        server.stop()


def cpu_s(*pids: int) -> float:
    """User and system time of processes so far, in seconds, by the kernel's clock of each process."""
    return sum(time.clock_gettime_ns(~pid << 3 | CPUCLOCK_SCHED) for pid in pids) / 1e9


def settle(cpu: Callable[[], float]) -> None:
    """Wait until a server does nothing any more, by what it says of its CPU time; SETTLE_S at most."""
    before, until = -1.0, time.monotonic() + SETTLE_S
    while cpu() - before > IDLE_S and time.monotonic() < until:
        before = cpu()
        time.sleep(0.1)


def rss_kb(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


def move(pid: int, core: int) -> None:
    """Put every thread of a process on a core."""
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(ProcessLookupError):
            os.sched_setaffinity(int(thread.name), {core})


def children(pid: int) -> list[int]:
    """The processes a process has started."""
    found = []
    for path in Path(f"/proc/{pid}/task").iterdir():
        found += [int(word) for word in (path / "children").read_text().split()]
    return found


def python() -> str:
    return sys.executable
