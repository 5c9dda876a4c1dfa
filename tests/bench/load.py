"""The load client (c/load.c) from Python: one line out, one line of JSON back."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.bench import machine

LIMITED = 0.9
"""From this share of the time on the load client is as busy as can be, and a figure says more of it than of
the server."""


def limit(answer: Mapping[str, float], took_ms: float, *, sending: bool = False) -> str:
    """Why a time says more of the load client than of the server; empty when it does not.

    sending: whether that it took as long to send as the whole took makes it doubtful too.
    """
    if answer["cpu_ms"] > LIMITED * took_ms:
        return "the load client was busy all the time"
    if sending and answer["send_ms"] > LIMITED * took_ms:
        return "the load client took as long to send"
    return ""


class LoadError(Exception):
    """The load could not be brought up; the text says what happened."""


class Load:
    """A running load client. Answers are dicts; see c/load.c."""

    def __init__(self, program: Path, port: int, dialect: str, path: str, cookies: Path | None) -> None:
        core = machine.cores()[1]
        words = [str(program), str(port), dialect, path, *([str(cookies)] if cookies else [])]
        self._process = subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            bufsize=1,
            preexec_fn=lambda: os.sched_setaffinity(0, {core}),
        )

    def _say(self, *words: object) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(" ".join(str(word) for word in words) + "\n")
        except BrokenPipeError:
            raise LoadError(self._why()) from None

    def _hear_any(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise LoadError(self._why())
        return json.loads(line)

    def _hear(self) -> dict[str, Any]:
        answer: dict[str, Any] = self._hear_any()
        return answer

    def _why(self) -> str:
        assert self._process.stderr is not None
        return self._process.stderr.read()[-400:]

    def ask(self, *words: object) -> dict[str, Any]:
        self._say(*words)
        return self._hear()

    def connect(self, n: int, inflight: int = 200, page: str = "") -> dict[str, Any]:
        """Bring `n` phones up; `page`: each fetches it first. Raises LoadError when fewer come up."""
        answer = self.ask("scan", n, inflight, page) if page else self.ask("connect", n, inflight)
        if answer["ready"] < n:
            raise LoadError(f"only {answer['ready']} of {n} connections came up. {self.stop()}")
        return answer

    def quiet(self, ms: int = 300) -> dict[str, Any]:
        return self.ask("quiet", ms)

    def fan(
        self, match: str, trigger: str | Callable[[], object], timeout_ms: int = 20_000
    ) -> dict[str, Any]:
        """One broadcast: begin listening, let `trigger` cause it, wait for everybody."""
        words = ("fan", match, timeout_ms)
        armed = self.ask(*words, trigger) if isinstance(trigger, str) else self.ask(*words)
        assert armed == {"armed": 1}
        if not isinstance(trigger, str):
            trigger()
        return self._hear()

    def each(self) -> list[tuple[str, float]]:
        """Of the last broadcast: each phone's own address, as /proc/net/tcp has it, and when it heard, in ms
        after the beginning; below zero: never."""
        self._say("each")
        return [(address, at_ms) for address, at_ms in self._hear_any()]

    def begin_storm(self, poll: str, round: int, *, spread_ms: int, twice: int, timeout_ms: int) -> None:
        """Begin voting while servers are killed; `end_storm` gives the answer."""
        armed = self.ask("storm", poll, round, spread_ms, twice, timeout_ms)
        assert armed == {"armed": 1}

    def end_storm(self) -> dict[str, Any]:
        return self._hear()

    def vote(
        self, poll: str, round: int, *, spread_ms: int = 0, twice: int = 0, timeout_ms: int = 60_000
    ) -> dict[str, Any]:
        return self._voted(self.ask("vote", poll, round, spread_ms, twice, timeout_ms))

    def begin_vote(
        self, poll: str, round: int, *, spread_ms: int, twice: int = 0, timeout_ms: int = 60_000
    ) -> None:
        """Begin voting; `end_vote` gives the answer. For doing something else meanwhile."""
        self._say("vote", poll, round, spread_ms, twice, timeout_ms)

    def end_vote(self) -> dict[str, Any]:
        return self._voted(self._hear())

    def _voted(self, answer: dict[str, Any]) -> dict[str, Any]:
        if not answer["ok"] or answer["closed"]:
            raise LoadError(f"connections were lost while voting: {answer}. {self.stop()}")
        return answer

    def stop(self) -> str:
        """End the client; what it had to complain about."""
        self._process.kill()
        return self._process.communicate()[1][-400:]


@contextmanager
def load(program: Path, port: int, dialect: str, path: str, cookies: Path | None = None) -> Iterator[Load]:
    """A load client, ended afterwards."""
    client = Load(program, port, dialect, path, cookies)
    try:
        yield client
    finally:
        client.stop()
