from hypothesis import given
from hypothesis import strategies as st

from tests.voting.material import law
from voting.ties import leaders, places, tie_groups

counts_of_a_poll = st.lists(st.integers(0, 6), max_size=10)


def test_equal_counts_share_a_place_and_the_next_is_left_out() -> None:
    assert places([9, 7, 7, 2]) == [1, 2, 2, 4]
    assert places([5, 8, 8, 8, 0]) == [4, 1, 1, 1, None]


def test_a_count_of_zero_has_no_place() -> None:
    assert places([0, 0]) == [None, None]
    assert leaders([0, 0]) == []


def test_ties_are_named_from_the_largest_count_on_and_zero_is_none() -> None:
    assert tie_groups([2, 7, 0, 2, 7, 0, 7, 1]) == [[1, 4, 6], [0, 3]]
    assert tie_groups([3, 2, 1, 0]) == []


@law
@given(counts_of_a_poll)
def test_a_place_is_one_more_than_the_number_of_larger_counts(counts: list[int]) -> None:
    for count, place in zip(counts, places(counts), strict=True):
        assert place == (1 + sum(other > count for other in counts) if count else None)


@law
@given(counts_of_a_poll)
def test_leaders_hold_the_largest_count_all_of_them(counts: list[int]) -> None:
    most = max(counts, default=0)
    assert leaders(counts) == [i for i, count in enumerate(counts) if count == most > 0]


@law
@given(counts_of_a_poll)
def test_every_tie_group_is_all_of_one_count(counts: list[int]) -> None:
    groups = tie_groups(counts)
    for group in groups:
        assert len(group) > 1
        assert group == [i for i, count in enumerate(counts) if count == counts[group[0]]]
    tied = {i for group in groups for i in group}
    assert all(counts.count(counts[i]) == 1 for i in range(len(counts)) if counts[i] and i not in tied)
