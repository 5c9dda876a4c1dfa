"""The export as a workbook with native charts. Every text is written as a text, so none is a formula."""

import io
import re
from fractions import Fraction
from typing import Any

import xlsxwriter
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from dashboard.tables import Cell, Export, ballot_rows
from server.exporting_xlsx_award import award_sheet
from server.exporting_xlsx_parts import Styles, write_cell, write_head

BAR = "#0072B2"
CHARTS_PER_ROW = 2
CHART = {"width": 620, "height": 320}
"""Size of a chart in pixels."""
ROWS_PER_CHART = 17

SUMMARY_HEADER = ("No.", "Question", "Session", "State", "Round", "N", "Share of", "First", "Note")
OPTION_HEADER = ("Option", "Votes", "Share", "Shown", "Place", "Score")
RANKED_HEADER = ("Option", "Ranked by", "Share that ranks it", "Shown", "Place", "Score")
"""Of a preference poll: how many ballots put an option anywhere is not what decides."""
BALLOT_HEADER = ("Poll", "Question", "Round", "Ballot", "Segment", "Choice", "Rank")


def workbook(export: Export) -> bytes:
    """The whole workbook as bytes of an XLSX file."""
    buffer = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(buffer, options) as book:
        styles = Styles(book)
        summary = book.add_worksheet("Summary")
        charts: list[Any] = []
        for number, poll in enumerate(export["polls"], start=1):
            if poll["result"] is None:
                continue
            sheet = book.add_worksheet(sheet_name(number, poll["id"]))
            last = _poll_sheet(sheet, styles, poll)
            sheet.insert_chart("H2", _chart(book, sheet, number, poll, last))
            charts.append(_chart(book, sheet, number, poll, last))
        for number, award in enumerate(export["awards"], start=1):
            if award["result"] is not None:
                award_sheet(book.add_worksheet(sheet_name(number, award["id"], "A")), styles, award)
        _summary_sheet(summary, styles, export, charts)
        _ballot_sheet(book.add_worksheet("Ballots"), styles, export)
    return buffer.getvalue()


def sheet_name(number: int, poll_id: str, before: str = "") -> str:
    """A worksheet's name: at most 31 characters, none that Excel forbids; its number makes it unique, with
    `before` it for what is no poll."""
    return f"{before}{number} {re.sub(r'[^A-Za-z0-9._-]', '-', poll_id)}"[:31]


def _poll_sheet(sheet: Worksheet, styles: Styles, poll: Export) -> int:
    """Write one poll; gives the last row of its option table (rows count from 0, the table starts at 6)."""
    result = poll["result"]
    sheet.set_column(0, 0, 60)
    sheet.set_column(1, 4, 14)
    sheet.write_string(0, 0, poll["question"], styles.title)
    facts = f"{poll['session']} · round {poll['round']} · {poll['state']}"
    sheet.write_string(1, 0, facts, styles.muted)
    sheet.write_string(2, 0, f"{result['base']}, N = {result['n']}, cast {result['cast']}", styles.muted)
    sheet.write_string(3, 0, f"{result['method_text']} {result['rounding']}", styles.muted)
    if result["mean"]:
        sheet.write_string(4, 0, f"Mean {result['mean']['shown']} ({result['mean']['exact']})", styles.muted)
    last = _options(sheet, styles, 5, result)
    row = _runoff(sheet, styles, last + 2, result) if result.get("runoff") else last + 2
    row = _by_rules(sheet, styles, row, result) if result.get("by_rules") else row
    row = _rules(sheet, styles, row, result)
    for group in result["groups"]:
        sheet.write_string(row, 0, group["segment"], styles.head)
        if group["result"] is None:
            sheet.write_string(row + 1, 0, "not shown, because the group is small", styles.muted)
            row += 3
            continue
        sheet.write_string(row, 1, f"N = {group['result']['n']}", styles.head)
        row = _options(sheet, styles, row + 1, group["result"]) + 2
    return last


def _runoff(sheet: Worksheet, styles: Styles, row: int, result: Export) -> int:
    """A runoff's ballots, options down and rounds across; gives the row after it, and one left free."""
    rounds = result["runoff"]
    write_head(sheet, row, ("Runoff", *(f"Round {entry['round']}" for entry in rounds)), styles)
    for option in [*rounds[0]["tally"], None]:
        row += 1
        write_cell(sheet, row, 0, "No choice left" if option is None else option, styles)
        for column, entry in enumerate(rounds, start=1):
            votes = entry["exhausted"] if option is None else entry["tally"].get(option)
            write_cell(sheet, row, column, votes, styles)
    return row + 2


def _by_rules(sheet: Worksheet, styles: Styles, row: int, result: Export) -> int:
    """The exact scores of the same ballots by other rules, as texts."""
    columns = result["by_rules"]
    write_head(sheet, row, ("The same ballots by other rules", *(by["method"] for by in columns)), styles)
    for option in result["options"]:
        row += 1
        write_cell(sheet, row, 0, option["option"], styles)
        for column, by in enumerate(columns, start=1):
            write_cell(sheet, row, column, by["scores"][option["option"]], styles)
    return row + 2


