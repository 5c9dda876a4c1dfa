"""Rolls and the codes made for them: what is read, what is stored, what is handed out."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import click
import openpyxl
import pytest

from polls.award.model import ClassId, RoundId, VoterClass, VoteRound
from polls.model import Text
from server.award.codes import HEADER, _words, mail_merge, make_codes, register_lines, sheets
from server.award.roll import Person, RollError, read_roll
from server.cli.codes import people_of, vote_by_codes
from voting.award.codes import canonical_code, shown, token_hash, typed_hash

HALL = VoterClass(id=ClassId("hall"), name=Text.plain("In the hall"))
BOARD = VoterClass(id=ClassId("board"), name=Text.plain("Board"), weight=3)
KEY = b"k" * 32


def roll(folder: Path, text: str) -> Path:
    path = folder / "roll.csv"
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_roll_is_read_by_the_names_of_its_columns(tmp_path: Path, delimiter: str) -> None:
    lines = ["E-Mail,Name,Klasse", "ada@example.org,Ada,hall", "", "ben@example.org,Ben,board"]
    path = roll(tmp_path, "\ufeff" + "\r\n".join(lines).replace(",", delimiter))

    assert read_roll(path, [HALL, BOARD]) == [
        Person(name="Ada", email="ada@example.org", voter_class="hall"),
        Person(name="Ben", email="ben@example.org", voter_class="board"),
    ]


def test_a_workbook_is_read_and_a_weight_finds_its_class(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (["name", "weight"], ["Ada", 1], ["Ben", 3.0]):
        book.active.append(row)
    book.save(tmp_path / "roll.xlsx")

    assert [p.voter_class for p in read_roll(tmp_path / "roll.xlsx", [HALL, BOARD])] == ["hall", "board"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "nobody is in it"),
        ("name\n", "nobody is in it"),
        ("who\nAda\n", "names none of the columns"),
        ("name,name\nAda,Ada\n", "two columns"),
        ("name,class\nAda,jury\n", "line 2: there is no class “jury”"),
        ("name\nAda\n", "line 2: it does not say of which class"),
        ("name,class,weight\nAda,hall,3\n", "line 2: weight 3"),
        ("name,class,weight\nAda,hall,-1\n", "whole number from 1"),
        ("email,class\na@b.org,hall\nA@B.org,hall\n", "line 3: A@B.org stands in line 2 too"),
    ],
)
def test_a_roll_that_cannot_be_used_says_where_and_what_to_do(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(RollError) as refused:
        read_roll(roll(tmp_path, text), [HALL, BOARD])
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("header", "line"),
    [
        ("Full name,Email address,Class", "Ada Lind,ada@example.org,hall"),
        ("Vorname;Nachname;E-Mail-Adresse;Klasse", "Ada;Lind;ada@example.org;hall"),
        ("sep=;\nName;Mail;Gruppe", "Ada Lind;ada@example.org;hall"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_names_and_addresses_are_found_as_people_call_them(
    tmp_path: Path, header: str, line: str, end: str
) -> None:
    """Columns such as "Full name" were left out without a word, and the codes had no names."""
    path = roll(tmp_path, f"{header}\n{line}\n".replace("\n", end))

    assert read_roll(path, [HALL, BOARD]) == [
        Person(name="Ada Lind", email="ada@example.org", voter_class="hall")
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "Contact name,class\nAda,hall\n",
            "line 1: the column “Contact name” would be left out; call it name or",
        ),
        ("name,e-mail (office),class\nAda,a@b.org,hall\n", "call it email"),
        ("Ada,hall\nBen,hall\n", "put such a line above it all"),
        ("Roll of 2026\n\nname,class\nAda,hall\n", "line 3 does, so delete what is above it"),
        ('name,class\n"Ada,hall\nBen,board\n', "a quotation mark in or after line 2 is not closed"),
        ('name,class\n"Ada\nLind",hall\nBen,jury\n', "line 4: there is no class “jury”"),
        ("name,class\nAda,x\nBen,hall\nCy,y\n", "line 2: there is no class “x”"),
        ("name,class\nAda,x\nBen,hall\nCy,y\n", "line 4: there is no class “y”"),
        ("name,class\n" + "Ada,x\n" * 14, "roll.csv: 4 more lines like these"),
    ],
)
def test_mistakes_of_a_roll_are_named_all_at_once(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(RollError) as refused:
        read_roll(roll(tmp_path, text), [HALL, BOARD])
    assert words in str(refused.value)


def test_a_roll_on_the_second_sheet_is_looked_for_by_the_organiser(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["Notes"])
    book.create_sheet("Roll").append(["name", "class"])
    book.save(tmp_path / "roll.xlsx")

    with pytest.raises(RollError, match="Only the first sheet, “Sheet”, is read"):
        read_roll(tmp_path / "roll.xlsx", [HALL])


def test_what_is_no_text_and_no_workbook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "roll.csv").write_bytes("name\nJosé\n".encode("latin-1"))
    (tmp_path / "roll.xlsx").write_bytes(b"no workbook")
    for name, words in (("roll.csv", "UTF-8"), ("roll.xlsx", "workbook")):
        with pytest.raises(RollError, match=words):
            read_roll(tmp_path / name, [HALL])


def test_codes_are_unique_and_only_their_hashes_are_for_the_store() -> None:
    made = make_codes([Person(name=f"p{n}", voter_class="hall") for n in range(200)])

    assert len({one.code for one in made}) == len({one.token for one in made}) == 200
    assert all(canonical_code(shown(one.code)) == one.code for one in made)
    lines = register_lines(made, "prize", KEY)
    assert lines[0] == (
        token_hash("prize", made[0].token),
        "hall",
        typed_hash(KEY, "prize", made[0].code),
    )
    text = repr(lines) + repr(made)
    assert not any(
        one.code in text or one.token in text or one.person.name + "'" in repr(lines) for one in made
    )


def test_chance_that_gives_one_code_twice_is_asked_again() -> None:
    chance = iter([bytes(16), b"t" * 16, bytes(16), b"\x01" * 16, b"u" * 16])

    first, second = make_codes([Person(voter_class="hall")] * 2, lambda count: next(chance))

    assert first.code != second.code


def test_the_mail_merge_runs_no_formula() -> None:
    nasty = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", 'Ada "A" O’Neil, BSc']
    made = make_codes([Person(name=name, email="a@b.org", voter_class="hall") for name in nasty])

    header, *rows = csv.reader(io.StringIO(mail_merge(made, "https://v.example").decode("utf-8-sig")))

    assert tuple(header) == HEADER
    assert [row[0] for row in rows] == [*(f"'{name}" for name in nasty[:5]), nasty[5]]
    assert rows[0][3] == shown(made[0].code)
    assert rows[0][4] == f"https://v.example/v#{made[0].token}"


def test_the_sheets_are_a_pdf_of_eight_codes_a_page() -> None:
    made = make_codes([Person(name="Ana Kovačević", voter_class="hall")] * 9)

    content = sheets(made, award="Prize", event="Event", public_url="http://10.0.0.1:8000", lang="de")

    assert content.startswith(b"%PDF-")
    assert b"/Type/Pages/Count 2/" in content


def test_a_card_says_its_class_where_there_are_several() -> None:
    """Cards without names could not be told apart once they were cut: a board's code counts three times."""
    made = make_codes([Person(voter_class="hall"), Person(voter_class="board")])

    def kinds(classes: list[VoterClass]) -> list[str]:
        named = {str(one.id): one.name.pick("en") for one in classes} if len(classes) > 1 else {}
        words = _words(made, "Prize", "Event", "http://10.0.0.1:8000", "en", named)
        return [card["kind"] for card in json.loads(words["cards"])]

    assert kinds([HALL, BOARD]) == ["In the hall", "Board"]
    assert kinds([HALL]) == ["", ""]
    sizes = [
        len(sheets(made, award="P", event="E", public_url="http://h.example", lang="en", classes=classes))
        for classes in ([HALL], [HALL, BOARD])
    ]
    assert sizes[0] < sizes[1]


def test_who_gets_a_code_is_said_by_counts_too() -> None:
    vote = VoteRound(id=RoundId("final"), classes=(HALL, BOARD))

    assert [p.voter_class for p in people_of(vote, None, (2, 1), ("hall", "board"))] == [
        "hall",
        "hall",
        "board",
    ]
    with pytest.raises(click.UsageError, match="--class"):
        people_of(vote, None, (2,), ())
    with pytest.raises(click.ClickException, match="no award"):
        vote_by_codes(None, "prize")
