"""`hemicycle recount`: rebuild box and tally from the ballot log alone, and compare.

A sealed round has no log any more (law L8), so nothing can be rebuilt: its tally is compared with the hash
that the audit log has from the seal, and the command says so.
"""

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
AGREES = "The recount agrees with the store."
DISAGREES = "The recount DISAGREES with the store."


@click.command()
@click.argument("event")
@settings_options
def recount(event: str, config_file: Path | None, data: Path | None) -> None:
    """Recount EVENT from its ballot logs, and check its audit log. Exit code 3 when anything disagrees.

    Sealed rounds have no log any more: their tallies are compared with the audit log.
    """

    async def work(store: ValkeyStore) -> tuple[list[str], bool]:
        lines, good = [], True
        logged = sealed = 0
        snapshot = await snapshot_of(store, event)
        for _, poll in snapshot.state.event.polls():
            run = snapshot.state.run(poll.id)
            rounds = [past.round for past in run.past]
            if run.opened_ms is not None:
                rounds.append(run.round)
            for round in rounds:
                counts, found, is_sealed = await recount_round(store, EventId(event), poll.id, round)
                good = good and not found
                logged, sealed = logged + (not is_sealed), sealed + is_sealed
                state = "agrees" if not found else "DISAGREES"
                lines.append(f"{poll.id} round {round}: {counts}, {state}")
                lines.extend(f"  {difference}" for difference in found)
        # Entries that came after the snapshot are left for the next time: its head is of that moment.
        faults = verify((await store.audit(EventId(event)))[: snapshot.seq], snapshot.head)
        good = good and not faults
        lines.append(f"audit log: {snapshot.seq} entries, chain {'agrees' if not faults else 'DISAGREES'}")
        lines.extend(f"  {fault}" for fault in faults)
        lines.extend(
            f"award {award.id}: not looked at here; recount its record.zip with the recount.py in it"
            for award in snapshot.state.event.awards
        )
        return lines + (conclusion(logged, sealed) if good else [DISAGREES]), good

    lines, good = with_store(read_settings(config_file, data), work)
    for line in lines:
        click.echo(line)
    if not good:
        sys.exit(BAD)


def conclusion(logged: int, sealed: int) -> list[str]:
    """What was proved when nothing disagrees, for so many rounds with a log and so many sealed ones."""
    if not sealed:
        return [AGREES]
    if not logged:
        return [
            "Nothing can be recounted: every round is sealed and its log is gone. "
            "The tallies are those that the audit log names."
        ]
    are, them = ("is", "it") if sealed == 1 else ("are", "them")
    return [
        AGREES,
        f"{sealed} of {logged + sealed} rounds {are} sealed. No log is left to count {them} from: "
        "only the tally was compared, with the audit log.",
    ]


async def recount_round(
    store: ValkeyStore, event: EventId, poll: PollId, round: int
) -> tuple[str, list[str], bool]:
    """What one round holds, in words; what its log says otherwise; whether it is sealed."""
    try:
        reading = await store.read_round(event, poll, round)
    except RecountMismatch as error:  # something in it cannot even be read
        return "cannot be read", [str(error), *error.__notes__], False
    if reading.counted is not None:
        noted = {
            (entry.subject, entry.body.get("round")): str(entry.body.get("tally_sha256", ""))
            for entry in await store.audit(event)
            if entry.action == "seal"
        }
        faults = sealed_faults(reading, noted.get((f"poll:{poll}", round), ""))
        words = "sealed: its log was recounted at the seal and is gone; tally and audit log"
        return f"{reading.counted} ballots, {words}", faults, True
    counted = Recount()
    counted.add(reading.log)
    return f"{len(reading.box)} ballots, {len(reading.log)} log lines", counted.differences(reading), False
