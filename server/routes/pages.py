"""Error pages in plain words, and what several faces need of a request."""

from functools import lru_cache

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response

from dashboard.words import LANGUAGES, say
from polls.model import Event
from server.context import Context
from server.live.event import NoSuchEvent
from voting.errors import VotingError


def context_of(connection: HTTPConnection) -> Context:
    """The running server behind a request."""
    context: Context = connection.app.state.context
    return context


def language(connection: HTTPConnection, event: Event | None = None) -> str:
    """The language to speak: `?lang=`, else the first of Accept-Language that the event (or we) speak.

    Gives a tag such as "de"; falls back to the event's first language.
    """
    offered = event.languages if event else tuple(LANGUAGES)
    return spoken(
        connection.query_params.get("lang", ""), connection.headers.get("accept-language", ""), offered
    )


WISHES = 500
"""Characters of a wish for a language that are looked at: who sends more must not cost us time or memory."""


def spoken(asked: str, accepted: str, offered: tuple[str, ...]) -> str:
    """The one of `offered` to speak: `asked` when it is there, else what the header `accepted` likes best,
    else the first. Source: RFC 9110 §12.5.4."""
    return _spoken(asked[:WISHES], accepted[:WISHES], offered)


@lru_cache(maxsize=512)  # of a hall that joins, most say the same
def _spoken(asked: str, accepted: str, offered: tuple[str, ...]) -> str:
    wanted, weighted = [asked], []
    for place, part in enumerate(accepted.split(",")):
        tag, _, weight = part.strip().partition(";q=")
        try:
            weighted.append((-float(weight or 1), place, tag))
        except ValueError:
            continue
    wanted += [tag for _, _, tag in sorted(weighted)]
    for tag in wanted:
        for candidate in (tag.lower(), tag.lower().split("-")[0]):
            for one in offered:
                if candidate and one.lower() == candidate:
                    return one
    return offered[0]


def wants_json(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")


def error_page(request: Request, status: int, key: str) -> Response:
    """A page that says what happened and what to do; JSON for programs. `key` names its words."""
    lang = language(request)
    title, text = say(lang, f"error_{key}_title"), say(lang, f"error_{key}_text")
    if wants_json(request):
        return JSONResponse({"error": key, "message": f"{title}. {text}"}, status)
    return context_of(request).render.page("error.html", status, lang=lang, title=title, text=text)


async def no_such_event(request: Request, error: Exception) -> Response:
    return error_page(request, 404, "no_such_event")


async def store_away(request: Request, error: Exception) -> Response:
    response = error_page(request, 503, "store_away")
    response.headers["retry-after"] = "3"
    return response


async def http_error(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    key = {403: "forbidden", 404: "not_found", 405: "not_found", 409: "changed", 413: "too_large"}.get(
        status, "bad_request" if status < 500 else "server"
    )
    return error_page(request, status, key)


async def server_error(request: Request, error: Exception) -> Response:
    return error_page(request, 500, "server")


EXCEPTION_HANDLERS = {
    NoSuchEvent: no_such_event,
    VotingError: store_away,
    HTTPException: http_error,
    500: server_error,
}
