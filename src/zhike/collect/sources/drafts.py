"""Imports that are being prepared: a file that was handed in, what it holds, and how its columns are read."""

from __future__ import annotations

import logging
from contextlib import closing
from dataclasses import asdict
from datetime import timedelta
from typing import IO, Any, cast
from uuid import UUID

import yaml
from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic import ValidationError

from zhike.collect.sources.columns import file_format
from zhike.collect.sources.detection import SAMPLE_ROWS, MappingIncomplete, match_columns, propose_mapping
from zhike.collect.sources.mapping import Format, Mapping, MappingError, mapping_from_data
from zhike.collect.sources.models import Source, Upload
from zhike.collect.sources.readers import Inspection, Limits, Reader, inspect, open_file
from zhike.collect.sources.readers.inspection import SAMPLE, open_text
from zhike.collect.sources.rejects import is_reject_file
from zhike.collect.sources.services import check_entity, check_source
from zhike.collect.sources.uploads import discard, discard_abandoned, keep
from zhike.errors import NotFound, UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.operate.jobs.models import Job
from zhike.operate.jobs.services import enqueue_job
from zhike.warehouse.entities import ENTITIES

logger = logging.getLogger("zhike.import")
KEPT_DAYS = 7
SAMPLE_VALUES = 3
OVER = (Job.State.FINISHED, Job.State.FAILED, Job.State.CANCELLED)


class NoSuchUpload(NotFound):
    """The upload was discarded, or is somebody else's."""


def begin_upload(
    *, file: IO[bytes], name: str, size: int, entity: str, source: str, lawful_basis: str = "", encoding: str = ""
) -> Upload:
    """A file, kept and looked into, with the mapping that its source had last or that fits best.

    The mapping may lack required columns. Raises Denied, TooLarge, BadFile, UserError.
    """
    actor = require(Right.IMPORT)
    assert actor.id is not None, "pages are for people who signed in"
    check_entity(entity)
    check_source(source, lawful_basis or Source.LawfulBasis.UNSTATED)
    path = keep(file, name, size)
    try:
        upload = Upload(
            owner_id=actor.id,
            name=name[-200:],
            path=str(path.relative_to(settings.ZHIKE.home)),
            size=path.stat().st_size,
            entity=entity,
            source=source,
        )
        remembered = _remembered(source, entity)
        upload.mapping = dict(remembered)
        if is_reject_file(path):  # written by us, however the file was that its rows come from
            upload.mapping.pop("format", None)
        if encoding:
            upload.mapping["format"] = {**upload.mapping.get("format", {}), "encoding": encoding}
        look_into(upload)
        if not remembered:
            upload.mapping |= {"entity": entity, "columns": _proposed(upload)}
        if lawful_basis:
            upload.mapping["lawful_basis"] = lawful_basis
        upload.save(force_insert=True)
    except BaseException:
        discard(path)
        raise
    return upload


def look_into(upload: Upload) -> None:
    """Notes what the file is, its columns and some of their values. Raises BadFile."""
    limits = Limits(file=settings.ZHIKE.import_limit, line=settings.ZHIKE.line_limit)
    written = file_format(upload)
    inspection = inspect(upload.file, limits, written.encoding)
    reader = open_file(upload.file, inspection, written, limits)
    form = {name: value for name, value in asdict(inspection).items() if name != "sample"}
    upload.found = {"form": form, "columns": list(reader.columns), "samples": _samples(reader)}


def opened(upload: Upload) -> Reader:
    """The file, opened again without a second look at all of it."""
    inspection = Inspection(**upload.found["form"])
    if inspection.kind in ("csv", "jsonl"):
        with open_text(upload.file, is_gzip=inspection.is_gzip) as file:
            inspection.sample = file.read(SAMPLE)
    limits = Limits(file=settings.ZHIKE.import_limit, line=settings.ZHIKE.line_limit)
    return open_file(upload.file, inspection, file_format(upload), limits)


