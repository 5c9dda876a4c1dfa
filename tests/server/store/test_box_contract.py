"""The ballot box, as every adapter must keep it (laws L1 to L5 of the box)."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from polls.lifecycle import Action
from tests.server.store.hall import FIRST, SECOND, Hall, Store, ballot, codes, open_hall
from voting.ballot import CastBallot


async def test_a_ballot_in_an_open_poll_counts(hall: Hall) -> None:
    [outcome] = await hall.cast(ballot("anna", choice="2", segment="audience"))

    assert outcome.code == "ok"
    assert outcome.entry is not None
    assert (outcome.entry.canonical, outcome.entry.segment, outcome.entry.rev) == ("2", "audience", 1)
    assert outcome.entry.counted_ms > 1_600_000_000_000
    assert await hall.tally() == {"1|audience|2": 1}
    assert (await hall.snapshot((FIRST, 1))).boxes == {(FIRST, 1): 1}


async def test_the_same_ballot_again_gets_the_same_receipt(hall: Hall) -> None:
    [first] = await hall.cast(ballot("anna"))
    before = await hall.snapshot()

    [again] = await hall.cast(ballot("anna"))

    assert again.code == "dup"
    assert again.entry == first.entry
    assert await hall.tally() == {"1||1": 1}
    assert (await hall.snapshot()).offset == before.offset, "nothing changed, so nobody is woken"
    assert len((await hall.reading()).log) == 1


async def test_changing_ones_mind_moves_the_count(hall: Hall) -> None:
    await hall.cast(ballot("anna", 1, "1"), ballot("ben", 1, "1"))

    [outcome] = await hall.cast(ballot("anna", 2, "3"))

    assert outcome.code == "ok"
    assert await hall.tally() == {"1||1": 1, "1||3": 1}
    assert await hall.box() == {"anna": "3", "ben": "1"}


async def test_a_counter_that_falls_to_zero_vanishes(hall: Hall) -> None:
    await hall.cast(ballot("anna", 1, "1"))
    await hall.cast(ballot("anna", 2, "2"))

    assert await hall.tally() == {"1||2": 1}


async def test_an_older_ballot_that_comes_late_is_stale(hall: Hall) -> None:
    await hall.cast(ballot("anna", 2, "2"))

    [late] = await hall.cast(ballot("anna", 1, "1"))

    assert late.code == "stale"
    assert late.entry is not None and late.entry.canonical == "2"
    assert await hall.box() == {"anna": "2"}


async def test_the_same_rev_from_another_tab_is_a_conflict(hall: Hall) -> None:
    await hall.cast(ballot("anna", 1, "1", nonce="tab-one"))

    [other] = await hall.cast(ballot("anna", 1, "2", nonce="tab-two"))

    assert other.code == "conflict"
    assert other.entry is not None and other.entry.canonical == "1"
    assert await hall.box() == {"anna": "1"}


async def test_a_ballot_before_the_opening_and_after_the_close_is_refused(store: Store) -> None:
    hall = await open_hall(store)
    await hall.cast(ballot("anna"))
    await hall.act(Action.CLOSE)

    assert codes(await hall.cast(ballot("ben"))) == ["closed"]
    assert codes(await hall.cast(ballot("ben"), poll=SECOND, round=0)) == ["closed"]
    assert await hall.box() == {"anna": "1"}


async def test_a_retry_after_the_close_still_reads_counted(hall: Hall) -> None:
    [first] = await hall.cast(ballot("anna"))
    await hall.act(Action.CLOSE)

    [retry, newer] = await hall.cast(ballot("anna"), ballot("anna", 2, "2"))

    assert (retry.code, retry.entry) == ("dup", first.entry)
    assert (newer.code, newer.entry) == ("closed", first.entry)


async def test_a_ballot_for_an_event_or_poll_that_does_not_exist_is_closed(store: Store) -> None:
    hall = await open_hall(store)

    assert codes(await hall.cast(ballot(), poll=SECOND)) == ["closed"]
    assert codes(await hall.cast(ballot(), round=2)) == ["other_round"]
    await store.delete_event(hall.id)
    assert codes(await hall.cast(ballot())) == ["closed"]


async def test_one_bad_ballot_harms_no_other_of_its_batch(hall: Hall) -> None:
    await hall.cast(ballot("anna", 2))
    bad = CastBallot(voter="mallory", rev=1, nonce="two words", segment="", canonical="1")

    outcomes = await hall.cast(
        ballot("ben"),
        bad,
        ballot("anna", 1),
        CastBallot(voter="close", rev=1, nonce="n", segment="", canonical="1"),
        CastBallot(voter="mallory", rev=2**53, nonce="n", segment="", canonical="1"),
        CastBallot(voter="mallory", rev=-1, nonce="n", segment="", canonical="1"),
        CastBallot(voter="mallory", rev=1, nonce="n", segment="a|b", canonical="1"),
        CastBallot(voter="mallory", rev=1, nonce="n", segment="", canonical="2=1"),
        ballot("cleo", choice="-"),
    )

    assert codes(outcomes) == ["ok", "malformed", "stale", *["malformed"] * 5, "ok"]
    assert await hall.box() == {"anna": "1", "ben": "1", "cleo": "-"}
    assert await hall.differences() == []


async def test_two_ballots_of_one_voter_in_one_batch_are_decided_in_order(hall: Hall) -> None:
    outcomes = await hall.cast(
        ballot("anna", 1, "1"), ballot("anna", 2, "2"), ballot("anna", 2, "2"), ballot("anna", 1, "1")
    )

    assert codes(outcomes) == ["ok", "ok", "dup", "stale"]
    reading = await hall.reading()
    assert [(line.voter, line.entry.canonical) for line in reading.log] == [("anna", "1"), ("anna", "2")]
    assert await hall.tally() == {"1||2": 1}
    assert await hall.differences() == []


async def test_a_batch_larger_than_one_call_keeps_its_order(hall: Hall) -> None:
    many = [ballot(f"voter-{n}", choice=str(n % 3 + 1)) for n in range(1300)]

    outcomes = await hall.cast(*many, ballot("voter-0", 2, "3"))

    assert codes(outcomes) == ["ok"] * 1301
    assert await hall.tally() == {"1||1": 433, "1||2": 433, "1||3": 434}
    assert await hall.differences() == []
    assert await hall.cast() == []


ORDERS = [
    order
    for revs in (1, 2, 3)
    for order in {
        *itertools.permutations([rev for rev in range(1, revs + 1) for _ in range(2)]),
        *itertools.permutations(range(1, revs + 1)),
    }
]


async def test_the_newest_acknowledged_choice_wins_in_every_order_of_delivery(hall: Hall) -> None:
    """All orders in which up to three revisions, each sent twice, can arrive (exhaustive)."""
    for number, order in enumerate(ORDERS):
        voter = f"voter-{number}"
        acknowledged = []
        for rev in order:
            [outcome] = await hall.cast(ballot(voter, rev, str(rev)))
            if outcome.is_counted:
                acknowledged.append(rev)
        [kept] = await hall.store.own(hall.id, [(FIRST, 1, voter)])

        assert kept is not None and kept.rev == max(order) == max(acknowledged), order
    assert len(ORDERS) == 106
    assert await hall.differences() == []


async def test_the_same_orders_within_one_batch_end_the_same(hall: Hall) -> None:
    everything = [
        ballot(f"voter-{number}", rev, str(rev)) for number, order in enumerate(ORDERS) for rev in order
    ]

    await hall.cast(*everything)

    assert await hall.box() == {f"voter-{n}": str(max(order)) for n, order in enumerate(ORDERS)}
    assert await hall.differences() == []


@pytest.mark.parametrize("attempt", range(6))
async def test_a_ballot_counts_if_and_only_if_it_came_before_the_close(hall: Hall, attempt: int) -> None:
    """Fifty casts race with one close (law L3)."""

    async def close_in_the_middle() -> None:
        for _ in range(attempt):
            await asyncio.sleep(0)
        await hall.act(Action.CLOSE)

    casts = [asyncio.create_task(hall.cast(ballot(f"voter-{n}"))) for n in range(25)]
    close = asyncio.create_task(close_in_the_middle())
    casts += [asyncio.create_task(hall.cast(ballot(f"voter-{n}"))) for n in range(25, 50)]
    [outcomes, _] = await asyncio.gather(asyncio.gather(*casts), close)

    answered = {f"voter-{n}": outcome.code for n, [outcome] in enumerate(outcomes)}
    reading = await hall.reading()
    assert set(answered.values()) <= {"ok", "closed"}
    assert {voter for voter, code in answered.items() if code == "ok"} == set(reading.box)
    assert reading.is_closed
    assert await hall.differences() == []


async def test_one_voter_in_eight_tabs_has_one_ballot(hall: Hall) -> None:
    tabs = [ballot("anna", 1, str(tab % 3 + 1), nonce=f"tab-{tab}") for tab in range(8)]

    outcomes = await asyncio.gather(*(hall.cast(tab) for tab in tabs))

    assert sorted(code for [outcome] in outcomes for code in [outcome.code]) == ["conflict"] * 7 + ["ok"]
    assert sum((await hall.tally()).values()) == 1
    assert await hall.differences() == []


async def test_reopening_starts_an_empty_box_and_keeps_the_old_one(hall: Hall) -> None:
    await hall.cast(ballot("anna", 1, "1"))
    await hall.act(Action.CLOSE)
    await hall.act(Action.REOPEN)

    assert codes(await hall.cast(ballot("ben", 1, "2"))) == ["other_round"], "a late ballot for round 1"
    assert codes(await hall.cast(ballot("anna", 1, "3"), round=2)) == ["ok"]
    assert await hall.box(round=1) == {"anna": "1"}
    assert await hall.box(round=2) == {"anna": "3"}
    assert (await hall.reading(round=1)).is_closed
    assert not (await hall.reading(round=2)).is_closed


async def test_a_reset_poll_has_lost_its_ballots_and_takes_none(hall: Hall) -> None:
    await hall.cast(ballot("anna"))
    await hall.act(Action.RESET)

    assert codes(await hall.cast(ballot("anna"))) == ["closed"]
    assert await hall.box() == {} and await hall.tally() == {} and (await hall.reading()).log == []
    await hall.act(Action.OPEN)
    assert codes(await hall.cast(ballot("anna"))) == ["other_round"]
    assert codes(await hall.cast(ballot("anna"), round=2)) == ["ok"]


async def test_the_log_is_read_on_from_where_it_was_left(hall: Hall) -> None:
    assert (await hall.reading()).last == ""
    await hall.cast(ballot("anna"), ballot("ben"))
    first = await hall.reading()
    await hall.cast(ballot("cleo"))
    second = await hall.reading(after=first.last)
    await hall.act(Action.CLOSE)
    third = await hall.reading(after=second.last)
    end = await hall.reading(after=third.last)

    assert [line.voter for line in first.log] == ["anna", "ben"]
    assert [line.voter for line in second.log] == ["cleo"]
    assert (third.log, third.is_closed, end.log, end.is_closed) == ([], True, [], True)
    assert end.last == third.last != second.last
    assert len({line.id for line in [*first.log, *second.log]}) == 3


async def test_own_ballots_come_in_the_order_asked(hall: Hall) -> None:
    await hall.act(Action.OPEN, SECOND)
    await hall.cast(ballot("anna", choice="1"), ballot("ben", choice="2"))
    await hall.cast(ballot("anna", choice="3"), poll=SECOND)

    wanted = [
        (SECOND, 1, "anna"),
        (FIRST, 1, "nobody"),
        (FIRST, 1, "ben"),
        (FIRST, 2, "ben"),
        (FIRST, 1, "anna"),
        (SECOND, 1, "anna"),
        (SECOND, 1, "ben"),
    ]
    own = await hall.store.own(hall.id, wanted)

    assert [entry and entry.canonical for entry in own] == ["3", None, "2", None, "1", "3", None]
    assert await hall.store.own(hall.id, []) == []


async def test_a_frozen_poll_takes_no_ballot_and_hides_its_result(hall: Hall) -> None:
    [first] = await hall.cast(ballot("anna"))
    before = await hall.snapshot()

    await hall.store.freeze(hall.id, FIRST, 1, "recount needed")

    assert codes(await hall.cast(ballot("ben"), ballot("anna", 2))) == ["frozen", "frozen"]
    assert (await hall.cast(ballot("anna")))[0] == type(first)(code="dup", entry=first.entry)
    run = await hall.run()
    assert (run.frozen, run.visible) == ("recount needed", False)
    assert (await hall.snapshot()).offset == before.offset + 1
    await hall.store.freeze(hall.id, FIRST, 1, "another reason")
    assert (await hall.run()).frozen == "recount needed", "the first reason stays"


async def test_freezing_another_round_or_an_unknown_poll_changes_nothing(hall: Hall) -> None:
    before = await hall.snapshot()

    await hall.store.freeze(hall.id, FIRST, 2, "late")
    await hall.store.freeze(hall.id, SECOND, 1, "never opened")

    assert await hall.snapshot() == before


async def test_two_events_do_not_touch(store: Store) -> None:
    one, two = await open_hall(store), await open_hall(store)

    await one.cast(ballot("anna", choice="1"))
    await two.cast(ballot("anna", choice="2"))
    await one.act(Action.CLOSE)

    assert (await one.box(), await two.box()) == ({"anna": "1"}, {"anna": "2"})
    assert codes(await two.cast(ballot("ben"))) == ["ok"]
    assert codes(await one.cast(ballot("ben"))) == ["closed"]
