"""The sheets of a workbook that say what matters most and where a customer pays off: all in formulas that stay live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from django.utils.translation import gettext as _

from zhike.stats.ltv import LINES, values_of, worked_out
from zhike.understand.what_if import words
from zhike.understand.what_if.formulas import Cell, formulas
from zhike.understand.what_if.results import Result
from zhike.understand.what_if.sheet import Sheet

HALVINGS = 16  # of the stretch in which the break-even is looked for: it is then as exact as 0.002 percentage points
RETENTION = "retention"
Numbers = npt.NDArray[np.float64]


@dataclass
class Workings:
    """The sheet that has a whole table below each other for everything that is tried."""

    sheet: Sheet
    result: Result
    of: Cell
    row: int = 0

    def table(self, title: str, of: Cell, changed: Mapping[str, Numbers]) -> tuple[str, float]:
        """Writes a table of other inputs; the cell of its lifetime value, and what stands there now."""
        inputs, start = self.result.inputs, self.row + 1
        lines = worked_out(values_of(inputs) | dict(changed), inputs.renewal_cost_per)

        def line(name: str, year: int) -> str:
            return self.sheet.address(start + LINES.index(name), 1 + year)

        self.sheet.heads(self.row, [title])
        for place, name in enumerate(LINES, start=start):
            self.sheet.text(place, 0, str(words.LINES[name].label))
        for year in range(inputs.years):
            said = formulas(of, line, year, discount_is_given=inputs.discount_factors is not None)
            for place, name in enumerate(LINES, start=start):
                value = float(np.broadcast_to(lines[name], inputs.years)[year])
                self.sheet.formula(place, 1 + year, said[name], value, words.LINES[name].unit)
        self.row = start + len(LINES) + 1
        return line("ltv", inputs.years - 1), float(np.broadcast_to(lines["ltv"], inputs.years)[-1])


def write_tornado(sheet: Sheet, workings: Workings, ltv: str) -> None:
    """Writes the lifetime value if each input is less, and more, by a share that is there to be changed."""
    result, values = workings.result, values_of(workings.result.inputs)
    sheet.text(0, 0, _("Each input is less, and more, by"))
    sheet.number(0, 1, result.scenario.sensitivity, "share")
    share = sheet.address(0, 1)
    sheet.text(1, 0, _("Retention is at most 100%. Inputs that were 0 when this was written are not tried."))
    sheet.heads(3, [_("Input"), _("Less of it"), _("As it is"), _("More of it"), _("Between the two")])
    for place, bar in enumerate(result.tornado, start=4):
        label = str(words.INPUTS[bar.name].label)
        sheet.text(place, 0, label)
        cells = []
        for sign, title in (("-", _("%(input)s: less")), ("+", _("%(input)s: more"))):
            factor = 1 + (1 if sign == "+" else -1) * result.scenario.sensitivity
            tried = values[bar.name] * factor
            tried = np.minimum(tried, 1.0) if bar.name == RETENTION else tried
            of = _changed(workings.of, bar.name, f"(1{sign}{share})")
            cells.append(workings.table(title % {"input": label}, of, {bar.name: tried}))
        (less, was_less), (more, was_more) = cells
        sheet.formula(place, 1, f"={less}", was_less, "money")
        sheet.formula(place, 2, f"={ltv}", result.table.value, "money")
        sheet.formula(place, 3, f"={more}", was_more, "money")
        sheet.formula(place, 4, f"=ABS({more}-{less})", abs(was_more - was_less), "money")


def _changed(of: Cell, changed: str, factor: str) -> Cell:
    """The inputs, one of them times a factor."""

    def cell(name: str, year: int) -> str:
        said = of(name, year)
        if name != changed:
            return said
        return f"MIN(1,{said}*{factor})" if name == RETENTION else f"({said}*{factor})"

    return cell


def write_break_even(sheet: Sheet, workings: Workings) -> None:
    """Writes the retention at which a customer is worth nothing, found by halving a stretch again and again.

    The stretch goes from the retention as it is to nobody staying, or, where that changes no sign, to everybody. Its
    rows have the ends, the middle and the lifetime value there: a way of -1 is nobody, 0 as it is, 1 everybody.
    """
    result, kept = workings.result, values_of(workings.result.inputs)[RETENTION]

    def worth(way: str, value: float, title: str) -> tuple[str, float]:
        moved = np.where(value < 0, kept * (1 + value), kept + (1 - kept) * value)
        return workings.table(title, _moved(workings.of, way), {RETENTION: moved})

    head = 4 + result.inputs.years
    sheet.heads(head, [_("Search"), _("Between"), _("and"), _("Middle"), _("Lifetime value there")])
    at, now = worth("0", 0.0, _("As it is"))
    none, was_none = worth("(-1)", -1.0, _("Nobody stays"))
    every, was_every = worth("1", 1.0, _("Everybody stays"))
    first = head + 1
    far, value_far = f"IF(({none}>0)=({at}>0),IF(({every}>0)=({at}>0),0,1),-1)", _far(now, was_none, was_every)
    near_cell = sheet.formula(first, 1, "=0", 0.0, "factor")
    far_cell = sheet.formula(first, 2, f"={far}", value_far, "factor")
    is_found, near, end = f"{far_cell}<>0", 0.0, value_far
    for place in range(first, first + HALVINGS):
        sheet.text(place, 0, str(place - first + 1))
        middle = (near + end) / 2
        middle_cell = sheet.formula(place, 3, f"=({near_cell}+{far_cell})/2", middle, "factor")
        cell, value = worth(middle_cell, middle, _("Search, step %(step)s") % {"step": place - first + 1})
        sheet.formula(place, 4, f"={cell}", value, "money")
        is_near = (value > 0) == (now > 0)
        near, end = (middle, end) if is_near else (near, middle)
        same = f"({cell}>0)=({at}>0)"
        near_cell = sheet.formula(place + 1, 1, f"=IF({same},{middle_cell},{near_cell})", near, "factor")
        far_cell = sheet.formula(place + 1, 2, f"=IF({same},{far_cell},{middle_cell})", end, "factor")
    way = sheet.formula(first + HALVINGS, 3, f"=({near_cell}+{far_cell})/2", (near + end) / 2, "factor")
    _write_found(sheet, workings, is_found, (way, (near + end) / 2), has_any=value_far != 0)


def _far(now: float, none: float, every: float) -> float:
    if (none > 0) != (now > 0):
        return -1.0
    return 0.0 if (every > 0) == (now > 0) else 1.0


def _write_found(sheet: Sheet, workings: Workings, is_found: str, way: tuple[str, float], *, has_any: bool) -> None:
    """Writes the retention of each year at the break-even, or that there is none."""
    kept = values_of(workings.result.inputs)[RETENTION]
    cell, value = way
    missing = _("none")
    sheet.heads(0, [_("Retention at which a customer is worth nothing"), _("As it is"), _("Break-even")])
    sheet.text(1, 0, _("It is found anew whenever an input changes; of several the one on the side of fewer is taken."))
    moved = _moved(workings.of, cell)
    for year in range(workings.result.inputs.years - 1):  # who stays after the last year is not asked
        sheet.text(2 + year, 0, _("Year %(year)s") % {"year": year + 1})
        sheet.formula(2 + year, 1, f"={workings.of(RETENTION, year)}", float(kept[year]), "share")
        found = kept[year] * (1 + value) if value < 0 else kept[year] + (1 - kept[year]) * value
        said = f'=IF({is_found},{moved(RETENTION, year)},"{missing}")'
        sheet.formula(2 + year, 2, said, float(found) if has_any else missing, "share")


def _moved(of: Cell, way: str) -> Cell:
    """The inputs with the retention on its way to nobody (-1) or everybody (1) staying."""

    def cell(name: str, year: int) -> str:
        said = of(name, year)
        return f"IF({way}>0,{said}+(1-{said})*{way},{said}*(1+{way}))" if name == RETENTION else said

    return cell
