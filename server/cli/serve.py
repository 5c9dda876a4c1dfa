"""`hemicycle serve`: the server, with its own store unless the settings name one."""

import asyncio
import contextlib
import logging
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import structlog
import uvicorn

from dashboard.words import say
from server.app import Supervised, build_app, build_context, say_goodbye
from server.cli.access import connected, keyring_of, read_settings, settings_options
from server.cli.links import link_lines
from server.config import Config
from server.context import Context
from server.eventyaml import read_event
from server.live.protocol import live_protocol
from server.loading import load_event
from server.running import address_of, forget_running, note_running
from server.store.embedded import EmbeddedStore
from server.store.valkey import ValkeyStore

GOODBYE_S = 0.2
"""Time between saying goodbye and closing sockets, so that the word gets out, in seconds."""


@click.command()
@click.option("--host", help="Address to listen on; overrides server.host.")
@click.option("--port", type=int, help="Port to listen on; overrides server.port.")
@click.option("--public-url", help="How phones reach the server; overrides server.public_url.")
@click.option("--empty", is_flag=True, help="Do not load the example event into an empty store.")
@settings_options
def serve(
    host: str | None,
    port: int | None,
    public_url: str | None,
    empty: bool,
    config_file: Path | None,
    data: Path | None,
) -> None:
    """Run the server. Ctrl-C stops it; every counted ballot is kept."""
    config = read_settings(
        config_file, data, server__host=host, server__port=port, server__public_url=public_url
    )
    set_up_logging(config)
    listener = listen(config.server.host, config.server.port, config.live.silence_s)
    with listener, _store(config) as (url, supervised):
        asyncio.run(_check_store(url, config))
        base = config.server.public_url or address_of(config.server.host, listener.getsockname()[1])
        store = ValkeyStore(url, pool=config.store.pool)
        context = build_context(config, store, keyring_of(config), config.store.data, base)
        server = Server(
            uvicorn.Config(
                build_app(context, supervised),
                loop="uvloop",
                http="httptools",
                ws=live_protocol(context),
                ws_max_size=config.live.max_message_bytes,
                ws_per_message_deflate=False,
                ws_ping_interval=None,  # our own tick tells a dead line, and phones see it too
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=bool(config.server.trusted_proxies),
                forwarded_allow_ips=list(config.server.trusted_proxies),
                timeout_graceful_shutdown=3,
                backlog=4096,
            ),
            context,
            load_example=not empty,
        )
        # uvicorn raises a signal again once it has stopped: by then the store still has to be stopped.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, server.handle_exit)
        try:
            server.run(sockets=[listener])
        finally:
            forget_running(config.store.data)


@contextlib.contextmanager
def _store(config: Config) -> Iterator[tuple[str, Supervised | None]]:
    if config.store.url:
        yield config.store.url, None
        return
    embedded = EmbeddedStore(
        config.store.data,
        fsync=config.store.fsync,
        maxmemory_mb=config.store.maxmemory_mb,
        start_timeout_s=config.store.start_timeout_s,
    )
    with embedded as url:
        yield url, Supervised(embedded.poll, embedded.restart)


async def _check_store(url: str, config: Config) -> None:
    """Say in words what is wrong with a store before the server starts. Raises StoreUnfit, VotingError."""
    async with connected(url, config):
        return


def listen(host: str, port: int, silence_s: float = 0) -> socket.socket:
    """The listening socket, taken before anything else starts. Raises ClickException in plain words.

    silence_s: after so many seconds in which a peer acknowledges nothing, the kernel ends its connection
    (Linux; 0 leaves it to the kernel). Every connection inherits that from the listening socket, and ticks
    are sent more often, so a phone out of reach needs no timer of ours. Source: RFC 5482.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    option = getattr(socket, "TCP_USER_TIMEOUT", None)
    if option is not None and silence_s:
        listener.setsockopt(socket.IPPROTO_TCP, option, int(silence_s * 1000))
    try:
        listener.bind((host, port))
        listener.listen(4096)
    except OSError as error:
        listener.close()
        raise click.ClickException(
            f"cannot listen on {host} port {port}: {error.strerror}. Is something else running there? "
            "Choose another with --port."
        ) from None
    return listener


class Server(uvicorn.Server):
    """uvicorn, with our first and last words."""

    def __init__(self, config: uvicorn.Config, context: Context, *, load_example: bool) -> None:
        super().__init__(config)
        self._context, self._load_example = context, load_example

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, load the example into an empty store, print the links."""
        await super().startup(sockets)
        if self.should_exit:
            return
        store = self._context.store
        if self._load_example and not await store.event_ids():
            example = example_file()
            if example is not None:
                event = read_event(example.read_text(encoding="utf-8"))
                await load_event(store, event, actor="server")
        note_running(self._context.data, self._context.public_url)
        click.echo(f"Hemicycle is running at {self._context.public_url}. Ctrl-C stops it; nothing is lost.")
        click.echo(say("en", f"durable_{await store.durability()}"))
        for event_id in await store.event_ids():
            snapshot = await store.snapshot(event_id)
            if snapshot is not None:
                lines = link_lines(self._context.keyring, self._context.public_url, snapshot)
                click.echo("\n" + "\n".join(lines))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Say goodbye with a reconnect window, then close."""
        say_goodbye(self._context)
        await asyncio.sleep(GOODBYE_S)
        await super().shutdown(sockets)


def example_file() -> Path | None:
    """The example event: beside the packages in a checkout, inside the server package when installed."""
    here = Path(__file__).parent.parent
    places = (here / "examples" / "ecc2020.yaml", here.parent / "examples" / "ecc2020.yaml")
    return next((place for place in places if place.is_file()), None)


def set_up_logging(config: Config) -> None:
    """Log lines on standard error, as text or JSON, without addresses of people."""
    level = logging.getLevelNamesMapping()[config.log.level.upper()]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if config.log.format == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
    )
    logging.basicConfig(level=max(level, logging.WARNING), format="%(levelname)s %(name)s %(message)s")
