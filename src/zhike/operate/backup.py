"""Backup and restore of an embedded home: one file that holds everything that can't be computed anew."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from django.conf import settings
from django.db import connection

import zhike
from zhike.errors import UserError
from zhike.operate.setup import set_up
from zhike.progress import Progress
from zhike.warehouse import catalog
from zhike.warehouse.contracts import Contract
from zhike.warehouse.entities import ENTITIES
from zhike.warehouse.files import disk_room, inner_path
from zhike.warehouse.locks import REFRESH, exclusive, landing
from zhike.warehouse.models import Refresh
from zhike.warehouse.tables import all_contracts

FORMAT = 1
MANIFEST, DATABASE, CATALOG = "manifest.json", "zhike.db", "catalog.db"
SMALL_FILES = ("zhike.toml", "secret_key")


@dataclass(frozen=True)
class Backup:
    """What a backup holds."""

    path: Path
    files: int
    bytes: int


def back_up(path: Path, *, progress: Progress) -> Backup:
    """Writes everything an embedded home holds to one file, which appears only when it is whole.

    Imports wait meanwhile, a refresh is refused. Raises UserError if the file exists, or if the
    installation keeps parts elsewhere, which then are backed up with their own tools.
    """
    _require_embedded("backed up")
    if path.exists():
        raise UserError("exists already", where=str(path), advice="Give the name of a new file.")
    if not path.parent.is_dir():
        raise UserError("there is no such folder", where=str(path.parent))
    with _nothing_changes(), disk_room("making a backup"), _unfinished(path) as folder:
        manifest, data_files = _manifest()
        progress.begin("backing up", total=len(data_files), unit="files")
        unfinished = folder / "backup.tar"
        database = folder / DATABASE
        _copy_database(database)
        with tarfile.open(unfinished, "w") as archive:
            _add_text(archive, MANIFEST, json.dumps(manifest))
            archive.add(database, DATABASE)
            for name in SMALL_FILES:
                if (settings.ZHIKE.home / name).exists():
                    archive.add(settings.ZHIKE.home / name, name)
            for number, uri in enumerate(data_files):
                archive.add(inner_path(uri), f"data/{number}.parquet")
                progress.advance()
        unfinished.rename(path)
    return Backup(path, files=len(data_files), bytes=path.stat().st_size)


@contextmanager
def _unfinished(path: Path) -> Iterator[Path]:
    """A folder beside the backup for what is not whole yet; one that a killed backup left is emptied."""
    folder = path.with_name(f".{path.name}.unfinished")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def restore(path: Path, *, progress: Progress) -> int:
    """Fills an empty home from a backup, wherever that home lies; how many files it brought.

    Tables are registered anew, since Iceberg remembers where its files lay. Raises UserError
    if the home is in use or the file is no backup of this version.
    """
    _require_embedded("restored")
    home = settings.ZHIKE.home
    if (home / DATABASE).exists() or (home / CATALOG).exists():
        raise UserError("is not empty", where=str(home), advice="Set ZHIKE_HOME to a new folder, then restore.")
    with disk_room("restoring a backup"), _opened(path) as archive:
        manifest = _read_manifest(archive, path)
        home.mkdir(parents=True, exist_ok=True)
        with _emptied_on_failure(home):
            for name in SMALL_FILES:
                _extract(archive, name, home / name)
            renamed = _register(archive, manifest, progress)
            _extract(archive, DATABASE, home / DATABASE)
            connection.close()
            set_up()
            _rename_snapshots(renamed)
    return len(manifest["files"])


@contextmanager
def _emptied_on_failure(home: Path) -> Iterator[None]:
    """Takes back what a restore that fails has brought, so that it can be repeated."""
    brought = [home / name for name in (DATABASE, CATALOG, *SMALL_FILES)] + [settings.ZHIKE.warehouse_path]
    brought = [path for path in brought if not path.exists()]
    try:
        yield
    except BaseException:
        connection.close()
        catalog.close_catalogs()
        for path in brought:
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        raise


def _require_embedded(what: str) -> None:
    if not settings.ZHIKE.is_embedded:
        raise UserError(
            f"only an embedded home can be {what} by this command",
            advice="Use pg_dump for PostgreSQL and the versioning of your object store; see docs/how-to/backup.md.",
        )


@contextmanager
def _nothing_changes() -> Iterator[None]:
    with ExitStack() as locks:
        locks.enter_context(exclusive(REFRESH, what="a refresh"))
        for entity in ENTITIES:
            locks.enter_context(exclusive(landing(entity), what=f"an import of {entity}", wait=True))
        yield


def _manifest() -> tuple[dict[str, object], list[str]]:
    """Which files make up every snapshot that is still named, oldest first."""
    numbers: dict[str, int] = {}
    tables: dict[str, list[dict[str, object]]] = {}
    for contract in all_contracts():
        snapshots = []
        for snapshot in _named_snapshots(contract):
            files = [file.path for file in catalog.files_of(contract, snapshot)]
            places = [numbers.setdefault(uri, len(numbers)) for uri in files]
            snapshots.append({"snapshot": snapshot, "files": places})
        tables[contract.table] = snapshots
    manifest = {
        "format": FORMAT,
        "version": zhike.__version__,
        "tables": tables,
        "files": [Path(inner_path(uri)).name for uri in numbers],
    }
    return manifest, list(numbers)


def _named_snapshots(contract: Contract) -> list[int]:
    newest = catalog.snapshot_id(contract)
    named = {newest} if newest is not None else set()
    for refresh in Refresh.objects.exclude(state=Refresh.State.ABANDONED).prefetch_related("steps"):
        for outputs in (refresh.inputs, refresh.outputs, *(step.outputs for step in refresh.steps.all())):
            named.add(outputs.get(contract.table))
    table = catalog.table_of(contract)
    return [snapshot.snapshot_id for snapshot in table.snapshots() if snapshot.snapshot_id in named]


def _register(
    archive: tarfile.TarFile, manifest: dict[str, Any], progress: Progress
) -> dict[str, dict[int, int | None]]:
    """Unpacks the files to their tables and commits every snapshot again; old snapshot id → new one, by table."""
    names = manifest["files"]
    progress.begin("restoring", total=len(names), unit="files")
    unpacked: dict[int, str] = {}
    renamed: dict[str, dict[int, int | None]] = {}
    for contract in all_contracts():
        folder = f"{catalog.table_of(contract).location()}/data"
        renamed[contract.table] = {}
        for entry in manifest["tables"].get(contract.table, []):
            for number in entry["files"]:
                if number not in unpacked:
                    unpacked[number] = f"{folder}/{Path(names[number]).name}"  # and nowhere else
                    _extract(archive, f"data/{number}.parquet", Path(inner_path(unpacked[number])))
                    progress.advance()
            paths = [unpacked[number] for number in entry["files"]]
            renamed[contract.table][entry["snapshot"]] = catalog.replace_files(
                contract, paths, properties={"zhike.restored": str(entry["snapshot"])}
            )
    return renamed


def _rename_snapshots(renamed: dict[str, dict[int, int | None]]) -> None:
    def new(outputs: dict[str, int | None]) -> dict[str, int | None]:
        return {table: renamed.get(table, {}).get(old) if old else None for table, old in outputs.items()}

    for refresh in Refresh.objects.prefetch_related("steps"):
        refresh.inputs, refresh.outputs = new(refresh.inputs), new(refresh.outputs)
        refresh.save()
        for step in refresh.steps.all():
            step.outputs = new(step.outputs)
            step.save()


def _copy_database(target: Path) -> None:
    connection.ensure_connection()
    with closing(sqlite3.connect(target)) as copy:
        connection.connection.backup(copy)


@contextmanager
def _opened(path: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(path, "r:") as archive:
            yield archive
    except FileNotFoundError as error:
        raise UserError("there is no such file", where=str(path)) from error
    except (tarfile.TarError, KeyError, json.JSONDecodeError, pa.ArrowInvalid) as error:
        raise _not_whole(path) from error


def _not_whole(path: Path) -> UserError:
    return UserError(
        "is no whole backup of Zhike", where=str(path), advice="Give a file that `zhike backup` wrote, or another copy."
    )


def _read_manifest(archive: tarfile.TarFile, path: Path) -> dict[str, Any]:
    members = set(archive.getnames())  # to its end, which a file that was cut has not
    stream = archive.extractfile(MANIFEST)
    manifest = json.load(stream) if stream else {}
    if not isinstance(manifest, dict):
        raise _not_whole(path)
    if manifest.get("format") != FORMAT:
        raise UserError(f"is of format {manifest.get('format')}, this version reads {FORMAT}", where=str(path))
    if not {DATABASE, *(f"data/{number}.parquet" for number, _ in enumerate(manifest["files"]))} <= members:
        raise _not_whole(path)
    return manifest


def _extract(archive: tarfile.TarFile, name: str, target: Path) -> None:
    """Copies one member to a place of our choosing; where the archive says it should go does not matter."""
    try:
        stream = archive.extractfile(name)
    except KeyError:
        if name in SMALL_FILES:
            return
        raise
    assert stream is not None
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        while block := stream.read(1 << 20):
            file.write(block)


def _add_text(archive: tarfile.TarFile, name: str, text: str) -> None:
    data = text.encode()
    member = tarfile.TarInfo(name)
    member.size = len(data)
    archive.addfile(member, io.BytesIO(data))
