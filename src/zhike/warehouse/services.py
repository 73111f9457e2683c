"""Verbs of the warehouse: run a refresh, publish it, put an older one back, clean up."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from ibis.expr.types import Table

from zhike.errors import NotFound, UserError
from zhike.progress import Progress, Silent
from zhike.warehouse import catalog, cleaning
from zhike.warehouse.contracts import CUSTOMERS_PER_SHARD, Contract
from zhike.warehouse.engines import Engine, engine_named
from zhike.warehouse.engines.duckdb import embedded
from zhike.warehouse.files import disk_room, filesystem, inner_path, make_folder
from zhike.warehouse.locks import REFRESH, exclusive
from zhike.warehouse.models import CurrentRefresh, Refresh, RefreshStep
from zhike.warehouse.signals import refresh_published
from zhike.warehouse.steps import Inputs, Step
from zhike.warehouse.tables import computed_contracts, refresh_steps

logger = logging.getLogger("zhike.refresh")


def today() -> date:
    """Today in the business time zone."""
    return datetime.now(ZoneInfo(settings.ZHIKE.time_zone)).date()


def run_refresh(
    *, as_of: date | None = None, engine_name: str | None = None, progress: Progress | None = None
) -> Refresh:
    """Computes everything from what is collected and publishes it at once.

    A refresh that was interrupted is resumed with the inputs it began with, unless
    another day or engine is asked for. Until the end the previous one stays in force. Then
    refreshes older than the kept ones are removed.
    Raises AlreadyRunning, DiskFull, MergeOnReadDeletes.
    """
    engine_name = engine_name or settings.ZHIKE.engine
    steps = refresh_steps()
    with exclusive(REFRESH, what=_("a refresh")), disk_room(_("refreshing")):
        refresh = _resumable(as_of, engine_name) or _begin(steps, as_of or today(), engine_name)
        run = _Run(refresh, engine_named(engine_name), progress or Silent())
        for position, step in enumerate(steps):
            run.carry_out(step, position)
        _publish(refresh)
        cleaning.forget_old_refreshes()
    return refresh


def publish_refresh(refresh_id: int) -> Refresh:
    """Puts an older refresh back in force. Raises UserError if it cannot be."""
    with exclusive(REFRESH, what=_("a refresh")):
        refresh = Refresh.objects.filter(pk=refresh_id).first()
        if refresh is None:
            raise NotFound(
                _("there is no refresh %(refresh_id)s") % {"refresh_id": refresh_id},
                advice=_("`zhike refreshes list` lists them."),
            )
        if refresh.state != Refresh.State.FINISHED:
            raise UserError(
                _("refresh %(refresh_id)s never finished") % {"refresh_id": refresh_id},
                advice=_("`zhike refreshes list` lists those that did."),
            )
        for contract in computed_contracts():
            wanted = refresh.outputs.get(contract.table)
            if wanted and catalog.table_of(contract).snapshot_by_id(wanted) is None:
                raise UserError(
                    _("refresh %(refresh_id)s has been cleaned up") % {"refresh_id": refresh_id},
                    advice=_("The last %(kept_refreshes)s are kept (ZHIKE_KEPT_REFRESHES).")
                    % {"kept_refreshes": settings.ZHIKE.kept_refreshes},
                )
        with transaction.atomic():
            _move_pointer(refresh)
    return refresh


def _resumable(as_of: date | None, engine_name: str) -> Refresh | None:
    """The interrupted refresh, if it is the one asked for; another one is abandoned."""
    interrupted = Refresh.objects.filter(state=Refresh.State.RUNNING).first()
    if interrupted is None:
        return None
    if interrupted.engine == engine_name and as_of in (None, interrupted.as_of):
        logger.info("refresh resumed", extra={"refresh_id": interrupted.pk})
        return interrupted
    interrupted.state = Refresh.State.ABANDONED
    interrupted.save(update_fields=["state"])
    return None


def _begin(steps: Sequence[Step], as_of: date, engine_name: str) -> Refresh:
    written = {contract.table for step in steps for contract in step.writes}
    collected = {c.table: c for step in steps for c in step.reads if c.table not in written}
    inputs = {name: catalog.snapshot_id(contract) for name, contract in collected.items()}
    refresh = Refresh.objects.create(as_of=as_of, engine=engine_name, inputs=inputs)
    logger.info("refresh begun", extra={"refresh_id": refresh.pk, "as_of": str(as_of), "engine": engine_name})
    return refresh


class _Run:
    """One process working through the steps of one refresh."""

    def __init__(self, refresh: Refresh, engine: Engine, progress: Progress) -> None:
        self.refresh = refresh
        self.engine = engine
        self.progress = progress
        self.shards: tuple[int, ...] = (0,)

    def carry_out(self, step: Step, position: int) -> None:
        """Runs a step and records it, unless an earlier process did."""
        done = self.refresh.steps.filter(name=step.name).first()
        if done is None:
            started = time.perf_counter()
            outputs, rows = self._compute(step)
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
            self._count_customers(step.writes[0])

    def _count_customers(self, ledger: Contract) -> None:
        """Customer ids are dense: the highest tells how many shards there are."""
        highest = self.engine.arrow(self._open(self.engine, ledger).customer_id.max().as_table())[0][0].as_py()
        self.refresh.customer_count = 0 if highest is None else highest + 1
        self.shards = tuple(range(0, max(1, self.refresh.customer_count), CUSTOMERS_PER_SHARD))

    def _compute(self, step: Step) -> tuple[dict[str, int | None], int]:
        engine = embedded() if step.in_process else self.engine
        one_by_one = step.by_shard and engine.shard_by_shard
        rounds: list[int | None] = list(self.shards) if one_by_one else [None]
        written: dict[Contract, list[str]] = {contract: [] for contract in step.writes}
        self.progress.begin(step.name, total=len(rounds))
        for shard in rounds:
            tables = {contract.table: self._open(engine, contract, shard) for contract in step.reads}
            if step.allocates_customers:
                tables |= {contract.table: self._open_newest(engine, contract) for contract in step.writes}
            with ExitStack() as stack:
                if step.shared:
                    narrow = [tables[contract.table].select(*columns) for contract, columns in step.shared.items()]
                    once = stack.enter_context(engine.sharing(*narrow))
                    tables |= dict(zip((contract.table for contract in step.shared), once, strict=True))
                for contract, result in step.compute(Inputs(tables, self.refresh.as_of)).items():
                    written[contract] += self._write(contract, result, self.shards if shard is None else (shard,))
            self.progress.advance()
        return self._commit(step, written)

    def _commit(self, step: Step, written: dict[Contract, list[str]]) -> tuple[dict[str, int | None], int]:
        commit = catalog.append_files if step.allocates_customers else catalog.replace_files
        properties = {"zhike.refresh": str(self.refresh.pk)}
        outputs: dict[str, int | None] = {}
        rows = 0
        for contract, paths in written.items():
            outputs[contract.table] = commit(contract, paths, properties=properties)
            if contract is step.writes[0]:
                rows = sum(file.rows for file in catalog.files_of(contract, outputs[contract.table]))
        return outputs, rows

    def _open(self, engine: Engine, contract: Contract, shard: int | None = None) -> Table:
        snapshot = {**self.refresh.inputs, **self.refresh.outputs}.get(contract.table)
        files = catalog.files_of(contract, snapshot)
        return engine.open(contract, [f.path for f in files if shard is None or f.shard in (shard, None)])

    def _open_newest(self, engine: Engine, contract: Contract) -> Table:
        files = catalog.files_of(contract, catalog.snapshot_id(contract))
        return engine.open(contract, [file.path for file in files])

    def _write(self, contract: Contract, result: Table | pa.Table, shards: Sequence[int]) -> list[str]:
        folder = f"{catalog.table_of(contract).location()}/data"
        prefix = f"refresh-{self.refresh.pk}-{time.time_ns():x}"
        if isinstance(result, Table):
            return self.engine.write(contract, result, folder, prefix, shards=shards)
        if not result.num_rows:
            return []
        make_folder(folder)
        uri = f"{folder}/{prefix}-{shards[0]}.parquet"
        pq.write_table(result, inner_path(uri), filesystem=filesystem(), compression="zstd")
        return [uri]


def _publish(refresh: Refresh) -> None:
    refresh.state = Refresh.State.FINISHED
    refresh.finished_at = timezone.now()
    with transaction.atomic():
        refresh.save()
        _move_pointer(refresh)
    logger.info("refresh published", extra={"refresh_id": refresh.pk, "customers": refresh.customer_count})


def _move_pointer(refresh: Refresh) -> None:
    CurrentRefresh.objects.update_or_create(singleton=True, defaults={"refresh": refresh})
    refresh_published.send(sender=Refresh, refresh=refresh)
