"""Rejected rows as a file that can be mended and imported again."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from zhike.collect.sources.mapping import mapping_from_data
from zhike.collect.sources.models import Import
from zhike.collect.sources.readers.batches import REJECT_COLUMNS
from zhike.errors import NotFound, UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.warehouse.entities import REJECTS
from zhike.warehouse.queries import newest

HEADER_BYTES = 1 << 20


def write_rejects(import_id: int, path: Path) -> int:
    """Writes the rejected rows of an import as CSV, as received, with why each was rejected; how many there were.

    The same file again rejected the same rows, which are written under either import.
    They hold personal data that cannot be masked and mended at once. Raises Denied, and NotFound if there is
    no such import.
    """
    require(Right.IMPORT)
    require(Right.SEE_PERSONAL_DATA)
    found = Import.objects.filter(pk=import_id).first()
    if found is None:
        raise NotFound(
            _("there is no import %(import_id)s") % {"import_id": import_id}, advice=_("`zhike imports` lists them.")
        )
    columns = _columns(found)
    written = 0
    try:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([*columns, *REJECT_COLUMNS])
            for reject in _rejects(found):
                why = [reject["row_number"], reject["column"], reject["value"], reject["reason"]]
                writer.writerow([*_cells(reject, columns), *why])
                written += 1
    except OSError as error:
        raise UserError(_("cannot be written: %(strerror)s") % {"strerror": error.strerror}, where=str(path)) from error
    return written


def is_reject_file(path: Path) -> bool:
    """The file is one that `write_rejects` wrote: CSV in UTF-8, however the file that was rejected was written."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            header = file.readline(HEADER_BYTES)
    except OSError:
        return False
    return header.rstrip().endswith(",".join(REJECT_COLUMNS).encode())


def _rejects(found: Import) -> Iterator[dict[str, Any]]:
    rejects = newest(REJECTS)
    mine = rejects.filter(rejects.import_id == (found.same_as_id or found.pk)).order_by("row_number")
    for batch in mine.to_pyarrow_batches(chunk_size=50_000):
        for reject in batch.to_pylist():
            yield reject | {"row": json.loads(reject["row"])}


def _columns(found: Import) -> list[str]:
    """The columns of the file; those of the mapping where no rejected row has the form of the file."""
    known = {name: None for reject in _rejects(found) if not _is_broken(reject) for name in reject["row"]}
    return list(known) or list(mapping_from_data(found.mapping, where=f"import {found.pk}").file_columns)


def _is_broken(reject: dict[str, Any]) -> bool:
    """It had not the form of its file: no column is at fault, and the line was kept as it was."""
    return reject["column"] is None


def _cells(reject: dict[str, Any], columns: list[str]) -> list[str]:
    """The values of a row; a broken line stands whole in the first column."""
    if _is_broken(reject):
        return [reject["row"]["line"], *("" for _ in columns[1:])]
    return [_text(reject["row"].get(name)) for name in columns]


def _text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
