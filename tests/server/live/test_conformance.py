"""The Autobahn cases, run by kosoku against our own WebSocket protocol class with an echo behind it.

What is asserted is what goes over the line and who closes, never how fast. Nearly every case gives the server
half a second (UTF-8, 6.5 and on) or a second, then drops the connection and calls the case failed; on a
machine with other work to do, server and client together miss that without a fault in either. Here the
client waits a minute instead: a case ends as soon as the server has closed, so that only a server that never
does takes so long, and fails. Cases 6.4.x also take note whether bad UTF-8 is refused before its message is
complete. Ours is refused when it is complete, as RFC 6455 allows, and which of the two it is does not matter.
"""

from __future__ import annotations

import asyncio
import importlib
from typing import Any

import pytest
import uvicorn
from kosoku import FailureError, _caseindex, run_fuzzingclient

from server.cli.serve import listen
from server.live.upgrade import Upgrade
from server.live.websocket import WebSocketProtocol
from tests.waiting import eventually

CASES = ["1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "9.*", "10.*"]
"""Framing, pings, reserved bits, opcodes, fragmentation, UTF-8, closing, messages of up to 16 MiB (whole, in
pieces, in small segments), auto-fragmentation. 12 and 13 are about compression, which is off."""
PATIENCE_S = 60.0


class Echo(WebSocketProtocol):
    """Lets everybody in and sends every message back."""

    limit = 2**24

    def on_request(self, request: Upgrade, data: bytes) -> None:
        response = self.accept(request, None)
        if response is not None:
            self._transport.write(response)

    def on_message(self, payload: bytes, *, is_text: bool) -> None:
        self.send_message(payload, is_text=is_text)


class Patient:
    """A case's side of its connection, which gives the server more time than the case would."""

    def __init__(self, connection: Any) -> None:
        object.__setattr__(self, "_connection", connection)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(self._connection, name, value)

    def killAfter(self, seconds: float) -> None:  # Autobahn's name
        self._connection.killAfter(max(seconds, PATIENCE_S))


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every case gets a patient connection."""
    _caseindex.initialize_shims()  # the cases import each other as top-level modules
    case = importlib.import_module("case").Case
    begin = case.__init__
    monkeypatch.setattr(case, "__init__", lambda self, connection: begin(self, Patient(connection)))


@pytest.mark.usefixtures("patience")
async def test_no_case_of_autobahn_fails() -> None:
    listener = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(_no_app, ws=Echo, log_config=None, lifespan="off"))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    await eventually(lambda: server.started, what="the echo server starts")
    try:
        results = await run_fuzzingclient(
            f"ws://127.0.0.1:{listener.getsockname()[1]}/", CASES, concurrency=4
        )
    except FailureError as failure:
        results = failure.results
    finally:
        server.should_exit = True
        await task
        listener.close()
    assert len(results) > 250
    assert {one.case_id.split(".")[0] for one in results} == {case.split(".")[0] for case in CASES}
    failed = {one.case_id: (one.result, one.result_close) for one in results if not one.passed}
    assert failed == {}


async def _no_app(scope: object, receive: object, send: object) -> None:
    raise AssertionError("every request of this test is an upgrade")
