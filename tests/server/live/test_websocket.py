"""The end of a connection whose client is gone already."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest
from uvicorn import Config
from uvicorn.server import ServerState
from websockets.protocol import State

from server.live.upgrade import Upgrade
from server.live.websocket import WebSocketProtocol


class Gone(asyncio.Transport):
    """A line whose other end has been reset: nothing can be said any more, not even that nothing will be."""

    def __init__(self) -> None:
        super().__init__()
        self.aborted = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        return

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        raise OSError(107, "Transport endpoint is not connected")

    def abort(self) -> None:
        self.aborted = True


class Quiet(WebSocketProtocol):
    limit = 1_000
    ended = 0

    def on_request(self, request: Upgrade, data: bytes) -> None:
        raise AssertionError("it is open already")

    def on_end(self) -> None:
        self.ended += 1


@pytest.mark.parametrize("closes_first", ["client", "server"])
async def test_closing_towards_who_is_gone_ends_the_connection_without_a_complaint(closes_first: str) -> None:
    protocol, line = Quiet(cast(Config, None), ServerState(), {}), Gone()
    protocol.connection_made(line)
    protocol._state = State.OPEN
    if closes_first == "server":
        protocol.close(1000)
    protocol.data_received(b"\x88\x82\0\0\0\0\x03\xe8")  # close 1000, masked with zeros
    assert line.aborted and protocol.ended
