"""What expressions give for texts that are written out in a test."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import ibis
import pyarrow as pa
import pytest
from ibis.expr.types import Table, Value

Normalised = Callable[[Callable[[Value], Value], Iterable[str | None]], list[object]]
Rows = Callable[[Callable[[Table], dict[str, Value]], dict[str, list[str | None]]], list[dict[str, object]]]


@pytest.fixture(scope="session")
def rows_of() -> Rows:
    """Rows of several expressions over the columns of a table: `rows_of(lambda table: {…}, {"name": […]})`."""
    duckdb = ibis.duckdb.connect()

    def rows(
        select: Callable[[Table], dict[str, Value]], columns: dict[str, list[str | None]]
    ) -> list[dict[str, object]]:
        given = pa.table({name: pa.array(texts, pa.string()) for name, texts in columns.items()})
        table = duckdb.create_table("given", given, overwrite=True)
        return duckdb.to_pyarrow(table.select(**select(table))).to_pylist()

    return rows


@pytest.fixture(scope="session")
def normalised(rows_of: Rows) -> Normalised:
    """What a function of one text gives for each of some: `normalised(plain, ["…", …])`."""

    def values(function: Callable[[Value], Value], texts: Iterable[str | None]) -> list[object]:
        return [row["value"] for row in rows_of(lambda table: {"value": function(table.text)}, {"text": list(texts)})]

    return values
