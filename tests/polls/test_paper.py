"""The order of options on one phone: the same here and in the browser."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polls.model import OptionOrder, Poll, PollId, PollKind, Text
from polls.paper import display_order, fnv1a_32
from tests.polls.small_event import options


def paper(order: OptionOrder, poll_id: str = "support", count: int = 6) -> Poll:
    return Poll(
        id=PollId(poll_id),
        kind=PollKind.SINGLE,
        question=Text.plain("Which one?"),
        options=options(*(f"No. {n}" for n in range(1, count + 1))),
        order=order,
    )


@pytest.mark.parametrize(("text", "value"), [("", 0x811C9DC5), ("a", 0xE40C292C), ("foobar", 0xBF9CF968)])
def test_hash_has_the_published_vectors(text: str, value: int) -> None:
    assert fnv1a_32(text) == value


def test_hash_works_on_utf8_bytes() -> None:
    assert fnv1a_32("1:support:K7P") == 3794216849
    assert fnv1a_32("ä") != fnv1a_32("a\u0308")


@pytest.mark.parametrize(("seed", "ids"), [("K7P", "324651"), ("ä", "624531")])
def test_shuffled_order_has_the_vectors_of_the_docstring(seed: str, ids: str) -> None:
    assert "".join(option.id for option in display_order(paper(OptionOrder.SHUFFLED), seed)) == ids


@given(st.text(max_size=20))
def test_fixed_order_is_the_order_of_the_paper(seed: str) -> None:
    poll = paper(OptionOrder.FIXED)
    assert display_order(poll, seed) == poll.options


@given(st.text(st.characters(codec="utf-8"), max_size=20), st.integers(2, 50))
def test_shuffled_order_has_every_option_once_and_is_stable(seed: str, count: int) -> None:
    poll = paper(OptionOrder.SHUFFLED, count=count)
    shown = display_order(poll, seed)
    assert sorted(shown, key=lambda o: int(o.id)) == list(poll.options)
    assert shown == display_order(poll, seed)


def test_polls_of_one_phone_are_shuffled_differently() -> None:
    orders = {
        tuple(o.id for o in display_order(paper(OptionOrder.SHUFFLED, f"poll-{n}"), "seed"))
        for n in range(20)
    }
    assert len(orders) > 5


def test_every_order_of_three_options_comes_up_about_equally_often() -> None:
    poll = paper(OptionOrder.SHUFFLED, count=3)
    seen = Counter(
        "".join(option.id for option in display_order(poll, f"{seed:012x}"))
        for seed in range(0, 2**40, 2**28 + 7)
    )
    assert len(seen) == 6
    assert max(seen.values()) < 2 * min(seen.values())
