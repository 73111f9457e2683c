"""What the commands about value print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from zhike.cli.output import aside, people, table
from zhike.cli.value_options import Model

if TYPE_CHECKING:
    from zhike.stats.lifetime.fitting import Fit
    from zhike.understand.value.lifetime.fitting import Doubt, Holdout
    from zhike.understand.value.lifetime.holding_out import AmountsHoldout


def document_of(model: Model, fit: Fit, doubts: Sequence[Doubt]) -> dict[str, object]:
    """A fitted model as JSON has it."""
    from zhike.understand.value.lifetime.fitting import intervals_of

    return {
        "model": model.value,
        "customers": fit.customers,
        "parameters": dict(fit.parameters),
        "intervals": intervals_of(fit),
        "log_likelihood": fit.log_likelihood,
        "warnings": list(dict.fromkeys(doubt.text for doubt in doubts)),
    }


def print_fit(document: Mapping[str, object], of: str = "customers") -> None:
    """Parameters with their intervals, and what speaks against relying on them."""
    shown = [document, document["amounts"]] if "amounts" in document else [document]
    rows = []
    for one in shown:
        intervals = one["intervals"]  # type: ignore[index]
        for name, value in one["parameters"].items():  # type: ignore[index]
            low, high = intervals[name]
            rows.append([one["model"], name, f"{value:.4f}", _end(low), _end(high)])  # type: ignore[index]
    table("", ["model", "parameter", "value", "from", "to"], rows)
    people.print(f"{document['customers']:,.0f} {of}, log-likelihood {document['log_likelihood']:,.3f}")
    for warning in document["warnings"]:  # type: ignore[attr-defined]
        say_aside(warning)


def say_aside(text: str) -> None:
    """A remark to people, beside the results."""
    aside.print(text, style="yellow", markup=False, soft_wrap=True)


def _end(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


def print_holdout(found: Holdout) -> None:
    """What was expected of the time after, beside what came."""
    rows = [
        [
            f"{one.frequency}{'+' if one is found.by_frequency[-1] else ''}",
            round(one.customers),
            one.predicted,
            one.actual,
        ]
        for one in found.by_frequency
    ]
    table("The time after", ["repeat purchases", "customers", "expected each", "bought each"], rows)
    people.print(f"Expected {found.predicted:,.1f} purchases, there were {found.actual:,.0f}{_missed(found)}.")
    people.print(
        f"Mean absolute error of one customer {found.mae:.3f}; of the same guess for everybody {found.mae_of_mean:.3f}."
    )


def print_holdout_of_amounts(found: AmountsHoldout) -> None:
    """What a purchase was expected to bring in the time after, beside what it did."""
    people.print(
        f"Of the {found.customers:,.0f} who came back and bought in the time after too, {found.predicted:,.2f} a"
        f" purchase was expected, it was {found.actual:,.2f}{_missed(found)}."
    )
    people.print(
        f"Mean absolute error of one customer {found.mae:,.2f}; of the same guess for everybody"
        f" {found.mae_of_mean:,.2f}."
    )


def _missed(found: Holdout | AmountsHoldout) -> str:
    return f" ({found.predicted / found.actual - 1:+.1%})" if found.actual else ""
