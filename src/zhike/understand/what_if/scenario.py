"""Scenarios: the inputs of a lifetime value table and strategies that move them, as a YAML file says them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from zhike.stats.ltv import BASES, MOST_YEARS, NO_NUMBER, Basis, ImpossibleInput, LtvInputs, Yearly, ltv_table
from zhike.stats.what_if import CHANGEABLE, Strategy, with_strategy
from zhike.understand.what_if.values import Growth, Name, Number, Part, Text, Value, nearest, number, problem_at
from zhike.understand.what_if.words import INPUTS, in_words


def _known(names: Iterable[str]) -> AfterValidator:
    known = tuple(names)

    def check(name: str) -> str:
        if name not in known:
            raise problem_at(_("there is no such input: %(nearest)s") % {"nearest": nearest(name, known)})
        return name

    return AfterValidator(check)


BASIS = "renewal_cost_per"
MOST_STRATEGIES = 100  # each takes some milliseconds


def _with_basis(value: object) -> object:
    """Raises an error where the one input that is a word is another word."""
    if isinstance(value, dict) and value.get(BASIS, BASES[0]) not in BASES:
        raise problem_at(_("must be one of %(names)s") % {"names": ", ".join(BASES)}, BASIS)
    return value


Inputs = Annotated[dict[Annotated[str, _known((*INPUTS, BASIS))], Value], BeforeValidator(_with_basis)]
Changes = dict[Annotated[str, _known(CHANGEABLE)], Value]
Settings = Annotated[dict[Annotated[str, _known((*CHANGEABLE, BASIS))], Value], BeforeValidator(_with_basis)]


class Assumptions(Part):
    """Inputs that nobody has measured, and why they are thought to be so."""

    note: Text = ""
    inputs: Inputs = Field(min_length=1)


class Cost(Part):
    """What a strategy costs in a year."""

    per_customer: Value = 0.0
    fixed: Value = 0.0


class StrategyText(Part):
    """What a strategy changes, in this order, and what it costs."""

    note: Text = ""
    sets: Settings = Field(default={}, alias="set")
    multiply: Changes = {}
    add: Changes = {}
    cost: Cost = Cost()

    @model_validator(mode="after")
    def _does_something(self) -> StrategyText:
        if not (self.sets or self.multiply or self.add or self.cost.model_fields_set):
            raise problem_at(_("changes nothing: give set, multiply, add or cost"))
        return self

    def place_of(self, name: str) -> tuple[str, ...]:
        """Where the strategy changes an input last."""
        changes = {"add": self.add, "multiply": self.multiply, "set": self.sets}
        found = next(((key, name) for key, inputs in changes.items() if name in inputs), ())
        return found or {"programme_cost": ("cost", "per_customer"), "programme_fixed_cost": ("cost", "fixed")}.get(
            name, ()
        )

    def of(self, years: int) -> Strategy:
        """The strategy for so many years."""
        basis = self.sets.get(BASIS)
        return Strategy(
            set={name: _years(value, years, name) for name, value in self.sets.items() if name != BASIS},
            multiply={name: _years(value, years, name) for name, value in self.multiply.items()},
            add={name: _years(value, years, name) for name, value in self.add.items()},
            renewal_cost_per=None if basis is None else _basis(basis),
            cost_per_customer=_years(self.cost.per_customer, years, "programme_cost"),
            cost_fixed=_years(self.cost.fixed, years, "programme_fixed_cost"),
        )


class Scenario(Part):
    """A cohort of customers over some years: what is known of it, what is assumed, and strategies to compare."""

    name: Name
    note: Text = ""
    source: Text = ""
    customers: Number
    whole_base: Annotated[Number, Field(ge=0)] | None = None  # all customers a strategy is for
    years: Annotated[int, BeforeValidator(number), Field(ge=1, le=MOST_YEARS)]
    inputs: Inputs
    assumptions: dict[Name, Assumptions] = {}
    strategies: Annotated[dict[Name, StrategyText], Field(max_length=MOST_STRATEGIES)] = {}
    sensitivity: Annotated[Number, Field(gt=0, le=1)] = 0.1  # by which the tornado moves each input

    @model_validator(mode="after")
    def _can_be_worked_out(self) -> Scenario:
        origin = self._origin()
        if "retention" not in origin and self.years > 1:
            raise problem_at(_("the input retention is missing"), "inputs")
        discounting = [name for name in ("interest", "risk", "payment_days") if name in origin]
        if "discount_factors" in origin and discounting:
            words = _("give either discount_factors or %(names)s") % {"names": ", ".join(discounting)}
            raise problem_at(words, *origin["discount_factors"])
        try:
            inputs = self.ltv_inputs()
            ltv_table(inputs)
        except ImpossibleInput as problem:
            place = ("customers",) if problem.name == "customers" else origin.get(problem.name, ("inputs",))
            raise problem_at(in_words(problem, self.years), *place) from problem
        for name, strategy in self.strategies.items():
            try:
                ltv_table(with_strategy(inputs, strategy.of(self.years)))
            except ImpossibleInput as problem:
                words = f"{problem.name} {in_words(problem, self.years)}"
                raise problem_at(words, "strategies", name, *strategy.place_of(problem.name)) from problem
        return self

    def ltv_inputs(self) -> LtvInputs:
        """The inputs given and assumed, as a table is worked out from them."""
        said: dict[str, Any] = dict(self.inputs)
        for assumed in self.assumptions.values():
            said |= assumed.inputs
        basis = _basis(said.pop(BASIS, "renewal"))
        values: dict[str, Any] = {name: _years(value, self.years, name) for name, value in said.items()}
        return LtvInputs(years=self.years, customers=self.customers, renewal_cost_per=basis, **values)

    def strategy(self, name: str) -> Strategy:
        """One of the strategies."""
        return self.strategies[name].of(self.years)

    def assumed(self) -> dict[str, str]:
        """The inputs that are assumed, each with the name of its set."""
        return {name: title for title, assumed in self.assumptions.items() for name in assumed.inputs}

    def _origin(self) -> dict[str, tuple[str, ...]]:
        """Where each input stands. Raises an error for one that stands in two places."""
        found: dict[str, tuple[str, ...]] = {name: ("inputs", name) for name in self.inputs}
        for title, assumed in self.assumptions.items():
            for name in assumed.inputs:
                if name in found:
                    words = _("%(name)s is given twice, here and in %(place)s")
                    place = ".".join(found[name][:-1])
                    raise problem_at(words % {"name": name, "place": place}, "assumptions", title, "inputs", name)
                found[name] = ("assumptions", title, "inputs", name)
        return found


def _years(value: Any, years: int, name: str) -> Yearly:
    """One number, or one for each year."""
    if isinstance(value, Growth):
        return value.numbers(years)
    if isinstance(value, str):
        raise ImpossibleInput(name, NO_NUMBER)
    return value


def _basis(value: object) -> Basis:
    return next(basis for basis in BASES if basis == value)
