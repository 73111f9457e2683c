"""The rows of an SQL query on another database."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pyarrow as pa
import sqlalchemy
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from zhike.collect.sources.readers.batches import BadFile, Batch, check_columns, gathered, numbered

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

    def batches(self) -> Iterator[Batch]:
        return gathered(self._blocks())

    def _blocks(self) -> Iterator[Batch]:
        following = 1
        try:
            with self._engine.connect().execution_options(stream_results=True, yield_per=BATCH_ROWS) as connection:
                for block in connection.execute(sqlalchemy.text(self._query)).partitions(BATCH_ROWS):
                    columns = [
                        pa.array([None if value is None else str(value) for value in column], pa.string())
                        for column in zip(*block, strict=True)
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
            f"cannot use this database address: {error}",
            where="--sql",
            advice="Use a SQLAlchemy URL such as postgresql://user:password@host/name or sqlite:///file.db.",
        ) from error
    where = parsed.render_as_string(hide_password=True)
    try:
        with engine.connect() as connection:
            result = connection.execution_options(stream_results=True).execute(sqlalchemy.text(query))
            if not result.returns_rows:
                raise BadFile("the statement returns no rows", where=where, advice="Give a SELECT.")
            columns = check_columns(list(result.keys()), where)
            digest = hashlib.sha256(query.encode())
            for block in result.partitions(BATCH_ROWS):
                digest.update(repr([tuple(row) for row in block]).encode())
    except SQLAlchemyError as error:
        raise _failed(error, where) from error
    return QueryReader(engine, query, columns, where), digest.hexdigest()


def _failed(error: SQLAlchemyError, where: str) -> BadFile:
    cause = getattr(error, "orig", None) or error
    return BadFile(f"the query failed: {str(cause).strip()}", where=where)
