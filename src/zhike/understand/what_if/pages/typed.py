"""A scenario as it is typed into the page: texts that may be wrong, kept until they are right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from zhike.stats.ltv import DISCOUNTING, SINGLE
from zhike.understand.what_if.scenario import BASIS, Scenario, StrategyText
from zhike.understand.what_if.values import Growth
from zhike.understand.what_if.words import INPUTS, Unit

How = Literal["set", "multiply", "add"]
HOWS: tuple[How, ...] = ("set", "multiply", "add")
DECIMALS = 10  # of a percentage, so that 0.07 is 7 and not 7.000000000000001
DEFAULTS: Mapping[str, str] = {"orders": "1", "risk": "1"}  # of the inputs that are not 0 where nothing is said
YEARS = "3"


@dataclass
class TypedChange:
    """What a strategy does to one input; of several years, a text for each."""

    how: str
    input: str
    values: list[str]


@dataclass
class TypedStrategy:
    """A strategy with its changes and costs."""

    name: str = ""
    note: str = ""
    basis: str = ""  # renewal or expiring, where the strategy changes it
    changes: list[TypedChange] = field(default_factory=list)
    per_customer: list[str] = field(default_factory=lambda: ["0"])
    fixed: list[str] = field(default_factory=lambda: ["0"])


@dataclass
class Assumed:
    """A set of inputs that nobody has measured."""

    title: str
    note: str
    inputs: tuple[str, ...]


@dataclass
class Typed:
    """Everything that the page lets change, and what it keeps."""

    name: str = ""
    note: str = ""
    source: str = ""
    customers: str = "1000"
    whole_base: str = ""
    years: str = YEARS
    sensitivity: str = "10"
    basis: str = "renewal"
    inputs: dict[str, list[str]] = field(default_factory=dict)
    assumed: list[Assumed] = field(default_factory=list)
    strategies: list[TypedStrategy] = field(default_factory=list)

    def assumed_in(self, name: str) -> Assumed | None:
        """The set that an input is assumed in."""
        return next((one for one in self.assumed if name in one.inputs), None)


def blank() -> Typed:
    """A scenario to be filled in by hand."""
    inputs = {name: [DEFAULTS.get(name, "0")] for name in shown_inputs(is_factor_given=False)}
    return Typed(inputs=inputs | {"retention": ["50"], "spend": ["100"]})


def shown_inputs(*, is_factor_given: bool) -> list[str]:
    """The inputs that a page has: what profits are discounted by, or the discount factors themselves."""
    hidden = DISCOUNTING if is_factor_given else ("discount_factors",)
    return [name for name in INPUTS if name not in hidden]


def typed_of(scenario: Scenario) -> Typed:
    """A scenario as the page shows it. A rule of growth becomes the numbers that it says."""
    said: dict[str, Any] = dict(scenario.inputs)
    for one in scenario.assumptions.values():
        said |= one.inputs
    names = shown_inputs(is_factor_given="discount_factors" in said)
    years = scenario.years
    inputs = {
        name: texts(said[name], INPUTS[name].unit, years) if name in said else [DEFAULTS.get(name, "0")]
        for name in names
    }
    return Typed(
        name=scenario.name,
        note=scenario.note,
        source=scenario.source,
        customers=text_of(scenario.customers, "people"),
        whole_base="" if scenario.whole_base is None else text_of(scenario.whole_base, "people"),
        years=str(years),
        sensitivity=text_of(scenario.sensitivity, "share"),
        basis=str(said.get(BASIS, "renewal")),
        inputs=inputs,
        assumed=[Assumed(title, one.note, tuple(one.inputs)) for title, one in scenario.assumptions.items()],
        strategies=[_strategy(name, one, years) for name, one in scenario.strategies.items()],
    )


def unit_of(how: str, name: str) -> Unit:
    """What the number of a change is: a factor, or a number such as its input's."""
    return "factor" if how == "multiply" or name not in INPUTS else INPUTS[name].unit


def texts(value: Any, unit: Unit, years: int) -> list[str]:
    """A number, a list of them, or what a growth comes to, as they stand in fields."""
    numbers = value.numbers(years) if isinstance(value, Growth) else value
    return [text_of(one, unit) for one in ([numbers] if isinstance(numbers, (int, float)) else numbers)]


def text_of(value: float, unit: Unit) -> str:
    """A number as it stands in a field; a share in percent."""
    shown = round(value * 100, DECIMALS) if unit == "share" else value
    return repr(float(shown)).removesuffix(".0")


def is_single(name: str) -> bool:
    """Whether an input is the same in all years."""
    return name in SINGLE


def _strategy(name: str, said: StrategyText, years: int) -> TypedStrategy:
    changes = [
        TypedChange(how, of, texts(value, unit_of(how, of), years))
        for how, those in (("set", said.sets), ("multiply", said.multiply), ("add", said.add))
        for of, value in those.items()
        if of != BASIS
    ]
    return TypedStrategy(
        name=name,
        note=said.note,
        basis=str(said.sets.get(BASIS, "")),
        changes=changes,
        per_customer=texts(said.cost.per_customer, "money", years),
        fixed=texts(said.cost.fixed, "total", years),
    )
