"""What computes: DuckDB in this process, or Apache Spark."""

from __future__ import annotations

from functools import lru_cache

import ibis.expr.datatypes as dt
import ibis.expr.schema as sch
from django.conf import settings
from django.utils.translation import gettext as _

from zhike.errors import UserError
from zhike.warehouse.computing import Engine
from zhike.warehouse.contracts import Contract, Kind

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
