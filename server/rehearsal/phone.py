"""A simulated phone: the real join page, its cookie, a real WebSocket, real ballots."""

import asyncio
import contextlib
import json
import secrets
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from time import monotonic_ns
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

from server.wire import SUBPROTOCOL

REPLY_S = 15.0
"""How long a phone waits for a reply before it sends the same ballot again, in seconds."""
RETRIES = 4
AWARD = "award."
"""Beginning of the name of a result that is an award's."""


class PhoneError(Exception):
    """A simulated phone could not do what a real one must be able to; the text says what."""


@dataclass(slots=True)
class Sent:
    """One ballot that this phone cast and what it was told."""

    poll: str
    round: int
    rev: int
    nonce: str
    selections: list[str]
    acknowledged: bool = False
    rejected: str = ""


@dataclass(slots=True, eq=False)
class Phone:
    """One voter. `open_rounds` maps poll ids to the round whose paper it has been sent; `awards` are those
    whose result it has been told."""

    base: str
    code: str
    event: str
    segment: str = ""
    room: str = ""
    cookies: dict[str, str] = field(default_factory=dict)
    open_rounds: dict[str, int] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)
    latencies_ms: list[float] = field(default_factory=list)
    awards: set[str] = field(default_factory=set)
    epoch: str = ""
    own: list[dict[str, Any]] = field(default_factory=list)
    _socket: ClientConnection | None = None
    _reader: asyncio.Task[None] | None = None
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _replies: dict[int, asyncio.Future[dict[str, Any]]] = field(default_factory=dict)
    _welcome: asyncio.Event = field(default_factory=asyncio.Event)

    # -- coming in ------------------------------------------------------------------------------

    async def join(self, transport: httpx.AsyncHTTPTransport) -> None:
        """Open the join page, take its cookie, choose segment and room, connect. Raises PhoneError."""
        page = await self._ask(transport, "GET", f"/j/{self.code}")
        if page.status_code != 200:
            raise PhoneError(f"the join page answered {page.status_code}")
        if self.segment or self.room:
            form = urlencode({"segment": self.segment, "room": self.room}).encode()
            seated = await self._ask(transport, "POST", f"/j/{self.code}/seat", form)
            if seated.status_code not in (200, 303):
                raise PhoneError(f"choosing a group answered {seated.status_code}")
        await self.connect()

    async def _ask(
        self, transport: httpx.AsyncHTTPTransport, method: str, path: str, form: bytes = b""
    ) -> httpx.Response:
        headers = {"cookie": self._cookie_line(), "accept": "text/html", "connection": "close"}
        if form:
            headers["content-type"] = "application/x-www-form-urlencoded"
        request = httpx.Request(method, self.base + path, headers=headers, content=form or None)
        try:
            # The transport itself: a client would share one cookie jar among all phones.
            response = await transport.handle_async_request(request)
            await response.aread()
            await response.aclose()
        except httpx.HTTPError as error:
            raise PhoneError(f"the server did not answer: {error}") from None
        for line in response.headers.get_list("set-cookie"):
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return response

    def _cookie_line(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    async def connect(self) -> None:
        """Open the WebSocket and say hello; gives up its old one. Raises PhoneError."""
        await self.leave()
        host = urlsplit(self.base)
        scheme = "wss" if host.scheme == "https" else "ws"
        try:
            self._socket = await connect(
                f"{scheme}://{host.netloc}/ws/{self.event}/phone",
                origin=self.base,  # type: ignore[arg-type]
                additional_headers={"Cookie": self._cookie_line()},
                subprotocols=[SUBPROTOCOL],  # type: ignore[list-item]
                compression=None,
                open_timeout=30,
                ping_interval=None,
                max_size=2**20,
                proxy=None,
            )
        except (OSError, InvalidHandshake, InvalidMessage, TimeoutError) as error:
            raise PhoneError(f"the socket did not open: {error}") from None
        self._welcome = asyncio.Event()
        self._reader = asyncio.create_task(self._read(self._socket))
        await self.hello()

    async def hello(self) -> None:
        """Ask for the epoch and for this phone's own ballots; they are in `own` afterwards."""
        if self._socket is None:
            raise PhoneError("not connected")
        self._welcome.clear()
        with contextlib.suppress(ConnectionClosed):
            await self._socket.send('{"type":"hello","v":1}')
        try:
            async with asyncio.timeout(REPLY_S):
                await self._welcome.wait()
        except TimeoutError:
            raise PhoneError("no welcome came") from None

    async def leave(self) -> None:
        """Close the socket."""
        if self._reader is not None:
            self._reader.cancel()
            self._reader = None
        if self._socket is not None:
            self._socket.transport.abort()
            self._socket = None

    # -- being there ----------------------------------------------------------------------------

    async def _read(self, socket: ClientConnection) -> None:
        try:
            async for raw in socket:
                await self._take(json.loads(raw))
        except ConnectionClosed:
            return

    async def _take(self, frame: dict[str, Any]) -> None:
        match frame["type"]:
            case "welcome":
                self.epoch, self.own = frame["epoch"], frame["own"]
                self._welcome.set()
            case "papers":
                async with self._changed:
                    self.open_rounds = {card["poll"]: card["round"] for card in frame["cards"]}
                    self._changed.notify_all()
            case "results":
                named = [str(card["poll"]) for card in frame["cards"]]
                async with self._changed:
                    self.awards.update(one[len(AWARD) :] for one in named if one.startswith(AWARD))
                    self._changed.notify_all()
            case "receipt" | "reject":
                waiting = self._replies.pop(frame["ref"], None)
                if waiting is not None and not waiting.done():
                    waiting.set_result(frame)

    async def wait_for_paper(self, poll: str, timeout_s: float) -> int | None:
        """The round of a poll's open paper, as soon as it has come; None when it does not in time."""
        try:
            async with asyncio.timeout(timeout_s), self._changed:
                await self._changed.wait_for(lambda: poll in self.open_rounds)
                return self.open_rounds[poll]
        except TimeoutError:
            return None

    async def wait_for_award(self, award: str, timeout_s: float) -> bool:
        """Whether the result of an award has come, or comes in time."""
        try:
            async with asyncio.timeout(timeout_s), self._changed:
                return await self._changed.wait_for(lambda: award in self.awards)
        except TimeoutError:
            return False

    async def cast(self, poll: str, round: int, selections: list[str], *, twice: bool = False) -> None:
        """Cast a ballot and wait for what becomes of it; the same ballot again while no answer comes.

        `twice` sends it two times at once, as phones on bad networks do.
        """
        ballot = Sent(poll, round, 1, secrets.token_urlsafe(12), selections)
        self.sent.append(ballot)
        began = monotonic_ns()
        for _ in range(RETRIES):
            reply = await self._cast_once(ballot, len(self.sent), twice)
            if reply is None or reply.get("temporary"):
                continue
            if reply["type"] == "receipt":
                ballot.acknowledged = True
                self.latencies_ms.append((monotonic_ns() - began) / 1e6)
            else:
                ballot.rejected = reply["code"]
            return
        ballot.rejected = ballot.rejected or "no_answer"

    async def _cast_once(self, ballot: Sent, ref: int, twice: bool) -> dict[str, Any] | None:
        socket = self._socket
        if socket is None:
            return None
        frame = json.dumps(
            {
                "type": "cast",
                "ref": ref,
                "poll": ballot.poll,
                "round": ballot.round,
                "rev": ballot.rev,
                "nonce": ballot.nonce,
                "selections": ballot.selections,
            }
        )
        waiting = self._replies[ref] = asyncio.get_running_loop().create_future()
        try:
            await socket.send(frame)
            if twice:
                await socket.send(frame)
            async with asyncio.timeout(REPLY_S):
                reply: dict[str, Any] = await waiting
                return reply
        except TimeoutError:
            return None
        except ConnectionClosed:
            await asyncio.sleep(secrets.randbelow(1000) / 1000)
            with contextlib.suppress(PhoneError):
                await self.connect()
            return None

    def lost(self) -> list[Sent]:
        """Acknowledged ballots that are not in the box, by what the server says in `own`."""
        have = {(own["poll"], own["round"], own["rev"], own["nonce"]) for own in self.own}
        return [
            sent
            for sent in self.sent
            if sent.acknowledged and (sent.poll, sent.round, sent.rev, sent.nonce) not in have
        ]
