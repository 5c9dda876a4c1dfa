"""Voting codes: read as they are typed, and every slip of one symbol is noticed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voting.award.codes import (
    ALPHABET,
    LENGTH,
    canonical_code,
    code_from,
    is_token,
    shown,
    token_from,
    token_hash,
    typed_hash,
)
from voting.errors import CodeInvalid

codes = st.integers(0, 31**9 - 1).map(code_from)


@given(codes)
def test_a_code_is_read_however_it_is_typed(code: str) -> None:
    assert len(code) == LENGTH and set(code) <= set(ALPHABET)
    sloppy = shown(code).lower().replace("0", "o").replace("1", "l").replace("-", " – ")

    assert canonical_code(sloppy) == code
    assert canonical_code(f" {code} ") == code


@given(codes, st.integers(0, LENGTH - 1), st.sampled_from(ALPHABET))
def test_one_wrong_symbol_is_noticed(code: str, place: int, symbol: str) -> None:
    wrong = code[:place] + symbol + code[place + 1 :]

    if wrong != code:
        with pytest.raises(CodeInvalid):
            canonical_code(wrong)


@given(codes, st.integers(0, LENGTH - 2))
def test_two_swapped_neighbours_are_noticed(code: str, place: int) -> None:
    wrong = code[:place] + code[place + 1] + code[place] + code[place + 2 :]

    if wrong != code:
        with pytest.raises(CodeInvalid):
            canonical_code(wrong)


@pytest.mark.parametrize("text", ["", "ABC", "ABCDE-FGHJKM", "ABCDE-FGHJ!", "ÄBCDE-FGHJK", "ZZZZZ-ZZZZZ"])
def test_what_is_no_code_is_refused_in_words(text: str) -> None:
    with pytest.raises(CodeInvalid, match="voting code"):
        canonical_code(text)


def test_hashes_of_a_code_differ_by_award_and_key() -> None:
    token, code = token_from(bytes(16)), code_from(1)

    assert is_token(token) and not is_token(code)
    assert token_hash("a", token) != token_hash("b", token)
    found = {typed_hash(key, award, code) for key in (b"k" * 32, b"l" * 32) for award in ("a", "b")}
    assert len(found) == 4
    with pytest.raises(ValueError):
        typed_hash(b"short", "a", code)
    with pytest.raises(ValueError):
        token_from(b"short")
