"""Preference polls on the server: live results by differences, other rules on stage, what is taken home."""

import csv
import io
import json
from pathlib import Path

import openpyxl
import pytest

from polls.errors import IllegalTransition
from polls.lifecycle import Action
from polls.model import PLENARY, Event, PollId
from server import moderation
from server.eventyaml import read_event
from server.exporting import read_export, to_csv, to_json, to_xlsx
from server.exporting_xlsx import RANKED_HEADER
from server.live.event import LiveEvent
from server.loading import load_event
from server.rehearsal.plan import Asked, choices
from server.store.memory import MemoryStore
from tests.server.faces import fill_box
from voting.ballot import CastBallot, fill_in
from voting.count import count_poll
from voting.profile import decode_tally

FILE = Path(__file__).parents[2] / "examples" / "priorities.yaml"
POINTS, RUNOFF = PollId("next-year"), PollId("meeting-place")
ORDERS = ["1>2>3"] * 4 + ["2>3>1"] * 3 + ["3>2>1"] * 2


@pytest.fixture
def event() -> Event:
    return read_event(FILE.read_text("utf-8"))


async def opened(event: Event, poll: PollId) -> MemoryStore:
    store = MemoryStore()
    await load_event(store, event, actor="test")
    await moderation.act(store, event.id, "test", poll, Action.OPEN)
    await moderation.show(store, event.id, "test", PLENARY, poll)
    return store


@pytest.mark.parametrize("poll_id", [POINTS, RUNOFF])
async def test_a_live_result_is_the_recount_after_every_change_of_mind(event: Event, poll_id: PollId) -> None:
    store = await opened(event, poll_id)
    live, found = LiveEvent(event.id, store), event.find_poll(poll_id)
    assert found is not None
    poll = found[1]
    for step, canonical in enumerate(["1>2", "2>1>3", "3", "1>3>2", "2", "2>3>4>1"]):
        ballot = CastBallot(
            voter=f"v{step % 3}", rev=step, nonce=f"n{step}", segment="member", canonical=canonical
        )
        await store.cast(event.id, poll_id, 1, [ballot])
        snapshot = await live.refresh()
        whole = await store.snapshot(event.id, [(poll_id, 1)])
        assert whole is not None
        expected = count_poll(
            poll,
            decode_tally(whole.tallies[(poll_id, 1)]),
            round=1,
            segments=[segment.id for segment in event.segments],
            epoch=snapshot.epoch,
            offset=snapshot.offset,
        )
        assert live.result(poll) == expected


async def test_a_tally_that_cannot_be_shows_nothing_until_it_can_be_read_again(event: Event) -> None:
    store = await opened(event, POINTS)
    live, found = LiveEvent(event.id, store), event.find_poll(POINTS)
    assert found is not None
    await fill_box(store, event.id, POINTS, 1, ["1>2"])
    await live.refresh()
    good = live.result(found[1])
    assert good is not None and good.n == 1
    held = store._held[event.id].rounds[(POINTS, 1)]
    held.log.append([])
    held.changes.append({"1||99": 1})
    await live.refresh()
    assert live.result(found[1]) is None
    await live.refresh()
    assert live.result(found[1]) == good, "read anew, as a whole"
    held.tally["1||99"] = 1
    held.log.append([])
    held.changes.append({"1||99": 1})
    for _ in range(2):
        await live.refresh()
        assert live.result(found[1]) is None
    del held.tally["1||99"]
    await live.refresh()
    assert live.result(found[1]) == good


