from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polls.model import EACH, EVERYONE_ELSE, Poll, PollKind, SegmentId
from tests.voting.material import KINDS, ballots_of, law, of_segment, poll, single
from voting.count import count_poll, hidden_groups, method_of, unnamed_segments
from voting.percent import half_up
from voting.result import Entry, Method, OutcomeKind, Rounding
from voting.tally import METHODS

kinds = st.sampled_from(KINDS)


def test_each_kind_of_poll_has_its_method() -> None:
    assert {kind: method_of(poll(kind)) for kind in PollKind} == {
        PollKind.SINGLE: Method.PLURALITY,
        PollKind.MULTIPLE: Method.MULTIPLE_CHOICE,
        PollKind.RANKED_BY_SELECTION: Method.RANKED_BY_SELECTION,
        PollKind.RATING: Method.RATING_MEAN,
        PollKind.PREFERENCE: Method.PREFERENCE,
    }
    assert set(METHODS) == set(Method)


def test_a_result_says_of_what_it_is() -> None:
    result = count_poll(poll(), {Entry("", "2"): 3}, round=4, epoch="e", offset=17)
    assert (result.poll, result.round, result.method) == ("p", 4, Method.PLURALITY)
    assert (result.epoch, result.offset) == ("e", 17)
    assert result.option("2").shown == "100\u00a0%"
    with pytest.raises(KeyError):
        result.option("9")


def test_a_result_adds_the_segments_up() -> None:
    tally = {Entry("a", "1"): 2, Entry("b", "1"): 3, Entry("", "2"): 1, Entry("a", "-"): 1}
    result = count_poll(poll(), tally, round=1)
    assert [line.count for line in result.options] == [5, 1, 0]
    assert (result.n, result.cast, result.abstained, result.groups) == (6, 7, 1, ())


@law
@given(st.data())
def test_the_order_of_ballots_never_changes_a_result(data: st.DataObject) -> None:
    asked = data.draw(kinds)
    ballots = data.draw(ballots_of(asked))
    other = data.draw(st.permutations(ballots))
    assert count_poll(asked, Counter(ballots), round=1) == count_poll(asked, Counter(other), round=1)


@law
@given(st.data())
def test_the_order_of_the_paper_changes_no_count_no_place_and_no_winner(data: st.DataObject) -> None:
    asked = data.draw(kinds)
    tally = Counter(data.draw(ballots_of(asked)))
    turned = replace(asked, options=tuple(data.draw(st.permutations(asked.options))))
    one, other = count_poll(asked, tally, round=1), count_poll(turned, tally, round=1)
    for option in asked.option_ids:
        a, b = one.option(option), other.option(option)
        assert (a.count, a.share, a.place) == (b.count, b.share, b.place)
        if one.rounding is Rounding.HALF_UP:
            assert a.shown == b.shown
    assert set(one.outcome.winners) == set(other.outcome.winners)
    assert one.mean == other.mean


@law
@given(st.data())
def test_a_result_agrees_with_a_count_by_hand(data: st.DataObject) -> None:
    asked = data.draw(kinds)
    ballots = data.draw(ballots_of(asked))
    result = count_poll(asked, Counter(ballots), round=1)
    valid = [ballot.canonical.replace(">", "=").split("=") for ballot in ballots if ballot.canonical != "-"]
    assert (result.cast, result.n, result.abstained) == (len(ballots), len(valid), len(ballots) - len(valid))
    most = max((line.count for line in result.options), default=0)
    for line in result.options:
        assert line.count == sum(line.option in chosen for chosen in valid)
        if asked.kind is PollKind.PREFERENCE:
            continue  # who wins is the method's, see tally/test_preference.py
        assert (line.option in result.outcome.winners) == (line.count == most > 0)
        if result.rounding is Rounding.HALF_UP:
            assert line.percent == half_up(line.count, len(valid))
    if result.rounding is Rounding.LARGEST_REMAINDER and valid:
        assert sum(line.percent or 0 for line in result.options) == 100
    if result.outcome.kind is OutcomeKind.UNDECIDED:
        assert asked.kind is PollKind.PREFERENCE and valid
        return
    expected = (OutcomeKind.NO_VALID_VOTES, OutcomeKind.WINNER)[min(len(result.outcome.winners), 1)]
    assert result.outcome.kind is (OutcomeKind.SHARED if len(result.outcome.winners) > 1 else expected)


