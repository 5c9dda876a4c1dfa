from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.voting.material import KINDS, law
from voting.ballot import BoxEntry, canonical_set
from voting.count import count_poll
from voting.errors import RecountMismatch
from voting.ports import LogEntry, RoundReading
from voting.profile import decode_tally, encode_entry
from voting.recount import Recount
from voting.result import Entry


@dataclass
class Store:
    """A ballot box as the laws L1 and L2 describe it, as plainly as possible."""

    box: dict[str, BoxEntry] = field(default_factory=dict)
    tally: Counter[str] = field(default_factory=Counter)
    log: list[LogEntry] = field(default_factory=list)

    def cast(self, voter: str, rev: int, nonce: str, segment: str, canonical: str) -> None:
        old = self.box.get(voter)
        if old is not None and rev <= old.rev:
            return
        new = BoxEntry(
            rev=rev, nonce=nonce, segment=segment, canonical=canonical, counted_ms=1000 + len(self.log)
        )
        self.box[voter] = new
        if old is not None:
            self.tally[encode_entry(old.segment, old.canonical)] -= 1
        self.tally[encode_entry(segment, canonical)] += 1
        self.log.append(LogEntry(id=f"{len(self.log)}-0", voter=voter, entry=new))

    def reading(self, log: Sequence[LogEntry] | None = None) -> RoundReading:
        entries = self.log if log is None else log
        return RoundReading(
            log=entries,
            last=entries[-1].id if entries else "",
            is_closed=False,
            box=dict(self.box),
            tally={key: count for key, count in self.tally.items() if count},
        )


attempts = st.lists(
    st.tuples(
        st.sampled_from(["anna", "ben", "cleo", "dora"]),
        st.integers(0, 4),
        st.sampled_from(["n1", "n2"]),
        st.sampled_from(["", "a", "b"]),
        st.lists(st.sampled_from(["1", "2", "3"]), unique=True, max_size=2).map(canonical_set),
    ),
    max_size=40,
)


def filled(casts: Sequence[tuple[str, int, str, str, str]]) -> Store:
    store = Store()
    for cast in casts:
        store.cast(*cast)
    return store


def recounted(store: Store) -> Recount:
    recount = Recount()
    recount.add(store.log)
    return recount


@law
@given(attempts)
def test_the_log_alone_gives_box_and_tally_after_any_interleaving(
    casts: list[tuple[str, int, str, str, str]],
) -> None:
    store = filled(casts)
    recount = recounted(store)
    assert recount.box() == store.box
    assert recount.tally() == decode_tally(store.tally)
    assert sum(recount.tally().values()) == len(store.box)
    assert recount.differences(store.reading()) == []
    recount.check(store.reading())


@law
@given(attempts, st.lists(st.integers(0, 40), max_size=5))
def test_a_recount_that_follows_the_log_in_pieces_agrees_at_every_piece(
    casts: list[tuple[str, int, str, str, str]], cuts: list[int]
) -> None:
    store, recount, taken = Store(), Recount(), 0
    for place, cast in enumerate(casts):
        store.cast(*cast)
        if place in cuts:
            recount.add(store.log[taken:])
            taken = len(store.log)
            assert recount.differences(store.reading(store.log[taken:])) == []
    recount.add(store.log[taken:])
    assert recount.differences(store.reading()) == []


@law
@given(st.data())
def test_a_result_of_the_recount_is_the_result_of_the_tally(data: st.DataObject) -> None:
    multiple = KINDS[2]
    store = filled(data.draw(attempts))
    assert count_poll(multiple, recounted(store).tally(), round=1) == count_poll(
        multiple, decode_tally(store.tally), round=1
    )


def two_voters() -> Store:
    return filled([("anna", 1, "n1", "", "1"), ("ben", 1, "n2", "a", "2"), ("anna", 2, "n3", "", "3")])


@law
@given(attempts.filter(bool), st.data())
def test_altering_any_field_of_the_store_is_found(
    casts: list[tuple[str, int, str, str, str]], data: st.DataObject
) -> None:
    store = filled(casts)
    recount = recounted(store)
    voter = data.draw(st.sampled_from(sorted(store.box)))
    entry = store.box[voter]
    altered: list[BoxEntry] = [
        entry._replace(rev=entry.rev + 1),
        entry._replace(nonce="other"),
        entry._replace(segment="elsewhere"),
        entry._replace(canonical="9"),
        entry._replace(counted_ms=entry.counted_ms + 1),
    ]
    reading = store.reading()
    box: dict[str, BoxEntry] = {**reading.box, voter: data.draw(st.sampled_from(altered))}
    assert recount.differences(replace(reading, box=box))
    assert recount.differences(replace(reading, box={**reading.box, "nobody": entry}))
    assert recount.differences(replace(reading, box={v: e for v, e in reading.box.items() if v != voter}))
    key = data.draw(st.sampled_from([*reading.tally, "1||9", "nonsense"]))
    by = data.draw(st.sampled_from([-1, 1]))
    tally = {**reading.tally, key: reading.tally.get(key, 0) + by}
    assert recount.differences(replace(reading, tally=tally))
    with pytest.raises(RecountMismatch):
        recount.check(replace(reading, tally=tally))


