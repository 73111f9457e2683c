"""What computes: DuckDB in this process, or Apache Spark, behind the same two operations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

import ibis.expr.datatypes as dt
import ibis.expr.schema as sch
import pyarrow as pa
from django.conf import settings
from django.utils.translation import gettext as _
from ibis.expr.types import Table

from zhike.errors import UserError
from zhike.warehouse.contracts import Contract, Kind

if TYPE_CHECKING:
    from ibis.backends.sql import SQLBackend
    from splink.internals.database_api import DatabaseAPI

Cut = Callable[[Table], Table]

IBIS_TYPES: dict[Kind, dt.DataType] = {
    Kind.TEXT: dt.string,
    Kind.INTEGER: dt.int64,
    Kind.DECIMAL: dt.Decimal(18, 4),
    Kind.NUMBER: dt.float64,
    Kind.BOOLEAN: dt.boolean,
    Kind.DATE: dt.date,
    Kind.INSTANT: dt.Timestamp(scale=6),
    Kind.JSON: dt.string,
    Kind.BINARY: dt.binary,
}


@dataclass(frozen=True)
class ByRange:
    """One expression over all customers, whose result this process takes range by range.

    `tables` are the files of each contract, of a range or of all where that is None; `whole` are further tables of all
    customers. `compute` makes the expression of both, by their keys, and of a function that cuts any other table of
    all customers as they are cut; it gives None if there is nothing to compute.
    """

    name: str
    tables: Mapping[Contract, Callable[[int | None], Sequence[str]]]
    whole: Mapping[str, Table]
    compute: Callable[[Mapping[str, Table], Mapping[str, Table], Cut], Table | None]
    shards: Sequence[int]
    scratch: str  # a folder that the engine and this process can reach


class Engine(Protocol):
    """Opens the files of a snapshot as an Ibis table, and writes an Ibis expression to files."""

    name: str
    # Whether a step by customer is handed one shard after the other (bounded memory on
    # one machine) or all at once (a cluster spreads them itself).
    shard_by_shard: bool

    def open(self, contract: Contract, paths: Sequence[str]) -> Table:
        """The rows of these Parquet files, with the columns and types of the contract."""

    def write(
        self, contract: Contract, table: Table, folder: str, prefix: str, *, shards: Sequence[int] = (0,)
    ) -> list[str]:
        """Writes the rows, sorted as the contract says, as Parquet files below `folder`; their URIs.

        A contract by customer gets files that each hold customers of one of `shards` only.
        """

    def sharing(self, *tables: Table) -> AbstractContextManager[tuple[Table, ...]]:
        """The same tables, read once however many expressions use them inside the block."""

    def ranges(self, wanted: ByRange) -> Iterator[tuple[int, pa.Table]]:
        """The first customer of each range, and what was computed of it, sorted by customer_id."""

    def arrow(self, table: Table) -> pa.Table:
        """The rows in memory; for small results."""

    def splink(self) -> DatabaseAPI[Any]:
        """Splink on this thread's connection."""

    @property
    def connection(self) -> SQLBackend:
        """Ibis's connection to the engine."""


def ibis_schema(contract: Contract) -> sch.Schema:
    return sch.Schema({column.name: IBIS_TYPES[column.kind] for column in contract})


def kind_of(kind: dt.DataType) -> Kind:
    """The kind of column that holds values of an Ibis type."""
    if kind.is_integer():
        return Kind.INTEGER
    if kind.is_decimal():
        return Kind.DECIMAL
    return next(one for one, ours in IBIS_TYPES.items() if ours == kind.copy(nullable=True))


@lru_cache(maxsize=4)
def engine_named(name: str) -> Engine:
    """The engine behind a value of ZHIKE_ENGINE. Raises UserError for one that cannot be had."""
    if name == "duckdb":
        from zhike.warehouse.engines.duckdb import DuckDBEngine

        return DuckDBEngine()
    if name.startswith(("spark://", "local", "sc://")):
        try:
            from zhike.warehouse.engines.spark import SparkEngine
        except ImportError as error:
            raise UserError(
                _("Spark is not installed"), where="ZHIKE_ENGINE", advice=_("Install it: `make spark`.")
            ) from error
        return SparkEngine(name)
    raise UserError(
        _("no engine is called %(name)s") % {"name": repr(name)},
        where="ZHIKE_ENGINE",
        advice=_("Use duckdb, spark://host:port, local[2] or sc://."),
    )


def engine() -> Engine:
    """The engine that reads: always DuckDB, which answers one customer in milliseconds."""
    return engine_named("duckdb")


def refresh_engine() -> Engine:
    """The engine that the installation computes its refreshes with."""
    return engine_named(settings.ZHIKE.engine)
