"""A killed store and a full disk under a running server: phones are told the truth, and nothing is lost."""

import contextlib
import json
import os
import secrets
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from websockets.sync.client import connect

from tests.server.cli.served import Served, Voter, good, is_alive, store_pid
from tests.waiting import wait_until

MIB = 2**20


def offer_until_counted(voter: Voter, poll: str, choice: str, nonce: str) -> list[str]:
    """Send one ballot the way a phone's outbox does, until it is counted; gives what was answered before."""
    before: list[str] = []

    def once() -> bool:
        said = voter.cast(poll, choice, nonce=nonce)
        if said["type"] == "receipt":
            return True
        assert said["temporary"], said
        before.append(said["code"])
        return False

    wait_until(once, 30, "the ballot is counted")
    return before


def test_killed_store_comes_back_by_itself_and_loses_no_counted_ballot(
    served: Served, tmp_path: Path
) -> None:
    event = served.load(tmp_path)
    served.act(event, "open", "colour")
    nonces = [secrets.token_urlsafe(12) for _ in range(10)]
    with contextlib.ExitStack() as stack:
        voters = [stack.enter_context(served.phone(event)) for _ in nonces]
        for voter, nonce in zip(voters, nonces, strict=True):
            assert voter.cast("colour", "1", nonce=nonce)["type"] == "receipt"
        phone = stack.enter_context(
            connect(
                f"{served.base.replace('http', 'ws', 1)}/ws/{event}/phone",
                additional_headers={"Cookie": voters[0].cookie()},
                proxy=None,
                compression=None,
            )
        )
        first = json.loads(phone.recv(10))
        assert first["ch"] == "papers"
        old = store_pid(served.data)
        os.kill(old, signal.SIGKILL)
        late = stack.enter_context(served.phone(event))
        offer_until_counted(late, "colour", "2", "cast-while-away")
        assert store_pid(served.data) != old
        assert not is_alive(old)
        # A phone that stayed connected hears of the new epoch, so that it can offer its ballot again.
        while (frame := json.loads(phone.recv(10))).get("epoch") in (None, first["epoch"]):
            pass
        assert frame["offset"] >= first["offset"]
        for voter, nonce in zip(voters, nonces, strict=True):
            assert [one["nonce"] for one in voter.own()] == [nonce]
    said = good("recount", event, data=served.data)
    assert "colour round 1: 11 ballots, 11 log lines, agrees" in said
    assert httpx.get(f"{served.base}/healthz", verify=False).json()["ok"] is True


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MiB."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small file system")
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "none", str(place)], capture_output=True, text=True
    )
    if mounted.returncode != 0:
        pytest.skip(f"this machine mounts no small file system: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def fill(disk: Path, leave: int) -> None:
    """Take all free space but `leave` bytes."""
    free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
    with open(disk / "filler", "ab") as file, contextlib.suppress(OSError):
        file.write(b"x" * max(0, free - leave))
        file.flush()


def test_full_disk_loses_no_counted_ballot_and_voting_goes_on_once_there_is_room(
    tmp_path: Path, small_disk: Path
) -> None:
    served = Served.start(small_disk / "data", "--empty", HEMICYCLE_STORE_MIN_FREE_MB="0")
    try:
        event = served.load(tmp_path)
        served.act(event, "open", "colour")
        with contextlib.ExitStack() as stack:
            voters = [stack.enter_context(served.phone(event)) for _ in range(6)]
            counted = {f"early-{n}-nonce": voter for n, voter in enumerate(voters[:3])}
            for nonce, voter in counted.items():
                assert voter.cast("colour", "1", nonce=nonce)["type"] == "receipt"
            fill(small_disk, leave=0)
            refused: list[str] = []

            def is_refused() -> bool:
                # Changing one's mind again and again writes to the log until nothing fits any more.
                voter, rev = voters[3], len(refused) + 1
                said = voter.cast("colour", str(1 + rev % 3), rev=rev, nonce=f"filling-{rev}-nonce")
                refused.append(said["type"])
                if said["type"] == "receipt":
                    counted[f"filling-{rev}-nonce"] = voter
                    counted.pop(f"filling-{rev - 1}-nonce", None)
                    return False
                assert said["code"] in ("busy", "store_full"), said
                assert said["temporary"]
                return True

            wait_until(is_refused, 30, "the disk is full")
            (small_disk / "filler").unlink()
            for n, voter in enumerate(voters[4:]):
                offer_until_counted(voter, "colour", "2", f"late-{n}-nonce")
                counted[f"late-{n}-nonce"] = voter
            for nonce, voter in counted.items():
                own = voter.own()
                if nonce.startswith("filling"):  # the one that was refused may be in the box all the same
                    assert own[0]["rev"] >= int(nonce.split("-")[1])
                else:
                    assert [one["nonce"] for one in own] == [nonce]
        assert "agrees with the store" in good("recount", event, data=served.data)
        assert "Traceback" not in served.said()
    finally:
        served.stop()
