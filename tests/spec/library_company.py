"""The library's tags asked of small text tables."""

from __future__ import annotations

import itertools
import textwrap
from dataclasses import replace
from datetime import date

from tests.rules.asking import Company
from tests.spec.tables import MakeTable, ReadRows

from zhike.rules.check import names_in
from zhike.rules.text import parse
from zhike.rules.vocabulary import KnownTag, TagKind
from zhike.understand.tags.defining.shipped import library

AS_OF = date(2026, 6, 1)


class LibraryCompany(Company):
    """Customers of a text table, and the library that says what they are."""

    def __init__(self, table: MakeTable, rows: ReadRows, customers: str) -> None:
        super().__init__(table, rows, customers)
        tags = {name: KnownTag(name, TagKind(file.text.kind)) for name, file in library().items()}
        self.vocabulary = replace(self.vocabulary, tags=tags)

    def differences(self, expected: str) -> list[tuple[list[str] | None, list[str] | None]]:
        """Each line that is found otherwise than expected: as found, and as expected.

        The header names tags, each line a customer and what they have of them; nothing where they have it not.
        """
        lines = [[cell.strip() for cell in line.split("|")] for line in textwrap.dedent(expected).strip().splitlines()]
        names = lines[0][1:]
        answers = self.answers({name: library()[name].text.rule for name in _with_needed(names)}, as_of=AS_OF)
        found = [[str(row["customer_id"]), *(_as_text(row[name]) for name in names)] for row in answers]
        return [(one, line) for one, line in itertools.zip_longest(found, lines[1:]) if one != line]


def _with_needed(names: list[str]) -> list[str]:
    """The tags, and those that they are made of."""
    wanted = list(names)
    for name in wanted:
        wanted += sorted(names_in(parse(library()[name].text.rule).tree).tags - set(wanted))
    return wanted


def _as_text(value: object) -> str:
    match value:
        case None | False:
            return ""
        case True:
            return "yes"
        case float():
            return f"{value:g}"
    return str(value)
