"""A written company and a plain reading of its files, apart from the importer."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import fastexcel
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from zhike.demo.company import Delivery

AS_OF = date(2026, 6, 30)
RAGGED = {"ragged": True}  # stands for a row with too many or too few values


@dataclass(frozen=True)
class Company:
    """Its directory and what it delivered."""

    directory: Path
    deliveries: tuple[Delivery, ...]

    def truth(self, name: str) -> pa.Table:
        return pq.read_table(self.directory / "truth" / f"{name}.parquet")

    def delivery(self, feed: str) -> Delivery:
        return next(delivery for delivery in self.deliveries if delivery.mapping.stem == feed)


def mapping_of(delivery: Delivery) -> dict[str, Any]:
    content = yaml.safe_load(delivery.mapping.read_text(encoding="utf-8"))
    assert isinstance(content, dict)
    return content


@cache
def rows_of(delivery: Delivery) -> list[dict[str, Any]]:
    """Rows by the names of the file's columns; a ragged row is `RAGGED`. Read once per file."""
    form = mapping_of(delivery).get("format", {})
    match delivery.path.suffix:
        case ".csv" | ".tsv":
            return _separated(delivery.path, form.get("encoding", "utf-8"), form.get("delimiter", ","))
        case ".jsonl":
            return [json.loads(line) for line in delivery.path.read_text(encoding="utf-8").splitlines()]
        case ".xlsx":
            sheet = fastexcel.read_excel(delivery.path).load_sheet(form.get("sheet", 0), dtypes="string")
            return list(sheet.to_arrow().to_pylist())
        case _:
            return list(pq.read_table(delivery.path).to_pylist())


def _separated(path: Path, encoding: str, delimiter: str) -> list[dict[str, Any]]:
    with path.open(encoding=encoding, newline="") as file:
        header, *rows = csv.reader(file, delimiter=delimiter)
    return [dict(zip(header, row, strict=True)) if len(row) == len(header) else RAGGED for row in rows]
