"""Removing what nothing refers to any more: old snapshots, and files of work that never landed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Max
from django.utils.translation import gettext as _
from pyiceberg.table import Table

from zhike.warehouse import catalog
from zhike.warehouse.contracts import Contract
from zhike.warehouse.entities import ENTITIES
from zhike.warehouse.files import delete_empty_folders, delete_files, list_files, remove_folder
from zhike.warehouse.locks import REFRESH, exclusive, landing
from zhike.warehouse.models import CurrentRefresh, Refresh
from zhike.warehouse.running import SCRATCH
from zhike.warehouse.tables import all_contracts, computed_contracts

logger = logging.getLogger("zhike.clean")
MONTHS_KEPT = 24  # of tables with a history


@dataclass(frozen=True)
class Cleaned:
    """What was removed."""

    snapshots: int
    files: int
    bytes: int
    refreshes: int


def clean_up(*, unfinished_imports: Callable[[], Iterable[int]] = tuple) -> Cleaned:
    """Removes snapshots that no kept refresh names, and files that no snapshot names.

    Keeps the last `kept_refreshes` refreshes, the one in force, of tables with a history the first refresh of
    every month for two years, what every table holds now and the files of unfinished imports, which are asked for
    after the files were listed: the import of a file that was seen is then known. Raises AlreadyRunning beside a
    refresh or a landing.
    """
    with ExitStack() as locks:
        locks.enter_context(exclusive(REFRESH, what=_("a refresh")))
        for entity in ENTITIES:
            locks.enter_context(exclusive(landing(entity), what=_("an import of %(entity)s") % {"entity": entity}))
        remove_folder(f"{settings.ZHIKE.warehouse}/{SCRATCH}")  # left by killed refreshes: none runs now
        return _clean(all_contracts(), unfinished_imports, refreshes=_forget())


def forget_old_refreshes() -> Cleaned:
    """Removes what only refreshes older than the kept ones computed; for the holder of the refresh's lock.

    Where there are none it looks at no table: what killed refreshes left goes with the next one that grows too old.
    """
    forgotten = _forget()
    kept = {refresh.pk for refresh in _kept_refreshes()}
    # Of one that is history alone only the tables with a history are kept.
    if not forgotten and all(refresh.pk in kept for refresh in _history()):
        return Cleaned(snapshots=0, files=0, bytes=0, refreshes=0)
    return _clean(computed_contracts(), tuple, refreshes=forgotten)


def _forget() -> int:
    """How many refreshes are neither kept nor history, and no longer known."""
    not_kept = Refresh.objects.exclude(pk__in=[refresh.pk for refresh in (*_kept_refreshes(), *_history())])
    # One that was abandoned stays listed as long as a finished one as old would.
    newest_gone = not_kept.filter(state=Refresh.State.FINISHED).aggregate(Max("pk"))["pk__max"] or 0
    forgotten = not_kept.filter(pk__lte=newest_gone)
    count = forgotten.count()
    forgotten.delete()
    return count


def _clean(
    contracts: Iterable[Contract], unfinished_imports: Callable[[], Iterable[int]], *, refreshes: int
) -> Cleaned:
    kept, history = _kept_refreshes(), _history()
    snapshots = files = size = 0
    for contract in contracts:
        table = catalog.table_of(contract)
        found = list_files(table.location())
        unfinished = {str(number) for number in unfinished_imports()}
        snapshots += _expire(contract, table, [*kept, *history] if contract.kept_history else kept, unfinished)
        orphans = _orphans(catalog.table_of(contract), found, tuple(f"/import-{number}-" for number in unfinished))
        delete_files(list(orphans))
        delete_empty_folders(table.location())
        files, size = files + len(orphans), size + sum(orphans.values())
    logger.info("cleaned up", extra={"snapshots": snapshots, "files": files, "bytes": size})
    return Cleaned(snapshots=snapshots, files=files, bytes=size, refreshes=refreshes)


def _kept_refreshes() -> list[Refresh]:
    """Those that may be put back. Refreshes of single tags are counted apart: they push out no whole one."""
    finished = Refresh.objects.filter(state=Refresh.State.FINISHED).order_by("-pk")
    newest = finished.filter(only="")[: settings.ZHIKE.kept_refreshes]
    of_tags = finished.exclude(only="")[: settings.ZHIKE.kept_refreshes]
    current = CurrentRefresh.objects.values_list("refresh_id", flat=True)
    running = Refresh.objects.filter(state=Refresh.State.RUNNING)
    return list({r.pk: r for r in (*newest, *of_tags, *Refresh.objects.filter(pk__in=current), *running)}.values())


def _history() -> list[Refresh]:
    """The first refresh of every month up to the newest, for two years."""
    finished = Refresh.objects.filter(state=Refresh.State.FINISHED, only="").order_by("as_of", "pk")
    newest = finished.last()
    if newest is None:
        return []
    since = newest.as_of.year * 12 + newest.as_of.month - MONTHS_KEPT
    first_of: dict[int, Refresh] = {}
    for refresh in finished:
        month = refresh.as_of.year * 12 + refresh.as_of.month
        if month > since:
            first_of.setdefault(month, refresh)
    return list(first_of.values())


def _expire(contract: Contract, table: Table, kept: list[Refresh], unfinished: set[str]) -> int:
    named = {snapshot for refresh in kept for snapshot in _snapshots(refresh, contract)}
    current = table.current_snapshot()
    superfluous = [
        snapshot.snapshot_id
        for snapshot in table.snapshots()
        if snapshot.snapshot_id not in named
        and (current is None or snapshot.snapshot_id != current.snapshot_id)
        # A killed import still has to find out whether its commit took place.
        and (snapshot.summary is None or snapshot.summary["zhike.import"] not in unfinished)
    ]
    if superfluous:
        table.maintenance.expire_snapshots().by_ids(superfluous).commit()
    return len(superfluous)


def _snapshots(refresh: Refresh, contract: Contract) -> list[int]:
    """A running refresh has its outputs in its steps until it ends."""
    named = [refresh.inputs, refresh.outputs, *(step.outputs for step in refresh.steps.all())]
    return [outputs[contract.table] for outputs in named if outputs.get(contract.table) is not None]


def _orphans(table: Table, found: dict[str, int], unfinished: tuple[str, ...]) -> dict[str, int]:
    """Of the files found below the table's folder those that its metadata does not name, with their sizes."""
    used = {table.metadata_location, *(entry.metadata_file for entry in table.metadata.metadata_log)}
    for snapshot in table.snapshots():
        used.add(snapshot.manifest_list)
        for manifest in snapshot.manifests(table.io):
            used.add(manifest.manifest_path)
            used |= {
                entry.data_file.file_path for entry in manifest.fetch_manifest_entry(table.io, discard_deleted=True)
            }
    return {uri: size for uri, size in found.items() if uri not in used and not any(mark in uri for mark in unfinished)}
