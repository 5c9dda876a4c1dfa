"""BLT files: what is read, and where a broken one is broken."""

import pytest

from voting.formats import FormatError, read
from voting.rankings import Profile

GARDEN = """\
4 2          # Four candidates are competing for two seats
-2           # Bob has withdrawn
1 4 1 3 2 0  # First ballot
1 3 4 1 2 0  # Chuck first, Amy second, Diane third, Bob fourth
1 2 4 1 0    # Bob first, Amy second, Diane third
1 4 3 0      # Amy first, Chuck second
6 4 3 0      # Amy first, Chuck second with a weight of 6
1 0          # An empty ballot
1 2 - 3 0    # Bob first, no one second, Chuck third
1 2=3 1 0    # Bob and Chuck first, Diane second
1 2 3 4 1 0  # Last ballot
0            # End of ballots marker
"Diane"      # Candidate 1
"Bob"        # Candidate 2
"Chuck"      # Candidate 3
"Amy"        # Candidate 4
"Gardening Club Election"  # Title
"""
"""The annotated example of https://www.opavote.com/help/overview#blt-file-format."""


def profile(text: str) -> Profile:
    return read("x.blt", text).profile


def test_the_example_of_opavote_is_read_with_its_withdrawn_candidate_taken_off() -> None:
    found = read("garden.blt", GARDEN)
    assert (found.title, found.seats, found.withdrawn) == ("Gardening Club Election", 2, ("Bob",))
    assert found.implicit_ranking is None
    assert found.profile.candidates == ("Diane", "Chuck", "Amy")
    assert found.profile.ballots == {
        ((2,), (0,), (1,)): 1,
        ((2,), (0,)): 1,
        ((2,), (1,)): 7,
        (): 1,
        ((), (1,)): 1,
        ((1,), (0,)): 1,
        ((1,), (2,), (0,)): 2,
    }
    assert found.profile.size == 14


def test_ties_skips_and_second_mentions_are_kept_as_marked() -> None:
    text = "3 1\n2 1=3 - 2 0\n1 2 2 1 0\n1 3=3 0\n0\nA\nB\nC\n"
    assert profile(text).ballots == {((0, 2), (), (1,)): 2, ((1,), (1,), (0,)): 1, ((2,),): 1}


def test_a_title_is_optional_and_names_may_be_bare_words() -> None:
    found = read("x.blt", "2 1\n1 1 0\n0\nAda\nBert Brecht\n")
    assert (found.profile.candidates, found.title) == (("Ada", "Bert Brecht"), "")


def test_of_several_quoted_texts_in_a_line_the_first_is_the_name() -> None:
    text = '2 1\n1 1 0\n0\n"Ada Lovelace" "Poetical Science"\n"Bob "The Builder" Smith"\n"T"\n'
    assert profile(text).candidates == ("Ada Lovelace", 'Bob "The Builder" Smith')


def test_a_hash_inside_quotes_is_no_comment() -> None:
    assert profile('1 1\n1 1 0\n0\n"Number #1" # really\n"T"').candidates == ("Number #1",)


def test_several_lines_and_numbers_may_say_who_withdrew() -> None:
    text = "4 1\n-1 -2\n-4\n1 1 3 0\n0\nA\nB\nC\nD\n"
    assert read("x.blt", text).withdrawn == ("A", "B", "D")
    assert profile(text).ballots == {((0,),): 1}


def test_ids_before_ballots_blank_lines_and_a_byte_order_mark_are_nothing() -> None:
    text = '\ufeff2 1\r\n\r\n(ballot 1) 1 2 0\r\n  (x)  1 1 2  0\r\n0\r\n"A"\r\n"B"\r\n"T"\r\n'
    assert profile(text).ballots == {((1,),): 1, ((0,), (1,)): 1}


def test_candidates_with_one_name_are_told_apart_by_their_numbers() -> None:
    text = '3 1\n1 1 0\n0\n"Write-in"\n"A"\n"Write-in"\n"T"\n'
    assert profile(text).candidates == ("Write-in [1]", "A", "Write-in [3]")


def test_no_ballots_at_all_are_an_empty_profile() -> None:
    assert profile("1 1\n0\nA\n").ballots == {}


@pytest.mark.parametrize(
    ("text", "line", "column", "reason"),
    [
        ("", 1, 1, "empty"),
        ("# only a comment\n", 1, 1, "empty"),
        ("A B\n", 1, 1, "numbers of candidates and seats"),
        ("3\n", 1, 1, "numbers of candidates and seats"),
        ("0 1\n", 1, 1, "at least one candidate"),
        ("2 0\n", 1, 3, "at least one seat"),
        ("2 1 7\n", 1, 5, "nothing may follow"),
        ("2 1\n-3\n", 2, 1, "withdrawn"),
        ("2 1\n-1 2\n", 2, 4, "withdrawn"),
        ("2 1\n1 1 0\n1 3 0\n0\nA\nB\n", 3, 3, "candidate from 1 to 2, not '3'"),
        ("2 1\n1 1 0\n1 1=x 0\n0\nA\nB\n", 3, 5, "not 'x'"),
        ("2 1\n1 1= 0\n0\nA\nB\n", 2, 5, "not ''"),
        ("2 1\n1 1 2\n0\nA\nB\n", 2, 6, "does not end with 0"),
        ("2 1\n1 0 2 0\n0\nA\nB\n", 2, 3, "each ballot has a line of its own"),
        ("2 1\n0 1 2 0\n0\nA\nB\n", 2, 1, "at least 1"),
        ("2 1\n1.5 1 2 0\n0\nA\nB\n", 2, 1, "whole number"),
        ("2 1\nx 1 2 0\n0\nA\nB\n", 2, 1, "whole number"),
        ("2 1\n-1x\n0\nA\nB\n", 2, 1, "withdrawn"),
        ("2 1\n1 1 0\n", 2, 6, "do not end"),
        ("2 1\n", 1, 1, "do not end"),
        ('2 1\n1 1 0\n"A"\n"B"\n', 3, 1, "a name before"),
        ("2 1\n1 1 0\n0\nA\n", 4, 1, "names of 2 candidates, there are 1"),
        ("2 1\n1 1 0\n0\n", 3, 1, "names of 2 candidates, there are 0"),
        ("2 1\n1 1 0\n0\nA\nB\nT\nU\n", 7, 1, "more names"),
        ('2 1\n1 1 0\n0\n "A\nB\n', 4, 2, "quotes"),
        ('2 1\n1 1 0\n0\n""\nB\n', 4, 1, "name is empty"),
        ('2 1\n1 1 0\n0\n"\nB\n', 4, 1, "quotes"),
    ],
)
def test_a_broken_file_says_where_and_why(text: str, line: int, column: int, reason: str) -> None:
    with pytest.raises(FormatError, match=reason) as caught:
        read("x.blt", text)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert str(caught.value).startswith(f"line {line}, column {column}: ")


def test_a_second_ballot_on_a_line_is_refused_with_the_place_where_the_first_ends() -> None:
    with pytest.raises(FormatError, match="line 2, column 7: a 0 ends the ballot and its line"):
        profile("3 1\n2 1 2 0 3 2 3 0\n0\nA\nB\nC\n")
