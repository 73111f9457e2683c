"""Verbs of sources: add and change one, import a file or a query, export what was rejected."""

from __future__ import annotations

import hashlib
import logging
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from zhike.collect.sources.conversion import Surroundings
from zhike.collect.sources.detection import propose_mapping
from zhike.collect.sources.landing import Landed, prepare_landing
from zhike.collect.sources.mapping import Format, Mapping, mapping_from_data
from zhike.collect.sources.models import Import, Source
from zhike.collect.sources.readers import BadFile, Limits, Reader, inspect, open_file, open_query
from zhike.collect.sources.readers.jsonlines import JsonLinesReader
from zhike.collect.sources.rejects import is_reject_file
from zhike.collect.sources.staging import Staged, Staging, stage
from zhike.errors import UserError
from zhike.progress import Progress, Silent
from zhike.warehouse import catalog
from zhike.warehouse.contracts import Contract
from zhike.warehouse.entities import ENTITIES, REJECTS
from zhike.warehouse.files import delete_files, disk_room, list_files
from zhike.warehouse.locks import exclusive

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


@dataclass(frozen=True)
class _Delivery:
    """A file or query, opened."""

    name: str
    fingerprint: str
    reader: Reader
    mapping: Mapping
    path: Path | None = None
    stamp: tuple[int, int] | None = None  # size and time of the file before it was first read

    def check_unchanged(self) -> None:
        """Raises BadFile if the file is no longer the one whose fingerprint was taken."""
        if self.path is not None and _stamp(self.path) != self.stamp:
            raise BadFile(
                "changed while it was read; nothing was imported",
                where=self.name,
                advice="Import it again when nobody writes to it any more.",
            )


def add_source(
    *,
    name: str,
    title: str = "",
    lawful_basis: str = Source.LawfulBasis.UNSTATED,
    owner_unit: str = "",
    priority: int = 100,
) -> Source:
    """A new source. Raises UserError for a name that is taken or cannot be one."""
    _check_source(name, lawful_basis)
    if Source.objects.filter(name=name).exists():
        raise UserError(f"there is a source {name!r} already", advice="`zhike sources set` changes it.")
    return Source.objects.create(
        name=name, title=title, lawful_basis=lawful_basis, owner_unit=owner_unit, priority=priority
    )


def change_source(*, name: str, **changes: Any) -> Source:
    """The source with the given fields changed. Raises UserError if there is none."""
    source = Source.objects.filter(name=name).first()
    if source is None:
        raise UserError(f"there is no source {name!r}", advice="`zhike sources list` lists them.")
    if "lawful_basis" in changes:
        _check_source(name, changes["lawful_basis"])
    for field, value in changes.items():
        setattr(source, field, value)
    source.save()
    return source


def state_lawful_basis(*, name: str, lawful_basis: str) -> Source:
    """The source of this name, added if there is none, with its lawful basis."""
    _check_source(name, lawful_basis)
    return Source.objects.update_or_create(name=name, defaults={"lawful_basis": lawful_basis})[0]


