"""Commands about audiences."""

from __future__ import annotations

from typing import Annotated

import typer

from zhike.cli.output import Json, people, show, start


def add_commands(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    audience = typer.Typer(help="Sets of customers given by a rule.", no_args_is_help=True)
    audience.callback()(lambda: None)
    audience.command("count")(count)
    app.add_typer(audience, name="audience")


def count(
    rule: Annotated[str, typer.Argument(help='A rule such as: has tag "rfm_segment" = "champions"')],
    as_json: Json = False,
) -> None:
    """Count the customers for whom a rule holds."""
    start()
    from zhike.understand.audiences.queries import count_audience

    found = count_audience(rule)
    show(
        {
            "count": found.count,
            "customers": found.customers,
            "share": found.share,
            "refresh_id": found.refresh_id,
            "milliseconds": round(found.milliseconds, 3),
        },
        as_json=as_json,
        otherwise=lambda: people.print(
            f"{found.count:,} of {found.customers:,} customers ({found.share:.1%}), {found.milliseconds:.2f} ms"
        ),
    )
