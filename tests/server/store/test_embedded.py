"""The private store: one per folder, no door to the outside, gone with its parent, data still there."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from server.store import embedded
from server.store.embedded import EmbeddedStore, StoreBusy, StoreError, running_url
from tests.waiting import wait_until

ROOT = Path(__file__).parents[3]
LINUX_ONLY = pytest.mark.skipif(
    sys.platform != "linux", reason="the death signal and /proc exist on Linux only"
)

PARENT = """
import signal, sys
from pathlib import Path
from server.store.embedded import EmbeddedStore
store = EmbeddedStore(Path(sys.argv[1]))
print(store.start(), store.pid, flush=True)
signal.pause()
"""


def ask(url: str, *words: str) -> bytes:
    """One command in the store's own protocol, so that these tests need no client."""
    path = unquote(url.removeprefix("unix://"))
    encoded = [f"${len(word.encode())}\r\n{word}\r\n" for word in words]
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(5)
        client.connect(path)
        client.sendall(f"*{len(words)}\r\n{''.join(encoded)}".encode())
        return client.recv(65536).removesuffix(b"\r\n")


def is_running(pid: int) -> bool:
    """Whether the process runs; one that is dead but not yet collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def stores_on(data: Path) -> list[int]:
    """Processes whose own lock file is this folder's: those that may write there."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal() and int(folder.name) != os.getpid() and is_running(int(folder.name)):
            try:
                program = os.readlink(folder / "exe")
                files = {os.readlink(one) for one in (folder / "fd").iterdir()}
            except OSError:
                continue
            if str(data / "lock") in files and "python" not in Path(program).name:
                found.append(int(folder.name))
    return found


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


