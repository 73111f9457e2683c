"""Commands about identity: which records are the same customer's."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from zhike.cli.output import Json, people, show, start, table


def add_commands(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    identity = typer.Typer(help="Which records are the same customer's.", no_args_is_help=True)
    identity.command("link")(link)
    app.add_typer(identity, name="identity")


def link(
    file: Annotated[Path, typer.Argument(help="CSV, XLSX, JSON Lines or Parquet; gzip allowed.", metavar="FILE")],
    record: Annotated[str, typer.Option("--id", help="Column that names a record.", metavar="COL")],
    truth: Annotated[
        str | None, typer.Option(help="Column that names the customer a record is known to be.", metavar="COL")
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option("--map", help="YAML file that says which column is what.", metavar="FILE.yaml")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", help="CSV file for the customer of every record.", metavar="FILE")
    ] = None,
    as_json: Json = False,
) -> None:
    """Link the records of a plain file: which of them are the same person or organisation."""
    start(needs_home=False)
    from zhike.collect.identity.files import link_file, write_assignments

    linked = link_file(file, record=record, truth=truth, roles=mapping)
    if output is not None:
        write_assignments(linked, output)
    document: dict[str, object] = {
        "records": linked.records,
        "clusters": linked.clusters,
        "columns": dict(linked.roles),
        "seconds": round(linked.seconds, 1),
    }
    if linked.accuracy is not None:
        document |= {
            "precision": linked.accuracy.precision,
            "recall": linked.accuracy.recall,
            "f1": linked.accuracy.f1,
        }

    def for_people() -> None:
        table("", ["column", "taken for"], [[column, role] for role, column in linked.roles.items()])
        people.print(f"{linked.records:,} records, {linked.clusters:,} of them different customers.")
        if linked.accuracy is not None:
            found = linked.accuracy
            people.print(f"precision {found.precision:.4f}, recall {found.recall:.4f}, F1 {found.f1:.4f}")
        if output is not None:
            people.print(f"Written to {output}.", style="dim")

    show(document, as_json=as_json, otherwise=for_people)
