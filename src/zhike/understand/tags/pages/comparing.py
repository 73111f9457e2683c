"""Two versions of a tag beside each other: what one says otherwise, and whom that changes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher

from django.utils.translation import gettext as _

from zhike.collect.profiles.links import customers_url
from zhike.rules.bitmaps import members
from zhike.rules.text import parse, text_of
from zhike.rules.tree import All, Compare, Condition, Definition, Known, Not, is_condition
from zhike.understand.tags.counting.index import index_of
from zhike.understand.tags.defining.files import laid_out
from zhike.understand.tags.defining.preview import counted
from zhike.understand.tags.shown import VersionShown
from zhike.understand.tags.wording.titles import TagTitle
from zhike.warehouse.queries import published

LONGEST_ADDRESS = 4000
WORDS = re.compile(r"\s+|\"[^\"]*\"|\w+|[^\w\s]")


@dataclass(frozen=True)
class Moved:
    """Who has the tag by one version and by the other; links where an address can hold the rule."""

    gained: int
    lost: int
    kept: int
    changed: int | None  # of those who keep it, whose value is another; None for a tag of yes or no
    values: tuple[tuple[str, int, int], ...]  # title, before, after
    gained_url: str
    lost_url: str
    as_of: date


def compared_texts(before: VersionShown, after: VersionShown) -> list[tuple[str, str]]:
    """The text of the later one in pieces, each `same`, `added` or `gone`; nothing where both say the same."""
    old, new = (WORDS.findall(said_by(one)) for one in (before, after))
    if old == new:
        return []
    pieces: list[tuple[str, str]] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(("same", "".join(new[j1:j2])))
            continue
        if i1 != i2:
            pieces.append(("gone", "".join(old[i1:i2])))
        if j1 != j2:
            pieces.append(("added", "".join(new[j1:j2])))
    return pieces


def said_by(version: VersionShown) -> str:
    """All that a version says, as text."""
    lines = [laid_out(version.rule).rstrip("\n")]
    for one in version.values:
        titles = " | ".join(filter(None, (one.get("title"), one.get("title_zh"))))
        lines.append(f"{one['value']} = {titles}" if titles else one["value"])
    if version.later_fact:
        fact = {"days": version.later_days, "fact": version.later_fact}
        lines.append(_("after %(days)s days: %(fact)s") % fact)
    return "\n".join(filter(None, lines))


def version_movement(before: VersionShown, after: VersionShown, title: TagTitle) -> Moved | None:
    """Whom the later version changes, judged of the refresh in force; None for a tag that is set.

    Raises NothingPublished, and RuleError where one of them means nothing any more.
    """
    if not before.rule or not after.rule:
        return None
    now = published()
    index = index_of(now)
    old, new = (parse(one.rule).tree for one in (before, after))
    had, has = (members(_having(tree), index) for tree in (old, new))
    changed = None
    if not is_condition(old) and not is_condition(new):
        same = members(Compare(operator="=", left=old, right=new), index)
        changed = len((had & has) - same)
    counts = [dict(counted(tree, index)[1]) for tree in (old, new)]
    values = dict.fromkeys([*counts[0], *counts[1]])
    return Moved(
        gained=len(has - had),
        lost=len(had - has),
        kept=len(had & has),
        changed=changed,
        values=tuple((title.value(value), counts[0].get(value, 0), counts[1].get(value, 0)) for value in values),
        gained_url=_url(new, old) if has - had else "",
        lost_url=_url(old, new) if had - has else "",
        as_of=now.as_of,
    )


def _having(tree: Definition) -> Condition:
    return tree if is_condition(tree) else Known(value=tree)  # type: ignore[return-value]


def _url(has: Definition, has_not: Definition) -> str:
    url = customers_url(text_of(All(of=(_having(has), Not(of=_having(has_not))))))
    return url if len(url) <= LONGEST_ADDRESS else ""
