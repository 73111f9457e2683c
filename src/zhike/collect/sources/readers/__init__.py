"""Readers: one module per file format, each yielding the same batches of text.

To add a format: a module with an `open_…` function that returns a Reader, and a line in `open_file`.
"""

from __future__ import annotations

from pathlib import Path

from zhike.collect.sources.mapping import Format
from zhike.collect.sources.readers.batches import BadFile, Batch, Batches, Broken, Limits, Reader
from zhike.collect.sources.readers.csv import open_csv
from zhike.collect.sources.readers.inspection import Inspection, inspect
from zhike.collect.sources.readers.jsonlines import open_json_lines
from zhike.collect.sources.readers.parquet import open_parquet
from zhike.collect.sources.readers.query import open_query
from zhike.collect.sources.readers.xlsx import open_xlsx


def open_file(path: Path, inspection: Inspection, file_format: Format, limits: Limits) -> Reader:
    """A reader for a file that has been inspected. Raises BadFile."""
    match inspection.kind:
        case "parquet":
            return open_parquet(path)
        case "xlsx":
            return open_xlsx(path, file_format, limits)
        case "jsonl":
            return open_json_lines(path, inspection, limits)
        case _:
            return open_csv(path, inspection, file_format, limits)


__all__ = [
    "BadFile",
    "Batch",
    "Batches",
    "Broken",
    "Inspection",
    "Limits",
    "Reader",
    "inspect",
    "open_file",
    "open_query",
]
