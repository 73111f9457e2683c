"""The lines of a lifetime value table as formulas of a spreadsheet: what `stats/ltv.py` computes, cell by cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from zhike.stats.ltv import COSTS, DAYS, INCOMES

Cell = Callable[[str, int], str]  # of a name and a year, counted from 0: the address of its cell


def formulas(of: Cell, line: Cell, year: int, *, discount_is_given: bool) -> Mapping[str, str]:
    """The formula of each line in one year, of the cells of inputs and those of other lines."""
    customers = line("customers", year)
    found = {
        **_of_customers(of, line, year),
        "sales": f"{customers}*{of('orders', year)}*{of('spend', year)}",
        **{name: f"{customers}*{of(name, year)}" for name in ("list_rental", "advertising", "other_income")},
        "revenue": "+".join(line(name, year) for name in INCOMES),
        "goods_cost": f"{line('sales', year)}*{of('cost_share', year)}",
        "acquisition_cost": "0" if year else f"{line('retained', year)}*{of('acquisition_cost', year)}",
        **{name: f"{customers}*{of(name, year)}" for name in ("service_cost", "marketing_cost", "database_cost")},
        "programme_cost": f"{customers}*{of('programme_cost', year)}+{of('programme_fixed_cost', year)}",
        "incentive_cost": f"{line('referred', year)}*{of('referral_incentive', year)}",
        "renewal_cost": _renewal_cost(of, line, year),
        "cost": "+".join(line(name, year) for name in COSTS),
        "gross": f"{line('revenue', year)}-{line('cost', year)}",
        "discount_factor": _discount(of, year, is_given=discount_is_given),
        "npv": f"{line('gross', year)}/{line('discount_factor', year)}",
        "cumulative_npv": line("npv", year),
        "ltv": f"{line('cumulative_npv', year)}/{of('customers', 0)}",
    }
    if year:
        found["cumulative_npv"] = f"{line('cumulative_npv', year - 1)}+{line('npv', year)}"
    return {name: f"={formula}" for name, formula in found.items()}


def _of_customers(of: Cell, line: Cell, year: int) -> dict[str, str]:
    stayed = of("customers", 0)
    if year:
        stayed = f"{line('customers', year - 1)}*{of('retention', year - 1)}"
    return {
        "retained": stayed,
        "referred": f"{line('retained', year)}*{of('referral', year)}",
        "customers": f"{line('retained', year)}+{line('referred', year)}",
    }


def _renewal_cost(of: Cell, line: Cell, year: int) -> str:
    if not year:
        return "0"
    whose = f'IF({of("renewal_cost_per", 0)}="expiring",{line("customers", year - 1)},{line("retained", year)})'
    return f"{whose}*{of('renewal_cost', year)}"


def _discount(of: Cell, year: int, *, is_given: bool) -> str:
    if is_given:
        return of("discount_factors", year)
    return f"(1+{of('interest', 0)}*{of('risk', 0)})^({year}+{of('payment_days', 0)}/{DAYS})"
