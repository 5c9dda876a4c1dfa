"""The upgrade of a request to a WebSocket: what browsers send is answered here, the rest by the library.

The library's handshake objects cost several times what the whole rest of a join does, and ten thousand
phones join within seconds. So the request as uvicorn hands it over (parsed and checked already, one
header a line) is read in place; whatever is not exactly what the standard asks for goes to the library,
which accepts it or says what is wrong.

Source: RFC 6455 §4.2.
"""

import binascii
from collections.abc import Mapping

from starlette.datastructures import QueryParams
from starlette.requests import cookie_parser
from websockets.http11 import Request
from websockets.server import ServerProtocol
from websockets.utils import accept_key

from server.live.plainrequest import PlainRequest

KEY_BYTES = 16
ONCE = ("host", "upgrade", "connection", "origin", "sec-websocket-key", "sec-websocket-version")


class Upgrade:
    """A request for a WebSocket. `headers` has names in small letters; of a header that was repeated it has
    the last value, `is_plain` is then False where it matters."""

    __slots__ = ("_cookies", "headers", "is_plain", "path", "query")

    def __init__(self, path: str, query: str, headers: dict[str, str], is_plain: bool) -> None:
        self.path, self.query, self.headers, self.is_plain = path, query, headers, is_plain
        self._cookies: dict[str, str] | None = None

    @property
    def offered(self) -> list[str]:
        """The subprotocols that the client offers."""
        return [word.strip() for word in self.headers.get("sec-websocket-protocol", "").split(",")]

    @property
    def cookies(self) -> dict[str, str]:
        """As Starlette reads them."""
        if self._cookies is None:
            self._cookies = cookie_parser(self.headers.get("cookie", ""))
        return self._cookies

    @property
    def query_params(self) -> Mapping[str, str]:
        return QueryParams(self.query) if self.query else {}


def of_plain(request: PlainRequest) -> Upgrade:
    """The same of a request that has been read already."""
    return Upgrade(*request, _asks_plainly(request.headers))


def read_upgrade(data: bytes) -> Upgrade:
    """The request in `data`, whole from its first line to the empty one."""
    first, *lines = data.decode("latin-1").split("\r\n")
    method, _, rest = first.partition(" ")
    target, _, version = rest.rpartition(" ")
    path, _, query = target.partition("?")
    headers: dict[str, str] = {}
    is_plain = method == "GET" and version == "HTTP/1.1"
    for line in lines:
        name, colon, value = line.partition(":")
        if colon:
            name, value = name.lower(), value.strip(" \t")
            if name in headers:
                if name == "cookie":
                    value = f"{headers[name]}; {value}"
                is_plain = is_plain and name not in ONCE
            headers[name] = value
    return Upgrade(path, query, headers, is_plain and _asks_plainly(headers))


def _asks_plainly(headers: dict[str, str]) -> bool:
    if (
        headers.get("upgrade", "").lower() != "websocket"
        or "upgrade" not in [word.strip() for word in headers.get("connection", "").lower().split(",")]
        or headers.get("sec-websocket-version") != "13"
    ):
        return False
    try:
        key = binascii.a2b_base64(headers.get("sec-websocket-key", ""), strict_mode=True)
    except (binascii.Error, ValueError):
        return False
    return len(key) == KEY_BYTES


def switch(upgrade: Upgrade, subprotocol: str | None) -> bytes:
    """The 101 response to a plain request."""
    accepted = accept_key(upgrade.headers["sec-websocket-key"])
    chosen = f"Sec-WebSocket-Protocol: {subprotocol}\r\n" if subprotocol else ""
    return (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {accepted}\r\n{chosen}\r\n"
    ).encode("latin-1")


def answer(data: bytes, subprotocol: str | None) -> tuple[bool, bytes]:
    """The library's response to any request, and whether it accepts it."""
    library = ServerProtocol()
    library.receive_data(data)
    for request in library.events_received():
        assert isinstance(request, Request)
        response = library.accept(request)
        if response.status_code == 101 and subprotocol:
            response.headers["Sec-WebSocket-Protocol"] = subprotocol
        library.send_response(response)
        return response.status_code == 101, b"".join(library.data_to_send())
    return False, b"".join(library.data_to_send())


def refuse(status: int, text: str) -> bytes:
    """A plain response that ends the connection."""
    library = ServerProtocol()
    library.send_response(library.reject(status, text))
    return b"".join(library.data_to_send())
