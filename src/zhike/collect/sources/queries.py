"""Reads of sources and imports."""

from __future__ import annotations

from django.db.models import Count

from zhike.collect.sources.models import Import, Source


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
            "imports": source.import_count,
        }
        for source in Source.objects.annotate(import_count=Count("imports"))
    ]
