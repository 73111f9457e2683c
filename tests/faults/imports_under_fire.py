"""Starting, watching and killing `zhike import`, and reading a home from outside."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from django.conf import LazySettings
from tests.warm import Popen

from zhike.installation import read_installation
from zhike.warehouse.catalog import files_of, snapshot_id
from zhike.warehouse.contracts import Contract
from zhike.warehouse.entities import ORDERS, REJECTS
from zhike.warehouse.files import list_files
from zhike.warehouse.queries import newest
from zhike.warehouse.queries import rows as rows_of
from zhike.warehouse.versions import latest

ROWS, NEW, BAD = 1000, 500, 10
MAPPING = "entity: orders\ncolumns: {order_id: no, customer_key: who, ordered_at: day, amount: paid}\nkeep: none\n"


class Home:
    """An installation that other processes work on."""

    def __init__(self, folder: Path, settings: LazySettings, commands: Path) -> None:
        self.commands = commands
        self.path = folder / "home"
        self.folder = folder / "deliveries"
        self.folder.mkdir()
        self.environ = {**os.environ, "ZHIKE_HOME": str(self.path), "COLUMNS": "200"}
        settings.ZHIKE = read_installation({"ZHIKE_HOME": str(self.path)})
        self.mapping = self.folder / "map.yaml"
        self.mapping.write_text(MAPPING)
        assert self.run("init").returncode == 0

    def start(self, *arguments: object, **options: Any) -> subprocess.Popen[str]:
        command = [self.commands / "zhike", *map(str, arguments)]
        pipe = subprocess.PIPE
        return Popen(command, env=self.environ, stdout=pipe, stderr=pipe, text=True, **options)

    def run(self, *arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
        process = self.start(*arguments, **options)
        out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def import_command(self, file: Path) -> tuple[object, ...]:
        return ("import", file, "--as", "orders", "--source", "shop", "--map", self.mapping, "--json")

    def complete(self, file: Path) -> dict[str, Any]:
        """The same command again, to its end."""
        done = self.run(*self.import_command(file))
        assert done.returncode == 0, done.stderr
        result: dict[str, Any] = json.loads(done.stdout)
        return result

    def kill_when(self, condition: Callable[[], bool], file: Path) -> bool:
        """Starts an import and kills it as soon as the condition holds; whether it did before the end."""
        process = self.start(*self.import_command(file))
        try:
            return wait_for(condition, process)
        finally:
            process.kill()
            process.communicate()

    def versions(self) -> list[tuple[Any, ...]]:
        """All versions of all rows, as (import, key, amount), in order."""
        table = newest(ORDERS).select("import_id", "order_id", "amount").order_by(["import_id", "order_id"])
        return [tuple(row.values()) for row in rows_of(table)]

    def in_force(self) -> dict[str, int]:
        rows = rows_of(latest(ORDERS, newest(ORDERS)).select("order_id", "amount"))
        found = {str(row["order_id"]): int(row["amount"]) for row in rows}  # type: ignore[call-overload]
        assert len(found) == len(rows), "a key has two versions in force"
        return found

    def reject_count(self) -> int:
        return len(rows_of(newest(REJECTS).select("row_number")))

    def imports(self) -> list[tuple[Any, ...]]:
        database = self.path / "zhike.db"
        if not database.exists():
            return []
        with closing(sqlite3.connect(database, timeout=30)) as connection:
            return connection.execute("SELECT id, state FROM sources_import ORDER BY id").fetchall()

    def orphans(self) -> set[str]:
        """Data files that no snapshot in force names, and checkpoints of imports that are over."""
        left = {str(path) for path in self.path.glob("staging/*")}
        for contract in (ORDERS, REJECTS):
            named = {file.path for file in files_of(contract, snapshot_id(contract))}
            left |= set(list_files(folder_of(self.path, contract))) - named
        return left

    def written(self, pattern: str) -> bool:
        """A file of the data folder of orders matches."""
        return any((self.path / "warehouse/collected/orders/data").glob(pattern))


def folder_of(home: Path, contract: Contract) -> str:
    return f"file://{home}/warehouse/{contract.namespace}/{contract.name}/data"


def wait_for(condition: Callable[[], bool], process: subprocess.Popen[str]) -> bool:
    deadline = time.monotonic() + 60
    while process.poll() is None:
        if condition():
            return True
        assert time.monotonic() < deadline
        time.sleep(0.0005)
    return False


def interrupt(process: subprocess.Popen[str], number: signal.Signals) -> tuple[int, str]:
    """What a process exits with when told to stop, and what it says."""
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    return process.returncode, err


def write_orders(path: Path, number: int, *, rows: int = ROWS, width: int = 0) -> Path:
    """File `number`: half of its keys came in the file before, every other one of them with another amount."""
    first = number * NEW
    lines = ["no,who,day,paid,padding"]
    padding = "x" * width
    lines += [f"{key},c{key % 7},2026-01-31,{amount(key, number)},{padding}" for key in range(first, first + rows)]
    lines += [f"bad{n},,2026-01-31,1," for n in range(BAD)]
    path.write_text("\n".join(lines) + "\n")
    return path


def amount(key: int, number: int) -> int:
    return key + 1_000_000 * number * (key % 2)


def expected_amounts(numbers: range) -> dict[str, int]:
    """What is in force after these files."""
    return {str(key): amount(key, number) for number in numbers for key in range(number * NEW, number * NEW + ROWS)}
