"""What the organiser takes home: recounted, read, and written as JSON, CSV or a workbook."""

import csv
import io
import json
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from dashboard.tables import BALLOT_HEADER, RESULT_HEADER, Cell, Export, ExportBallot, csv_rows, export_event
from polls.award.life import AwardRun
from polls.award.model import Award, AwardId
from polls.desk import EventState
from polls.lifecycle import PollRun, PollState
from polls.model import EventId, PollId
from server.clock import now_ms
from server.exporting_xlsx import workbook
from server.live.event import NoSuchEvent
from voting.award.count import AwardPapers
from voting.award.counted import AwardResult
from voting.ballot import selections_of
from voting.count import count_poll
from voting.profile import decode_tally
from voting.recount import Recount
from voting.result import Result
from voting.sealing import sealed_ballots, sealed_faults

if TYPE_CHECKING:
    from server.context import Store


class AwardResults(Protocol):
    """Counts the awards of an event."""

    async def papers_and_result(
        self, event: EventId, award: Award, run: AwardRun
    ) -> tuple[AwardPapers, AwardResult]: ...


BALLOT_ID_BYTES = 8
"""Length of a ballot's random id in an export, in bytes."""

BALLOT_ONLY = tuple(name for name in BALLOT_HEADER if name not in RESULT_HEADER)


async def read_export(
    store: "Store",
    event_id: EventId,
    *,
    include_hidden: bool,
    awards: AwardResults | None = None,
    id_source: Callable[[int], str] = secrets.token_hex,
) -> Export:
    """The event's export document (dashboard.tables.export_event), every round recounted first.

    A round whose box, tally and log do not agree is frozen and left out, and its poll's "check" says
    so. Ballots get an id from `id_source` (called with a number of bytes) that is fresh for this
    export, and stand in the order of that id, so that their order says nothing either.
    `include_hidden` adds results that nobody may see yet; the caller logs that. `awards` counts the awards;
    of one whose reveal is not over there is never a figure. Raises NoSuchEvent.
    """
    snapshot = await store.snapshot(event_id)
    if snapshot is None:
        raise NoSuchEvent(event_id)
    event = snapshot.state.event
    results: dict[tuple[PollId, int], Result] = {}
    ballots: dict[PollId, list[ExportBallot]] = {}
    checks: dict[PollId, str] = {}
    for _, poll in event.polls():
        run = snapshot.state.run(poll.id)
        for round in rounds_of(run):
            if run.frozen and round == run.round:
                checks[poll.id] = f"round {round} was left out: {run.frozen}"
                continue
            reading = await store.read_round(event_id, poll.id, round)
            recount = Recount()
            recount.add(reading.log)
            is_sealed = reading.counted is not None
            found = sealed_faults(reading) if is_sealed else recount.differences(reading)
            try:
                result = count_poll(
                    poll,
                    decode_tally(reading.tally) if is_sealed else recount.tally(),
                    round=round,
                    segments=[segment.id for segment in event.segments],
                    epoch=snapshot.epoch,
                    offset=snapshot.offset,
                )
            except ValueError:
                found.append("the log holds a ballot that is not of this poll")
            if found:
                reason = "; ".join(found)[:300]
                await store.freeze(event_id, poll.id, round, reason)
                checks[poll.id] = f"round {round} was left out: {reason}"
                continue
            results[(poll.id, round)] = result
            if round == run.round:
                made = [
                    ExportBallot(
                        id=id_source(BALLOT_ID_BYTES),
                        segment=entry.segment,
                        choices=selections_of(poll, entry.canonical),
                    )
                    for entry in (sealed_ballots(reading) if is_sealed else reading.box.values())
                ]
                ballots[poll.id] = sorted(made, key=lambda ballot: ballot.id)
    export = export_event(
        snapshot.state,
        results,
        ballots,
        exported_ms=now_ms(),
        include_hidden=include_hidden,
        awards=await _award_results(snapshot.state, awards) if awards is not None else None,
    )
    for poll_line in export["polls"]:
        poll_line["check"] = checks.get(poll_line["id"], "")
    return export


async def _award_results(state: EventState, awards: AwardResults) -> dict[AwardId, AwardResult]:
    found = {}
    for award in state.event.awards:
        run = state.award(award.id)
        if run.revealed:
            _, found[award.id] = await awards.papers_and_result(state.event.id, award, run)
    return found


def rounds_of(run: PollRun) -> list[int]:
    """The rounds of which ballots are kept: earlier ones, and the present one unless it was reset."""
    present = [run.round] if run.round and run.state is not PollState.DRAFT else []
    return [*(past.round for past in run.past), *present]


def to_json(export: Export) -> bytes:
    """The export as JSON, for people to read too."""
    return (json.dumps(export, ensure_ascii=False, indent=2) + "\n").encode()


def to_csv(export: Export) -> bytes:
    """The export as one CSV file (RFC 4180, UTF-8 with BOM), every record with the same fields.

    The column "table" tells results from ballots; each leaves the other's columns empty.
    """
    results, ballots = csv_rows(export)
    header = ("table", *RESULT_HEADER, *BALLOT_ONLY)
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(header)
    for table in (results, ballots):
        for row in table.rows:
            cells: dict[str, Cell] = dict(zip(table.header, row, strict=True))
            writer.writerow(
                [table.name, *("" if cells.get(name) is None else cells[name] for name in header[1:])]
            )
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def to_xlsx(export: Export) -> bytes:
    """The export as a workbook: a summary with one chart per poll, a sheet per poll, all ballots."""
    return workbook(export)
