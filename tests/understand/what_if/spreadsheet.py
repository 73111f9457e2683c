"""A workbook as it is kept: its cells read from the XML, and its formulas worked out anew."""

from __future__ import annotations

import re
import sys
import zipfile
from io import BytesIO
from xml.etree import ElementTree

sys.setrecursionlimit(20_000)  # a cell asks for those it needs, and these for others
XML = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
TOKEN = re.compile(
    r"'(?:[^']|'')+'!\$?[A-Z]+\$?\d+|\w+!\$?[A-Z]+\$?\d+|IF|MIN|ABS|\"[^\"]*\"|\d+(?:\.\d+)?|<>|[-+*/^()=,>]"
)
Value = float | str


class Spreadsheet:
    """The cells of all sheets by sheet and address, and what their formulas give."""

    def __init__(self, content: bytes) -> None:
        self.values: dict[tuple[str, str], Value] = {}  # as they are kept
        self.formulas: dict[tuple[str, str], str] = {}
        with zipfile.ZipFile(BytesIO(content)) as archive:
            shared = ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))
            texts = ["".join(part.text or "" for part in item.iter(f"{XML}t")) for item in shared]
            sheets = ElementTree.fromstring(archive.read("xl/workbook.xml")).iter(f"{XML}sheet")
            self.sheets = [sheet.attrib["name"] for sheet in sheets]
            for number, sheet in enumerate(self.sheets, start=1):
                root = ElementTree.fromstring(archive.read(f"xl/worksheets/sheet{number}.xml"))
                for cell in root.iter(f"{XML}c"):
                    self._read(sheet, cell, texts)
        self._worked: dict[tuple[str, str], Value] = {}

    def _read(self, sheet: str, cell: ElementTree.Element, texts: list[str]) -> None:
        value, formula, place = cell.find(f"{XML}v"), cell.find(f"{XML}f"), (sheet, cell.attrib["r"])
        if formula is not None:
            self.formulas[place] = formula.text or ""
        if value is not None and value.text is not None:
            kind = cell.attrib.get("t")
            self.values[place] = (
                texts[int(value.text)] if kind == "s" else value.text if kind == "str" else float(value.text)
            )

    def row(self, sheet: str, label: str) -> int:
        """The first row of a sheet that begins with a label."""
        found = [place for place, value in self.values.items() if place[0] == sheet and value == label]
        return min(int(address[1:]) for _, address in found if address[0] == "A")

    def change(self, sheet: str, address: str, value: Value) -> None:
        """Another value in a cell, as somebody would type it."""
        assert (sheet, address) in self.values
        assert (sheet, address) not in self.formulas
        self.values[sheet, address] = value
        self._worked = {}

    def worked_out(self, sheet: str, address: str) -> Value:
        """What is in a cell if everything it needs is computed."""
        place = (sheet, address)
        if place not in self.formulas:
            return self.values[place]
        if place not in self._worked:
            self._worked[place] = _Formula(self, self.formulas[place]).value()
        return self._worked[place]


class _Formula:
    """One formula: numbers, texts, cells of sheets, + - * / ^ = <> > ( ), IF, MIN and ABS."""

    def __init__(self, book: Spreadsheet, text: str) -> None:
        self.book = book
        self.tokens = TOKEN.findall(text)
        assert "".join(self.tokens) == text, text

    def value(self) -> Value:
        value = self._comparison()
        assert not self.tokens
        return value

    def _comparison(self) -> Value:
        left = self._sum()
        while self.tokens and self.tokens[0] in ("=", "<>", ">"):
            sign, right = self.tokens.pop(0), self._sum()
            is_so = _number(left) > _number(right) if sign == ">" else (left == right) is (sign == "=")
            left = float(is_so)
        return left

    def _sum(self) -> Value:
        value = self._product()
        while self.tokens and self.tokens[0] in "+-":
            sign = 1 if self.tokens.pop(0) == "+" else -1
            value = _number(value) + sign * _number(self._product())
        return value

    def _product(self) -> Value:
        value = self._power()
        while self.tokens and self.tokens[0] in "*/":
            if self.tokens.pop(0) == "*":
                value = _number(value) * _number(self._power())
            else:
                value = _number(value) / _number(self._power())
        return value

    def _power(self) -> Value:
        value = self._single()
        return _number(value) ** _number(self._single()) if self._is("^") else value

    def _single(self) -> Value:
        token = self.tokens.pop(0)
        if token == "IF":
            assert self._is("(")
            asked, _, one, _, other = (self._comparison() if place % 2 == 0 else self._is(",") for place in range(5))
            assert self._is(")")
            return one if asked else other
        if token in ("MIN", "ABS"):
            assert self._is("(")
            values = [_number(self._comparison())]
            while self._is(","):
                values.append(_number(self._comparison()))
            assert self._is(")")
            return min(values) if token == "MIN" else abs(values[0])
        if token == "-":
            return -_number(self._single())
        if token == "(":
            value = self._comparison()
            assert self._is(")")
            return value
        if token.startswith('"'):
            return token.strip('"')
        if "!" in token:
            sheet, _, address = token.rpartition("!")
            name = sheet[1:-1].replace("''", "'") if sheet.startswith("'") else sheet
            return self.book.worked_out(name, address.replace("$", ""))
        return float(token)

    def _is(self, token: str) -> bool:
        if self.tokens and self.tokens[0] == token:
            self.tokens.pop(0)
            return True
        return False


def _number(value: Value) -> float:
    assert isinstance(value, float)
    return value