def own_uploads() -> QuerySet[Upload]:
    """What whoever acts is preparing, or what failed when it was carried out; newest first."""
    actor = require(Right.IMPORT)
    unsettled = Q(job=None) | Q(job__state__in=[Job.State.FAILED, Job.State.CANCELLED])
    return Upload.objects.filter(unsettled, owner_id=actor.id).select_related("job")


def own_upload(upload_id: UUID) -> Upload:
    """One of them. Raises Denied, NoSuchUpload."""
    upload = own_uploads().filter(pk=upload_id).first()
    if upload is None or not upload.file.exists():
        raise NoSuchUpload(_("this upload is no longer there"), advice=_("Upload the file again."))
    return upload


def settle_mapping(upload: Upload, data: dict[str, Any]) -> Mapping:
    """The mapping, kept with the upload even where it cannot be used yet. Raises MappingError."""
    is_written_otherwise = data.get("format") != upload.mapping.get("format")
    try:
        Format.model_validate(data.get("format") or {})
    except ValidationError as error:  # the file is not opened in a way that there is not
        raise MappingError(error.errors()[0]["msg"], where=_("mapping")) from error
    upload.mapping = data
    if is_written_otherwise:
        look_into(upload)
    upload.save(update_fields=["mapping", "found"])
    return mapping_of(upload)


def mapping_of(upload: Upload) -> Mapping:
    """The mapping as it is settled. Raises MappingError where it cannot be used."""
    return mapping_from_data(upload.mapping, where=_("mapping"))


def start_import(upload: Upload) -> Job:
    """The job that imports the file. Until it finished well, the upload stays to be mended. Raises MappingError."""
    require(Right.IMPORT)
    mapping = mapping_of(upload)
    arguments = {
        "path": str(upload.file),
        "entity": upload.entity,
        "source": upload.source,
        "mapping": mapping.as_data(),
    }
    upload.job = enqueue_job(kind="import", arguments=arguments)
    upload.save(update_fields=["job"])
    return upload.job


def discard_upload(upload: Upload) -> None:
    """Removes the upload and its file. Raises UserError while it is being imported."""
    require(Right.IMPORT)
    if upload.job is not None and not upload.job.is_over:
        raise UserError(_("the file is being imported"), advice=_("Cancel the work first."))
    discard(upload.file)
    upload.delete()


def clean_uploads() -> None:
    """Removes uploads that were imported, and those that nobody took up for a week."""
    old = Q(created_at__lt=timezone.now() - timedelta(days=KEPT_DAYS)) & (Q(job=None) | Q(job__state__in=OVER))
    for upload in Upload.objects.filter(Q(job__state=Job.State.FINISHED) | old):
        logger.info("upload removed", extra={"upload": str(upload.pk)})
        discard(upload.file)
        upload.delete()
    discard_abandoned(wanted={upload.file.parent.name for upload in Upload.objects.all()})


def _remembered(source: str, entity: str) -> dict[str, Any]:
    known = Source.objects.filter(name=source).first()
    return dict(known.mappings.get(entity, {})) if known else {}


def _proposed(upload: Upload) -> dict[str, Any]:
    """What each column may be taken from, as far as names and values tell."""
    reader = opened(upload)
    try:
        return dict(propose_mapping(upload.entity, reader, where=upload.name).as_data()["columns"])
    except MappingIncomplete as error:
        drafted = cast("dict[str, Any]", yaml.safe_load(error.proposal)["columns"])
        return {name: source for name, source in drafted.items() if source != "???"}
    except UserError:  # days and months that cannot be told apart: the next step asks
        return dict(match_columns(ENTITIES[upload.entity], reader.columns))


def _samples(reader: Reader) -> dict[str, list[str]]:
    """The first different values of every column."""
    with closing(reader.batches()) as batches:
        first = next(batches, None)
    if first is None:
        return {}
    rows = first.rows.slice(0, SAMPLE_ROWS)
    values = {name: dict.fromkeys(value for value in rows[name].to_pylist() if value) for name in reader.columns}
    return {name: [value[:60] for value in list(found)[:SAMPLE_VALUES]] for name, found in values.items()}
