"""Writing files and importing them, and reading back what is collected."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

from zhike.collect.sources.mapping import Mapping, mapping_from_data
from zhike.collect.sources.services import ImportResult, import_file
from zhike.progress import Progress
from zhike.warehouse.catalog import files_of, snapshot_id
from zhike.warehouse.entities import ENTITIES, REJECTS
from zhike.warehouse.files import list_files
from zhike.warehouse.queries import newest
from zhike.warehouse.queries import rows as rows_of
from zhike.warehouse.versions import latest

Content = str | bytes | Path | Callable[[Path], object]

ORDERS = {"order_id": "no", "customer_key": "who", "ordered_at": "day", "amount": "paid"}
HEADER = "no,who,day,paid"
ROW = "1,ann,2026-01-31,10"


def mapping(entity: str = "orders", **parts: Any) -> Mapping:
    """A mapping; of the columns no, who, day and paid to orders unless others are given."""
    return mapping_from_data({"entity": entity, "columns": ORDERS, **parts}, where="test")


class Desk:
    """Where files are written and handed in."""

    def __init__(self, home: Path, folder: Path) -> None:
        self.home = home
        self.folder = folder
        folder.mkdir()

    def file(self, content: Content, name: str = "file.csv") -> Path:
        path = self.folder / name
        match content:
            case Path():
                return content
            case str():
                path.write_bytes(textwrap.dedent(content).encode())
            case bytes():
                path.write_bytes(content)
            case _:
                content(path)
        return path

    def bring(
        self,
        content: Content,
        name: str = "file.csv",
        *,
        entity: str = "orders",
        source: str = "shop",
        dry_run: bool = False,
        detect: bool = False,
        progress: Progress | None = None,
        **parts: Any,
    ) -> ImportResult:
        """Imports a file with the mapping of `mapping(**parts)`, or with a detected one."""
        chosen = None if detect else mapping(entity, **parts)
        path = self.file(content, name)
        result = import_file(path, entity=entity, source=source, mapping=chosen, dry_run=dry_run, progress=progress)
        assert result.read == result.accepted + result.duplicates + result.rejected
        return result

    def rows(self, *columns: str, entity: str = "orders") -> list[Any]:
        """All versions of all rows in the order of their delivery: tuples of columns, or bare values of one."""
        table = newest(ENTITIES[entity]).order_by(["import_id", "row_number"])
        return _values(table, columns)

    def in_force(self, *columns: str, entity: str = "orders") -> list[Any]:
        """The latest version of every row, in the order of the columns."""
        contract = ENTITIES[entity]
        return _values(latest(contract, newest(contract)).order_by(list(columns)), columns)

    def rejects(self, *columns: str) -> list[Any]:
        return _values(newest(REJECTS).order_by(["import_id", "row_number"]), columns)

    def check_tidy(self) -> None:
        """Every file of the warehouse is named by the catalog, and no checkpoint is left."""
        assert not list(self.home.glob("staging/import-*"))
        assert not list(self.home.glob("scratch/dry-run-*"))
        for contract in (*ENTITIES.values(), REJECTS):
            named = {file.path for file in files_of(contract, snapshot_id(contract))}
            folder = f"file://{self.home}/warehouse/{contract.namespace}/{contract.name}/data"
            assert set(list_files(folder)) <= named, f"orphans of {contract.table}"


def _values(table: Any, columns: tuple[str, ...]) -> list[Any]:
    found = rows_of(table.select(*columns))
    return [row[columns[0]] if len(columns) == 1 else tuple(row.values()) for row in found]
