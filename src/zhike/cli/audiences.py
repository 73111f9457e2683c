"""Commands about audiences: those that are kept, and what is asked of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.markup import escape

from zhike.cli import rules
from zhike.cli.output import Json, people, show, start, table

Name = Annotated[str, typer.Argument(help="Name of a saved audience.")]


def add_commands(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    audience = typer.Typer(help="Sets of customers given by a rule.", no_args_is_help=True)
    rules.add_commands(audience)
    for name, command in (
        ("list", list_),
        ("show", show_),
        ("save", save),
        ("rename", rename),
        ("archive", archive),
        ("restore", restore),
        ("overlap", overlap),
        ("history", history),
        ("changes", changes),
        ("compare", compare),
    ):
        audience.command(name)(command)
    app.add_typer(audience, name="audience")


def list_(
    archived: Annotated[bool, typer.Option("--archived", help="Those that were archived.")] = False,
    as_json: Json = False,
) -> None:
    """List the saved audiences, live and frozen, with their sizes."""
    start()
    from zhike.understand.audiences.queries import list_audiences

    found = list_audiences(archived=archived)
    show(
        {"audiences": [_document(one) for one in found]},
        as_json=as_json,
        otherwise=lambda: table(
            "", ["name", "kind", "customers", "rule"], [[one.name, one.kind, one.count, one.rule] for one in found]
        ),
    )


def show_(name: Name, as_json: Json = False) -> None:
    """Show one saved audience."""
    start()
    from zhike.understand.audiences.queries import audience_named

    found = audience_named(name)

    def for_people() -> None:
        size = f"{found.count:,} customers ({found.share:.1%})" if found.count is not None else found.problem
        people.print(f"[bold]{escape(found.name)}[/bold]  {found.kind}, {size}")
        people.print(found.rule, markup=False)
        if found.note:
            people.print(found.note, markup=False, style="dim")
        if found.frozen:
            people.print(f"frozen as of {found.frozen.as_of}, refresh {found.frozen.refresh_id}", style="dim")

    show(_document(found), as_json=as_json, otherwise=for_people)


def save(
    rule: rules.Rule,
    name: Annotated[str, typer.Option(help="Name to keep it under.")],
    note: Annotated[str, typer.Option(help="What it is for.")] = "",
    replace: Annotated[bool, typer.Option("--replace", help="Give the saved audience of this name the rule.")] = False,
    as_json: Json = False,
) -> None:
    """Keep a rule under a name."""
    start()
    from zhike.understand.audiences.queries import audience_named, saved_audience
    from zhike.understand.audiences.services import change_audience, save_audience

    if replace:
        kept = change_audience(audience_id=audience_named(name).audience_id, rule=rule, note=note or None)
    else:
        kept = save_audience(name=name, rule=rule, note=note)
    _tell(saved_audience(kept.pk), "Saved", as_json=as_json)


def rename(
    name: Name, new_name: Annotated[str, typer.Argument(help="Its name from now on.")], as_json: Json = False
) -> None:
    """Give a saved audience another name, also in the rules of others."""
    start()
    from zhike.understand.audiences.queries import audience_named, saved_audience
    from zhike.understand.audiences.services import rename_audience

    audience_id = audience_named(name).audience_id
    rename_audience(audience_id=audience_id, name=new_name)
    _tell(saved_audience(audience_id), "Renamed", as_json=as_json)


def archive(name: Name, as_json: Json = False) -> None:
    """Take a saved audience off the list; no rule may name it anew."""
    start()
    from zhike.understand.audiences.queries import audience_named, saved_audience
    from zhike.understand.audiences.services import archive_audience

    _tell(
        saved_audience(archive_audience(audience_id=audience_named(name).audience_id).pk), "Archived", as_json=as_json
    )


def restore(name: Name, as_json: Json = False) -> None:
    """Put an archived audience back on the list."""
    start()
    from zhike.understand.audiences.queries import audience_named, saved_audience
    from zhike.understand.audiences.services import restore_audience

    _tell(
        saved_audience(restore_audience(audience_id=audience_named(name).audience_id).pk), "Restored", as_json=as_json
    )


def overlap(
    names: Annotated[list[str], typer.Argument(help="Names of up to eight saved audiences.")], as_json: Json = False
) -> None:
    """Show how saved audiences overlap: who is in which of them, and in no other."""
    start()
    from zhike.understand.audiences.comparing.sets import overlap_of

    found = overlap_of(names)
    show(
        vars(found),
        as_json=as_json,
        otherwise=lambda: table(
            f"{found.in_any:,} of {found.customers:,} customers are in one of them",
            ["customers", "in just"],
            [[part.count, " and ".join(part.audiences)] for part in found.parts],
        ),
    )


def history(name: Name, as_json: Json = False) -> None:
    """Show how large an audience was in each refresh."""
    start()
    from zhike.understand.audiences.history import audience_history
    from zhike.understand.audiences.queries import audience_named

    found = audience_history(audience_named(name).audience_id)
    show(
        {"figures": found},
        as_json=as_json,
        otherwise=lambda: table(
            "",
            ["refresh", "as of", "customers", "of", "by another rule"],
            [[one.refresh_id, one.as_of, one.size, one.of_customers, one.is_redefined] for one in found],
        ),
    )


def changes(
    rule: rules.Rule,
    earlier: Annotated[int, typer.Option(help="Number of the refresh to begin with: `zhike refreshes list`.")],
    later: Annotated[int | None, typer.Option(help="Number of the refresh to end with; else the one in force.")] = None,
    as_json: Json = False,
) -> None:
    """Show how many joined a rule's customers and how many left, from one refresh to another."""
    start()
    from zhike.understand.audiences.history import changes_between

    found = changes_between(rule, earlier=earlier, later=later)
    _tell_moved(
        found,
        {"earlier": found.earlier_id, "later": found.later_id},
        f"from refresh {found.earlier_id} to {found.later_id}",
        as_json=as_json,
    )


def compare(name: Name, as_json: Json = False) -> None:
    """Show a frozen list beside the customers for whom its rule holds now."""
    start()
    from zhike.understand.audiences.history import compare_frozen
    from zhike.understand.audiences.queries import audience_named

    found = compare_frozen(audience_named(name).audience_id)
    when = {"frozen_as_of": found.frozen_as_of, "as_of": found.as_of}
    _tell_moved(found, when, f"from {found.frozen_as_of} to {found.as_of}", as_json=as_json)


def _tell_moved(found: Any, when: Mapping[str, object], span: str, *, as_json: bool) -> None:
    counts = {
        "before": found.before,
        "after": found.after,
        "stayed": found.stayed,
        "joined": len(found.joined),
        "left": len(found.left),
    }
    show(
        {**when, **counts},
        as_json=as_json,
        otherwise=lambda: table(f"Customers {span}", list(counts), [[*counts.values()]]),
    )


def _document(audience: Any) -> dict[str, object]:
    return {name: value for name, value in vars(audience).items() if name != "tree"}


def _tell(audience: Any, what: str, *, as_json: bool) -> None:
    size = "" if audience.count is None else f": {audience.count:,} customers"
    show(
        _document(audience),
        as_json=as_json,
        otherwise=lambda: people.print(f"{what} “{audience.name}”{size}.", markup=False),
    )
