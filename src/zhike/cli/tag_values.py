"""Commands that set tags: by hand, for all of a rule, from a file; and undo it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zhike.cli.output import Bars, Json, people, show, start, table
from zhike.errors import UserError

if TYPE_CHECKING:
    from pyroaring import BitMap

    from zhike.understand.tags.models import TagChange
    from zhike.understand.tags.setting.imports import SetImport

Name = Annotated[str, typer.Argument(help="Name of a tag that is set and not computed.")]
Customers = Annotated[list[int] | None, typer.Option("--customer", help="The customer's number; may be repeated.")]
Keys = Annotated[
    list[str] | None,
    typer.Option("--key", help="A source and what it calls the customer, such as shop:C-7; may be repeated."),
]
Rule = Annotated[str, typer.Option(help='All for whom this rule holds, such as: in audience "Best"')]
Note = Annotated[str, typer.Option(help="Why, for the history.")]


def add_commands(tags: typer.Typer) -> None:
    """Adds the commands of this module."""
    tags.command("set")(set_)
    tags.command("unset")(unset)
    tags.command("import")(import_)
    tags.command("undo")(undo)


def set_(
    name: Name,
    value: Annotated[str | None, typer.Argument(help="The value; none for a tag of yes or no.")] = None,
    customer: Customers = None,
    key: Keys = None,
    rule: Rule = "",
    note: Note = "",
    as_json: Json = False,
) -> None:
    """Give customers a value of a tag, in place of the one they have."""
    start()
    from zhike.understand.tags.setting.services import set_tag

    customers = _meant(customer, key, rule)
    _say(set_tag(tag=name, customers=customers, value=value, note=note or rule), ("has", "have"), as_json=as_json)


def unset(
    name: Name,
    value: Annotated[str, typer.Argument(help="Only where this is what they have.")] = "",
    customer: Customers = None,
    key: Keys = None,
    rule: Rule = "",
    note: Note = "",
    as_json: Json = False,
) -> None:
    """Take a tag away from customers."""
    start()
    from zhike.understand.tags.setting.services import unset_tag

    customers = _meant(customer, key, rule)
    done = unset_tag(tag=name, customers=customers, value=value, note=note or rule)
    _say(done, ("has no more", "have no more"), as_json=as_json)


def _meant(customer: list[int] | None, key: list[str] | None, rule: str) -> BitMap:
    """All customers that are named, and those for whom the rule holds."""
    from zhike.collect.identity.queries import Key
    from zhike.understand.audiences.queries import members
    from zhike.understand.tags.setting.whom import customers_named

    keys = []
    for one in key or ():
        source, colon, customer_key = one.partition(":")
        if not colon:
            raise UserError("is no source and key", where=one, advice="Put a colon between them: shop:C-7.")
        keys.append(Key(source, customer_key))
    named = customers_named(customer or (), keys)
    return named | members(rule) if rule else named


def _say(change: TagChange, words: tuple[str, str], *, as_json: bool) -> None:
    value = f" = {change.value}" if change.value not in ("", "yes") else ""
    who = f"1 customer {words[0]}" if change.customer_count == 1 else f"{change.customer_count:,} customers {words[1]}"
    show(
        {"change_id": change.pk, "name": change.tag.name, "value": change.value, "customers": change.customer_count},
        as_json=as_json,
        otherwise=lambda: people.print(f"{who} {change.tag.name}{value}; undo it with: zhike tags undo {change.pk}"),
    )


def import_(
    name: Name,
    file: Annotated[
        Path, typer.Argument(help="CSV, XLSX or Parquet with customer_id, or source and customer_key, and value.")
    ],
    source: Annotated[str, typer.Option(help="Whose keys they are, where the file has no column source.")] = "",
    value: Annotated[str | None, typer.Option(help="What all get, where the file has no column value.")] = None,
    rejects: Annotated[Path | None, typer.Option(help="CSV file to write the rejected rows to.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    note: Note = "",
    as_json: Json = False,
) -> None:
    """Set a tag from a file, all good rows in one act; the others are told with column, value and reason."""
    start()
    from zhike.understand.tags.setting.imports import import_tag, write_set_rejects

    with Bars() as bars:
        found = import_tag(tag=name, path=file, source=source, value=value, note=note, dry_run=dry_run, progress=bars)
    if rejects is not None:
        write_set_rejects(found.rejects, rejects)
    document = {field: one for field, one in vars(found).items() if field != "rejects"}
    show({"name": name, "dry_run": dry_run, **document}, as_json=as_json, otherwise=lambda: _tell(found, rejects))


def _tell(found: SetImport, rejects: Path | None) -> None:
    name = f"Change {found.change_id}" if found.change_id else "Dry run" if found.accepted else "Nothing was set"
    rows = [[found.read, found.accepted, found.rejected, found.customers]]
    table(name, ["rows read", "accepted", "rejected", "customers"], rows)
    if found.values:
        table("", ["value", "customers"], found.values.items())
    if found.reasons:
        table("", ["rejected because", "rows"], found.reasons.items())
        first = found.rejects.slice(0, 1).to_pylist()[0]
        people.print(
            f"First: row {first['reject_row']}, {first['reject_column']} {first['reject_value'] or 'empty'}: "
            f"{first['reject_reason']}" + (f". All are in {rejects}." if rejects else ""),
            markup=False,
        )


def undo(
    change_id: Annotated[int, typer.Argument(help="Number of the change, as `tags show` lists it.")],
    note: Note = "",
    as_json: Json = False,
) -> None:
    """Undo a change of a set tag: it counts as if it had not been. Undone itself, it counts again."""
    start()
    from zhike.understand.tags.setting.services import undo_change

    done = undo_change(change_id=change_id, note=note)
    show(
        {"change_id": done.pk, "name": done.tag.name, "undoes": change_id},
        as_json=as_json,
        otherwise=lambda: people.print(f"Change {change_id} of {done.tag.name} is undone (change {done.pk})."),
    )
