"""What every engine promises, whichever computes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa
from ibis.expr.types import Table

from zhike.warehouse.contracts import Contract

if TYPE_CHECKING:
    from ibis.backends.sql import SQLBackend
    from splink.internals.database_api import DatabaseAPI

Cut = Callable[[Table], Table]


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

    def inputs(self, files: Mapping[Contract, Sequence[str]]) -> AbstractContextManager[dict[str, Table]]:
        """Files as `open` has them, by the name of their contract, until the block ends.

        Of other files it gives the same tables, so that an expression of them is put into the engine's language once.
        """

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
