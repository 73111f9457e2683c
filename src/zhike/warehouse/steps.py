"""What a refresh is made of: steps, each a pure function from tables to tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa
from ibis.expr.types import Table

from zhike.warehouse.contracts import Contract


@dataclass(frozen=True)
class Inputs:
    """The tables a step reads, by contract, and the day as of which it computes."""

    tables: Mapping[str, Table]
    as_of: date

    def __getitem__(self, contract: Contract) -> Table:
        return self.tables[contract.table]


Outputs = Mapping[Contract, "Table | pa.Table"]


@dataclass(frozen=True)
class Step:
    """One step: what it reads, what it writes and the pure function between.

    A step whose tables are all by customer is `by_shard`: on one machine it is run for
    one range of customers after the other. `shared` names the tables that several of its
    expressions read, and the columns they need, so that each is scanned once. One that computes `in_process` takes its
    tables as Arrow; DuckDB opens them and shards come one by one, whatever the refresh runs on.
    """

    name: str
    reads: tuple[Contract, ...]
    writes: tuple[Contract, ...]
    compute: Callable[[Inputs], Outputs]
    by_shard: bool = True
    shared: Mapping[Contract, tuple[str, ...]] = field(default_factory=dict)
    in_process: bool = False
    # Adds rows with new customer ids to its table, which it also reads at its newest:
    # an id once given stays given, whichever refresh is in force. Later steps are sharded by these ids.
    allocates_customers: bool = False
