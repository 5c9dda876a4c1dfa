"""Where the server says it is, to people and to other commands."""

import json
import os
import re
from pathlib import Path

import pytest

from server.config import Config, load_config
from server.running import (
    address_of,
    forget_running,
    is_own_only,
    note_running,
    own_address,
    public_url,
    running_server,
)


@pytest.mark.parametrize(
    ("host", "port", "address"),
    [
        ("127.0.0.1", 8000, "http://127.0.0.1:8000"),
        ("localhost", 80, "http://localhost:80"),
        ("::1", 8000, "http://[::1]:8000"),
        ("vote.example", 9000, "http://vote.example:9000"),
    ],
)
def test_address_is_the_host_that_was_asked_for(host: str, port: int, address: str) -> None:
    assert address_of(host, port) == address


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_bound_to_everything_the_address_is_the_machines_own(host: str) -> None:
    assert re.fullmatch(r"http://\d+\.\d+\.\d+\.\d+:8000", address_of(host, 8000))
    assert address_of(host, 8000) == f"http://{own_address()}:8000"
    assert "0.0.0.0" not in address_of(host, 8000)


def test_running_server_is_found_until_it_is_forgotten(tmp_path: Path) -> None:
    assert running_server(tmp_path) is None
    note_running(tmp_path, "http://127.0.0.1:8123")
    assert running_server(tmp_path) == "http://127.0.0.1:8123"
    assert [file.name for file in tmp_path.iterdir()] == ["server.json"]
    forget_running(tmp_path)
    forget_running(tmp_path)
    assert running_server(tmp_path) is None


@pytest.mark.parametrize(
    "text", ["", "no json", "[]", "{}", '{"url": "http://x", "pid": "y"}', '{"url": "http://x"}']
)
def test_damaged_note_is_no_server(tmp_path: Path, text: str) -> None:
    (tmp_path / "server.json").write_text(text)
    assert running_server(tmp_path) is None


def test_note_of_a_killed_server_is_history(tmp_path: Path) -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    (tmp_path / "server.json").write_text(json.dumps({"url": "http://127.0.0.1:1", "pid": pid}))
    assert running_server(tmp_path) is None


def settings(data: Path, **words: object) -> Config:
    return load_config(None, {}, {"store.data": str(data), **words})


def test_links_start_with_the_public_url_else_with_the_running_server_else_with_the_settings(
    tmp_path: Path,
) -> None:
    config = settings(tmp_path)
    assert public_url(config) == "http://127.0.0.1:8000"
    note_running(tmp_path, "http://127.0.0.1:8123")
    assert public_url(config) == "http://127.0.0.1:8123"
    chosen = settings(tmp_path, **{"server.public_url": "https://vote.example/"})
    assert public_url(chosen) == "https://vote.example"


@pytest.mark.parametrize(
    ("url", "is_own"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://localhost:8000", True),
        ("http://[::1]:8000", True),
        ("http://10.0.0.7:8000", False),
        ("https://vote.example.org", False),
    ],
)
def test_an_address_that_only_this_machine_can_open_is_known(url: str, is_own: bool) -> None:
    assert is_own_only(url) is is_own
