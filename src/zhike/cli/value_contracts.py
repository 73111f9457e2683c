"""`zhike value` of contracts that are renewed or not."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zhike.cli.output import people, show, table
from zhike.cli.value_options import Model, Period
from zhike.cli.value_shown import document_of, print_fit, say_aside
from zhike.errors import UserError

if TYPE_CHECKING:
    from zhike.stats.lifetime.shifted_beta_geometric import Contracts
    from zhike.understand.value.lifetime.contracts import FittedContracts
    from zhike.understand.value.lifetime.holding_out import ContractsHoldout

UNKNOWN = "Nothing could be held out, so how well this foresees is not known: {why}"


@dataclass(frozen=True)
class Source:
    """A file of contracts or, without one, those of a line of business in the refresh in force."""

    file: Path | None
    line: str | None
    period: Period | None


@dataclass(frozen=True)
class Ahead:
    """How many periods to look ahead, at what interest a year, and where to write."""

    periods: int
    rate: float
    output: Path | None
    limit: int


def fit_contracts(source: Source, *, held_back: int | None, as_json: bool) -> None:
    """Fits, and judges by the last periods, if asked for."""
    from zhike.understand.value.lifetime.holding_out import held_out_contracts

    contracts = _read(source)
    fitted, document = _fitted(contracts)
    document["survival"] = [float(share) for share in fitted.modelled]
    judged = held_out_contracts(contracts, held_back) if held_back else None
    if judged is not None:
        document["holdout"] = asdict(judged)
    show(document, as_json=as_json, otherwise=lambda: _for_people(document, fitted, judged, 0))


def predict_contracts(source: Source, ahead: Ahead, *, held_back: int | None, as_json: bool) -> None:
    """Says how many are left after each period to come, and what is left of those who renewed so often."""
    from zhike.understand.value.lifetime.forecasting import check_ahead, write_forecast
    from zhike.understand.value.lifetime.holding_out import held_out_contracts, most_to_hold_out
    from zhike.understand.value.lifetime.measures import PERIODS
    from zhike.understand.value.lifetime.retention import periods_of, residuals_of, table_of_residuals

    a_year = PERIODS[source.period.value if source.period else "year"].a_year
    check_ahead(ahead.periods, yearly_rate=ahead.rate, units_a_year=a_year, where="--periods")
    contracts = _read(source)
    fitted, document = _fitted(contracts)
    watched = len(contracts.kept()) - 1
    if held_back is None:
        held_back = min(most_to_hold_out(contracts), math.ceil(watched / 4))
    judged = held_out_contracts(contracts, held_back) if held_back else None
    discount = (1 + ahead.rate) ** (1 / a_year) - 1
    rows = residuals_of(fitted.model, watched, ahead=ahead.periods, discount=discount)
    periods = periods_of(fitted, ahead.periods)
    document |= {
        "survival": [one.survival for one in periods],
        "retention": [one.retention for one in periods[1:]],
        "horizon": ahead.periods,
        "discount": ahead.rate,
        "holdout": asdict(judged) if judged else None,
        "rows": [asdict(row) for row in rows[: ahead.limit]],
    }
    if ahead.output is not None:
        write_forecast(table_of_residuals(rows), ahead.output)

    def for_people() -> None:
        _for_people(document, fitted, judged, ahead.periods)
        if judged is None:
            why = "it was not asked for." if held_back == 0 and watched > 2 else "too few periods were seen."
            say_aside(UNKNOWN.format(why=why))
        _residuals_for_people(document, ahead.periods)
        if ahead.output is not None:
            people.print(f"Written to {ahead.output}.", style="dim")

    show(document, as_json=as_json, otherwise=for_people)


def _read(source: Source) -> Contracts:
    if source.file is not None:
        from zhike.understand.value.lifetime.contracts import contracts_of_file

        return contracts_of_file(source.file)
    from zhike.understand.value.renewals.queries import contracts_of_line

    if source.period is Period.WEEK:
        raise UserError("contracts are renewed by the month at most", where="--period")
    return contracts_of_line(source.line, source.period.months if source.period else None)


def _fitted(contracts: Contracts) -> tuple[FittedContracts, dict[str, object]]:
    from zhike.understand.value.lifetime import contracts as of_contracts
    from zhike.understand.value.lifetime.fitting import Doubt

    seen = contracts.kept()
    fitted = of_contracts.fit_contracts(contracts, seen)
    untold = [Doubt("untold", ", ".join(fitted.fit.untold))] if fitted.fit.untold else []
    document = document_of(Model.SBG, fitted.fit, untold)
    document["survival_seen"] = [float(share) for share in seen]
    return fitted, document


def _for_people(
    document: Mapping[str, object], fitted: FittedContracts, judged: ContractsHoldout | None, ahead: int
) -> None:
    from zhike.understand.value.lifetime.retention import periods_of

    print_fit(document, "contracts")
    rows = [[one.period, one.seen, one.survival, one.retention] for one in periods_of(fitted, ahead)]
    table("", ["period", "still there", "by the model", "renewed of those before"], rows)
    if judged is None:
        return
    held = [[one.period, one.actual, one.predicted] for one in judged.by_period]
    table("Held out", ["period", "still there", "by the model"], held)
    error = f" ({judged.predicted / judged.actual - 1:+.1%})" if judged.actual else ""
    people.print(
        f"Fitted without the last {judged.periods} of the periods, {judged.predicted:,.1f} contracts were expected to"
        f" be left, there were {judged.actual:,.1f}{error}; mean absolute error of a period {judged.mae:,.1f}."
    )


def _residuals_for_people(document: Mapping[str, object], ahead: int) -> None:
    def number(value: float | None) -> object:
        return "no limit" if value is None else value

    rows = [
        [
            row["renewed"],
            row["renewal_probability"],
            row["expected_renewals"],
            number(row["expected_renewals_ever"]),
            number(row["discounted_residual_lifetime"]),
        ]
        for row in document["rows"]  # type: ignore[attr-defined]
    ]
    columns = ["renewed so far", "renews next", f"renewals in {ahead} periods", "renewals ever", "discounted"]
    table("What is left of who is about to renew", columns, rows)
