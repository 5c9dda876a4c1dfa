"""The Autobahn cases, run by kosoku against our own WebSocket protocol class with an echo behind it."""

from __future__ import annotations

import asyncio

import uvicorn
from kosoku import FailureError, run_fuzzingclient

from server.cli.serve import listen
from server.live.upgrade import Upgrade
from server.live.websocket import WebSocketProtocol
from tests.waiting import eventually

CASES = ["1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "9.*", "10.*"]
"""Framing, pings, reserved bits, opcodes, fragmentation, UTF-8, closing, messages of up to 16 MiB (whole, in
pieces, in small segments), auto-fragmentation. 12 and 13 are about compression, which is off."""


class Echo(WebSocketProtocol):
    """Lets everybody in and sends every message back."""

    limit = 2**24

    def on_request(self, request: Upgrade, data: bytes) -> None:
        response = self.accept(request, None)
        if response is not None:
            self._transport.write(response)

    def on_message(self, payload: bytes, *, is_text: bool) -> None:
        self.send_message(payload, is_text=is_text)


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
