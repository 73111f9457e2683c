"""What the page's form sends: read into texts, changed by its buttons, and made a scenario."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from zhike.stats.ltv import MOST_YEARS
from zhike.ui.typed import whole_number
from zhike.understand.what_if.pages.typed import (
    DEFAULTS,
    Assumed,
    Typed,
    TypedChange,
    TypedStrategy,
    shown_inputs,
    texts,
    unit_of,
)
from zhike.understand.what_if.reading import BadScenario, Place, scenario_from_data
from zhike.understand.what_if.scenario import BASIS, Scenario
from zhike.understand.what_if.values import number
from zhike.understand.what_if.words import INPUTS, Unit

MOST = 50  # strategies, and changes of one, and sets of assumptions, that are read of a form
Faults = dict[str, str]  # the name of a field → what is wrong with it; "" is the whole


def read_typed(sent: QueryDict) -> Typed:
    """What stands in the fields."""
    names = shown_inputs(is_factor_given="inputs.discount_factors" in sent)
    return Typed(
        **{name: sent.get(name, "") for name in ("name", "note", "source", "customers", "whole_base", "sensitivity")},
        years=sent.get("years", ""),
        basis=sent.get(BASIS, "renewal"),
        inputs={name: sent.getlist(f"inputs.{name}") or [DEFAULTS.get(name, "0")] for name in names},
        assumed=[
            Assumed(
                sent.get(f"assumed.{place}.title", ""),
                sent.get(f"assumed.{place}.note", ""),
                tuple(sent.getlist(f"assumed.{place}.inputs")),
            )
            for place in _places(sent, "assumed.{}.title")
        ],
        strategies=[_strategy(sent, f"strategies.{place}") for place in _places(sent, "strategies.{}.name")],
    )


def scenario_of(typed: Typed) -> tuple[Scenario | None, Faults]:
    """The scenario that was typed; or what is wrong, by the name of the field."""
    fields: dict[Place, str] = {}
    faults: Faults = {}
    data = _data(typed, fields, faults)
    try:
        scenario = scenario_from_data(data, where=typed.name)
    except BadScenario as error:
        for place, message in error.places:
            known = next((fields[place[:end]] for end in range(len(place), 0, -1) if place[:end] in fields), "")
            faults.setdefault(known, message if known else " ".join((*place, message)))
        return None, faults
    return (None, faults) if faults else (scenario, {})


def act(typed: Typed, do: str) -> None:
    """Carries out what a button of the form says; what it does not know changes nothing."""
    match do.split():
        case ["add_strategy"] if len(typed.strategies) < MOST:
            name = _("Strategy %(number)s") % {"number": len(typed.strategies) + 1}
            typed.strategies.append(TypedStrategy(name, changes=[TypedChange("add", "retention", ["5"])]))
        case ["remove_strategy", place] if (strategy := _at(typed.strategies, place)) is not None:
            typed.strategies.remove(strategy)
        case ["add_change", place] if (strategy := _at(typed.strategies, place)) and len(strategy.changes) < MOST:
            strategy.changes.append(TypedChange("add", "orders", ["0"]))
        case ["remove_change", place, of] if (strategy := _at(typed.strategies, place)) is not None:
            strategy.changes = [one for number, one in enumerate(strategy.changes) if str(number) != of]
        case ["choose", place, of] if (strategy := _at(typed.strategies, place)) is not None:
            if (change := _at(strategy.changes, of)) is not None:
                change.values = _neutral(typed, change)
        case ["by_year", name]:
            years = _years(typed)
            _spread(typed, name, lambda values: (values * years)[:years] if len(values) == 1 else values)
        case ["same", name]:
            _spread(typed, name, lambda values: values[:1])
    _fit(typed)


def _places(sent: QueryDict, name: str) -> list[int]:
    """The numbers under which parts were sent, one after the other."""
    return [place for place in range(MOST) if name.format(place) in sent]


def _strategy(sent: QueryDict, prefix: str) -> TypedStrategy:
    changes = [
        TypedChange(
            sent.get(f"{prefix}.changes.{place}.how", ""),
            sent.get(f"{prefix}.changes.{place}.input", ""),
            sent.getlist(f"{prefix}.changes.{place}.value") or ["0"],
        )
        for place in _places(sent, f"{prefix}.changes.{{}}.input")
    ]
    return TypedStrategy(
        name=sent.get(f"{prefix}.name", ""),
        note=sent.get(f"{prefix}.note", ""),
        basis=sent.get(f"{prefix}.basis", ""),
        changes=changes,
        per_customer=sent.getlist(f"{prefix}.per_customer") or ["0"],
        fixed=sent.getlist(f"{prefix}.fixed") or ["0"],
    )


def _data(typed: Typed, fields: dict[Place, str], faults: Faults) -> dict[str, Any]:
    """What the reader of scenarios reads; `fields` learns which field says what."""
    fields |= {(name,): name for name in ("name", "note", "customers", "whole_base", "years", "sensitivity")}
    data: dict[str, Any] = {
        **{name: text for name in ("note", "source") if (text := getattr(typed, name))},
        "name": typed.name,
        "customers": _value([typed.customers], "people"),
        "years": typed.years.strip() or None,
        "sensitivity": _value([typed.sensitivity], "share"),
        "inputs": {},
    }
    if typed.whole_base.strip():
        data["whole_base"] = _value([typed.whole_base], "people")
    for name, values in typed.inputs.items():
        assumed = typed.assumed_in(name)
        if assumed or name in ("retention", "discount_factors") or not _is_default(name, values):
            into, place = _set_of(data, assumed)
            into[name] = _value(_fitted(values, typed), INPUTS[name].unit)
            fields[(*place, name)] = f"inputs.{name}"
    basis_assumed = typed.assumed_in(BASIS)
    if basis_assumed or typed.basis != "renewal":
        into, place = _set_of(data, basis_assumed)
        into[BASIS] = typed.basis
        fields[(*place, BASIS)] = BASIS
    if typed.strategies:
        data["strategies"] = {}
    for number_of, strategy in enumerate(typed.strategies):
        prefix = f"strategies.{number_of}"
        if strategy.name in data["strategies"]:
            faults[f"{prefix}.name"] = _("there are two strategies of this name")
        fields[("strategies", strategy.name)] = f"{prefix}.name"
        data["strategies"][strategy.name] = _strategy_data(strategy, typed, prefix, fields, faults)
    return data


def _set_of(data: dict[str, Any], assumed: Assumed | None) -> tuple[dict[str, Any], Place]:
    """Where an input is said: among those that are known, or in a set of assumptions."""
    if assumed is None:
        return data["inputs"], ("inputs",)
    sets = data.setdefault("assumptions", {})
    found = sets.setdefault(assumed.title, {"note": assumed.note, "inputs": {}})
    return found["inputs"], ("assumptions", assumed.title, "inputs")


def _strategy_data(
    strategy: TypedStrategy, typed: Typed, prefix: str, fields: dict[Place, str], faults: Faults
) -> dict[str, Any]:
    said: dict[str, Any] = {"note": strategy.note} if strategy.note else {}
    if strategy.basis:
        said["set"] = {BASIS: strategy.basis}
    for place, change in enumerate(strategy.changes):
        name = f"{prefix}.changes.{place}.value"
        changed = said.setdefault(change.how, {})
        if change.input in changed:
            faults[name] = _("this input is changed in this way twice")
        changed[change.input] = _value(_fitted(change.values, typed), unit_of(change.how, change.input))
        fields[("strategies", strategy.name, change.how, change.input)] = name
    units: tuple[tuple[str, list[str], Unit], ...] = (
        ("per_customer", strategy.per_customer, "money"),
        ("fixed", strategy.fixed, "total"),
    )
    for key, values, unit in units:
        fields[("strategies", strategy.name, "cost", key)] = f"{prefix}.{key}"
        if not _is_default(key, values):
            said.setdefault("cost", {})[key] = _value(_fitted(values, typed), unit)
    return said


def _value(values: list[str], unit: Unit) -> Any:
    """What is typed, as the reader reads it: a text, or one for each year; None for nothing."""
    said = [None if not text.strip() else f"{text.strip()}%" if unit == "share" else text.strip() for text in values]
    return said[0] if len(said) == 1 else said


def _is_default(name: str, values: list[str]) -> bool:
    return all(_number(text) == float(DEFAULTS.get(name, "0")) for text in values)


def _number(text: str) -> object:
    try:
        return number(text)
    except ValueError:
        return None


def _years(typed: Typed) -> int:
    """For how many years there are fields: those that are typed, if they can be."""
    years = whole_number(typed.years.strip()) or 1
    return min(max(years, 1), MOST_YEARS)


def _fitted(values: list[str], typed: Typed) -> list[str]:
    """As many texts as there are years: years that are new are as the last one."""
    years = _years(typed)
    return values if len(values) == 1 else (values + values[-1:] * years)[:years]


def _fit(typed: Typed) -> None:
    typed.inputs = {name: _fitted(values, typed) for name, values in typed.inputs.items()}
    for strategy in typed.strategies:
        strategy.per_customer, strategy.fixed = _fitted(strategy.per_customer, typed), _fitted(strategy.fixed, typed)
        for change in strategy.changes:
            change.values = _fitted(change.values, typed)


def _neutral(typed: Typed, change: TypedChange) -> list[str]:
    """What a change begins with: what changes nothing."""
    if change.how == "set":
        return list(typed.inputs.get(change.input, ["0"]))
    return texts(1.0 if change.how == "multiply" else 0.0, unit_of(change.how, change.input), 1)


def _spread(typed: Typed, name: str, spread: Any) -> None:
    """Changes how many texts a field has, by its name."""
    match name.split("."):
        case ["inputs", of] if of in typed.inputs:
            typed.inputs[of] = spread(typed.inputs[of])
        case ["strategies", place, ("per_customer" | "fixed") as cost] if strategy := _at(typed.strategies, place):
            setattr(strategy, cost, spread(getattr(strategy, cost)))
        case ["strategies", place, "changes", of, "value"] if strategy := _at(typed.strategies, place):
            if change := _at(strategy.changes, of):
                change.values = spread(change.values)


def _at(parts: list[Any], place: str) -> Any:
    """The part of this number, if there is one."""
    number_of = whole_number(place)
    return parts[number_of] if number_of is not None and number_of < len(parts) else None
