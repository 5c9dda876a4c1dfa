"""One web server process: alone, or one of several on the same listening socket."""

import asyncio
import gc
import logging
import socket
import sys
from collections.abc import Awaitable, Callable

import structlog
import uvicorn

from server.app import Supervised, build_app, say_goodbye
from server.config import Config
from server.context import Context
from server.firstlook import first_look
from server.live.protocol import live_protocol

GOODBYE_S = 0.2
"""Time between saying goodbye and closing sockets, so that the word gets out, in seconds."""

GRACE_S = 3
"""How long requests that are under way may take when the server stops, in seconds."""

KEEP_ALIVE_S = 5
"""How long a connection is kept for the next request, in seconds."""

GC_THRESHOLDS = (20_000, 20, 50)
"""How many new objects the garbage collector waits for; Python's own 700 is meant for small programs. One
ballot under way is four of them, all gone once it is answered: nothing to look through in a burst. At 100,000
what handshakes leave behind in cycles stayed until thousands of phones had come."""


class Server(uvicorn.Server):
    """uvicorn, with our first and last words."""

    def __init__(
        self, config: uvicorn.Config, context: Context, started: Callable[[], Awaitable[None]]
    ) -> None:
        super().__init__(config)
        self._context, self._started = context, started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        # What is there now stays: the collector need not look through all of it again in the middle of a
        # burst of ballots, where it took a sixth of the time.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GC_THRESHOLDS)
        if not self.should_exit:
            await self._started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Say goodbye with a reconnect window, then close."""
        say_goodbye(self._context)
        await asyncio.sleep(GOODBYE_S)
        await super().shutdown(sockets)


def make_server(
    context: Context, supervised: Supervised | None, started: Callable[[], Awaitable[None]]
) -> Server:
    """The server around a context; `started` is awaited once it listens."""
    config = context.config
    app = build_app(context, supervised)
    settings = uvicorn.Config(
        app,
        loop="uvloop",
        http=first_look(context, app, KEEP_ALIVE_S),
        ws=live_protocol(context),
        ws_max_size=config.live.max_message_bytes,
        ws_per_message_deflate=False,
        ws_ping_interval=None,  # our own tick tells a dead line, and phones see it too
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(config.server.trusted_proxies),
        forwarded_allow_ips=list(config.server.trusted_proxies),
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACE_S,
        backlog=4096,
    )
    return Server(settings, context, started)


def set_up_logging(config: Config, worker: int | None = None) -> None:
    """Log lines on standard error, as text or JSON, without addresses of people; `worker` marks each line."""
    level = logging.getLevelNamesMapping()[config.log.level.upper()]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if config.log.format == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )

    def mark(_: object, __: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
        return line if worker is None else {**line, "worker": worker}

    structlog.configure(
        processors=[
            mark,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
    )
    logging.basicConfig(level=max(level, logging.WARNING), format="%(levelname)s %(name)s %(message)s")
