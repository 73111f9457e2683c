"""Commands that find out whether a tag is right: why a customer has it, and how often it is, by a sample and later."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zhike.cli.output import Json, people, show, start, table
from zhike.errors import UserError

if TYPE_CHECKING:
    from zhike.stats.weighted import Share
    from zhike.understand.tags.explaining.words import Told
    from zhike.understand.tags.proving.accuracy import Accuracy
    from zhike.understand.tags.proving.later import LaterAccuracy

Name = Annotated[str, typer.Argument(help="Name of the tag.")]
COLUMNS = ("customer_id", "says", "verdict", "truth")
LONGEST_NUMBER = 20  # digits


def add_commands(tags: typer.Typer) -> None:
    """Adds the commands of this module."""
    tags.command("why")(why)
    tags.command("sample")(sample)
    tags.command("review")(review)
    tags.command("accuracy")(accuracy)


def why(
    name: Name,
    customer_id: Annotated[int, typer.Argument(help="The customer's number.")],
    as_json: Json = False,
) -> None:
    """Say why a customer has a tag, or has not, with the facts."""
    start()
    from zhike.understand.tags.explaining.why import why as why_of
    from zhike.understand.tags.explaining.words import answered

    told = answered(why_of(tag=name, customer_id=customer_id))

    def for_people() -> None:
        people.print(told["verdict"], style="bold", markup=False)
        _tell_lines(told["lines"], depth=1)
        for act in told["acts"]:
            people.print(f"  {act['at']:%Y-%m-%d %H:%M} {act['words']}, {act['who']} {act['note']}", markup=False)
        if told["warning"]:
            people.print(told["warning"], markup=False)

    show({"customer_id": customer_id, **told}, as_json=as_json, otherwise=for_people)


def _tell_lines(lines: Sequence[Told], *, depth: int) -> None:
    for line in lines:
        sign = {"yes": "✓ ", "no": "✗ "}.get(line.sign, "")
        found = ": ".join(filter(None, (line.words, line.found)))
        people.print("  " * depth + sign + found + (f" ({line.note})" if line.note else ""), markup=False)
        for fact in line.facts:
            people.print("  " * (depth + 1) + _fact(fact), style="dim", markup=False)
        _tell_lines(line.lines, depth=depth + 1)


def _fact(fact: Mapping[str, Any]) -> str:
    origin = fact.get("origin") or {}
    said = " · ".join(str(fact[name]) for name in ("on", "what", "amount") if fact.get(name))
    return f"{said}  (from {origin['source']}, import {origin['import_id']} row {origin['row']})" if origin else said


def sample(
    name: Name,
    size: Annotated[int, typer.Option(help="How many customers.")] = 50,
    seed: Annotated[int | None, typer.Option(help="The same seed draws the same customers.")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="CSV file to fill in.")] = None,
    as_json: Json = False,
) -> None:
    """Draw customers at random, to be looked at: of each value, and of those without the tag."""
    start()
    from zhike.understand.tags.proving.sampling import draw_sample

    drawn = draw_sample(tag=name, size=size, seed=seed)
    rows = [{"review_id": one.pk, "customer_id": one.customer_id, "says": one.value} for one in drawn]
    if output is not None:
        _write(output, [[row["customer_id"], row["says"], "", ""] for row in rows])

    def for_people() -> None:
        if output is None:
            table("", ["customer_id", "says"], [[str(row["customer_id"]), row["says"]] for row in rows])
        people.print(
            f"{len(rows):,} customers drawn"
            + (f" to {output}. Fill in verdict (right, wrong or unclear) and truth, then:" if output else "; then:")
            + f" zhike tags review {name} {output or 'FILE'}"
        )

    show({"name": name, "drawn": rows}, as_json=as_json, otherwise=for_people)


def _write(path: Path, rows: Sequence[Sequence[object]]) -> None:
    try:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            writer.writerows(rows)
    except OSError as error:
        raise UserError(f"cannot be written: {error.strerror}", where=str(path)) from error


def review(
    name: Name,
    file: Annotated[Path, typer.Argument(help="CSV with customer_id, verdict (right, wrong, unclear) and truth.")],
    as_json: Json = False,
) -> None:
    """Record what people found of customers who were drawn; rows without a verdict are left for later."""
    start()
    from zhike.understand.tags.proving.sampling import record_reviews

    done = record_reviews(tag=name, found=_read(file))
    show(
        {"name": name, "reviewed": done},
        as_json=as_json,
        otherwise=lambda: people.print(
            f"{done:,} reviews recorded; zhike tags accuracy {name} says what they come to."
        ),
    )


def _read(path: Path) -> list[tuple[int, str, str]]:
    found = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if not {"customer_id", "verdict"} <= set(reader.fieldnames or ()):
                raise UserError("has no columns customer_id and verdict", where=str(path))
            for row in reader:
                verdict = (row["verdict"] or "").strip().lower()
                customer_id = (row["customer_id"] or "").strip()
                if not (customer_id.isdecimal() and len(customer_id) <= LONGEST_NUMBER):
                    raise UserError(f"line {reader.line_num}: customer_id is no number", where=str(path))
                if verdict:
                    found.append((int(customer_id), verdict, row.get("truth") or ""))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"cannot be read: {error}", where=str(path)) from error
    return found


def accuracy(name: Name, as_json: Json = False) -> None:
    """Say how often a tag is right: by the reviews, and by what came true of those whom it named."""
    start()
    from zhike.understand.tags.proving.accuracy import accuracy as accuracy_of
    from zhike.understand.tags.proving.later import later_accuracy

    reviewed, later = accuracy_of(name), later_accuracy(name)

    def for_people() -> None:
        _tell_reviews(reviewed)
        if later is not None:
            _tell_later(later)

    show({"name": name, "reviewed": reviewed, "later": later}, as_json=as_json, otherwise=for_people)


def _tell_reviews(found: Accuracy) -> None:
    if found.reason:
        people.print(found.reason)
    columns = ["value", "customers", "judged", "right", "precision", "recall"]
    rows = [
        [one.title or "any", one.among, one.judged, one.right, _share(one.precision), _share(one.recall)]
        for one in found.values
    ]
    if found.precision is not None:
        rows.append(["all values", None, None, None, _share(found.precision), None])
    if rows:
        table(f"Version {found.version}, by reviews", columns, rows)


def _tell_later(found: LaterAccuracy) -> None:
    people.print(f"\n{found.days} days later: {found.fact}", markup=False)
    if found.reason:
        people.print(found.reason)
        return
    columns = ["value", "named then", "came true", "precision", "of everybody", "lift"]
    rows = []
    for one in (found.any_value, *found.values):
        if one is not None:
            lift = one.lift and f"{one.lift.lift:.2f} ({one.lift.interval.low:.2f}–{one.lift.interval.high:.2f})"
            rows.append([one.title, one.named, one.held, _share(one.precision), f"{found.base_share or 0:.1%}", lift])
    table(f"As of {found.known_as_of}, looked at on {found.as_of}", columns, rows)


def _share(share: Share | None) -> str | None:
    if share is None:
        return None
    return f"{share.share:.1%} ({share.interval.low:.1%}–{share.interval.high:.1%})"
