"""What a version of a tag says, checked: its rule, its values, the fact that it is to be judged by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from zhike.errors import UserError
from zhike.rules.check import checked, kind_of, read_definition, read_rule
from zhike.rules.tree import Condition, Definition, is_condition, tree_to_json
from zhike.rules.vocabulary import TagKind, Vocabulary
from zhike.understand.tags.definitions import possible_values
from zhike.understand.tags.models import Tag
from zhike.understand.tags.wording.cleaning import check_visible, one_line

LONGEST_VALUE = 200
MOST_VALUES = 1000
MOST_LATER_DAYS = 36_500
ValueWords = dict[str, str]  # value, title, title_zh


@dataclass(frozen=True)
class Content:
    """What a version says; `tree` is None for a tag that is set."""

    kind: TagKind
    tree: Definition | None
    values: tuple[ValueWords, ...]
    later_fact: Condition | None
    later_days: int | None

    @property
    def stored(self) -> dict[str, Any]:
        """The fields of a version."""
        return {
            "tree": tree_to_json(self.tree) if self.tree is not None else "",
            "values": list(self.values),
            "later_fact": tree_to_json(self.later_fact) if self.later_fact is not None else "",
            "later_days": self.later_days,
        }


def checked_content(
    *,
    rule: str | Definition | None,
    kind: str,
    is_set: bool,
    values: Sequence[Any] | None,
    kept_values: Sequence[ValueWords] = (),
    later_fact: str | Condition | None,
    later_days: int | None,
    known: Vocabulary,
) -> Content:
    """The content, if there is nothing wrong with it. Raises RuleError, and UserError that names the field.

    `kept_values` are those of the version before: where no values are given, the titles stay of those that still are.
    """
    tree = None if is_set else tree_of(rule, known)
    if is_set and rule:
        raise UserError(_("a tag that is set has no rule"), where="rule", advice=_("Leave the rule or the origin out."))
    if kind and kind not in Tag.Kind.values:
        raise UserError(
            _("“%(kind)s” is no kind of tag") % {"kind": kind},
            where="kind",
            advice=_("Choose one of %(values)s.") % {"values": ", ".join(Tag.Kind.values)},
        )
    found = TagKind(kind or TagKind.YES_NO) if tree is None else kind_of(tree, known)
    if kind and found != kind:
        raise UserError(
            _("the rule gives another kind of tag: %(found)s instead of %(kind)s")
            % {"found": Tag.Kind(found).label, "kind": Tag.Kind(kind).label},
            where="kind",
            advice=_("What says something else is another tag: give it a name of its own."),
        )
    given = tuple(_listed(values or ()))
    if values is None:
        given = _still_given(tree, kept_values)
    fact, days = _later(later_fact, later_days, known)
    return Content(found, tree, _all_values(found, tree, given), fact, days)


def tree_of(rule: str | Definition | None, known: Vocabulary) -> Definition:
    """The tree of a rule that means something. Raises RuleError, and UserError for none."""
    if rule is None or rule == "":
        raise UserError(_("a tag needs a rule, unless it is set"), where="rule")
    return read_definition(rule, known) if isinstance(rule, str) else rule


def _later(fact: str | Condition | None, days: int | None, known: Vocabulary) -> tuple[Condition | None, int | None]:
    if not fact and days is None:
        return None, None
    if not fact or not days or days < 1:
        raise UserError(
            _("a later fact has a condition and a number of days"),
            where="later_days" if fact else "later_fact",
            advice=_("Give both, or none: whom the tag named so many days ago, and what holds of them now."),
        )
    if days > MOST_LATER_DAYS:
        raise UserError(
            _("a later fact holds at most %(limit)s days later") % {"limit": MOST_LATER_DAYS}, where="later_days"
        )
    if isinstance(fact, str):
        return read_rule(fact, known), days
    if not is_condition(fact):
        raise UserError(_("a later fact is true or false, and no value"), where="later_fact")
    checked(fact, known)
    return fact, days


def _listed(values: Sequence[Any]) -> Iterator[ValueWords]:
    """Each value with its titles, however it was given."""
    if len(values) > MOST_VALUES:
        raise UserError(_("a tag has up to %(limit)s values") % {"limit": MOST_VALUES}, where="values")
    seen = set()
    for one in values:
        words: Mapping[str, Any] = one if isinstance(one, Mapping) else {"value": one}
        value = str(words.get("value") or "")
        if not value or len(value) > LONGEST_VALUE:
            raise UserError(_("a value has 1 to %(limit)s characters") % {"limit": LONGEST_VALUE}, where="values")
        check_visible(value, where="values")
        if value in seen:
            raise UserError(_("the value “%(value)s” is there twice") % {"value": value}, where="values")
        seen.add(value)
        titles = (one_line(str(words.get(name) or ""), where="values") for name in ("title", "title_zh"))
        yield _words(value, *titles)


def _words(value: str, title: str = "", title_zh: str = "") -> ValueWords:
    return {"value": value, "title": title, "title_zh": title_zh}


def _still_given(tree: Definition | None, values: Iterable[ValueWords]) -> tuple[ValueWords, ...]:
    possible = possible_values(tree) if tree is not None else ()
    return tuple(one for one in values if not possible or one["value"] in possible)


def _all_values(kind: TagKind, tree: Definition | None, given: tuple[ValueWords, ...]) -> tuple[ValueWords, ...]:
    """The values with their titles, and after them those that the rule can give besides."""
    if kind != TagKind.CATEGORY:
        if given:
            raise UserError(_("only a category has values that are listed"), where="values")
        return ()
    if tree is None:
        return given
    possible = possible_values(tree)
    never = [one["value"] for one in given if possible and one["value"] not in possible]
    if never:
        raise UserError(
            _("the rule never gives “%(value)s”") % {"value": never[0]},
            where="values",
            advice=_("It gives: %(values)s.") % {"values": ", ".join(possible)},
        )
    named = {one["value"] for one in given}
    return (*given, *(_words(value) for value in possible if value not in named))
