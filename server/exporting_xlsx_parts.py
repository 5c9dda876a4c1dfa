"""What the sheets of the export's workbook share: styles and cells."""

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from dashboard.tables import Cell


class Styles:
    def __init__(self, book: Workbook) -> None:
        self.title: Format = book.add_format({"bold": True, "font_size": 16})
        self.head: Format = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self.text: Format = book.add_format({"text_wrap": True, "valign": "top"})
        self.number: Format = book.add_format({"valign": "top", "num_format": "0"})
        self.decimal: Format = book.add_format({"valign": "top", "num_format": "0.00"})
        self.share: Format = book.add_format({"valign": "top", "num_format": "0.0%"})
        self.plain: Format = book.add_format()
        self.bold: Format = book.add_format({"bold": True})
        self.muted_line: Format = book.add_format({"font_color": "#55606E"})
        self.muted: Format = book.add_format({"font_color": "#55606E", "text_wrap": True, "valign": "top"})


def write_cell(sheet: Worksheet, row: int, column: int, cell: Cell, styles: Styles) -> None:
    if isinstance(cell, int):
        sheet.write_number(row, column, cell, styles.number)
    elif cell:
        sheet.write_string(row, column, cell, styles.text)


def write_head(sheet: Worksheet, row: int, names: tuple[str, ...], styles: Styles) -> None:
    for column, name in enumerate(names):
        sheet.write_string(row, column, name, styles.head)
