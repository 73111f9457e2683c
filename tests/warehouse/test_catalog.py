"""Commits of finished files: what a table holds after each, and in how many snapshots."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from zhike.collect.profiles.tables import CUSTOMERS
from zhike.understand.lifecycle.tables import LIFECYCLE
from zhike.warehouse.catalog import append_files, committed_snapshot, files_of, replace_files, table_of
from zhike.warehouse.engines import ibis_schema

WriteFile = Callable[[str, Sequence[int]], str]


@pytest.fixture
def written(home: Path) -> WriteFile:
    """Writes a Parquet file with a row for each of the customers; gives its address."""

    def write(name: str, customers: Sequence[int]) -> str:
        schema = ibis_schema(LIFECYCLE).to_pyarrow()
        rows = [{"customer_id": customer, "stage": "stable"} for customer in customers]
        folder = home / "warehouse" / "files"
        folder.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pylist(rows, schema=schema), folder / name)
        return f"file://{folder / name}"

    return write


def customers_of(snapshot: int | None) -> list[int]:
    found = [pq.read_table(file.path.removeprefix("file://")) for file in files_of(LIFECYCLE, snapshot)]
    return sorted(number for table in found for number in table["customer_id"].to_pylist())


def test_what_is_replaced_is_gone_in_one_snapshot(written: WriteFile) -> None:
    first = append_files(LIFECYCLE, [written("a", [1, 2]), written("b", [3])], properties={"zhike.refresh": "1"})
    second = replace_files(LIFECYCLE, [written("c", [2, 4])], properties={"zhike.refresh": "2"})
    assert customers_of(first) == [1, 2, 3]
    assert customers_of(second) == [2, 4]
    assert len(table_of(LIFECYCLE).snapshots()) == 2
    assert [committed_snapshot(LIFECYCLE, "zhike.refresh", number) for number in "123"] == [first, second, None]


def test_what_is_replaced_by_nothing_is_empty(written: WriteFile) -> None:
    append_files(LIFECYCLE, [written("a", [1])], properties={})
    emptied = replace_files(LIFECYCLE, [], properties={"zhike.refresh": "2"})
    assert customers_of(emptied) == []
    assert committed_snapshot(LIFECYCLE, "zhike.refresh", "2") == emptied
    again = replace_files(LIFECYCLE, [written("b", [5])], properties={})
    assert customers_of(again) == [5]


def test_a_table_that_never_had_rows_has_no_snapshot(home: Path) -> None:
    assert replace_files(CUSTOMERS, [], properties={}) is None
