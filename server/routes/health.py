"""`/healthz`: is the server up, and does its store answer."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dashboard.words import say
from server.context import Context
from voting.errors import VotingError


async def healthz(request: Request) -> Response:
    """200 with the store's own words on durability, 503 while the store is away or the disk is low."""
    context: Context = request.app.state.context
    try:
        words = say("en", f"durable_{await context.store.durability()}")
    except VotingError as error:
        return JSONResponse({"ok": False, "store": str(error)}, 503)
    if context.is_low_on_disk:
        return JSONResponse({"ok": False, "store": words, "disk": "low"}, 503)
    return JSONResponse({"ok": True, "store": words})


ROUTES = [Route("/healthz", healthz)]
