"""Exports: exact, recounted, safe in a spreadsheet, and with nothing that links two of them."""

import csv
import dataclasses
import io
import json

import openpyxl
import pytest

from polls.lifecycle import Action
from polls.model import Event, EventId, Poll, PollId, PollKind, Text
from server import moderation
from server.exporting import read_export, to_csv, to_json, to_xlsx
from server.live.event import NoSuchEvent
from server.loading import load_event
from server.store.memory import MemoryStore
from tests.conftest import with_polls
from tests.polls.small_event import options
from tests.server.faces import fill_box

ECC = ["1"] * 19 + ["2"] * 18 + ["3"] * 8 + ["4"] * 8 + ["5", "6"]


async def voted(store: MemoryStore, event: Event, poll: str, canonicals: list[str], *actions: Action) -> None:
    await load_event(store, event, actor="test")
    await moderation.act(store, event.id, "test", poll, Action.OPEN)
    await fill_box(store, event.id, poll, 1, canonicals)
    for action in actions:
        await moderation.act(store, event.id, "test", poll, action)


async def test_published_figures_of_the_conference_come_out(example: Event) -> None:
    store = MemoryStore()
    await voted(store, example, "public-support", ECC, Action.CLOSE, Action.REVEAL)
    export = json.loads(to_json(await read_export(store, example.id, include_hidden=False)))
    poll = export["polls"][0]
    assert poll["question"].startswith("How can public authorities support business")
    assert [option["count"] for option in poll["result"]["options"]] == [19, 18, 8, 8, 1, 1]
    assert [option["shown"] for option in poll["result"]["options"]] == [
        "35 %", "33 %", "14 %", "14 %", "2 %", "2 %"
    ]  # fmt: skip
    assert (poll["result"]["n"], poll["result"]["base"]) == (55, "valid ballots")
    assert len(poll["ballots"]) == 55


async def test_ballots_carry_fresh_ids_and_stand_in_their_order(example: Event) -> None:
    store = MemoryStore()
    await voted(store, example, "public-support", ECC)
    first, second = [await read_export(store, example.id, include_hidden=False) for _ in range(2)]
    ids = [[ballot["id"] for ballot in export["polls"][0]["ballots"]] for export in (first, second)]
    assert ids[0] == sorted(ids[0])
    assert not set(ids[0]) & set(ids[1])
    log = await store.read_round(example.id, PollId("public-support"), 1)
    raw = to_json(first).decode()
    for entry in log.log:
        assert entry.voter not in raw
        assert entry.entry.nonce not in raw


async def test_earlier_round_is_exported_beside_the_present_one(example: Event) -> None:
    store = MemoryStore()
    await voted(store, example, "public-support", ["1", "1"], Action.CLOSE, Action.REOPEN)
    await fill_box(store, example.id, "public-support", 2, ["2"])
    poll = (await read_export(store, example.id, include_hidden=False))["polls"][0]
    assert (poll["round"], poll["result"]["n"], len(poll["ballots"])) == (2, 1, 1)
    assert [(past["round"], past["result"]["n"]) for past in poll["rounds"]] == [(1, 2)]


async def test_round_whose_recount_differs_is_frozen_and_left_out(example: Event) -> None:
    store = MemoryStore()
    await voted(store, example, "public-support", ["1", "2"], Action.CLOSE, Action.REVEAL)
    store._held[example.id].rounds[(PollId("public-support"), 1)].tally["1||1"] = 99
    poll = (await read_export(store, example.id, include_hidden=True))["polls"][0]
    assert poll["result"] is None
    assert poll["ballots"] == []
    assert poll["check"].startswith("round 1 was left out")
    snapshot = await store.snapshot(example.id)
    assert snapshot is not None
    assert snapshot.state.run(PollId("public-support")).frozen


async def test_ballot_that_is_not_of_the_poll_freezes_its_round(example: Event) -> None:
    store = MemoryStore()
    await voted(store, example, "public-support", ["1", "99"])
    poll = (await read_export(store, example.id, include_hidden=True))["polls"][0]
    assert poll["result"] is None
    assert "not of this poll" in poll["check"]


async def test_reset_poll_exports_nothing(example: Event) -> None:
    store = MemoryStore()
    await voted(store, example, "public-support", ["1"], Action.RESET)
    poll = (await read_export(store, example.id, include_hidden=True))["polls"][0]
    assert (poll["state"], poll["result"], poll["ballots"]) == ("draft", None, [])


async def test_unknown_event_cannot_be_exported() -> None:
    with pytest.raises(NoSuchEvent):
        await read_export(MemoryStore(), EventId("nowhere"), include_hidden=False)


EVIL = ('=HYPERLINK("http://x")', "+1+1", "-2+3|cmd", "@SUM(A1)", "\t=1", "  =1", 'a "quoted", text;\nnext')


def evil_event(example: Event) -> Event:
    poll = Poll(id=PollId("evil"), kind=PollKind.SINGLE, question=Text.plain("=1+1"), options=options(*EVIL))
    return dataclasses.replace(with_polls(example, poll), title=Text.plain("@title"))


async def evil_export(example: Event) -> dict[str, object]:
    store = MemoryStore()
    event = evil_event(example)
    await voted(store, event, "evil", [str(n) for n in range(1, len(EVIL) + 1)], Action.CLOSE, Action.REVEAL)
    return await read_export(store, event.id, include_hidden=False)


async def test_csv_is_one_rectangle_that_holds_no_formula(example: Event) -> None:
    raw = to_csv(await evil_export(example))
    assert raw.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in raw
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert rows[0][:2] == ["table", "poll"]
    assert [row[0] for row in rows[1:]] == ["results"] * len(EVIL) + ["ballots"] * len(EVIL)
    for row in rows:
        for cell in row:
            assert not cell.lstrip().startswith(("=", "@", "+", "-"))


async def test_workbook_holds_texts_numbers_and_a_chart_but_no_formula(example: Event) -> None:
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(await evil_export(example))))
    assert book.sheetnames == ["Summary", "1 evil", "Ballots"]
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert [cell.value for cell in book["1 evil"]["B"][6:13]] == [1] * len(EVIL)
    charts = [getattr(book[name], "_charts") for name in ("Summary", "1 evil")]  # noqa: B009 - unknown to the stubs
    assert [len(found) for found in charts] == [1, 1]


async def test_workbook_of_the_whole_conference_opens_while_polls_are_drafts(example: Event) -> None:
    store = MemoryStore()
    await voted(store, example, "public-support", ECC)
    book = openpyxl.load_workbook(
        io.BytesIO(to_xlsx(await read_export(store, example.id, include_hidden=False)))
    )
    questions = [row[1] for row in book["Summary"].iter_rows(min_row=5, values_only=True) if row[1]]
    assert len(questions) == sum(1 for _ in example.polls()) + len(example.awards)
    assert book["Ballots"].max_row == 56
