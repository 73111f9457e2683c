"""DuckDB and Spark: the same tables of the same data, in files that either reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from ibis.expr.types import Table
from tests.collect.identity.company import CORE, SHOP, bring_in, who_is_who
from tests.spec.spark import ENGINES, engine_for_tests
from tests.warehouse.small_company import AS_OF, all_tables, import_company, import_contracts_of_life

from zhike.collect.identity import steps as identity_steps
from zhike.collect.identity.services import merge_customers, never_same
from zhike.collect.profiles.relations.services import relate
from zhike.collect.profiles.services import correct
from zhike.understand.value.tables import ORDER_SUMMARY, RFM_BOUNDS
from zhike.warehouse import catalog
from zhike.warehouse.computing import Engine
from zhike.warehouse.contracts import CUSTOMERS_PER_SHARD, Column, Contract, Kind
from zhike.warehouse.engines import engine_named, ibis_schema
from zhike.warehouse.files import inner_path
from zhike.warehouse.services import publish_refresh, run_refresh

each_engine = pytest.mark.parametrize("name", ENGINES)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", ENGINES[1:])
def test_a_refresh_on_spark_gives_the_same_tables_row_by_row(
    home: Path, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    settings.ZHIKE = replace(settings.ZHIKE, linking=True)
    import_company(tmp_path / "files")
    import_contracts_of_life(tmp_path, source="policies")
    bring_in(tmp_path, "core", CORE)
    bring_in(tmp_path, "store", SHOP)
    engine_for_tests(name)
    # Every record is new to both: they were spelt otherwise in the refresh that both follow.
    with monkeypatch.context() as spelt:
        spelt.setattr(identity_steps, "SPELLING", "of another time")
        first = run_refresh(as_of=AS_OF)
    found = who_is_who()
    merge_customers([[found["core 1"], found["core 2"]]])
    never_same([[found["core 2"], found["core 3"]]])
    correct(customer_id=found["core 3"], field="city", value="苏州市")
    relate(customer_id=found["core 1"], related_id=found["core 3"], kind="spouse")
    on_spark = run_refresh(as_of=AS_OF, engine_name=name)
    tables_of_spark = all_tables()
    publish_refresh(first.pk)
    on_duckdb = run_refresh(as_of=AS_OF)
    assert on_duckdb.customer_count == on_spark.customer_count > 100
    tables_of_duckdb = all_tables()
    for table, rows in tables_of_duckdb.items():
        assert tables_of_spark[table] == rows, table
    # What so small a company has nobody for; the specs of these measures compare them.
    assert {table.removeprefix("computed.") for table, rows in tables_of_duckdb.items() if not rows} == {
        *("shared_contacts", "agent_counts", "propensity_terms", "propensities"),
        *("offer_rules", "offer_members", "next_best_offers", "offer_trial"),
    }


def _three_ranges(on: Engine, folder: Path) -> Table:
    ids = [place * CUSTOMERS_PER_SHARD + n for n in (3, 1, 2) for place in (2, 0)]
    folder.mkdir(parents=True, exist_ok=True)
    days = pa.array([n % 5 for n in range(len(ids))], pa.int64())
    pq.write_table(pa.table({"customer_id": pa.array(ids, pa.int64()), "order_count": days}), folder / "in.parquet")
    return on.open(ORDER_SUMMARY, [f"file://{folder}/in.parquet"])


@each_engine
def test_files_by_customer_hold_one_range_each_and_iceberg_takes_them(home: Path, tmp_path: Path, name: str) -> None:
    on = engine_for_tests(name)
    folder = f"{catalog.table_of(ORDER_SUMMARY).location()}/data"
    ranges = (0, CUSTOMERS_PER_SHARD, 2 * CUSTOMERS_PER_SHARD)
    written = on.write(ORDER_SUMMARY, _three_ranges(on, tmp_path), folder, "test", shards=ranges)
    snapshot = catalog.append_files(ORDER_SUMMARY, written, properties={})
    files = catalog.files_of(ORDER_SUMMARY, snapshot)
    assert [(file.shard, file.rows) for file in files] == [(0, 3), (2 * CUSTOMERS_PER_SHARD, 3)]
    for file in files:
        stored = pq.ParquetFile(inner_path(file.path)).read()
        assert stored.column_names == list(ORDER_SUMMARY.column_names)
        assert stored["customer_id"].to_pylist() == [file.shard + n for n in (1, 2, 3)]
    assert sorted(p.name for p in Path(inner_path(folder)).rglob("*") if p.is_file()) == sorted(
        Path(file.path).name for file in files
    )


@each_engine
def test_a_table_without_rows_has_no_files(home: Path, tmp_path: Path, name: str) -> None:
    on = engine_for_tests(name)
    rows = _three_ranges(on, tmp_path)
    folder = f"{catalog.table_of(ORDER_SUMMARY).location()}/data"
    nobody = rows.filter(rows.customer_id < 0)
    assert on.write(ORDER_SUMMARY, nobody, folder, "test", shards=(0, CUSTOMERS_PER_SHARD)) == []
    assert on.write(RFM_BOUNDS, nobody.select(place="customer_id"), folder, "test-2") == []
    assert on.arrow(on.open(ORDER_SUMMARY, [])).num_rows == 0
    assert not [path for path in Path(inner_path(folder)).rglob("*") if path.is_file()]


EVERY_KIND = Contract(
    namespace="computed",
    name="every_kind",
    grain="one row",
    key=("text",),
    columns=tuple(Column(kind.value, kind, "A column.") for kind in Kind),
)


@each_engine
def test_either_engine_reads_every_kind_of_column_that_one_wrote(home: Path, name: str) -> None:
    one = ibis.literal(1)
    values: dict[str, Callable[[], ibis.Value]] = {
        "text": lambda: ibis.literal("客户 ‘x’ \n"),
        "integer": lambda: ibis.literal(2**62, "int64"),
        "decimal": lambda: ibis.literal("12345678901234.5678").cast("decimal(18, 4)"),
        "number": lambda: one / 3,
        "boolean": lambda: ibis.literal(False),
        "date": lambda: ibis.date("1899-12-31"),
        "instant": lambda: ibis.timestamp("2026-11-21 20:05:53.123456"),
        "json": lambda: ibis.literal('{"a": "茶"}'),
        "binary": lambda: ibis.literal(b"\x00\xff", "binary"),
    }
    writer = engine_for_tests(name)
    seed = writer.open(RFM_BOUNDS, [])
    row = seed.aggregate(n=seed.count()).select(**{column: value() for column, value in values.items()})
    empty = seed.aggregate(n=seed.count()).select(text=ibis.literal("empty"))
    folder = f"{catalog.table_of(EVERY_KIND).location()}/data"
    written = [*writer.write(EVERY_KIND, row, folder, "a"), *writer.write(EVERY_KIND, empty, folder, "b")]
    files = catalog.files_of(EVERY_KIND, catalog.append_files(EVERY_KIND, written, properties={}))
    readers = [engine_named("duckdb"), writer]
    read = [
        sorted(reader.arrow(reader.open(EVERY_KIND, [f.path for f in files])).to_pylist(), key=str)
        for reader in readers
    ]
    assert read[0] == read[1]
    nothing, everything = read[0]
    assert [column for column, value in nothing.items() if value is not None] == ["text"]
    assert everything["instant"] == datetime(2026, 11, 21, 20, 5, 53, 123456)
    assert str(everything["decimal"]) == "12345678901234.5678"
    assert (everything["date"], everything["integer"]) == (date(1899, 12, 31), 2**62)


@each_engine
def test_a_column_that_an_old_file_lacks_is_empty(home: Path, tmp_path: Path, name: str) -> None:
    on = engine_for_tests(name)
    old, new = tmp_path / "old.parquet", tmp_path / "new.parquet"
    pq.write_table(pa.table({"customer_id": [1]}), old)
    pq.write_table(pa.table({"order_count": [5], "customer_id": [2]}), new)
    rows = on.open(ORDER_SUMMARY, [f"file://{old}", f"file://{new}"])
    assert rows.schema() == ibis_schema(ORDER_SUMMARY)
    read = on.arrow(rows.select("customer_id", "order_count", "last_ordered_on")).to_pylist()
    assert sorted(tuple(row.values()) for row in read) == [(1, None, None), (2, 5, None)]
