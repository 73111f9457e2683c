"""Commands about what to offer customers next."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zhike.cli.output import Json, people, show, start, table

if TYPE_CHECKING:
    from zhike.understand.offers.queries import OfferRuleShown

DAY = "%Y-%m-%d"
RuleId = Annotated[int, typer.Argument(help="Number of the offer rule.", metavar="RULE_ID")]


class State(StrEnum):
    """Whether an offer rule is heard."""

    ON = "on"
    OFF = "off"


def add_commands(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    offers = typer.Typer(
        help="What to offer customers next: the rule base, and one customer's offers.", no_args_is_help=True
    )
    for name, command in (
        ("list", list_),
        ("save", save),
        ("switch", switch),
        ("archive", archive),
        ("restore", restore),
        ("of", of),
    ):
        offers.command(name)(command)
    app.add_typer(offers, name="offers")


def list_(
    archived: Annotated[bool, typer.Option("--archived", help="Those that were archived.")] = False,
    as_json: Json = False,
) -> None:
    """List the offer rules by priority."""
    start()
    from zhike.understand.offers.queries import list_offer_rules

    found = list_offer_rules(archived=archived)
    columns = ["rule_id", "priority", "name", "on", "customers", "products", "rule"]
    rows = [
        [
            one.rule_id,
            one.priority,
            one.name,
            "yes" if one.is_on else "no",
            one.customers,
            ", ".join(_names(one)),
            one.rule,
        ]
        for one in found
    ]
    show(
        {"offer_rules": [_document(one) for one in found]}, as_json=as_json, otherwise=lambda: table("", columns, rows)
    )


def save(
    name: Annotated[str, typer.Argument(help="What the offer rule is called.")],
    to: Annotated[str, typer.Option(help="The rule that says to whom.", metavar="RULE")],
    value: Annotated[
        list[str], typer.Option(help="A product number, or what --by says; may repeat. The first is offered first.")
    ],
    by: Annotated[
        str, typer.Option(help="What the values are: product, name, category, tag or line_of_business.")
    ] = "product",
    priority: Annotated[int, typer.Option(help="1 goes first.")] = 5,
    reason: Annotated[str, typer.Option(help="Why; whoever makes the offer reads it.")] = "",
    may_repeat: Annotated[
        bool, typer.Option("--may-repeat", help="Also to those who ordered it before: it is used up.")
    ] = False,
    valid_from: Annotated[datetime | None, typer.Option(formats=[DAY], help="First day.", metavar="DATE")] = None,
    valid_until: Annotated[datetime | None, typer.Option(formats=[DAY], help="Last day.", metavar="DATE")] = None,
    as_json: Json = False,
) -> None:
    """Keep an offer rule, which is heard from the next refresh on."""
    start()
    from zhike.understand.offers.queries import offer_rule
    from zhike.understand.offers.services import OfferText, save_offer_rule

    said = OfferText(
        name=name,
        rule=to,
        by=by,
        values=value,
        priority=priority,
        reason=reason,
        may_repeat=may_repeat,
        valid_from=valid_from.date() if valid_from else None,
        valid_until=valid_until.date() if valid_until else None,
    )
    kept = offer_rule(save_offer_rule(said).pk)

    def told() -> None:
        holds = "" if kept.customers is None else f" It holds for {kept.customers:,} customers."
        people.print(f"Offer rule {kept.rule_id} is kept.{holds}", markup=False)

    show(_document(kept), as_json=as_json, otherwise=told)


def switch(rule_id: RuleId, state: Annotated[State, typer.Argument(help="on or off.")], as_json: Json = False) -> None:
    """Switch an offer rule on or off, from the next refresh on."""
    start()
    from zhike.understand.offers.services import switch_offer_rule

    _tell(switch_offer_rule(rule_id=rule_id, is_on=state is State.ON).pk, f"is {state}", as_json)


def archive(rule_id: RuleId, as_json: Json = False) -> None:
    """Take an offer rule off the list; its name is free."""
    start()
    from zhike.understand.offers.services import archive_offer_rule

    _tell(archive_offer_rule(rule_id=rule_id).pk, "is archived", as_json)


def restore(rule_id: RuleId, as_json: Json = False) -> None:
    """Put an archived offer rule back on the list."""
    start()
    from zhike.understand.offers.services import restore_offer_rule

    _tell(restore_offer_rule(rule_id=rule_id).pk, "is back", as_json)


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


def _tell(rule_id: int, what: str, as_json: bool) -> None:
    from zhike.understand.offers.queries import offer_rule

    kept = offer_rule(rule_id)
    show(_document(kept), as_json=as_json, otherwise=lambda: people.print(f"{kept.name} {what}.", markup=False))


def _names(rule: OfferRuleShown) -> list[str]:
    return [product.name for product in rule.products]


def _document(rule: OfferRuleShown) -> dict[str, Any]:
    days = {name: day.isoformat() if (day := getattr(rule, name)) else None for name in ("valid_from", "valid_until")}
    return asdict(rule) | days | {"changed_at": rule.changed_at.isoformat()}
