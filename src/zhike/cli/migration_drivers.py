"""The command that says what drives a move, of a plain file."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zhike.cli.output import Json, aside, people, show, start, table

if TYPE_CHECKING:
    from zhike.stats.drivers import Driver
    from zhike.understand.migration.drivers.files import FileDrivers

WITHOUT = {
    "reference": "compared with",
    "nobody": "nobody moved",
    "everybody": "everybody moved",
    "alone": "no other group",
    "repeats": "says no more than others",
}


def add_commands(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    app.command("drivers")(drivers)


def drivers(
    file: Annotated[Path, typer.Argument(help="CSV, XLSX, JSON Lines or Parquet; gzip allowed.", metavar="FILE")],
    moved: Annotated[
        str,
        typer.Option(help="Column that says who moved: 1/0, yes/no; with --customers, how many did.", metavar="COL"),
    ],
    customers: Annotated[
        str | None, typer.Option(help="Column with how many customers a row stands for.", metavar="COL")
    ] = None,
    positive: Annotated[
        str | None, typer.Option(help="Value that says that somebody moved, if it is not yes or no.", metavar="VALUE")
    ] = None,
    leave_out: Annotated[
        list[str] | None,
        typer.Option(help="Column that is no driver, or is known only afterwards; may repeat.", metavar="COL"),
    ] = None,
    group: Annotated[
        list[str] | None, typer.Option(help="Column whose numbers name groups; may repeat.", metavar="COL")
    ] = None,
    standardise: Annotated[
        bool, typer.Option("--standardise", help="Of numbers: by one standard deviation more, in place of 1 more.")
    ] = False,
    as_json: Json = False,
) -> None:
    """What makes a move likelier or less likely, all else being equal: odds ratios with their intervals.

    Logistic regression; intervals are 95 %, by the profile of the likelihood. Each group of a text is compared with the
    largest one.
    """
    start(needs_home=False)
    from zhike.understand.migration.drivers.files import Asked, drivers_of_file

    found = drivers_of_file(
        file,
        Asked(
            moved=moved,
            customers=customers,
            positive=positive,
            leave_out=tuple(leave_out or ()),
            groups=tuple(group or ()),
            is_standardised=standardise,
        ),
    )
    for note in found.notes:
        aside.print(note, style="yellow", markup=False, soft_wrap=True)
    show(_document(found), as_json=as_json, otherwise=lambda: _tell(found))


def _document(of_file: FileDrivers) -> dict[str, Any]:
    found = of_file.found
    return {
        "customers": int(found.customers),
        "moved": int(found.moved),
        "estimated_from": int(found.regression.customers),
        "p": found.regression.p,
        "events_each": found.events_each,
        "drivers": [_driver(one, of_file.spreads) for one in found.drivers],
        "notes": list(of_file.notes),
    }


def _driver(one: Driver, spreads: dict[str, float]) -> dict[str, Any]:
    effect = one.effect
    return {
        "column": one.feature,
        "group": one.group,
        "per": spreads.get(one.feature, 1.0) if one.group is None else None,
        "customers": int(one.customers),
        "moved": int(one.moved),
        "odds_ratio": effect and _finite(effect.odds_ratio),
        "odds_ratio_interval": effect and [_finite(effect.profile.low), _finite(effect.profile.high)],
        "p": effect and effect.p,
        "without": one.without,
    }


def _finite(ratio: float) -> float | None:
    """The ratio; None beyond what a double can hold, as of one more where one is more than anybody has."""
    return ratio if math.isfinite(ratio) else None


def _tell(of_file: FileDrivers) -> None:
    found = of_file.found
    people.print(f"{found.moved:,.0f} of {found.customers:,.0f} moved ({found.moved / found.customers:.1%}).")
    people.print()
    rows = [_row(one, of_file.spreads) for one in found.drivers]
    table("", ["column", "group", "customers", "moved", "odds times", "from", "to", "p"], rows)
    people.print()
    people.print(f"Such differences by chance, if no column mattered: {_p(found.regression.p)}.")


def _row(one: Driver, spreads: dict[str, float]) -> list[object]:
    group = one.group if one.group is not None else f"{spreads.get(one.feature, 1.0):.4g} more"
    counted: list[object] = ["", ""]
    if one.group is not None:
        counted = [int(one.customers), f"{one.moved / one.customers:.1%}" if one.customers else ""]
    if one.effect is None:
        return [one.feature, group, *counted, WITHOUT[one.without or "reference"], "", "", ""]
    profile = one.effect.profile
    ratios = [f"{value:.3g}" for value in (one.effect.odds_ratio, profile.low, profile.high)]
    return [one.feature, group, *counted, *ratios, _p(one.effect.p)]


def _p(chance: float) -> str:
    return f"{chance:.3f}" if chance >= 0.001 else "under .001"
