"""Reads of sources and imports."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from django.db.models import Count

from zhike.collect.sources.mapping import mapping_from_data
from zhike.collect.sources.models import Import, Source
from zhike.errors import UserError
from zhike.warehouse.entities import REJECTS
from zhike.warehouse.queries import newest

REJECT_COLUMNS = ("reject_row", "reject_column", "reject_value", "reject_reason")


def list_imports(*, last: int) -> list[dict[str, object]]:
    """The newest imports, newest first."""
    return [
        {
            "import_id": found.pk,
            "source": found.source.name,
            "entity": found.entity,
            "file": found.file_name,
            "state": found.state,
            "read": found.read_count,
            "accepted": found.accepted_count,
            "corrections": found.correction_count,
            "duplicates": found.duplicate_count,
            "rejected": found.rejected_count,
            "reasons": found.reasons,
            "same_as": found.same_as_id,
            "seconds": found.seconds,
            "error": found.error,
            "started_at": found.started_at,
        }
        for found in Import.objects.select_related("source")[:last]
    ]


def list_sources() -> list[dict[str, object]]:
    """All sources by name."""
    return [
        {
            "name": source.name,
            "title": source.title,
            "lawful_basis": source.lawful_basis,
            "quarantined": source.is_quarantined,
            "owner_unit": source.owner_unit,
            "priority": source.priority,
            "imports": source.import_count,  # type: ignore[attr-defined]
        }
        for source in Source.objects.annotate(import_count=Count("imports"))
    ]


def write_rejects(import_id: int, path: Path) -> int:
    """Writes the rejected rows of an import as CSV, as received, with why each was rejected; how many there were.

    The same file again rejected the same rows, which are written under either import.
    Raises UserError if there is no such import.
    """
    found = Import.objects.filter(pk=import_id).first()
    if found is None:
        raise UserError(f"there is no import {import_id}", advice="`zhike imports` lists them.")
    origin = found.same_as_id or found.pk
    rejects = newest(REJECTS)
    batches = rejects.filter(rejects.import_id == origin).order_by("row_number").to_pyarrow_batches(chunk_size=50_000)
    written = 0
    columns: list[str] = []
    try:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            for batch in batches:
                for reject in batch.to_pylist():
                    row = json.loads(reject["row"])
                    if not columns:
                        columns = list(_columns_of(found, row))
                        writer.writerow([*columns, *REJECT_COLUMNS])
                    values = [
                        _text(row.get(name, row.get("line") if place == 0 else ""))
                        for place, name in enumerate(columns)
                    ]
                    why = [reject["row_number"], reject["column"], reject["value"], reject["reason"]]
                    writer.writerow([*values, *why])
                    written += 1
    except OSError as error:
        raise UserError(f"cannot be written: {error.strerror}", where=str(path)) from error
    return written


def _columns_of(found: Import, row: dict[str, object]) -> list[str]:
    """The columns of the file; a ragged row has none, and stands whole in the first."""
    mapped = mapping_from_data(found.mapping, where=f"import {found.pk}").file_columns
    return list(row) if set(mapped) <= set(row) else list(mapped)


def _text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
