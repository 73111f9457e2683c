"""Commands about customers."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from zhike.cli.output import Json, cell, people, show, start, table

LEFT_OUT = ("extra", "import_id", "row_number", "source")


def add_commands(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    customers = typer.Typer(help="Find customers and see what is known of them.", no_args_is_help=True)
    customers.command("find")(find)
    customers.command("show")(show_)
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
        people.print(f"[bold]{name}[/bold]  customer {view.customer_id}, refresh {view.refresh_id}")
        known = [(label, value) for label, value in view.customer.items() if value not in (None, "")]
        table("", ["field", "value"], [[label, _short(value)] for label, value in known if label != "customer_id"])
        came_from = ", ".join(f"{label} {value}" for label, value in view.provenance.items() if value is not None)
        people.print(f"from {came_from}" if came_from else "named by facts only, no record", style="dim")
        people.print("keys: " + ", ".join(f"{key['source']} {key['customer_key']}" for key in view.keys), style="dim")
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
        "keys": view.keys,
        **view.facts,
    }
    show(document, as_json=as_json, otherwise=for_people)


def _is_told(name: str, value: object) -> bool:
    return name not in LEFT_OUT and value not in (None, "")


def _origin(fact: dict[str, object]) -> str:
    if fact.get("import_id") is None:
        return ""
    return f"  (from {fact['source']}, import {fact['import_id']} row {fact['row_number']})"


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else cell(value)
    return text if len(text) <= 60 else text[:59] + "…"
