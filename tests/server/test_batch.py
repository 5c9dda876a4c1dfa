"""Batches of ballots: one round each, in order, and whoever waits is told exactly once."""

import asyncio
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polls.model import EventId, PollId
from server.live.batch import IN_FLIGHT, SLICE, Batcher, Batchers, Decided
from server.store.memory import MemoryStore
from tests.server.store.hall import FIRST, Hall, ballot, open_hall
from tests.waiting import eventually
from voting.ballot import BoxEntry, CastBallot, CastOutcome
from voting.errors import StoreFull, StoreUnavailable, VotingError

EVENT = EventId("event")


class SlowBox(MemoryStore):
    """A box whose every decision waits until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[tuple[str, int, list[str]]] = []
        self.gate = asyncio.Semaphore(0)
        self.error: BaseException | None = None

    async def cast(
        self, event: EventId, poll: PollId, round: int, ballots: Sequence[CastBallot]
    ) -> list[CastOutcome]:
        self.batches.append((poll, round, [one.voter for one in ballots]))
        await self.gate.acquire()
        if self.error is not None:
            raise self.error
        return [CastOutcome(code="ok", entry=_entry(one)) for one in ballots]


def _entry(one: CastBallot) -> BoxEntry:
    return BoxEntry(rev=one.rev, nonce=one.nonce, segment=one.segment, canonical=one.canonical, counted_ms=1)


@dataclass(frozen=True, slots=True)
class Told:
    """One who waits, and hands on what it is told."""

    decided: Callable[[Decided], None]


class Waiting:
    """Those who wait for what becomes of their ballots."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Decided]] = []

    def submit(self, queue: Batcher, *voters: str) -> None:
        for voter in voters:
            queue.submit(ballot(voter), Told(partial(self._note, voter)))

    def _note(self, voter: str, answer: Decided) -> None:
        self.told.append((voter, answer))

    def names(self) -> list[str]:
        return [voter for voter, _ in self.told]


async def test_lone_ballot_goes_at_once_and_the_rest_in_one_batch() -> None:
    box, waiting = SlowBox(), Waiting()
    queue = Batcher(box, EVENT, FIRST, 1, limit=512)
    waiting.submit(queue, "anna")
    await eventually(lambda: len(box.batches) == 1)
    waiting.submit(queue, *(f"voter-{n}" for n in range(20)))
    assert waiting.told == []
    box.gate.release()
    await eventually(lambda: len(box.batches) == 2)
    assert box.batches == [(FIRST, 1, ["anna"]), (FIRST, 1, [f"voter-{n}" for n in range(20)])]
    box.gate.release()
    await eventually(lambda: queue.is_idle)
    assert waiting.names() == ["anna", *(f"voter-{n}" for n in range(20))]


async def test_batch_is_never_larger_than_its_limit_and_order_is_kept() -> None:
    box, waiting = SlowBox(), Waiting()
    queue = Batcher(box, EVENT, FIRST, 1, limit=7)
    names = [f"voter-{n}" for n in range(30)]
    waiting.submit(queue, *names)
    for _ in range(10):
        box.gate.release()
    await eventually(lambda: queue.is_idle)
    assert max(len(batch) for _, _, batch in box.batches) <= 7
    assert list(itertools.chain(*(batch for _, _, batch in box.batches))) == names
    assert waiting.names() == names


async def test_rounds_and_polls_never_share_a_batch() -> None:
    box = SlowBox()
    queues = Batchers(box, limit=512)
    told: list[Decided] = []
    places = [(PollId(poll), round) for poll in ("a", "b") for round in (1, 2)]
    for place, (poll, round) in enumerate(places * 5):
        queues.submit(EVENT, poll, round, ballot(f"{poll}{round}-{place}"), Told(told.append))
    for _ in range(40):
        box.gate.release()
    await eventually(lambda: len(told) == 20)
    for name, number, voters in box.batches:
        assert all(voter.startswith(f"{name}{number}-") for voter in voters)


@pytest.mark.parametrize("error", [StoreUnavailable("away"), StoreFull("full")])
async def test_error_of_the_store_reaches_everyone_of_the_batch_and_the_next_one_goes_on(
    error: VotingError,
) -> None:
    box, waiting = SlowBox(), Waiting()
    queue = Batcher(box, EVENT, FIRST, 1, limit=512)
    waiting.submit(queue, "anna", "bert", "carl")
    await eventually(lambda: len(box.batches) == 1)
    box.error = error
    box.gate.release()
    await eventually(lambda: len(waiting.told) == 3)
    assert {answer for _, answer in waiting.told} == {error}
    box.error = None
    waiting.submit(queue, "anna")
    box.gate.release()
    await eventually(lambda: len(waiting.told) == 4)
    assert isinstance(waiting.told[3][1], CastOutcome)


