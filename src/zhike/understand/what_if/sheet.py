"""A sheet of a workbook: texts, numbers to change, and formulas with the values they have."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from xlsxwriter.utility import quote_sheetname, xl_rowcol_to_cell

FORMS = {
    "share": "0.0%",
    "number": "#,##0.00",
    "money": "#,##0.00",
    "total": "#,##0",
    "people": "#,##0",
    "days": "0",
    "factor": "0.0000",
}
TO_CHANGE = {"font_color": "#0000C0", "bg_color": "#FFF8DC"}
WIDTHS = (42, 14)  # characters: of labels, of numbers
LONGEST = 31  # characters of a sheet's name, as UTF-16 counts them
FORBIDDEN = str.maketrans("[]:*?/\\\n\t", " " * 9)
RESERVED = "history"  # by Excel


class Sheet:
    """One sheet. Rows and columns count from 0; a text is written as text, also one that begins with =."""

    def __init__(self, book: Any, name: str) -> None:
        self.name = name
        self._sheet = book.add_worksheet(name)
        self._sheet.set_column(0, 0, WIDTHS[0])
        self._sheet.set_column(1, 100, WIDTHS[1])
        self._bold = book.add_format({"bold": True})
        self._shown = {unit: book.add_format({"num_format": form}) for unit, form in FORMS.items()}
        self._given = {unit: book.add_format({"num_format": form, **TO_CHANGE}) for unit, form in FORMS.items()}
        self._word = book.add_format(TO_CHANGE)

    def text(self, row: int, column: int, text: str) -> None:
        """Writes a text."""
        self._sheet.write_string(row, column, text)

    def heads(self, row: int, texts: Iterable[str], *, first: int = 0) -> None:
        """Writes texts beside each other in bold."""
        for column, text in enumerate(texts, start=first):
            self._sheet.write_string(row, column, text, self._bold)

    def number(self, row: int, column: int, value: float, unit: str) -> None:
        """Writes a number that is there to be changed."""
        self._sheet.write_number(row, column, value, self._given[unit])

    def choice(self, row: int, column: int, value: str, choices: Sequence[str]) -> None:
        """Writes a word that is there to be changed into another."""
        self._sheet.write_string(row, column, value, self._word)
        self._sheet.data_validation(row, column, row, column, {"validate": "list", "source": list(choices)})

    def formula(self, row: int, column: int, formula: str, value: float | str, unit: str = "") -> str:
        """Writes a formula with the value it has now; the address of its cell."""
        self._sheet.write_formula(row, column, formula, self._shown.get(unit), value)
        return self.address(row, column)

    def address(self, row: int, column: int) -> str:
        """What other sheets call a cell."""
        return f"{quote_sheetname(self.name)}!{xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)}"

    def freeze(self, row: int) -> None:
        """Labels, and what is above the row, stay where the rest is scrolled."""
        self._sheet.freeze_panes(row, 1)


def sheet_names(wanted: Iterable[str]) -> list[str]:
    """Names that sheets may have, like those wanted, all different."""
    found: list[str] = []
    for name in wanted:
        plain = " ".join(name.translate(FORBIDDEN).split()).strip("'") or "–"
        cut, number = _cut(plain, LONGEST), 1
        while cut.lower() == RESERVED or cut.lower() in (other.lower() for other in found):
            number += 1
            ending = f" {number}"
            cut = _cut(plain, LONGEST - len(ending)) + ending
        found.append(cut)
    return found


def _cut(text: str, most: int) -> str:
    return text.encode("utf-16-le")[: 2 * most].decode("utf-16-le", errors="ignore").strip(" '")
