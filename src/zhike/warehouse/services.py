"""Verbs of the warehouse: run a refresh, publish it, put an older one back, clean up."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zhike.errors import NotFound, UserError
from zhike.progress import Progress, Silent
from zhike.warehouse import catalog, cleaning
from zhike.warehouse.engines import engine_named
from zhike.warehouse.files import disk_room
from zhike.warehouse.locks import REFRESH, exclusive
from zhike.warehouse.models import CurrentRefresh, Refresh, RefreshStep
from zhike.warehouse.queries import NothingPublished, refresh_in_force
from zhike.warehouse.running import Run
from zhike.warehouse.signals import refresh_published
from zhike.warehouse.steps import Gathering, Refreshing, Snapshots, Step
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
        name, before = f"refresh-{refresh.pk}", _snapshots_in_force()
        run = Run(refresh, engine_named(engine_name), progress or Silent(), name=name, before=before)
        for position, step in enumerate(steps):
            run.carry_out(step, position)
        _publish(refresh)
        cleaning.forget_old_refreshes()
    return refresh


def amend_refresh(
    step: Step, *, only: str, begin: Callable[[Refreshing], Gathering], progress: Progress | None = None
) -> Refresh:
    """The refresh in force with the tables of one step written anew by `begin`, published as a refresh of its own.

    Every other table is taken over as it is. A process that is killed leaves the one in force as it was.
    Raises AlreadyRunning, DiskFull, NothingPublished.
    """
    with exclusive(REFRESH, what=_("a refresh")), disk_room(_("computing %(name)s") % {"name": only}):
        base = refresh_in_force()
        refresh = Refresh(as_of=base.as_of, engine=settings.ZHIKE.engine, only=only)
        refresh.inputs, refresh.outputs = dict(base.inputs), dict(base.outputs)
        refresh.customer_count, refresh.next_customer_id = base.customer_count, base.next_customer_id
        name = f"{step.name}-{time.time_ns():x}"
        run = Run(refresh, engine_named(refresh.engine), progress or Silent(), name=name, before=base.outputs)
        run.cut(base.next_customer_id)
        started = time.perf_counter()
        outputs, rows = run.compute(replace(step, gathers=begin))
        refresh.outputs |= outputs
        done = RefreshStep(name=step.name, position=0, rows=rows, outputs=outputs)
        done.seconds = time.perf_counter() - started
        _publish(refresh, done)
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


def _snapshots_in_force() -> Snapshots:
    try:
        return refresh_in_force().outputs
    except NothingPublished:
        return {}


def _publish(refresh: Refresh, *steps: RefreshStep) -> None:
    refresh.state = Refresh.State.FINISHED
    refresh.finished_at = timezone.now()
    with transaction.atomic():
        refresh.save()
        for step in steps:
            step.refresh = refresh
            step.save()
        _move_pointer(refresh)
    logger.info("refresh published", extra={"refresh_id": refresh.pk, "customers": refresh.customer_count})


def _move_pointer(refresh: Refresh) -> None:
    CurrentRefresh.objects.update_or_create(singleton=True, defaults={"refresh": refresh})
    refresh_published.send(sender=Refresh, refresh=refresh)
