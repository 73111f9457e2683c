"""The lifetime value table of database marketing: what a cohort of customers brings, year by year, and is worth.

After Hughes, Strategic Database Marketing, and his "Special LTV Calculator" (dbmarketing.com).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Literal

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Yearly = float | Sequence[float]  # one number for all years, or one for each
Basis = Literal["renewal", "expiring"]

MOST_YEARS = 30
DAYS = 365  # of a year, by which a delay of payment is discounted
BASES: tuple[Basis, ...] = ("renewal", "expiring")
# What may differ from year to year, in the order of the table.
YEARLY = (
    "retention",
    "referral",
    "orders",
    "spend",
    "list_rental",
    "advertising",
    "other_income",
    "cost_share",
    "service_cost",
    "marketing_cost",
    "programme_cost",
    "programme_fixed_cost",
    "database_cost",
    "referral_incentive",
    "renewal_cost",
)
DISCOUNTING = ("interest", "risk", "payment_days")
SINGLE = ("acquisition_cost", *DISCOUNTING)


class ImpossibleInput(ValueError):
    """An input that no table can be worked out from: which, in which year, and what is wrong with it."""

    def __init__(self, name: str, problem: str, *, year: int | None = None, value: float | None = None) -> None:
        place = f"{name} of year {year}" if year else name
        super().__init__(f"{place}: {problem}" if value is None else f"{place} is {value:g}: {problem}")
        self.name = name
        self.problem = problem
        self.year = year
        self.value = value


NO_NUMBER = "not a finite number"
NEGATIVE = "below 0"
NOT_POSITIVE = "not above 0"
NO_SHARE = "more than all"
WRONG_LENGTH = "not one number for each year"
WRONG_YEARS = f"not a whole number from 1 to {MOST_YEARS}"
NO_BASIS = "neither renewal nor expiring"
TOO_LARGE = "more than can be computed with"


@dataclass(frozen=True)
class LtvInputs:
    """What a table is worked out from. Amounts are per customer and year unless said otherwise; shares from 0 to 1.

    Raises ImpossibleInput for numbers that are not finite, negative amounts, a retention above 1 and a list that has
    not one number for each year.
    """

    years: int
    customers: float  # new ones, in the first year
    retention: Yearly = 0.0  # share of a year's customers, referred ones too, who are there in the next year
    referral: Yearly = 0.0  # customers referred in the year by one who was new or stayed
    orders: Yearly = 1.0  # orders or renewals
    spend: Yearly = 0.0  # per order
    list_rental: Yearly = 0.0
    advertising: Yearly = 0.0
    other_income: Yearly = 0.0
    cost_share: Yearly = 0.0  # cost of goods, of what orders bring
    service_cost: Yearly = 0.0
    acquisition_cost: float = 0.0  # per new customer, once; who is referred costs the incentive
    marketing_cost: Yearly = 0.0
    programme_cost: Yearly = 0.0  # of special programmes: clubs, rewards
    programme_fixed_cost: Yearly = 0.0  # of special programmes, in all
    database_cost: Yearly = 0.0
    referral_incentive: Yearly = 0.0  # per customer referred in the year
    renewal_cost: Yearly = 0.0  # per renewal into the year, or per customer of the year before
    renewal_cost_per: Basis = "renewal"
    interest: float = 0.0  # a year
    risk: float = 1.0  # factor on the interest
    payment_days: float = 0.0  # until customers pay
    discount_factors: Yearly | None = None  # what a year's profit is divided by, instead of the three above

    def __post_init__(self) -> None:
        if isinstance(self.years, bool) or not isinstance(self.years, int) or not 1 <= self.years <= MOST_YEARS:
            raise ImpossibleInput("years", WRONG_YEARS)
        if self.renewal_cost_per not in BASES:
            raise ImpossibleInput("renewal_cost_per", NO_BASIS)
        for name in ("customers", *SINGLE, *YEARLY, "discount_factors"):
            if getattr(self, name) is not None:
                self._check(name)

    def by_year(self, name: str) -> Numbers:
        """An input as one number for each year; a single one is repeated."""
        return np.full(self.years, getattr(self, name), dtype=np.float64)

    def _check(self, name: str) -> None:
        # Plain Python: tables of a few years are made by the hundred.
        given = getattr(self, name)
        is_list = isinstance(given, (Sequence, np.ndarray)) and not isinstance(given, str)
        if is_list and (name not in (*YEARLY, "discount_factors") or len(given) != self.years):
            raise ImpossibleInput(name, WRONG_LENGTH)
        positive = name in ("customers", "discount_factors")
        for year, value in enumerate(given if is_list else (given,), start=1):
            problem = _problem(value, positive=positive, at_most=1.0 if name == "retention" else float("inf"))
            if problem:
                shown = None if problem == NO_NUMBER else float(value)
                raise ImpossibleInput(name, problem, year=year if is_list else None, value=shown)


@dataclass(frozen=True)
class LtvTable:
    """The table of a cohort: each line one number for each year, amounts in all unless said otherwise."""

    retained: tuple[float, ...]  # in the first year the new customers
    referred: tuple[float, ...]
    customers: tuple[float, ...]  # both together
    sales: tuple[float, ...]  # customers × orders × spend
    list_rental: tuple[float, ...]
    advertising: tuple[float, ...]
    other_income: tuple[float, ...]
    revenue: tuple[float, ...]
    goods_cost: tuple[float, ...]
    service_cost: tuple[float, ...]
    acquisition_cost: tuple[float, ...]
    marketing_cost: tuple[float, ...]
    programme_cost: tuple[float, ...]
    database_cost: tuple[float, ...]
    incentive_cost: tuple[float, ...]
    renewal_cost: tuple[float, ...]
    cost: tuple[float, ...]
    gross: tuple[float, ...]  # revenue less cost
    discount_factor: tuple[float, ...]
    npv: tuple[float, ...]  # of the year's gross profit
    cumulative_npv: tuple[float, ...]
    ltv: tuple[float, ...]  # cumulative NPV per original customer

    @property
    def value(self) -> float:
        """Lifetime value of an original customer, to the end of the last year."""
        return self.ltv[-1]


LINES = tuple(field.name for field in fields(LtvTable))
INCOMES = ("sales", "list_rental", "advertising", "other_income")
COSTS = LINES[LINES.index("goods_cost") : LINES.index("cost")]


def ltv_table(inputs: LtvInputs) -> LtvTable:
    """The table of these inputs. Raises ImpossibleInput where it would hold more than a float does."""
    lines = worked_out(values_of(inputs), inputs.renewal_cost_per)
    return LtvTable(**{name: tuple(lines[name].tolist()) for name in LINES})


def values_of(inputs: LtvInputs) -> dict[str, Numbers]:
    """All numbers of the inputs by name, each an array of as many as there are years."""
    discounting = DISCOUNTING if inputs.discount_factors is None else ("discount_factors",)
    return {name: inputs.by_year(name) for name in ("customers", *YEARLY, "acquisition_cost", *discounting)}


def worked_out(values: Mapping[str, Numbers], basis: Basis) -> dict[str, Numbers]:
    """The lines of the table; of several at once, where arrays of values have years as their last dimension.

    Raises ImpossibleInput where a line would hold more than a float does.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        lines = _of_customers(values)
        expiring = _shifted(lines["customers"], 0.0)
        renewed = lines["retained"] * (np.arange(expiring.shape[-1]) > 0)
        customers, new = lines["customers"], lines["retained"] - renewed
        lines["sales"] = customers * values["orders"] * values["spend"]
        for name in ("list_rental", "advertising", "other_income"):
            lines[name] = customers * values[name]
        lines["goods_cost"] = lines["sales"] * values["cost_share"]
        lines["acquisition_cost"] = new * values["acquisition_cost"]
        for name in ("service_cost", "marketing_cost", "database_cost"):
            lines[name] = customers * values[name]
        lines["programme_cost"] = customers * values["programme_cost"] + values["programme_fixed_cost"]
        lines["incentive_cost"] = lines["referred"] * values["referral_incentive"]
        lines["renewal_cost"] = (renewed if basis == "renewal" else expiring) * values["renewal_cost"]
        lines["revenue"] = sum((lines[name] for name in INCOMES[1:]), lines["sales"])
        lines["cost"] = sum((lines[name] for name in COSTS[1:]), lines["goods_cost"])
        lines["gross"] = lines["revenue"] - lines["cost"]
        lines["discount_factor"] = _discount(values)
        lines["npv"] = lines["gross"] / lines["discount_factor"]
        lines["cumulative_npv"] = lines["npv"].cumsum(axis=-1)
        lines["ltv"] = lines["cumulative_npv"] / values["customers"]
    # What overflows in any other line is no number here.
    if not (np.isfinite(lines["ltv"]).all() and np.isfinite(lines["discount_factor"]).all()):
        raise ImpossibleInput("inputs", TOO_LARGE)
    return lines