async def test_other_rules_are_shown_until_someone_or_another_poll_takes_them_back(
    event: Event,
) -> None:
    store = await opened(event, POINTS)

    async def desk() -> tuple[bool, bool]:
        snapshot = await store.snapshot(event.id)
        assert snapshot is not None
        return snapshot.state.desk(PLENARY).compare, snapshot.state.desk(PLENARY).beside

    await moderation.beside(store, event.id, "test", PLENARY, POINTS, True)
    assert await moderation.compare(store, event.id, "test", PLENARY, POINTS, True) is not None
    assert await desk() == (True, False), "never both"
    assert await moderation.compare(store, event.id, "test", PLENARY, POINTS, True) is None
    await moderation.beside(store, event.id, "test", PLENARY, POINTS, True)
    assert await desk() == (False, True)
    await moderation.compare(store, event.id, "test", PLENARY, POINTS, True)
    with pytest.raises(IllegalTransition):
        await moderation.compare(store, event.id, "test", PLENARY, RUNOFF, False)
    await moderation.go_on(store, event.id, "test", PLENARY, POINTS)
    assert await desk() == (False, False)
    with pytest.raises(IllegalTransition):
        await moderation.compare(store, event.id, "test", PLENARY, RUNOFF, True)
    done = [entry.action for entry in await store.audit(event.id)]
    assert [action for action in done if action in ("compare", "own_rule")] == ["compare", "compare"]


async def test_the_export_holds_orders_exact_scores_rounds_and_rules(event: Event) -> None:
    store = await opened(event, RUNOFF)
    await fill_box(store, event.id, RUNOFF, 1, [*ORDERS, "-"])
    for action in (Action.CLOSE, Action.REVEAL):
        await moderation.act(store, event.id, "test", RUNOFF, action)
    export = await read_export(store, event.id, include_hidden=False)
    poll = json.loads(to_json(export))["polls"][1]
    result = poll["result"]
    assert result["outcome"]["winners"] == ["In the mountains"]
    assert result["rulebook"]["method"] == "irv" and len(result["rules_hash"]) == 64
    assert result["rules_text"][0].startswith("Each person puts up to 4 of 5")
    assert [entry["tally"]["By the sea"] for entry in result["runoff"]][0] == 4
    assert result["by_rules"][1]["scores"]["By the sea"] == "4"
    ballots = [ballot for ballot in poll["ballots"] if ballot["choices"][:1] == ["In the capital"]]
    assert [(ballot["choices"][1], ballot["ranks"]) for ballot in ballots] == [
        ("In the mountains", [1, 2, 3])
    ] * 2
    rows = list(csv.DictReader(io.StringIO(to_csv(export).decode("utf-8-sig"))))
    assert {row["rank"] for row in rows if row["table"] == "ballots"} == {"1", "2", "3", ""}
    scores = {row["option"]: row["score"] for row in rows if row["table"] == "results" and row["score"]}
    assert scores["In the mountains"] == "5"
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(export)))
    texts = [str(cell.value) for row in book["2 meeting-place"].iter_rows() for cell in row if cell.value]
    assert "Runoff" in texts and f"SHA-256 of the rules: {result['rules_hash']}" in texts
    assert book["Ballots"]["G1"].value == "Rank"
    # How many ballots rank an option is not who leads: columns and chart say what decides.
    sheet = book["2 meeting-place"]
    assert [cell.value for cell in sheet[6]] == list(RANKED_HEADER)
    assert {row[0].value: row[5].value for row in sheet["A7:F11"]}["In the mountains"] == 5
    charts = getattr(sheet, "_charts")  # noqa: B009 - unknown to the stubs
    (series,) = charts[0].series
    assert series.val.numRef.f.replace("$", "").endswith("!F7:F11")


@pytest.mark.parametrize("voters", [1, 7, 300])
def test_a_rehearsal_casts_orders_that_the_paper_allows_and_few_alike(event: Event, voters: int) -> None:
    found = event.find_poll(POINTS)
    assert found is not None
    poll = found[1]
    asked = Asked(poll=poll.id, options=poll.option_ids, max_selections=poll.max_selections, is_ranking=True)
    hands = choices(asked, voters, follow=True)
    assert hands == choices(asked, voters, follow=False)
    papers = [fill_in(poll, hand, None) for hand in hands]
    assert len(papers) == voters
    assert len(set(papers)) * 2 > voters