class Parent:
    """A server process of which nothing but its store is there."""

    def __init__(self, data: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", PARENT, str(data)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        url, pid = self.process.stdout.readline().split()
        self.url, self.store_pid = url, int(pid)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


@pytest.fixture
def parent_of() -> Iterator[Callable[[Path], Parent]]:
    made: list[Parent] = []

    def start(data: Path) -> Parent:
        made.append(Parent(data))
        return made[-1]

    yield start
    for one in made:
        one.kill()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def store(data: Path) -> Iterator[EmbeddedStore]:
    made = EmbeddedStore(data)
    made.start()
    yield made
    made.stop()


STARTS = 8


@LINUX_ONLY
def test_killing_the_parent_never_leaves_an_orphan_or_two_stores_and_loses_nothing(
    data: Path, parent_of: Callable[[Path], Parent]
) -> None:
    previous: Parent | None = None
    for n in range(1, STARTS + 1):
        parent = parent_of(data)
        assert stores_on(data) == [parent.store_pid]
        assert previous is None or not is_running(previous.store_pid)

        assert ask(parent.url, "INCR", "ballots") == b":%d" % n

        parent.kill()
        previous = parent

    assert previous is not None
    last = previous.store_pid
    wait_until(lambda: not is_running(last), 3, "the store follows its parent")
    assert stores_on(data) == []
    with EmbeddedStore(data) as url:
        assert ask(url, "GET", "ballots").endswith(b"%d" % STARTS)


def test_data_survive_a_stop_and_a_start(data: Path) -> None:
    with EmbeddedStore(data) as url:
        assert ask(url, "SET", "a", "kept") == b"+OK"

    with EmbeddedStore(data) as url:
        assert ask(url, "GET", "a").endswith(b"kept")


def test_a_second_start_on_the_folder_is_refused_in_words(
    store: EmbeddedStore, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "LOCK_WAIT_S", 0.1)

    with pytest.raises(StoreBusy) as caught:
        EmbeddedStore(data).start()

    assert f"another Hemicycle is running on the data folder {data}" in str(caught.value)
    assert str(store.pid) in str(caught.value)
    assert ask(store.url, "PING") == b"+PONG"


def test_a_start_waits_for_a_store_that_is_going(data: Path) -> None:
    first = EmbeddedStore(data)
    first.start()
    later = threading.Timer(0.3, first.stop)
    later.start()

    with EmbeddedStore(data) as url:
        assert ask(url, "PING") == b"+PONG"
    later.join()


@LINUX_ONLY
def test_no_tcp_port_is_open(store: EmbeddedStore) -> None:
    links = {os.readlink(one) for one in Path(f"/proc/{store.pid}/fd").iterdir()}
    sockets = {link[8:-1] for link in links if link.startswith("socket:[")}
    tables = [Path(f"/proc/{store.pid}/net/{name}").read_text() for name in ("tcp", "tcp6")]
    tcp = {line.split()[9] for table in tables for line in table.splitlines()[1:]}

    assert sockets
    assert not sockets & tcp


def test_folders_and_socket_are_private(store: EmbeddedStore, data: Path) -> None:
    assert [mode(data / name) for name in ("", "run", "store", "lock")] == [0o700, 0o700, 0o700, 0o600]
    assert mode(data / "run" / "valkey.sock") == 0o700


def test_a_filled_folder_of_someone_else_keeps_its_mode(tmp_path: Path) -> None:
    (tmp_path / "letter").touch()
    tmp_path.chmod(0o755)

    with EmbeddedStore(tmp_path):
        assert (mode(tmp_path), mode(tmp_path / "store")) == (0o755, 0o700)


def test_every_write_is_on_disk_and_a_full_memory_forgets_nothing(data: Path) -> None:
    with EmbeddedStore(data, maxmemory_mb=100) as url:
        for name, expected in (
            ("appendonly", "yes"),
            ("appendfsync", "always"),
            ("maxmemory-policy", "noeviction"),
            ("maxmemory", str(100 << 20)),
            ("save", ""),
        ):
            assert ask(url, "CONFIG", "GET", name).split(b"\r\n")[-1].decode() == expected


def test_a_path_too_long_for_a_socket_gets_a_temporary_folder_that_is_removed(tmp_path: Path) -> None:
    data = tmp_path / ("long" * 20) / ("name" * 20)

    with EmbeddedStore(data) as url:
        folder = Path(unquote(url.removeprefix("unix://"))).parent
        assert len(os.fsencode(folder)) < 80
        assert mode(folder) == 0o700
        assert running_url(data) == url
        assert ask(url, "PING") == b"+PONG"

    assert not folder.exists()


def test_an_odd_path_is_quoted_in_the_url(tmp_path: Path) -> None:
    with EmbeddedStore(tmp_path / "a b#%?é") as url:
        assert " " not in url
        assert ask(url, "PING") == b"+PONG"


def test_other_commands_find_the_running_store(store: EmbeddedStore, data: Path) -> None:
    assert running_url(data) == store.url
    assert json.loads((data / "running.json").read_text())["pid"] == store.pid


def test_no_store_is_found_where_none_runs(data: Path) -> None:
    assert running_url(data) is None

    with EmbeddedStore(data):
        pass

    assert running_url(data) is None


@LINUX_ONLY
def test_what_a_killed_server_left_is_not_taken_for_a_running_store(
    data: Path, parent_of: Callable[[Path], Parent]
) -> None:
    parent = parent_of(data)
    parent.kill()
    wait_until(lambda: not is_running(parent.store_pid), 3)

    assert (data / "running.json").exists()
    assert running_url(data) is None


def test_a_store_that_died_is_seen_and_started_again_on_the_same_address(store: EmbeddedStore) -> None:
    assert store.poll() is None
    ask(store.url, "SET", "a", "kept")
    assert store.pid is not None
    url = store.url

    os.kill(store.pid, signal.SIGKILL)
    assert wait_until(store.poll) == -signal.SIGKILL

    assert store.restart() == url
    assert store.poll() is None
    assert ask(url, "GET", "a").endswith(b"kept")


def test_stop_twice_is_no_error(data: Path) -> None:
    made = EmbeddedStore(data)
    made.start()
    made.stop()
    made.stop()

    assert made.poll() == 0


def test_a_folder_that_cannot_be_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StoreError, match="cannot be used"):
        EmbeddedStore(tmp_path / "file").start()


def test_a_damaged_file_is_refused_with_the_stores_own_words(data: Path) -> None:
    with EmbeddedStore(data) as url:
        ask(url, "SET", "a", "b")
    for part in (data / "store" / "appendonlydir").glob("*.aof"):
        part.write_bytes(b"not an append-only file\r\n" * 10)

    broken = EmbeddedStore(data)
    with pytest.raises(StoreError, match=r"Bad file format.*valkey\.log"):
        broken.start()
    assert running_url(data) is None


def test_only_the_main_thread_may_start_it(data: Path) -> None:
    caught: list[BaseException] = []

    def start() -> None:
        try:
            EmbeddedStore(data).start()
        except RuntimeError as error:
            caught.append(error)

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()

    assert "main thread" in str(caught[0])