async def test_server_that_stops_tells_those_who_wait() -> None:
    box, waiting = SlowBox(), Waiting()
    queue = Batcher(box, EVENT, FIRST, 1, limit=512)
    waiting.submit(queue, "anna")
    await eventually(lambda: len(box.batches) == 1)
    worker = queue._worker
    assert worker is not None
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)
    ((name, answer),) = waiting.told
    assert (name, type(answer)) == ("anna", StoreUnavailable)


async def two_batches_and_a_half() -> tuple[SlowBox, Waiting, Batcher, list[str]]:
    """A queue with so many ballots that two batches are being decided, each of two slices to tell."""
    box, waiting = SlowBox(), Waiting()
    queue = Batcher(box, EVENT, FIRST, 1, limit=2 * SLICE)
    names = [f"voter-{n}" for n in range(5 * SLICE)]
    waiting.submit(queue, *names)
    await eventually(lambda: len(box.batches) == IN_FLIGHT)
    return box, waiting, queue, names


async def test_store_has_its_next_batch_before_the_last_one_is_told() -> None:
    box, waiting, queue, names = await two_batches_and_a_half()
    box.gate.release()
    await eventually(lambda: len(box.batches) == IN_FLIGHT + 1)
    assert len(waiting.told) <= 2 * SLICE
    await eventually(lambda: len(waiting.told) == 2 * SLICE)
    waiting.submit(queue, "late")
    await asyncio.sleep(0)
    assert len(box.batches) == IN_FLIGHT + 1, "and not one more while two are being decided"
    for _ in range(3):
        box.gate.release()
    await eventually(lambda: queue.is_idle)
    assert waiting.names() == [*names, "late"]


async def test_two_batches_never_hold_ballots_of_one_voter() -> None:
    box, waiting = SlowBox(), Waiting()
    queue = Batcher(box, EVENT, FIRST, 1, limit=512, enough=3)
    waiting.submit(queue, "anna")
    await eventually(lambda: len(box.batches) == 1)
    waiting.submit(queue, "bert", "carl")
    waiting.submit(queue, "anna", "dora", "eva")
    await eventually(lambda: len(box.batches) == 2)
    assert box.batches[1][2] == ["bert", "carl"]
    box.gate.release()
    await eventually(lambda: len(box.batches) == 3)
    assert box.batches[2][2] == ["anna", "dora", "eva"]
    box.gate.release()
    box.gate.release()
    await eventually(lambda: queue.is_idle)
    assert waiting.names() == ["anna", "bert", "carl", "anna", "dora", "eva"]


async def test_voter_whose_batch_failed_is_not_held_back() -> None:
    box, waiting = SlowBox(), Waiting()
    queue = Batcher(box, EVENT, FIRST, 1, limit=512, enough=1)
    box.error = StoreUnavailable("away")
    waiting.submit(queue, "anna")
    box.gate.release()
    await eventually(lambda: queue.is_idle)
    box.error = None
    waiting.submit(queue, "bert")
    await eventually(lambda: len(box.batches) == 2)
    waiting.submit(queue, "anna")
    await eventually(lambda: len(box.batches) == 3)
    box.gate.release()
    box.gate.release()
    await eventually(lambda: queue.is_idle)
    assert [type(answer) for _, answer in waiting.told] == [StoreUnavailable, CastOutcome, CastOutcome]


async def test_server_that_stops_while_telling_tells_everyone_once() -> None:
    box, waiting, queue, names = await two_batches_and_a_half()
    worker = queue._worker
    assert worker is not None
    box.gate.release()
    while not waiting.told:
        await asyncio.sleep(0)
    assert len(waiting.told) == SLICE, "in the middle of telling"
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)
    await eventually(lambda: len(waiting.told) == len(names))
    assert sorted(waiting.names()) == sorted(names)
    fates = {voter: type(answer) for voter, answer in waiting.told}
    assert {voter for voter, fate in fates.items() if fate is CastOutcome} == set(names[: 2 * SLICE])


