"""`hemicycle load`, `dump`, `events`, `delete`: event files in and out of the store."""

import sys
from pathlib import Path

import click

from polls.model import EventId
from server import moderation
from server.cli.access import read_settings, settings_options, snapshot_of, with_store
from server.eventyaml import EventFileError, change_error, read_event, write_event
from server.loading import Loaded, LoadRefused, load_event
from server.store.valkey import ValkeyStore


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@settings_options
def load(file: Path, config_file: Path | None, data: Path | None) -> None:
    """Load an event FILE. Loading it again changes nothing; an edited file changes what is still a draft."""
    config = read_settings(config_file, data)
    try:
        text = file.read_text(encoding="utf-8")
        event = read_event(text, default_min_group=config.polls.min_group)
    except OSError as error:
        raise click.ClickException(f"{file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise click.ClickException(f"{file} is not text in UTF-8: save it as UTF-8 in your editor") from None
    except EventFileError as error:
        click.echo(f"{file}: nothing was loaded\n{error}", err=True)
        sys.exit(2)
    try:
        loaded = with_store(config, lambda store: load_event(store, event, actor="command line"))
    except LoadRefused as error:
        click.echo(f"{file}: nothing was loaded\n{change_error(text, error.faults)}", err=True)
        sys.exit(2)
    words = {
        Loaded.NEW: "loaded",
        Loaded.CHANGED: "loaded, with its changes",
        Loaded.SAME: "is loaded already; nothing changed",
    }
    click.echo(f"{event.title.pick()} ({event.id}) {words[loaded]}")


@click.command()
@click.argument("event")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="File; default: standard output."
)
@settings_options
def dump(event: str, out: Path | None, config_file: Path | None, data: Path | None) -> None:
    """Write EVENT as an event file whose loading changes nothing."""

    async def work(store: ValkeyStore) -> str:
        return write_event((await snapshot_of(store, event)).state.event)

    text = with_store(read_settings(config_file, data), work)
    if out is None:
        click.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")


@click.command()
@settings_options
def events(config_file: Path | None, data: Path | None) -> None:
    """List the events in the store."""

    async def work(store: ValkeyStore) -> list[str]:
        lines = []
        for event_id in await store.event_ids():
            event = (await snapshot_of(store, event_id)).state.event
            lines.append(f"{event_id}  {event.title.pick()}")
        return lines

    lines = with_store(read_settings(config_file, data), work)
    for line in lines or ["There is no event yet: hemicycle load FILE"]:
        click.echo(line)


@click.command()
@click.argument("event")
@click.option("--yes", is_flag=True, help="Do not ask.")
@settings_options
def delete(event: str, yes: bool, config_file: Path | None, data: Path | None) -> None:
    """Delete EVENT with every ballot of it. This cannot be undone."""

    async def ask(store: ValkeyStore) -> tuple[int, int]:
        snapshot = await snapshot_of(store, event)
        frozen = sum(1 for run in snapshot.state.awards.values() if run.rules_hash)
        rounds = [(poll, run.round) for poll, run in snapshot.state.runs.items() if run.round]
        reading = await store.snapshot(EventId(event), rounds)
        return sum(reading.boxes.values()) if reading else 0, frozen

    config = read_settings(config_file, data)
    if not yes:
        ballots, frozen = with_store(config, ask)
        awards = f" and {frozen} {'award' if frozen == 1 else 'awards'} with frozen rules" if frozen else ""
        typed = click.prompt(f"{event} holds {ballots} ballots{awards}. Type {event} to delete it for good")
        if typed != event:
            raise click.ClickException("nothing was deleted")

    async def work(store: ValkeyStore) -> None:
        original = (await snapshot_of(store, event)).state.event.rehearsal_of
        await store.delete_event(EventId(event))
        if original is not None and await store.snapshot(original) is not None:
            await moderation.note(store, original, "command line", "delete", f"event:{event}", {})

    with_store(config, work)
    click.echo(f"{event} is deleted")
