"""Commands that look after an installation."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Annotated

import typer

from zhike.cli.output import Bars, Json, people, show, start, table


def add_commands(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    app.command("init")(init)
    app.command("check")(check)
    app.command("clean")(clean)
    app.command("backup")(backup)
    app.command("restore")(restore)


def init(
    admin: Annotated[str, typer.Option(help="User name of the first administrator.")] = "admin",
    as_json: Json = False,
) -> None:
    """Create the home, its databases and the first administrator, or bring them to this version.

    The password is ZHIKE_ADMIN_PASSWORD, or drawn and printed this once.
    """
    start(needs_home=False)
    from django.conf import settings

    from zhike.govern.access.services import create_administrator, is_opened
    from zhike.operate.setup import set_up

    set_up()
    document: dict[str, object] = {"home": settings.ZHIKE.home}
    lines = [f"Zhike is ready in {settings.ZHIKE.home}"]
    if not is_opened():
        given = os.environ.get("ZHIKE_ADMIN_PASSWORD")
        password = given or secrets.token_urlsafe(12)
        create_administrator(username=admin, password=password)
        document |= {"administrator": admin} if given else {"administrator": admin, "password": password}
        lines.append(f"The administrator is {admin}" + ("" if given else f" with the password {password}"))
    show(document, as_json=as_json, otherwise=lambda: people.print("\n".join(lines), highlight=False))


def check(as_json: Json = False) -> None:
    """Check that this installation works, and say what to do where it does not."""
    start(needs_home=False)
    from zhike.operate.checkup import check_installation

    findings = check_installation()
    is_ok = all(finding.ok for finding in findings)

    def for_people() -> None:
        rows = [["ok" if f.ok else "WRONG", f.check, f.says + (f"\n{f.advice}" if f.advice else "")] for f in findings]
        table("", ["", "check", ""], rows)

    show({"ok": is_ok, "checks": findings}, as_json=as_json, otherwise=for_people)
    if not is_ok:
        raise typer.Exit(1)


def clean(as_json: Json = False) -> None:
    """Remove old snapshots and files that nothing refers to."""
    start()
    from zhike.collect.sources.importing import discard_leftovers
    from zhike.collect.sources.models import Import
    from zhike.warehouse.cleaning import clean_up

    discard_leftovers()
    done = clean_up(
        unfinished_imports=lambda: Import.objects.filter(state=Import.State.RUNNING).values_list("pk", flat=True)
    )
    show(
        {"snapshots": done.snapshots, "files": done.files, "bytes": done.bytes, "refreshes": done.refreshes},
        as_json=as_json,
        otherwise=lambda: people.print(
            f"Removed {done.snapshots:,} snapshots and {done.files:,} files ({done.bytes / 1e6:,.1f} MB)."
        ),
    )


def backup(
    file: Annotated[Path, typer.Argument(help="File to write; must not exist yet.")],
    as_json: Json = False,
) -> None:
    """Write everything an embedded home holds to one file."""
    start()
    from zhike.operate.backup import back_up

    with Bars() as bars:
        done = back_up(file, progress=bars)
    show(
        {"ok": True, "file": done.path, "files": done.files, "bytes": done.bytes},
        as_json=as_json,
        otherwise=lambda: people.print(f"Backup of {done.files:,} files written to {done.path}."),
    )


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `zhike backup` wrote.")],
    as_json: Json = False,
) -> None:
    """Fill an empty home from a backup."""
    start(needs_home=False)
    from zhike.operate import backup as backups

    with Bars() as bars:
        count = backups.restore(file, progress=bars)
    show(
        {"ok": True, "files": count},
        as_json=as_json,
        otherwise=lambda: people.print(f"Restored {count:,} files."),
    )
