"""Options of `zhike migration`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

BY_STATE = "NUMBER|STATE=NUMBER"

Counts = Annotated[
    Path | None,
    typer.Option(
        help="Counted moves: columns from, to and count, or a square with the states in its first column and its "
        "header. Shares that sum to 1 are taken as they are.",
        metavar="FILE",
    ),
]
Purchases = Annotated[
    Path | None,
    typer.Option(
        help="Purchases, one a row. States are periods since the last one: 1 in the period of a purchase.",
        metavar="FILE",
    ),
]
States = Annotated[
    str | None,
    typer.Option(help="States are the values of this tag in the first refresh of each month.", metavar="TAG"),
]
OfCustomer = Annotated[str, typer.Option(help="Of purchases: column of the customer.", metavar="COL")]
OfDate = Annotated[str, typer.Option(help="Of purchases: column of the date.", metavar="COL")]
Period = Annotated[str, typer.Option(help="Of purchases: month, quarter or year.")]
Recency = Annotated[int, typer.Option(help="Of purchases: how many states; the last is that and longer.")]
Until = Annotated[
    datetime | None,
    typer.Option(
        formats=["%Y-%m-%d"], help="Of purchases: the last day of which all are known; that of the last by default."
    ),
]
Absorbing = Annotated[
    list[str] | None, typer.Option(help="A state that nobody leaves; may be repeated.", metavar="STATE")
]
Prior = Annotated[float, typer.Option(help="Added to each count; with 0, shares are as counted.")]
Margin = Annotated[
    list[str] | None,
    typer.Option(help="Earned in a period; without a state, in the first one. May be repeated.", metavar=BY_STATE),
]
Cost = Annotated[
    list[str] | None,
    typer.Option(
        help="Spent in a period; without a state, in all that are ever left. May be repeated.", metavar=BY_STATE
    ),
]
Rewards = Annotated[
    Path | None,
    typer.Option(help="Instead of these, a table with state, margin and, if any, cost.", metavar="FILE"),
]
Discount = Annotated[float, typer.Option(help="Of a period: 0.2 is 20 %.")]
Periods = Annotated[int, typer.Option(help="How many periods to come values and the forecast look at.")]
Stock = Annotated[
    list[str] | None,
    typer.Option(
        help="Customers now, or a table with state and customers; of purchases and tags known already.",
        metavar="STATE=NUMBER|FILE",
    ),
]
Inflow = Annotated[
    list[str] | None,
    typer.Option(help="Customers who join in every period, likewise.", metavar="STATE=NUMBER|FILE"),
]
Seed = Annotated[int, typer.Option(help="Another seed, slightly other intervals.")]
