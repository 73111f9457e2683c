"""What is bought together: rules of the baskets in a file, or in the orders in force."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zhike.cli.output import Json, aside, people, show, start, table

if TYPE_CHECKING:
    from zhike.understand.affinity.rules import Rules
    from zhike.understand.affinity.thresholds import Thresholds

SHOWN, SHOWN_AS_JSON = 20, 10_000


def add_commands(app: typer.Typer) -> None:
    """Adds the command of this module."""
    app.command("affinity")(affinity)


def affinity(
    file: Annotated[
        Path | None, typer.Argument(help="CSV, XLSX, JSON Lines or Parquet; gzip allowed.", metavar="FILE")
    ] = None,
    warehouse: Annotated[bool, typer.Option("--warehouse", help="In place of a file, the orders in force.")] = False,
    ragged: Annotated[
        bool, typer.Option("--ragged", help="The file has no columns: every line is a basket, its items set apart.")
    ] = False,
    basket: Annotated[
        str | None,
        typer.Option(help="Column that names the basket; of orders: order (unless said), or customer.", metavar="COL"),
    ] = None,
    item: Annotated[
        str | None,
        typer.Option(
            help="Column that names the item; of orders: product (unless said), product_name, category or "
            "line_of_business.",
            metavar="COL",
        ),
    ] = None,
    min_support: Annotated[str, typer.Option(help="Least share of all baskets that hold a rule.", metavar="S")] = ".01",
    min_confidence: Annotated[
        str, typer.Option(help="Least share of the antecedent's baskets that hold the consequent.", metavar="C")
    ] = ".5",
    min_count: Annotated[int, typer.Option(help="Least number of baskets that hold a rule.")] = 1,
    max_length: Annotated[int | None, typer.Option(help="Most items of a rule, both sides together.")] = None,
    sort: Annotated[str, typer.Option(help="Highest first: lift, confidence or count.")] = "lift",
    limit: Annotated[
        int | None,
        typer.Option(help=f"How many rules to show; unless said {SHOWN}, or {SHOWN_AS_JSON} as JSON.", min=0),
    ] = None,
    output: Annotated[Path | None, typer.Option("-o", help="CSV file for all rules.", metavar="FILE")] = None,
    as_json: Json = False,
) -> None:
    """Find what is bought together: rules of the kind “who has these items also has that one”."""
    _check_usage(file, basket, item, warehouse=warehouse, ragged=ragged)
    start(needs_home=warehouse)
    from zhike.understand.affinity.files import write_rules
    from zhike.understand.affinity.rules import check_sort
    from zhike.understand.affinity.thresholds import thresholds

    wanted = thresholds(
        min_support=min_support, min_confidence=min_confidence, min_count=min_count, max_length=max_length
    )
    check_sort(sort)
    found = _found(file, wanted, basket, item, sort, ragged=ragged)
    if output is not None:
        write_rules(found, output)
    if found.left_out:
        aside.print(f"{found.left_out:,} rows with an empty cell were left out.", style="yellow")
    shown = found.table.slice(0, limit if limit is not None else SHOWN_AS_JSON if as_json else SHOWN).to_pylist()
    document = {"rules": shown, "total": found.total} | {
        name: value for name, value in vars(found).items() if name != "table"
    }
    show(document, as_json=as_json, otherwise=lambda: _for_people(found, shown, output))


def _check_usage(file: Path | None, basket: str | None, item: str | None, *, warehouse: bool, ragged: bool) -> None:
    if warehouse == (file is not None):
        raise typer.BadParameter("give a file or --warehouse")
    if ragged and (warehouse or basket or item):
        raise typer.BadParameter("--ragged takes a file, and no --basket or --item")
    if not (warehouse or ragged) and not (basket and item):
        raise typer.BadParameter("say with --basket and --item which columns are meant, or --ragged")


def _found(
    file: Path | None, wanted: Thresholds, basket: str | None, item: str | None, sort: str, *, ragged: bool
) -> Rules:
    from zhike.understand.affinity.files import rules_of_file, rules_of_ragged_file
    from zhike.understand.affinity.queries import rules_of_orders

    if file is None:
        return rules_of_orders(wanted, basket=basket or "order", item=item or "product", sort=sort)
    if ragged:
        return rules_of_ragged_file(file, wanted, sort=sort)
    return rules_of_file(file, wanted, basket=basket or "", item=item or "", sort=sort)


def _for_people(found: Rules, shown: list[dict[str, Any]], output: Path | None) -> None:
    rows = [
        [
            " + ".join(rule["antecedent"]),
            rule["consequent"],
            rule["count"],
            f"{rule['support']:.2%}",
            f"{rule['confidence']:.1%}",
            rule["lift"],
            f"{rule['lift_low']:,.2f} to {rule['lift_high']:,.2f}",
            f"{rule['q']:.1g}",
        ]
        for rule in shown
    ]
    if rows:
        table("", ["who has", "also has", "baskets", "support", "confidence", "lift", "interval", "by chance"], rows)
        people.print(
            f"Chosen from {found.looks:,} rules. The intervals allow for that ({found.interval_level:.2%} each);"
            " “by chance” is the share of false findings among the rules that are as sure as this one.",
            style="dim",
        )
    word = "rule" if found.total == 1 else "rules"
    people.print(
        f"{found.total:,} {word}, from {found.itemsets:,} sets of {found.items:,} items in {found.baskets:,} baskets."
    )
    if output is not None:
        people.print(f"Written to {output}.", style="dim")
