"""Commands about identity: which records are the same customer's."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zhike.cli.output import Json, aside, people, show, start, table
from zhike.errors import UserError

if TYPE_CHECKING:
    from zhike.collect.identity.models import Decision


Ids = Annotated[list[int] | None, typer.Argument(help="Two customers or more.", metavar="CUSTOMER_ID…")]
Groups = Annotated[
    Path | None,
    typer.Option("--file", help="Table with group and customer_id, or group, source and customer_key.", metavar="FILE"),
]
Why = Annotated[str, typer.Option(help="Why, for who asks later.", metavar="TEXT")]
DecisionId = Annotated[int, typer.Argument(help="Number of the decision.", metavar="DECISION")]


def add_commands(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    identity = typer.Typer(help="Which records are the same customer's.", no_args_is_help=True)
    identity.command("link")(link)
    identity.command("duplicates")(duplicates)
    identity.command("merge")(merge)
    identity.command("never-same")(never_same)
    identity.command("split")(split)
    identity.command("decisions")(decisions)
    identity.command("undo")(undo)
    identity.command("redo")(redo)
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
    if linked.warning:
        document["warning"] = linked.warning
        aside.print(linked.warning, style="yellow", markup=False, soft_wrap=True)

    def for_people() -> None:
        table("", ["column", "taken for"], [[column, role] for role, column in linked.roles.items()])
        people.print(f"{linked.records:,} records, {linked.clusters:,} of them different customers.")
        if linked.accuracy is not None:
            found = linked.accuracy
            people.print(f"precision {found.precision:.4f}, recall {found.recall:.4f}, F1 {found.f1:.4f}")
        if output is not None:
            people.print(f"Written to {output}.", style="dim")

    show(document, as_json=as_json, otherwise=for_people)


def duplicates(
    limit: Annotated[int, typer.Option(help="How many.", min=1, max=1000)] = 20, as_json: Json = False
) -> None:
    """List customers who may be the same, likeliest first."""
    start()
    from zhike.collect.duplicates.queries import waiting

    found = waiting(limit=limit)
    rows = [
        [one.customer_id, one.name, one.other_id, one.other_name, f"{one.probability:.1%}"] for one in found.duplicates
    ]
    document = {"duplicates": [asdict(one) for one in found.duplicates], "total": found.total}

    def for_people() -> None:
        table("", ["customer", "name", "may be", "name", "how likely"], rows)
        people.print(f"{found.total:,} wait.")

    show(document, as_json=as_json, otherwise=for_people)


def merge(customers: Ids = None, file: Groups = None, why: Why = "", as_json: Json = False) -> None:
    """Declare customers to be one: those named, or the groups of a file."""
    start()
    from zhike.collect.identity.services import merge_customers

    _told(merge_customers(_groups(customers, file), why=why), as_json=as_json)


def never_same(customers: Ids = None, file: Groups = None, why: Why = "", as_json: Json = False) -> None:
    """Declare customers never to be one, whatever their records say."""
    start()
    from zhike.collect.identity import services

    _told(services.never_same(_groups(customers, file), why=why), as_json=as_json)


def split(
    customer: Annotated[int, typer.Argument(help="The customer.", metavar="CUSTOMER_ID")],
    key: Annotated[list[str], typer.Option(help="A key that is another customer's; may repeat.", metavar="SOURCE:KEY")],
    why: Why = "",
    as_json: Json = False,
) -> None:
    """Declare some keys of a customer to be another's, all of one."""
    start()
    from zhike.collect.identity.queries import Key
    from zhike.collect.identity.services import split_customer

    keys = [Key(*one.partition(":")[::2]) for one in key]
    _told(split_customer(customer, keys, why=why), as_json=as_json)


def decisions(limit: Annotated[int, typer.Option(help="How many.", min=1)] = 20, as_json: Json = False) -> None:
    """List what people decided about who is who, newest first."""
    start()
    from zhike.collect.identity import queries

    found = [_said(one) for one in queries.decisions()[:limit]]
    table_rows = [list(one.values()) for one in found]
    heads = ["number", "kind", "groups", "why", "by", "made", "undone"]
    show({"decisions": found}, as_json=as_json, otherwise=lambda: table("", heads, table_rows))


def undo(decision: DecisionId, as_json: Json = False) -> None:
    """Take a decision back."""
    start()
    from zhike.collect.identity.services import undo_decision

    _told(undo_decision(decision), as_json=as_json)


def redo(decision: DecisionId, as_json: Json = False) -> None:
    """Let a decision that was undone count again."""
    start()
    from zhike.collect.identity.services import redo_decision

    _told(redo_decision(decision), as_json=as_json)


def _groups(customers: list[int] | None, file: Path | None) -> list[list[int]]:
    if bool(customers) == (file is not None):
        raise UserError("name customers, or a file with groups of them")
    if file is None:
        return [customers or []]
    from zhike.collect.identity.group_files import groups_of_file
    from zhike.warehouse.queries import published

    return groups_of_file(file, published())


def _said(decision: Decision) -> dict[str, object]:
    return {
        "decision_id": decision.pk,
        "kind": decision.kind,
        "groups": decision.group_count,
        "why": decision.why,
        "made_by": str(decision.made_by or ""),
        "made_at": decision.made_at,
        "undone_at": decision.undone_at,
    }


def _told(decision: Decision, *, as_json: bool) -> None:
    state = "undone" if decision.undone_at else "kept"
    told = f"Decision {decision.pk} is {state}. It takes effect with the next refresh."
    show(_said(decision), as_json=as_json, otherwise=lambda: people.print(told))
