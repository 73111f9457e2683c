"""The rule language, as far as there is one: conditions on tags, all of which must hold."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from zhike.errors import UserError

CONDITION = re.compile(
    r"""\s*(?P<negated>not\s+)?(?:has\s+tag\s+)?(?:(?P<q1>["'])(?P<quoted>[^"']+)(?P=q1)|(?P<tag>[\w-]+))"""
    r"""(?:\s*=\s*(?:(?P<q2>["'])(?P<value>[^"']*)(?P=q2)|(?P<word>[\w-]+)))?(?=\s|$)\s*""",
    re.IGNORECASE,
)
AND = re.compile(r"and\b", re.IGNORECASE)
WORDS = ("and", "or", "not", "has", "tag")


@dataclass(frozen=True)
class Condition:
    """Customers who have a tag, or one value of it; or, negated, who have not."""

    tag: str
    value: str | None = None
    is_negated: bool = False

    def __str__(self) -> str:
        value = "" if self.value is None else f' = "{self.value}"'
        return f'{"not " if self.is_negated else ""}has tag "{self.tag}"{value}'


Rule = tuple[Condition, ...]


def parse_rule(text: str) -> Rule:
    """The conditions of a rule: `[not] has tag "x" [= "y"] and …`. Raises UserError that says the place."""
    conditions = []
    place = 0
    while True:
        found = CONDITION.match(text, place)
        if found is None or (found["tag"] or "").lower() in WORDS:
            raise _unreadable(text, place)
        value = found["value"] if found["value"] is not None else found["word"]
        conditions.append(Condition(found["quoted"] or found["tag"], value, bool(found["negated"])))
        place = found.end()
        if place == len(text):
            return tuple(conditions)
        joined = AND.match(text, place)
        if joined is None:
            raise _unreadable(text, place)
        place = joined.end()


def rule_text(rule: Rule) -> str:
    """The one way in which a rule is spelt."""
    return " and ".join(map(str, rule))


def _unreadable(text: str, place: int) -> UserError:
    rest = text[place:].strip()
    message = (
        _("cannot read the rule from character %(place)s on: “%(rest)s”") % {"place": place + 1, "rest": rest[:40]}
        if rest
        else _("cannot read the rule: it ends where a condition should stand")
    )
    return UserError(
        message,
        where=text,
        advice=_("A rule is conditions joined by “and”: %(example)s.")
        % {"example": 'has tag "rfm_segment" = "champions" and not has tag "contract_holder" = "active"'},
    )
