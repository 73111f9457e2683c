"""The rows of an SQL query on another database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
import sqlalchemy
from django.utils.translation import gettext as _
from sqlalchemy.engine import CursorResult, Engine, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from zhike.collect.sources.readers.batches import BadFile, Batch, Batches, check_columns, gathered, numbered
from zhike.collect.sources.readers.parquet import bytes_as_text

BATCH_ROWS = 20_000


class QueryReader:
    """Rows of a query, streamed from the server, as text."""

    unit = "rows"
    size = None

    def __init__(self, engine: Engine, query: str, columns: tuple[str, ...], where: str) -> None:
        self.columns = columns
        self._engine = engine
        self._query = query
        self._where = where

    def batches(self) -> Batches:
        return gathered(self._blocks())

    def _blocks(self) -> Batches:
        following = 1
        try:
            with _answer(self._engine, self._query) as result:
                for block in result.partitions(BATCH_ROWS):
                    columns = [
                        pa.array([_text(value) for value in column], pa.string()) for column in zip(*block, strict=True)
                    ]
                    rows, following = numbered(pa.table(columns, names=list(self.columns)), following)
                    yield Batch(rows, (), following - 1)
        except SQLAlchemyError as error:
            raise _failed(error, self._where) from error


def open_query(url: str, query: str) -> tuple[QueryReader, str]:
    """A reader for a query, and the fingerprint of what it returns.

    The query runs twice, first for the fingerprint, so that an unchanged result is known
    for one. Raises BadFile with the database's own message and without the password.
    """
    try:
        parsed = make_url(url.replace("postgresql://", "postgresql+psycopg://", 1))
        engine = sqlalchemy.create_engine(parsed)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise BadFile(
            _("cannot use this database address: %(error)s") % {"error": error},
            where="--sql",
            advice=_("Use a SQLAlchemy URL such as postgresql://user:password@host/name or sqlite:///file.db."),
        ) from error
    where = parsed.render_as_string(hide_password=True)
    try:
        with _answer(engine, query) as result:
            if not result.returns_rows:
                raise BadFile(_("the statement returns no rows"), where=where, advice=_("Give a SELECT."))
            columns = check_columns(list(result.keys()), where)
            digest = hashlib.sha256(query.encode())
            for block in result.partitions(BATCH_ROWS):
                digest.update(repr([tuple(row) for row in block]).encode())
    except SQLAlchemyError as error:
        raise _failed(error, where) from error
    return QueryReader(engine, query, columns, where), digest.hexdigest()


@contextmanager
def _answer(engine: Engine, query: str) -> Iterator[CursorResult[Any]]:
    """The result of a query, streamed; the query goes to the database as it is, colons and percent signs included."""
    options = {"stream_results": True, "yield_per": BATCH_ROWS, "no_parameters": True}
    with engine.connect().execution_options(**options) as connection:
        yield connection.exec_driver_sql(query)


def _text(value: object) -> str | None:
    """A value as text that an import reads back to the same value."""
    match value:
        case None:
            return None
        case float() if value != value:
            return None
        case float() if value.is_integer() and abs(value) < 2**53:
            return str(int(value))  # keys such as 17850.0, as of Parquet
        case bytes() | memoryview():
            return bytes_as_text(bytes(value))
        case dict() | list():
            return json.dumps(value, ensure_ascii=False, default=str)
        case _:
            return str(value)


def _failed(error: SQLAlchemyError, where: str) -> BadFile:
    cause = getattr(error, "orig", None) or error
    return BadFile(_("the query failed: %(problem)s") % {"problem": str(cause).strip()}, where=where)