def _rules(sheet: Worksheet, styles: Styles, row: int, result: Export) -> int:
    """How it was counted, sentence by sentence, and the fingerprint of the rules."""
    write_head(sheet, row, ("How this was counted",), styles)
    for sentence in (*result["rules_text"], f"SHA-256 of the rules: {result['rules_hash']}"):
        row += 1
        sheet.write_string(row, 0, sentence, styles.text)
    return row + 2


def _options(sheet: Worksheet, styles: Styles, row: int, result: Export) -> int:
    write_head(sheet, row, RANKED_HEADER if _is_scored(result) else OPTION_HEADER, styles)
    for option in result["options"]:
        row += 1
        write_cell(sheet, row, 0, option["option"], styles)
        write_cell(sheet, row, 1, option["count"], styles)
        if result["n"]:
            sheet.write_number(row, 2, option["count"] / result["n"], styles.share)
        write_cell(sheet, row, 3, option["shown"], styles)
        write_cell(sheet, row, 4, option["place"], styles)
        if _is_scored(result):
            # Fractions stay exact in the CSV and the JSON; here spreadsheets and charts need a number.
            score = Fraction(option["score"])
            is_whole = score.denominator == 1
            sheet.write_number(row, 5, float(score), styles.number if is_whole else styles.decimal)
    return row


def _is_scored(result: Export) -> bool:
    return any("score" in option for option in result["options"])


def _chart(book: Workbook, sheet: Worksheet, number: int, poll: Export, last: int) -> Any:
    chart = book.add_chart({"type": "bar"})
    result = poll["result"]
    is_scored = _is_scored(result)
    column = 5 if is_scored else 1
    labels = [o["shown"] if is_scored else f"{o['count']} · {o['shown']}" for o in result["options"]]
    chart.add_series(
        {
            "name": "Score" if is_scored else "Votes",
            "categories": [sheet.get_name(), 6, 0, last, 0],
            "values": [sheet.get_name(), 6, column, last, column],
            "fill": {"color": BAR},
            "gap": 40,
            "data_labels": {
                "value": True,
                "custom": [{"value": label} for label in labels],
            },
        }
    )
    chart.set_title({"name": f"{number}. {poll['question']}", "name_font": {"size": 11}, "overlay": False})
    chart.set_legend({"none": True})
    chart.set_y_axis({"reverse": True})
    # Bars begin at 0; only margins can be below it.
    low = {} if any(Fraction(o.get("score", 0)) < 0 for o in result["options"]) else {"min": 0}
    chart.set_x_axis({"major_gridlines": {"visible": False}, "visible": False, **low})
    chart.set_size(CHART)
    return chart


def _summary_sheet(sheet: Worksheet, styles: Styles, export: Export, charts: list[Any]) -> None:
    event = export["event"]
    for column, width in enumerate((6, 60, 40, 12, 8, 8, 18, 40, 40)):
        sheet.set_column(column, column, width)
    sheet.write_string(0, 0, event["title"], styles.title)
    mark = "REHEARSAL · " if event["rehearsal_of"] else ""
    sheet.write_string(1, 0, f"{mark}exported {export['exported']}")
    write_head(sheet, 3, SUMMARY_HEADER, styles)
    row = 3
    for number, poll in enumerate(export["polls"], start=1):
        row += 1
        result = poll["result"]
        note = poll.get("check") or ("hidden until it is revealed" if poll["hidden"] else "")
        cells: list[Cell] = [number, poll["question"], poll["session"], poll["state"], poll["round"]]
        cells += (
            [result["n"], result["base"], ", ".join(result["outcome"]["winners"])] if result else [None] * 3
        )
        for column, cell in enumerate([*cells, note]):
            write_cell(sheet, row, column, cell, styles)
    for number, award in enumerate(export["awards"], start=1):
        row += 1
        result = award["result"]
        cells = [f"A{number}", award["title"], award["session"], award["state"], None, None, None]
        cells += [", ".join(result["winners"]), result["sentence"]] if result else [None, ""]
        for column, cell in enumerate(cells):
            write_cell(sheet, row, column, cell, styles)
    sheet.freeze_panes(4, 0)
    for place, chart in enumerate(charts):
        down, across = divmod(place, CHARTS_PER_ROW)
        sheet.insert_chart(row + 2 + down * ROWS_PER_CHART, 1 + across * 2, chart)


def _ballot_sheet(sheet: Worksheet, styles: Styles, export: Export) -> None:
    for column, width in enumerate((24, 60, 8, 20, 24, 60, 8)):
        sheet.set_column(column, column, width)
    write_head(sheet, 0, BALLOT_HEADER, styles)
    row = 0
    for poll in export["polls"]:
        for ballot in poll["ballots"]:
            for line in ballot_rows(poll, ballot):
                row += 1
                for column, cell in enumerate(line):
                    write_cell(sheet, row, column, cell, styles)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(row, 1), len(BALLOT_HEADER) - 1)
