"""Reads of the catalogue of tags: lists, one tag, the tree of themes, what a customer has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from django.utils.translation import gettext as _

from zhike.errors import UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.rules.check import Names, names_in
from zhike.rules.text import text_of
from zhike.rules.tree import tree_from_json
from zhike.understand.tags.circles import audience_trees, hidden, is_hidden, rule_seen, users_of
from zhike.understand.tags.definitions import NoSuchTag, TagDefinition, published_tags
from zhike.understand.tags.models import Tag, TagChange, TagVersion
from zhike.understand.tags.proving.figures import Counts, TrendPoint, counts_kept, counts_of, trends
from zhike.understand.tags.setting.set_tags import undone_among
from zhike.understand.tags.shown import ChangeShown, TagRow, TagShown, ThemeNode, ValueShown, VersionShown
from zhike.understand.tags.vocabularies import vocabulary
from zhike.understand.tags.wording.themes import theme_order, theme_title
from zhike.understand.tags.wording.titles import in_own_language, title_of, titles_of
from zhike.warehouse.queries import NothingPublished, Published, published

CHANGES_SHOWN = 50
STATES = ("published", "approved", "draft", "withdrawn", "retired")
__all__ = [
    "ChangeShown",
    "TagRow",
    "TagShown",
    "ThemeNode",
    "ValueShown",
    "VersionShown",
    "list_tags",
    "tag_page",
    "themes",
    "vocabulary",
]


def list_tags(
    *, theme: str = "", text: str = "", kind: str = "", origin: str = "", state: str = "", retired: bool = False
) -> tuple[TagRow, ...]:
    """The tags that fit, in the order of their themes; retired ones only where they are asked for. Raises Denied.

    `theme` takes in those below it, `text` is looked for in names and titles.
    """
    require(Right.SEE_CUSTOMERS)
    if state and state not in STATES:
        raise UserError(
            _("there is no state “%(state)s”") % {"state": state},
            where="state",
            advice=_("Choose one of %(values)s.") % {"values": ", ".join(STATES)},
        )
    tags = Tag.objects.select_related("owner").prefetch_related("versions")
    if theme:
        tags = tags.filter(theme=theme) | tags.filter(theme__startswith=f"{theme}/")
    if not retired and state != "retired":
        tags = tags.filter(retired_at=None)
    tags = tags.filter(**{name: one for name, one in (("kind", kind), ("origin", origin)) if one})
    rows = _rows([tag for tag in tags if _has(tag, text)])
    return tuple(sorted((row for row in rows if state in ("", row.state)), key=_order))


def tag_page(name: str) -> TagShown:
    """One tag with its versions, counts, lineage and use. Raises NoSuchTag, Denied."""
    require(Right.SEE_CUSTOMERS)
    tag = Tag.objects.select_related("owner").prefetch_related("versions").filter(name=name).first()
    if tag is None:
        raise NoSuchTag(_("no tag is called “%(name)s”") % {"name": name}, advice=_("`zhike tags list` lists them."))
    people = {"author", "approved_by"}
    versions = list(tag.versions.select_related(*people))
    version = next((one for one in versions if one.state == TagVersion.State.PUBLISHED), versions[0])
    now = _in_force()
    in_force = {one.name: one for one in published_tags()}
    is_kept = name in hidden().tags
    counts = counts_of(now, in_force[name]) if now and name in in_force and not is_kept else None
    trees = {one.name: one.tree for one in in_force.values() if one.tree is not None and one.name != name}
    return TagShown(
        row=_rows([tag])[0],
        doc=_doc(tag, is_kept=is_kept),
        unit=tag.unit,
        created_at=tag.created_at,
        shown=_version(version),
        values=() if is_kept else _values(version, counts, now),
        versions=tuple(map(_version, versions)),
        lineage=names_in(tree_from_json(version.tree)) if version.tree else Names(),
        tags_using=users_of(name, trees),
        audiences_using=users_of(name, audience_trees()),
        changes=tuple(_changes(tag)),
    )


def themes() -> tuple[ThemeNode, ...]:
    """The tree of themes that have tags, retired ones not counted. Raises Denied."""
    require(Right.SEE_CUSTOMERS)
    counted: dict[str, int] = {}
    for theme in Tag.objects.filter(retired_at=None).values_list("theme", flat=True):
        parts = theme.split("/")
        for depth in range(1, len(parts) + 1):
            path = "/".join(parts[:depth])
            counted[path] = counted.get(path, 0) + 1

    def below(parent: str) -> tuple[ThemeNode, ...]:
        inside = [path for path in counted if path.rpartition("/")[0] == parent]
        return tuple(
            ThemeNode(path, theme_title(path), counted[path], below(path)) for path in sorted(inside, key=theme_order)
        )

    return below("")


def _doc(tag: Tag, *, is_kept: bool) -> str:
    doc = in_own_language(tag.doc, tag.doc_zh)
    reason = _("What it says of customers is shown to those who may see personal data.") if is_kept else ""
    return " ".join(filter(None, (doc, reason)))


def _has(tag: Tag, text: str) -> bool:
    wanted = text.strip().lower()
    return not wanted or any(wanted in one.lower() for one in (tag.name, tag.title, tag.title_zh))


def _order(row: TagRow) -> tuple[object, ...]:
    return (theme_order(row.theme), row.name)


def _rows(tags: Iterable[Tag]) -> list[TagRow]:
    listed = list(tags)
    now = _in_force()
    in_force = {one.name: one for one in published_tags()}
    drawn = trends([tag.name for tag in listed])
    used = _used(in_force)
    kept = counts_kept(now) if now else {}
    unseen = hidden().tags
    rows = []
    for tag in listed:
        definition = in_force.get(tag.name)
        if tag.name in unseen:
            rows.append(replace(_row(tag, definition, None, now, (), used.get(tag.name, 0)), is_stale=False))
            continue
        counts = kept.get(tag.name) if not tag.is_set else None
        if counts is None and now and definition:
            counts = counts_of(now, definition)
        rows.append(_row(tag, definition, counts, now, drawn.get(tag.name, ()), used.get(tag.name, 0)))
    return rows


def _row(
    tag: Tag,
    definition: TagDefinition | None,
    counts: Counts | None,
    now: Published | None,
    trend: tuple[TrendPoint, ...],
    used_by: int,
) -> TagRow:
    versions = sorted(tag.versions.all(), key=lambda one: -one.number)
    number = next((one.number for one in versions if one.state == TagVersion.State.PUBLISHED), None)
    waiting = next((one for one in versions if one.state in TagVersion.OPEN and one.number > (number or 0)), None)
    is_computed = definition is not None and not definition.is_set
    return TagRow(
        name=tag.name,
        title=title_of(tag),
        kind=tag.kind,
        origin=tag.origin,
        theme=tag.theme,
        theme_title=theme_title(tag.theme),
        schedule=tag.schedule,
        state=_state(tag, number, waiting),
        version=number,
        waiting=waiting.number if waiting else None,
        owner=str(tag.owner or ""),
        is_shipped=tag.is_shipped,
        customers=counts.customers if counts else None,
        of_customers=now.customer_count if now else None,
        coverage=counts.customers / now.customer_count if counts and now and now.customer_count else None,
        computed_as_of=counts.as_of if counts else None,
        is_stale=is_computed and now is not None and (counts is None or counts.version != number),
        trend=trend,
        used_by=used_by,
    )


def _state(tag: Tag, number: int | None, waiting: TagVersion | None) -> str:
    if tag.retired_at is not None:
        return "retired"
    if number is not None:
        return TagVersion.State.PUBLISHED.value
    return waiting.state if waiting else TagVersion.State.WITHDRAWN.value


def _used(in_force: Mapping[str, TagDefinition]) -> dict[str, int]:
    """How many other tags and audiences name each tag."""
    counted: dict[str, int] = {}
    trees = [(one.name, one.tree) for one in in_force.values() if one.tree is not None]
    for user, tree in (*trees, *(("", tree) for tree in audience_trees().values())):
        for name in names_in(tree).tags - {user}:
            counted[name] = counted.get(name, 0) + 1
    return counted


def _values(version: TagVersion, counts: Counts | None, now: Published | None) -> tuple[ValueShown, ...]:
    """Those that are known beforehand in their order, and after them what else somebody has."""
    if version.tag.kind != Tag.Kind.CATEGORY:
        return ()
    found = counts.values if counts else {}
    titles = titles_of(version)
    listed = [str(one["value"]) for one in version.values]
    everybody = now.customer_count if now else 0

    def shown(value: str) -> ValueShown:
        customers = found.get(value, 0) if counts else None
        share = customers / everybody if customers is not None and everybody else None
        return ValueShown(value, titles.value(value), customers, share)

    return tuple(map(shown, (*listed, *(value for value in sorted(found) if value not in listed))))


def _version(version: TagVersion) -> VersionShown:
    tree = tree_from_json(version.tree) if version.tree else None
    return VersionShown(
        number=version.number,
        state=version.state,
        rule=text_of(rule_seen(tree)) if tree is not None else "",
        values=() if tree is not None and is_hidden(tree) else tuple(version.values),
        later_fact=text_of(rule_seen(tree_from_json(version.later_fact))) if version.later_fact else "",
        later_days=version.later_days,
        note=version.note,
        author=str(version.author or ""),
        created_at=version.created_at,
        approved_by=str(version.approved_by or ""),
        approved_at=version.approved_at,
        published_at=version.published_at,
    )


def _changes(tag: Tag) -> Iterable[ChangeShown]:
    changes = TagChange.objects.filter(tag=tag)
    undone = undone_among(changes)
    for change in changes.defer("customers", "cells").order_by("-pk")[:CHANGES_SHOWN]:
        yield ChangeShown(
            change_id=change.pk,
            is_removed=change.is_removed,
            value=change.value,
            customers=change.customer_count,
            note=change.note,
            actor=change.actor_name,
            set_at=change.set_at,
            undoes=change.undoes_id,
            is_undone=change.pk in undone,
        )


def _in_force() -> Published | None:
    try:
        return published()
    except NothingPublished:
        return None
