"""Static files: packed, long-lived when their address carries the content's hash, revalidated otherwise."""

import gzip
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

PACKED = frozenset({".css", ".js", ".json", ".svg"})
"""Files that are sent compressed to whoever takes gzip; packed once, then kept in memory."""


class CachedStatic(StaticFiles):
    """Serves STATIC; modules import each other by plain name, so an unhashed file is asked for again."""

    def __init__(self) -> None:
        super().__init__(directory=STATIC)

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if isinstance(response, FileResponse) and scope["method"] == "GET":
            response = _packed_response(response, Headers(scope=scope).get("accept-encoding", ""))
        is_named_by_hash = scope.get("query_string", b"").startswith(b"v=")
        response.headers["cache-control"] = (
            f"public, max-age={YEAR_S}, immutable" if is_named_by_hash else "no-cache"
        )
        return response


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