def beside(*segments: str, min_group: int = 5, own: bool = True) -> Poll:
    return poll(segments=segments if own else (), beside=[EACH], min_group=min_group)


A, B, C, D = (SegmentId(name) for name in "abcd")


def test_groups_stand_beside_everyone_in_the_order_of_the_poll() -> None:
    tally = {**of_segment("a", single(5, 1)), **of_segment("b", single(0, 6, 0, abstained=1))}
    result = count_poll(beside("b", "a"), tally, round=2, segments=(A, B, C), epoch="e", offset=3)
    assert [(group.segment, group.cast) for group in result.groups] == [("b", 7), ("a", 6)]
    b, a = (group.result for group in result.groups)
    assert b is not None and a is not None
    assert [line.count for line in b.options] == [0, 6, 0]
    assert [line.count for line in a.options] == [5, 1, 0]
    assert (a.round, a.epoch, a.offset, a.groups) == (2, "e", 3, ())
    assert [line.count for line in result.options] == [5, 7, 0]


def test_a_poll_for_everyone_has_the_groups_of_the_event() -> None:
    result = count_poll(beside(own=False), of_segment("b", single(5)), round=1, segments=(A, B))
    assert [(group.segment, group.cast, group.result is None) for group in result.groups] == [
        ("a", 0, True),
        ("b", 5, False),
    ]


def test_named_segments_stand_beside_everyone_else_as_one_group() -> None:
    tally = {
        **of_segment("a", single(5)),
        **of_segment("b", single(0, 4)),
        **of_segment("c", single(1, 1)),
        **of_segment("", single(0, 0, 3)),
    }
    result = count_poll(poll(beside=["a"]), tally, round=1, segments=(A, B, C))
    assert [(group.segment, group.cast) for group in result.groups] == [("a", 5), (EVERYONE_ELSE, 9)]
    others = result.groups[1].result
    assert others is not None
    assert [line.count for line in others.options] == [1, 5, 3]
    assert [line.count for line in result.options] == [6, 5, 3]


def test_nobody_else_is_a_group_when_the_named_segments_are_all_that_may_answer() -> None:
    asked = poll(segments=["a", "b"], beside=["b", "a"])
    assert asked.groups((A, B, C)) == ("b", "a")
    assert poll(segments=["a", "b"], beside=["b"]).groups((A, B, C)) == ("b", EVERYONE_ELSE)


def test_a_panel_that_is_too_small_takes_everyone_else_with_it() -> None:
    """Everyone's counts minus everyone else's would be the panel's, to the vote."""
    tally = {**of_segment("a", single(2)), **of_segment("b", single(100, 90))}
    result = count_poll(poll(beside=["a"], min_group=3), tally, round=1, segments=(A, B))
    assert [group.result for group in result.groups] == [None, None]
    assert result.n == 192


@law
@given(
    st.dictionaries(st.sampled_from(["a", "b", "c", ""]), st.integers(1, 12), min_size=2, max_size=4),
    st.sampled_from([("a",), ("b", "a"), (EACH,), ()]),
    st.integers(1, 8),
)
def test_groups_and_single_ballots_together_give_no_small_segment_away(
    casts: dict[str, int], names: tuple[str, ...], min_group: int
) -> None:
    tally = {Entry(segment, "1"): cast for segment, cast in casts.items()}
    result = count_poll(poll(beside=names, min_group=min_group), tally, round=1, segments=(A, B, C))
    sizes = {SegmentId(segment): cast for segment, cast in casts.items()}
    unnamed = unnamed_segments(result, sizes, min_group)
    assert {segment for segment, size in sizes.items() if size < min_group} <= unnamed
    shown = {group.segment for group in result.groups if group.result is not None}
    grouped = {group.segment for group in result.groups}
    rests: dict[str, int] = {}
    for segment in unnamed:
        group = segment if segment in grouped else EVERYONE_ELSE
        block = group if group in shown else "all that is not shown"
        rests[block] = rests.get(block, 0) + sizes[segment]
    assert all(rest >= min_group or rest == sum(sizes.values()) for rest in rests.values())


