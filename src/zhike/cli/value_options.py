"""Options of the commands about value, and what some of them mean together."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from zhike.errors import UserError


class Unit(StrEnum):
    """Units of time of a summary."""

    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"


class Period(StrEnum):
    """Periods of the calendar."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half-year"
    YEAR = "year"

    @property
    def months(self) -> int | None:
        """How many it has."""
        return {"month": 1, "quarter": 3, "half-year": 6, "year": 12}.get(self.value)


class Model(StrEnum):
    """The models by the names of the command line."""

    BGNBD = "bgnbd"
    MBGNBD = "mbgnbd"
    PARETONBD = "paretonbd"
    BGBB = "bgbb"
    GAMMAGAMMA = "gammagamma"
    SBG = "sbg"


Which = Annotated[Model, typer.Option("--model", help="What to fit.")]
Summary = Annotated[
    Path | None,
    typer.Option(
        "--summary",
        help="File with frequency, recency, T (or periods), monetary_value; of contracts: period, customers, or"
        " periods, ended.",
        metavar="FILE",
    ),
]
Purchases = Annotated[
    Path | None, typer.Option("--purchases", help="File with one purchase in each row.", metavar="FILE")
]
Warehouse = Annotated[bool, typer.Option("--warehouse", help="The orders, or contracts, of the refresh in force.")]
OfCustomer = Annotated[str, typer.Option("--customer", help="Column of --purchases: the customer.", metavar="COL")]
OfDay = Annotated[str, typer.Option("--date", help="Column of --purchases: the day.", metavar="COL")]
OfAmount = Annotated[str | None, typer.Option("--amount", help="Column of --purchases: the amount.", metavar="COL")]
Until = Annotated[
    datetime | None,
    typer.Option("--calibrate-until", help="Last day the model learns from.", formats=["%Y-%m-%d"], metavar="DATE"),
]
LaterUntil = Annotated[
    datetime | None,
    typer.Option("--holdout-until", help="Last day it is judged by.", formats=["%Y-%m-%d"], metavar="DATE"),
]
Later = Annotated[
    str | None,
    typer.Option("--holdout", help="Column of --summary: purchases in the time after T.", metavar="COL"),
]
Span = Annotated[float | None, typer.Option("--holdout-length", help="How long that time was, in units of T.", min=0)]
HeldBack = Annotated[
    int | None,
    typer.Option("--holdout-periods", help="Of contracts: how many of the last periods to judge by.", min=0),
]
Length = Annotated[
    Period | None,
    typer.Option(
        "--period", help="bgbb: the period in which purchases are one. Contracts: from one renewal to the next."
    ),
]
Line = Annotated[
    str | None, typer.Option("--line", help="Contracts of --warehouse: their line of business.", metavar="LINE")
]


def day(at: datetime | None) -> date | None:
    """The day of a date that was given."""
    return at.date() if at else None


def check_source(summary: Path | None, purchases: Path | None, *, warehouse: bool) -> None:
    """Raises UserError unless exactly one source is named."""
    if (summary is not None) + (purchases is not None) + warehouse != 1:
        raise UserError(
            "exactly one source of purchases must be named", advice="Give one of --summary, --purchases, --warehouse."
        )


def check_period(model: Model, period: Period | None, summary: Path | None) -> None:
    """Raises UserError where a model needs a period, or has no use for one."""
    if model == Model.BGBB and period is None and summary is None:
        raise UserError(
            "this model counts in how many periods customers buy",
            where="--period",
            advice="Give --period week, month, quarter, half-year or year.",
        )
    if period is not None and model not in (Model.BGBB, Model.SBG):
        raise UserError("this model counts every day with a purchase", where="--period", advice="Use bgbb.")


def check_contracts(
    model: Model,
    purchases: Path | None,
    *,
    by_day: bool,
    by_column: bool,
    held_back: int | None,
    line: str | None,
    warehouse: bool,
) -> None:
    """Raises UserError for options that have no meaning with contracts, or without."""
    if model != Model.SBG:
        for given, option in ((held_back is not None, "--holdout-periods"), (line is not None, "--line")):
            if given:
                raise UserError("only contracts are read so", where=option, advice="Use --model sbg.")
        return
    if purchases is not None:
        raise UserError("contracts are no purchases", where="--model", advice="Give --summary FILE or --warehouse.")
    if by_day or by_column:
        raise UserError(
            "contracts are parted by periods, not by days or columns",
            where="--calibrate-until" if by_day else "--holdout",
            advice="Use --holdout-periods NUMBER.",
        )
    if line is not None and not warehouse:
        raise UserError("only the warehouse has lines of business", where="--line")
