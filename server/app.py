"""The one place where things are wired together."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount, WebSocketRoute

from server import sealing, watch
from server.auth import Keyring
from server.config import Config
from server.context import Context, Store
from server.live import sockets
from server.metrics import MetricsListener
from server.render import Renderer
from server.routes import (
    award_acts,
    award_chair,
    award_codes,
    award_desk,
    award_door,
    award_jury,
    award_public,
    award_scrutiny,
    award_status,
    award_vote,
    health,
    join,
    moderate,
    organise,
    pages,
    stage,
    vote,
)
from server.routes.fresh import AtTheDoor, Doorstep, FreshPages
from server.security import Security
from server.staticfiles import STATIC, CachedStatic, StaticUrl
from server.store.valkey import ValkeyStore
from server.wire import Bye, encode
from voting.errors import VotingError


class Supervised:
    """The embedded store as the app sees it: `poll` gives its exit status or None."""

    def __init__(self, poll: Callable[[], int | None], restart: Callable[[], object]) -> None:
        self.poll, self.restart = poll, restart


def build_context(
    config: Config,
    store: Store,
    keyring: Keyring,
    data: Path,
    public_url: str,
    number: int | None = None,
) -> Context:
    """Everything the routes need, made of its parts. `public_url` has no slash at its end; `number` is this
    process's among several of one parent."""
    context = Context(
        config=config,
        keyring=keyring,
        store=store,
        data=data,
        public_url=public_url.rstrip("/"),
        number=number,
        render=Renderer(StaticUrl(STATIC)),
    )
    if isinstance(store, ValkeyStore):
        store.tell_of_calls(context.metrics.store_call)
    return context


def build_app(context: Context, supervised: Supervised | None = None) -> Starlette:
    """The web application. It connects its store at start and says goodbye to every socket at its end."""

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await context.store.connect()
        await static.fill()
        if context.number is None:
            await watch.recheck_everything(context)
        else:  # the parent has recounted, before any of us could take a ballot
            await watch.take_up_countdowns(context)
        work: dict[str, Callable[[], Awaitable[None]]] = {
            "disk": lambda: watch.watch_disk(context),
            "sockets": lambda: watch.watch_sockets(context),
        }
        if not context.number:  # the only process, or the first
            work["recheck"] = lambda: watch.recheck_open(context)
            work["awards"] = lambda: watch.watch_awards(context)
            work["seal"] = lambda: sealing.seal_in_time(context)
        figures = MetricsListener(context) if context.config.metrics.port else None
        if figures is not None:
            await figures.start()
        if supervised is not None:
            work["store"] = lambda: watch.watch_store(supervised.poll, supervised.restart)
        chores = [asyncio.create_task(watch.keep_up(name, one), name=name) for name, one in work.items()]
        try:
            yield
        finally:
            if figures is not None:
                await figures.stop()
            for chore in chores:
                chore.cancel()
            await asyncio.gather(*chores, return_exceptions=True)
            await context.stop()
            with contextlib.suppress(VotingError):
                await context.store.close()

    fresh = FreshPages(context)
    doorstep, static = Doorstep(context, fresh), CachedStatic()
    routes: list[BaseRoute] = [
        *join.ROUTES,
        *vote.ROUTES,
        *stage.ROUTES,
        *moderate.ROUTES,
        *organise.ROUTES,
        *award_door.ROUTES,
        *award_vote.ROUTES,
        *award_public.ROUTES,
        *award_jury.ROUTES,
        *award_chair.ROUTES,
        *award_desk.ROUTES,
        *award_status.ROUTES,
        *award_codes.ROUTES,
        *award_acts.ROUTES,
        *award_scrutiny.ROUTES,
        *health.ROUTES,
        WebSocketRoute("/ws/{event}/{kind}", sockets.socket),
        Mount("/static", static),
    ]
    app = Starlette(
        routes=routes,
        lifespan=lifespan,
        middleware=[
            Middleware(Security, context=lambda: context),
            Middleware(AtTheDoor, doorstep=doorstep, static=static),
        ],
        exception_handlers=pages.EXCEPTION_HANDLERS,
    )
    app.state.context = context
    app.state.fresh = fresh
    app.state.doorstep = doorstep
    app.state.static = static
    return app


def say_goodbye(context: Context) -> None:
    """Tell every phone and screen to reconnect within the window; called before the server stops."""
    window_ms = int(context.config.live.reconnect_window_s * 1000)
    context.hub.farewell(encode(Bye(window_ms=window_ms)))
