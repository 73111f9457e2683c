"""Diagnosis of an installation: each check says what is wrong and what to do."""

from __future__ import annotations

import platform
import shutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version

from django.conf import settings
from django.db import connection

from zhike.errors import UserError
from zhike.operate.setup import pending_migrations
from zhike.warehouse import catalog
from zhike.warehouse.engines import engine_named
from zhike.warehouse.entities import REJECTS
from zhike.warehouse.files import NEEDED_BYTES, filesystem, inner_path
from zhike.warehouse.locks import REFRESH, is_free
from zhike.warehouse.models import CurrentRefresh, Refresh
from zhike.warehouse.tables import all_contracts

# Combinations that install without complaint and break at run time.
BREAKING = {"duckdb": (2,), "pandas": (3,), "sqlglot": (30, 18)}


@dataclass(frozen=True)
class Finding:
    """The outcome of one check."""

    check: str
    ok: bool
    says: str
    advice: str = ""


def check_installation() -> list[Finding]:
    """The outcome of every check, in an order in which the first that fails explains the rest."""
    findings = []
    for name, check in CHECKS.items():
        try:
            findings.append(Finding(name, ok=True, says=check()))
        except UserError as error:
            findings.append(Finding(name, ok=False, says=error.message, advice=error.advice))
        except Exception as error:  # noqa: BLE001 - a diagnosis reports whatever it meets
            findings.append(Finding(name, ok=False, says=f"{type(error).__name__}: {str(error).splitlines()[0]}"))
    return findings


def _versions() -> str:
    for package, limit in BREAKING.items():
        found = version(package)
        if tuple(int(part) for part in found.split(".")[: len(limit)]) >= limit:
            raise UserError(
                f"{package} {found} does not work with this version",
                advice=f"Install {package} below {_dotted(limit)}.",
            )
    engines = ", ".join(f"{name} {version(name)}" for name in ("duckdb", "ibis-framework", "pyiceberg", "django"))
    return f"Python {platform.python_version()}, {engines}"


def _home() -> str:
    home = settings.ZHIKE.home
    probe = home / f".probe-{uuid.uuid4().hex}"
    try:
        probe.write_text("probe")
        probe.unlink()
    except OSError as error:
        raise UserError(
            f"{home} cannot be written to: {error.strerror}", advice="Change its owner or ZHIKE_HOME."
        ) from error
    free = shutil.disk_usage(home).free
    if free < NEEDED_BYTES:
        raise UserError(f"only {free / 1e6:,.0f} MB are free on the disk of {home}", advice="Make room: `zhike clean`.")
    return f"{home}, {free / 1e9:,.1f} GB free"


def _database() -> str:
    pending = pending_migrations()
    if pending:
        raise UserError(f"{len(pending)} migrations are pending", advice="Run `zhike init`.")
    return f"{connection.vendor}, all migrations applied"


def _catalog() -> str:
    tables = [catalog.table_of(contract) for contract in all_contracts()]
    return f"{len(tables)} tables"


def _warehouse() -> str:
    system, folder = filesystem(), inner_path(settings.ZHIKE.warehouse)
    if settings.ZHIKE.is_local:
        system.create_dir(folder, recursive=True)
    path = f"{folder}/probe-{uuid.uuid4().hex}"
    with system.open_output_stream(path) as stream:
        stream.write(b"probe")
    system.delete_file(path)
    return settings.ZHIKE.warehouse


def _engine() -> str:
    engine = engine_named(settings.ZHIKE.engine)
    nothing = engine.open(REJECTS, [])
    answer = engine.arrow(nothing.count().as_table())[0][0].as_py()
    assert answer == 0
    return f"{engine.name} answers"


def _refresh() -> str:
    current = CurrentRefresh.objects.select_related("refresh").first()
    interrupted = Refresh.objects.filter(state=Refresh.State.RUNNING).first()
    if interrupted is not None and is_free(REFRESH):
        raise UserError(f"refresh {interrupted.pk} was interrupted", advice="`zhike refresh` continues it.")
    if current is None:
        return "none yet"
    missing = sum(1 for path in _files_in_force(current.refresh) if not _exists(path))
    if missing:
        raise UserError(
            f"{missing} files of refresh {current.refresh_id} are missing",
            advice="Run `zhike refresh`, or restore a backup if collected files are gone.",
        )
    return f"refresh {current.refresh_id} of {current.refresh.finished_at:%Y-%m-%d %H:%M}, all files there"


def _files_in_force(refresh: Refresh) -> Iterator[str]:
    named = {**refresh.inputs, **refresh.outputs}
    for contract in all_contracts():
        yield from (file.path for file in catalog.files_of(contract, named.get(contract.table)))


def _exists(path: str) -> bool:
    return bool(filesystem().get_file_info(inner_path(path)).type)


def _dotted(numbers: tuple[int, ...]) -> str:
    return ".".join(str(number) for number in numbers)


CHECKS: dict[str, Callable[[], str]] = {
    "versions": _versions,
    "home": _home,
    "database": _database,
    "warehouse": _warehouse,
    "catalog": _catalog,
    "engine": _engine,
    "refresh": _refresh,
}
