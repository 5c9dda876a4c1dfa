"""Events and their changes, as every adapter must keep them."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace

import pytest

from polls.award.life import Approval, AwardRun, PitchRun, Proposal, ProposalKind, RoundRun, RoundState
from polls.award.model import AwardId, CandidateId, RoundId, ScrutineerId
from polls.desk import Desk
from polls.lifecycle import Action, PollRun, PollState, freeze
from polls.model import EventId, Text
from polls.ports import Change
from server.store import cluster, link, memory
from tests.server.store.hall import FIRST, SECOND, Hall, Store, ballot, fresh_event, open_hall
from tests.waiting import eventually
from voting import audit
from voting.errors import StoreConflict

ANNA, BERT = ScrutineerId("anna"), ScrutineerId("bert")
AWARD_RUN = AwardRun(
    rules_hash="00ff",
    rounds={
        RoundId("jury"): RoundRun(
            state=RoundState.SEALED,
            opened_ms=1,
            closed_ms=2,
            sealed_ms=3,
            box_hash="aa",
            approvals=(Approval(scrutineer=ANNA, box_hash="aa", at_ms=3),),
            admitted=(CandidateId("a"), CandidateId("ü")),
        ),
        RoundId("vote"): RoundRun(state=RoundState.OPEN, opened_ms=4, closes_ms=5),
    },
    withdrawn=(CandidateId("c"),),
    choices={"chair": "a", "lot": "Los “7”"},
    runoffs={RoundId("runoff1"): (CandidateId("a"), CandidateId("b"))},
    proposals=(Proposal(id=2, kind=ProposalKind.VOID, subject="abc", reason="twice", at_ms=6, by=(BERT,)),),
    pitches=PitchRun(now=CandidateId("ü"), clocks={CandidateId("a"): 7, CandidateId("ü"): 8}),
    settled=(
        Proposal(id=1, kind=ProposalKind.WITHDRAW, subject="c", reason="ill", at_ms=4, by=(ANNA, BERT)),
    ),
)


async def test_an_event_is_found_as_it_was_put_in(store: Store) -> None:
    hall = await Hall(store, fresh_event()).set_up()

    snapshot = await hall.snapshot((FIRST, 1))

    assert snapshot.state.event == hall.event
    assert (snapshot.doc_rev, snapshot.seq) == (1, 1)
    assert snapshot.tallies == {(FIRST, 1): {}} and snapshot.boxes == {(FIRST, 1): 0}
    assert hall.id in await store.event_ids()
    assert await store.find_by_code(hall.event.join_code) == hall.id


async def test_an_unknown_event_is_none(store: Store) -> None:
    nobody = EventId("nobody")

    assert await store.snapshot(nobody) is None
    assert await store.find_by_code("ZZZZZZ") is None
    assert await store.audit(nobody) == []
    assert await store.round_key(nobody, FIRST, 1) is None
    assert (await store.read_round(nobody, FIRST, 1)).box == {}
    assert nobody not in await store.event_ids()


async def test_a_change_is_kept_whole(store: Store) -> None:
    hall = await Hall(store, fresh_event()).set_up()
    before = await hall.snapshot()
    run = PollRun(state=PollState.OPEN, round=1, visible=True, opened_ms=5, closes_ms=6)

    offset = await hall.change(
        "open",
        "poll:first",
        event=replace(hall.event, title=Text.plain("Edited")),
        runs={FIRST: run},
        desks={"": Desk(poll=FIRST), "east": Desk(blank=True)},
        awards={AwardId("best"): AWARD_RUN},
        links={"moderator": 3},
        keys={(FIRST, 1): "00ff"},
    )

    after = await hall.snapshot()
    assert after.offset == offset == before.offset + 1
    assert after.doc_rev == 2 and after.state.event.title == Text.plain("Edited")
    assert after.state.runs == {FIRST: run}
    assert after.state.desks == {"": Desk(poll=FIRST), "east": Desk(blank=True)}
    assert after.state.awards == {"best": AWARD_RUN}
    assert after.state.award(AwardId("other")) == AwardRun()
    assert after.links == {"moderator": 3}
    assert await store.round_key(hall.id, FIRST, 1) == b"\x00\xff"
    assert await store.round_key(hall.id, FIRST, 2) is None


async def test_an_award_is_replaced_alone_and_whole(store: Store) -> None:
    hall = await Hall(store, fresh_event()).set_up()
    await hall.change("a", "award:best", awards={AwardId("best"): AWARD_RUN, AwardId("next"): AwardRun()})

    await hall.change("b", "award:next", awards={AwardId("next"): AwardRun(rules_hash="ff", steps=2)})

    assert (await hall.snapshot()).state.awards == {
        "best": AWARD_RUN,
        "next": AwardRun(rules_hash="ff", steps=2),
    }
    await store.delete_event(hall.id)
    again = await Hall(store, hall.event).set_up()
    assert (await again.snapshot()).state.awards == {}


async def test_runs_with_and_without_past_rounds_come_back_equal(hall: Hall) -> None:
    for action in (Action.CLOSE, Action.REVEAL, Action.REOPEN, Action.CLOSE, Action.REOPEN, Action.RESET):
        run = await hall.act(action)

        assert await hall.run() == run
    assert [past.round for past in run.past] == [1, 2]


async def test_a_change_decided_on_old_news_is_refused_and_changes_nothing(hall: Hall) -> None:
    mine, theirs = await hall.entry("mine"), await hall.entry("theirs")
    await hall.store.commit(hall.id, Change(entry=theirs, links={"moderator": 2}))
    before = await hall.snapshot()

    with pytest.raises(StoreConflict):
        await hall.store.commit(
            hall.id,
            Change(
                entry=mine,
                event=replace(hall.event, title=Text.plain("Lost")),
                runs={SECOND: PollRun(round=9)},
                awards={AwardId("best"): AwardRun(steps=1)},
                links={"moderator": 7},
                keys={(SECOND, 9): "aa"},
                dropped=[(FIRST, 1)],
            ),
        )

    assert await hall.snapshot() == before
    assert await hall.store.round_key(hall.id, SECOND, 9) is None
    assert await hall.store.find_by_code(hall.event.join_code) == hall.id


async def test_of_many_changes_at_once_one_wins(hall: Hall) -> None:
    entries = [await hall.entry(f"change-{n}") for n in range(10)]

    results = await asyncio.gather(
        *(hall.store.commit(hall.id, Change(entry=entry)) for entry in entries), return_exceptions=True
    )

    assert sum(isinstance(result, int) for result in results) == 1
    assert sum(isinstance(result, StoreConflict) for result in results) == 9
    assert audit.verify(await hall.store.audit(hall.id), (await hall.snapshot()).head) == []


async def test_the_audit_log_is_chained_and_complete(hall: Hall) -> None:
    await hall.act(Action.CLOSE)
    await hall.change("note", "event:ümlaut “quotes”", links={"organiser": 2})

    entries = await hall.store.audit(hall.id)
    snapshot = await hall.snapshot()

    assert [entry.action for entry in entries] == ["create", "open", "close", "note"]
    assert (snapshot.seq, snapshot.head) == (4, entries[-1].hash)
    assert audit.verify(entries, snapshot.head) == []


async def test_an_event_that_does_not_exist_cannot_be_changed(store: Store) -> None:
    hall = Hall(store, fresh_event())

    with pytest.raises(StoreConflict):
        await hall.change("open", "poll:first", runs={FIRST: PollRun()})

    assert await store.snapshot(hall.id) is None


async def test_a_join_code_that_belongs_to_another_event_is_refused(store: Store) -> None:
    one = await Hall(store, fresh_event()).set_up()
    two = Hall(store, replace(fresh_event(), join_code=one.event.join_code))

    with pytest.raises(StoreConflict):
        await two.set_up()

    assert await store.snapshot(two.id) is None
    assert two.id not in await store.event_ids()
    assert await store.find_by_code(one.event.join_code) == one.id


async def test_a_changed_join_code_gives_the_old_one_free(store: Store) -> None:
    one = await Hall(store, fresh_event()).set_up()
    old, new = one.event.join_code, fresh_event().join_code

    await one.change("edit", "event", event=replace(one.event, join_code=new))

    assert await store.find_by_code(old) is None
    assert await store.find_by_code(new) == one.id
    two = await Hall(store, replace(fresh_event(), join_code=old)).set_up()
    assert await store.find_by_code(old) == two.id


async def test_a_join_code_claimed_by_a_lost_change_is_free_again(store: Store) -> None:
    one = await Hall(store, fresh_event()).set_up()
    lost = Change(entry=await one.entry(), event=replace(one.event, join_code=fresh_event().join_code))
    await one.change("faster", "event")

    with pytest.raises(StoreConflict):
        await store.commit(one.id, lost)

    assert lost.event is not None
    two = await Hall(store, replace(fresh_event(), join_code=lost.event.join_code)).set_up()
    assert await store.find_by_code(lost.event.join_code) == two.id


async def test_a_definition_under_a_foreign_id_is_a_mistake_of_ours(store: Store) -> None:
    one = await Hall(store, fresh_event()).set_up()

    with pytest.raises(ValueError, match="not that of"):
        await one.change("edit", "event", event=fresh_event())


async def test_a_change_decided_before_a_freeze_cannot_undo_it(hall: Hall) -> None:
    run = await hall.run()
    await hall.store.freeze(hall.id, FIRST, 1, "recount needed")

    with pytest.raises(StoreConflict):
        await hall.change("extend", "poll:first", runs={FIRST: replace(run, closes_ms=99)})
    await hall.change("close", "poll:first", runs={FIRST: replace(freeze(run, "x"), state=PollState.CLOSED)})
    assert (await hall.run()).frozen

    await hall.act(Action.RESET)
    assert not (await hall.run()).frozen


async def test_what_is_reported_is_read_but_moves_nothing(hall: Hall) -> None:
    before = await hall.snapshot()

    await hall.store.report_worker(hall.id, "w1", {"phones": 3, "stages": 1, "received": 9, "ms": 5})
    await hall.store.report_worker(hall.id, "w1", {"phones": 4, "stages": 1, "received": 9, "ms": 6})
    await hall.store.report_painted(hall.id, "s1", {"room": "", "poll": "first", "offset": 7, "ms": 8})

    after = await hall.snapshot()
    assert after.workers == {"w1": {"phones": 4, "stages": 1, "received": 9, "ms": 6}}
    assert after.painted == {"s1": {"room": "", "poll": "first", "offset": 7, "ms": 8}}
    assert after.offset == before.offset


async def test_a_deleted_event_is_gone_and_can_be_made_again(store: Store) -> None:
    hall = await open_hall(store)
    await hall.cast(ballot("anna"))
    before = await hall.snapshot()

    await store.delete_event(hall.id)
    await store.report_worker(hall.id, "w1", {"phones": 1})

    assert await store.snapshot(hall.id) is None
    assert await store.find_by_code(hall.event.join_code) is None
    assert hall.id not in await store.event_ids()
    assert await hall.box() == {} and await store.round_key(hall.id, FIRST, 1) is None
    await store.delete_event(hall.id)

    again = await Hall(store, hall.event).set_up()
    after = await again.snapshot()
    assert (after.seq, after.doc_rev, after.state.runs, after.workers) == (1, 1, {}, {})
    assert after.offset > before.offset, "screens drop what is not newer"


async def test_whoever_listens_is_woken_by_ballots_changes_and_freezes(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    for adapter in (link, cluster, memory):
        monkeypatch.setattr(adapter, "WAKE_S", 60)  # what comes sooner does not come by the clock
    woken, decided = asyncio.Event(), asyncio.Event()

    async def listen() -> None:
        async for is_decided in hall.store.wakes(hall.id):
            woken.set()
            if is_decided:
                decided.set()

    async def wakes_at_once(what: str) -> None:
        await eventually(woken.is_set, what=what)
        woken.clear()

    listener = asyncio.create_task(listen())
    try:
        await wakes_at_once("when listening begins")
        await hall.cast(ballot("anna"))
        await wakes_at_once("by a ballot")
        assert not decided.is_set(), "ballots wait for the turn of the screens"
        await hall.act(Action.OPEN, SECOND)
        await wakes_at_once("by a change")
        await eventually(decided.is_set, what="what somebody decided is told as that")
        decided.clear()
        await hall.store.freeze(hall.id, SECOND, 1, "test")
        await wakes_at_once("by a freeze")
        await eventually(decided.is_set, what="a freeze is a decision too")
        await hall.store.delete_event(hall.id)
        await wakes_at_once("by a deletion")
    finally:
        listener.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await listener


async def test_whoever_listens_is_woken_by_the_clock_though_nothing_happens(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    for adapter in (link, cluster, memory):
        monkeypatch.setattr(adapter, "WAKE_S", 0.05)
    wakes = hall.store.wakes(hall.id)
    async with asyncio.timeout(10):
        for _ in range(5):
            assert not await anext(wakes)
    await wakes.aclose()  # type: ignore[attr-defined]
