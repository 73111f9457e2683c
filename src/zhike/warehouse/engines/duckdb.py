"""The embedded engine: DuckDB in memory, over the Parquet files of the warehouse."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

import duckdb
import ibis
import ibis.expr.operations as ops
import pyarrow as pa
from django.conf import settings
from fsspec.implementations.arrow import ArrowFSWrapper
from ibis.backends.duckdb import Backend
from ibis.backends.duckdb.converter import DuckDBPyArrowData
from ibis.expr.types import Table

from zhike.warehouse.computing import ByRange
from zhike.warehouse.contracts import CUSTOMERS_PER_SHARD, Contract
from zhike.warehouse.engines import engine_named, ibis_schema
from zhike.warehouse.files import filesystem, inner_path, make_folder

if TYPE_CHECKING:
    from splink.internals.database_api import DatabaseAPI

# One customer's rows lie side by side; small row groups keep a look-up from unpacking its neighbours'.
ROW_GROUP_ROWS = 4_096
# As Spark's own: what is no JSON holds nothing, and fails nothing.
JSON_OBJECT = """CREATE OR REPLACE MACRO get_json_object(document, path)
AS json_extract_string(TRY_CAST(document AS JSON), path)"""


class DuckDBEngine:
    """DuckDB, one Ibis connection per thread on one database in memory."""

    name = "duckdb"
    shard_by_shard = True

    def __init__(self) -> None:
        self._database: duckdb.DuckDBPyConnection | None = None
        self._lock = threading.Lock()
        # Not a threading.local: a connection that ends together with a thread that Python did not start, as those of
        # the server are, takes the process with it. A new thread takes over from one of the same number that has ended.
        self._connections: dict[int, Backend] = {}
        self._put_once = lru_cache(maxsize=512)(self._put)

    @property
    def connection(self) -> Backend:
        """The Ibis connection of this thread; Ibis's own are not thread-safe."""
        thread = threading.get_ident()
        if thread not in self._connections:
            with self._lock:
                if self._database is None:
                    self._database = self._start()
            self._connections[thread] = ibis.duckdb.from_connection(self._database.cursor())
        return self._connections[thread]

    def sql(self, statement: str) -> duckdb.DuckDBPyConnection:
        """Runs one statement of DuckDB on this thread's connection."""
        return self.connection.con.execute(statement)

    def open(self, contract: Contract, paths: Sequence[str]) -> Table:
        return self.connection.sql(self.rows(contract, paths), schema=ibis_schema(contract))

    @contextlib.contextmanager
    def inputs(self, files: Mapping[Contract, Sequence[str]]) -> Iterator[dict[str, Table]]:
        names = {contract: f"input_{contract.namespace}_{contract.name}" for contract in files}
        try:
            for contract, name in names.items():  # temporary: seen by this thread's connection alone
                self.sql(f"CREATE OR REPLACE TEMP VIEW {name} AS {self.rows(contract, files[contract])}")
            yield {contract.table: self._named(name, contract) for contract, name in names.items()}
        finally:
            for name in names.values():
                self.sql(f"DROP VIEW IF EXISTS {name}")

    def _named(self, name: str, contract: Contract) -> Table:
        table: Table = ops.DatabaseTable(
            name=name, schema=ibis_schema(contract), source=self.connection, namespace=ops.Namespace()
        ).to_expr()
        return table

    def rows(self, contract: Contract, paths: Sequence[str]) -> str:
        """SQL of the rows of these files."""
        schema = ibis_schema(contract)
        columns = ", ".join(_quoted(name) for name in schema)
        typed = ", ".join(f"NULL::{_duckdb_type(kind)} AS {_quoted(name)}" for name, kind in schema.items())
        rows = f"SELECT {typed} WHERE false"
        if paths:
            # By name, so that a column which an old file lacks is empty.
            files = ", ".join(literal(readable(path)) for path in paths)
            rows += f" UNION ALL BY NAME FROM read_parquet([{files}], union_by_name = true, hive_partitioning = false)"
        return f"SELECT {columns} FROM ({rows})"

    def write(
        self, contract: Contract, table: Table, folder: str, prefix: str, *, shards: Sequence[int] = (0,)
    ) -> list[str]:
        make_folder(folder)
        if contract.by_customer and len(shards) > 1:
            return self._write_shards(contract, table, folder, prefix)
        return self._write_file(
            contract, table, f"{folder}/{prefix}-{shards[0] if contract.by_customer else 0}.parquet"
        )

    def conforming(self, contract: Contract, table: Table) -> str:
        """SQL of the rows with the contract's columns in its order and types; a column the table lacks is empty.

        Cast here and not in Ibis, which leaves out a cast where it believes the type is right already.
        """
        self.connection._run_pre_execute_hooks(table)  # tables in memory; Ibis does it for what it executes itself
        schema = ibis_schema(contract)
        columns = ", ".join(
            f"CAST({_quoted(name) if name in table.columns else 'NULL'} AS {_duckdb_type(kind)}) AS {_quoted(name)}"
            for name, kind in schema.items()
        )
        return f"SELECT {columns} FROM ({self._in_sql(table)})"

    def _write_file(self, contract: Contract, table: Table, uri: str) -> list[str]:
        if contract.sorted_by:
            table = table.order_by(list(contract.sorted_by))
        copied = self.sql(
            f"COPY ({self.conforming(contract, table)}) TO {literal(readable(uri))}"
            f" (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP_ROWS})"
        ).fetchone()
        if copied and copied[0]:
            return [uri]
        filesystem().delete_file(inner_path(uri))  # Iceberg has no use for a file without rows
        return []

    def _write_shards(self, contract: Contract, table: Table, folder: str, prefix: str) -> list[str]:
        """First deals the rows out to one scratch folder per shard, then sorts each on its own.

        A global sort would do the same with all rows in one merge; this way memory is bounded by a shard.
        """
        scratch = settings.ZHIKE.scratch / f"shards-{uuid.uuid4().hex}"
        scratch.mkdir(parents=True)
        try:
            dealt = table.mutate(shard=table.customer_id // CUSTOMERS_PER_SHARD * CUSTOMERS_PER_SHARD)
            self.sql(
                f"COPY ({self._in_sql(dealt)}) TO {literal(str(scratch))}"
                " (FORMAT parquet, COMPRESSION snappy, PARTITION_BY (shard))"
            )
            written = []
            for part in sorted(scratch.iterdir(), key=lambda path: int(path.name.split("=")[1])):
                shard = part.name.split("=")[1]
                rows = self.open(contract, [str(file) for file in sorted(part.iterdir())])
                written += self._write_file(contract, rows, f"{folder}/{prefix}-{shard}.parquet")
                shutil.rmtree(part)
            return written
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    @contextlib.contextmanager
    def sharing(self, *tables: Table) -> Iterator[tuple[Table, ...]]:
        names = [f"shared_{uuid.uuid4().hex}" for _table in tables]
        try:
            for name, table in zip(names, tables, strict=True):
                self.connection._run_pre_execute_hooks(table)
                # Not by `cache` of Ibis, which takes the SQL apart again and copies it several times.
                self.sql(f"CREATE TEMP TABLE {name} AS {self._in_sql(table)}")
            yield tuple(self.connection.table(name) for name in names)
        finally:
            for name in names:
                self.sql(f"DROP TABLE IF EXISTS {name}")

    def ranges(self, wanted: ByRange) -> Iterator[tuple[int, pa.Table]]:
        """One range after the other. The expression is put into SQL once, over views that move from range to range."""
        with _Views(self, wanted.shards[0]) as views:
            tables = {contract.table: views.of_files(contract, paths) for contract, paths in wanted.tables.items()}
            whole = {name: views.cut(table) for name, table in wanted.whole.items()}
            table = wanted.compute(tables, whole, views.cut)
            if table is None:
                return
            query = self.connection.compile(table.order_by("customer_id"))
            for shard in wanted.shards:
                views.move_to(shard)
                yield shard, self.sql(query).to_arrow_table()

    def arrow(self, table: Table) -> pa.Table:
        self.connection._run_pre_execute_hooks(table)
        found = self.sql(self._in_sql(table)).to_arrow_table()
        return table.__pyarrow_result__(found, data_mapper=DuckDBPyArrowData)

    def splink(self) -> DatabaseAPI[duckdb.DuckDBPyRelation]:
        from splink import DuckDBAPI  # only linking needs it

        return DuckDBAPI(self.connection.con)

    def _in_sql(self, table: Table) -> str:
        """A table in the words of DuckDB; to put a step into them takes longer than to carry it out on few rows."""
        operation = table.op()
        return self._put(operation) if operation.find(ops.InMemoryTable) else self._put_once(operation)

    def _put(self, operation: ops.Relation) -> str:
        return self.connection.compile(operation.to_expr())

    def _start(self) -> duckdb.DuckDBPyConnection:
        installation = settings.ZHIKE
        # DuckDB makes the folder it spills to, but none above it; a command on a plain file makes no home.
        if installation.home.is_dir():
            installation.scratch.mkdir(exist_ok=True)
            scratch = installation.scratch / f"duckdb-{os.getpid()}"
        else:
            scratch = Path(tempfile.gettempdir()) / f"zhike-duckdb-{os.getpid()}"
        database = duckdb.connect()
        database.execute("SET TimeZone = 'UTC'")
        # This optimiser makes the last rows of one customer seven times slower to find.
        database.execute("SET disabled_optimizers = 'late_materialization'")
        database.execute("SET autoinstall_known_extensions = false")
        database.execute(f"SET temp_directory = {literal(str(scratch))}")
        database.execute("SET parquet_metadata_cache = true")
        database.execute(JSON_OBJECT)
        if installation.memory:
            database.execute(f"SET memory_limit = {literal(installation.memory)}")
        else:
            total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
            database.execute(f"SET memory_limit = '{total // 2_000_000}MB'")
        if installation.threads:
            database.execute(f"SET threads = {installation.threads}")
        if not installation.is_local:
            database.register_filesystem(_ObjectStore(filesystem()))
        return database


class _Views:
    """Views of one range of customers, which is another one after `move_to`."""

    def __init__(self, engine: DuckDBEngine, shard: int) -> None:
        self._engine = engine
        self._shard = shard
        self._queries: dict[str, Callable[[int], str]] = {}

    def __enter__(self) -> _Views:
        return self

    def __exit__(self, *_error: object) -> None:
        for name in self._queries:
            self._engine.sql(f"DROP VIEW IF EXISTS {name}")

    def of_files(self, contract: Contract, paths: Callable[[int | None], Sequence[str]]) -> Table:
        """The files of the range."""
        return self._table(lambda shard: self._engine.rows(contract, paths(shard)))

    def cut(self, table: Table) -> Table:
        """The rows of the range, of a table of all customers."""
        rows = f"SELECT * FROM ({self._engine.connection.compile(table)})"
        last = CUSTOMERS_PER_SHARD - 1
        return self._table(lambda shard: f"{rows} WHERE customer_id BETWEEN {shard} AND {shard + last}")

    def move_to(self, shard: int) -> None:
        """Another range."""
        for name, query in self._queries.items():
            self._engine.sql(f"CREATE OR REPLACE VIEW {name} AS {query(shard)}")

    def _table(self, query: Callable[[int], str]) -> Table:
        name = f"range_{uuid.uuid4().hex}"
        self._queries[name] = query
        self._engine.sql(f"CREATE VIEW {name} AS {query(self._shard)}")
        return self._engine.connection.table(name)


def embedded() -> DuckDBEngine:
    """The DuckDB of this process, for work that is always done here: imports and look-ups."""
    return cast(DuckDBEngine, engine_named("duckdb"))


class _ObjectStore(ArrowFSWrapper):
    """The warehouse's object store, under the scheme that DuckDB asks for."""

    protocol = "s3"


def readable(uri: str) -> str:
    return inner_path(uri) if uri.startswith("file://") else uri


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@cache
def _duckdb_type(kind: object) -> str:
    from ibis.backends.sql.datatypes import DuckDBType

    return str(DuckDBType.to_string(kind))
