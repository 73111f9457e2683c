"""What a fitted model says of every history: whether they still buy, how often, and what that is worth."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
from django.utils.translation import gettext as _

from zhike.errors import UserError
from zhike.stats.lifetime.cells import Cells, Numbers
from zhike.stats.lifetime.models import BuyingModel, discounted_purchases
from zhike.understand.value.lifetime.fitting import FittedBuying
from zhike.understand.value.lifetime.histories import Histories

MOST_YEARS = 100
MOST_STEPS = 120  # of discounting; of a century, ten months each


@dataclass(frozen=True)
class ByCell:
    """By cell: P(alive), purchases within the horizon, and the same each worth less the later it comes."""

    probability_alive: Numbers
    expected_purchases: Numbers
    discounted_purchases: Numbers


@dataclass(frozen=True)
class Forecast:
    """By row of the histories; amounts and revenue are None where no model of amounts was fitted."""

    probability_alive: Numbers
    expected_purchases: Numbers
    expected_amount: Numbers | None
    expected_revenue: Numbers | None
    horizon: float


def forecast_cells(
    model: BuyingModel, cells: Cells, *, horizon: float, yearly_rate: float, units_a_year: float, periods: int = 0
) -> ByCell:
    """What a model says of every cell for the `horizon` to come, in units of the cells' time.

    Revenue is discounted by `yearly_rate`; `units_a_year` says how many units of time a year has. The horizon is cut
    into `periods`, without it into months, or into `MOST_STEPS` where it is long.
    """
    periods = periods or min(max(round(horizon / units_a_year * 12), 1), MOST_STEPS)
    rate = (1 + yearly_rate) ** (1 / units_a_year) - 1
    return ByCell(
        probability_alive=model.probability_alive(cells),
        expected_purchases=model.expected_purchases(cells, horizon),
        discounted_purchases=discounted_purchases(model, cells, horizon=horizon, rate=rate, periods=periods),
    )


def forecast(
    histories: Histories, fitted: FittedBuying, *, horizon: float, yearly_rate: float, units_a_year: float
) -> Forecast:
    """What a fitted model says of every row for the `horizon` to come; see `forecast_cells`.

    Raises UserError for a horizon or a rate that is no number, and for a horizon beyond `MOST_YEARS`.
    """
    check_ahead(horizon, yearly_rate=yearly_rate, units_a_year=units_a_year)
    cells, place = histories.grouped.cells, histories.grouped.place
    said = forecast_cells(fitted.model, cells, horizon=horizon, yearly_rate=yearly_rate, units_a_year=units_a_year)
    amount = None
    if fitted.amounts is not None and histories.spent is not None:
        amount = fitted.amounts.model.expected_mean(cells.frequency[place], histories.spent)
    return Forecast(
        probability_alive=said.probability_alive[place],
        expected_purchases=said.expected_purchases[place],
        expected_amount=amount,
        expected_revenue=None if amount is None else amount * said.discounted_purchases[place],
        horizon=horizon,
    )


def check_ahead(horizon: float, *, yearly_rate: float, units_a_year: float, where: str = "--horizon") -> None:
    """Raises UserError for a horizon or a rate that is no number, and for a horizon beyond `MOST_YEARS`."""
    if not math.isfinite(yearly_rate):
        raise UserError(_("the rate is no number"), where="--discount")
    if not horizon <= MOST_YEARS * units_a_year:
        raise UserError(
            _("nothing is said of more than %(years)s years to come") % {"years": MOST_YEARS},
            where=where,
            advice=_("Give at most %(most)s.") % {"most": f"{MOST_YEARS * units_a_year:,.0f}"},
        )


def summed(histories: Histories, found: Forecast) -> dict[str, float | None]:
    """Of all customers together: purchases to come, who still buys, and revenue; None where amounts are not known."""
    revenue = found.expected_revenue
    return {
        "expected_purchases": float(histories.weights @ found.expected_purchases),
        "alive": float(histories.weights @ found.probability_alive),
        "expected_revenue": None if revenue is None else float(histories.weights @ revenue),
    }


def table_of(histories: Histories, found: Forecast) -> pa.Table:
    """One row per row of the histories: the customer's name or number of the row, and what is said of them.

    Where customers have no names, the history, and how many have it.
    """
    columns: dict[str, object] = {"customer": histories.customers}
    if histories.customers is None:
        cells, place = histories.grouped.cells, histories.grouped.place
        columns = {"customers": histories.weights, "frequency": cells.frequency[place]}
        columns |= {"recency": cells.recency[place], "age": cells.age[place]}
    columns |= {
        "probability_alive": found.probability_alive,
        "expected_purchases": found.expected_purchases,
    }
    if found.expected_revenue is not None:
        columns |= {"expected_amount": found.expected_amount, "expected_revenue": found.expected_revenue}
    return pa.table(columns)


def top_of(rows: pa.Table, limit: int) -> list[dict[str, object]]:
    """The first rows by what they are expected to bring, or to buy where that is not known."""
    by = "expected_revenue" if "expected_revenue" in rows.column_names else "expected_purchases"
    found: list[dict[str, object]] = rows.sort_by([(by, "descending")]).slice(0, limit).to_pylist()
    return found


def write_forecast(table: pa.Table, path: Path) -> None:
    """Writes it as CSV. Raises UserError where the file cannot be written."""
    try:
        pyarrow.csv.write_csv(table, path)
    except OSError as error:
        raise UserError(_("cannot be written: %(error)s") % {"error": error.strerror}, where=str(path)) from error
