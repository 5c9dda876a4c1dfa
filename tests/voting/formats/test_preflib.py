"""PrefLib's orders, with the new and the old header."""

import pytest

from voting.formats import FormatError, read

DEBIAN = """\
# FILE NAME: 00002-00000001.toc
# TITLE: Debian 2002 Leader
# DESCRIPTION: Obtained from the soi by adding the unranked alternatives at the bottom
# DATA TYPE: toc
# MODIFICATION TYPE: imbued
# RELATES TO: 00002-00000001.soi
# RELATED FILES:
# PUBLICATION DATE: 2013-08-17
# MODIFICATION DATE: 2022-09-16
# NUMBER ALTERNATIVES: 4
# NUMBER VOTERS: 263
# NUMBER UNIQUE ORDERS: 5
# ALTERNATIVE NAME 1: Branden Robinson
# ALTERNATIVE NAME 2: Raphael Hertzog
# ALTERNATIVE NAME 3: Bdale Garbee
# ALTERNATIVE NAME 4: None Of The Above
100: 3,1,2,4
79: 1,3,2,4
54: 3,2,1,4
21: 2, {4, 3}, 1
9: 3,{1,2,4}
"""
"""After the example of PrefLib's FORMAT_SPECIFICATION.md, shortened."""


def header(size: int, voters: int | None, kind: str = "toi") -> str:
    names = "".join(f"# ALTERNATIVE NAME {n}: {'ABCDEFG'[n - 1]}\n" for n in range(1, size + 1))
    counted = "" if voters is None else f"# NUMBER VOTERS: {voters}\n"
    return f"# DATA TYPE: {kind}\n# NUMBER ALTERNATIVES: {size}\n{counted}{names}"


@pytest.mark.parametrize("name", ["x.toc", "x.toi", "x.txt"])
def test_the_formats_example_is_read(name: str) -> None:
    found = read(name, DEBIAN)
    assert found.title == "Debian 2002 Leader"
    assert found.profile.candidates == (
        "Branden Robinson",
        "Raphael Hertzog",
        "Bdale Garbee",
        "None Of The Above",
    )
    assert found.profile.ballots == {
        ((2,), (0,), (1,), (3,)): 100,
        ((0,), (2,), (1,), (3,)): 79,
        ((2,), (1,), (0,), (3,)): 54,
        ((1,), (2, 3), (0,)): 21,
        ((2,), (0, 1, 3)): 9,
    }
    assert (found.implicit_ranking, found.withdrawn) == (None, ())


def test_the_old_header_is_read() -> None:
    found = read("x.toi", "3\n1,Ada\n2,Bert, Esq.\n3,Carla\n5,6,3\n3,1,{2,3}\n2,3\n1,\n")
    assert found.profile.candidates == ("Ada", "Bert, Esq.", "Carla")
    assert found.profile.ballots == {((0,), (1, 2)): 3, ((2,),): 2, (): 1}


def test_incomplete_orders_and_empty_ones_are_read() -> None:
    found = read("x.soi", header(3, 6, "soi") + "3: 2\n2: 1,3\n1: \n")
    assert found.profile.ballots == {((1,),): 3, ((0,), (2,)): 2, (): 1}


def test_a_file_without_a_number_of_voters_is_read() -> None:
    assert read("x.soi", header(2, None) + "3: 2\n").profile.size == 3


def test_one_order_on_two_lines_adds_up() -> None:
    assert read("x.soi", header(2, 5) + "3: 2\n2: 2\n").profile.ballots == {((1,),): 5}


@pytest.mark.parametrize(
    ("name", "text", "line", "column", "reason"),
    [
        ("x.soc", "", 1, 1, "empty"),
        ("x.soc", "hello\n", 1, 1, "header"),
        ("x.soi", "# NUMBER VOTERS: 3\n1: 1\n", 1, 1, "NUMBER ALTERNATIVES"),
        ("x.soi", "# NUMBER ALTERNATIVES: x\n", 1, 23, "whole number"),
        ("x.soi", "# NUMBER ALTERNATIVES: 0\n", 1, 1, "at least one"),
        ("x.soi", "# NUMBER ALTERNATIVES: 2\n# ALTERNATIVE NAME 1: A\n1: 1\n", 2, 1, "name alternative 2"),
        ("x.soi", header(2, 1) + "# ALTERNATIVE NAME 3: C\n1: 1\n", 6, 1, "beyond 2"),
        ("x.soi", header(2, 1) + "# ALTERNATIVE NAME 2: C\n1: 1\n", 6, 1, "named twice"),
        ("x.soi", header(2, 4) + "3: 1\n", 3, 1, "states 4 voters, the orders have 3"),
        ("x.soi", header(2, 1) + "1: 3\n", 6, 4, "from 1 to 2, not '3'"),
        ("x.soi", header(2, 1) + "1: 1,1\n", 6, 6, "ranked twice"),
        ("x.toi", header(2, 1) + "1: {1,1}\n", 6, 7, "ranked twice"),
        ("x.soi", header(2, 1) + "1: {1,2}\n", 6, 3, "no ties"),
        ("x.soc", header(2, 1) + "1: 1\n", 6, 5, "ranks everyone"),
        ("x.toc", header(2, 1) + "1: 1\n", 6, 5, "ranks everyone"),
        ("x.txt", "# TITLE: t\n" + header(2, 1, "soc") + "1: 1\n", 7, 5, "ranks everyone"),
        ("x.toi", header(2, 1) + "1: {1,2\n", 6, 3, "braces"),
        ("x.toi", header(2, 1) + "1: 1}\n", 6, 3, "comma"),
        ("x.toi", header(2, 1) + "1: {}\n", 6, 5, "not ''"),
        ("x.toi", header(2, 1) + "1: 1 2\n", 6, 3, "comma"),
        ("x.toi", header(2, 1) + "1: 1,\n", 6, 6, "missing after the comma"),
        ("x.toi", header(2, 1) + "1: ,1\n", 6, 3, "comma"),
        ("x.toi", header(2, 1) + "x: 1\n", 6, 1, "whole number"),
        ("x.toi", header(2, 1) + "-1: 1\n", 6, 1, "whole number"),
        ("x.toi", header(2, 1) + "1 1\n", 6, 1, "a number of voters"),
        ("x.toi", "2\n1,A\n", 2, 1, "name of alternative 2"),
        ("x.toi", "2\n1,A\n3,B\n1,1,1\n", 3, 1, "“2, name”"),
        ("x.toi", "2\n1,A\n2,B\n", 3, 1, "numbers of voters and orders"),
        ("x.toi", "2\n1,A\n2,B\n1,1\n", 4, 1, "numbers of voters, of votes"),
        ("x.toi", "2\n1,A\n2,B\n3,3,1\n2,1,2\n", 4, 1, "states 3 voters"),
    ],
)
def test_a_broken_file_says_where_and_why(name: str, text: str, line: int, column: int, reason: str) -> None:
    with pytest.raises(FormatError, match=reason) as caught:
        read(name, text)
    assert (caught.value.line, caught.value.column) == (line, column)