class Overtaking(MemoryStore):
    """A store that decides a batch only after so many turns of the loop as the next of `pauses` says: what
    was sent later may be decided earlier."""

    def __init__(self, pauses: Sequence[int]) -> None:
        super().__init__()
        self._pauses = itertools.cycle(pauses)

    async def cast(
        self, event: EventId, poll: PollId, round: int, ballots: Sequence[CastBallot]
    ) -> list[CastOutcome]:
        for _ in range(next(self._pauses)):
            await asyncio.sleep(0)
        return await super().cast(event, poll, round, ballots)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["anna", "bert", "carl", "dora"]), st.integers(1, 6)), max_size=40),
    st.integers(1, 5),
    st.integers(0, 3),
    st.integers(1, 4),
    st.lists(st.integers(0, 9), min_size=1, max_size=5),
)
def test_two_ballots_of_a_voter_are_decided_in_their_order_whatever_the_batches(
    sent: list[tuple[str, int]], limit: int, pause: int, enough: int, pauses: list[int]
) -> None:
    async def run() -> tuple[list[tuple[str, int, str]], dict[str, str]]:
        hall = await open_hall(Overtaking(pauses))
        queue = Batcher(hall.store, hall.id, FIRST, 1, limit=limit, enough=enough)
        told: list[tuple[str, int, str]] = []

        def tell(voter: str, rev: int, answer: Decided) -> None:
            assert isinstance(answer, CastOutcome)
            told.append((voter, rev, answer.code))

        for number, (voter, rev) in enumerate(sent):
            queue.submit(ballot(voter, rev, nonce=f"nonce-{rev}"), Told(partial(tell, voter, rev)))
            if pause and number % pause == 0:
                await asyncio.sleep(0)
        await eventually(lambda: queue.is_idle)
        return told, {voter: str(entry.rev) for voter, entry in (await hall.reading()).box.items()}

    told, box = asyncio.run(run())
    newest: dict[str, int] = {}
    expected = []
    for voter, rev in sent:
        present = newest.get(voter, 0)
        expected.append((voter, rev, "ok" if rev > present else "dup" if rev == present else "stale"))
        newest[voter] = max(rev, present)
    assert told == expected
    assert box == {voter: str(rev) for voter, rev in newest.items()}


async def test_without_room_nothing_new_is_counted_but_a_retry_gets_its_receipt_again() -> None:
    hall: Hall = await open_hall(MemoryStore())
    queues = Batchers(hall.store, limit=512)
    told: list[Decided] = []

    async def cast(one: CastBallot) -> Decided:
        before = len(told)
        queues.submit(hall.id, FIRST, 1, one, Told(told.append))
        await eventually(lambda: len(told) > before)
        return told[-1]

    first = await cast(ballot("anna"))
    assert isinstance(first, CastOutcome)
    queues.has_room = False
    again = await cast(ballot("anna"))
    assert isinstance(again, CastOutcome)
    assert (again.code, again.entry) == ("dup", first.entry)
    for refused in (ballot("bert"), ballot("anna", rev=2), ballot("anna", nonce="another-nonce")):
        assert isinstance(await cast(refused), StoreFull)
    assert await hall.box() == {"anna": "1"}
    queues.has_room = True
    assert isinstance(await cast(ballot("bert")), CastOutcome)


async def test_queue_of_a_round_that_is_over_is_dropped() -> None:
    box = SlowBox()
    queues = Batchers(box, limit=512)
    told: list[Decided] = []
    for round in range(1, 6):
        box.gate.release()
        queues.submit(EVENT, FIRST, round, ballot("anna"), Told(told.append))
        await eventually(lambda round=round: len(told) == round)  # type: ignore[misc]
    assert len(queues._by_round) <= 2


async def test_voter_who_cannot_be_told_keeps_no_receipt_from_others() -> None:
    box, waiting, said = SlowBox(), Waiting(), list[object]()
    asyncio.get_running_loop().set_exception_handler(lambda loop, what: said.append(what["exception"]))
    queue = Batcher(box, EVENT, FIRST, 1, limit=3)

    def stumble(answer: Decided) -> None:
        raise ValueError("damaged")

    queue.submit(ballot("anna"), Told(stumble))
    waiting.submit(queue, "ben", "carla", "dan", "eva")
    for _ in range(3):
        box.gate.release()
    await eventually(lambda: queue.is_idle)
    assert waiting.names() == ["ben", "carla", "dan", "eva"]
    assert [type(error) for error in said] == [ValueError]
