"""What is read and what is answered in one turn of the loop: kept together, in order, and none lost."""

import asyncio
from functools import partial

import pytest

from server.live.inbox import SLICE, Inbox
from server.live.outbox import Outbox


class Reader:
    """Notes what it is told; stumbles over `bad`."""

    def __init__(self, name: str, taken: list[tuple[str, bytes]]) -> None:
        self.name, self.taken, self.is_cut = name, taken, False

    def take(self, data: bytes) -> None:
        if data == b"bad":
            raise ValueError("bad")
        self.taken.append((self.name, data))

    def cut(self) -> None:
        self.is_cut = True


async def test_what_came_is_taken_in_its_order_at_the_end_of_the_turn() -> None:
    inbox, taken = Inbox(), list[tuple[str, bytes]]()
    one, two = Reader("one", taken), Reader("two", taken)
    inbox.put(one, b"1")
    inbox.put(two, b"2")
    inbox.put(one, b"3")
    assert taken == []
    await asyncio.sleep(0)
    assert taken == [("one", b"1"), ("two", b"2"), ("one", b"3")]
    inbox.put(two, b"4")
    await asyncio.sleep(0)
    assert taken[3:] == [("two", b"4")]


async def test_what_is_too_much_for_one_turn_is_taken_in_the_next_ones() -> None:
    inbox, taken = Inbox(), list[tuple[str, bytes]]()
    reader = Reader("one", taken)
    everything = [("one", b"%d" % number) for number in range(2 * SLICE + 1)]
    for _, data in everything:
        inbox.put(reader, data)
    for turn in (1, 2):
        await asyncio.sleep(0)
        assert taken == everything[: turn * SLICE]
    inbox.put(reader, b"more")
    inbox.empty()
    assert taken == [*everything, ("one", b"more")]
    await asyncio.sleep(0)
    assert len(taken) == len(everything) + 1  # and not twice


async def test_what_waits_does_not_grow_with_how_long_a_flood_lasts() -> None:
    inbox, taken = Inbox(), list[tuple[str, bytes]]()
    reader, a_turn, came = Reader("one", taken), 4 * SLICE, 0
    for _ in range(20):
        for number in range(a_turn):
            inbox.put(reader, b"%d" % (came + number))
        came += a_turn
        await asyncio.sleep(0)
        assert came - len(taken) <= a_turn
    inbox.empty()
    assert taken == [("one", b"%d" % number) for number in range(came)]


async def test_whoever_leaves_is_heard_first() -> None:
    inbox, taken = Inbox(), list[tuple[str, bytes]]()
    inbox.put(Reader("one", taken), b"1")
    inbox.empty()
    assert taken == [("one", b"1")]
    await asyncio.sleep(0)
    assert taken == [("one", b"1")]  # and not twice


async def test_an_error_ends_its_own_connection_only() -> None:
    inbox, taken, told = Inbox(), list[tuple[str, bytes]](), list[object]()
    asyncio.get_running_loop().set_exception_handler(lambda loop, said: told.append(said["exception"]))
    one, two = Reader("one", taken), Reader("two", taken)
    inbox.put(one, b"bad")
    inbox.put(two, b"2")
    await asyncio.sleep(0)
    assert taken == [("two", b"2")]
    assert (one.is_cut, two.is_cut) == (True, False)
    assert [type(error) for error in told] == [ValueError]


def test_answers_are_kept_while_held_and_then_written_in_order() -> None:
    outbox, sent = Outbox(), list[tuple[str, bytes]]()

    def write(name: str, frame: bytes) -> None:
        sent.append((name, frame))

    one, two = partial(write, "one"), partial(write, "two")
    outbox.send(one, b"0")
    assert sent == [("one", b"0")]
    outbox.hold()
    outbox.send(one, b"1")
    outbox.send(two, b"2")
    outbox.send(one, b"3")
    assert len(sent) == 1
    outbox.release()
    assert sent[1:] == [("one", b"1"), ("two", b"2"), ("one", b"3")]
    outbox.send(two, b"4")
    assert sent[-1] == ("two", b"4")


def test_answers_that_follow_each_other_for_one_client_go_as_one() -> None:
    outbox, sent = Outbox(), list[tuple[str, bytes]]()

    class Line:
        def __init__(self, name: str) -> None:
            self.name = name

        def write(self, frame: bytes) -> None:
            sent.append((self.name, frame))

    one, two = Line("one"), Line("two")
    outbox.hold()
    for line, frame in ((one, b"1"), (one, b"2"), (two, b"3"), (two, b"4"), (two, b"5"), (one, b"6")):
        outbox.send(line.write, frame)
    outbox.release()
    assert sent == [("one", b"12"), ("two", b"345"), ("one", b"6")]


@pytest.mark.parametrize("times", [1, 2])
def test_releasing_again_writes_nothing_twice(times: int) -> None:
    outbox, sent = Outbox(), list[bytes]()
    outbox.hold()
    outbox.send(sent.append, b"1")
    for _ in range(times):
        outbox.release()
    assert sent == [b"1"]


async def test_an_answer_that_cannot_be_written_harms_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    outbox, sent, told = Outbox(), list[bytes](), list[object]()

    def broken(_: bytes) -> None:
        raise RuntimeError("gone")

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(loop, "call_exception_handler", lambda said: told.append(said["exception"]))
    outbox.hold()
    for write in (sent.append, broken, sent.append, broken):
        outbox.send(write, b"1")
    outbox.release()

    assert sent == [b"1", b"1"]
    assert [str(error) for error in told] == ["gone", "gone"]
