"""Counts of the refresh in force, added up over the org units asked for."""

from __future__ import annotations

from typing import Any

from zhike.warehouse.contracts import Contract
from zhike.warehouse.queries import Published, rows

Row = dict[str, Any]


def counted(now: Published, contract: Contract, units: frozenset[str] | None) -> list[Row]:
    """The rows of a table of counts by its key without the org unit, in the order of that key."""
    table = now.table(contract)
    if units:
        table = table.filter(table.unit_id.isin(sorted(units)))
    by = [name for name in contract.key if name != "unit_id"]
    figures = {column.name: table[column.name].sum() for column in contract if column.name not in contract.key}
    return rows(table.group_by(by).agg(**figures).order_by(by))
