"""Commands about tags: the catalogue, definitions as files, what takes them into force."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.markup import escape

from zhike.cli import tag_reviews, tag_values
from zhike.cli.output import Bars, Json, people, show, start, table

if TYPE_CHECKING:
    from zhike.understand.tags.defining.differences import TagDifference
    from zhike.understand.tags.models import TagVersion
    from zhike.understand.tags.shown import TagRow, TagShown

Name = Annotated[str, typer.Argument(help="Name of the tag.")]
Version = Annotated[int | None, typer.Option("--version", min=1, help="Number of the version; the newest by default.")]
State = Literal["published", "approved", "draft", "withdrawn", "retired"]
Folder = Annotated[Path, typer.Argument(help="A folder of definitions, or one file.")]


def add_commands(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    tags = typer.Typer(help="Named statements about customers.", no_args_is_help=True)
    for name, command in (
        ("list", list_),
        ("show", show_),
        ("export", export),
        ("diff", diff),
        ("apply", apply),
        ("approve", approve),
        ("publish", publish),
        ("withdraw", withdraw),
        ("retire", retire),
        ("restore", restore),
        ("rebuild", rebuild),
    ):
        tags.command(name)(command)
    tag_values.add_commands(tags)
    tag_reviews.add_commands(tags)
    app.add_typer(tags, name="tags")


def list_(
    theme: Annotated[str, typer.Option(help="Of this theme and those below it, such as business/value.")] = "",
    text: Annotated[str, typer.Option(help="With this in the name or title.")] = "",
    state: Annotated[State | None, typer.Option(help="published, approved, draft, withdrawn or retired.")] = None,
    as_json: Json = False,
) -> None:
    """List the tags with how many customers have them."""
    start()
    from zhike.understand.tags.defining.services import check_theme
    from zhike.understand.tags.queries import list_tags

    check_theme(theme)
    found = list_tags(theme=theme, text=text, state=state or "")
    columns = ["tag", "kind", "state", "customers", "share", "theme"]

    def cells(row: TagRow) -> list[object]:
        share = None if row.coverage is None else f"{row.coverage:.1%}"
        return [row.name, row.kind, row.state, row.customers, share, row.theme]

    show({"tags": found}, as_json=as_json, otherwise=lambda: table("", columns, map(cells, found)))


def show_(name: Name, as_json: Json = False) -> None:
    """Show one tag: its definition, values, versions, what it is made of and who uses it."""
    start()
    from zhike.understand.tags.queries import tag_page

    found = tag_page(name)
    lineage = {
        "attributes": sorted(found.lineage.attributes),
        "facts": {facts: sorted(columns) for facts, columns in found.lineage.facts.items()},
        "relations": sorted(found.lineage.relations),
        "tags": sorted(found.lineage.tags),
        "audiences": sorted(found.lineage.audiences),
    }
    document = {
        "name": found.row.name,
        "tag": found.row,
        "doc": found.doc,
        "unit": found.unit,
        "created_at": found.created_at,
        "rule": found.shown.rule,
        "values": found.values,
        "versions": found.versions,
        "lineage": lineage,
        "used_by": {"tags": found.tags_using, "audiences": found.audiences_using},
        "changes": found.changes,
    }
    show(document, as_json=as_json, otherwise=lambda: _tell(found, lineage))


def _tell(found: TagShown, lineage: Mapping[str, Collection[str]]) -> None:
    row = found.row
    people.print(f"[bold]{escape(row.title)}[/bold]  {row.name}, {row.kind}, {row.theme}")
    if found.doc:
        people.print(found.doc, markup=False)
    people.print(found.shown.rule or "set by people, files or programs", style="green", markup=False)
    if row.customers is not None:
        share = "" if row.coverage is None else f" ({row.coverage:.1%})"
        who = "1 customer has" if row.customers == 1 else f"{row.customers:,} customers have"
        people.print(f"{who} it{share}, as of {row.computed_as_of}.")
    if found.values:
        table("", ["value", "title", "customers"], [[one.value, one.title, one.customers] for one in found.values])
    said = [f"{name}: {', '.join(names)}" for name, names in lineage.items() if names]
    if said:
        people.print("made of " + "; ".join(said), style="dim")
    users = [*found.tags_using, *(f"audience {name}" for name in found.audiences_using)]
    if users:
        people.print("used by " + ", ".join(users), style="dim")
    columns = ["version", "state", "author", "note", "published"]
    table("", columns, [[one.number, one.state, one.author, one.note, one.published_at] for one in found.versions])
    if found.changes:
        columns = ["change", "did", "value", "customers", "by", "at"]
        table("", columns, [[c.change_id, _did(c), c.value, c.customers, c.actor, c.set_at] for c in found.changes])


def _did(change: object) -> str:
    undoes, is_removed = getattr(change, "undoes", None), getattr(change, "is_removed", False)
    did = f"undid {undoes}" if undoes else "took away" if is_removed else "set"
    return f"{did} (undone)" if getattr(change, "is_undone", False) else did


def export(
    folder: Annotated[Path, typer.Argument(help="Folder to write to, one file for each tag.")],
    tag: Annotated[list[str] | None, typer.Option(help="Only this tag; may be repeated.")] = None,
    theme: Annotated[str, typer.Option(help="Only tags of this theme and those below it.")] = "",
    as_json: Json = False,
) -> None:
    """Write definitions as YAML files, to be kept, reviewed, changed and applied again."""
    start()
    from zhike.understand.tags.defining.exporting import export_tags

    paths = export_tags(folder, theme=theme, names=tuple(tag or ()))
    show(
        {"folder": folder, "files": paths},
        as_json=as_json,
        otherwise=lambda: people.print(f"{len(paths):,} definitions written to {folder}"),
    )


def diff(folder: Folder, as_json: Json = False) -> None:
    """Show what definitions in files would change: of the definitions, and of who has the tags."""
    start()
    from zhike.understand.tags.defining.differences import compare_files
    from zhike.understand.tags.defining.files import read_folder

    found = compare_files(read_folder(folder))
    shown = [{**vars(one), "fields": one.fields, "movement": one.movement} for one in found]
    show({"tags": shown}, as_json=as_json, otherwise=lambda: _tell_differences(found))


def _tell_differences(found: tuple[TagDifference, ...]) -> None:
    changed = [one for one in found if one.state != "same"]
    if not changed:
        people.print(f"Nothing would change: {len(found):,} definitions are as they are.")
        return
    columns = ["tag", "would be", "have it", "would have it", "join", "leave", "other value"]
    rows = []
    for one in changed:
        moved = one.movement
        counts = [moved.before, moved.after, moved.joined, moved.left, moved.moved] if moved else [None] * 5
        rows.append([one.name, one.state, *counts])
    table("", columns, rows)
    for one in changed:
        if one.problem:
            people.print(f"\n{one.name} cannot be counted: {one.problem}", markup=False)
        for change in one.fields if one.state != "new" else ():
            people.print(f"\n[bold]{one.name}[/bold] {change.field}")
            people.print(f"- {change.before}", style="red", markup=False)
            people.print(f"+ {change.after}", style="green", markup=False)


def apply(
    folder: Folder,
    publish: Annotated[
        bool, typer.Option("--publish", help="Approve and publish what is waiting, all together.")
    ] = False,
    note: Annotated[str, typer.Option(help="What is new, for the history.")] = "",
    as_json: Json = False,
) -> None:
    """Make definitions in files those of the installation, all or none: as drafts, or published at once."""
    start()
    from zhike.understand.tags.defining.applying import apply_files
    from zhike.understand.tags.defining.files import read_folder

    done = apply_files(read_folder(folder), publish=publish, note=note)

    def for_people() -> None:
        for what, names in vars(done).items():
            if names and what != "unchanged":
                people.print(f"{what}: {', '.join(names)}")
        people.print(f"{len(done.unchanged):,} were as they are already.", style="dim")
        if done.published:
            people.print("A worker computes them, or the next refresh: zhike worker --once, zhike refresh")

    show(vars(done), as_json=as_json, otherwise=for_people)


def approve(name: Name, version: Version = None, as_json: Json = False) -> None:
    """Approve a draft."""
    start()
    from zhike.understand.tags.defining.publishing import approve_version

    _say(approve_version(tag=name, number=version), "is approved", as_json=as_json)


def publish(name: Name, version: Version = None, as_json: Json = False) -> None:
    """Take an approved version into force; a worker computes it at once, the next refresh in any case."""
    start()
    from zhike.understand.tags.defining.publishing import publish_version

    _say(publish_version(tag=name, number=version), "is in force", as_json=as_json)


def withdraw(name: Name, version: Version = None, as_json: Json = False) -> None:
    """Withdraw a draft or approved version, so that nobody publishes it."""
    start()
    from zhike.understand.tags.defining.publishing import withdraw_version

    _say(withdraw_version(tag=name, number=version), "is withdrawn", as_json=as_json)


def _say(version: TagVersion, what: str, *, as_json: bool) -> None:
    show(
        {"name": version.tag.name, "version": version.number, "state": version.state},
        as_json=as_json,
        otherwise=lambda: people.print(f"Version {version.number} of {version.tag.name} {what}."),
    )


def retire(name: Name, as_json: Json = False) -> None:
    """Retire a tag that nobody uses: no refresh computes it, no rule may name it."""
    start()
    from zhike.understand.tags.defining.publishing import retire_tag

    tag = retire_tag(name=name)
    show({"name": tag.name}, as_json=as_json, otherwise=lambda: people.print(f"Tag {tag.name} is retired."))


def restore(name: Name, as_json: Json = False) -> None:
    """Bring a retired tag back."""
    start()
    from zhike.understand.tags.defining.publishing import restore_tag

    tag = restore_tag(name=name)
    show({"name": tag.name}, as_json=as_json, otherwise=lambda: people.print(f"Tag {tag.name} is there again."))


def rebuild(name: Name, as_json: Json = False) -> None:
    """Compute one tag alone, over what is in force."""
    start()
    from zhike.understand.tags.computing.rebuilding import rebuild_tag

    with Bars() as bars:
        done = rebuild_tag(name, progress=bars)
    show(
        {"name": name, "refresh_id": done.pk, "as_of": done.as_of},
        as_json=as_json,
        otherwise=lambda: people.print(f"Tag {name} is computed; refresh {done.pk} is in force."),
    )
