"""The fingerprint of the rules stands in every result and in every download, for every kind of poll."""

import csv
import dataclasses
import io
import json

import openpyxl

from dashboard.rules import poll_rules
from polls.lifecycle import Action
from polls.model import PREFERENCE_METHODS, Event, Poll, PollId, PollKind, Scale
from server import moderation
from server.exporting import read_export, to_csv, to_json, to_xlsx
from server.live.event import LiveEvent
from server.loading import load_event
from server.store.memory import MemoryStore
from tests.conftest import with_polls
from tests.server.faces import fill_box
from tests.server.store.hall import fresh_event
from tests.voting.material import poll
from voting.pollrules import rules_of
from voting.rulebook import fingerprint

IDS = ("1", "2", "3")


def every_poll() -> list[Poll]:
    """Every kind, and of preference polls every method and rule for what is not ranked."""
    made = [
        poll(PollKind.SINGLE, IDS),
        poll(PollKind.MULTIPLE, IDS, max_selections=2),
        poll(PollKind.RANKED_BY_SELECTION, IDS, max_selections=2),
        poll(PollKind.RATING, IDS, scale=Scale(low=1, high=3)),
        *(poll(PollKind.PREFERENCE, IDS, max_selections=3, method=one) for one in PREFERENCE_METHODS),
        *(
            poll(PollKind.PREFERENCE, IDS, max_selections=3, method="borda", unranked=one)
            for one in ("average", "length")
        ),
        poll(PollKind.PREFERENCE, IDS, max_selections=3, method="irv", ties=True),
    ]
    assert {one.kind for one in made} == set(PollKind), "a new kind of poll belongs here"
    return [dataclasses.replace(one, id=PollId(f"poll-{place}")) for place, one in enumerate(made)]


def event_of(polls: list[Poll]) -> Event:
    return with_polls(fresh_event(), *polls)


async def test_every_result_and_download_names_the_rules_it_was_counted_by() -> None:
    store, event = MemoryStore(), event_of(every_poll())
    await load_event(store, event, actor="test")
    live = LiveEvent(event.id, store)
    hashes: dict[str, str] = {}
    for one in event.sessions[0].polls:
        await moderation.act(store, event.id, "test", one.id, Action.OPEN)
        await fill_box(store, event.id, one.id, 1, ["1", "2", "1"])
        await live.refresh()
        stored = live.find_poll(one.id)
        assert stored is not None
        result = live.result(stored)
        assert result is not None and result.n == 3
        hashes[one.id] = result.rules_hash
        assert result.rules_hash == fingerprint(dict(rules_of(stored))) == fingerprint(dict(result.rulebook))
        for lang in ("en", "de"):
            assert result.rules_hash in poll_rules(stored, lang)[-1]
        for action in (Action.CLOSE, Action.REVEAL):
            await moderation.act(store, event.id, "test", one.id, action)
    assert len(set(hashes.values())) == len(hashes), "other rules, another fingerprint"

    export = await read_export(store, event.id, include_hidden=False)
    told = json.loads(to_json(export))["polls"]
    assert {one["id"]: one["result"]["rules_hash"] for one in told} == hashes
    rows = list(csv.DictReader(io.StringIO(to_csv(export).decode("utf-8-sig"))))
    assert {(row["poll"], row["rules_hash"]) for row in rows if row["table"] == "results"} == set(
        hashes.items()
    )
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(export)))
    for place, (id, hash) in enumerate(hashes.items(), start=1):
        texts = [str(cell.value) for row in book[f"{place} {id}"].iter_rows() for cell in row if cell.value]
        assert f"SHA-256 of the rules: {hash}" in texts
