"""The same customers, tags and questions in a database: a wide table, or a long one of tags beside the attributes."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.audiences_data import NUMBERS, made_up_tags
from benchmarks.audiences_databases import Database
from benchmarks.audiences_questions import ASKED_FROM, TAG_IDS
from benchmarks.audiences_timing import asked
from benchmarks.contest import Clock
from benchmarks.homes import BUILD
from benchmarks.memory import memory_megabytes

COMMON = [tag.name for tag in made_up_tags() if tag.kind == "yes_no" and tag.density > ASKED_FROM]
VALUES = [tag.name for tag in made_up_tags() if tag.kind != "yes_no"]


def with_database(
    opened: Callable[[Path], AbstractContextManager[Database]], layout: str, folder: Path
) -> dict[str, Any]:
    """Everything loaded and indexed, then the questions."""
    duckdb.execute("SET enable_progress_bar = false")
    with tempfile.TemporaryDirectory(dir=BUILD) as scratch, opened(Path(scratch)) as database:
        clock = Clock()
        (_load_wide if layout == "wide" else _load_long)(database, folder)
        database.execute(database.settle)
        said = {"build s": round(clock(), 1), "disk MB": database.megabytes()}
        said |= asked(lambda question: database.ask(getattr(question, layout)), folder)
        return said | {"memory MB": round(memory_megabytes(database.process))}


def _load_wide(database: Database, folder: Path) -> None:
    """All attributes and tags side by side; indexes of every number and value, and of who has a tag."""
    pairs = zip(_files(folder, "attributes"), _files(folder, "tags"), strict=True)
    sides = (f"'{attributes}' a POSITIONAL JOIN '{tags}' t" for attributes, tags in pairs)
    database.fill("wide", [f"SELECT a.*, t.* EXCLUDE (customer_id) FROM {both}" for both in sides])
    if database.has_indexes:
        for name in (*NUMBERS, *VALUES):
            database.execute(f"CREATE INDEX wide_{name} ON wide ({name})")
        for name in COMMON:
            database.execute(f"CREATE INDEX wide_{name} ON wide (customer_id) WHERE {name}")


def _load_long(database: Database, folder: Path) -> None:
    """A table of attributes, and one with a row for each tag of each customer."""
    database.fill("customers", [f"SELECT * FROM '{attributes}'" for attributes in _files(folder, "attributes")])
    table, *index = database.tags
    database.execute(table)
    for query in _rows_of_tags(_files(folder, "tags")):
        database.insert("tags", query)
    if database.has_indexes:
        for name in NUMBERS:
            database.execute(f"CREATE INDEX customers_{name} ON customers ({name}, customer_id)")
        index.append("CREATE INDEX tags_number ON tags (tag, number, customer_id) WHERE number IS NOT NULL")
    for statement in index:
        database.execute(statement)


def _rows_of_tags(files: list[Path]) -> Iterator[str]:
    """The rows of each tag in turn: tag, value, number, customer."""
    for tag in made_up_tags():
        is_held = tag.name if tag.kind == "yes_no" else f"{tag.name} IS NOT NULL"
        value = tag.name if tag.kind == "category" else "''"
        number = tag.name if tag.kind == "number" else "NULL"
        yield (
            f"SELECT {TAG_IDS[tag.name]}::SMALLINT AS tag, {value} AS value, {number}::DOUBLE AS number,"
            f" customer_id::INTEGER AS customer_id FROM read_parquet({list(map(str, files))})"
            f" WHERE {is_held} ORDER BY value, customer_id"
        )


def _files(folder: Path, what: str) -> list[Path]:
    return sorted(folder.glob(f"{what}-*.parquet"))
