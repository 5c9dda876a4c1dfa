"""`hemicycle export`: the results of an event as a document."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from polls.model import EventId
from server import moderation
from server.award.awards import Awards
from server.cli.access import keyring_of, read_settings, settings_options, snapshot_of, with_store
from server.exporting import read_export, to_csv, to_json, to_xlsx
from server.store.valkey import ValkeyStore

WRITERS: dict[str, Callable[[dict[str, Any]], bytes]] = {"json": to_json, "csv": to_csv, "xlsx": to_xlsx}


@click.command()
@click.argument("event")
@click.option("--format", "kind", type=click.Choice(sorted(WRITERS)), required=True)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File; json and csv default to standard output.",
)
@click.option("--include-hidden", is_flag=True, help="With results that are still hidden; this is logged.")
@settings_options
def export(
    event: str, kind: str, out: Path | None, include_hidden: bool, config_file: Path | None, data: Path | None
) -> None:
    """Write the results and ballots of EVENT, at any time."""
    if out is None and kind == "xlsx":
        raise click.UsageError("an XLSX file cannot be printed: name a file with --out")

    config = read_settings(config_file, data)

    async def work(store: ValkeyStore) -> bytes:
        await snapshot_of(store, event)
        if include_hidden:
            await moderation.note(
                store,
                EventId(event),
                "command line",
                "export",
                f"event:{event}",
                {"hidden": "yes", "format": kind},
            )
        awards = Awards(store, config.store.data, keyring_of(config).codes_key())
        return WRITERS[kind](
            await read_export(store, EventId(event), include_hidden=include_hidden, awards=awards)
        )

    content = with_store(config, work)
    if out is None:
        sys.stdout.buffer.write(content)
    else:
        out.write_bytes(content)
