"""Commands about customers."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated, cast

import typer
from rich.markup import escape

from zhike.cli.output import Json, cell, people, show, start, table
from zhike.warehouse.entity_parts import FUNCTIONS, LAYERS, RELATIONS

LEFT_OUT = ("extra", "import_id", "row_number", "source")


def add_commands(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    customers = typer.Typer(help="Find customers and see what is known of them.", no_args_is_help=True)
    customers.command("find")(find)
    customers.command("show")(show_)
    customers.command("correct")(correct)
    customers.command("corrections")(corrections)
    customers.command("undo")(undo)
    customers.command("relate")(relate)
    customers.command("unrelate")(unrelate)
    app.add_typer(customers, name="customers")


def find(
    text: Annotated[str, typer.Argument(help="Name, phone, e-mail, contract number, key or customer_id.")],
    limit: Annotated[int, typer.Option(help="How many at most.")] = 20,
    as_json: Json = False,
) -> None:
    """Find customers by name, phone, e-mail, contract number, key or customer_id."""
    start()
    from zhike.collect.profiles.queries import SHOWN, find_customers

    found = find_customers(text, limit=limit)

    def for_people() -> None:
        if not found:
            people.print(f"Nobody matches {text!r}.")
            return
        table("", SHOWN, [[str(row["customer_id"]), *(row[name] for name in SHOWN[1:])] for row in found])

    show({"customers": found}, as_json=as_json, otherwise=for_people)


def show_(
    customer_id: Annotated[int, typer.Argument(help="The customer's number.")],
    as_json: Json = False,
) -> None:
    """Show all that is known of one customer, and where it came from."""
    start()
    from zhike.collect.profiles.queries import single_view

    view = single_view(customer_id)

    def for_people() -> None:
        name = view.customer.get("name") or view.provenance["customer_key"] or ""
        people.print(f"[bold]{escape(str(name))}[/bold]  customer {view.customer_id}, refresh {view.refresh_id}")
        known = [(label, value) for label, value in view.customer.items() if value not in (None, "")]
        table("", ["field", "value"], [[label, _short(value)] for label, value in known if label != "customer_id"])
        came_from = ", ".join(f"{label} {value}" for label, value in view.provenance.items() if value is not None)
        people.print(f"from {came_from}" if came_from else "named by facts only, no record", style="dim")
        people.print("keys: " + ", ".join(f"{key['source']} {key['customer_key']}" for key in view.keys), style="dim")
        _tell_disputed(view.fields)
        _tell_relations(view.relations)
        for title, facts in view.facts.items():
            people.print(f"\n[bold]{title.replace('_', ' ')}[/bold]")
            for fact in facts:
                said = " · ".join(f"{name} {_short(value)}" for name, value in fact.items() if _is_told(name, value))
                people.print(f"  {said}{_origin(fact)}", markup=False)

    document = {
        "customer_id": view.customer_id,
        "refresh_id": view.refresh_id,
        "customer": view.customer,
        "provenance": view.provenance,
        "fields": view.fields,
        "keys": view.keys,
        "relations": view.relations,
        **view.facts,
    }
    show(document, as_json=as_json, otherwise=for_people)


def correct(
    customer_id: Annotated[int, typer.Argument(help="The customer's number.")],
    field: Annotated[str, typer.Argument(help="What is corrected, such as phone.")],
    value: Annotated[str, typer.Argument(help="What it is; empty for none.")],
    why: Annotated[str, typer.Option(help="Why, or who said so.")] = "",
    as_json: Json = False,
) -> None:
    """Correct a field of a customer: in force at once for this one, in lists and counts with the next refresh."""
    start()
    from zhike.collect.profiles import services

    made = services.correct(customer_id=customer_id, field=field, value=value, why=why)
    said = f"{field} of customer {customer_id} corrected; `zhike customers undo {made.pk}` takes it back."
    show({"correction_id": made.pk}, as_json=as_json, otherwise=lambda: people.print(said, markup=False))


def corrections(
    customer_id: Annotated[int, typer.Argument(help="The customer's number.")],
    as_json: Json = False,
) -> None:
    """List what was corrected of a customer: who, when, before, after, why."""
    start()
    from zhike.collect.profiles.golden.corrections import corrections_of

    found = [asdict(one) for one in corrections_of(customer_id)]
    columns = ["correction_id", "field", "before", "after", "why", "who", "made_at", "is_in_force"]
    show(
        {"corrections": found},
        as_json=as_json,
        otherwise=lambda: table("", columns, [[one[name] for name in columns] for one in found]),
    )


def undo(
    correction: Annotated[int, typer.Argument(help="Number of the correction.")],
    as_json: Json = False,
) -> None:
    """Take a correction back: the one before it is in force again, or what the records say."""
    start()
    from zhike.collect.profiles.services import undo_correction

    undone = undo_correction(correction_id=correction)
    said = f"Correction {undone.pk} of {undone.field} is undone."
    show({"correction_id": undone.pk}, as_json=as_json, otherwise=lambda: people.print(said))


def relate(
    customer_id: Annotated[int, typer.Argument(help="The customer's number.")],
    kind: Annotated[str, typer.Argument(help=f"What the other is to them: {', '.join(RELATIONS)}.")],
    related_id: Annotated[int, typer.Argument(help="Number of the other customer.")],
    role: Annotated[str, typer.Option(help="Position or role.")] = "",
    department: Annotated[str, typer.Option(help="Department of the organisation.")] = "",
    layer: Annotated[str, typer.Option(help=f"Of a member: {', '.join(LAYERS)}.")] = "",
    function: Annotated[str, typer.Option(help=f"Of a member: {', '.join(FUNCTIONS)}.")] = "",
    as_json: Json = False,
) -> None:
    """Say what another customer is to one: shown with both at once, in lists and counts with the next refresh."""
    start()
    from zhike.collect.profiles.relations import services

    made = services.relate(
        customer_id=customer_id,
        related_id=related_id,
        kind=kind,
        role=role,
        department=department,
        layer=layer,
        function=function,
    )
    said = f"Customer {related_id} is the {kind} of {customer_id}; `zhike customers unrelate {made.pk}` takes it back."
    show({"relation_id": made.pk}, as_json=as_json, otherwise=lambda: people.print(said, markup=False))


def unrelate(
    relation: Annotated[int, typer.Argument(help="Number of the relation.")],
    as_json: Json = False,
) -> None:
    """Take back a relation that was entered by hand."""
    start()
    from zhike.collect.profiles.relations import services

    gone = services.unrelate(relation_id=relation)
    show({"relation_id": gone.pk}, as_json=as_json, otherwise=lambda: people.print(f"Relation {gone.pk} is removed."))


def _tell_relations(relations: list[dict[str, object]]) -> None:
    if relations:
        columns = ("kind", "related_id", "name", "role", "department", "origin", "relation_id")
        table("Relations", columns, [[one[name] for name in columns] for one in relations])


def _tell_disputed(fields: dict[str, dict[str, object]]) -> None:
    """The fields of which several records say different things, and which of them was taken."""
    lines = []
    for name, field in fields.items():
        records = cast(list[dict[str, object]], field["records"])
        if field["decided_by"] not in ("only", "agreed", "all_records"):
            others = (f"{one['source']}: {_short(one['value'])}" for one in records)
            lines.append([name, field["decided_by"], " · ".join(others)])
    if lines:
        table("Where records differ", ["field", "decided by", "records, the best first"], lines)


def _is_told(name: str, value: object) -> bool:
    return name not in LEFT_OUT and value not in (None, "")


def _origin(fact: dict[str, object]) -> str:
    if fact.get("import_id") is None:
        return ""
    return f"  (from {fact['source']}, import {fact['import_id']} row {fact['row_number']})"


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else cell(value)
    return text if len(text) <= 60 else text[:59] + "…"
