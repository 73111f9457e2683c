"""Reads of sources and imports."""

from __future__ import annotations

import json
from typing import cast

from django.db.models import Count, Max, QuerySet
from django.utils.translation import gettext as _

from zhike.collect.sources.models import Import, Source
from zhike.errors import NotFound
from zhike.govern.access.masking import masked
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.warehouse.entities import REJECTS
from zhike.warehouse.queries import newest, rows

Fault = tuple[str, str, str]


def list_imports(*, last: int) -> list[dict[str, object]]:
    """The newest imports, newest first. Raises Denied."""
    require(Right.IMPORT)
    return [_row(found) for found in Import.objects.select_related("source")[:last]]


def find_import(import_id: int) -> dict[str, object]:
    """One import, as the list shows it. Raises Denied, and NotFound if there is none."""
    require(Right.IMPORT)
    found = Import.objects.select_related("source").filter(pk=import_id).first()
    if found is None:
        raise NotFound(_("there is no import %(id)s") % {"id": import_id}, advice=_("`zhike imports` lists them."))
    return _row(found)


def _row(found: Import) -> dict[str, object]:
    return {
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
            "field_priorities": source.field_priorities,
            "imports": source.import_count,
        }
        for source in Source.objects.annotate(import_count=Count("imports"))
    ]


def imports() -> QuerySet[Import]:
    """All imports, newest first. Raises Denied."""
    require(Right.IMPORT)
    return Import.objects.select_related("source")


def import_of(import_id: int) -> Import:
    """One import. Raises Denied, and NotFound if there is none."""
    found = imports().select_related("same_as").filter(pk=import_id).first()
    if found is None:
        raise NotFound(_("there is no import %(id)s") % {"id": import_id})
    return found


def sources() -> QuerySet[Source]:
    """All sources, with how often and when something was imported from them."""
    return Source.objects.annotate(import_count=Count("imports"), imported_at=Max("imports__started_at"))


def source_of(name: str) -> Source:
    """One source. Raises NotFound."""
    found = sources().filter(name=name).first()
    if found is None:
        raise NotFound(_("there is no source “%(name)s”") % {"name": name})
    return found


def rejected_rows(found: Import, *, limit: int) -> list[tuple[int, list[Fault]]]:
    """The first rows that an import rejected: their numbers, and column, value and reason of each fault.

    Values are masked for whoever may not see personal data. Raises Denied.
    """
    require(Right.IMPORT)
    rejects = newest(REJECTS)
    mine = rejects.filter(rejects.import_id == (found.same_as_id or found.pk)).order_by("row_number").limit(limit)
    return [(cast("int", row["row_number"]), _faults(masked(REJECTS, row))) for row in rows(mine)]


def _faults(reject: dict[str, object]) -> list[Fault]:
    """Column, value and reason of every fault of a row; a row that is none has one fault, without column."""
    if reject["column"] is None:
        return [("", _line(str(reject["row"])), str(reject["reason"]))]
    columns, values, reasons = (str(reject[name] or "").split(" | ") for name in ("column", "value", "reason"))
    if len(columns) != len(values):  # a value has the sign between values in it, or all of them are masked
        values = [str(reject["value"] or ""), *[""] * (len(columns) - 1)]
    return list(zip(columns, values, reasons, strict=False))


def _line(row: str) -> str:
    """The line of a row that has not the form of its file, unless it is masked."""
    return str(json.loads(row).get("line", row)) if row.startswith("{") else row
