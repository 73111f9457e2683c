"""Where the values of a golden record come from: which file of which import, and which row of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from zhike.collect.profiles.golden.choosing import Said
from zhike.collect.profiles.golden.reading import GoldenRecord
from zhike.collect.sources.models import Import


@dataclass(frozen=True)
class Origin:
    """Where a value comes from: the source and what it calls the customer, the import and the row of its file."""

    source: str
    customer_key: str
    import_id: int | None
    row_number: int | None
    file_name: str
    imported_at: datetime | None
    known_at: datetime | None  # when the source last changed the record


def origins_of(golden: GoldenRecord) -> Mapping[str, Origin]:
    """Field → where its value comes from, of all fields that a record gave."""
    given = {name: field.origin for name, field in golden.fields.items() if field.origin and field.value is not None}
    files = Import.objects.in_bulk({said.import_id for said in given.values() if said.import_id is not None})
    return {name: _origin(said, files) for name, said in given.items()}


def _origin(said: Said, files: Mapping[int, Import]) -> Origin:
    found = files.get(said.import_id or 0)
    return Origin(
        source=said.source,
        customer_key=said.customer_key,
        import_id=said.import_id,
        row_number=said.row_number,
        file_name=found.file_name if found else "",
        imported_at=found.finished_at if found else None,
        known_at=said.known_at,
    )
