"""Commands that bring data in."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from zhike.cli.output import Background, Bars, Json, aside, enqueue, people, show, start, table
from zhike.errors import UserError
from zhike.warehouse.entities import ENTITIES

ORIGINS = {"remembered": "of the source's last import", "proposed": "proposed from the columns of the file"}


def add_commands(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    app.command("import")(import_)
    app.command("imports")(imports)
    app.command("rejects")(rejects)
    sources = typer.Typer(help="Where data comes from.", no_args_is_help=True)
    sources.command("list")(sources_list)
    sources.command("add")(sources_add)
    sources.command("set")(sources_set)
    app.add_typer(sources, name="sources")


def import_(
    path: Annotated[Path | None, typer.Argument(help="The file: CSV, TSV, XLSX, JSON Lines or Parquet.")] = None,
    entity: Annotated[str, typer.Option("--as", help=f"What the rows are: {', '.join(ENTITIES)}.")] = "",
    source: Annotated[str, typer.Option(help="Name of the source they come from.")] = "",
    map_file: Annotated[Path | None, typer.Option("--map", help="Mapping of the columns, a YAML file.")] = None,
    sql: Annotated[
        tuple[str, str] | None, typer.Option(help="URL of a database and a query, in place of a file.")
    ] = None,
    lawful_basis: Annotated[str, typer.Option(help="What entitles the firm to hold the data, for a new source.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    background: Background = False,
    as_json: Json = False,
) -> None:
    """Import a file or the result of a query; without --map a mapping is proposed and used."""
    start()
    from zhike.collect.sources import services
    from zhike.collect.sources.detection import MappingIncomplete
    from zhike.collect.sources.mapping import read_mapping

    _check_usage(path, sql, entity, source, background=background, dry_run=dry_run)
    mapping = read_mapping(map_file) if map_file else None
    if background:
        arguments = {"path": str(cast(Path, path).absolute()), "entity": entity, "source": source}
        enqueue("import", {**arguments, "mapping": mapping.as_data() if mapping else None}, as_json=as_json)
        return
    options = {"entity": entity, "source": source, "mapping": mapping, "dry_run": dry_run}
    try:
        with Bars() as bars:
            if lawful_basis and not dry_run:
                services.state_lawful_basis(name=source, lawful_basis=lawful_basis)
            if sql is not None:
                result = services.import_query(*sql, **options, progress=bars)  # type: ignore[arg-type]
            else:
                result = services.import_file(cast(Path, path), **options, progress=bars)  # type: ignore[arg-type]
    except MappingIncomplete as incomplete:
        (aside if as_json else people).print(incomplete.proposal, markup=False)
        raise

    def for_people() -> None:
        if result.mapping_origin != "given":
            aside.print(f"Mapping {ORIGINS[result.mapping_origin]}:", style="bold")
            aside.print(result.mapping.as_yaml(), markup=False)
        _tell(result)

    show(_document(result, dry_run=dry_run), as_json=as_json, otherwise=for_people)


def _check_usage(
    path: Path | None,
    sql: tuple[str, str] | None,
    entity: str,
    source: str,
    *,
    background: bool,
    dry_run: bool,
) -> None:
    if not entity or not source:
        raise typer.BadParameter("say what the rows are (--as) and where they come from (--source)")
    if (path is None) == (sql is None):
        raise typer.BadParameter("give a file or --sql URL QUERY")
    if background and (path is None or dry_run):
        raise typer.BadParameter("--background takes a file, and no --dry-run")


def _document(result, *, dry_run: bool) -> dict[str, object]:  # type: ignore[no-untyped-def]
    return {
        "import_id": result.import_id,
        "dry_run": dry_run,
        "read": result.read,
        "accepted": result.accepted,
        "corrections": result.corrections,
        "duplicates": result.duplicates,
        "rejected": result.rejected,
        "reasons": result.reasons,
        "same_as": result.same_as,
        "quarantined": result.quarantined,
        "seconds": round(result.seconds, 3),
        "mapping": result.mapping.as_data(),
    }


def _tell(result) -> None:  # type: ignore[no-untyped-def]
    name = f"Import {result.import_id}" if result.import_id else "Dry run"
    rate = f", {result.read / result.seconds:,.0f} rows a second" if result.seconds else ""
    table(
        f"{name}: {result.read:,} rows read in {result.seconds:.1f} s{rate}",
        ["accepted", "of them corrections", "duplicates", "rejected"],
        [[result.accepted, result.corrections, result.duplicates, result.rejected]],
    )
    if result.same_as:
        people.print(f"The very same file was brought in by import {result.same_as}: nothing to add.")
    if result.reasons:
        people.print()
        table("", ["rejected because", "rows"], Counter(result.reasons).most_common())
        if result.import_id:
            people.print(f"\nzhike rejects {result.import_id} -o FILE writes them down to be mended.")
    if result.quarantined:
        aside.print(
            "The source has no lawful basis: its customers are quarantined and can't be contacted.\n"
            "State one: zhike sources set NAME --lawful-basis contract",
            style="yellow",
        )


def imports(
    last: Annotated[int, typer.Option(help="How many, newest first.")] = 20,
    as_json: Json = False,
) -> None:
    """List what was imported."""
    start()
    from zhike.collect.sources.queries import list_imports

    found = list_imports(last=last)
    columns = [
        "import_id",
        "source",
        "entity",
        "file",
        "state",
        "read",
        "accepted",
        "duplicates",
        "rejected",
        "started_at",
    ]

    def for_people() -> None:
        if not found:
            people.print("Nothing was imported yet. Begin with: zhike import FILE --as orders --source NAME")
            return
        table("", columns, [[row[name] for name in columns] for row in found])

    show({"imports": found}, as_json=as_json, otherwise=for_people)


def rejects(
    import_id: Annotated[int, typer.Argument(help="Number of the import.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="CSV file to write.")],
    as_json: Json = False,
) -> None:
    """Write the rejected rows of an import, each with column, value and reason; mended, the file can be imported."""
    start()
    from zhike.collect.sources.rejects import write_rejects

    count = write_rejects(import_id, output)
    show(
        {"import_id": import_id, "rejected": count, "file": str(output)},
        as_json=as_json,
        otherwise=lambda: people.print(f"{count:,} rejected rows written to {output}"),
    )


def sources_list(as_json: Json = False) -> None:
    """List the sources."""
    start()
    from zhike.collect.sources.queries import list_sources

    found = list_sources()
    columns = ["name", "title", "lawful_basis", "owner_unit", "priority", "imports"]
    show(
        {"sources": found},
        as_json=as_json,
        otherwise=lambda: table("", columns, [[row[name] for name in columns] for row in found]),
    )


LawfulBasis = Annotated[
    str,
    typer.Option(
        help="consent, contract, legal_obligation, vital_interests, public_task or legitimate_interests; "
        "unstated quarantines the source."
    ),
]


def sources_add(
    name: Annotated[str, typer.Argument(help="Short name, such as web-shop.")],
    lawful_basis: LawfulBasis = "unstated",
    title: Annotated[str, typer.Option(help="Name for people.")] = "",
    owner_unit: Annotated[str, typer.Option(help="Org unit it belongs to.")] = "",
    priority: Annotated[int, typer.Option(help="Lower goes first where sources disagree.")] = 100,
    as_json: Json = False,
) -> None:
    """Add a source."""
    start()
    from zhike.collect.sources.services import add_source

    source = add_source(name=name, title=title, lawful_basis=lawful_basis, owner_unit=owner_unit, priority=priority)
    show({"name": source.name}, as_json=as_json, otherwise=lambda: people.print(f"Source {source.name} added."))


def sources_set(
    name: Annotated[str, typer.Argument(help="Name of the source.")],
    lawful_basis: Annotated[str | None, typer.Option(help="See `sources add`.")] = None,
    title: Annotated[str | None, typer.Option(help="Name for people.")] = None,
    owner_unit: Annotated[str | None, typer.Option(help="Org unit it belongs to.")] = None,
    priority: Annotated[int | None, typer.Option(help="Lower goes first where sources disagree.")] = None,
    field_priority: Annotated[
        list[str] | None, typer.Option(help="The same for one field, such as phone=10; phone= takes it away.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Change a source."""
    start()
    from zhike.collect.sources.queries import source_of
    from zhike.collect.sources.services import change_source

    changes = {"lawful_basis": lawful_basis, "title": title, "owner_unit": owner_unit, "priority": priority}
    given: dict[str, Any] = {field: value for field, value in changes.items() if value is not None}
    if field_priority:
        given["field_priorities"] = _priorities(source_of(name).field_priorities, field_priority)
    if not given:
        raise UserError("nothing to change", advice="Give at least one option.")
    source = change_source(name=name, **given)
    show({"name": source.name}, as_json=as_json, otherwise=lambda: people.print(f"Source {source.name} changed."))


def _priorities(known: dict[str, int], stated: list[str]) -> dict[str, int]:
    """The priorities of single fields after some were stated as field=number."""
    changed = dict(known)
    for text in stated:
        field, sign, number = text.partition("=")
        if not sign or not (number.isdecimal() or not number):
            raise UserError(f"{text!r} is no priority", where="--field-priority", advice="Write it as phone=10.")
        changed.pop(field, None)
        if number:
            changed[field] = int(number)
    return changed
