"""Static files: packed, long-lived when their address carries the content's hash, revalidated otherwise."""

import gzip
import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

_INSTALLED = Path(__file__).with_name("static")
STATIC = _INSTALLED if _INSTALLED.is_dir() else Path(__file__).parent.parent / "static"
"""The folder of static files: inside the installed package, or beside it in a checkout."""

YEAR_S = 31_536_000

VERSIONED = "v-"
"""A folder of an address that starts like this is a hash, and no folder on the disk."""

PACKED = frozenset({".css", ".js", ".json", ".svg"})
"""Files that are sent compressed to whoever takes gzip; packed once, then kept in memory."""


class CachedStatic(StaticFiles):
    """Serves STATIC. A file is kept for long only under an address of StaticUrl with the hash it has now."""

    def __init__(self) -> None:
        super().__init__(directory=STATIC)
        self._url = StaticUrl(STATIC)

    async def get_response(self, path: str, scope: Scope) -> Response:
        asked = f"/static/{path}"
        if path.startswith(VERSIONED) and "/" in path:
            path = path.split("/", 1)[1]
        query = scope.get("query_string", b"").decode("latin-1")
        response = await super().get_response(path, scope)
        if isinstance(response, FileResponse) and scope["method"] == "GET":
            response = _packed_response(response, Headers(scope=scope).get("accept-encoding", ""))
        is_named_by_hash = response.status_code in (200, 304) and self._url(path) == (
            f"{asked}?{query}" if query else asked
        )
        response.headers["cache-control"] = (
            f"public, max-age={YEAR_S}, immutable" if is_named_by_hash else "no-cache"
        )
        return response


class StaticUrl:
    """Addresses of static files that change with the content, so that caches can keep them.

    A module's address has the hash of all modules in its path: `import "./socket.js"` then finds its
    neighbours under the same hash without knowing it. Every other file has its own hash in the query.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, str] = {}

    def __call__(self, path: str) -> str:
        """The address of a file, given by its path below the folder. Raises OSError when there is none."""
        url = self._known.get(path)
        if url is None:
            if path.startswith("js/"):
                modules = sorted((self._folder / "js").glob("*.js"))
                url = f"/static/{VERSIONED}{_digest(modules)}/{path}"
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
