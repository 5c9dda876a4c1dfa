"""Real servers as people start them: a process of its own on a folder of its own, and commands beside it."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import httpx
from click.testing import CliRunner, Result

from polls.joincode import derive
from server.cli import main
from tests.conftest import ROOT
from tests.waiting import wait_until

START_S = 120.0

EVENT = """\
hemicycle: 1
id: {id}
title: A small event
days: {{first: 2020-11-10, last: 2020-11-10}}
timezone: Europe/Brussels
agenda:
  - title: Opening
    day: 1
    time: 09:00-10:00
    polls:
      - id: colour
        kind: single
        question: Which colour?
        options: [Red, Green, Blue]
      - id: person
        kind: single
        people: true
        question: Who is it?
        options: [Ada, Grace]
"""
"""An event file: a poll that shows its result while open, and one that hides it until the reveal."""


def environment(**changes: str) -> dict[str, str]:
    """The environment without settings of ours, but with these."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("HEMICYCLE_")}
    return {**plain, **changes}


def command(*words: object, data: Path | None = None, **env: str) -> Result:
    """Run one command of ours in this process, on a data folder."""
    given = [str(word) for word in words] + (["--data", str(data)] if data else [])
    return CliRunner(env=env).invoke(main, given, catch_exceptions=False)


def good(*words: object, data: Path | None = None, **env: str) -> str:
    """The same for a command that must work; gives its standard output."""
    result = command(*words, data=data, **env)
    assert result.exit_code == 0, result.output
    return result.stdout


def process(*words: object, **env: str) -> subprocess.CompletedProcess[str]:
    """Run one command as a process of its own, to its end."""
    return subprocess.run(
        [sys.executable, "-m", "server", *map(str, words)],
        cwd=ROOT,
        env=environment(**env),
        capture_output=True,
        text=True,
        timeout=START_S,
    )


def store_pid(data: Path) -> int:
    """The process of the store that serves a folder."""
    return int(json.loads((data / "running.json").read_text())["pid"])


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that nobody has buried yet does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


@dataclasses.dataclass(slots=True)
class Served:
    """A server process. `data` is its folder, `base` the address it printed."""

    data: Path
    process: subprocess.Popen[bytes]
    output: Path
    base: str = ""

    @classmethod
    def start(cls, data: Path, *words: object, **env: str) -> Served:
        """Start it on a free port, and wait until it has printed where it is."""
        given = ["serve", "--port", "0", "--data", str(data), *map(str, words)]
        with tempfile.NamedTemporaryFile(prefix="hemicycle-said-", delete=False) as output:
            started = subprocess.Popen(
                [sys.executable, "-m", "server", *given],
                cwd=ROOT,
                env=environment(**env),
                stdout=output,
                stderr=output,
            )
        one = cls(data, started, Path(output.name))
        try:
            one._wait()
        except BaseException:
            started.kill()
            started.wait()
            raise
        return one

    def _wait(self) -> None:
        wait_until(
            lambda: "Ctrl-C stops it" in self.said() or self.process.poll() is not None,
            START_S,
            "the server starts",
        )
        found = re.search(r"running at (\S+)\. ", self.said())
        assert found, self.said()
        self.base = found[1]
        wait_until(
            lambda: httpx.get(self.base + "/healthz", verify=False, timeout=30).status_code in (200, 503),
            what="it answers",
        )

    def said(self) -> str:
        """Everything it has printed, errors too."""
        return self.output.read_text()

    def ask(self, number: int) -> int:
        """Send it a signal and wait for its end; gives the exit code."""
        self.process.send_signal(number)
        return self.process.wait(30)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.ask(signal.SIGTERM)
        self.output.unlink(missing_ok=True)

    # -- what is done with it -----------------------------------------------------------------------

    def load(self, tmp_path: Path, text: str = EVENT) -> str:
        """Load a small event of its own; gives its id."""
        event = f"small-{secrets.token_hex(4)}"
        file = tmp_path / f"{event}.yaml"
        file.write_text(text.format(id=event), encoding="utf-8")
        good("load", file, data=self.data)
        return event

    def link(self, event: str, name: str) -> str:
        """One of the links that `hemicycle links` prints."""
        found = re.search(rf"^  {name} +(\S+)$", good("links", event, data=self.data), re.MULTILINE)
        assert found
        return found[1]

    def organiser(self, event: str) -> dict[str, str]:
        """The headers of a program that acts as the organiser."""
        token = self.link(event, "Organiser").partition("key=")[2]
        return {"authorization": f"Bearer {token}", "accept": "application/json"}

    def act(self, event: str, action: str, poll: str, **form: str) -> dict[str, Any]:
        """What a moderator does."""
        answer = httpx.post(
            f"{self.base}/console/{event}/{action}",
            data={"poll": poll, **form},
            headers=self.organiser(event),
            verify=False,
        )
        assert answer.status_code == 200, answer.text
        said: dict[str, Any] = answer.json()
        return said

    def phone(self, event: str) -> Voter:
        """Somebody who has opened the join page."""
        # Nothing is encrypted here, and reading all certificates for each phone would take its time.
        client = httpx.Client(
            base_url=self.base, headers={"accept": "application/json"}, timeout=20, verify=False
        )
        code = derive(event)
        assert client.get(f"/j/{code}").status_code == 200
        return Voter(client, event, code)

    def vote(self, event: str, poll: str, *choices: str) -> None:
        """As many people as there are choices, each with a phone of their own."""
        for choice in choices:
            with self.phone(event) as voter:
                assert voter.cast(poll, choice)["type"] == "receipt"


@dataclasses.dataclass(slots=True)
class Voter:
    """One phone that votes by plain requests."""

    client: httpx.Client
    event: str
    code: str

    def __enter__(self) -> Voter:
        return self

    def __exit__(self, *error: object) -> None:
        self.client.close()

    def cast(
        self, poll: str, choice: str, *, rev: int = 1, nonce: str = "", round: int = 1
    ) -> dict[str, Any]:
        """Cast a ballot; gives the receipt or reject."""
        form = {
            "poll": poll,
            "round": str(round),
            "rev": str(rev),
            "nonce": nonce or secrets.token_urlsafe(12),
            "selections": choice,
        }
        said: dict[str, Any] = self.client.post(f"/j/{self.code}/cast", data=form).json()
        return said

    def own(self) -> list[dict[str, Any]]:
        """This phone's ballots as they lie in the box."""
        ballots: list[dict[str, Any]] = self.client.get(f"/j/{self.code}/state").json()["welcome"]["own"]
        return ballots

    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.client.cookies.items())
