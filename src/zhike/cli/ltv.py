"""`zhike ltv`: what a cohort of customers is worth, and what strategies would change."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zhike.cli.output import Json, people, show, start, table
from zhike.errors import UserError

if TYPE_CHECKING:
    from zhike.understand.what_if.results import Result
    from zhike.understand.what_if.words import Unit

BESIDE = 5  # years that stand beside each other on a screen
LARGE = 1_000  # customers from which on amounts in all are said without cents
Row = Sequence[object]


def add_commands(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    app.command("ltv")(ltv)


def ltv(
    scenario: Annotated[
        Path | None, typer.Argument(help="YAML file with inputs and strategies.", metavar="SCENARIO.yaml")
    ] = None,
    xlsx: Annotated[
        Path | None, typer.Option("--xlsx", help="Write a workbook with live formulas.", metavar="FILE")
    ] = None,
    examples: Annotated[bool, typer.Option("--examples", help="List scenarios to begin with.")] = False,
    example: Annotated[
        str | None, typer.Option("--example", help="Print one of them, to be kept with > FILE.yaml.", metavar="NAME")
    ] = None,
    as_json: Json = False,
) -> None:
    """Work out the lifetime value table of a scenario, and what its strategies would change."""
    start(needs_home=False)
    from zhike.understand.what_if.reading import read_scenario
    from zhike.understand.what_if.results import as_document, work_out
    from zhike.understand.what_if.shipped import example_text
    from zhike.understand.what_if.workbook import write_workbook

    if sum((scenario is not None, examples, example is not None)) != 1:
        raise UserError("give either a scenario file, --examples or --example NAME")
    if xlsx is not None and scenario is None:
        raise UserError("a workbook is written of a scenario file", where="--xlsx")
    if examples:
        _list_examples(as_json=as_json)
        return
    if scenario is None:
        sys.stdout.write(example_text(example or ""))
        return
    result = work_out(read_scenario(scenario))
    if xlsx is not None:
        write_workbook(result, xlsx)

    def for_people() -> None:
        _print(result)
        if xlsx is not None:
            people.print(f"Written to {xlsx}.", style="dim", markup=False)

    show(as_document(result), as_json=as_json, otherwise=for_people)


def _list_examples(*, as_json: bool) -> None:
    from zhike.understand.what_if.shipped import examples

    listed = [
        {"example": name, "name": found.name, "strategies": list(found.strategies)}
        for name, found in examples().items()
    ]
    rows = [[one["example"], one["name"], ", ".join(one["strategies"])] for one in listed]
    heads = ["example", "what it is", "strategies"]
    show({"examples": listed}, as_json=as_json, otherwise=lambda: table("", heads, rows))


def _print(result: Result) -> None:
    from zhike.understand.what_if.words import retention_in_words

    scenario, years = result.scenario, result.inputs.years
    people.print(scenario.name, style="bold", markup=False)
    if scenario.note:
        people.print(scenario.note, markup=False)
    for title, assumed in scenario.assumptions.items():
        words = f"Assumed – {title}: {', '.join(assumed.inputs)}. {assumed.note}"
        people.print(words.strip(), style="dim", markup=False)
    for first in range(0, years, BESIDE):
        shown = range(first, min(first + BESIDE, years))
        lines = [[label, *(line[year] for year in shown)] for label, line in _lines(result)]
        people.print()
        table("", ["", *(f"year {year + 1}" for year in shown)], lines)
    people.print()
    people.print(f"Break-even retention: {retention_in_words(result.break_even)}.")
    if result.strategies:
        _print_strategies(result)
    _print_tornado(result)


def _lines(result: Result) -> list[tuple[str, Row]]:
    """The lines of the table that say anything, each with its label and its numbers."""
    from zhike.understand.what_if import words
    from zhike.understand.what_if.results import shown_lines

    def shown(values: Sequence[float], unit: Unit) -> Row:
        if unit in ("people", "total") and result.inputs.customers >= LARGE:
            return [round(value) for value in values]
        return [100 * value for value in values] if unit == "share" else values

    found: list[tuple[str, Row]] = []
    for name, is_input in shown_lines(result.table):
        said = (words.INPUTS if is_input else words.LINES)[name]
        values = result.inputs.by_year(name).tolist() if is_input else getattr(result.table, name)
        label = f"{said.label} (%)" if said.unit == "share" else str(said.label)
        found.append((label, shown(values, said.unit)))
    return found


def _print_strategies(result: Result) -> None:
    from zhike.understand.what_if.words import retention_in_words

    years = range(result.inputs.years)[-BESIDE:]
    base = result.scenario.customers if result.scenario.whole_base is None else result.scenario.whole_base
    heads = ["LTV", *(f"year {year + 1}" for year in years), "change", f"for {base:,.0f}", "pays from retention"]
    rows: list[list[object]] = [["as it is", *(result.table.ltv[year] for year in years), None, None, ""]]
    for name, found in result.strategies.items():
        ltv_by_year = [found.table.ltv[year] for year in years]
        change = round(found.change_in_all) if base >= LARGE else found.change_in_all
        pays = retention_in_words(found.break_even, of_strategy=True)
        rows.append([name, *ltv_by_year, found.change, change, pays])
    people.print()
    table("", heads, rows)


def _print_tornado(result: Result) -> None:
    from zhike.understand.what_if.words import INPUTS

    share = f"{100 * result.scenario.sensitivity:g}%"
    rows = [
        [f"{INPUTS[bar.name].label}{', at most 100%' if bar.is_cut else ''}", bar.less, bar.more, bar.spread]
        for bar in result.tornado
    ]
    people.print()
    table("", ["LTV, if one input is", f"{share} less", f"{share} more", "apart"], rows)
