"""What a table of the warehouse promises: its grain, keys, columns, units and layout."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass, field

# All tables computed by customer are cut at the same borders, so that a step can
# work on one shard of every table at a time and memory stays bounded at any size.
CUSTOMERS_PER_SHARD = 262_144


class Kind(enum.StrEnum):
    """The type of a column, the same on every engine."""

    TEXT = "text"
    INTEGER = "integer"  # signed 64 bit
    DECIMAL = "decimal"  # 18 digits, 4 of them after the point
    NUMBER = "number"  # double
    BOOLEAN = "boolean"
    DATE = "date"
    INSTANT = "instant"  # microseconds, UTC
    JSON = "json"  # text that holds one JSON document
    BINARY = "binary"


@dataclass(frozen=True)
class Column:
    """One column: what it holds and what a good value is.

    The checks are declared here once; import, docs and forms read them.
    """

    name: str
    kind: Kind
    doc: str
    required: bool = False
    unit: str = ""
    personal: bool = False  # identifies or describes a person: masked, never logged
    one_of: tuple[str, ...] = ()
    minimum: float | None = None
    past: bool = False  # may not lie after the moment of import
    default: str | None = None  # what an unmapped or empty value becomes, as text
    day_of: str = ""  # the day, in the installation's time zone, of this instant column


@dataclass(frozen=True)
class Contract:
    """A table: `namespace.name`, one row per `grain`, unique by `key`."""

    namespace: str
    name: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    partition_by: tuple[str, ...] = ()  # identity of these columns
    sorted_by: tuple[str, ...] = ()
    by_customer: bool = field(default=False)  # sharded by ranges of customer_id
    kept_history: bool = False  # of the first refresh of every month it is kept longer than the refresh itself

    @property
    def table(self) -> str:
        return f"{self.namespace}.{self.name}"

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def __iter__(self) -> Iterator[Column]:
        return iter(self.columns)

    def __getitem__(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.table} has no column {name!r}")

    def __contains__(self, name: object) -> bool:
        return name in self.column_names