def _of_customers(values: Mapping[str, Numbers]) -> dict[str, Numbers]:
    """Retained, referred and all customers: who stays is asked of all, who refers of those who are new or stayed."""
    stayed, referring = _shifted(values["retention"], 1.0), 1 + values["referral"]
    customers = values["customers"] * np.cumprod(stayed * referring, axis=-1)
    retained = _shifted(customers, 0.0) * stayed
    retained[..., 0] = values["customers"][..., 0]
    return {"retained": retained, "referred": retained * values["referral"], "customers": customers}


def _shifted(line: Numbers, first: float) -> Numbers:
    """The same a year later."""
    later = np.empty_like(line)
    later[..., 0] = first
    later[..., 1:] = line[..., :-1]
    return later


def _discount(values: Mapping[str, Numbers]) -> Numbers:
    """What a profit of each year is divided by: (1 + interest × risk) ^ (year + days / 365), the first year being 0."""
    if "discount_factors" in values:
        return values["discount_factors"]
    years = np.arange(values["interest"].shape[-1]) + values["payment_days"] / DAYS
    return np.asarray((1 + values["interest"] * values["risk"]) ** years)


def _problem(value: object, *, positive: bool, at_most: float) -> str:
    if isinstance(value, bool) or not isinstance(value, (int, float, np.floating, np.integer)):
        return NO_NUMBER
    try:
        number = float(value)
    except OverflowError:
        return NO_NUMBER
    if not np.isfinite(number):
        return NO_NUMBER
    if number < 0:
        return NEGATIVE
    if positive and number == 0:
        return NOT_POSITIVE
    return NO_SHARE if number > at_most else ""
