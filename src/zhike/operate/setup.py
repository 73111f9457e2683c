"""Setting an installation up: home, databases, catalog."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from zhike.errors import UserError
from zhike.warehouse import catalog
from zhike.warehouse.files import make_folder
from zhike.warehouse.locks import exclusive


def set_up() -> None:
    """Creates home, databases and catalog, or brings them to this version; harmless when repeated."""
    home = settings.ZHIKE.home
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot be created: {error.strerror}", where=str(home), advice="Set ZHIKE_HOME.") from error
    if not os.access(home, os.W_OK):
        raise UserError("cannot be written to", where=str(home), advice="Change its owner, or set ZHIKE_HOME.")
    with exclusive_setup():
        call_command("migrate", verbosity=0, interactive=False)
        _keep_secret_key(home / "secret_key")
    if settings.ZHIKE.is_local:
        make_folder(settings.ZHIKE.warehouse)
    for namespace in ("collected", "computed"):
        catalog.catalog().create_namespace_if_not_exists(namespace)


def _keep_secret_key(path: Path) -> None:
    """Writes the key that signs sessions, readable by its owner only, unless it is set or there already."""
    if not settings.ZHIKE.secret_key and not path.exists():
        path.touch(mode=0o600)
        path.write_text(settings.SECRET_KEY)


def exclusive_setup():  # type: ignore[no-untyped-def]
    """Two processes that set the same installation up take turns."""
    return exclusive("setup", what="another set-up", wait=True)


def ensure_ready() -> None:
    """Makes sure commands find their databases: an embedded home is set up at first use.

    Raises UserError where a server database is not set up or an upgrade is due.
    """
    pending = pending_migrations()
    if not pending:
        return
    is_new = "sources.0001_initial" in pending
    if is_new and not settings.ZHIKE.database_url:
        set_up()
        return
    raise UserError(
        "the database is not set up" if is_new else "the database is from an earlier version",
        where=str(settings.ZHIKE.home),
        advice="Run `zhike init`." if is_new else "Make a backup, then run `zhike init` to upgrade it.",
    )


def pending_migrations() -> list[str]:
    """Migrations of this version that the database lacks. Raises UserError if it cannot be reached."""
    if not settings.ZHIKE.database_url:
        settings.ZHIKE.home.mkdir(mode=0o700, parents=True, exist_ok=True)  # nobody else on the machine reads it
    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        raise UserError(
            f"the operational database cannot be used: {str(error).strip()}",
            where="ZHIKE_DATABASE_URL" if settings.ZHIKE.database_url else str(settings.ZHIKE.home / "zhike.db"),
        ) from error
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]
