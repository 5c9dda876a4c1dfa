"""CEF files: the examples of the format's own description, and broken ones."""

import pytest

from voting.formats import BallotFile, FormatError, read

HEAD = "#/Candidates: Candidate A;Candidate B;Candidate C\n"
A, B, C = (0,), (1,), (2,)


def cef(text: str) -> BallotFile:
    return read("x.cvotes", text)


def test_the_formats_example_with_tags_and_implicit_ranking() -> None:
    found = cef(
        "# My beautiful election\n"
        + HEAD
        + "#/Implicit Ranking: true\n#/Weight allowed: true\n\n# Here the votes datas:\n"
        "Candidate A > Candidate B > Candidate C * 42\n"
        "julien@condorcet.vote , signature:55073db57b || Candidate A > Candidate B > Candidate C # x\n"
        "Candidate C > Candidate A = Candidate B ^7 * 8 # 8 votes with a weight of 7.\n"
        "Candidate B = Candidate A > Candidate C\n"
        "Candidate C # is C > A = B\n"
        "Candidate B > Candidate C\n"
    )
    assert found.profile.candidates == ("Candidate A", "Candidate B", "Candidate C")
    assert found.profile.ballots == {
        (A, B, C): 43,
        (C, (0, 1)): 56,
        ((0, 1), C): 1,
        (C,): 1,
        (B, C): 1,
    }
    assert found.implicit_ranking is True


def test_the_formats_example_without_implicit_ranking_and_weights() -> None:
    found = cef(
        "#/Candidates: Candidate A ; Candidate B ; Candidate C\n"
        "#/Implicit Ranking: false\n#/Weight allowed: false\n#/Number of Seats: 42\n"
        "Candidate A > Candidate B > Candidate C ^7 *2\n"
        "Candidate C>Candidate B\n"
        "/EMPTY/ * 2\n/EMPTY_RANKING/\n"
        "Candidate B\n"
    )
    assert found.profile.ballots == {(A, B, C): 2, (C, B): 1, (): 3, (B,): 1}
    assert (found.implicit_ranking, found.seats) == (False, 42)


def test_implicit_ranking_is_on_and_weights_are_off_unless_said() -> None:
    found = cef(HEAD + "Candidate A ^5\n")
    assert (found.implicit_ranking, found.profile.ballots, found.seats) == (True, {(A,): 1}, None)


def test_candidates_may_come_from_the_ballots() -> None:
    found = cef("B > A = C * 2\nD\n/EMPTY_RANKING/\n")
    assert found.profile.candidates == ("B", "A", "C", "D")
    assert found.profile.ballots == {((0,), (1, 2)): 2, ((3,),): 1, (): 1}


def test_candidates_who_do_not_stand_are_left_out_of_the_ballots() -> None:
    found = cef(HEAD + "Candidate X > Candidate A > Candidate Y = Candidate B\nCandidate X\n")
    assert found.profile.ballots == {(A, B): 1, (): 1}


def test_names_are_told_apart_by_case_and_parameters_are_not() -> None:
    found = cef("#/CANDIDATES: a;A\n#/implicit RANKING: FALSE\n#/Weight Allowed: True\na > A ^3\n")
    assert (found.profile.ballots, found.implicit_ranking) == ({((0,), (1,)): 3}, False)


def test_other_parameters_a_semicolon_at_the_end_and_line_ends_of_windows_are_left_alone() -> None:
    found = cef("#/Candidates: A ; B ;\r\n#/Colour: blue\r\n#/Number of Seat: 1\r\n\r\nB>A*3\r\n")
    assert found.profile.ballots == {((1,), (0,)): 3}


@pytest.mark.parametrize(
    ("text", "line", "column", "reason"),
    [
        ("", 1, 1, "no candidates"),
        ("#/Candidates: A;B;C # On comment\n", 1, 21, "'#'"),
        ("#/Candidates: A;B\n    #/Implicit Ranking: false\n", 2, 5, "begins its line"),
        ("#/Candidates: A;B\nA < B\n", 2, 3, "'<'"),
        ("#/Candidates: A;B\nA > B > A\n", 2, 9, "twice"),
        ("#/Candidates: A;B\nA = A\n", 2, 5, "twice"),
        ("#/Candidates: A;B\nA > B * 8 ^7\n", 2, 7, "after the ranking"),
        ("#/Candidates: A;B\nA > B > /EMPTY/\n", 2, 9, "whole ranking"),
        ("#/Candidates: A;B\nA > > B\n", 2, 5, "empty"),
        ("#/Candidates: A;B\nA > B >\n", 2, 8, "empty"),
        ("#/Candidates: A;B\nx || \n", 2, 6, "empty"),
        ("#/Candidates: A;B\nA = B = > A\n", 2, 9, "empty"),
        ("#/Candidates: A;B\nA * x\n", 2, 4, "number of ballots"),
        ("#/Candidates: A;B\nA *\n", 2, 4, "number of ballots"),
        ("#/Candidates: A;B\nA * 0\n", 2, 4, "number of ballots"),
        ("#/Candidates: A;B\nA * -1\n", 2, 4, "number of ballots"),
        ("#/Candidates: A;B\nA ^1.5\n", 2, 4, "weight"),
        ("#/Candidates: A;B\nt || A ^ ^2\n", 2, 8, "after the ranking"),
        ("#/Candidates: A;B\nA, B\n", 2, 2, "','"),
        ("#/Candidates: A;B\nA;B\n", 2, 2, "';'"),
        ("#/Candidates: A;B\nA\n#/Weight Allowed: true\n", 3, 1, "after the first ballot"),
        ("#/Candidates: A;A\n", 1, 17, "twice"),
        ("#/Candidates: A;;B\n", 1, 17, "empty"),
        ("#/Candidates:   \n", 1, 14, "empty"),
        ("#/Candidates: A>B\n", 1, 16, "'>'"),
        ("#/Candidates A;B\n", 1, 17, "a colon"),
        ("#/Candidates: A\n#/candidates: B\n", 2, 1, "stands there twice"),
        ("#/Candidates: A;B\n#/Implicit Ranking: maybe\n", 2, 21, "true or false"),
        ("#/Candidates: A;B\n#/Number of Seats: two\n", 2, 20, "seats"),
        ("#/Candidates: A;B\n#/Number of Seats: 0\n", 2, 20, "seats"),
    ],
)
def test_a_broken_file_says_where_and_why(text: str, line: int, column: int, reason: str) -> None:
    with pytest.raises(FormatError, match=reason) as caught:
        cef(text)
    assert (caught.value.line, caught.value.column) == (line, column)


@pytest.mark.parametrize(
    ("ballot", "column"),
    [("A > B * 4;tag1 || B > A", 3), ("tag; B || A > B", 4), ("A > B ; B > A", 7), ("A * 4 ; B", 7)],
)
def test_several_ballots_on_one_line_are_refused_and_never_swallowed_as_a_tag(
    ballot: str, column: int
) -> None:
    with pytest.raises(FormatError, match="each ballot has a line of its own") as error:
        read("x.cvotes", f"#/Candidates: A ; B\n{ballot}\n")
    assert (error.value.line, error.value.column) == (2, column)
