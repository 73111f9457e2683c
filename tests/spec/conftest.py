"""Every spec runs on DuckDB and on Spark, against the same expected rows."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from ibis.expr.types import Table
from tests.spec.spark import ENGINES, engine_for_tests
from tests.spec.tables import MakeTable, ReadRows, Row, read_rows, write_table

from zhike.warehouse.computing import Engine
from zhike.warehouse.contracts import Contract


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each engine in turn; Spark's one session serves the whole test run."""
    return engine_for_tests(request.param)


@pytest.fixture
def table(engine: Engine, tmp_path: Path) -> MakeTable:
    """Opens a text table with the columns of a contract: `table(CONTRACT, \"\"\"…\"\"\")`."""
    numbers = itertools.count()

    def make(contract: Contract, text: str) -> Table:
        path = tmp_path / f"{contract.name}-{next(numbers)}.parquet"
        write_table(contract, text, path)
        return engine.open(contract, [f"file://{path}"])

    return make


@pytest.fixture
def rows(engine: Engine) -> ReadRows:
    """The rows of a result as dicts, sorted: `rows(expression)`."""

    def read(expression: Table) -> list[Row]:
        return read_rows(engine, expression)

    return read


@pytest.fixture
def column(engine: Engine) -> Callable[[Table, str], list[object]]:
    """One column of a result, in the order of its rows: `column(expression, name)`."""

    def read(expression: Table, name: str) -> list[object]:
        return [row[name] for row in read_rows(engine, expression)]

    return read
