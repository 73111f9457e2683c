"""How the steps of one refresh are carried out on its engine."""

from __future__ import annotations

import contextlib
import logging
import re
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import date
from functools import partial

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from ibis.expr.types import Table

from zhike.progress import Progress
from zhike.warehouse import catalog
from zhike.warehouse.computing import ByRange, Engine
from zhike.warehouse.contracts import CUSTOMERS_PER_SHARD, Contract
from zhike.warehouse.files import filesystem, inner_path, make_folder, remove_folder
from zhike.warehouse.models import Refresh, RefreshStep
from zhike.warehouse.steps import Gathering, Inputs, Snapshots, Step

logger = logging.getLogger("zhike.refresh")
SCRATCH = "scratch"  # below the warehouse; what a killed process left there, cleaning removes


class Run:
    """One process working through steps of one refresh; `name` is what its files begin with."""

    def __init__(self, refresh: Refresh, engine: Engine, progress: Progress, *, name: str, before: Snapshots) -> None:
        self.refresh = refresh
        self.engine = engine
        self.progress = progress
        self.name = name
        self.before = before
        self.shards: tuple[int, ...] = (0,)
        self._scratch = ""
        self._folders: dict[str, str] = {}

    @property
    def as_of(self) -> date:
        """The day as of which everything is computed."""
        return self.refresh.as_of

    @property
    def customer_count(self) -> int:
        """How many customers there are."""
        return self.refresh.customer_count

    @property
    def next_customer_id(self) -> int:
        """All customers have smaller numbers."""
        return self.refresh.next_customer_id

    @property
    def snapshots(self) -> Snapshots:
        """The snapshot of every table that was read or written so far."""
        return {**self.refresh.inputs, **self.refresh.outputs}

    def carry_out(self, step: Step, position: int) -> None:
        """Runs a step and records it, unless an earlier process did."""
        done = self.refresh.steps.filter(name=step.name).first()
        if done is None:
            started = time.perf_counter()
            outputs, rows = self.compute(step)
            done = RefreshStep.objects.create(
                refresh=self.refresh,
                name=step.name,
                position=position,
                rows=rows,
                seconds=time.perf_counter() - started,
                outputs=outputs,
            )
            logger.info("step finished", extra={"refresh_id": self.refresh.pk, "step": step.name, "rows": rows})
        self.refresh.outputs |= done.outputs
        if step.allocates_customers:
            self._count_ids(step.writes[0])
        if step.redirects_customers:
            self.refresh.customer_count = self.refresh.next_customer_id - done.rows

    def compute(self, step: Step) -> tuple[dict[str, int | None], int]:
        """The snapshots of what a step wrote, and the rows of the first of its tables."""
        if step.gathers is not None:
            with self._with_scratch():
                written = self._gather(step, step.gathers(self))
        elif step.works is not None:
            written = self._work(step)
        else:
            written = self._write_tables(step)
        return self._commit(step, written)

    def cut(self, next_customer_id: int) -> None:
        """Says up to where there are customers, and so their ranges."""
        self.shards = tuple(range(0, max(1, next_customer_id), CUSTOMERS_PER_SHARD))

    def open(self, contract: Contract, paths: Sequence[str]) -> Table:
        """Further files of a table, on the engine of the refresh."""
        return self.engine.open(contract, paths)

    def open_before(self, contract: Contract) -> Table:
        """A table as it is in force until this is published; without rows before the first."""
        files = catalog.files_of(contract, self.before.get(contract.table))
        return self.engine.open(contract, [file.path for file in files])

    def loaded(self, contract: Contract, rows: pa.Table) -> Table:
        """Rows of this process, on the engine of the refresh until the step has ended."""
        make_folder(self._scratch)
        uri = f"{self._scratch}/{uuid.uuid4().hex}-{contract.name}.parquet"
        pq.write_table(rows, inner_path(uri), filesystem=filesystem(), compression="zstd")
        return self.engine.open(contract, [uri])

    def new_file(self, contract: Contract, name: str) -> str:
        """The URI of a file that the step may write for a table."""
        return f"{self._folder(contract)}/{self._prefix()}-{re.sub(r'[^A-Za-z0-9_]', '_', name)}.parquet"

    def _count_ids(self, ledger: Contract) -> None:
        """Customer ids are given one after the other: the highest tells how many shards there are."""
        highest = self.engine.arrow(self._open(ledger).customer_id.max().as_table())[0][0].as_py()
        self.refresh.next_customer_id = 0 if highest is None else highest + 1
        self.cut(self.refresh.next_customer_id)

    def _work(self, step: Step) -> Mapping[Contract, Sequence[str]]:
        assert step.works is not None, f"{step.name} does no work"
        self.progress.begin(step.name, total=None)
        with (
            self._with_scratch(),
            self.engine.inputs(self._files(step, None)) as tables,
            step.works(self, Inputs(tables, self.as_of)) as outputs,
        ):
            return {contract: self._write(contract, result, self.shards) for contract, result in outputs.items()}

    def _write_tables(self, step: Step) -> Mapping[Contract, Sequence[str]]:
        assert step.compute is not None, f"{step.name} computes nothing"
        one_by_one = step.by_shard and self.engine.shard_by_shard
        rounds: list[int | None] = list(self.shards) if one_by_one else [None]
        written: dict[Contract, list[str]] = {contract: [] for contract in step.writes}
        self.progress.begin(step.name, total=len(rounds))
        for shard in rounds:
            with ExitStack() as stack:
                tables = stack.enter_context(self.engine.inputs(self._files(step, shard)))
                if step.allocates_customers:
                    tables |= {contract.table: self._open_newest(contract) for contract in step.writes}
                if step.shared:
                    narrow = [tables[contract.table].select(*columns) for contract, columns in step.shared.items()]
                    once = stack.enter_context(self.engine.sharing(*narrow))
                    tables |= dict(zip((contract.table for contract in step.shared), once, strict=True))
                for contract, result in step.compute(Inputs(tables, self.as_of)).items():
                    written[contract] += self._write(contract, result, self.shards if shard is None else (shard,))
            self.progress.advance()
        return written

    def _gather(self, step: Step, gathering: Gathering) -> Mapping[Contract, Sequence[str]]:
        self.progress.begin(step.name, total=len(self.shards))
        with ExitStack() as stack:
            tables = stack.enter_context(self.engine.inputs(self._files(step, None)))
            whole = gathering.beforehand(Inputs(tables, self.as_of))
            once = stack.enter_context(self.engine.sharing(*whole.values()))
            wanted = ByRange(
                name=step.name,
                tables={contract: partial(self._paths, contract) for contract in step.reads},
                whole=dict(zip(whole, once, strict=True)),
                compute=lambda tables, whole, cut: gathering.compute(Inputs(tables, self.as_of, whole, cut)),
                shards=self.shards,
                scratch=self._scratch,
            )
            return gathering.write(self._told(self.engine.ranges(wanted)))

    def _told(self, ranges: Iterator[tuple[int, pa.Table]]) -> Iterator[tuple[int, pa.Table]]:
        for one in ranges:
            yield one
            self.progress.advance()

    def _commit(self, step: Step, written: Mapping[Contract, Sequence[str]]) -> tuple[dict[str, int | None], int]:
        commit = catalog.append_files if step.allocates_customers else catalog.replace_files
        properties = {"zhike.refresh": str(self.refresh.pk or self.name)}
        outputs: dict[str, int | None] = {}
        rows = 0
        for contract, paths in written.items():
            outputs[contract.table] = commit(contract, paths, properties=properties)
            if contract is step.writes[0]:
                rows = sum(file.rows for file in catalog.files_of(contract, outputs[contract.table]))
        return outputs, rows

    def _files(self, step: Step, shard: int | None) -> dict[Contract, list[str]]:
        return {contract: self._paths(contract, shard) for contract in step.reads}

    def _open(self, contract: Contract, shard: int | None = None) -> Table:
        return self.engine.open(contract, self._paths(contract, shard))

    def _paths(self, contract: Contract, shard: int | None) -> list[str]:
        files = catalog.files_of(contract, self.snapshots.get(contract.table))
        return [file.path for file in files if shard is None or file.shard in (shard, None)]

    def _open_newest(self, contract: Contract) -> Table:
        files = catalog.files_of(contract, catalog.snapshot_id(contract))
        return self.engine.open(contract, [file.path for file in files])

    def _write(self, contract: Contract, result: Table, shards: Sequence[int]) -> list[str]:
        return self.engine.write(contract, result, self._folder(contract), self._prefix(), shards=shards)

    def _folder(self, contract: Contract) -> str:
        """Where the files of a table lie; asked of the catalog once."""
        if contract.table not in self._folders:
            self._folders[contract.table] = f"{catalog.table_of(contract).location()}/data"
            make_folder(self._folders[contract.table])
        return self._folders[contract.table]

    def _prefix(self) -> str:
        return f"{self.name}-{time.time_ns():x}"

    @contextlib.contextmanager
    def _with_scratch(self) -> Iterator[None]:
        """A folder of the warehouse for what the engine and this process hand each other."""
        self._scratch = f"{settings.ZHIKE.warehouse}/{SCRATCH}/{uuid.uuid4().hex}"
        try:
            yield
        finally:
            remove_folder(self._scratch)
