"""The box of awards, as every adapter must keep it."""

from __future__ import annotations

import asyncio

import pytest

from tests.server.store.award_hall import AwardHall, AwardStore, award_hall, ballot, hash_of, line
from voting.award.boxhash import leaf_of, root_of
from voting.award.ports import (
    CODE,
    DEVICE,
    HANDS,
    PAPER,
    Electorate,
    Progress,
    RegisterLine,
    SheetAct,
    Turnout,
    Vote,
)
from voting.errors import RoundRefused, StoreConflict


@pytest.fixture
async def waiting(store: AwardStore) -> AwardHall:
    return await award_hall(store)


@pytest.fixture
async def hall(waiting: AwardHall) -> AwardHall:
    return await waiting.open(8)


async def test_a_code_casts_one_ballot(hall: AwardHall) -> None:
    assert await hall.cast(ballot(0), ballot(1)) == ["ok", "ok"]
    assert await hall.cast(ballot(0, "b", "another-one")) == ["used"]
    assert await hall.box.turnout(hall.at) == {
        "hall": Turnout(4, {CODE: 1}),
        "online": Turnout(4, {CODE: 1}),
    }


async def test_a_retry_gets_its_receipt_again_before_and_after_close_and_seal(hall: AwardHall) -> None:
    await hall.cast(ballot(0))
    assert await hall.cast(ballot(0)) == ["dup"]

    box = await hall.box.close(hall.at)
    assert await hall.cast(ballot(0), ballot(0, "b"), ballot(1)) == ["dup", "used", "closed"]

    await hall.box.seal(hall.at, box.box_hash)
    assert await hall.cast(ballot(0), ballot(0, "b"), ballot(1)) == ["dup", "used", "closed"]


async def test_a_typed_code_is_the_same_voter_as_its_token(hall: AwardHall) -> None:
    typed = ballot(0)._replace(credential=line(0).alias)

    assert await hall.cast(typed, ballot(0), ballot(0, "b", "other")) == ["ok", "dup", "used"]
    assert await hall.box.find_code(hall.at, line(0).alias) == (line(0).credential, "hall", True)
    assert await hall.box.find_code(hall.at, line(1).credential) == (line(1).credential, "online", False)
    assert await hall.box.find_code(hall.at, hash_of("nobody")) is None


async def test_a_receipt_of_another_voter_is_refused_even_with_the_same_ballot(hall: AwardHall) -> None:
    """Else two voters could be shown one receipt, and one of their ballots would be missing."""
    await hall.cast(ballot(0))

    assert await hall.cast(ballot(0)._replace(credential=line(2).credential)) == ["receipt_taken"]
    assert await hall.cast(ballot(2, receipt=ballot(0).receipt)) == ["receipt_taken"]
    assert await hall.cast(ballot(2)) == ["ok"], "the code was not spent by that"


async def test_codes_that_are_not_in_the_register_or_of_another_class_are_unknown(hall: AwardHall) -> None:
    assert await hall.cast(ballot(99), ballot(0, voter_class="online")) == ["unknown", "unknown"]
    assert await hall.box.cast(hall.at, DEVICE, [ballot(0)]) == ["unknown"]


async def test_one_bad_ballot_harms_no_other_of_its_batch(hall: AwardHall) -> None:
    bad = [
        ballot(1)._replace(text="two\nlines"),
        ballot(1)._replace(receipt="two words"),
        ballot(1)._replace(credential="-"),
        ballot(1)._replace(voter_class=""),
        ballot(1)._replace(text=""),
    ]

    assert await hall.cast(ballot(0), *bad, ballot(1)) == ["ok", *["malformed"] * 5, "ok"]


async def test_ballots_of_one_code_in_one_batch_are_decided_in_order(hall: AwardHall) -> None:
    votes = [ballot(0), ballot(0), ballot(0, "b"), ballot(2, receipt=ballot(0).receipt), ballot(2)]

    assert await hall.cast(*votes) == ["ok", "dup", "used", "receipt_taken", "ok"]


async def test_a_round_takes_ballots_only_while_it_is_open(waiting: AwardHall) -> None:
    assert await waiting.cast(ballot(0)) == ["closed"]
    await waiting.open(2)
    assert await waiting.cast(ballot(0)) == ["ok"]
    await waiting.box.freeze(waiting.at, "looked into")
    assert await waiting.cast(ballot(1), ballot(0)) == ["frozen", "dup"]
    await waiting.box.freeze(waiting.at, "")
    assert await waiting.cast(ballot(1)) == ["ok"]


