"""Personal data as whoever acts may see it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from zhike.govern.access.rights import Right
from zhike.govern.access.services import may
from zhike.warehouse.contracts import Column, Contract, Kind

HIDDEN = "•••"


def masked(contract: Contract, row: Mapping[str, object]) -> dict[str, object]:
    """The row as whoever acts may see it: without the right, personal columns show only what tells rows apart.

    Columns that the contract does not have stay as they are; so does the row of somebody who has the right.
    """
    if may(Right.SEE_PERSONAL_DATA):
        return dict(row)
    personal = {column.name: column for column in contract if column.personal}
    return {name: mask(personal[name], value) if name in personal else value for name, value in row.items()}


def mask(column: Column, value: object) -> object:
    """What is shown in place of a value: its first character, a telephone's last two digits, the year of a date."""
    match value:
        case None | "":
            return value
        case date():
            return str(value.year)
        case str() if column.kind == Kind.TEXT:
            return HIDDEN + value[-2:] if column.name.startswith("phone") else value[0] + HIDDEN
        case _:
            return HIDDEN
