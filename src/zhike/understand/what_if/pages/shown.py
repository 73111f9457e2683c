"""A scenario worked out, as the page shows it: figures, strategies beside each other, the table by year."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from zhike.stats.ltv import LtvInputs, LtvTable
from zhike.ui.charts import Trend
from zhike.ui.navigation import Words
from zhike.ui.templatetags.formats import money, number, round_money, share
from zhike.ui.tornado import Tornado
from zhike.understand.what_if import words
from zhike.understand.what_if.results import Result, shown_lines
from zhike.understand.what_if.words import Unit, retention_in_words

MOST_LINES = 4  # that a chart keeps apart
SUMS = ("customers", "revenue", "cost", "gross", "ltv")
SAME = 1e-9  # what two numbers may differ by, as a part of the larger, and be the same


def result_context(result: Result, *, beside: str = "") -> dict[str, Any]:
    """What the template of the result shows; `beside` is the strategy whose table stands beside the first."""
    ranked = sorted(result.strategies, key=lambda name: -result.strategies[name].change)
    beside = beside if beside in result.strategies else next(iter(ranked), "")
    return {
        "result": result,
        "ltv": money(result.table.value),
        "break_even": retention_in_words(result.break_even),
        "base": _base(result),
        "best": _best(result, ranked),
        "rows": [_strategy(result, name) for name in result.strategies],
        "year_names": _year_names(result),
        "ltv_by_year": _by_year(result, ranked),
        "tornado": _tornado(result),
        "beside": beside,
        "names": list(result.strategies),
        "table": _table(result, beside),
    }


def _base(result: Result) -> float:
    scenario = result.scenario
    return scenario.customers if scenario.whole_base is None else scenario.whole_base


def _year_names(result: Result) -> list[str]:
    return [_("Year %(year)s") % {"year": year + 1} for year in range(result.inputs.years)]


def _best(result: Result, ranked: Sequence[str]) -> dict[str, Any] | None:
    """The strategy that brings most, if one brings anything."""
    if not ranked or result.strategies[ranked[0]].change <= 0:
        return None
    found = result.strategies[ranked[0]]
    return {"name": ranked[0], "in_all": _signed(found.change_in_all, round_money)}


def _strategy(result: Result, name: str) -> dict[str, Any]:
    found = result.strategies[name]
    return {
        "name": name,
        "note": result.scenario.strategies[name].note,
        "before": money(result.table.value),
        "after": money(found.table.value),
        "change": _signed(found.change, money),
        "in_all": _signed(found.change_in_all, round_money),
        "is_loss": found.change < 0,
        "break_even": retention_in_words(found.break_even, of_strategy=True),
    }


def _by_year(result: Result, ranked: Sequence[str]) -> Trend:
    lines: list[tuple[Words, Sequence[float | None]]] = [(_("As it is"), _cents(result.table.ltv))]
    lines += [(name, _cents(result.strategies[name].table.ltv)) for name in ranked[: MOST_LINES - 1]]
    return Trend(
        finding=_paid_back(result),
        category=_("By the end of"),
        measure=_("Lifetime value per customer"),
        days=_year_names(result),
        lines=lines if ranked else [("", lines[0][1])],
        format="money",
    )


def _paid_back(result: Result) -> str:
    """When a customer has brought back what they cost."""
    ltv = result.table.ltv
    year = next((place for place in range(len(ltv)) if all(value >= 0 for value in ltv[place:])), None)
    if year is None:
        return _("A customer does not bring back what they cost within %(years)s years.") % {"years": len(ltv)}
    if year == 0:
        return _("A customer brings more than they cost from the first year on.")
    return _("A customer has brought back what they cost in year %(year)s.") % {"year": year + 1}


def _tornado(result: Result) -> Tornado | None:
    if not result.tornado:
        return None
    by = share(result.scenario.sensitivity)
    first = result.tornado[0]
    finding = _(
        "%(input)s matters most: %(share)s more or less of it moves the lifetime value by up to %(amount)s."
    ) % {
        "input": words.INPUTS[first.name].label,
        "share": by,
        "amount": money(max(abs(first.less - result.table.value), abs(first.more - result.table.value))),
    }
    labels = [
        _("%(input)s, at most 100%%") % {"input": words.INPUTS[bar.name].label}
        if bar.is_cut
        else words.INPUTS[bar.name].label
        for bar in result.tornado
    ]
    return Tornado(
        finding=finding,
        category=_("Input"),
        measure=_("Lifetime value per customer"),
        labels=labels,
        less=_cents([bar.less for bar in result.tornado]),
        more=_cents([bar.more for bar in result.tornado]),
        less_title=_("%(share)s less of it") % {"share": by},
        more_title=_("%(share)s more of it") % {"share": by},
        reference=round(result.table.value, 4),
        format="money",
    )


def _cents(values: Sequence[float]) -> list[float]:
    """Amounts as exact as anybody reads them; the rest is noise in what the browser is sent."""
    return [round(value, 4) for value in values]


def _table(result: Result, beside: str) -> list[dict[str, Any]]:
    """The lines of the table: their numbers as it is, with the strategy, and by how much they differ."""
    after = result.strategies.get(beside)
    tables = [result.table, *([after.table] if after else [])]
    rows = []
    for name, is_input in shown_lines(*tables):
        said = (words.INPUTS if is_input else words.LINES)[name]
        before = _line(result.inputs, result.table, name, is_input=is_input)
        row: dict[str, Any] = {"label": said.label, "is_sum": name in SUMS}
        row["before"] = [_said(value, said.unit) for value in before]
        if after:
            later = _line(after.inputs, after.table, name, is_input=is_input)
            row["after"] = [
                (_said(now, said.unit), abs(now - was) > SAME * max(abs(now), abs(was)))
                for was, now in zip(before, later, strict=True)
            ]
        rows.append(row)
    return rows


def _line(inputs: LtvInputs, table: LtvTable, name: str, *, is_input: bool) -> Sequence[float]:
    return inputs.by_year(name).tolist() if is_input else getattr(table, name)


def _said(value: float, unit: Unit) -> str:
    match unit:
        case "share":
            return share(value)
        case "money":
            return money(value)
        case "people" | "total":
            return number(round(value) if abs(value) >= 10 else value)
    return number(value)


def _signed(value: float, say: Any) -> str:
    return f"{'+' if value > 0 else ''}{say(value)}"
