"""A scenario worked out: its table, its strategies beside it, break-even and tornado."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from zhike.errors import UserError
from zhike.stats.ltv import COSTS, INCOMES, LINES, ImpossibleInput, LtvInputs, LtvTable, ltv_table
from zhike.stats.what_if import Bar, BreakEven, Effect, break_even_retention, effect, tornado
from zhike.understand.what_if.scenario import Scenario
from zhike.understand.what_if.words import in_words


@dataclass(frozen=True)
class Result:
    """What a scenario comes to."""

    scenario: Scenario
    inputs: LtvInputs
    table: LtvTable
    break_even: BreakEven  # the retention at which a customer is worth nothing
    tornado: tuple[Bar, ...]
    strategies: Mapping[str, Effect]


def work_out(scenario: Scenario) -> Result:
    """The tables of a scenario, before and after each strategy; some milliseconds.

    Raises UserError where a table of another retention or input would hold more than can be computed with.
    """
    try:
        return _worked_out(scenario)
    except ImpossibleInput as problem:
        raise UserError(in_words(problem, scenario.years), where=scenario.name) from problem


def _worked_out(scenario: Scenario) -> Result:
    inputs = scenario.ltv_inputs()
    return Result(
        scenario=scenario,
        inputs=inputs,
        table=ltv_table(inputs),
        break_even=break_even_retention(inputs),
        tornado=tornado(inputs, share=scenario.sensitivity),
        strategies={
            name: effect(inputs, scenario.strategy(name), whole_base=scenario.whole_base)
            for name in scenario.strategies
        },
    )


def shown_lines(*tables: LtvTable) -> list[tuple[str, bool]]:
    """The lines that say anything in one of the tables, in order, each with whether it is an input instead."""

    def is_empty(name: str) -> bool:
        return not any(any(getattr(table, name)) for table in tables)

    incomes = [name for name in INCOMES if not is_empty(name)]
    hidden = {name for name in (*INCOMES, *COSTS, "referred") if is_empty(name)}
    if len(incomes) == 1:
        hidden.add(incomes[0])  # it is the revenue
    if "referred" in hidden:
        hidden.add("retained")  # they are all customers
    found = [(name, False) for name in LINES if name not in hidden]
    place = found.index(("customers", False)) + 1
    return found[:place] + [(name, True) for name in ("retention", "orders", "spend")] + found[place:]


def as_document(result: Result) -> dict[str, object]:
    """All of a result as plain data for machines; shares from 0 to 1."""
    scenario = result.scenario
    return {
        "scenario": scenario.name,
        "customers": scenario.customers,
        "whole_base": scenario.customers if scenario.whole_base is None else scenario.whole_base,
        "base": _table(result.inputs, result.table, result.break_even),
        "strategies": {
            name: {
                **_table(found.inputs, found.table, found.break_even),
                "change_per_customer": found.change,
                "change_for_whole_base": found.change_in_all,
            }
            for name, found in result.strategies.items()
        },
        "tornado": [asdict(bar) for bar in result.tornado],
        "assumed": scenario.assumed(),
    }


def _table(inputs: LtvInputs, table: LtvTable, break_even: BreakEven) -> dict[str, Any]:
    lines = {
        **{name: inputs.by_year(name).tolist() for name in ("retention", "orders", "spend")},
        **{name: getattr(table, name) for name in LINES},
    }
    years = [{"year": year + 1, **{name: line[year] for name, line in lines.items()}} for year in range(inputs.years)]
    return {
        "ltv": table.value,
        "years": years,
        "break_even_retention": break_even.retention,
        "why_no_break_even": break_even.why_none or None,
    }