async def test_a_register_is_loaded_once_and_before_the_opening(waiting: AwardHall) -> None:
    box, at = waiting.box, waiting.at
    with pytest.raises(RoundRefused) as refused:
        await box.open(at, Electorate.CODES)
    assert refused.value.code == "no_register"

    await box.load_register(at, [line(0), line(1)])
    with pytest.raises(RoundRefused) as refused:
        await box.load_register(at, [line(2)])
    assert refused.value.code == "loaded"
    await box.load_register(at, [line(2), line(1)], replace=True)
    assert await box.register(at) == dict(sorted([line(1)[:2], line(2)[:2]]))
    assert await box.find_code(at, line(0).alias) is None

    await box.open(at, Electorate.CODES)
    for replace in (False, True):
        with pytest.raises(RoundRefused) as refused:
            await box.load_register(at, [line(3)], replace=replace)
        assert refused.value.code == "opened"
    await box.open(at, Electorate.CODES)  # again: it is open
    await box.close(at)
    with pytest.raises(RoundRefused) as refused:
        await box.open(at, Electorate.CODES)
    assert refused.value.code == "over"


@pytest.mark.parametrize(
    "lines",
    [
        [line(0), line(0)],
        [RegisterLine("no hash", "hall")],
        [RegisterLine(hash_of("a"), "two words")],
        [RegisterLine(hash_of("a"), "hall", hash_of("a"))],
    ],
)
async def test_a_register_that_would_join_two_voters_is_refused(
    waiting: AwardHall, lines: list[RegisterLine]
) -> None:
    with pytest.raises(ValueError):
        await waiting.box.load_register(waiting.at, lines)


async def test_nothing_is_kept_for_an_event_that_does_not_exist(waiting: AwardHall) -> None:
    await waiting.store.delete_event(waiting.at.event)

    for attempt in (
        waiting.box.load_register(waiting.at, [line(0)]),
        waiting.box.open(waiting.at, Electorate.JURY),
    ):
        with pytest.raises(RoundRefused) as refused:
            await attempt
        assert refused.value.code == "nothing"


async def test_nobody_reads_a_box_that_is_open(hall: AwardHall) -> None:
    await hall.cast(ballot(0))

    with pytest.raises(RoundRefused) as refused:
        await hall.box.read_box(hall.at)
    assert refused.value.code == "open"
    with pytest.raises(RoundRefused) as refused:
        await hall.box.seal(hall.at, "0" * 64)
    assert refused.value.code == "open"


async def test_checkpoints_record_leaves_sorted_and_few_ballots_wait(hall: AwardHall) -> None:
    leaves = [leaf_of(ballot(number).text) for number in range(5)]
    await hall.cast(*map(ballot, range(3)))

    assert (await hall.box.checkpoint(hall.at, 4)).added == 0
    first = await hall.box.checkpoint(hall.at, 3)
    assert (first.added, first.leaves) == (3, sorted(leaves[:3]))
    assert await hall.box.pinned(hall.at) == 3
    await hall.cast(ballot(3), ballot(4))
    assert await hall.box.pinned(hall.at) == 3
    box = await hall.box.close(hall.at)
    assert await hall.box.pinned(hall.at) == 5

    assert box.leaves == sorted(leaves[:3]) + sorted(leaves[3:])
    assert box.box_hash == root_of(box.leaves)
    assert (await hall.box.checkpoint(hall.at, 1)).added == 0


async def test_a_close_fixes_the_box_and_can_be_repeated(hall: AwardHall) -> None:
    await hall.cast(ballot(0), ballot(1))
    box = await hall.box.close(hall.at)

    assert await hall.box.close(hall.at) == box == await hall.box.read_box(hall.at)
    assert set(box.ballots.values()) == {ballot(0).text, ballot(1).text}
    assert list(box.spent) == sorted(line(number).credential for number in (0, 1))
    assert not box.is_sealed


async def test_a_seal_takes_only_the_box_that_was_approved_and_changes_nothing_that_is_read(
    hall: AwardHall,
) -> None:
    await hall.cast(*map(ballot, range(6)))
    box = await hall.box.close(hall.at)
    with pytest.raises(RoundRefused) as refused:
        await hall.box.seal(hall.at, "0" * 64)
    assert refused.value.code == "other_box"

    for _ in range(2):
        await hall.box.seal(hall.at, box.box_hash)
        sealed = await hall.box.read_box(hall.at)
        assert sealed.is_sealed
        assert (sealed.ballots, sealed.leaves, sealed.spent) == (box.ballots, box.leaves, box.spent)


async def test_an_empty_box_can_be_closed_and_sealed(hall: AwardHall) -> None:
    await hall.seal()

    box = await hall.box.read_box(hall.at)
    assert (box.is_sealed, box.ballots, box.spent, box.box_hash) == (True, {}, [], root_of([]))


