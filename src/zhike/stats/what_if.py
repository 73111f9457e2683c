"""What a strategy changes of a lifetime value table, what it must achieve, and which inputs matter most."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from scipy.optimize import brentq

from zhike.stats.ltv import (
    DISCOUNTING,
    SINGLE,
    TOO_LARGE,
    WRONG_LENGTH,
    YEARLY,
    Basis,
    ImpossibleInput,
    LtvInputs,
    LtvTable,
    Numbers,
    Yearly,
    ltv_table,
    values_of,
    worked_out,
)

CHANGEABLE = (*YEARLY, *SINGLE)
NOT_CHANGEABLE = "no input that a strategy may change"
NOT_USED = "not used, as discount factors are given"
DECIMALS = 12  # that changed inputs keep
GRID = 201  # retentions that are looked at for a change of sign


@dataclass(frozen=True)
class Strategy:
    """What a strategy does to inputs, by name: sets them, then multiplies, then adds; and what it costs.

    The costs join those of special programmes: per customer and year, and in all for a year.
    """

    set: Mapping[str, Yearly] = field(default_factory=dict)
    multiply: Mapping[str, Yearly] = field(default_factory=dict)
    add: Mapping[str, Yearly] = field(default_factory=dict)
    renewal_cost_per: Basis | None = None
    cost_per_customer: Yearly = 0.0
    cost_fixed: Yearly = 0.0


@dataclass(frozen=True)
class BreakEven:
    """The retention at which customers are worth just so much; or why there is none.

    A retention is looked for between that of nobody and that of everybody staying: every year's moves the same part
    of its way to 0, or to 1. Of several, the one nearest to the present.
    """

    retention: tuple[float, ...] | None  # of every year but the last, whose customers come after the table
    why_none: Literal["", "always_more", "always_less", "single_year"] = ""


@dataclass(frozen=True)
class Effect:
    """A table after a strategy, and what the strategy is worth."""

    inputs: LtvInputs
    table: LtvTable
    change: float  # of the lifetime value of a customer
    change_in_all: float  # for the whole base
    break_even: BreakEven  # the retention under the strategy at which it changes nothing


@dataclass(frozen=True)
class Bar:
    """One input of a tornado: the lifetime value if it were less, and more, by the share that was asked for."""

    name: str
    less: float
    more: float
    is_cut: bool = False  # more would be above 1, and is 1

    @property
    def spread(self) -> float:
        return abs(self.more - self.less)


def with_strategy(inputs: LtvInputs, strategy: Strategy) -> LtvInputs:
    """The inputs as the strategy leaves them. Raises ImpossibleInput for one that may not be, or not be changed."""
    values: dict[str, Numbers] = {}

    def now(name: str) -> Numbers:
        return values[name] if name in values else inputs.by_year(name)

    for changes in (strategy.set, strategy.multiply, strategy.add):
        for name in changes:
            _check(inputs, name)
    with np.errstate(over="ignore", invalid="ignore"):  # the inputs say so
        for name, value in strategy.set.items():
            values[name] = _by_year(inputs, name, value)
        for name, value in strategy.multiply.items():
            values[name] = now(name) * _by_year(inputs, name, value)
        for name, value in strategy.add.items():
            values[name] = now(name) + _by_year(inputs, name, value)
        for name, cost in (
            ("programme_cost", strategy.cost_per_customer),
            ("programme_fixed_cost", strategy.cost_fixed),
        ):
            values[name] = now(name) + _by_year(inputs, name, cost)
        # A sum that is 1, or nothing, but for rounding, is that.
        rounded = {name: np.round(value, DECIMALS).tolist() for name, value in values.items()}
    changed: dict[str, Any] = {name: value[0] if name in SINGLE else tuple(value) for name, value in rounded.items()}
    return replace(inputs, **changed, renewal_cost_per=strategy.renewal_cost_per or inputs.renewal_cost_per)


def effect(inputs: LtvInputs, strategy: Strategy, *, whole_base: float | None = None) -> Effect:
    """What a strategy is worth, per customer and for `whole_base` customers (those of the inputs unless given).

    Raises ImpossibleInput as `with_strategy` and `ltv_table` do, and for more than a float holds.
    """
    before, changed = ltv_table(inputs).value, with_strategy(inputs, strategy)
    after = ltv_table(changed)
    change = after.value - before
    customers = inputs.customers if whole_base is None else whole_base
    if not math.isfinite(change * customers):
        raise ImpossibleInput("whole_base", TOO_LARGE)
    return Effect(changed, after, change, change * customers, break_even_retention(changed, worth=before))


@np.errstate(over="ignore", invalid="ignore")
def break_even_retention(inputs: LtvInputs, *, worth: float = 0.0) -> BreakEven:
    """The retention at which a customer is worth `worth`, by root finding."""
    if inputs.years == 1:
        return BreakEven(None, "single_year")
    values = values_of(inputs)

    def surplus(way: Numbers) -> Numbers:
        tried = values | {"retention": _moved(values["retention"], way[:, None])}
        tried["customers"] = np.broadcast_to(values["customers"], tried["retention"].shape)
        return worked_out(tried, inputs.renewal_cost_per)["ltv"][:, -1] - worth

    ways = np.linspace(-1, 1, GRID)
    found = surplus(ways)
    roots = [float(ways[place]) for place in np.flatnonzero(found == 0)]
    for place in np.flatnonzero(np.sign(found[:-1]) * np.sign(found[1:]) < 0):
        roots.append(brentq(lambda way: float(surplus(np.array([way]))[0]), ways[place], ways[place + 1], xtol=1e-12))
    if not roots:
        return BreakEven(None, "always_more" if found[0] > 0 else "always_less")
    nearest = min(roots, key=abs)
    return BreakEven(tuple(_moved(values["retention"], np.array(nearest))[:-1].tolist()))


@np.errstate(over="ignore", invalid="ignore")
def tornado(inputs: LtvInputs, *, share: float = 0.1) -> tuple[Bar, ...]:
    """How the lifetime value moves if each input is `share` less or more in all years, the widest first.

    Inputs that are 0, or that move nothing, are left out. Raises ValueError for a share that is not from 0 to 1.
    """
    if not 0 < share <= 1:
        raise ValueError("inputs move by a share above 0 and up to 1")
    values = values_of(inputs)
    names = [name for name in CHANGEABLE if name in values and values[name].any()]
    if not names:
        return ()
    # Two tables for each input, worked out at once: the first half with less of one, the second with more.
    factors = {name: np.ones((2 * len(names), 1)) for name in values}
    for place, name in enumerate(names):
        factors[name][place], factors[name][len(names) + place] = 1 - share, 1 + share
    tried = {name: values[name] * factors[name] for name in values}
    is_cut = tried["retention"][:, :-1] > 1  # who would stay after the last year is not asked
    tried["retention"] = np.minimum(tried["retention"], 1.0)
    worth = worked_out(tried, inputs.renewal_cost_per)["ltv"][:, -1].tolist()
    bars = [
        Bar(name, less, more, name == "retention" and bool(is_cut.any()))
        for name, less, more in zip(names, worth[: len(names)], worth[len(names) :], strict=True)
        if less != more
    ]
    return tuple(sorted(bars, key=lambda bar: -bar.spread))


def _moved(retention: Numbers, way: Numbers) -> Numbers:
    """Retentions on their way to nobody (−1) or everybody (1) staying; 0 leaves them."""
    return np.where(way < 0, retention * (1 + way), retention + (1 - retention) * way)


def _check(inputs: LtvInputs, name: str) -> None:
    if name not in CHANGEABLE:
        raise ImpossibleInput(name, NOT_CHANGEABLE)
    if name in DISCOUNTING and inputs.discount_factors is not None:
        raise ImpossibleInput(name, NOT_USED)


def _by_year(inputs: LtvInputs, name: str, value: Yearly) -> Numbers:
    is_list = not isinstance(value, (int, float))
    if is_list and (name in SINGLE or np.shape(value) != (inputs.years,)):
        raise ImpossibleInput(name, WRONG_LENGTH)
    return np.full(inputs.years, value, dtype=np.float64)
