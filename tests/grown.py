"""Installations that many tests of one process share: grown once, and put back as they were for each."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings

ALL_STEPS = "zhike.config.refresh.STEPS"
Row = tuple[object, ...]
Stamps = dict[str, tuple[int, int]]


@dataclass(frozen=True)
class Growth:
    """How an installation comes about: by a function of its folder, from an empty one or one grown before."""

    name: str
    grow: Callable[[Path], Any]
    on: Growth | None = None
    linking: bool = False  # else only what people decide puts records together: quick, and certain


@dataclass
class Grown:
    """What growing made: the rows of every table it changed, all files, and what the function told."""

    folder: Path
    rows: dict[str, list[Row]]
    files: Path
    stamps: Stamps
    told: Any


_grown: dict[str, Grown] = {}


@contextmanager
def grown(growth: Growth, settings: Any, folders: pytest.TempPathFactory) -> Iterator[Any]:
    """The installation, with the rows and files it was grown with, whatever tests did to it; gives what growing told.

    It is grown for the first test of a process that asks for it.
    """
    from zhike.warehouse.catalog import close_catalogs

    known = _known(growth)
    folder = known.folder if known else folders.mktemp(growth.name)  # files say where they lie: they cannot move
    settings.ZHIKE = replace(
        settings.ZHIKE,
        home=folder,
        warehouse=f"file://{folder}/warehouse",
        catalog_uri=f"sqlite:///{folder}/catalog.db",
        linking=growth.linking,
    )
    if known:
        _put_back(known)
    yield _grown[growth.name].told if growth.name in _grown else _grow(growth, folder)
    close_catalogs()


def _known(growth: Growth) -> Grown | None:
    """It, or the nearest of those it is grown on."""
    return _grown.get(growth.name) or (_known(growth.on) if growth.on else None)


def _grow(growth: Growth, folder: Path) -> Any:
    from zhike.govern.access.actors import OPERATOR, acting_as

    before = {} if growth.on else _all_rows()
    if growth.on and growth.on.name not in _grown:
        _grow(growth.on, folder)
    # Whoever the test is, and whatever it leaves out: those after it find all.
    with acting_as(OPERATOR), override_settings(REFRESH_STEPS=ALL_STEPS):
        told = growth.grow(folder)
    changed = {table: rows for table, rows in _all_rows().items() if growth.on or rows != before[table]}
    files = shutil.copytree(folder, folder.with_name(f"{folder.name}-{growth.name}"))
    _grown[growth.name] = Grown(folder, changed, files, _stamps(folder), told)
    return told


def _all_rows() -> dict[str, list[Row]]:
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        return {table: list(cursor.execute(f"SELECT * FROM {table}").fetchall()) for table in tables}


def _put_back(known: Grown) -> None:
    if _stamps(known.folder) != known.stamps:
        shutil.rmtree(known.folder)
        shutil.copytree(known.files, known.folder)
        known.stamps = _stamps(known.folder)
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        for table, rows in known.rows.items():
            cursor.execute(f"DELETE FROM {table}")
            if rows:
                cursor.executemany(f"INSERT INTO {table} VALUES ({', '.join(['%s'] * len(rows[0]))})", rows)


def _stamps(folder: Path) -> Stamps:
    found = [path for kept in ("warehouse", "catalog.db") for path in (folder / kept, *(folder / kept).rglob("*"))]
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in found if path.is_file()}
