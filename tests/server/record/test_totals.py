"""A round that publishes totals hides its papers, not what can be recounted without them.

Each lie is told by whoever holds the key: rules, log and result are made anew around it.
"""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from server.record import recount
from server.record.archive import zip_of
from tests.server.record.builder import Draft, Json, sample

WHOLE = sample()


def hidden(number: int, **decision: Any) -> Draft:
    """The sample with round `number` publishing totals, and a decision changed."""
    draft = copy.deepcopy(WHOLE)
    draft.rules["rounds"][number]["publish"] = "totals"
    draft.rules["decision"] |= decision
    draft.log.pop(0)
    draft.begin()
    draft.log.insert(0, draft.log.pop())
    draft.result["rules_hash"] = draft.body("RULES")["rules_hash"]
    draft.relog_result()
    return draft


def recounted(draft: Draft, folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    draft.relog_result()
    path = folder / "record.zip"
    path.write_bytes(zip_of(draft.files()))
    return recount.main([str(path)]), capsys.readouterr().out


def test_a_vote_that_publishes_totals_fits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, report = recounted(hidden(1), tmp_path, capsys)

    assert code == 0, report
    assert "note   Round vote publishes totals only" in report


def test_its_ranking_is_that_of_its_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    draft = hidden(1, blend="audience")
    vote = draft.result["rounds"]["vote"]
    vote["ranking"] = vote["ranking"][::-1]
    draft.result["ranking"] = vote["ranking"]
    draft.result["winners"] = vote["ranking"][0]

    code, report = recounted(draft, tmp_path, capsys)

    assert code == 1
    assert "result.json, rounds, vote, ranking: the record says" in report, report


def test_a_vote_with_figures_has_a_ranking(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Else the jury alone would decide."""
    draft = hidden(1)
    draft.result["rounds"]["vote"]["ranking"] = []

    code, report = recounted(draft, tmp_path, capsys)

    assert code == 1
    assert "result.json, rounds, vote, ranking: the record says []" in report, report


@pytest.mark.parametrize("number", [0, 1])
def test_it_counts_the_ballots_of_its_box(
    number: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draft = hidden(number)
    name = draft.rules["rounds"][number]["id"]
    draft.result["rounds"][name]["ballots"] += 1
    draft.result["rounds"][name]["abstentions"] += 1

    code, report = recounted(draft, tmp_path, capsys)

    assert code == 1
    assert f"result.json, round {name}: other ballots than its box" in report, report


def test_its_figures_are_not_higher_than_its_ballots_can_give(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draft = hidden(1)
    vote = draft.result["rounds"]["vote"]
    vote["figures"]["c"] = str(int(vote["figures"]["c"]) + 100)
    vote["weight"] += 100

    code, report = recounted(draft, tmp_path, capsys)

    assert code == 1
    assert "result.json, round vote: more than its ballots can give" in report, report


def test_its_percentages_are_those_of_its_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    draft = hidden(1)
    draft.result["rounds"]["vote"]["percent"]["d"] = "99"

    code, report = recounted(draft, tmp_path, capsys)

    assert code == 1
    assert 'result.json, rounds, vote, percent, d: the record says "99"' in report, report


def test_the_shortlist_of_hidden_sheets_is_that_of_their_ranking(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draft = hidden(0)
    draft.body("SEAL", 0)["admitted"] = draft.result["rounds"]["jury"]["admitted"] = ["a", "c", "d", "e"]

    code, report = recounted(draft, tmp_path, capsys)

    assert code == 1
    assert "round jury: a, c, d, e went on, the recount gives c, d, e" in report, report


def test_its_turnout_is_that_of_the_codes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    draft = hidden(1)
    draft.result["rounds"]["vote"]["turnout"]["register"] += 100

    code, report = recounted(draft, tmp_path, capsys)

    assert code == 1
    assert "result.json, rounds, vote, turnout, register: the record says 155" in report, report


def test_a_voided_ballot_cannot_be_looked_up_in_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draft = hidden(1)
    said: Json = {"receipt": draft.ballots[0]["receipt"], "reason": "Stuffed", "by": ["s1", "s2"]}
    draft.log.insert(draft.place("RESULT"), ("VOIDED", said))
    vote = draft.result["rounds"]["vote"]
    vote["ballots"], vote["abstentions"] = vote["ballots"] - 1, vote["abstentions"] - 1

    code, report = recounted(draft, tmp_path, capsys)

    assert code == 0, report


def tied() -> Draft:
    """A hidden vote that ends in a tie of c and d, which only its ballots could part."""
    draft = hidden(1, blend="audience", ladder=["countback", "shared"])
    vote = draft.result["rounds"]["vote"]
    vote |= {"figures": {"c": "30", "d": "30", "e": "2"}, "ranking": [["c", "d"], ["e"]], "weight": 62}
    vote["percent"] = {"c": "48", "d": "48", "e": "3"}
    draft.result |= {
        "combined": vote["figures"],
        "ranking": [["d"], ["c"], ["e"]],
        "winners": ["d"],
        "ties": [
            {"candidates": ["c", "d"], "parted": [["d"], ["c"]], "rung": "countback", "tried": ["countback"]}
        ],
    }
    return draft


def test_a_tie_that_hidden_ballots_part_is_taken_as_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, report = recounted(tied(), tmp_path, capsys)

    assert code == 0, report
    assert "note   The tie was parted by sheets or ballots that are not published." in report


def other_winner(draft: Draft) -> None:
    draft.result |= {"winners": ["e"], "ranking": [["e"], ["c", "d"]]}


def other_tie(draft: Draft) -> None:
    other_winner(draft)
    draft.result["ties"][0] |= {"candidates": ["c", "d", "e"], "parted": [["e"], ["c", "d"]]}


def no_tie(draft: Draft) -> None:
    other_winner(draft)
    draft.result["ties"] = []


def other_figures(draft: Draft) -> None:
    draft.result["combined"] = {"c": "30", "d": "30", "e": "31"}


@pytest.mark.parametrize(
    ("lie", "message"),
    [
        (other_winner, 'winners: the record says ["e"], the recount gives ["d"]'),
        (other_tie, "result.json: another tie"),
        (no_tie, "result.json: another tie"),
        (other_figures, 'combined, e: the record says "31", the recount gives "2"'),
    ],
)
def test_it_parts_only_those_who_are_tied(
    lie: Callable[[Draft], None], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draft = tied()
    lie(draft)

    code, report = recounted(draft, tmp_path, capsys)

    assert code == 1
    assert message in report, report


@pytest.mark.parametrize("make", [lambda: copy.deepcopy(WHOLE), lambda: hidden(1)])
def test_nobody_goes_on_from_a_vote(
    make: Callable[[], Draft], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draft = make()
    draft.body("SEAL", 1)["admitted"] = ["c"]
    draft.result["rounds"]["vote"]["admitted"] = ["c"]

    code, report = recounted(draft, tmp_path, capsys)

    assert code == 1
    assert "round vote: c went on, the recount gives" in report, report
