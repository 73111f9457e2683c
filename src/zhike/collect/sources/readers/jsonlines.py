"""JSON Lines: one object per line, its top-level keys the columns."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pyarrow.compute as pc
from django.utils.translation import gettext as _

from zhike.collect.sources.readers.batches import (
    LINE,
    RESERVED,
    ROW_NUMBER,
    BadFile,
    Batches,
    Broken,
    Limits,
    check_columns,
    trimmed,
)
from zhike.collect.sources.readers.csv import CsvReader
from zhike.collect.sources.readers.inspection import Inspection
from zhike.warehouse.engines.duckdb import embedded

SAMPLED_LINES = 1000


class JsonLinesReader:
    """Rows of a JSON Lines file as text; `zhike_line` holds the whole object."""

    unit = "bytes"

    def __init__(self, lines: CsvReader, columns: tuple[str, ...]) -> None:
        self.columns = columns
        self.size = lines.size
        self._lines = lines

    def wanting(self, columns: tuple[str, ...]) -> None:
        """Makes sure these columns are read even where the first lines do not have them."""
        self.columns = check_columns(_distinct((*columns, *self.columns), wanted=len(columns)), "the mapping")

    def batches(self) -> Batches:
        connection = embedded().connection.con
        fields = "".join(f", {_extract(name)}" for name in self.columns)
        for batch in self._lines.batches():
            connection.register("zhike_json_lines", batch.rows)
            try:
                rows = connection.sql(
                    # An AND would let DuckDB ask for the type of what is no JSON, which fails.
                    f"SELECT {ROW_NUMBER}, {LINE},"
                    f" CASE WHEN json_valid({LINE}) THEN json_type({LINE}) = 'OBJECT' END AS is_object"
                    f"{fields} FROM zhike_json_lines"
                ).to_arrow_table()
            finally:
                connection.unregister("zhike_json_lines")
            good = pc.fill_null(rows["is_object"], False)
            bad = rows.filter(pc.invert(good)).select([ROW_NUMBER, LINE]).to_pylist()
            broken = [Broken(row[ROW_NUMBER], row[LINE], "not a JSON object") for row in bad]
            objects = trimmed(rows.filter(good).drop_columns(["is_object"]))
            yield replace(batch, rows=objects, broken=(*batch.broken, *broken))


def open_json_lines(path: Path, inspection: Inspection, limits: Limits) -> JsonLinesReader:
    """A reader for a JSON Lines file, with the columns of its first thousand lines. Raises BadFile."""
    text = inspection.sample.decode(inspection.encoding, errors="ignore").lstrip("\ufeff")
    keys: dict[str, None] = {}
    for line in text.splitlines()[:SAMPLED_LINES]:
        try:
            found = json.loads(line)
        except (json.JSONDecodeError, RecursionError):
            continue
        if isinstance(found, dict):
            keys |= dict.fromkeys(found)
    if not keys:
        raise BadFile(_("no line at its beginning is a JSON object"), where=path.name)
    # One column, split at a character that JSON text cannot contain unescaped.
    plain = replace(inspection, has_quotes=False, longest_record=inspection.longest_line)
    lines = CsvReader(path, plain, _plain(inspection.encoding), "\x01", (LINE,), limits, has_header=False)
    return JsonLinesReader(lines, check_columns(_distinct(keys), path.name))


def _distinct(keys: Iterable[str], wanted: int = 0) -> list[str]:
    """Keys that may be columns beside each other; the others stay in the line. The first `wanted` all remain."""
    folded: set[str] = set()
    distinct = []
    for place, key in enumerate(keys):
        usable = key.strip() == key and key and key.lower() not in folded and not key.lower().startswith(RESERVED)
        if place < wanted or usable:
            folded.add(key.lower())
            distinct.append(key)
    return distinct


def _plain(encoding: str) -> str:
    return {"utf-8-sig": "utf-8"}.get(encoding, encoding)


def _extract(name: str) -> str:
    path = "/" + name.replace("~", "~0").replace("/", "~1")
    return "json_extract_string({line}, '{path}') AS \"{name}\"".format(
        line=f"CASE WHEN json_valid({LINE}) THEN {LINE} END",
        path=path.replace("'", "''"),
        name=name.replace('"', '""'),
    )
