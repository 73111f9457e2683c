"""Tags brought into force without further ado, for tests of what is computed of them."""

from __future__ import annotations

from zhike.rules.check import kind_of
from zhike.rules.text import parse
from zhike.rules.tree import tree_to_json
from zhike.understand.tags.models import Tag, TagVersion
from zhike.understand.tags.vocabularies import whole_vocabulary


def put_in_force(name: str, rule: str, *, schedule: str = "every_refresh", values: tuple[str, ...] = ()) -> Tag:
    """The tag, defined by a rule, in the place of what it was before."""
    tree = parse(rule).tree
    tag, _is_new = Tag.objects.update_or_create(
        name=name,
        defaults={"kind": kind_of(tree, whole_vocabulary()), "theme": "business", "title": name, "schedule": schedule},
    )
    before = tag.versions.filter(state="published")
    number = max((version.number for version in tag.versions.all()), default=0) + 1
    before.update(state="replaced")
    listed = [{"value": value, "title": value, "title_zh": value} for value in values]
    TagVersion.objects.create(tag=tag, number=number, state="published", tree=tree_to_json(tree), values=listed)
    return tag


def set_by_hand(name: str, kind: str = "yes_no") -> Tag:
    """A set tag, which nobody has yet."""
    tag = Tag.objects.create(name=name, kind=kind, origin=Tag.Origin.PERSON, theme="business", title=name)
    TagVersion.objects.create(tag=tag, number=1, state="published")
    return tag


def only_these(**rules: str) -> None:
    """These tags in force, and no others."""
    Tag.objects.all().delete()
    for name, rule in rules.items():
        put_in_force(name, rule)
