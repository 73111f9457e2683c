"""A scenario as a workbook that computes: inputs to change, the table, strategies, tornado and break-even."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import xlsxwriter
from django.utils.translation import gettext as _

from zhike.errors import UserError
from zhike.stats.ltv import BASES, DISCOUNTING, LINES, SINGLE, LtvInputs, LtvTable, Yearly
from zhike.stats.what_if import Effect, Strategy
from zhike.understand.what_if import words
from zhike.understand.what_if.formulas import Cell, formulas
from zhike.understand.what_if.results import Result
from zhike.understand.what_if.scenario import BASIS
from zhike.understand.what_if.sensitivity import Workings, write_break_even, write_tornado
from zhike.understand.what_if.sheet import Sheet, sheet_names

CUSTOMERS, BASE = "customers", "whole_base"
ENDING = ".xlsx"


@dataclass(frozen=True)
class _Row:
    """An input: one number for each year, or one for all, or a word."""

    name: str
    label: str
    unit: str
    values: Sequence[float | str]


@dataclass(frozen=True)
class _Change:
    """What a strategy does to an input."""

    how: str  # set, multiply or add
    row: _Row


@dataclass(frozen=True)
class _Sum:
    """The cells that sum up a strategy."""

    before: str
    after: str
    change: str
    in_all: str


def write_workbook(result: Result, path: Path) -> None:
    """Writes the workbook of a result. Raises UserError where the file cannot be written, or is none of a workbook."""
    if path.suffix.lower() != ENDING:
        # Nor is a scenario overwritten that somebody names by mistake.
        raise UserError(_("the name of a workbook ends in %(ending)s") % {"ending": ENDING}, where=str(path))
    try:
        path.write_bytes(workbook(result))
    except OSError as error:
        raise UserError(_("cannot be written: %(error)s") % {"error": error.strerror}, where=str(path)) from error


def workbook(result: Result) -> bytes:
    """The workbook of a result: formulas with the values they have, so that it can be read where none is computed."""
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        wanted = [_("Inputs"), _("LTV"), *([_("Strategies"), *result.strategies] if result.strategies else [])]
        named = iter(sheet_names([*wanted, _("Tornado"), _("Break-even"), _("Workings")]))
        given, table = Sheet(book, next(named)), Sheet(book, next(named))
        of = _write_inputs(given, result)
        _years(table, 0, result)
        table.freeze(1)
        before = _write_lines(table, 1, result.inputs, result.table, of)
        if result.strategies:
            summary = Sheet(book, next(named))
            sums = [_write_strategy(Sheet(book, next(named)), result, name, of, before) for name in result.strategies]
            _write_summary(summary, result, sums)
        tornado, break_even = Sheet(book, next(named)), Sheet(book, next(named))
        workings = Workings(Sheet(book, next(named)), result, of)
        write_tornado(tornado, workings, before("ltv", result.inputs.years - 1))
        write_break_even(break_even, workings)
    return file.getvalue()


def _write_summary(sheet: Sheet, result: Result, sums: list[_Sum]) -> None:
    """Writes the strategies below each other, with what each is worth."""
    sheet.heads(0, [_("Strategy"), _("LTV before"), _("LTV after"), _("Difference"), _("For the whole base")])
    for place, (name, found) in enumerate(result.strategies.items(), start=1):
        cells = sums[place - 1]
        sheet.text(place, 0, name)
        sheet.formula(place, 1, f"={cells.before}", result.table.value, "money")
        sheet.formula(place, 2, f"={cells.after}", found.table.value, "money")
        sheet.formula(place, 3, f"={cells.change}", found.change, "money")
        sheet.formula(place, 4, f"={cells.in_all}", found.change_in_all, "total")


def _write_inputs(sheet: Sheet, result: Result) -> Cell:
    """Writes what was given and assumed; where each input stands."""
    scenario = result.scenario
    sheet.heads(0, [scenario.name])
    sheet.text(1, 0, scenario.note)
    sheet.text(2, 0, scenario.source)
    origins = scenario.assumed()
    _years(sheet, 4, result)
    rows = {row.name: 5 + place for place, row in enumerate(_rows(result.inputs))}
    for row in _rows(result.inputs):
        _write_row(sheet, rows[row.name], row)
        if row.name in origins:
            sheet.text(rows[row.name], 1 + result.inputs.years, _("assumed: %(name)s") % {"name": origins[row.name]})
    rows[BASE] = end = 5 + len(rows)
    sheet.text(end, 0, _("Customers of the whole base"))
    if scenario.whole_base is None:
        sheet.formula(end, 1, f"={sheet.address(rows[CUSTOMERS], 1)}", scenario.customers, "people")
    else:
        sheet.number(end, 1, scenario.whole_base, "people")
    for place, (name, assumed) in enumerate(scenario.assumptions.items(), start=end + 2):
        sheet.text(place, 0, f"{_('assumed: %(name)s') % {'name': name}}. {assumed.note}")
    return lambda name, year: sheet.address(rows[name], 1 + year)


def _write_strategy(sheet: Sheet, result: Result, name: str, of: Cell, before: Cell) -> _Sum:
    """Writes what a strategy changes, its inputs and its table beside the one before."""
    found, years = result.strategies[name], result.inputs.years
    sheet.heads(0, [name])
    sheet.text(1, 0, result.scenario.strategies[name].note)
    changes = _changes(result.scenario.strategy(name), years)
    _years(sheet, 3, result, _("What it changes"))
    for place, change in enumerate(changes, start=4):
        _write_row(sheet, place, change.row)
    start = 6 + len(changes)
    _years(sheet, start - 1, result, _("Inputs with the strategy"))
    after_of = _write_changed(sheet, start, found.inputs, changes, of)
    start += len(_rows(found.inputs)) + 1
    for column, title in ((1, _("Before")), (1 + years, _("After")), (1 + 2 * years, _("Difference"))):
        sheet.heads(start, [title], first=column)
        sheet.heads(start + 1, _year_names(result), first=column)
    after = _write_lines(sheet, start + 2, found.inputs, found.table, after_of, first=1 + years)
    _write_beside(sheet, start + 2, result.table, found, before, after)
    return _write_sum(sheet, start + 3 + len(LINES), result, found, (before, after, of))


def _write_changed(sheet: Sheet, start: int, inputs: LtvInputs, changes: list[_Change], of: Cell) -> Cell:
    """Writes the inputs after a strategy as formulas of those before and of its changes."""
    rows = {row.name: start + place for place, row in enumerate(_rows(inputs))}
    for row in _rows(inputs):
        sheet.text(rows[row.name], 0, row.label)
        for year, value in enumerate(row.values):
            said = of(row.name, year)
            for place, change in enumerate(changes, start=4):
                if change.row.name == row.name:
                    cell = sheet.address(place, 1 + year)
                    said = cell if change.how == "set" else f"{said}{'*' if change.how == 'multiply' else '+'}{cell}"
            sheet.formula(rows[row.name], 1 + year, f"={said}", value, row.unit)
    return lambda name, year: sheet.address(rows[name], 1 + year)


def _write_lines(sheet: Sheet, start: int, inputs: LtvInputs, table: LtvTable, of: Cell, *, first: int = 1) -> Cell:
    """Writes the table as formulas of the inputs; where each of its lines stands."""

    def line(name: str, year: int) -> str:
        return sheet.address(start + LINES.index(name), first + year)

    for place, name in enumerate(LINES, start=start):
        sheet.text(place, 0, str(words.LINES[name].label))
    for year in range(inputs.years):
        said = formulas(of, line, year, discount_is_given=inputs.discount_factors is not None)
        for place, name in enumerate(LINES, start=start):
            sheet.formula(place, first + year, said[name], getattr(table, name)[year], words.LINES[name].unit)
    return line


def _write_beside(sheet: Sheet, start: int, table: LtvTable, found: Effect, before: Cell, after: Cell) -> None:
    """Writes the table before a strategy, and the change, beside the one after it."""
    years = found.inputs.years
    for place, name in enumerate(LINES, start=start):
        unit = words.LINES[name].unit
        for year, (was, becomes) in enumerate(zip(getattr(table, name), getattr(found.table, name), strict=True)):
            sheet.formula(place, 1 + year, f"={before(name, year)}", was, unit)
            change = f"={after(name, year)}-{before(name, year)}"
            sheet.formula(place, 1 + 2 * years + year, change, becomes - was, unit)


def _write_sum(sheet: Sheet, start: int, result: Result, found: Effect, cells: tuple[Cell, Cell, Cell]) -> _Sum:
    """Writes what a strategy is worth, per customer and in all."""
    before, after, of = cells
    last = result.inputs.years - 1
    was, becomes = before("ltv", last), after("ltv", last)
    sheet.text(start, 0, _("Change of lifetime value per customer"))
    change = sheet.formula(start, 1, f"={becomes}-{was}", found.change, "money")
    sheet.text(start + 1, 0, _("Change for the whole base"))
    in_all = sheet.formula(start + 1, 1, f"={change}*{of(BASE, 0)}", found.change_in_all, "total")
    return _Sum(was, becomes, change, in_all)


def _rows(inputs: LtvInputs) -> list[_Row]:
    """The inputs in the order in which they are written."""
    rows = [_Row(CUSTOMERS, _("New customers"), "people", [inputs.customers])]
    for name, said in words.INPUTS.items():
        if getattr(inputs, name) is None or (name in DISCOUNTING and inputs.discount_factors is not None):
            continue
        values = inputs.by_year(name).tolist()
        rows.append(_Row(name, str(said.label), said.unit, values[:1] if name in SINGLE else values))
        if name == "renewal_cost":
            rows.append(_Row(BASIS, _("Renewal cost is counted per"), "", [inputs.renewal_cost_per]))
    return rows


def _changes(strategy: Strategy, years: int) -> list[_Change]:
    """What a strategy changes, in the order in which it does."""

    def change(how: str, name: str, value: Yearly, words_of: str) -> _Change:
        said = words.INPUTS[name]
        values = np.full(years, value, dtype=np.float64).tolist()
        unit = "factor" if how == "multiply" else said.unit
        row = _Row(name, words_of % {"input": said.label}, unit, values[:1] if name in SINGLE else values)
        return _Change(how, row)

    found = [change("set", name, value, _("%(input)s: becomes")) for name, value in strategy.set.items()]
    if strategy.renewal_cost_per is not None:
        label = _("%(input)s: becomes") % {"input": _("Renewal cost is counted per")}
        found.append(_Change("set", _Row(BASIS, label, "", [strategy.renewal_cost_per])))
    found += [change("multiply", name, value, _("%(input)s: times")) for name, value in strategy.multiply.items()]
    found += [change("add", name, value, _("%(input)s: plus")) for name, value in strategy.add.items()]
    found.append(change("add", "programme_cost", strategy.cost_per_customer, _("Cost of the strategy per customer")))
    found.append(change("add", "programme_fixed_cost", strategy.cost_fixed, _("Fixed cost of the strategy")))
    return found


def _write_row(sheet: Sheet, place: int, row: _Row) -> None:
    sheet.text(place, 0, row.label)
    for year, value in enumerate(row.values, start=1):
        if isinstance(value, str):
            sheet.choice(place, year, value, BASES)
        else:
            sheet.number(place, year, value, row.unit)


def _years(sheet: Sheet, place: int, result: Result, title: str = "") -> None:
    sheet.heads(place, [title, *_year_names(result)])


def _year_names(result: Result) -> list[str]:
    return [_("Year %(year)s") % {"year": year + 1} for year in range(result.inputs.years)]
