"""`hemicycle count`: files in, one line of JSON for each file and method out."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from server.cli.count import count
from voting.rulebook import fingerprint

TIES = "#/Candidates: A ; B ; C\n#/Implicit Ranking: false\nA = B > C * 3\nC * 2\n/EMPTY_RANKING/\n"
CVR = "id,rank1,rank2,rank3\n1,A,,B\n2,A,C,\n3,overvote,B,\n4,C,C,B\n5,,B,\n6,B,A|C,\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ties.cvotes").write_text(TIES, encoding="utf-8")
    (tmp_path / "hall.csv").write_text(CVR, encoding="utf-8")
    (tmp_path / "broken.blt").write_text("2 1\n1 1 0\n1 3 0\n0\nA\nB\n", encoding="utf-8")
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(count, arguments)


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def only(*arguments: str) -> dict[str, Any]:
    result = run(*arguments, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    (found,) = lines(result)
    return found


def test_json_has_one_line_for_each_file_and_method_in_order(folder: Path) -> None:
    result = run("ties.cvotes", "hall.csv", "--method", "borda,irv", "--json")
    assert result.exit_code == 0
    assert [(line["file"], line["method"]) for line in lines(result)] == [
        ("ties.cvotes", "borda"),
        ("ties.cvotes", "irv"),
        ("hall.csv", "borda"),
        ("hall.csv", "irv"),
    ]


def test_the_process_reads_long_numbers_afterwards_as_before(folder: Path) -> None:
    before = sys.get_int_max_str_digits()
    assert before
    run("ties.cvotes", "broken.blt", "--method", "borda")
    assert sys.get_int_max_str_digits() == before


def test_a_line_holds_the_whole_outcome(folder: Path) -> None:
    found = only("ties.cvotes", "--method", "borda")
    rulebook = found.pop("rulebook")
    assert found == {
        "file": "ties.cvotes",
        "method": "borda",
        "kind": "winner",
        "winners": ["C"],
        "ranking": [["C"], ["A", "B"]],
        "ballots": 6,
        "valid": 5,
        "rounds": [],
        "scores": {"A": "15/2", "B": "15/2", "C": "9"},
        "ties": [{"candidates": ["A", "B"], "rung": "shared", "tried": ["shared"]}],
    }
    digest = rulebook.pop("sha256")
    assert rulebook == {"version": 1, "method": "borda", "seats": 1, "unranked": "zero"}
    assert digest == fingerprint(rulebook)


def test_all_methods_can_be_asked_for_at_once(folder: Path) -> None:
    result = run("ties.cvotes", "--method", "all", "--json")
    assert [line["method"] for line in lines(result)] == [
        "plurality",
        "approval",
        "borda",
        "dowdall",
        "copeland",
        "minimax-winning",
        "minimax-margins",
        "schulze-winning",
        "schulze-margins",
        "condorcet",
        "irv",
    ]


def test_methods_may_be_named_one_by_one_and_count_once_each(folder: Path) -> None:
    result = run("ties.cvotes", "--method", "irv", "--method", "Borda,irv", "--json")
    assert [line["method"] for line in lines(result)] == ["irv", "borda"]


def test_plurality_splits_a_tied_first_place(folder: Path) -> None:
    found = only("ties.cvotes", "--method", "plurality")
    assert found["scores"] == {"A": "3/2", "B": "3/2", "C": "2"}


def test_the_condorcet_line_names_winner_and_loser(folder: Path) -> None:
    found = only("ties.cvotes", "--method", "condorcet", "--implicit-ranking")
    assert (found["condorcet_winner"], found["condorcet_loser"]) == (None, "C")
    assert (found["kind"], found["winners"]) == ("undecided", [])


@pytest.mark.parametrize(
    ("flags", "in_file", "expected"),
    [
        ([], None, True),
        ([], "false", False),
        (["--implicit-ranking"], "false", True),
        (["--no-implicit-ranking"], None, False),
    ],
)
def test_implicit_ranking_is_the_flag_or_else_the_files(
    folder: Path, flags: list[str], in_file: str | None, expected: bool
) -> None:
    said = f"#/Implicit Ranking: {in_file}\n" if in_file else ""
    Path("x.cvotes").write_text(f"#/Candidates: A;B\n{said}A\n", encoding="utf-8")
    found = only("x.cvotes", "--method", "copeland", *flags)
    assert found["rulebook"]["implicit_ranking"] is expected
    assert found["scores"]["A"] == ("1" if expected else "0")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("2 1\n1 1 0\n0\nA\nB\n", "x.blt"),
        ("# NUMBER ALTERNATIVES: 2\n# ALTERNATIVE NAME 1: A\n# ALTERNATIVE NAME 2: B\n1: 1\n", "x.soi"),
    ],
)
def test_files_that_say_nothing_about_it_have_no_implicit_ranking(folder: Path, text: str, name: str) -> None:
    Path(name).write_text(text, encoding="utf-8")
    assert only(name, "--method", "copeland")["scores"] == {"A": "0", "B": "0"}
    assert only(name, "--method", "copeland", "--implicit-ranking")["scores"] == {"A": "1", "B": "-1"}


@pytest.mark.parametrize(
    ("unranked", "expected"),
    [
        ("zero", {"A": "15/2", "B": "15/2", "C": "9"}),
        ("average", {"A": "21/2", "B": "21/2", "C": "9"}),
        ("length", {"A": "15/2", "B": "15/2", "C": "5"}),
        ("Ballot-Length", {"A": "15/2", "B": "15/2", "C": "5"}),
    ],
)
def test_unranked_candidates_get_points_as_told(
    folder: Path, unranked: str, expected: dict[str, str]
) -> None:
    assert only("ties.cvotes", "--method", "borda", "--unranked", unranked)["scores"] == expected


@pytest.mark.parametrize(
    ("options", "tally"),
    [
        ([], {"A": "2", "B": "3", "C": "1"}),
        (["--overvote", "exhaustImmediately"], {"A": "2", "B": "2", "C": "1"}),
        (["--overvote", "always-skip-to-next-rank"], {"A": "2", "B": "3", "C": "1"}),
        (["--skips", "0"], {"A": "2", "B": "2", "C": "1"}),
        (["--skips", "1"], {"A": "2", "B": "3", "C": "1"}),
        (["--skips", "unlimited"], {"A": "2", "B": "3", "C": "1"}),
        (["--duplicates", "exhaustOnDuplicateCandidate"], {"A": "2", "B": "3", "C": "1"}),
    ],
)
def test_the_rules_of_a_runoff_are_options(
    folder: Path, options: Sequence[str], tally: dict[str, str]
) -> None:
    found = only("hall.csv", "--method", "irv", *options)
    assert found["rounds"][0]["tally"] == tally


def test_an_overvote_rule_that_the_file_cannot_answer_is_refused(folder: Path) -> None:
    result = run("hall.csv", "--method", "irv,borda", "--overvote", "exhaustIfMultipleContinuing", "--json")
    assert result.exit_code == 2
    assert "without naming the candidates" in result.stderr
    assert [line["method"] for line in lines(result)] == ["borda"]


def test_a_broken_file_gives_no_result_but_its_place_and_reason(folder: Path) -> None:
    result = run("broken.blt", "--method", "plurality", "--json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "hemicycle: broken.blt: line 3, column 3: expected a candidate from 1 to 2, not '3'\n"
    )


def test_the_other_files_are_counted_all_the_same(folder: Path) -> None:
    result = run("broken.blt", "ties.cvotes", "missing.blt", "--method", "plurality", "--json")
    assert result.exit_code == 2
    assert [line["file"] for line in lines(result)] == ["ties.cvotes"]
    assert "missing.blt: No such file or directory" in result.stderr


def test_text_that_is_not_utf8_is_refused_with_its_place(folder: Path) -> None:
    Path("latin.blt").write_bytes("2 1\n1 1 0\n0\nSeán\nB\n".encode("latin-1"))
    result = run("latin.blt", "--method", "plurality", "--json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "line 4, column 3: the text is not UTF-8" in result.stderr


def test_score_refuses_rankings_with_a_reason(folder: Path) -> None:
    result = run("ties.cvotes", "--method", "score", "--json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "score needs marks" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["ties.cvotes", "--method", "lottery"], "no method 'lottery'"),
        (["ties.cvotes", "--method", ","], "at least one"),
        (["ties.cvotes"], "Missing option"),
        (["--method", "irv"], "Missing argument"),
        (["ties.cvotes", "--method", "irv", "--seats", "2"], "there is one winner"),
        (["ties.cvotes", "--method", "irv", "--seats", "0"], "not in the range"),
        (["ties.cvotes", "--method", "irv", "--skips", "-1"], "neither a number"),
        (["ties.cvotes", "--method", "irv", "--overvote", "sometimes"], "is not one of"),
        (["ties.cvotes", "--method", "borda", "--unranked", "half"], "is not one of"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_before_anything_is_counted(
    folder: Path, arguments: list[str], reason: str
) -> None:
    result = run(*arguments, "--json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert reason in result.stderr


def test_one_seat_may_be_asked_for(folder: Path) -> None:
    assert only("ties.cvotes", "--method", "plurality", "--seats", "1")["winners"] == ["C"]


def test_a_candidate_can_be_withdrawn_by_name(folder: Path) -> None:
    found = only("ties.cvotes", "--method", "plurality", "--withdrawn", "C")
    assert (found["scores"], found["ballots"], found["valid"]) == ({"A": "3/2", "B": "3/2"}, 6, 3)
    assert found["kind"] == "shared"
    result = run("ties.cvotes", "--method", "plurality", "--withdrawn", "X", "--json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "no candidate 'X'" in result.stderr


def test_a_format_can_be_named_when_the_file_name_does_not_say(folder: Path) -> None:
    Path("ballots").write_text("A > B\n", encoding="utf-8")
    assert only("ballots", "--method", "irv", "--format", "cef")["winners"] == ["A"]


def test_an_election_without_ballots_is_no_valid_votes(folder: Path) -> None:
    Path("empty.blt").write_text("2 1\n0\nA\nB\n", encoding="utf-8")
    found = only("empty.blt", "--method", "irv")
    assert (found["kind"], found["winners"], found["ballots"]) == ("no-valid-votes", [], 0)


def test_names_beyond_ascii_come_back_as_they_are(folder: Path) -> None:
    Path("x.blt").write_text("2 1\n1 1 0\n0\nŽofie\n李\n", encoding="utf-8")
    assert only("x.blt", "--method", "irv")["ranking"] == [["Žofie"], ["李"]]


def test_without_json_the_outcome_is_told_in_words(folder: Path) -> None:
    Path("x.blt").write_text(
        '4 1\n-4\n4 1 0\n3 2 0\n2 3 2 0\n0\n"Ada"\n"Bert"\n"Carla"\n"Dora"\n"Chair"\n', encoding="utf-8"
    )
    result = run("x.blt", "--method", "irv,approval")
    assert result.exit_code == 0
    assert result.stdout == (
        "x.blt: Instant runoff (irv)\n"
        "  Chair\n"
        "  winner: Bert (9 ballots, 9 valid)\n"
        "     1. Bert: 5\n"
        "     2. Ada: 4\n"
        "     3. Carla: 2\n"
        "  round 1: Ada 4, Bert 3, Carla 2; exhausted 0\n"
        "           out: Carla\n"
        "  round 2: Ada 4, Bert 5; exhausted 0\n"
        "  withdrawn: Dora\n"
        "x.blt: Approvals (approval)\n"
        "  Chair\n"
        "  winner: Bert (9 ballots, 9 valid)\n"
        "     1. Bert: 5\n"
        "     2. Ada: 4\n"
        "     3. Carla: 2\n"
        "  withdrawn: Dora\n"
    )


def test_scores_longer_than_any_number_of_a_file_are_written_out(folder: Path) -> None:
    weight = "9" * 1000
    ballots = f"#/Weight Allowed: true\nA > B ^{weight} * {weight}\n"
    (folder / "long.cvotes").write_text(ballots, encoding="utf-8")
    assert only("long.cvotes", "--method", "borda")["scores"]["A"] == str(2 * int(weight) ** 2)
    result = run("hall.csv", "--method", "irv", "--skips", "9" * 5000)
    assert (result.exit_code, result.stdout) == (2, "")


def test_a_misspelt_method_is_answered_with_the_one_that_is_near(folder: Path) -> None:
    result = run("hall.csv", "--method", "shulze-winning")
    assert result.exit_code == 2
    assert "Did you mean schulze-winning?" in result.stderr
