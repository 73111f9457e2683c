"""Commands about value: models of how often and how much customers buy."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zhike.cli import value_options as given
from zhike.cli.output import Json, people, show, start, table
from zhike.cli.value_contracts import UNKNOWN, Ahead, Source, fit_contracts, predict_contracts
from zhike.cli.value_options import Model, Unit
from zhike.cli.value_shown import document_of, print_fit, print_holdout, print_holdout_of_amounts, say_aside
from zhike.errors import UserError

if TYPE_CHECKING:
    from zhike.understand.value.lifetime.fitting import FittedBuying, Holdout
    from zhike.understand.value.lifetime.holding_out import AmountsHoldout
    from zhike.understand.value.lifetime.queries import Asked

YEAR = 52  # weeks
PERIODS = 10


def add_commands(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    value = typer.Typer(help="What customers are worth, and what they will buy.", no_args_is_help=True)
    value.command("fit")(fit)
    value.command("predict")(predict)
    app.add_typer(value, name="value")


def fit(
    model: given.Which = Model.BGNBD,
    summary: given.Summary = None,
    purchases: given.Purchases = None,
    warehouse: given.Warehouse = False,
    customer: given.OfCustomer = "customer",
    day: given.OfDay = "date",
    amount: given.OfAmount = None,
    until: given.Until = None,
    later_until: given.LaterUntil = None,
    later: given.Later = None,
    span: given.Span = None,
    held_back: given.HeldBack = None,
    period: given.Length = None,
    line: given.Line = None,
    as_json: Json = False,
) -> None:
    """Fit a model of buying by maximum likelihood; judge it by what came later, where that is known."""
    given.check_source(summary, purchases, warehouse=warehouse)
    given.check_contracts(
        model,
        purchases,
        by_day=bool(until or later_until),
        by_column=later is not None or span is not None,
        held_back=held_back,
        line=line,
        warehouse=warehouse,
    )
    given.check_period(model, period, summary)
    start(needs_home=warehouse)
    from zhike.understand.value.lifetime.queries import Asked

    if model == Model.SBG:
        fit_contracts(Source(summary, line, period), held_back=held_back, as_json=as_json)
        return
    ends = given.day(until), given.day(later_until)
    asked = Asked(summary, purchases, customer, day, amount, *ends, later, span, period.value if period else None)
    if model == Model.GAMMAGAMMA:
        _fit_amounts(asked, as_json=as_json)
    else:
        _fit_buying(asked, model, as_json=as_json)


def predict(
    model: given.Which = Model.BGNBD,
    summary: given.Summary = None,
    purchases: given.Purchases = None,
    warehouse: given.Warehouse = False,
    customer: given.OfCustomer = "customer",
    day: given.OfDay = "date",
    amount: given.OfAmount = None,
    until: given.Until = None,
    later_until: given.LaterUntil = None,
    later: given.Later = None,
    span: given.Span = None,
    held_back: given.HeldBack = None,
    period: given.Length = None,
    line: given.Line = None,
    horizon: Annotated[
        float | None,
        typer.Option(help="How far to look ahead, in units of T; 52, or with --period a year, if not said.", min=0.01),
    ] = None,
    ahead: Annotated[
        int | None, typer.Option("--periods", help="Of contracts: how many periods to look ahead.", min=1)
    ] = None,
    unit: Annotated[Unit, typer.Option(help="Unit of the times of --summary.")] = Unit.WEEKS,
    rate: Annotated[float, typer.Option("--discount", help="Interest a year.", min=0, max=10)] = 0.1,
    output: Annotated[Path | None, typer.Option("-o", help="CSV file for every row.", metavar="FILE")] = None,
    limit: Annotated[int, typer.Option(help="How many rows to show, the most valuable first.", min=0)] = 20,
    as_json: Json = False,
) -> None:
    """Say of customers whether they still buy, how often they will and what that is worth; of contracts, who stays."""
    given.check_source(summary, purchases, warehouse=warehouse)
    given.check_contracts(
        model,
        purchases,
        by_day=bool(until or later_until),
        by_column=later is not None or span is not None,
        held_back=held_back,
        line=line,
        warehouse=warehouse,
    )
    given.check_period(model, period, summary)
    _check_ahead(model, horizon, ahead)
    start(needs_home=warehouse)
    from zhike.understand.value.lifetime.queries import Asked

    if model == Model.SBG:
        goal = Ahead(ahead or PERIODS, rate, output, limit)
        predict_contracts(Source(summary, line, period), goal, held_back=held_back, as_json=as_json)
        return
    ends = given.day(until), given.day(later_until)
    asked = Asked(summary, purchases, customer, day, amount, *ends, later, span, period.value if period else None)
    _predict_buying(asked, model, horizon, unit, rate, output, limit, as_json=as_json)


def _check_ahead(model: Model, horizon: float | None, ahead: int | None) -> None:
    if model == Model.GAMMAGAMMA:
        raise UserError("this model does not tell how often customers buy", where="--model", advice="Use bgnbd.")
    if model == Model.SBG and horizon is not None:
        raise UserError("contracts are foreseen by the period", where="--horizon", advice="Use --periods NUMBER.")
    if model != Model.SBG and ahead is not None:
        raise UserError("only contracts are foreseen so", where="--periods", advice="Use --horizon NUMBER.")


def _fit_amounts(asked: Asked, *, as_json: bool) -> None:
    from zhike.understand.value.lifetime.fitting import fit_amounts
    from zhike.understand.value.lifetime.holding_out import held_out_amounts
    from zhike.understand.value.lifetime.queries import read_spending

    spending, later = read_spending(asked)
    found = fit_amounts(spending)
    document = document_of(Model.GAMMAGAMMA, found.fit, found.doubts) | {"correlation": found.correlation}
    judged = held_out_amounts(found.model, later)
    if asked.later_until:
        document["holdout"] = asdict(judged) if judged else None

    def for_people() -> None:
        print_fit(document)
        if judged is not None:
            print_holdout_of_amounts(judged)
        elif asked.later_until:
            say_aside(UNKNOWN.format(why="nobody who had come back bought in the time after."))

    show(document, as_json=as_json, otherwise=for_people)


def _fit_buying(asked: Asked, model: Model, *, as_json: bool) -> None:
    from zhike.understand.value.lifetime.fitting import fit_buying
    from zhike.understand.value.lifetime.holding_out import held_out_amounts
    from zhike.understand.value.lifetime.queries import read_histories

    histories = read_histories(asked)
    fitted = fit_buying(histories, model.value)
    of_amounts = held_out_amounts(fitted.amounts.model, histories.later_spending) if fitted.amounts else None
    document = _document(model, fitted)
    if fitted.holdout is not None:
        document["holdout"] = asdict(fitted.holdout)
    if of_amounts is not None:
        document["holdout_of_amounts"] = asdict(of_amounts)

    def for_people() -> None:
        print_fit(document)
        _print_holdouts(fitted.holdout, of_amounts)

    show(document, as_json=as_json, otherwise=for_people)


def _predict_buying(
    asked: Asked,
    model: Model,
    horizon: float | None,
    unit: Unit,
    rate: float,
    output: Path | None,
    limit: int,
    *,
    as_json: bool,
) -> None:
    from zhike.understand.value.lifetime.fitting import fit_buying
    from zhike.understand.value.lifetime.forecasting import (
        check_ahead,
        forecast,
        summed,
        table_of,
        top_of,
        write_forecast,
    )
    from zhike.understand.value.lifetime.queries import read_histories, units_a_year, without_holdout

    yearly = units_a_year(asked, unit.value)
    ahead = horizon or (max(round(yearly), 1) if asked.period else YEAR)
    check_ahead(ahead, yearly_rate=rate, units_a_year=yearly)
    judged, of_amounts, why = _judged(asked, model)
    histories = read_histories(without_holdout(asked))
    fitted = fit_buying(histories, model.value)
    found = forecast(histories, fitted, horizon=ahead, yearly_rate=rate, units_a_year=yearly)
    rows = table_of(histories, found)
    if output is not None:
        write_forecast(rows, output)
    document = _document(model, fitted) | {
        "horizon": ahead,
        **summed(histories, found),
        "holdout": asdict(judged) if judged else None,
        "holdout_of_amounts": asdict(of_amounts) if of_amounts else None,
        "rows": top_of(rows, limit),
    }

    def for_people() -> None:
        print_fit(document)
        columns = rows.column_names
        table("", columns, [[row[name] for name in columns] for row in document["rows"]])  # type: ignore[attr-defined]
        people.print(
            f"Within {ahead:g}: {document['expected_purchases']:,.1f} purchases expected of"
            f" {document['customers']:,.0f} customers, {document['alive']:,.1f} of whom still buy."
        )
        _print_holdouts(judged, of_amounts)
        if why:
            say_aside(UNKNOWN.format(why=why))
        if output is not None:
            people.print(f"Written to {output}.", style="dim")

    show(document, as_json=as_json, otherwise=for_people)


def _judged(asked: Asked, model: Model) -> tuple[Holdout | None, AmountsHoldout | None, str]:
    """How the model does on the last part of the time, fitted to the part before; or why that cannot be said."""
    from zhike.understand.value.lifetime.fitting import fit_buying
    from zhike.understand.value.lifetime.holding_out import held_out_amounts
    from zhike.understand.value.lifetime.queries import read_histories, with_holdout

    parted = with_holdout(asked)
    if parted is None and asked.summary is not None:
        return None, None, "a summary does not tell what came after T. Name a column that does, with --holdout."
    if parted is None:
        return None, None, "the time is too short to be parted."
    try:
        histories = read_histories(parted)
        fitted = fit_buying(histories, model.value)
    except UserError as error:
        if parted == asked:  # it was asked for
            raise
        return None, None, f"{error.message}."
    amounts = held_out_amounts(fitted.amounts.model, histories.later_spending) if fitted.amounts else None
    return fitted.holdout, amounts, ""


def _document(model: Model, fitted: FittedBuying) -> dict[str, object]:
    document = document_of(model, fitted.fit, [*fitted.doubts, *fitted.doubts_of_amounts])
    if fitted.amounts is not None:
        amounts = document_of(Model.GAMMAGAMMA, fitted.amounts.fit, fitted.amounts.doubts)
        document["amounts"] = amounts | {"correlation": fitted.amounts.correlation}
    return document


def _print_holdouts(purchases: Holdout | None, amounts: AmountsHoldout | None) -> None:
    if purchases is not None:
        print_holdout(purchases)
    if amounts is not None:
        print_holdout_of_amounts(amounts)
