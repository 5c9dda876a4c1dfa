from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.voting.material import law
from voting.percent import half_up, largest_remainder, show_percent

counts_of_a_poll = st.lists(st.integers(0, 5000), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([19, 18, 8, 8, 1, 1], [35, 33, 14, 14, 2, 2]),
        ([28, 26, 11, 11, 2, 2], [35, 33, 14, 14, 2, 2]),
        ([30, 29, 12, 12, 2, 2], [35, 33, 14, 14, 2, 2]),
        ([15, 14, 6, 6, 1, 1], [35, 33, 14, 14, 2, 2]),
        ([4, 4, 6], [29, 28, 43]),
        ([12, 4, 1], [71, 23, 6]),
        ([1, 1, 1], [34, 33, 33]),
        ([1, 199], [0, 100]),
        ([7], [100]),
        ([0, 0, 0], [0, 0, 0]),
        ([], []),
    ],
)
def test_largest_remainder_gives_the_worked_figures(counts: list[int], expected: list[int]) -> None:
    assert largest_remainder(counts) == expected


def test_of_equal_remainders_the_larger_count_goes_up_first() -> None:
    # 19, 8 and 8 of 55 all leave 6/11 of a unit, with one unit to give.
    assert largest_remainder([8, 1, 8, 19, 18, 1])[3] == 35


def test_of_equal_counts_the_first_on_the_paper_goes_up_first() -> None:
    assert largest_remainder([3, 3, 3]) == [34, 33, 33]


@law
@given(counts_of_a_poll, st.sampled_from([1, 7, 100, 1000]))
def test_largest_remainder_sums_to_the_total(counts: list[int], total: int) -> None:
    assert sum(largest_remainder(counts, total)) == (total if any(counts) else 0)


@law
@given(counts_of_a_poll)
def test_largest_remainder_stays_within_one_unit_and_keeps_zero_at_zero(counts: list[int]) -> None:
    whole = sum(counts)
    for count, share in zip(counts, largest_remainder(counts), strict=True):
        if whole:
            assert abs(share - Fraction(100 * count, whole)) < 1
        if count == 0:
            assert share == 0


@law
@given(counts_of_a_poll)
def test_a_larger_count_never_gets_a_smaller_percentage(counts: list[int]) -> None:
    shares = largest_remainder(counts)
    n = sum(counts)
    halves = [half_up(count, n) for count in counts]
    for i, count in enumerate(counts):
        for j, other in enumerate(counts):
            if count > other:
                assert shares[i] >= shares[j]
                assert halves[i] >= halves[j]
            if count == other:
                assert halves[i] == halves[j]


@pytest.mark.parametrize(
    ("count", "n", "expected"),
    [(1, 8, 13), (1, 3, 33), (2, 3, 67), (1, 200, 1), (1, 201, 0), (0, 9, 0), (9, 9, 100), (0, 0, 0)],
)
def test_half_up_rounds_halves_up(count: int, n: int, expected: int) -> None:
    assert half_up(count, n) == expected


@law
@given(st.integers(1, 10**9), st.data())
def test_half_up_is_within_half_a_unit(n: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, n))
    error = half_up(count, n) - Fraction(100 * count, n)
    assert Fraction(-1, 2) < error <= Fraction(1, 2)


@law
@given(counts_of_a_poll)
def test_a_share_above_zero_never_reads_zero_and_one_below_all_never_reads_all(counts: list[int]) -> None:
    n = sum(counts)
    for rounded in (largest_remainder(counts), [half_up(count, n) for count in counts]):
        for count, percent in zip(counts, rounded, strict=True):
            text = show_percent(count, n, percent)
            assert (text == "0\u00a0%") == (count == 0)
            assert (text == "100\u00a0%") == (count == n > 0)


def test_percentages_read_as_words() -> None:
    """And no line ends between the number and its unit: U+00A0 stands there."""
    assert show_percent(19, 55, 35) == "35\u00a0%"
    assert show_percent(1, 200, 0) == "<1\u00a0%"
    assert show_percent(199, 200, 100) == ">99\u00a0%"
    assert show_percent(0, 0, 0) == "0\u00a0%"


def test_what_is_no_share_is_refused() -> None:
    with pytest.raises(ValueError, match="below zero"):
        largest_remainder([3, -1])
    for count, n in [(-1, 3), (4, 3)]:
        with pytest.raises(ValueError, match="not a share"):
            half_up(count, n)
        with pytest.raises(ValueError, match="not a share"):
            show_percent(count, n, 0)
