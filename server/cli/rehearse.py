"""`hemicycle rehearse`: simulated phones go through the whole run of show of a running server."""

import asyncio
import dataclasses
import json
import os
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from server.auth import Role
from server.cli.access import keyring_of, read_settings, settings_options, snapshot_of, with_store
from server.config import Config
from server.rehearsal.asking import RehearsalError
from server.rehearsal.award_report import award_words
from server.rehearsal.run import Rehearsal, Report
from server.running import running_server
from server.store.embedded import running_url
from server.store.valkey import ValkeyStore

LOST = 3
"""Exit code when an acknowledged ballot is not in its box, or the record of an award does not fit."""


@click.command()
@click.argument("event")
@click.option("--voters", type=click.IntRange(1), required=True, help="Simulated phones.")
@click.option(
    "--seconds", type=click.FloatRange(0.1, 600), required=True, help="How long each poll stays open."
)
@click.option("--follow-published", is_flag=True, help="Vote so that the published figures come out.")
@click.option(
    "--in-place", is_flag=True, help="On the event itself instead of a copy; only while it has no ballots."
)
@click.option(
    "--awards/--no-awards",
    default=None,
    help="Hold the event's awards too, from freeze to recount; the default on a copy.",
)
@click.option(
    "--troubles",
    is_flag=True,
    help="At the awards: absent jurors, counts by hand, a withdrawal, voided ballots, a tie and a run-off.",
)
@click.option("--url", help="A running server; default: the local one.")
@click.option("--token", help="An organiser's token, for a server elsewhere; or HEMICYCLE_TOKEN.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
@settings_options
def rehearse(
    event: str,
    voters: int,
    seconds: float,
    follow_published: bool,
    in_place: bool,
    awards: bool | None,
    troubles: bool,
    url: str | None,
    token: str | None,
    as_json: bool,
    config_file: Path | None,
    data: Path | None,
) -> None:
    """Rehearse EVENT: every poll is opened, voted on, closed and revealed, on a copy named EVENT-rehearsal.
    Then every award is frozen, judged, voted on, sealed, revealed, published, and its record recounted.

    Needs a running server. Exit code 3 when something is lost or does not fit.
    """
    if troubles and (in_place or awards is False):
        raise click.UsageError("--troubles are those of awards, which are rehearsed on a copy alone")
    if in_place and awards:
        raise click.UsageError(
            "an award's rules are frozen for good: leave out --in-place to rehearse awards on a copy"
        )
    config = read_settings(config_file, data)
    if voters > config.polls.rehearsal_max_voters:
        most = config.polls.rehearsal_max_voters
        raise click.UsageError(f"{voters} voters are more than polls.rehearsal_max_voters allows ({most})")
    base = url or running_server(config.store.data)
    if base is None:
        raise click.ClickException(
            "no server is running on this data folder; start one with: hemicycle serve"
        )
    token = token or os.environ.get("HEMICYCLE_TOKEN") or local_token(config, event)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task("Phones join", total=None)

        def progress(done: int, of: int, words: str) -> None:
            bar.update(task, completed=done, total=of, description=words)

        rehearsal = Rehearsal(
            base=base.rstrip("/"),
            event=event,
            token=token,
            voters=voters,
            seconds=seconds,
            follow=follow_published,
            in_place=in_place,
            awards=awards is not False,
            troubles=troubles,
            progress=progress,
        )
        try:
            report = asyncio.run(rehearsal.run())
        except RehearsalError as error:
            raise click.ClickException(str(error)) from None
    click.echo(json.dumps(dataclasses.asdict(report)) if as_json else in_words(report))
    if not report.is_sound:
        sys.exit(LOST)


def local_token(config: Config, event: str) -> str:
    """The organiser's token, made with the key file of the local data folder."""
    if not config.store.url and running_url(config.store.data) is None:
        raise click.ClickException(
            "the organiser's right comes from the data folder of a running server, or from --token"
        )

    async def work(store: ValkeyStore) -> str:
        serial = (await snapshot_of(store, event)).links.get(Role.ORGANISER, 1)
        return keyring_of(config).token(event, Role.ORGANISER, serial)

    return with_store(config, work)


def in_words(report: Report) -> str:
    """The report for people."""
    lines = [
        f"{report.joined} phones joined and cast {report.voted} ballots.",
        f"{report.acknowledged} were acknowledged, {report.lost} of these are lost.",
    ]
    if report.p50_ms is not None:
        lines.append(
            f"From tap to receipt: {report.p50_ms} ms for half of them, {report.p95_ms} ms for 95 %, "
            f"{report.p99_ms} ms for 99 %."
        )
    lines.extend(f"{count} rejected: {code}" for code, count in sorted(report.rejected.items()))
    for award in report.awards:
        lines.extend(award_words(award))
    lines.append(f"The outcome: hemicycle export {report.event} --format json")
    return "\n".join(lines)
