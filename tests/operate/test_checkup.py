"""`zhike check` finds what is broken and says what to do."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from tests.conftest import Run

ORDERS = "order_id,customer_key,ordered_at,amount\n1,ann,2026-01-31,10\n"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory, commands: Path) -> Path:
    """A home with one import and one refresh, to be copied and broken."""
    import os
    import subprocess

    folder = tmp_path_factory.mktemp("sound")
    (folder / "orders.csv").write_text(ORDERS)
    environ = {**os.environ, "ZHIKE_HOME": str(folder / "home")}
    for command in (("import", folder / "orders.csv", "--as", "orders", "--source", "shop"), ("refresh",)):
        subprocess.run([commands / "zhike", *command], env=environ, check=True, capture_output=True)
    return folder / "home"


def moved_aside(path: Path) -> None:
    path.rename(path.with_name("aside"))
    path.write_text("nonsense")


def overwrite(path: Path) -> None:
    path.write_bytes(b"x" * 9000)


def execute(database: Path, statement: str) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute(statement)
        connection.commit()


BROKEN: dict[str, tuple[Callable[[Path], object], str, str, str]] = {
    "database overwritten": (
        lambda home: (home / "zhike.db").write_bytes(b"x" * 9000),
        "database",
        "not a database",
        "",
    ),
    "migration pending": (
        lambda home: execute(home / "zhike.db", "DELETE FROM django_migrations WHERE app = 'jobs'"),
        "database",
        "migrations are pending",
        "zhike init",
    ),
    "catalog overwritten": (
        lambda home: (home / "catalog.db").write_bytes(b"x" * 9000),
        "catalog",
        "not a database",
        "",
    ),
    "warehouse is a file": (lambda home: moved_aside(home / "warehouse"), "warehouse", "", ""),
    "refresh interrupted": (
        lambda home: execute(
            home / "zhike.db",
            "INSERT INTO warehouse_refresh (state, as_of, engine, only, inputs, outputs, customer_count,"
            " next_customer_id, started_at)"
            " VALUES ('running', '2026-01-31', 'duckdb', '', '{}', '{}', 0, 0, '2026-01-31 00:00:00')",
        ),
        "refresh",
        "refresh 2 was interrupted",
        "`zhike refresh` continues it",
    ),
}


def test_a_sound_home_is_found_sound(sound: Path, zhike: Run) -> None:
    done = zhike("check", "--json", home=sound)
    found = json.loads(done.stdout)
    assert (done.returncode, found["ok"]) == (0, True)
    names = [check["check"] for check in found["checks"]]
    assert names == ["versions", "home", "database", "warehouse", "catalog", "engine", "refresh"]
    assert "ok" in zhike("check", home=sound).stdout


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_broken_is_named(sound: Path, zhike: Run, tmp_path: Path, case: str) -> None:
    shatter, name, says, advice = BROKEN[case]
    home = tmp_path / "home"
    moved(sound, home)
    shatter(home)
    done = zhike("check", "--json", home=home)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    wrong = {check["check"]: check for check in json.loads(done.stdout)["checks"] if not check["ok"]}
    assert says in wrong[name]["says"]
    assert advice in wrong[name]["advice"]


def moved(sound: Path, home: Path) -> None:
    """A copy that believes to lie where it lies: Iceberg remembers where its files are."""
    shutil.copytree(sound, home)
    with closing(sqlite3.connect(home / "catalog.db")) as connection:
        for column in ("metadata_location", "previous_metadata_location"):
            connection.execute(f"UPDATE iceberg_tables SET {column} = replace({column}, ?, ?)", (str(sound), str(home)))
        connection.commit()


def test_a_home_that_cannot_be_is_said_by_every_command(zhike: Run) -> None:
    for command in (("check",), ("init",), ("imports",)):
        done = zhike(*command, home=Path("/etc/passwd/home"))
        assert (done.returncode, done.stdout) == (1, ""), command
        assert "ZHIKE_HOME" in done.stderr, command


def test_files_in_force_that_are_gone_are_counted(sound: Path, zhike: Run) -> None:
    data = sound / "warehouse/collected/orders/data"
    data.rename(data.with_name("gone"))
    done = zhike("check", home=sound)
    data.with_name("gone").rename(data)
    assert done.returncode == 1
    assert "1 files of refresh 1 are missing" in done.stdout
    assert "restore a backup" in done.stdout
