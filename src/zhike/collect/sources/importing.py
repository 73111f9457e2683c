"""One import from its record to its end: staged, landed, recorded; or undone."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zhike.collect.sources.conversion import Surroundings
from zhike.collect.sources.delivery import Delivery
from zhike.collect.sources.landing import Landed, prepare_landing
from zhike.collect.sources.mapping import Mapping
from zhike.collect.sources.models import Import, Source
from zhike.collect.sources.staging import Staged, Staging, stage
from zhike.errors import UserError
from zhike.operate.webhooks.models import Event
from zhike.operate.webhooks.services import announce
from zhike.progress import Progress
from zhike.warehouse import catalog
from zhike.warehouse.contracts import Contract
from zhike.warehouse.entities import ENTITIES, REJECTS
from zhike.warehouse.files import delete_files, list_files
from zhike.warehouse.locks import exclusive, landing

logger = logging.getLogger("zhike.import")


@dataclass(frozen=True)
class ImportResult:
    """What an import did, or would do. `read` = `accepted` + `duplicates` + `rejected`."""

    import_id: int | None  # None for a dry run
    read: int
    accepted: int
    corrections: int  # of the accepted, those that replace an earlier version
    duplicates: int
    rejected: int
    reasons: dict[str, int]
    seconds: float
    mapping: Mapping
    same_as: int | None = None  # the import that brought the very same file before
    quarantined: bool = False
    mapping_origin: str = "given"  # or remembered, or proposed


def carry_out(record: Import, delivery: Delivery, progress: Progress) -> None:
    """Stages, then lands: after the commits of rejects and rows the import cannot fail any more."""
    contract = delivery.mapping.contract
    staging = _staging(record)
    around = _surroundings(record.source.name, record.pk, record.started_at)
    staged = stage(delivery.reader, delivery.mapping, around, staging, progress)
    delivery.check_unchanged()
    progress.begin("landing", total=1)
    with exclusive(landing(contract.name), what=_("another import of %(name)s") % {"name": contract.name}, wait=True):
        landed = _landed(record, staged, delivery.mapping, staging)
        # Imports of other entities write rejects too.
        with exclusive("land-rejects", what=_("another import"), wait=True):
            _append_once(record, REJECTS, staged.reject_files)
        _append_once(record, contract, landed.files)
    progress.advance()
    record.read_count, record.rejected_count, record.reasons = staged.read, staged.rejected, staged.reasons
    record.accepted_count, record.correction_count = landed.accepted, landed.corrections
    record.duplicate_count = landed.duplicates
    delete_files([file for file in staged.files if file not in landed.files])


def _append_once(record: Import, contract: Contract, files: list[str]) -> None:
    """Commits files of an import, unless a process that was killed did."""
    if not _is_committed(record, contract):
        catalog.append_files(contract, files, properties={"zhike.import": str(record.pk)})


def _is_committed(record: Import, contract: Contract) -> bool:
    return catalog.committed_snapshot(contract, "zhike.import", str(record.pk)) is not None


def _landed(record: Import, staged: Staged, mapping: Mapping, staging: Staging) -> Landed:
    """What is to be committed, as decided before a kill if it was committed then or nothing came between."""
    compared_with = catalog.snapshot_id(mapping.contract)
    done = staging.load("landed")
    if done is not None and (done.pop("compared_with") == compared_with or _is_committed(record, mapping.contract)):
        return Landed(**done)  # type: ignore[arg-type]
    landed = (
        prepare_landing(mapping, record.source.name, record.pk, staged.files, staged.good)
        if staged.files
        else Landed([], 0, 0, 0)
    )
    staging.save("landed", {**vars(landed), "compared_with": compared_with})
    return landed


def try_out(
    delivery: Delivery,
    source_name: str,
    progress: Progress,
    started: float,
    look: Callable[[Staged], None] = lambda _staged: None,
) -> ImportResult:
    """The numbers of an import that is not carried out; its files are removed again, after a look at them."""
    staging = Staging(settings.ZHIKE.scratch / f"dry-run-{os.getpid()}-{time.time_ns():x}")
    import_id = -time.time_ns()
    staged, landed = Staged(), Landed([], 0, 0, 0)
    try:
        around = _surroundings(source_name, import_id, timezone.now())
        staged = stage(delivery.reader, delivery.mapping, around, staging, progress)
        delivery.check_unchanged()
        look(staged)
        if staged.files:
            landed = prepare_landing(delivery.mapping, source_name, import_id, staged.files, staged.good)
    finally:
        staging.discard()
        _delete_unlanded(delivery.mapping.contract, import_id)
    return ImportResult(
        import_id=None,
        read=staged.read,
        accepted=landed.accepted,
        corrections=landed.corrections,
        duplicates=landed.duplicates,
        rejected=staged.rejected,
        reasons=staged.reasons,
        seconds=time.perf_counter() - started,
        mapping=delivery.mapping,
    )


def find_record(delivery: Delivery, entity: str, source: Source) -> tuple[Import, Import | None]:
    """The record of this import (that of a killed one, or a new one) and of the earlier one that finished."""
    same = Import.objects.filter(
        source=source,
        entity=entity,
        fingerprint=delivery.fingerprint,
        mapping_fingerprint=delivery.mapping.fingerprint,
    )
    interrupted = same.filter(state=Import.State.RUNNING).first()
    earlier = same.filter(state=Import.State.FINISHED, same_as=None).first()
    record = interrupted or Import.objects.create(
        source=source,
        entity=entity,
        file_name=delivery.name,
        fingerprint=delivery.fingerprint,
        mapping=delivery.mapping.as_data(),
        mapping_fingerprint=delivery.mapping.fingerprint,
        started_at=timezone.now(),
    )
    logger.info(
        "import resumed" if interrupted else "import begun",
        extra={"import_id": record.pk, "entity": entity, "source": source.name},
    )
    return record, earlier


def nothing_new(record: Import, earlier: Import, delivery: Delivery, source: Source, started: float) -> ImportResult:
    record.same_as = earlier
    record.read_count, record.rejected_count = earlier.read_count, earlier.rejected_count
    record.duplicate_count = earlier.accepted_count + earlier.duplicate_count
    record.reasons = earlier.reasons
    record.seconds = time.perf_counter() - started
    finish_import(record, source, delivery)
    return result_of(record, delivery.mapping, source)


def finish_import(record: Import, source: Source, delivery: Delivery) -> None:
    record.state = Import.State.FINISHED
    record.finished_at = timezone.now()
    with transaction.atomic():
        record.save()
        if not delivery.is_routine:
            source.mappings[record.entity] = delivery.mapping.as_data()
            source.save(update_fields=["mappings"])
            announce(kind=Event.IMPORT_FINISHED, payload=_told(record))
    _staging(record).discard()
    logger.info(
        "import finished",
        extra={"import_id": record.pk, "accepted": record.accepted_count, "rejected": record.rejected_count},
    )


def fail_import(record: Import, error: Exception, delivery: Delivery) -> None:
    """Leaves nothing of an import that cannot be carried out; what was committed cannot fail."""
    staging = _staging(record)
    if staging.load("landed") is None:
        staging.discard()
        _delete_unlanded(ENTITIES[record.entity], record.pk)
        record.state = Import.State.FAILED
        record.error = str(error) if isinstance(error, UserError) else type(error).__name__
        record.finished_at = timezone.now()
        with transaction.atomic():
            record.save()
            if not delivery.is_routine:
                announce(kind=Event.IMPORT_FAILED, payload=_told(record))
    logger.warning("import failed", extra={"import_id": record.pk, "error": type(error).__name__})


def _told(record: Import) -> dict[str, object]:
    """What others are told of an import: numbers and names, no row."""
    return {
        "import_id": record.pk,
        "source": record.source.name,
        "entity": record.entity,
        "state": record.state,
        "read": record.read_count,
        "accepted": record.accepted_count,
        "corrections": record.correction_count,
        "duplicates": record.duplicate_count,
        "rejected": record.rejected_count,
        "error": record.error,
    }


def _delete_unlanded(contract: Contract, import_id: int) -> None:
    for table in (contract, REJECTS):
        folder = f"{catalog.table_of(table).location()}/data"
        delete_files([uri for uri in list_files(folder) if uri.startswith(f"{folder}/import-{import_id}-")])


def result_of(record: Import, mapping: Mapping, source: Source) -> ImportResult:
    return ImportResult(
        import_id=record.pk,
        read=record.read_count,
        accepted=record.accepted_count,
        corrections=record.correction_count,
        duplicates=record.duplicate_count,
        rejected=record.rejected_count,
        reasons=record.reasons,
        seconds=record.seconds,
        mapping=mapping,
        same_as=record.same_as_id,
        quarantined=source.is_quarantined,
    )


def discard_leftovers() -> None:
    """Removes checkpoints of imports that are over, and of dry runs, whose process was killed before it did."""
    running = set(Import.objects.filter(state=Import.State.RUNNING).values_list("pk", flat=True))
    for folder in (settings.ZHIKE.home / "staging").glob("import-*"):
        if int(folder.name.removeprefix("import-")) not in running:
            Staging(folder).discard()
    for folder in settings.ZHIKE.scratch.glob("dry-run-*"):
        if not Path(f"/proc/{folder.name.split('-')[2]}").exists():
            Staging(folder).discard()


def _staging(record: Import) -> Staging:
    return Staging(settings.ZHIKE.home / "staging" / f"import-{record.pk}")


def _surroundings(source: str, import_id: int, now: datetime) -> Surroundings:
    installation = settings.ZHIKE
    return Surroundings(
        source=source,
        import_id=import_id,
        time_zone=installation.time_zone,
        currency=installation.currency,
        now=now,
    )
