"""The fields of the page: what each is called, how far its slider reaches, and what is wrong with it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.stats.ltv import BASES, MOST_YEARS, YEARLY
from zhike.stats.what_if import CHANGEABLE
from zhike.ui.navigation import Words
from zhike.ui.templatetags.formats import currency_sign
from zhike.understand.what_if.pages.posted import Faults
from zhike.understand.what_if.pages.typed import DEFAULTS, Typed, TypedChange, TypedStrategy, is_single, unit_of
from zhike.understand.what_if.scenario import BASIS
from zhike.understand.what_if.words import INPUTS, Unit

# How far a slider reaches where the number itself does not say more, in the units of its field.
REACH: Mapping[Unit, float] = {
    "share": 50,
    "number": 5,
    "money": 50,
    "total": 100_000,
    "people": 10_000,
    "days": 90,
    "factor": 2,
}
FARTHEST = 1e15
STEPS = 200  # of a slider
WHOLE: tuple[Unit, ...] = ("people", "days", "total")
GROUPS: tuple[tuple[Words, tuple[str, ...]], ...] = (
    (gettext_lazy("Who stays"), ("retention", "referral")),
    (gettext_lazy("What they bring"), ("orders", "spend", "list_rental", "advertising", "other_income")),
    (
        gettext_lazy("What they cost"),
        (
            *("cost_share", "service_cost", "acquisition_cost", "marketing_cost", "programme_cost"),
            *("programme_fixed_cost", "database_cost", "referral_incentive", "renewal_cost"),
        ),
    ),
    (gettext_lazy("What money costs"), ("interest", "risk", "payment_days", "discount_factors")),
)
GENERAL: Mapping[str, Words] = {
    "name": gettext_lazy("Name"),
    "note": gettext_lazy("Note"),
    "customers": gettext_lazy("New customers, in the first year"),
    "whole_base": gettext_lazy("All customers a strategy is for"),
    "years": gettext_lazy("Years"),
    "sensitivity": gettext_lazy("The tornado moves each input by"),
    BASIS: gettext_lazy("Renewal cost is counted per"),
}
BASIS_WORDS: Mapping[str, Words] = {
    "renewal": gettext_lazy("customer who renewed"),
    "expiring": gettext_lazy("customer whose year ended"),
}


@dataclass(frozen=True)
class Number:
    """One number field, with its slider."""

    id: str
    text: str
    title: str  # what it is, where the label does not say it all


@dataclass(frozen=True)
class Control:
    """An input: one number for all years, or one for each."""

    field: str
    label: Words
    unit: str
    numbers: Sequence[Number]
    low: float
    high: float
    step: float
    wrong: str = ""
    assumed: str = ""  # the set of assumptions that it belongs to
    may_vary: bool = False
    placeholder: str = ""  # what an empty field stands for

    @property
    def id(self) -> str:
        """What its fields are called in the page."""
        return self.field.replace(".", "-")

    @property
    def is_by_year(self) -> bool:
        """There is a number for each year."""
        return len(self.numbers) > 1


def controls_of(typed: Typed, faults: Faults) -> dict[str, Any]:
    """Everything that the template of the form shows."""
    return {
        "typed": typed,
        "faults": faults,
        "general": [
            _control("customers", GENERAL["customers"], "people", [typed.customers], faults),
            _control("whole_base", GENERAL["whole_base"], "people", [typed.whole_base], faults, empty=typed.customers),
        ],
        "years": _control("years", GENERAL["years"], "number", [typed.years], faults, high=10, step=1),
        "most_years": MOST_YEARS,
        "sensitivity": _control("sensitivity", GENERAL["sensitivity"], "share", [typed.sensitivity], faults),
        "groups": [_group(title, names, typed, faults) for title, names in GROUPS],
        "basis": _choices(typed.basis, BASIS_WORDS),
        "basis_wrong": faults.get(BASIS, ""),
        "strategies": [_strategy(place, one, faults) for place, one in enumerate(typed.strategies)],
    }


def slot_of(field: str) -> str:
    """The id of the place where it is said what is wrong with a field."""
    return f"{field.replace('.', '-')}-wrong"


def title_of(field: str, typed: Typed) -> str:
    """What a field is called where it is spoken of elsewhere."""
    match field.split("."):
        case ["inputs", name] if name in INPUTS:
            return str(INPUTS[name].label)
        case ["strategies", place, *_rest]:
            strategy = typed.strategies[int(place)]
            return strategy.name or _("Strategy %(number)s") % {"number": int(place) + 1}
    return str(GENERAL.get(field, field))


def _group(title: Words, names: Sequence[str], typed: Typed, faults: Faults) -> dict[str, Any]:
    """Inputs that belong together: those that say something, and those that are as if nobody had said them."""
    used: list[Control] = []
    unused: list[Control] = []
    for name in names:
        if name not in typed.inputs:
            continue
        field, values = f"inputs.{name}", typed.inputs[name]
        assumed = typed.assumed_in(name)
        control = _control(
            field,
            INPUTS[name].label,
            INPUTS[name].unit,
            values,
            faults,
            assumed=assumed.title if assumed else "",
            may_vary=name in (*YEARLY, "discount_factors"),
        )
        is_said = (
            assumed
            or name == "retention"
            or field in faults
            or any(text.strip() not in ("0", DEFAULTS.get(name, "0")) for text in values)
        )
        (used if is_said else unused).append(control)
    has_renewal = any(one.field == "inputs.renewal_cost" for one in used)
    return {"title": title, "used": used, "unused": unused, "has_renewal": has_renewal}


def _strategy(place: int, strategy: TypedStrategy, faults: Faults) -> dict[str, Any]:
    prefix = f"strategies.{place}"
    return {
        "place": place,
        "prefix": prefix,
        "id": prefix.replace(".", "-"),
        "typed": strategy,
        "wrong": faults.get(f"{prefix}.name", ""),
        "basis": BASIS_WORDS.get(strategy.basis, ""),
        "changes": [_change(prefix, of, change, faults) for of, change in enumerate(strategy.changes)],
        "costs": [
            _control(
                f"{prefix}.per_customer",
                _("It costs, per customer and year"),
                "money",
                strategy.per_customer,
                faults,
                may_vary=True,
            ),
            _control(
                f"{prefix}.fixed", _("It costs, in all in a year"), "total", strategy.fixed, faults, may_vary=True
            ),
        ],
    }


def _change(prefix: str, place: int, change: TypedChange, faults: Faults) -> dict[str, Any]:
    field = f"{prefix}.changes.{place}"
    hows: Mapping[str, Words] = {"set": _("becomes"), "multiply": _("times"), "add": _("plus")}
    label = INPUTS[change.input].label if change.input in INPUTS else change.input
    return {
        "place": place,
        "field": field,
        "id": field.replace(".", "-"),
        "inputs": [(name, INPUTS[name].label, name == change.input) for name in CHANGEABLE],
        "hows": _choices(change.how, hows),
        "control": _control(
            f"{field}.value",
            f"{label} {hows.get(change.how, change.how)}",
            unit_of(change.how, change.input),
            change.values,
            faults,
            may_vary=not is_single(change.input),
            is_signed=change.how == "add",
        ),
    }


def _choices(chosen: str, choices: Mapping[str, Words]) -> list[tuple[str, Words, bool]]:
    return [(value, words, value == chosen) for value, words in choices.items()]


def _control(
    field: str,
    label: Words,
    unit: Unit,
    values: Sequence[str],
    faults: Faults,
    *,
    assumed: str = "",
    may_vary: bool = False,
    is_signed: bool = False,
    high: float | None = None,
    step: float | None = None,
    empty: str = "",
) -> Control:
    high = high or _reach(field, unit, [*values, empty])
    ids = (
        [field.replace(".", "-")]
        if len(values) == 1
        else [f"{field.replace('.', '-')}-{year}" for year in range(1, len(values) + 1)]
    )
    titles = (
        [""]
        if len(values) == 1
        else [_("%(label)s, year %(year)s") % {"label": label, "year": year} for year in range(1, len(values) + 1)]
    )
    return Control(
        field=field,
        label=label,
        unit={"share": "%", "money": currency_sign(), "total": currency_sign(), "factor": ""}.get(unit, ""),
        numbers=[Number(*one) for one in zip(ids, values, titles, strict=True)],
        low=-high if is_signed else 0,
        high=high,
        step=step or (max(high / STEPS, 1) if unit in WHOLE else high / STEPS),
        wrong=faults.get(field, ""),
        assumed=assumed,
        may_vary=may_vary,
        placeholder=empty,
    )


def _reach(field: str, unit: Unit, values: Sequence[str]) -> float:
    """The end of a slider: a round number that leaves room for twice what is there."""
    numbers = [abs(number) for text in values if math.isfinite(number := _float(text))]
    largest = min(2 * max(numbers, default=0), FARTHEST)
    if unit == "share" and (field.endswith("retention") or (50 < largest <= 200)):
        return 100
    if largest <= REACH[unit]:
        return REACH[unit]
    power = 10 ** math.floor(math.log10(largest))
    return next(float(power * factor) for factor in (1, 2, 5, 10) if power * factor >= largest)


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


assert set(BASIS_WORDS) == set(BASES)
