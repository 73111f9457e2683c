"""What a refresh is made of: steps, each a pure function from tables to tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

import pyarrow as pa
from ibis.expr.types import Table

from zhike.progress import Progress
from zhike.warehouse.computing import Engine
from zhike.warehouse.contracts import Contract


@dataclass(frozen=True)
class Inputs:
    """The tables a step reads, by contract, and the day as of which it computes."""

    tables: Mapping[str, Table]
    as_of: date
    beforehand: Mapping[str, Table] = field(default_factory=dict)  # what a gathering computed before
    cut: Callable[[Table], Table] = lambda table: table  # the customers at hand, of a table that has all

    def __getitem__(self, contract: Contract) -> Table:
        return self.tables[contract.table]


Outputs = Mapping[Contract, Table]
Snapshots = Mapping[str, int | None]  # table → its snapshot


class Refreshing(Protocol):
    """What a gathering may ask of the refresh that it is part of."""

    @property
    def as_of(self) -> date:
        """The day as of which everything is computed."""

    @property
    def customer_count(self) -> int:
        """How many customers there are."""

    @property
    def next_customer_id(self) -> int:
        """All customers have smaller numbers."""

    @property
    def shards(self) -> Sequence[int]:
        """The first customer of every range."""

    @property
    def snapshots(self) -> Snapshots:
        """The snapshot of every table that was read or written so far."""

    @property
    def progress(self) -> Progress:
        """Whom to tell how far the step is."""

    @property
    def before(self) -> Snapshots:
        """Those of what is in force until this is published; empty before the first."""

    @property
    def engine(self) -> Engine:
        """What computes it."""

    def open(self, contract: Contract, paths: Sequence[str]) -> Table:
        """Further files of a table, on the engine of the refresh."""

    def open_before(self, contract: Contract) -> Table:
        """A table as it is in force until this is published; without rows before the first."""

    def loaded(self, contract: Contract, rows: pa.Table) -> Table:
        """Rows of this process, on the engine of the refresh until the step has ended."""

    def new_file(self, contract: Contract, name: str) -> str:
        """The URI of a file that the step may write for a table."""


class Gathering(Protocol):
    """One run of a step that writes its files itself, out of what the engine computes."""

    def beforehand(self, whole: Inputs) -> Mapping[str, Table]:
        """What is computed of all customers at once, each with customer_id, and handed to `compute` by range."""

    def compute(self, inputs: Inputs) -> Table | None:
        """One row per customer with all that is to be written of them; None if there is nothing to compute.

        Asked once, and carried out for each range of customers: `inputs` are those of any range, and what else it
        reads of all customers is cut by `inputs.cut`.
        """

    def write(self, ranges: Iterator[tuple[int, pa.Table]]) -> Mapping[Contract, Sequence[str]]:
        """The URIs of all files that a table is made of now.

        `ranges` gives the first customer of each range with what was computed of it, sorted by customer_id;
        one is in memory at a time.
        """


@dataclass(frozen=True)
class Step:
    """One step: what it reads, what it writes and the pure function between.

    A step whose tables are all by customer is `by_shard`: on one machine it is run for
    one range of customers after the other. `shared` names the tables that several of its
    expressions read, and the columns they need, so that each is scanned once.
    """

    name: str
    reads: tuple[Contract, ...]
    writes: tuple[Contract, ...]
    compute: Callable[[Inputs], Outputs] | None = None
    by_shard: bool = True
    shared: Mapping[Contract, tuple[str, ...]] = field(default_factory=dict)
    # Adds rows with new customer ids to its table, which it also reads at its newest:
    # an id once given stays given, whichever refresh is in force. Later steps are sharded by these ids.
    allocates_customers: bool = False
    # How many rows it writes is how many of the ids lead to another customer.
    redirects_customers: bool = False
    # In place of `compute`: works with tables in between, or with those of the refresh before, which are there as long
    # as the context is.
    works: Callable[[Refreshing, Inputs], AbstractContextManager[Outputs]] | None = None
    # In place of `compute`: begins a gathering, which writes the files of this step.
    gathers: Callable[[Refreshing], Gathering] | None = None
