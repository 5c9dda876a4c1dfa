"""Join codes: typed by thumb, read from afar."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polls.errors import JoinCodeInvalid
from polls.joincode import ALPHABET, LOOK_ALIKES, canonical, derive, spaced


@pytest.mark.parametrize("typed", ["K7P4QX", "k7p 4qx", " K7P-4QX ", "k7p\u00a04qx", "K 7 P 4 Q X"])
def test_case_spaces_and_hyphens_do_not_matter(typed: str) -> None:
    assert canonical(typed) == "K7P4QX"


def test_look_alikes_are_understood() -> None:
    assert canonical("oilZsg") == "011256"
    assert canonical("Bubble"[:2] + "0000") == "8V0000"


def test_no_symbol_of_a_code_is_a_look_alike() -> None:
    assert not set(ALPHABET) & set(LOOK_ALIKES)
    assert set(LOOK_ALIKES.values()) <= set(ALPHABET)


@pytest.mark.parametrize("typed", ["", "K7P4Q", "K7P4QXX", "K7P4Q?", "K7P4QÄ", "K7P4Qß", "٣٣٣٣٣٣"])
def test_what_cannot_be_a_code_is_refused_in_words(typed: str) -> None:
    with pytest.raises(JoinCodeInvalid, match="six letters and digits"):
        canonical(typed)


@given(st.text(ALPHABET, min_size=6, max_size=6))
def test_shown_code_is_read_back(code: str) -> None:
    assert canonical(spaced(code).lower()) == code


@given(st.text(min_size=1, max_size=30))
def test_derived_code_is_a_code_without_vowels_and_always_the_same(event_id: str) -> None:
    code = derive(event_id)
    assert canonical(code) == code == derive(event_id)
    assert not set(code) & set("AEIOU")


def test_code_of_an_id_stays_the_same_in_every_version() -> None:
    assert derive("ecc2020") == "JTVK9W"
    assert derive("ecc2020-rehearsal") == "XNHYM7"
    assert spaced("K7P4QX") == "K7P 4QX"
