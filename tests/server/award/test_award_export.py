"""What the organiser takes home of an award: nothing before its reveal is over, then all with its base."""

import csv
import io
import json
from pathlib import Path

import openpyxl

from polls.award.model import Blend, Decision
from server.exporting import read_export, to_csv, to_json, to_xlsx
from tests.conftest import Running
from tests.polls.award_sample import AWARD, FINAL, JURY
from tests.server.award.hall import Prize
from tests.server.award.screens import NAMES, VOTES, hold_all, prize_on_stage

SHARES = Decision(blend=Blend.SHARES, jury_round=JURY, ladder=("shared",))


async def steps(running: Running, held: Prize, first: int, last: int) -> None:
    for seen in range(first, last):
        await running.context.awards.acts.step(held.event, AWARD, "test", seen=seen)


async def test_an_award_stands_in_every_download_once_it_is_revealed(
    running: Running, tmp_path: Path
) -> None:
    """The downloads held the polls alone: the award's result was in no document but its record."""
    async with prize_on_stage(running, tmp_path, decision=SHARES) as held:
        await hold_all(held)
        await steps(running, held, 0, 3)
        early = await read_export(
            running.store, held.event, include_hidden=True, awards=running.context.awards
        )
        await steps(running, held, 3, 4)
        export = await read_export(
            running.store, held.event, include_hidden=False, awards=running.context.awards
        )

    (award,) = early["awards"]
    assert award["result"] is None and award["state"] == "revealing"
    assert b"winners" not in to_json(early)
    (line,) = csv.DictReader(io.StringIO(to_csv(early).decode("utf-8-sig")))
    assert (line["kind"], line["option"], line["count"], line["score"]) == ("award", "", "", "")

    (award,) = json.loads(to_json(export))["awards"]
    result = award["result"]
    assert result["winners"] == [NAMES["a"]]
    assert [table["part"] for table in result["tables"]] == ["combined", JURY, FINAL]
    vote = result["tables"][2]
    assert (vote["method"], vote["base"], vote["n"]) == ("plurality", "valid votes", len(VOTES))
    assert vote["exact"] == [str(VOTES.count("a")), str(VOTES.count("b"))]
    assert result["exact"]["rounds"][FINAL]["figures"] == {"a": "4", "b": "3"}

    lines = list(csv.DictReader(io.StringIO(to_csv(export).decode("utf-8-sig"))))
    assert all(line["method"] and line["base"] and line["rules_hash"] for line in lines)
    of_vote = [line for line in lines if line["method"] == "plurality"]
    assert [(one["option"], one["count"], one["n"], one["place"]) for one in of_vote] == [
        (NAMES["a"], "4", "7", "1"),
        (NAMES["b"], "3", "7", "2"),
    ]

    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(export)))
    assert book.sheetnames == ["Summary", f"A1 {AWARD}", "Ballots"]
    cells = list(book[f"A1 {AWARD}"].iter_rows(values_only=True))
    assert any(row[:3] == (1, NAMES["a"], 4) for row in cells)
    assert any(f"{result['sentence']}." in row for row in cells)
    assert NAMES["a"] in [cell.value for cell in book["Summary"]["H"]]
