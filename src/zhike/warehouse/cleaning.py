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
from zhike.warehouse.files import delete_empty_folders, delete_files, list_files
from zhike.warehouse.locks import REFRESH, exclusive, landing
from zhike.warehouse.models import CurrentRefresh, Refresh
from zhike.warehouse.tables import all_contracts, computed_contracts

logger = logging.getLogger("zhike.clean")


@dataclass(frozen=True)
class Cleaned:
    """What was removed."""

    snapshots: int
    files: int
    bytes: int
    refreshes: int


def clean_up(*, unfinished_imports: Callable[[], Iterable[int]] = tuple) -> Cleaned:
    """Removes snapshots that no kept refresh names, and files that no snapshot names.

    Keeps the last `kept_refreshes` refreshes, the one in force, what every table holds now
    and the files of unfinished imports, which are asked for after the files were listed: the
    import of a file that was seen is then known. Raises AlreadyRunning beside a refresh or a landing.
    """
    with ExitStack() as locks:
        locks.enter_context(exclusive(REFRESH, what=_("a refresh")))
        for entity in ENTITIES:
            locks.enter_context(exclusive(landing(entity), what=_("an import of %(entity)s") % {"entity": entity}))
        return _clean(all_contracts(), unfinished_imports)


def forget_old_refreshes() -> Cleaned:
    """Removes what only refreshes older than the kept ones computed; for the holder of the refresh's lock."""
    return _clean(computed_contracts(), tuple)


def _clean(contracts: Iterable[Contract], unfinished_imports: Callable[[], Iterable[int]]) -> Cleaned:
    kept = _kept_refreshes()
    not_kept = Refresh.objects.exclude(pk__in=[refresh.pk for refresh in kept])
    # One that was abandoned stays listed as long as a finished one as old would.
    newest_gone = not_kept.filter(state=Refresh.State.FINISHED).aggregate(Max("pk"))["pk__max"] or 0
    forgotten = not_kept.filter(pk__lte=newest_gone)
    refresh_count = forgotten.count()
    forgotten.delete()
    snapshots = files = size = 0
    for contract in contracts:
        table = catalog.table_of(contract)
        found = list_files(table.location())
        unfinished = {str(number) for number in unfinished_imports()}
        snapshots += _expire(contract, table, kept, unfinished)
        orphans = _orphans(catalog.table_of(contract), found, tuple(f"/import-{number}-" for number in unfinished))
        delete_files(list(orphans))
        delete_empty_folders(table.location())
        files, size = files + len(orphans), size + sum(orphans.values())
    logger.info("cleaned up", extra={"snapshots": snapshots, "files": files, "bytes": size})
    return Cleaned(snapshots=snapshots, files=files, bytes=size, refreshes=refresh_count)


def _kept_refreshes() -> list[Refresh]:
    newest = Refresh.objects.filter(state=Refresh.State.FINISHED).order_by("-pk")[: settings.ZHIKE.kept_refreshes]
    current = CurrentRefresh.objects.values_list("refresh_id", flat=True)
    running = Refresh.objects.filter(state=Refresh.State.RUNNING)
    return list({r.pk: r for r in (*newest, *Refresh.objects.filter(pk__in=current), *running)}.values())


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
