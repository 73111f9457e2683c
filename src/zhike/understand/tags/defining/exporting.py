"""Definitions as they are, written to files."""

from __future__ import annotations

from pathlib import Path

from django.utils.translation import gettext as _

from zhike.errors import UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.rules.text import text_of
from zhike.rules.tree import tree_from_json
from zhike.understand.tags.circles import hidden
from zhike.understand.tags.defining.files import WORDS, TagText, ValueText, written
from zhike.understand.tags.defining.services import check_theme
from zhike.understand.tags.models import Tag, TagVersion


def export_tags(folder: Path, *, theme: str = "", names: tuple[str, ...] = ()) -> tuple[Path, ...]:
    """The files that were written, one for each tag below the folder of its theme; those there are are replaced.

    Of a tag in force its version in force is written, else its newest. Retired ones are left out. Raises Denied, and
    UserError for a name or theme that there is not, or a folder that cannot be written to.
    """
    require(Right.SEE_CUSTOMERS)
    check_theme(theme)
    tags = {tag.name: tag for tag in Tag.objects.filter(retired_at=None).prefetch_related("versions")}
    strange = sorted(set(names) - set(tags))
    if strange:
        raise UserError(
            _("no tag is called “%(name)s”") % {"name": strange[0]}, advice=_("`zhike tags list` lists them.")
        )
    wanted = [
        tag
        for name, tag in sorted(tags.items())
        if (not names or name in names) and (not theme or tag.theme == theme or tag.theme.startswith(f"{theme}/"))
    ]
    if any(tag.name in hidden().tags for tag in wanted):
        require(Right.SEE_PERSONAL_DATA)
    paths = []
    try:
        for tag in wanted:
            path = folder / Path(*tag.theme.split("/")) / f"{tag.name}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(written(text_of_tag(tag, version_exported(tag))), encoding="utf-8")
            paths.append(path)
    except OSError as error:
        raise UserError(
            _("cannot be written: %(strerror)s") % {"strerror": error.strerror}, where=str(folder)
        ) from error
    return tuple(paths)


def version_exported(tag: Tag) -> TagVersion | None:
    """The version in force, or the newest that was not withdrawn before there is one."""
    versions = sorted(tag.versions.all(), key=lambda one: -one.number)
    in_force = [one for one in versions if one.state == TagVersion.State.PUBLISHED]
    return next(iter([*in_force, *(one for one in versions if one.state in TagVersion.OPEN)]), None)


def text_of_tag(tag: Tag, version: TagVersion | None) -> TagText:
    """What a file says of a tag and one of its versions."""
    words = {name: getattr(tag, name) for name in WORDS}
    if version is None:
        return TagText(name=tag.name, kind=tag.kind, origin=tag.origin, **words)
    return TagText(
        name=tag.name,
        kind=tag.kind,
        origin=tag.origin,
        rule=text_of(tree_from_json(version.tree)) if version.tree else "",
        values=tuple(ValueText.model_validate(value) for value in version.values),
        later_fact=text_of(tree_from_json(version.later_fact)) if version.later_fact else "",
        later_days=version.later_days,
        **words,
    )
