"""`hemicycle serve`: starts in words, ends cleanly, leaves nothing running, and keeps the data."""

import json
import re
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from server.store.embedded import EmbeddedStore
from tests.server.cli.served import Served, Voter, command, good, is_alive, store_pid
from tests.waiting import wait_until


def socket_of(served: Served, voter: Voter) -> ClientConnection:
    return connect(
        f"{served.base.replace('http', 'ws', 1)}/ws/{voter.event}/phone",
        additional_headers={"Cookie": voter.cookie()},
        proxy=None,
        compression=None,
    )


def test_first_start_prints_four_links_and_the_join_code(served: Served) -> None:
    said = served.said()
    assert "European Cluster Conference 2020 (ecc2020), join code JTV K9W" in said
    for name, page in (
        ("Phones", "j/JTVK9W"),
        ("Stage", r"stage/ecc2020\?key="),
        ("Console", r"console/ecc2020\?key="),
        ("Organiser", r"organise/ecc2020\?key="),
    ):
        found = re.search(rf"^  {name} +({re.escape(served.base)}/{page}\S*)$", said, re.MULTILINE)
        assert found, said
        assert httpx.get(found[1], follow_redirects=True).status_code == 200
    assert "Every counted vote is on disk." in said
    assert httpx.get(f"{served.base}/healthz").json() == {
        "ok": True,
        "store": "Every counted vote is on disk.",
    }


def test_second_start_on_the_same_data_is_refused_in_words(served: Served) -> None:
    result = command("serve", "--port", 0, data=served.data)
    assert result.exit_code == 1
    assert result.stderr == (
        f"hemicycle: another Hemicycle is running on the data folder {served.data} (its store is process "
        f"{store_pid(served.data)}); stop it, or choose another folder with --data\n"
    )
    assert httpx.get(f"{served.base}/healthz").status_code == 200


def test_port_in_use_is_refused_in_words(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        result = command("serve", "--port", other.getsockname()[1], data=tmp_path / "data")
    assert result.exit_code == 1
    assert "Is something else running there? Choose another with --port." in result.stderr
    assert not (tmp_path / "data").exists(), "nothing may be started before the port is known to be free"


@pytest.mark.parametrize(
    ("file", "env", "words", "said"),
    [
        ("server:\n  prot: 80\n", {}, (), "line 2: server.prot: there is no such setting; did you mean"),
        ("live:\n  stage_hz: fast\n", {}, (), "line 2: live.stage_hz: expected a number from 0.1 to 10"),
        ("", {"HEMICYCLE_SERVER_PORT": "many"}, (), "HEMICYCLE_SERVER_PORT: server.port: expected a whole"),
        ("", {"HEMICYCLE_SEVRER_PORT": "80"}, (), "HEMICYCLE_SEVRER_PORT: there is no such setting"),
        ("", {}, ("--port", "70000"), "command line: server.port: expected a whole number from 0 to 65535"),
    ],
)  # fmt: skip
def test_setting_that_cannot_be_is_refused_with_its_path(
    tmp_path: Path, file: str, env: dict[str, str], words: tuple[str, ...], said: str
) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(file)
    result = command("serve", "--config", config, *words, data=tmp_path / "data", **env)
    assert result.exit_code == 1
    assert said in result.stderr
    assert result.stderr.startswith("hemicycle: ")
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / "data").exists()


def test_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    key = tmp_path / "data" / "key"
    key.parent.mkdir(mode=0o700)
    key.write_bytes(b"k" * 32)
    key.chmod(0o644)
    result = command("serve", "--port", 0, data=key.parent)
    assert (result.exit_code, result.stderr) == (
        1,
        f"hemicycle: {key} can be read by others; run: chmod 600 {key}\n",
    )


def test_external_store_that_does_not_answer_is_refused_in_words(tmp_path: Path) -> None:
    nowhere = f"unix://{tmp_path}/nobody.sock"
    result = command("serve", "--port", 0, data=tmp_path / "data", HEMICYCLE_STORE_URL=nowhere)
    assert result.exit_code == 1
    assert result.stderr.startswith("hemicycle: ")
    assert nowhere.removeprefix("unix://") in result.stderr
    assert result.stderr.count("\n") == 1


def test_end_says_goodbye_to_sockets_and_a_second_start_has_the_data(tmp_path: Path) -> None:
    data = tmp_path / "data"
    first = Served.start(data, "--empty")
    try:
        event = first.load(tmp_path)
        first.act(event, "open", "colour")
        voter = first.phone(event)
        assert voter.cast("colour", "1", nonce="the-first-one")["type"] == "receipt"
        store = store_pid(data)
        links = good("links", event, data=data)
        frames: list[dict[str, object]] = []
        with socket_of(first, voter) as phone:
            frames.append(json.loads(phone.recv(10)))
            began = time.monotonic()
            first.process.send_signal(signal.SIGTERM)
            with pytest.raises(ConnectionClosed) as closed:
                while True:
                    frames.append(json.loads(phone.recv(10)))
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 4001
        assert frames[-1] == {"type": "bye", "window_ms": 10_000}
        assert first.process.wait(10) == 0
        assert time.monotonic() - began < 10
        assert not is_alive(store)
        assert not (data / "server.json").exists()
        assert "Traceback" not in first.said()
    finally:
        first.stop()
    second = Served.start(data)
    try:
        assert f"({event})" in second.said()
        assert "ecc2020" not in second.said(), "the example is for an empty store only"
        assert good("links", event, data=data).replace(second.base, "") == links.replace(first.base, "")
        voter.client.base_url = httpx.URL(second.base)
        again = voter.cast("colour", "1", nonce="the-first-one")
        assert (again["type"], again["again"]) == ("receipt", True)
        assert [one["nonce"] for one in voter.own()] == ["the-first-one"]
        # Now the hard way: nobody is left to stop the store but the kernel.
        store = store_pid(data)
        second.ask(signal.SIGKILL)
        wait_until(lambda: not is_alive(store), what="the store dies with its server")
    finally:
        second.stop()
        voter.client.close()
    # The folder is free, although the killed server left its notes behind.
    said = good("recount", event, data=data)
    assert "colour round 1: 1 ballots, 1 log lines, agrees" in said
    assert not (data / "running.json").exists()


@pytest.fixture
def external(tmp_path: Path) -> Iterator[str]:
    with EmbeddedStore(tmp_path / "store") as url:
        yield url


def test_external_store_is_used_and_left_alone(tmp_path: Path, external: str) -> None:
    data = tmp_path / "data"
    one = Served.start(data, "--empty", HEMICYCLE_STORE_URL=external)
    try:
        assert not (data / "store").exists()
        file = tmp_path / "event.yaml"
        good("load", "examples/ecc2020.yaml", "--data", data, HEMICYCLE_STORE_URL=external)
        assert "ecc2020" in good("events", "--data", data, HEMICYCLE_STORE_URL=external)
        file.write_text(good("dump", "ecc2020", "--data", data, HEMICYCLE_STORE_URL=external))
        links = good("links", "ecc2020", "--data", data, HEMICYCLE_STORE_URL=external)
        console = re.search(r"Console +(\S+)", links)
        assert console and console[1].startswith(one.base)
        assert httpx.get(console[1], follow_redirects=True).status_code == 200
        assert one.ask(signal.SIGINT) == 0
        assert "Aborted" not in one.said()
        said = good("load", file, "--data", data, HEMICYCLE_STORE_URL=external)
        assert "nothing changed" in said, "the store outlives the server"
    finally:
        one.stop()
