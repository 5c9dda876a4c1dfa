"""`hemicycle recount`: rebuild box and tally from the ballot log alone, and compare."""

import sys
from pathlib import Path

import click

from polls.model import EventId, PollId
from server.cli.access import read_settings, settings_options, snapshot_of, with_store
from server.store.valkey import ValkeyStore
from voting.audit import verify
from voting.errors import RecountMismatch
from voting.recount import Recount
from voting.sealing import sealed_faults

BAD = 3
"""Exit code when a recount disagrees with the store."""


@click.command()
@click.argument("event")
@settings_options
def recount(event: str, config_file: Path | None, data: Path | None) -> None:
    """Recount EVENT from its ballot logs, and check its audit log. Exit code 3 when anything disagrees."""

    async def work(store: ValkeyStore) -> tuple[list[str], bool]:
        lines, good = [], True
        snapshot = await snapshot_of(store, event)
        for _, poll in snapshot.state.event.polls():
            run = snapshot.state.run(poll.id)
            rounds = [past.round for past in run.past]
            if run.opened_ms is not None:
                rounds.append(run.round)
            for round in rounds:
                counts, found = await recount_round(store, EventId(event), poll.id, round)
                good = good and not found
                state = "agrees" if not found else "DISAGREES"
                lines.append(f"{poll.id} round {round}: {counts}, {state}")
                lines.extend(f"  {difference}" for difference in found)
        # Entries that came after the snapshot are left for the next time: its head is of that moment.
        faults = verify((await store.audit(EventId(event)))[: snapshot.seq], snapshot.head)
        good = good and not faults
        lines.append(f"audit log: {snapshot.seq} entries, chain {'agrees' if not faults else 'DISAGREES'}")
        lines.extend(f"  {fault}" for fault in faults)
        return lines, good

    lines, good = with_store(read_settings(config_file, data), work)
    for line in lines:
        click.echo(line)
    click.echo("The recount agrees with the store." if good else "The recount DISAGREES with the store.")
    if not good:
        sys.exit(BAD)


async def recount_round(
    store: ValkeyStore, event: EventId, poll: PollId, round: int
) -> tuple[str, list[str]]:
    """What one round holds, in words, and what its log says otherwise than box and tally."""
    try:
        reading = await store.read_round(event, poll, round)
    except RecountMismatch as error:  # something in it cannot even be read
        return "cannot be read", [str(error), *error.__notes__]
    if reading.counted is not None:
        noted = {
            (entry.subject, entry.body.get("round")): str(entry.body.get("tally_sha256", ""))
            for entry in await store.audit(event)
            if entry.action == "seal"
        }
        faults = sealed_faults(reading, noted.get((f"poll:{poll}", round), ""))
        words = "sealed: its log was recounted and dropped; tally and the audit log's hash of it"
        return f"{reading.counted} ballots, {words}", faults
    counted = Recount()
    counted.add(reading.log)
    return f"{len(reading.box)} ballots, {len(reading.log)} log lines", counted.differences(reading)
