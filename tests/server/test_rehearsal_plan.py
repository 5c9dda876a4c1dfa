"""The rehearsal's plan: published figures come out exactly, and nobody answers what no paper allows."""

from collections import Counter

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from polls.model import Event, Poll
from server.rehearsal.plan import Asked, choices, counts_for_percent, deal, mixed
from voting.percent import largest_remainder

ROUNDTABLE = (35, 33, 14, 14, 2, 2)
LEAST = 43
"""From this number of voters on the roundtable's figures can come out: 43 x 2 % is one ballot."""


def asked_in(poll: Poll) -> Asked:
    published = poll.published
    assert published is not None
    return Asked(
        poll=poll.id,
        options=poll.option_ids,
        max_selections=poll.max_selections,
        percent=tuple(published.percent),
        order=tuple(published.order),
        not_selected=tuple(published.not_selected),
    )


def test_published_percentages_come_out_exactly_for_any_hall() -> None:
    for voters in [*range(LEAST, 300), 641, 1000, 4999]:
        counts = counts_for_percent(ROUNDTABLE, voters)
        assert largest_remainder(counts) == list(ROUNDTABLE), voters
        assert 0 < sum(counts) <= voters
        assert sum(counts) > voters - LEAST, "as few as possible stay away"
        assert counts == sorted(counts, reverse=True)


def test_a_few_voters_come_as_near_as_they_can() -> None:
    assert (
        counts_for_percent(ROUNDTABLE, 10) == [4, 3, 2, 1, 0, 0]
        or sum(counts_for_percent(ROUNDTABLE, 10)) == 10
    )
    assert counts_for_percent((0, 0), 5) == [0, 0]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 60), min_size=2, max_size=8), st.integers(1, 80))
def test_whatever_was_published_no_more_voters_answer_than_there_are(shares: list[int], voters: int) -> None:
    counts = counts_for_percent(shares, voters)
    assert len(counts) == len(shares)
    assert all(count >= 0 for count in counts)
    assert sum(counts) <= voters


@st.composite
def ranked(draw: st.DrawFn) -> Asked:
    options = tuple(str(n) for n in range(1, draw(st.integers(2, 9)) + 1))
    order = tuple(draw(st.permutations(options)))[: draw(st.integers(1, len(options)))]
    rest = [option for option in options if option not in order]
    nobody = tuple(rest[: draw(st.integers(0, len(rest)))])
    most = draw(st.integers(1, len(options)))
    return Asked(poll="p", options=options, max_selections=most, order=order, not_selected=nobody)


@settings(deadline=None, max_examples=60)
@given(ranked(), st.integers(0, 200))
def test_hands_hold_no_option_twice_and_no_more_than_the_paper_allows(asked: Asked, voters: int) -> None:
    for follow in (True, False):
        hands = choices(asked, voters, follow=follow)
        assert len(hands) == voters
        for hand in hands:
            assert len(hand) <= asked.max_selections
            assert len(set(hand)) == len(hand)
            assert set(hand) <= set(asked.options)


@settings(deadline=None, max_examples=60)
@given(ranked(), st.integers(1, 200))
def test_published_order_strictly_falls_where_the_voters_allow_it(asked: Asked, voters: int) -> None:
    steps = len(asked.order) + (len(asked.order) + len(asked.not_selected) < len(asked.options))
    needed = sum(range(steps - len(asked.order) + 1, steps + 1))
    needed += len(asked.options) - len(asked.order) - len(asked.not_selected)
    assume(voters >= steps and voters * asked.max_selections >= needed)
    votes = Counter(option for hand in choices(asked, voters, follow=True) for option in hand)
    named = [votes[option] for option in asked.order]
    assert all(above > below for above, below in zip(named, named[1:], strict=False))
    assert named[-1] > 0
    assert all(votes[option] == 0 for option in asked.not_selected)
    others = set(asked.options) - set(asked.order) - set(asked.not_selected)
    assert all(votes[option] < named[-1] for option in others)


@pytest.mark.parametrize("voters", [43, 60, 200, 1000])
def test_every_poll_of_the_conference_gets_its_published_order(example: Event, voters: int) -> None:
    seen = 0
    for _, poll in example.polls():
        if poll.published is None or not poll.published.order:
            continue
        seen += 1
        asked = asked_in(poll)
        votes = Counter(option for hand in choices(asked, voters, follow=True) for option in hand)
        by_votes = sorted(asked.options, key=lambda option: -votes[option])
        assert tuple(by_votes[: len(asked.order)]) == asked.order
        assert all(not votes[option] for option in asked.not_selected)
    assert seen >= 5


def test_more_than_the_voters_can_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="more selections"):
        deal([("a", 3)], 2, 5)
    with pytest.raises(ValueError, match="more selections"):
        deal([("a", 2), ("b", 2)], 2, 1)
    assert deal([("a", 2), ("b", 1)], 2, 2) == [("a", "b"), ("a",)]


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 3000))
def test_mixed_gives_every_voter_one_turn(voters: int) -> None:
    assert sorted(mixed(voters)) == list(range(voters))
