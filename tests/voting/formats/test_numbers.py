"""Numbers of every format: too long, of other scripts, and too large to be filled into memory."""

import pytest

from voting.formats import FormatError, read

LONG = "9" * 5000
BLT = '0\n"A"\n"B"\n'
SOC = "# NUMBER ALTERNATIVES: 2\n# ALTERNATIVE NAME 1: A\n# ALTERNATIVE NAME 2: B\n"

FIELDS = [
    ("x.blt", "{} 1\n1 1 0\n" + BLT, 1, 1),
    ("x.blt", "2 {}\n1 1 0\n" + BLT, 1, 3),
    ("x.blt", "2 1\n-{}\n1 1 0\n" + BLT, 2, 1),
    ("x.blt", "2 1\n{} 1 0\n" + BLT, 2, 1),
    ("x.blt", "2 1\n1 {} 0\n" + BLT, 2, 3),
    ("x.blt", "2 1\n1 1={} 0\n" + BLT, 2, 5),
    ("x.cvotes", "#/Number of Seats: {}\nA > B\n", 1, 20),
    ("x.cvotes", "#/Weight Allowed: true\nA > B ^{}\n", 2, 8),
    ("x.cvotes", "A > B ^{}\n", 1, 8),
    ("x.cvotes", "A > B *{}\n", 1, 8),
    ("x.soc", "# NUMBER ALTERNATIVES: {}\n", 1, 23),
    ("x.soc", "# NUMBER VOTERS: {}\n" + SOC, 1, 17),
    ("x.soc", SOC + "{}: 1,2\n", 4, 1),
    ("x.soi", SOC + "1: {}\n", 4, 4),
    ("x.soc", "{}\n1,A\n", 1, 1),
    ("x.soc", "1\n1,A\n1,{},1\n", 3, 1),
    ("x.csv", "rank1,count\nA,{}\n", 2, 2),
    ("x.csv", "a,rank{}\n", 1, 2),
]


@pytest.mark.parametrize(("name", "text", "line", "column"), FIELDS)
def test_a_number_of_thousands_of_digits_has_its_place_in_the_error(
    name: str, text: str, line: int, column: int
) -> None:
    with pytest.raises(FormatError, match="a number of 5000 digits; at most 1000 are read") as error:
        read(name, text.format(LONG))
    assert (error.value.line, error.value.column) == (line, column)


@pytest.mark.parametrize("wrong", ["٣", "²", "+1", "1_0", "1.5", "1e3"])
@pytest.mark.parametrize(("name", "text"), [field[:2] for field in FIELDS[3:17]])
def test_nothing_but_plain_digits_is_a_number(name: str, text: str, wrong: str) -> None:
    with pytest.raises(FormatError):
        read(name, text.format(wrong))


def test_long_numbers_that_are_read_count_exactly() -> None:
    weight = "9" * 1000
    assert read("x.blt", f"2 1\n{weight} 1 0\n{weight} 1 0\n{BLT}").profile.size == 2 * int(weight)


def test_a_size_beyond_the_file_is_an_error_and_fills_no_memory() -> None:
    with pytest.raises(FormatError, match="expected the names of 99999999999 candidates, there are 2"):
        read("x.blt", "99999999999 1\n1 1 0\n" + BLT)
    with pytest.raises(FormatError, match="line 1, column 2: rank 99999999999 is beyond 10000"):
        read("x.csv", "rank1,rank99999999999\nA,B\n")
