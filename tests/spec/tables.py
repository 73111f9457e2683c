"""Small tables written as text, on any engine, and rows read back to compare with."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from ibis.expr.types import Table

from zhike.warehouse.computing import Engine
from zhike.warehouse.contracts import Contract, Kind

Row = dict[str, Any]
MakeTable = Callable[[Contract, str], Table]
ReadRows = Callable[[Table], list[Row]]

PARSE: dict[Kind, tuple[pa.DataType, Callable[[str], object]]] = {
    Kind.TEXT: (pa.string(), str),
    Kind.INTEGER: (pa.int64(), int),
    Kind.DECIMAL: (pa.decimal128(18, 4), Decimal),
    Kind.NUMBER: (pa.float64(), float),
    Kind.BOOLEAN: (pa.bool_(), lambda text: text == "yes"),
    Kind.DATE: (pa.date32(), date.fromisoformat),
    Kind.INSTANT: (pa.timestamp("us"), datetime.fromisoformat),
    Kind.JSON: (pa.string(), str),
}


def write_table(contract: Contract, text: str, path: Path) -> None:
    """A Parquet file of the rows in a text table; an empty cell is empty, a column left out is not in the file."""
    header, *lines = [[cell.strip() for cell in line.split("|")] for line in textwrap.dedent(text).strip().splitlines()]
    columns = {}
    for place, name in enumerate(header):
        kind, parse = PARSE[contract[name].kind]
        columns[name] = pa.array([parse(line[place]) if line[place] else None for line in lines], kind)
    pq.write_table(pa.table(columns), path)


def read_rows(engine: Engine, table: Table) -> list[Row]:
    """The rows in the order of their text, decimals as floats, so that results compare as they are written."""
    listed = [
        {name: float(value) if isinstance(value, Decimal) else value for name, value in row.items()}
        for row in engine.arrow(table).to_pylist()
    ]
    return sorted(listed, key=lambda row: [(value is not None, value) for value in row.values()])
