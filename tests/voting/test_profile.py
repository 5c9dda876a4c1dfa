import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.voting.material import law, names, nonces, segments
from voting.ballot import BoxEntry, canonical_set
from voting.profile import (
    decode_ballot,
    decode_box_value,
    decode_entry,
    decode_tally,
    encode_ballot,
    encode_box_value,
    encode_entry,
    is_canonical,
)
from voting.result import Entry

sets = st.lists(names, unique_by=lambda name: int(name) if name.isdecimal() else name, max_size=6)
canonicals = sets.map(canonical_set)


def test_a_tally_key_is_contest_segment_and_ballot() -> None:
    assert encode_entry("audience", "1=3") == "1|audience|1=3"
    assert encode_entry("", "-") == "1||-"


@law
@given(segments, canonicals)
def test_a_tally_key_reads_back_as_it_was_written(segment: str, canonical: str) -> None:
    assert decode_entry(encode_entry(segment, canonical)) == Entry(segment, canonical)
    assert decode_ballot(encode_ballot(segment, canonical)) == Entry(segment, canonical)


def test_counts_of_zero_are_dropped() -> None:
    assert decode_tally({"1||2": 3, "1||1": 0, "1|a|-": 1}) == {Entry("", "2"): 3, Entry("a", "-"): 1}


@pytest.mark.parametrize(
    "key",
    ["", "2", "|2", "1|2", "2||2", "1||", "1|a|b|2", "1||3=1", "1||1=1", "1||1=", "1||>1", "1||1=-"]
    + ["1|a b|2", "1|a=b|2", "1||2 ", "1||2\n", "01||2"],
)
def test_a_malformed_tally_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="not a"):
        decode_tally({key: 1})


def test_a_count_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="below zero"):
        decode_tally({"1||2": -1})


def test_rankings_are_canonical_when_equal_options_ascend() -> None:
    assert is_canonical("3>1=4>2")
    assert is_canonical("2=10")
    assert not is_canonical("10=2")
    assert not is_canonical("3>4=1>2")
    assert not is_canonical("3>1>3")


@law
@given(st.integers(0, 2**53), nonces, segments, canonicals, st.integers(0, 2**53))
def test_a_box_value_reads_back_as_it_was_written(
    rev: int, nonce: str, segment: str, canonical: str, counted_ms: int
) -> None:
    entry = BoxEntry(rev=rev, nonce=nonce, segment=segment, canonical=canonical, counted_ms=counted_ms)
    assert decode_box_value(encode_box_value(entry)) == entry


def test_a_box_value_is_four_words() -> None:
    entry = BoxEntry(rev=2, nonce="a-B_9", segment="audience", canonical="1=3", counted_ms=1700000000123)
    assert encode_box_value(entry) == "2 a-B_9 1700000000123 audience|1=3"


@pytest.mark.parametrize(
    "text",
    ["", "1 n 5", "1 n 5 a|1 x", "1  5 a|1", "-1 n 5 |1", "1 n 1.7e12 |1", "1 n 05 |1", "١ n 5 |1", "1 n 5 1"]
    + ["1 n 5 |2=1", "1 n! 5 |1", "1 n 5 |1\n"],
)
def test_a_malformed_box_value_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a"):
        decode_box_value(text)


@pytest.mark.parametrize(
    ("rev", "nonce", "segment", "canonical", "counted_ms"),
    [(-1, "n", "", "1", 5), (1, "n", "", "1", -5), (1, "n n", "", "1", 5), (1, "", "", "1", 5)]
    + [(1, "n", "a|b", "1", 5), (1, "n", "", "2=1", 5), (1, "n", "", "", 5)],
)
def test_what_could_not_be_read_back_is_not_written(
    rev: int, nonce: str, segment: str, canonical: str, counted_ms: int
) -> None:
    entry = BoxEntry(rev=rev, nonce=nonce, segment=segment, canonical=canonical, counted_ms=counted_ms)
    with pytest.raises(ValueError):
        encode_box_value(entry)
