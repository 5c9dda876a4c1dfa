"""Static files: packed, long-lived when their address carries the content's hash, revalidated otherwise."""

import gzip
import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from server.stencil import takes_gzip

_INSTALLED = Path(__file__).with_name("static")
STATIC = _INSTALLED if _INSTALLED.is_dir() else Path(__file__).parent.parent / "static"
"""The folder of static files: inside the installed package, or beside it in a checkout."""

YEAR_S = 31_536_000

VERSIONED = "v-"
"""A folder of an address that starts like this is a hash, and no folder on the disk."""

PACKED = frozenset({".css", ".js", ".json", ".svg"})
"""Files that are sent compressed to whoever takes gzip; packed once, then kept in memory."""


FETCHED = "js/*.js", "css/*.css", "*.svg"
"""What pages of a hall fetch: packed before the first of them comes."""

FILES = "/static/"
"""What addresses of static files begin with."""

CONDITIONS = frozenset(
    {"if-none-match", "if-modified-since", "if-match", "if-unmodified-since", "if-range", "range"}
)
"""Headers of who has something of a file already."""

Header = tuple[bytes, bytes]


class CachedStatic(StaticFiles):
    """Serves STATIC. A file is kept for long only under an address of StaticUrl with the hash it has now.

    `shelf` has, by such an address, headers and body of whoever takes gzip and has nothing of it yet.
    """

    def __init__(self) -> None:
        super().__init__(directory=STATIC)
        self._url = StaticUrl(STATIC)
        self.shelf: dict[str, tuple[list[Header], bytes]] = {}

    def ready(self, address: str, headers: Mapping[str, str]) -> tuple[list[Header], bytes] | None:
        """Headers and body for a GET of `address` with `headers`, if they are on the shelf."""
        found = self.shelf.get(address)
        if found is None or not CONDITIONS.isdisjoint(headers):
            return None
        return found if takes_gzip(headers.get("accept-encoding", "")) else None

    async def fill(self) -> None:
        """Put on the shelf what every phone of a hall fetches within the same seconds."""
        for pattern in FETCHED:
            for file in STATIC.glob(pattern):
                path, _, query = self._url(file.relative_to(STATIC).as_posix()).partition("?")
                headers = [(b"accept-encoding", b"gzip")]
                scope = {"type": "http", "method": "GET", "headers": headers, "query_string": query.encode()}
                await self.get_response(path.removeprefix("/static/"), scope)

    async def get_response(self, path: str, scope: Scope) -> Response:
        asked = f"/static/{path}"
        if path.startswith(VERSIONED) and "/" in path:
            path = path.split("/", 1)[1]
        query = scope.get("query_string", b"").decode("latin-1")
        response = await super().get_response(path, scope)
        if isinstance(response, FileResponse) and scope["method"] == "GET":
            response = _packed_response(response, Headers(scope=scope).get("accept-encoding", ""))
        address = f"{asked}?{query}" if query else asked
        is_named_by_hash = response.status_code in (200, 304) and self._url(path) == address
        response.headers["cache-control"] = (
            f"public, max-age={YEAR_S}, immutable" if is_named_by_hash else "no-cache"
        )
        if is_named_by_hash and "content-encoding" in response.headers:
            self.shelf[address] = (response.raw_headers, bytes(response.body))
        return response


class StaticUrl:
    """Addresses of static files that change with the content, so that caches can keep them.

    A module's address has the hash of all modules in its path: `import "./socket.js"` then finds its
    neighbours under the same hash without knowing it. Every other file has its own hash in the query.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, str] = {}
        self._modules = ""
        """The hash of all modules together."""

    def __call__(self, path: str) -> str:
        """The address of a file, given by its path below the folder. Raises OSError when there is none."""
        url = self._known.get(path)
        if url is None:
            if path.startswith("js/"):
                if not self._modules:
                    self._modules = _digest(sorted((self._folder / "js").glob("*.js")))
                url = f"/static/{VERSIONED}{self._modules}/{path}"
            else:
                url = f"/static/{path}?v={_digest([self._folder / path])}"
            self._known[path] = url
        return url


def _digest(paths: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:10]


def _packed_response(plain: FileResponse, accepted: str) -> Response:
    path = Path(plain.path)
    if path.suffix not in PACKED:
        return plain
    if "gzip" not in accepted:
        plain.headers["vary"] = "Accept-Encoding"
        return plain
    response = Response(_packed(path, path.stat().st_mtime_ns), media_type=plain.media_type)
    response.headers.update(
        {
            "content-encoding": "gzip",
            "vary": "Accept-Encoding",
            "etag": f"W/{plain.headers['etag']}",  # other bytes than the plain file's, the same content
            "last-modified": plain.headers["last-modified"],
        }
    )
    return response


@lru_cache(maxsize=128)
def _packed(path: Path, mtime_ns: int) -> bytes:
    """The file's bytes as gzip; `mtime_ns` makes an edited file a new one."""
    return gzip.compress(path.read_bytes(), mtime=0)
