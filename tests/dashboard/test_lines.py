"""A result's lines and sentences."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.lines import Figures, figures
from dashboard.numbers import two_decimals
from polls.model import Poll
from tests.dashboard.samples import (
    BESIDE,
    EVENT,
    MULTI,
    PEOPLE,
    PERCENT,
    RACE,
    RATING,
    beside_result,
    result_of,
    singles,
    with_poll,
)
from voting.result import Result


def shown(
    poll: Poll, result: Result, *, is_sorted: bool = False, is_open: bool = False, lang: str = "en"
) -> Figures:
    return figures(EVENT, poll, result, lang=lang, is_sorted=is_sorted, is_open=is_open)


def test_the_roundtable_reads_35_33_14_14_2_2() -> None:
    said = shown(PERCENT, result_of(PERCENT, singles(PERCENT, 19, 18, 8, 8, 1, 1)))
    assert [line.value for line in said.lines] == [
        "35\u00a0%",
        "33\u00a0%",
        "14\u00a0%",
        "14\u00a0%",
        "2\u00a0%",
        "2\u00a0%",
    ]
    assert said.sentence == "Increase public investments leads with 35\u00a0%, 55 answers"
    assert said.base == "share of valid ballots, N = 55"
    assert said.rounding == "Whole percentages that add up to 100 (largest remainder)."


def test_sorting_puts_the_most_chosen_first_and_keeps_paper_order_among_equals() -> None:
    said = shown(PERCENT, result_of(PERCENT, singles(PERCENT, 1, 18, 8, 8, 19, 1)), is_sorted=True)
    assert [line.option for line in said.lines] == ["5", "2", "3", "4", "1", "6"]
    assert [line.leader for line in said.lines] == [True, False, False, False, False, False]


def test_a_race_gives_equal_counts_one_place_and_says_not_selected() -> None:
    said = shown(RACE, result_of(RACE, {"2=4": 5, "3": 2, "5": 2}), is_sorted=True)
    assert [(line.option, line.place, line.value) for line in said.lines] == [
        ("2", "1", "5 · 56\u00a0%"),
        ("4", "1", "5 · 56\u00a0%"),
        ("3", "3", "2 · 22\u00a0%"),
        ("5", "3", "2 · 22\u00a0%"),
        ("1", "", "not selected"),
        ("6", "", "not selected"),
    ]
    assert said.base == "ranked by selections, N = 9; 1 = most selected"
    assert (
        said.sentence
        == "Public funding and Facilitate collaboration across EU share first place with 5 of 9 each"
    )


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ((2, 1, 1), "Antonio Novo Guerrero is first with 2 of 4 votes"),
        ((1, 0, 0), "Antonio Novo Guerrero is first with 1 of 1 vote"),
        ((3, 3, 1), "Antonio Novo Guerrero and Uwe Pfeil share first place with 3 of 7 each"),
        ((2, 2, 2), "Antonio Novo Guerrero, Uwe Pfeil and Corinne Farace share first place with 2 of 6 each"),
        ((0, 0, 0), "No valid votes"),
    ],
)
def test_a_vote_on_people_says_who_is_first_or_that_it_is_shared(
    counts: tuple[int, ...], sentence: str
) -> None:
    said = shown(PEOPLE, result_of(PEOPLE, singles(PEOPLE, *counts)))
    assert said.sentence == sentence


def test_people_have_letters_and_counts_before_percentages() -> None:
    said = shown(PEOPLE, result_of(PEOPLE, singles(PEOPLE, 1, 1, 1)))
    assert [(line.letter, line.value) for line in said.lines] == [
        ("A", "1 · 33\u00a0%"),
        ("B", "1 · 33\u00a0%"),
        ("C", "1 · 33\u00a0%"),
    ]


def test_more_than_three_in_front_are_counted_not_listed() -> None:
    said = shown(PERCENT, result_of(PERCENT, singles(PERCENT, 1, 1, 1, 1)))
    assert said.sentence == "4 options share first place with 1 of 4 each"


def test_multiple_choice_says_that_it_is_a_share_of_respondents() -> None:
    said = shown(MULTI, result_of(MULTI, {"1=2": 3, "1": 1}))
    assert said.sentence == "Increase public investments leads: 100\u00a0% of 4 people chose it"
    assert said.base == "share of respondents, N = 4, up to 3 choices each"


def test_a_rating_says_its_mean_exactly_and_never_sorts() -> None:
    said = shown(RATING, result_of(RATING, {"7": 2, "8": 1, "-": 4}), is_sorted=True)
    assert [line.label for line in said.lines] == [str(n) for n in range(11)]
    assert said.mean == "Mean 7.33 (22/3)"
    assert said.sentence == "The mean is 7.33, from 3 ratings"
    assert said.abstained == "4 people abstained"
    assert not any(line.leader for line in said.lines)


def test_an_open_poll_without_votes_says_not_yet() -> None:
    assert shown(PERCENT, result_of(PERCENT, {}), is_open=True).sentence == "No votes yet"
    assert shown(PERCENT, result_of(PERCENT, {"-": 3})).sentence == "No valid votes"


def test_groups_stand_in_the_order_of_the_whole() -> None:
    result = beside_result(BESIDE, {"panel": (0, 6, 0, 0, 0, 0), "audience": (30, 10, 0, 0, 0, 0)})
    said = shown(BESIDE, result, is_sorted=True)
    assert [group.title for group in said.groups] == ["Panellists, N = 6", "Audience, N = 40"]
    for group in said.groups:
        assert [line.option for line in group.lines] == [line.option for line in said.lines]


def test_a_small_group_is_told_in_words_and_carries_no_figure() -> None:
    result = beside_result(
        BESIDE, {"panel": (3, 0, 0, 0, 0, 0), "audience": (9, 0, 0, 0, 0, 0), "manager": (0, 6, 0, 0, 0, 0)}
    )
    panel, audience, manager = shown(BESIDE, result).groups
    assert panel.hidden == "fewer than 5 answers: not shown"
    assert manager.hidden == "not shown, so that a small group cannot be worked out"
    assert (panel.lines, panel.n, manager.lines, manager.n) == ((), 0, (), 0)
    assert audience.hidden == "" and audience.n == 9


def test_texts_come_in_the_language_asked_for() -> None:
    said = shown(RATING, result_of(RATING, {"7": 2, "8": 1}), lang="de")
    assert said.sentence == "Der Mittelwert ist 7,33, aus 3 Bewertungen"
    assert said.mean_value == "7.33"


@given(st.integers(-10_000, 10_000), st.integers(1, 5_000))
def test_two_decimals_are_the_nearest_hundredth(numerator: int, denominator: int) -> None:
    value = Fraction(numerator, denominator)
    read = Fraction(two_decimals(value).replace("−", "-"))
    assert abs(read - value) <= Fraction(1, 200)
    if abs(read - value) == Fraction(1, 200):
        assert read > value


def test_a_poll_replaced_in_the_event_is_found() -> None:
    changed = replace(PERCENT, min_group=9)
    found = with_poll(changed).find_poll(PERCENT.id)
    assert found is not None and found[1].min_group == 9