async def test_devices_vote_once_and_are_forgotten_at_the_seal(waiting: AwardHall) -> None:
    box, at = waiting.box, waiting.at
    await box.open(at, Electorate.DEVICES, "ab" * 32)
    mine = Vote("device-key-1", "hall", "receipt-1", '{"choices":[["a"]],"salt":"1"}')
    assert await box.device_secret(at) == bytes.fromhex("ab" * 32)
    assert await box.cast(at, DEVICE, [mine, mine._replace(text='{"choices":[]}')]) == ["ok", "used"]
    assert await box.cast(at, CODE, [ballot(0)]) == ["unknown"]

    await box.seal(at, (await box.close(at)).box_hash)

    assert await box.device_secret(at) is None
    assert (await box.read_box(at)).spent == []
    assert await box.cast(at, DEVICE, [mine._replace(credential="")]) == ["dup"], "a late retry"
    assert await box.cast(at, DEVICE, [mine._replace(credential="", receipt="receipt-2")]) == ["closed"]


async def test_hands_and_paper_are_a_channel_of_their_own_entered_once(hall: AwardHall) -> None:
    await hall.cast(ballot(0))
    texts = {f"hands-000{n}": f'{{"receipt":"hands-000{n}"}}' for n in (1, 2, 3)}
    with pytest.raises(StoreConflict):
        await hall.box.enter(hall.at, HANDS, "hall", texts, before=1)

    await hall.box.enter(hall.at, HANDS, "hall", texts, before=0)

    for channel, code in ((HANDS, "entered"), (PAPER, "receipt_taken")):
        with pytest.raises(RoundRefused) as refused:
            await hall.box.enter(hall.at, channel, "hall", texts, before=0)
        assert refused.value.code == code
    assert (await hall.box.turnout(hall.at))["hall"] == Turnout(4, {CODE: 1, HANDS: 3})
    assert await hall.box.has_receipt(hall.at, "hands-0002")
    assert not await hall.box.has_receipt(hall.at, "hands-0004")
    box = await hall.box.close(hall.at)
    assert (len(box.ballots), len(box.spent)) == (4, 1)
    with pytest.raises(RoundRefused) as refused:
        await hall.box.enter(hall.at, PAPER, "hall", {"paper-0001": "{}"}, before=0)
    assert refused.value.code == "closed"


async def test_a_juror_saves_locks_and_unlocks_and_only_locked_sheets_are_in(waiting: AwardHall) -> None:
    box, at = waiting.box, waiting.at
    assert await waiting.act("ada", SheetAct.SAVE, 1) == "closed"
    await box.open(at, Electorate.JURY)

    assert await waiting.act("ada", SheetAct.UNLOCK, 1) == "empty"
    assert await waiting.act("ada", SheetAct.SAVE, 1, [3]) == "ok"
    assert await waiting.act("ada", SheetAct.SAVE, 1, [3]) == "dup"
    assert await waiting.act("ada", SheetAct.SAVE, 1, [4]) == "stale", "another tab saved first"
    assert await waiting.act("ada", SheetAct.LOCK, 2, [3, 4]) == "ok"
    assert await waiting.act("ada", SheetAct.LOCK, 2, [3, 4]) == "dup"
    assert await waiting.act("ada", SheetAct.SAVE, 3, [9]) == "locked"
    assert await waiting.act("ada", SheetAct.UNLOCK, 3) == "ok"
    assert await waiting.act("ada", SheetAct.LOCK, 4, [5, 6]) == "ok"
    assert await waiting.act("ben", SheetAct.SAVE, 1, [7]) == "ok"
    assert await box.progress(at) == {"ada": Progress(4, True, 2, 0), "ben": Progress(1, False, 1, 0)}
    mine = await box.sheet(at, "ada")
    assert mine is not None and (mine.rev, mine.is_locked) == (4, True)

    closed = await box.close(at)

    assert list(closed.sheets.values()) == [mine.text]
    assert closed.box_hash == leaf_of(mine.text), "the root over one leaf is the leaf"
    assert await waiting.act("ben", SheetAct.LOCK, 2, [7]) == "closed"
    assert await waiting.act("ada", SheetAct.UNLOCK, 5) == "closed"
    await box.seal(at, closed.box_hash)
    assert await box.sheet(at, "ben") is None, "drafts are destroyed"
    assert await box.sheet(at, "ada") == mine


async def test_two_rounds_do_not_touch(hall: AwardHall) -> None:
    other = AwardHall(hall.store, hall.at._replace(round=type(hall.at.round)("runoff1")))
    await other.open(8)

    assert await hall.cast(ballot(0)) == ["ok"]
    assert await other.cast(ballot(0)) == ["ok"]
    await hall.seal()
    assert await other.cast(ballot(1)) == ["ok"]


@pytest.mark.parametrize("attempt", range(3))
async def test_a_ballot_is_in_the_box_if_and_only_if_it_was_accepted(hall: AwardHall, attempt: int) -> None:
    async def cast(number: int) -> list[str]:
        return await hall.cast(ballot(number))

    casting = asyncio.gather(*map(cast, range(8)))
    box = await hall.box.close(hall.at)
    answers = await casting

    accepted = {ballot(number).text for number, said in enumerate(answers) if said == ["ok"]}
    assert set(box.ballots.values()) == accepted
    assert len(box.spent) == len(accepted)
