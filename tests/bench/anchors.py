"""The others: each is started like our server and measured by the same load client."""

from __future__ import annotations

import base64
import contextlib
import hmac
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.bench import machine
from tests.bench.hall import plain_store
from tests.bench.load import Load, load

SIO_PATH = "/socket.io/?EIO=4&transport=websocket"
SECRET = "only-of-the-benchmark"
COOKIES = 12_000
NCHAN_MODULE = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """A running server to compare with."""

    name: str
    port: int
    pids: tuple[int, ...]
    dialect: str
    path: str
    trigger: str
    client: Path
    cookies: Path | None = None

    def phones(self) -> contextlib.AbstractContextManager[Load]:
        """A load client whose phones have their cookies already, where this server asks for any."""
        return load(self.client, self.port, self.dialect, self.path, self.cookies)

    def scanners(self) -> contextlib.AbstractContextManager[Load]:
        """A load client whose phones have no cookie yet."""
        return load(self.client, self.port, self.dialect, self.path)

    def cpu_s(self) -> float:
        return machine.cpu_s(*self.pids)


@contextlib.contextmanager
def floor(kind: str, folder: Path, client: Path, size: int = 316) -> Iterator[Anchor]:
    """The kernel's price: `fan` writes to everybody, `echo` answers each message."""
    program, port = machine.compiled("floor", folder), machine.free_port()
    with machine.running([program, kind, str(port), str(size)], machine.cores()[0], port) as server:
        yield Anchor(
            name="C floor",
            port=port,
            pids=(server.pid,),
            dialect="plain",
            path="/",
            trigger="B",
            client=client,
        )


def _node_cookies(folder: Path) -> Path:
    """Signed cookies as node/anchor.js makes them."""
    file = folder / "node-cookies"
    if not file.exists():
        lines = []
        for _ in range(COOKIES):
            device = secrets.token_urlsafe(16)
            mac = base64.urlsafe_b64encode(hmac.digest(SECRET.encode(), device.encode(), "sha1"))
            lines.append(f"device={device}.{mac.rstrip(b'=').decode()}\n")
        file.write_text("".join(lines))
    return file


@contextlib.contextmanager
def node(
    kind: str, folder: Path, client: Path, size: int = 316, *, page: int = 3_000, votes: bool = False
) -> Iterator[Anchor]:
    """`ws` or `sio` (socket.io); with votes, behind it a store that keeps nothing on disk.

    size: of a push, and of the state a newcomer gets; page: of its page over the wire; both in bytes.
    """
    machine.node_anchors()
    with contextlib.ExitStack() as stack:
        core, other = machine.cores()
        port = machine.free_port()
        words = ["node", machine.NODE / "anchor.js", kind, str(port), str(size), str(page), SECRET]
        if votes:
            words.append(stack.enter_context(plain_store(folder, other)))
        server = stack.enter_context(machine.running(words, core, port))
        yield Anchor(
            cookies=_node_cookies(folder),
            name="ws" if kind == "ws" else "socket.io",
            port=port,
            pids=(server.pid,),
            dialect="plain" if kind == "ws" else "sio",
            path="/" if kind == "ws" else SIO_PATH,
            trigger="B" if kind == "ws" else '42["B"]',
            client=client,
        )


@contextlib.contextmanager
def starlette(folder: Path, client: Path, size: int = 316, *, votes: bool = False) -> Iterator[Anchor]:
    """What the framework's manual suggests: `send_text` to one after the other, a redis-py pool for votes."""
    with contextlib.ExitStack() as stack:
        core, other = machine.cores()
        port = machine.free_port()
        words = [machine.python(), "-m", "tests.bench.plain", str(port), str(size)]
        if votes:
            words.append(str(stack.enter_context(plain_store(folder, other))))
        server = stack.enter_context(machine.running(words, core, port))
        yield Anchor(
            name="Starlette",
            port=port,
            pids=(server.pid,),
            dialect="plain",
            path="/",
            trigger="B",
            client=client,
        )


@contextlib.contextmanager
def nchan(folder: Path, client: Path, size: int = 316) -> Iterator[Anchor]:
    """nginx with its push module. Raises Missing when they are not installed."""
    program = machine.NGINX
    if program is None or not NCHAN_MODULE.exists():
        raise machine.Missing("nginx with nchan is not installed (Debian: nginx libnginx-mod-nchan)")
    port = machine.free_port()
    text = (machine.HERE / "nginx.conf").read_text()
    for name, value in {"MODULE": NCHAN_MODULE, "FOLDER": folder, "PORT": port}.items():
        text = text.replace(name, str(value))
    settings = folder / "nginx.conf"
    settings.write_text(text)
    with machine.running([program, "-c", settings, "-p", folder], machine.cores()[0], port) as server:
        pids = (server.pid, *machine.children(server.pid))
        yield Anchor(
            name="nginx + nchan",
            port=port,
            pids=pids,
            dialect="plain",
            path="/ws",
            trigger="x" * size,
            client=client,
        )