@law
@given(attempts.filter(bool), st.data())
def test_a_log_that_lost_or_doubled_an_entry_is_found(
    casts: list[tuple[str, int, str, str, str]], data: st.DataObject
) -> None:
    store = filled(casts)
    voters = [logged.voter for logged in store.log]
    at = data.draw(st.integers(0, len(store.log) - 1))
    doubled = Recount()
    doubled.add(store.log[: at + 1] + store.log[at:])
    assert doubled.differences(store.reading())
    if voters.index(voters[at], at) == max(i for i, v in enumerate(voters) if v == voters[at]):
        short = Recount()
        short.add(store.log[:at] + store.log[at + 1 :])
        assert short.differences(store.reading())


def test_the_words_say_what_differs_and_name_no_voter() -> None:
    store = two_voters()
    recount = recounted(store)
    reading = store.reading()
    assert recount.differences(replace(reading, box={"anna": store.box["anna"]})) == [
        "the log has 2 voters, the box 1",
        "one ballot of the log is not in the box",
    ]
    assert recount.differences(replace(reading, box={**store.box, "x": store.box["ben"]})) == [
        "the log has 2 voters, the box 3",
        "one ballot of the box is not in the log",
    ]
    changed = {voter: entry._replace(canonical="1") for voter, entry in store.box.items()}
    assert recount.differences(replace(reading, box=changed)) == [
        "2 ballots of the box differ from the same voter's newest in the log"
    ]
    assert recount.differences(replace(reading, tally={"1||3": 1, "1|a|2": 5, "1||1": 1})) == [
        "tally entry '1|a|2': the log gives 1, the tally has 5",
        "tally entry '1||1': the log gives 0, the tally has 1",
    ]


def test_a_tally_entry_at_zero_is_no_difference() -> None:
    store = two_voters()
    reading = replace(store.reading(), tally={"1||3": 1, "1|a|2": 1, "1||1": 0})
    assert recounted(store).differences(reading) == []


def test_an_empty_round_agrees_with_an_empty_store() -> None:
    recount = Recount()
    assert (recount.tally(), recount.box()) == ({}, {})
    recount.check(Store().reading())


@pytest.mark.parametrize("rev", [1, 2])
def test_a_revision_that_does_not_rise_is_a_fault_of_the_log_and_counts_for_nothing(rev: int) -> None:
    store = two_voters()
    recount = recounted(store)
    again = store.box["anna"]._replace(rev=rev, canonical="2")
    recount.add([LogEntry(id="9-0", voter="anna", entry=again)])
    assert recount.differences(store.reading()) == [
        f"log entry 9-0 has revision {rev}, which does not follow revision 2"
    ]
    assert recount.tally() == {Entry("", "3"): 1, Entry("a", "2"): 1}


def test_a_log_entry_that_cannot_be_read_is_a_fault() -> None:
    store = two_voters()
    recount = recounted(store)
    odd = store.box["ben"]._replace(rev=7, canonical="2=1")
    recount.add([LogEntry(id="9-0", voter="ben", entry=odd)])
    assert recount.differences(store.reading()) == ["log entry 9-0 holds no ballot that can be read"]


def test_a_mismatch_tells_everyone_only_how_much_differs() -> None:
    store = two_voters()
    reading = replace(store.reading(), tally={"1||3": 14})
    with pytest.raises(RecountMismatch) as caught:
        recounted(store).check(reading)
    assert str(caught.value) == "box, tally and ballot log do not agree: 2 differences were found"
    assert caught.value.__notes__ == recounted(store).differences(reading)


def test_following_the_log_looks_at_new_entries_only() -> None:
    store = two_voters()
    recount = recounted(store)
    before = recount.box()
    store.cast("cleo", 1, "n4", "", "-")
    recount.add(iter(store.log[-1:]))
    assert before["cleo"].canonical == "-"
    assert recount.differences(store.reading(log=())) == []
