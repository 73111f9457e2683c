"""Commands about value: models of how often and how much customers buy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zhike.cli.output import Json, aside, people, show, start, table
from zhike.errors import UserError

if TYPE_CHECKING:
    from zhike.stats.lifetime.fitting import Fit
    from zhike.understand.value.lifetime.fitting import Doubt, Holdout


class Unit(StrEnum):
    """Units of time of a summary."""

    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"


class Model(StrEnum):
    """The models by the names of the command line."""

    BGNBD = "bgnbd"
    MBGNBD = "mbgnbd"
    PARETONBD = "paretonbd"
    BGBB = "bgbb"
    GAMMAGAMMA = "gammagamma"
    SBG = "sbg"


Summary = Annotated[
    Path | None,
    typer.Option("--summary", help="File with frequency, recency, T (or periods), monetary_value.", metavar="FILE"),
]
Purchases = Annotated[
    Path | None, typer.Option("--purchases", help="File with one purchase in each row.", metavar="FILE")
]
Warehouse = Annotated[bool, typer.Option("--warehouse", help="The orders of the refresh in force.")]
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
Which = Annotated[Model, typer.Option("--model", help="What to fit.")]


def add_commands(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    value = typer.Typer(help="What customers are worth, and what they will buy.", no_args_is_help=True)
    value.command("fit")(fit)
    value.command("predict")(predict)
    app.add_typer(value, name="value")


def fit(
    model: Which = Model.BGNBD,
    summary: Summary = None,
    purchases: Purchases = None,
    warehouse: Warehouse = False,
    customer: OfCustomer = "customer",
    day: OfDay = "date",
    amount: OfAmount = None,
    until: Until = None,
    later_until: LaterUntil = None,
    later: Later = None,
    span: Span = None,
    as_json: Json = False,
) -> None:
    """Fit a model of buying by maximum likelihood; judge it by what came later, where that is known."""
    _one_source(summary, purchases, warehouse=warehouse)
    start(needs_home=warehouse)
    from zhike.understand.value.lifetime.fitting import fit_amounts, fit_buying
    from zhike.understand.value.lifetime.queries import Asked, read_histories, read_spending

    if model == Model.SBG:
        _fit_contracts(summary, as_json=as_json)
        return
    asked = Asked(summary, purchases, customer, day, amount, _day(until), _day(later_until), later, span)
    if model == Model.GAMMAGAMMA:
        found = fit_amounts(read_spending(asked))
        document = _document(model, found.fit, found.doubts) | {"correlation": found.correlation}
        show(document, as_json=as_json, otherwise=lambda: _for_people(document))
        return
    fitted = fit_buying(read_histories(asked), model.value)
    document = _document(model, fitted.fit, [*fitted.doubts, *fitted.doubts_of_amounts])
    if fitted.amounts is not None:
        amounts = _document(Model.GAMMAGAMMA, fitted.amounts.fit, fitted.amounts.doubts)
        document["amounts"] = amounts | {"correlation": fitted.amounts.correlation}
    if fitted.holdout is not None:
        document["holdout"] = asdict(fitted.holdout)

    def for_people() -> None:
        _for_people(document)
        if fitted.holdout is not None:
            _holdout_for_people(fitted.holdout)

    show(document, as_json=as_json, otherwise=for_people)


def predict(
    model: Which = Model.BGNBD,
    summary: Summary = None,
    purchases: Purchases = None,
    customer: OfCustomer = "customer",
    day: OfDay = "date",
    amount: OfAmount = None,
    until: Until = None,
    horizon: Annotated[float, typer.Option(help="How far to look ahead, in units of T (weeks).", min=0.01)] = 52,
    unit: Annotated[Unit, typer.Option(help="Unit of the times of --summary.")] = Unit.WEEKS,
    rate: Annotated[float, typer.Option("--discount", help="Interest a year.", min=0, max=10)] = 0.1,
    output: Annotated[Path | None, typer.Option("-o", help="CSV file for every customer.", metavar="FILE")] = None,
    limit: Annotated[int, typer.Option(help="How many customers to show, the most valuable first.", min=0)] = 20,
    as_json: Json = False,
) -> None:
    """Say of every customer of a file whether they still buy, how often they will, and what that is worth."""
    _one_source(summary, purchases, warehouse=False)
    if model in (Model.SBG, Model.GAMMAGAMMA):
        raise UserError("this model does not tell how often customers buy", where="--model", advice="Use bgnbd.")
    start(needs_home=False)
    from zhike.understand.value.lifetime.fitting import fit_buying
    from zhike.understand.value.lifetime.forecasting import forecast, table_of, top_of, write_forecast
    from zhike.understand.value.lifetime.queries import Asked, read_histories, units_a_year

    asked = Asked(summary, purchases, customer, day, amount, _day(until))
    histories = read_histories(asked)
    fitted = fit_buying(histories, model.value)
    yearly = units_a_year(asked, unit.value)
    found = forecast(histories, fitted, horizon=horizon, yearly_rate=rate, units_a_year=yearly)
    rows = table_of(histories, found)
    if output is not None:
        write_forecast(rows, output)
    document = _document(model, fitted.fit, [*fitted.doubts, *fitted.doubts_of_amounts]) | {
        "horizon": horizon,
        "expected_purchases": float(histories.weights @ found.expected_purchases),
        "alive": float(histories.weights @ found.probability_alive),
        "expected_revenue": None
        if found.expected_revenue is None
        else float(histories.weights @ found.expected_revenue),
        "rows": top_of(rows, limit),
    }

    def for_people() -> None:
        _for_people(document)
        columns = rows.column_names
        table("", columns, [[row[name] for name in columns] for row in document["rows"]])  # type: ignore[attr-defined]
        people.print(
            f"Within {horizon:g}: {document['expected_purchases']:,.1f} purchases expected of"
            f" {document['customers']:,.0f} customers, {document['alive']:,.1f} of whom still buy."
        )
        if output is not None:
            people.print(f"Written to {output}.", style="dim")

    show(document, as_json=as_json, otherwise=for_people)


def _one_source(summary: Path | None, purchases: Path | None, *, warehouse: bool) -> None:
    if (summary is not None) + (purchases is not None) + warehouse != 1:
        raise UserError(
            "exactly one source of purchases must be named", advice="Give one of --summary, --purchases, --warehouse."
        )


def _day(at: datetime | None) -> date | None:
    return at.date() if at else None


def _fit_contracts(path: Path | None, *, as_json: bool) -> None:
    if path is None:
        raise UserError("contracts are read from a file", where="--model", advice="Give it with --summary FILE.")
    from zhike.understand.value.lifetime.contracts import contracts_of_file, fit_contracts

    contracts = contracts_of_file(path)
    fitted = fit_contracts(contracts, contracts.kept())
    document = _document(Model.SBG, fitted.fit, [])
    document["survival"] = [float(share) for share in fitted.modelled]
    if fitted.seen is not None:
        document["survival_seen"] = [float(share) for share in fitted.seen]

    def for_people() -> None:
        _for_people(document)
        seen = fitted.seen if fitted.seen is not None else [None] * len(fitted.modelled)
        both = zip(seen, fitted.modelled, strict=True)
        table("", ["period", "still there", "by the model"], [[n, one, float(m)] for n, (one, m) in enumerate(both)])

    show(document, as_json=as_json, otherwise=for_people)


def _document(model: Model, fit: Fit, doubts: Sequence[Doubt]) -> dict[str, object]:
    from zhike.understand.value.lifetime.fitting import intervals_of

    return {
        "model": model.value,
        "customers": fit.customers,
        "parameters": dict(fit.parameters),
        "intervals": intervals_of(fit),
        "log_likelihood": fit.log_likelihood,
        "warnings": list(dict.fromkeys(doubt.text for doubt in doubts)),
    }


def _for_people(document: Mapping[str, object]) -> None:
    shown = [document, document["amounts"]] if "amounts" in document else [document]
    rows = []
    for one in shown:
        intervals = one["intervals"]  # type: ignore[index]
        for name, value in one["parameters"].items():  # type: ignore[index]
            low, high = intervals[name]
            rows.append([one["model"], name, f"{value:.4f}", _end(low), _end(high)])  # type: ignore[index]
    table("", ["model", "parameter", "value", "from", "to"], rows)
    people.print(f"{document['customers']:,.0f} customers, log-likelihood {document['log_likelihood']:,.3f}")
    for warning in document["warnings"]:  # type: ignore[attr-defined]
        aside.print(warning, style="yellow", markup=False, soft_wrap=True)


def _end(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


def _holdout_for_people(found: Holdout) -> None:
    rows = [
        [
            f"{one.frequency}{'+' if one is found.by_frequency[-1] else ''}",
            round(one.customers),
            one.predicted,
            one.actual,
        ]
        for one in found.by_frequency
    ]
    table("The time after", ["repeat purchases", "customers", "expected each", "bought each"], rows)
    error = f" ({found.predicted / found.actual - 1:+.1%})" if found.actual else ""
    people.print(f"Expected {found.predicted:,.1f} purchases, there were {found.actual:,.0f}{error}.")
    people.print(
        f"Mean absolute error of one customer {found.mae:.3f}; of the same guess for everybody {found.mae_of_mean:.3f}."
    )
