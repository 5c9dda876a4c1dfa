"""Headers that every response carries, and the refusal of posts from foreign pages."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

if TYPE_CHECKING:
    from server.context import Context

EMPTY_STYLE = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
"""Hash of the empty string: plotly.js inserts one empty style element and fills it by script."""

CSP = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        f"style-src 'self' {EMPTY_STYLE}",
        "connect-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)

HEADERS = (
    (b"content-security-policy", CSP.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Security:
    """ASGI middleware: security headers on everything, 403 for posts that our own pages did not send."""

    def __init__(self, app: ASGIApp, context: "Callable[[], Context]") -> None:
        self._app, self._context = app, context

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sender: Callable[[Message], Awaitable[None]] = _with_headers(send)
        request = Request(scope)
        if scope["method"] not in SAFE_METHODS and not self._context().is_own_origin(request):
            refusal = PlainTextResponse("This request came from another site and was refused.\n", 403)
            await refusal(scope, receive, sender)
            return
        await self._app(scope, receive, sender)


def _with_headers(send: Send) -> Callable[[Message], Awaitable[None]]:
    async def sender(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *HEADERS]
        await send(message)

    return sender
