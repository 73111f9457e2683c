"""Imports for machines."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path as FilePath
from typing import Annotated

from django.http import FileResponse, HttpRequest
from ninja import Field, File, Form, Path, Query, Router, Schema, Status, UploadedFile

from zhike.collect.sources import queries
from zhike.collect.sources.rejects import write_rejects
from zhike.collect.sources.uploads import import_upload
from zhike.govern.access.problems import answers
from zhike.operate.jobs.api import Enqueued
from zhike.warehouse.entities import ENTITIES

router = Router(tags=["imports"])
ImportId = Annotated[int, Path(ge=1, lt=2**63)]
CSV = {"responses": {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}}


class Import(Schema):
    """One file that was brought in. `read` = `accepted` + `duplicates` + `rejected`."""

    import_id: int
    source: str
    entity: str
    file: str
    state: str
    read: int
    accepted: int
    corrections: int
    duplicates: int
    rejected: int
    reasons: dict[str, int]
    same_as: int | None
    seconds: float
    error: str
    started_at: datetime


class WantedImport(Schema):
    """What the rows of a file are, and whose."""

    entity: str = Field(description="What the rows are.", json_schema_extra={"enum": list(ENTITIES)})
    source: str = Field(description="Name of the source they come from.", pattern=r"^[A-Za-z0-9_-]{1,60}$")


@router.get("/imports", response=answers(200, list[Import]))
def list_imports(request: HttpRequest, last: Annotated[int, Query(ge=1, le=200)] = 20) -> list[dict[str, object]]:
    """The newest imports, newest first."""
    return queries.list_imports(last=last)


@router.post("/imports", response=answers(202, Enqueued, 413, 503))
def import_file(request: HttpRequest, file: File[UploadedFile], wanted: Form[WantedImport]) -> Status[Enqueued]:
    """Hands in a file: CSV, TSV, XLSX, JSON Lines or Parquet. A worker imports it as the source's last one was."""
    assert file.file is not None
    job = import_upload(
        file=file.file, name=file.name or "", size=file.size or 0, entity=wanted.entity, source=wanted.source
    )
    return Status(202, Enqueued(job_id=job.pk))


@router.get("/imports/{import_id}", response=answers(200, Import, 404))
def find_import(request: HttpRequest, import_id: ImportId) -> dict[str, object]:
    """One import."""
    return queries.find_import(import_id)


@router.get("/imports/{import_id}/rejects", response=answers(200, None, 404), openapi_extra=CSV)
def list_rejects(request: HttpRequest, import_id: ImportId) -> FileResponse:
    """The rows that were rejected, as received and with why, as CSV; mended, the same file can be imported."""
    with tempfile.TemporaryDirectory() as folder:
        path = FilePath(folder) / "rejects.csv"
        write_rejects(import_id, path)
        # An open file outlives its name, and is gone when it has been sent.
        return FileResponse(
            path.open("rb"), as_attachment=True, filename=f"import-{import_id}-rejects.csv", content_type="text/csv"
        )
