"""Static files: long-lived when their address carries the content's hash, revalidated otherwise."""

from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

_INSTALLED = Path(__file__).with_name("static")
STATIC = _INSTALLED if _INSTALLED.is_dir() else Path(__file__).parent.parent / "static"
"""The folder of static files: inside the installed package, or beside it in a checkout."""

YEAR_S = 31_536_000


class CachedStatic(StaticFiles):
    """Serves STATIC; modules import each other by plain name, so an unhashed file is asked for again."""

    def __init__(self) -> None:
        super().__init__(directory=STATIC)

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        is_named_by_hash = scope.get("query_string", b"").startswith(b"v=")
        response.headers["cache-control"] = (
            f"public, max-age={YEAR_S}, immutable" if is_named_by_hash else "no-cache"
        )
        return response
