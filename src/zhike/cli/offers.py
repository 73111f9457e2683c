"""Commands about what to offer customers next."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zhike.cli.output import Json, people, show, start, table

if TYPE_CHECKING:
    from zhike.understand.offers.queries import OfferRuleShown


def add_commands(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    offers = typer.Typer(
        help="What to offer customers next: the rule base, and one customer's offers.", no_args_is_help=True
    )
    offers.command("list")(list_)
    offers.command("of")(of)
    app.add_typer(offers, name="offers")


def list_(
    archived: Annotated[bool, typer.Option("--archived", help="Those that were archived.")] = False,
    as_json: Json = False,
) -> None:
    """List the offer rules by priority."""
    start()
    from zhike.understand.offers.queries import list_offer_rules

    found = list_offer_rules(archived=archived)
    columns = ["priority", "name", "on", "customers", "products", "rule"]
    rows = [
        [one.priority, one.name, "yes" if one.is_on else "no", one.customers, ", ".join(_names(one)), one.rule]
        for one in found
    ]
    show(
        {"offer_rules": [_document(one) for one in found]}, as_json=as_json, otherwise=lambda: table("", columns, rows)
    )


def of(
    customer_id: Annotated[int, typer.Argument(help="Number of the customer.", metavar="ID")], as_json: Json = False
) -> None:
    """Show what a customer is to be offered next, and why."""
    start()
    from zhike.understand.offers.queries import offers_of
    from zhike.understand.offers.words import why

    found = offers_of(customer_id)

    def told() -> None:
        if not found:
            people.print("Nothing is to be offered to this customer.")
            return
        rows = [[one.place, one.item, one.name, one.source, why(one)] for one in found]
        table("", ["offer", "product", "name", "source", "why"], rows)

    document = {"customer_id": customer_id, "offers": [asdict(one) | {"why": why(one)} for one in found]}
    show(document, as_json=as_json, otherwise=told)


def _names(rule: OfferRuleShown) -> list[str]:
    return [product.name for product in rule.products]


def _document(rule: OfferRuleShown) -> dict[str, Any]:
    days = {name: day.isoformat() if (day := getattr(rule, name)) else None for name in ("valid_from", "valid_until")}
    return asdict(rule) | days | {"changed_at": rule.changed_at.isoformat()}
