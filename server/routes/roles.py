"""Who may open a page: role links set a cookie, the clean address is what stays in the browser."""

from urllib.parse import parse_qsl, urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.auth import MAY, Role
from server.context import Context
from server.live.event import LiveEvent
from server.routes.pages import context_of, error_page

COOKIE_S = 180 * 86_400
"""How long a role's cookie lasts, in seconds; renewing the link ends it at once."""

FORM_BYTES = 16_384
"""The largest form that is read."""


def keep_role(context: Context, response: Response, event: str, role: Role, token: str) -> None:
    """Give the browser the cookie of a role."""
    response.set_cookie(
        context.role_cookie(event, role),
        token,
        max_age=COOKIE_S,
        path="/",
        httponly=True,
        secure=context.is_https,
        samesite="lax",
    )


def by_link(request: Request, live: LiveEvent) -> Response | None:
    """The answer to `?key=TOKEN`: the cookie and the clean address, or a page that says the link is over.

    None when the address holds no key.
    """
    token = request.query_params.get("key")
    if token is None:
        return None
    context = context_of(request)
    role = context.keyring.role_of(live.id, token, live.snapshot.links)
    if role is None:
        return error_page(request, 403, "link_invalid")
    rest = [(name, value) for name, value in request.query_params.multi_items() if name != "key"]
    response = RedirectResponse(request.url.path + (f"?{urlencode(rest)}" if rest else ""), 303)
    keep_role(context, response, live.id, role, token)
    return response


def refusal(request: Request, live: LiveEvent, right: Role) -> Response | None:
    """A 403 page that says which link to use, or None when the request holds the right."""
    if context_of(request).role(request, live) in MAY[right]:
        return None
    return error_page(request, 403, f"need_{right}")


def actor(request: Request, live: LiveEvent) -> str:
    """Who the audit log names for what this request does: the role."""
    return context_of(request).role(request, live) or "unknown"


async def read_form(request: Request, *, largest: int = FORM_BYTES, most_fields: int = 64) -> dict[str, str]:
    """The fields of a small urlencoded form; of a repeated field the last value. Raises 413, 400."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > largest:
            raise HTTPException(413)
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=most_fields))
    except ValueError:
        raise HTTPException(400) from None
