"""Clients for tests of sockets: one that behaves like a browser, one that sends whatever bytes it likes."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import secrets
import socket
from collections.abc import AsyncIterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.uri import parse_uri

from server.context import Context
from tests.conftest import Running
from tests.waiting import eventually

_refs = itertools.count(1)


def device_cookie(context: Context, device: str | None = None) -> str:
    """The Cookie header of a phone; a new device unless one is named."""
    keyring = context.keyring
    return f"{context.device_cookie}={keyring.sign_device(device or keyring.new_device())}"


def address(running: Running, event: str, kind: str = "phone", query: str = "") -> str:
    return f"{running.base.replace('http', 'ws', 1)}/ws/{event}/{kind}{query}"


class Phone:
    """A connection that collects what it hears: replies by `ref`, the newest push of each channel."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.heard: list[dict[str, Any]] = []
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for message in self.socket:
            self.heard.append(json.loads(message))

    async def stop(self) -> None:
        """Wait for the end of the connection; whatever ended it."""
        await asyncio.gather(self._reader, return_exceptions=True)

    async def close_code(self) -> int:
        """The close code that the server sent; waits for the end."""
        await self.socket.wait_closed()
        code = self.socket.close_code
        assert code is not None
        return code

    async def say(self, **frame: object) -> None:
        await self.socket.send(json.dumps(frame))

    async def hear(self, **wanted: object) -> dict[str, Any]:
        """The first frame heard that has all of these fields; waits for it."""

        def find() -> dict[str, Any] | None:
            matches = (one for one in self.heard if all(one.get(k) == v for k, v in wanted.items()))
            return next(matches, None)

        found = await eventually(find, what=f"hears {wanted}")
        assert found is not None
        return found

    async def cast(self, poll: str, choice: Sequence[str], round: int = 1, **more: Any) -> dict[str, Any]:
        """Cast and give the receipt or reject."""
        ref = next(_refs)
        frame = {"rev": 1, "nonce": secrets.token_urlsafe(12), **more}
        await self.say(type="cast", poll=poll, round=round, ref=ref, selections=list(choice), **frame)
        return await self.hear(ref=ref)


@contextlib.asynccontextmanager
async def phone(
    running: Running,
    event: str,
    *,
    kind: str = "phone",
    query: str = "",
    cookie: str | None = None,
    **options: Any,
) -> AsyncIterator[Phone]:
    """A connected client with a device cookie of its own, or the given Cookie header ("" for none)."""
    cookie = device_cookie(running.context) if cookie is None else cookie
    headers = {"Cookie": cookie} if cookie else {}
    url = address(running, event, kind, query)
    async with connect(
        url, additional_headers=headers, proxy=None, compression=None, max_size=None, **options
    ) as socket:
        one = Phone(socket)
        try:
            yield one
        finally:
            await socket.close()
            await one.stop()


class Raw:
    """A connection after the handshake on which any bytes may be sent; it reads only when told to."""

    def __init__(self, sock: socket.socket, protocol: ClientProtocol) -> None:
        self._sock, self._protocol = sock, protocol
        self.frames: list[Frame] = []
        self.taken = bytearray()
        self.is_ended = False

    async def send(self, data: bytes) -> None:
        """Put bytes on the line as they are; what the server no longer takes is dropped."""
        with contextlib.suppress(ConnectionError):
            await asyncio.get_running_loop().sock_sendall(self._sock, data)

    async def send_frame(self, opcode: Opcode, payload: bytes, fin: bool = True) -> None:
        await self.send(Frame(opcode, payload, fin).serialize(mask=True))

    async def read(self) -> None:
        """Take what is there, waiting until something is; raises AssertionError after the end."""
        assert not self.is_ended, "nothing comes after the end of the connection"
        try:
            async with asyncio.timeout(20):
                data = await asyncio.get_running_loop().sock_recv(self._sock, 65_536)
        except ConnectionError:
            data = b""
        if not data:
            self.is_ended = True
            return
        self.taken += data
        self._protocol.receive_data(data)
        self.frames += [event for event in self._protocol.events_received() if isinstance(event, Frame)]
        self._protocol.data_to_send()  # closes are not echoed: a test does that when it wants to

    async def until(self, opcode: Opcode) -> Frame:
        """The first frame of this kind; raises AssertionError when the connection ends without."""
        while True:
            for frame in self.frames:
                if frame.opcode is opcode:
                    return frame
            assert not self.is_ended, f"the connection ended without {opcode}: {self.frames}"
            await self.read()

    async def until_end(self) -> None:
        while not self.is_ended:
            await self.read()

    async def close_code(self) -> int:
        """The code of the server's close frame."""
        return int.from_bytes((await self.until(Opcode.CLOSE)).data[:2], "big")


@contextlib.asynccontextmanager
async def raw(
    running: Running, event: str, kind: str = "phone", *, cookie: str | None = None, buffer: int = 0
) -> AsyncIterator[Raw]:
    """A raw connection; `buffer` is the receive buffer asked of the kernel, in bytes (0: as it likes)."""
    loop = asyncio.get_running_loop()
    url = address(running, event, kind)
    protocol = ClientProtocol(parse_uri(url), max_size=None)
    request = protocol.connect()
    request.headers["Cookie"] = device_cookie(running.context) if cookie is None else cookie
    protocol.send_request(request)
    sock = socket.socket()
    try:
        if buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        sock.setblocking(False)
        parts = urlsplit(url)
        await loop.sock_connect(sock, (parts.hostname, parts.port))
        connection = Raw(sock, protocol)
        await connection.send(b"".join(protocol.data_to_send()))
        response = None
        while response is None:
            protocol.receive_data(await loop.sock_recv(sock, 4096))
            for heard in protocol.events_received():
                if isinstance(heard, Response):
                    response = heard
                elif isinstance(heard, Frame):
                    connection.frames.append(heard)
        assert response.status_code == 101
        yield connection
    finally:
        sock.close()
