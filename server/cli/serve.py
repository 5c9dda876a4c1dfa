"""`hemicycle serve`: the server, with its own store unless the settings name one."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import click

from dashboard.words import say
from server.app import Supervised, build_context
from server.cli.access import connected, keyring_of, read_settings, settings_options
from server.cli.links import link_lines
from server.config import Config
from server.eventyaml import read_event
from server.loading import load_event
from server.running import address_of, forget_running, note_running
from server.serving import make_server, set_up_logging
from server.store.embedded import EmbeddedStore
from server.store.valkey import ValkeyStore
from server.watch import Rechecker, StoreKeeper, recheck_rounds
from server.workers import run_workers


@click.command()
@click.option("--host", help="Address to listen on; overrides server.host.")
@click.option("--port", type=int, help="Port to listen on; overrides server.port.")
@click.option("--public-url", help="How phones reach the server; overrides server.public_url.")
@click.option("--workers", type=int, help="Server processes; overrides server.workers.")
@click.option("--empty", is_flag=True, help="Do not load the example event into an empty store.")
@settings_options
def serve(
    host: str | None,
    port: int | None,
    public_url: str | None,
    workers: int | None,
    empty: bool,
    config_file: Path | None,
    data: Path | None,
) -> None:
    """Run the server. Ctrl-C stops it; every counted ballot is kept."""
    config = read_settings(
        config_file,
        data,
        server__host=host,
        server__port=port,
        server__public_url=public_url,
        server__workers=workers,
    )
    set_up_logging(config)
    listener = listen(config.server.host, config.server.port, config.live.silence_s)
    with listener, _store(config) as (url, supervised):
        base = config.server.public_url or address_of(config.server.host, listener.getsockname()[1])
        keyring_of(config)  # made once, before several processes look for it
        # In words, before anything listens: what is wrong with the store.
        asyncio.run(_prepare(config, url, load_example=not empty))
        try:
            if config.server.workers == 1:
                _serve_alone(config, url, base, listener, supervised)
            else:
                _serve_together(config, url, base, listener, supervised)
        finally:
            forget_running(config.store.data)


def _serve_alone(
    config: Config, url: str, base: str, listener: socket.socket, supervised: Supervised | None
) -> None:
    store = ValkeyStore(url, pool=config.store.pool)
    context = build_context(config, store, keyring_of(config), config.store.data, base)
    server = make_server(context, supervised, lambda: _announce(config, store, base))
    # uvicorn raises a signal again once it has stopped: by then the store still has to be stopped.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, server.handle_exit)
    server.run(sockets=[listener])


def _serve_together(
    config: Config, url: str, base: str, listener: socket.socket, supervised: Supervised | None
) -> None:
    async def recheck() -> None:
        async with connected(url, config) as store:
            await recheck_rounds(store, Rechecker(store))

    async def announce() -> None:
        async with connected(url, config) as store:
            await _announce(config, store, base)

    asyncio.run(recheck())
    keeper = StoreKeeper(supervised.poll, supervised.restart) if supervised else None
    run_workers(
        config,
        url,
        base,
        listener,
        watch_store=keeper.look if keeper else lambda: None,
        announce=lambda: asyncio.run(announce()),
    )


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


async def _prepare(config: Config, url: str, *, load_example: bool) -> None:
    """Try the store, and load the example into an empty one. Raises StoreUnfit, VotingError."""
    async with connected(url, config) as store:
        example = example_file()
        if load_example and example is not None and not await store.event_ids():
            event = read_event(example.read_text(encoding="utf-8"))
            await load_event(store, event, actor="server")


async def _announce(config: Config, store: ValkeyStore, base: str) -> None:
    """Print where the server is and everybody's links; note it for commands on the same machine."""
    note_running(config.store.data, base)
    lines = [
        f"Hemicycle is running at {base}. Ctrl-C stops it; nothing is lost.",
        say("en", f"durable_{await store.durability()}"),
    ]
    for event_id in await store.event_ids():
        snapshot = await store.snapshot(event_id)
        if snapshot is not None:
            lines += ["", *link_lines(keyring_of(config), base, snapshot)]
    click.echo("\n".join(lines))  # at once: whoever reads the first line may read them all


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


def example_file() -> Path | None:
    """The example event: beside the packages in a checkout, inside the server package when installed."""
    here = Path(__file__).parent.parent
    places = (here / "examples" / "ecc2020.yaml", here.parent / "examples" / "ecc2020.yaml")
    return next((place for place in places if place.is_file()), None)