def test_groups_are_only_given_when_they_are_to_stand_side_by_side() -> None:
    asked = poll(segments=["a", "b"])
    assert count_poll(asked, of_segment("a", single(9)), round=1, segments=(A, B)).groups == ()


def test_a_group_that_is_too_small_is_hidden() -> None:
    assert hidden_groups({A: 4, B: 3, C: 20}, 27, 5) == {A, B}
    assert hidden_groups({A: 5, B: 20}, 25, 5) == frozenset()


def test_a_single_hidden_group_takes_the_next_smallest_with_it() -> None:
    """Everyone's counts minus the groups shown would otherwise be the hidden group's, to the vote."""
    assert hidden_groups({A: 30, B: 2, C: 8, D: 9}, 49, 5) == {B, C}


def test_several_tiny_groups_do_not_hide_each_other() -> None:
    assert hidden_groups({A: 1, B: 1, C: 8, D: 9}, 19, 5) == {A, B, C}


def test_of_equal_groups_the_later_one_is_hidden() -> None:
    assert hidden_groups({A: 2, B: 8, C: 8, D: 9}, 27, 5) == {A, C}


def test_people_of_no_group_help_to_hide_a_small_one() -> None:
    assert hidden_groups({A: 2, B: 8}, 13, 5) == {A}
    assert hidden_groups({A: 2, B: 8}, 11, 5) == {A, B}


def test_an_empty_group_hides_no_other() -> None:
    assert hidden_groups({A: 0, B: 8, C: 9}, 17, 5) == {A}
    assert hidden_groups({A: 0, B: 0}, 0, 5) == {A, B}


def test_a_group_size_of_zero_hides_nothing() -> None:
    assert hidden_groups({A: 0, B: 1}, 1, 0) == frozenset()


@law
@given(
    st.dictionaries(st.sampled_from([A, B, C, D]), st.integers(0, 12), max_size=4),
    st.integers(0, 9),
    st.integers(0, 8),
)
def test_what_is_left_over_is_never_a_small_group(
    casts: dict[SegmentId, int], elsewhere: int, min_group: int
) -> None:
    total = sum(casts.values()) + elsewhere
    hidden = hidden_groups(casts, total, min_group)
    assert {segment for segment, cast in casts.items() if cast < min_group} <= hidden
    hidden_casts = sum(casts[segment] for segment in hidden)
    left_over = total - sum(cast for segment, cast in casts.items() if segment not in hidden)
    if hidden_casts and set(casts) != hidden:
        assert left_over >= min_group


@law
@given(st.data())
def test_groups_add_up_to_everyone(data: st.DataObject) -> None:
    asked = beside("a", "b", "c", min_group=0)
    ballots = [b for b in data.draw(ballots_of(asked)) if b.segment]
    result = count_poll(asked, Counter(ballots), round=1)
    for option in asked.option_ids:
        parts = [group.result.option(option).count for group in result.groups if group.result]
        assert sum(parts) == result.option(option).count
    assert sum(group.cast for group in result.groups) == result.cast == len(ballots)


def test_counts_beyond_any_float_are_exact() -> None:
    most = 2**53 + 1  # as a float it is 2**53, and this would be a tie
    result = count_poll(poll(), {Entry("", "1"): most, Entry("", "2"): most - 1}, round=1)
    assert result.n == 2**54 + 1
    assert result.outcome.winners == ("1",)
    assert result.ties == ()


def test_people_who_chose_no_segment_are_not_left_over_alone() -> None:
    hidden = hidden_groups({A: 2, B: 0}, total=3, min_group=2)

    assert hidden == {A, B}  # A's two of three would leave one person's answer
