"""The sheet of an award in the export's workbook: its result as it was revealed, and how it was counted."""

from xlsxwriter.worksheet import Worksheet

from dashboard.tables import Cell, Export
from server.exporting_xlsx_parts import Styles, write_cell, write_head


def award_sheet(sheet: Worksheet, styles: Styles, award: Export) -> None:
    """Write one award: sentence, remarks, each table with its base and exact figures, the rules."""
    result = award["result"]
    sheet.set_column(0, 0, 8)
    sheet.set_column(1, 1, 60)
    sheet.set_column(2, 6, 16)
    sheet.write_string(0, 0, award["title"], styles.title)
    sheet.write_string(1, 0, f"{award['session']} · {award['state']}", styles.plain)
    sheet.write_string(2, 0, f"{result['sentence']}.", styles.bold)
    row = 3
    for remark in (*result["remarks"], *award["corrections"]):
        sheet.write_string(row, 0, remark, styles.plain)
        row += 1
    for table in result["tables"]:
        row = _table(sheet, styles, row + 1, table)
    row += 1
    write_head(sheet, row, ("How this was counted",), styles)
    for part in award["rules_text"]:
        row += 1
        sheet.write_string(row, 0, part["heading"], styles.bold)
        for sentence in part["sentences"]:
            row += 1
            sheet.write_string(row, 0, sentence, styles.plain)
    sheet.write_string(row + 1, 0, f"SHA-256 of the rules: {award['rules_hash']}", styles.plain)


def _table(sheet: Worksheet, styles: Styles, row: int, table: Export) -> int:
    """Write a table from this row on; gives the row after it."""
    sheet.write_string(row, 0, table["title"], styles.bold)
    facts = [f"method: {table['method']}", *([f"base: {table['base']}"] if table["base"] else [])]
    if table["n"] is not None:
        facts += [f"N = {table['n']}", f"cast {table['cast']}", f"abstained {table['abstained']}"]
    sheet.write_string(row, 1, ", ".join(facts), styles.plain)
    write_head(sheet, row + 1, (*table["header"], "Exact"), styles)
    row += 2
    for cells, exact in zip(table["rows"], table["exact"], strict=True):
        for column, cell in enumerate((*cells, exact)):
            write_cell(sheet, row, column, _number(cell), styles)
        row += 1
    for note in table["notes"]:
        sheet.write_string(row, 0, note, styles.muted_line)
        row += 1
    return row


def _number(text: str) -> Cell:
    """A whole number as one, so that a spreadsheet can add it up."""
    return int(text) if text.isascii() and text.isdecimal() else text