def import_file(
    path: Path,
    *,
    entity: str,
    source: str,
    mapping: Mapping | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportResult:
    """Brings in all good rows of a file, or none; bad ones go to the rejects.

    The same file again adds nothing. A killed import leaves nothing behind and is
    continued by importing the same file again. Raises BadFile, MappingError,
    AlreadyRunning, DiskFull.
    """
    _check_entity(entity)
    limits = Limits(file=settings.ZHIKE.import_limit, line=settings.ZHIKE.line_limit)
    chosen = mapping or _remembered(source, entity)
    file_format = Format() if chosen is None or is_reject_file(path) else chosen.format
    stamp = _stamp(path)
    inspection = inspect(path, limits, file_format.encoding)
    reader = open_file(path, inspection, file_format, limits)
    if chosen is None:
        chosen = propose_mapping(entity, reader, where=path.name)
    delivery = _Delivery(path.name, inspection.fingerprint, reader, chosen, path, stamp)
    return _bring_in(delivery, entity, source, dry_run, progress or Silent())


def import_query(
    url: str,
    query: str,
    *,
    entity: str,
    source: str,
    mapping: Mapping | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportResult:
    """Brings in the rows of an SQL query on another database, as `import_file` does those of a file."""
    _check_entity(entity)
    reader, fingerprint = open_query(url, query)
    chosen = mapping or _remembered(source, entity) or propose_mapping(entity, reader, where="the query")
    name = "query " + hashlib.sha256(query.encode()).hexdigest()[:12]
    return _bring_in(_Delivery(name, fingerprint, reader, chosen), entity, source, dry_run, progress or Silent())


def _bring_in(delivery: _Delivery, entity: str, source_name: str, dry_run: bool, progress: Progress) -> ImportResult:
    started = time.perf_counter()
    mapping = delivery.mapping
    _check_source(source_name, mapping.lawful_basis or Source.LawfulBasis.UNSTATED)
    _check_mapping(mapping, entity, source_name, delivery)
    lock = f"import-{entity}-{source_name}-{delivery.fingerprint[:20]}"
    with exclusive(lock, what=f"an import of {delivery.name}"), disk_room(f"importing {delivery.name}"):
        if dry_run:
            return _try_out(delivery, source_name, progress, started)
        source = _source(source_name, mapping)
        record, earlier = _record(delivery, entity, source)
        if earlier is not None:
            return _nothing_new(record, earlier, mapping, source, started)
        try:
            _carry_out(record, delivery, progress)
        except Exception as error:
            _fail(record, error)
            raise
        record.seconds = time.perf_counter() - started
        _finish(record, source, mapping)
    return _result(record, mapping, source)


def _carry_out(record: Import, delivery: _Delivery, progress: Progress) -> None:
    """Stages, then lands: after the commits of rejects and rows the import cannot fail any more."""
    contract = delivery.mapping.contract
    staging = _staging(record)
    around = _surroundings(record.source.name, record.pk, record.started_at)
    staged = stage(delivery.reader, delivery.mapping, around, staging, progress)
    delivery.check_unchanged()
    progress.begin("landing", total=1)
    with exclusive(f"land-{contract.name}", what=f"another import of {contract.name}", wait=True):
        landed = _landed(record, staged, delivery.mapping, staging)
        # Imports of other entities write rejects too.
        with exclusive("land-rejects", what="another import", wait=True):
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


def _try_out(delivery: _Delivery, source_name: str, progress: Progress, started: float) -> ImportResult:
    """The numbers of an import that is not carried out; its files are removed again."""
    staging = Staging(settings.ZHIKE.scratch / f"dry-run-{time.time_ns():x}")
    import_id = -time.time_ns()
    staged, landed = Staged(), Landed([], 0, 0, 0)
    try:
        around = _surroundings(source_name, import_id, timezone.now())
        staged = stage(delivery.reader, delivery.mapping, around, staging, progress)
        delivery.check_unchanged()
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


def _record(delivery: _Delivery, entity: str, source: Source) -> tuple[Import, Import | None]:
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


def _nothing_new(record: Import, earlier: Import, mapping: Mapping, source: Source, started: float) -> ImportResult:
    record.same_as = earlier
    record.read_count, record.rejected_count = earlier.read_count, earlier.rejected_count
    record.duplicate_count = earlier.accepted_count + earlier.duplicate_count
    record.reasons = earlier.reasons
    record.seconds = time.perf_counter() - started
    _finish(record, source, mapping)
    return _result(record, mapping, source)


def _finish(record: Import, source: Source, mapping: Mapping) -> None:
    record.state = Import.State.FINISHED
    record.finished_at = timezone.now()
    with transaction.atomic():
        record.save()
        source.mappings[record.entity] = mapping.as_data()
        source.save(update_fields=["mappings"])
    _staging(record).discard()
    logger.info(
        "import finished",
        extra={"import_id": record.pk, "accepted": record.accepted_count, "rejected": record.rejected_count},
    )


def _fail(record: Import, error: Exception) -> None:
    """Leaves nothing of an import that cannot be carried out; what was committed cannot fail."""
    staging = _staging(record)
    if staging.load("landed") is None:
        staging.discard()
        _delete_unlanded(ENTITIES[record.entity], record.pk)
        record.state = Import.State.FAILED
        record.error = str(error) if isinstance(error, UserError) else type(error).__name__
        record.finished_at = timezone.now()
        record.save()
    logger.warning("import failed", extra={"import_id": record.pk, "error": type(error).__name__})


def _delete_unlanded(contract: Contract, import_id: int) -> None:
    for table in (contract, REJECTS):
        folder = f"{catalog.table_of(table).location()}/data"
        delete_files([uri for uri in list_files(folder) if uri.startswith(f"{folder}/import-{import_id}-")])


def _result(record: Import, mapping: Mapping, source: Source) -> ImportResult:
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


def _source(name: str, mapping: Mapping) -> Source:
    basis = mapping.lawful_basis or Source.LawfulBasis.UNSTATED
    source, is_new = Source.objects.get_or_create(name=name, defaults={"lawful_basis": basis})
    if not is_new and mapping.lawful_basis and source.is_quarantined:
        source.lawful_basis = mapping.lawful_basis
        source.save(update_fields=["lawful_basis"])
    return source


def _remembered(source: str, entity: str) -> Mapping | None:
    """The mapping this source's last import of the entity used."""
    known = Source.objects.filter(name=source).first()
    data = known.mappings.get(entity) if known else None
    return mapping_from_data(data, where=f"mapping of {source}") if data else None


def _stamp(path: Path) -> tuple[int, int] | None:
    """What changes when a file is written to; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def _check_entity(entity: str) -> None:
    if entity not in ENTITIES:
        raise UserError(f"no entity is called {entity!r}", where="--as", advice=f"Choose one of {', '.join(ENTITIES)}.")


def _check_source(name: str, lawful_basis: str) -> None:
    if not name or slugify(name) != name.lower() or len(name) > 60:
        raise UserError(
            f"{name!r} cannot be the name of a source",
            advice="Use letters, digits, - and _ such as `web-shop`; its title may be anything.",
        )
    if lawful_basis not in Source.LawfulBasis.values:
        raise UserError(
            f"{lawful_basis!r} is no lawful basis", advice=f"Choose one of {', '.join(Source.LawfulBasis.values)}."
        )


def _check_mapping(mapping: Mapping, entity: str, source: str, delivery: _Delivery) -> None:
    if mapping.entity != entity:
        raise UserError(f"the mapping is for {mapping.entity}, not for {entity}", where="--map")
    if mapping.source not in (None, source):
        raise UserError(f"the mapping is for source {mapping.source!r}, not for {source!r}", where="--map")
    wanted = mapping.file_columns
    if isinstance(delivery.reader, JsonLinesReader):
        delivery.reader.wanting(wanted)
    missing = [name for name in wanted if name not in delivery.reader.columns]
    if missing:
        raise BadFile(
            f"has no column {', '.join(map(repr, missing))}",
            where=delivery.name,
            advice=f"Its columns: {', '.join(delivery.reader.columns)}. Change the mapping, or the file's header.",
        )
