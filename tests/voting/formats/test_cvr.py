"""Cast vote records in CSV."""

import pytest

from voting.formats import FormatError, read
from voting.rankings import OVERVOTE


def test_ranks_skips_and_overvotes_are_read_as_marked() -> None:
    found = read(
        "x.csv",
        "Ballot ID,Precinct,rank1,rank2,rank3\n"
        "17,P-2,Ada,,Bert\n"
        "18,P-2,overvote,Carla,skipped\n"
        '19,P-3,Ada|Bert,"Carla",\n'
        "20,P-3,Ada//Bert,Carla,undervote\n"
        "21,P-3,,,\n"
        "22,P-3, Ada ,Ada,OVERVOTE\n",
    )
    assert found.profile.candidates == ("Ada", "Bert", "Carla")
    assert found.profile.ballots == {
        ((0,), (), (1,)): 1,
        (OVERVOTE, (2,)): 1,
        ((0, 1), (2,)): 2,
        (): 1,
        ((0,), (0,), OVERVOTE): 1,
    }


@pytest.mark.parametrize(
    "header",
    [
        "rank1,rank2,rank3",
        "Rank 1,Rank 2,Rank 3",
        "RANK_1,RANK_2,RANK_3",
        "1st Choice,2nd Choice,3rd Choice",
        "Mayor 1st Choice Ward 4,Mayor 2nd Choice Ward 4,Mayor 3rd Choice Ward 4",
        "Choice 1 of 15 Mayor,Choice 2 of 15 Mayor,Choice 3 of 15 Mayor",
        "choice_1,choice_2,choice_3",
        "1,2,3",
        "first: preference 1,second: preference 2,third: preference 3",
    ],
)
def test_a_rank_column_says_which_rank_it_is(header: str) -> None:
    assert read("x.csv", f"Id,{header}\n7,A,B,C\n").profile.ballots == {((0,), (1,), (2,)): 1}


def test_the_order_of_the_columns_does_not_matter_and_a_missing_rank_is_a_skipped_one() -> None:
    found = read("x.csv", "rank4,note,rank1,rank2\nC,hello,A,B\n")
    assert [found.profile.candidates[c] for rank in next(iter(found.profile.ballots)) for c in rank] == [
        "A",
        "B",
        "C",
    ]
    assert list(found.profile.ballots) == [((0,), (1,), (), (2,))]


def test_a_column_of_numbers_weighs_the_rows() -> None:
    found = read("x.csv", "Precinct,1st Choice,2nd Choice,Count\nP1,A,B,12\nP2,A,B,30\nP2,B,,0\n")
    assert found.profile.ballots == {((0,), (1,)): 42, ((1,),): 0}


def test_the_text_between_the_candidates_of_an_overvote_can_be_named() -> None:
    text = "rank1,rank2\nA/B,C|D\n"
    assert read("x.csv", text).profile.candidates == ("A/B", "C", "D")
    found = read("x.csv", text, overvote_delimiter="/")
    assert found.profile.candidates == ("A", "B", "C|D")
    assert found.profile.ballots == {((0, 1), (2,)): 1}


def test_quotes_commas_and_line_breaks_in_names_and_blank_rows_are_no_trouble() -> None:
    found = read("x.csv", 'rank1,rank2\r\n"Duson, Jill C.","Say ""hi"""\r\n\r\n"two\nlines",\r\n')
    assert found.profile.candidates == ("Duson, Jill C.", 'Say "hi"', "two\nlines")
    assert found.profile.size == 2


@pytest.mark.parametrize(
    ("text", "line", "column", "reason"),
    [
        ("", 1, 1, "empty"),
        ("id,name\n1,A\n", 1, 1, "no column is a rank"),
        ("rank1,Rank 1\nA,B\n", 1, 2, "two columns hold rank 1"),
        ("count,rank1,weight\n1,A,2\n", 1, 3, "two columns hold numbers"),
        ("rank1,rank2\nA,B\nA\n", 3, 1, "has 1 cells, the header 2"),
        ("rank1,rank2\nA,B,C\n", 2, 3, "has 3 cells, the header 2"),
        ("rank1,count\nA,x\n", 2, 2, "number of ballots"),
        ("rank1,count\nA,-1\n", 2, 2, "number of ballots"),
        ('rank1,rank2\n"A,B\n', 2, 1, "not readable as CSV"),
        ('rank1,rank2\n"A"x,B\n', 2, 1, "not readable as CSV"),
    ],
)
def test_a_broken_file_says_where_and_why(text: str, line: int, column: int, reason: str) -> None:
    with pytest.raises(FormatError, match=reason) as caught:
        read("x.csv", text)
    assert (caught.value.line, caught.value.column) == (line, column)


def test_ranks_may_be_counted_from_zero() -> None:
    profile = read("x.csv", "choice_0,choice_1\nA,B\n,B\n").profile
    assert profile.candidates == ("A", "B")
    assert profile.ballots == {((0,), (1,)): 1, ((), (1,)): 1}


@pytest.mark.parametrize("mark", [";", "\t"])
def test_cells_may_be_parted_by_what_spreadsheets_write_instead_of_commas(mark: str) -> None:
    rows = [["id", "rank1", "rank2"], ["1", '"Lovelace, Ada"', "B"]]
    profile = read("x.csv", "".join(mark.join(row) + "\n" for row in rows)).profile
    assert profile.candidates == ("Lovelace, Ada", "B")
    assert profile.ballots == {((0,), (1,)): 1}
