"""The command that grows the demo company."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from zhike.cli.output import Bars, Json, people, show, start, table
from zhike.cli.serving import Port, serve_pages

if TYPE_CHECKING:
    from zhike.demo.growing import Stage


def add_commands(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    app.command("demo")(demo)


def demo(
    customers: Annotated[int, typer.Option(help="How many people the company deals with.")] = 20_000,
    until: Annotated[str, typer.Option(help="How far round the loop: collected or understood.")] = "understood",
    seed: Annotated[int, typer.Option(help="Another seed, another company.")] = 20260101,
    serve: Annotated[
        bool, typer.Option("--serve/--no-serve", help="Serve the pages at the end; never with --json.")
    ] = True,
    port: Port = 8000,
    as_json: Json = False,
) -> None:
    """Grow a fictional insurer through the real services, print what was found, and serve it."""
    start()
    from zhike.demo.door import open_door
    from zhike.demo.growing import grow_demo

    with Bars() as bars:
        stages = grow_demo(customers=customers, seed=seed, until=until, progress=bars)
    document = {
        name: {"rows": stage.rows, "seconds": round(stage.seconds, 3), **stage.details}
        for name, stage in stages.items()
    }
    login = open_door()
    show({**document, "login": asdict(login)}, as_json=as_json, otherwise=lambda: _tell(stages))
    if not as_json:
        people.print(f"\nSign in as [bold]{login.username}[/bold] with the password [bold]{login.password}[/bold]")
    if serve and not as_json:
        serve_pages(host="127.0.0.1", port=port)


def _tell(stages: dict[str, Stage]) -> None:
    collected = stages["collected"]
    entities = asdict(collected)["details"]["entities"]
    table(
        f"Collected {collected.rows:,} rows in {collected.seconds:.0f} s",
        ["what", "rows"],
        [[name.replace("_", " "), count] for name, count in entities.items()],
    )
    people.print(f"{collected.details['rejected']:,} rows were rejected, each with its reason: zhike imports")
    people.print(f"The truth that later stages are judged by: {collected.details['truth']}\n")
    if "understood" in stages:
        _tell_findings(stages["understood"])


def _tell_findings(stage: Stage) -> None:
    found = asdict(stage)["details"]
    orders, contracts = found["orders"], found["contracts"]
    people.print(f"[bold]Understood {found['customers']:,} customers in {stage.seconds:.0f} s[/bold]")
    people.print(
        f"{orders['buyers']:,} placed {orders['orders']:,} orders worth {orders['revenue']:,.0f};"
        f" {orders['buyers_who_came_back'] / max(orders['buyers'], 1):.0%} of them came back."
    )
    people.print(
        f"{contracts['holders']:,} hold or held {contracts['contracts']:,} contracts,"
        f" {contracts['in_force']:,} of them in force, with a yearly premium of {contracts['annual_premium']:,.0f}.\n"
    )
    segments = [row for row in found["tags"] if row["tag"] == "rfm_segment"]
    table("", ["RFM segment", "customers"], [[row["value"], row["customers"]] for row in segments])
    others = len({row["tag"] for row in found["tags"]} - {"rfm_segment"})
    people.print(f"{others} other tags say something of them: zhike tags list")
    people.print('\nAsk on: zhike audience count \'has tag "rfm_segment" = "champions"\'   zhike customers find 王')
