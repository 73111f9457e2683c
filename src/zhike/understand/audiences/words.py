"""Rules in words: what each condition of an audience says."""

from __future__ import annotations

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from zhike.errors import UserError
from zhike.ui.navigation import Words
from zhike.understand.audiences.rules import Condition, parse_rule
from zhike.understand.tags.shipped import SHIPPED
from zhike.understand.value.words import SEGMENTS, words_of

VALUES: dict[str, dict[str, Words]] = {
    "rfm_segment": SEGMENTS,
    "contract_holder": {"active": gettext_lazy("in force"), "former": gettext_lazy("former")},
    "recently_active": {"yes": gettext_lazy("yes")},
}


def rule_in_words(rule: str) -> list[str]:
    """What each of a rule's conditions says; nothing where the rule cannot be read."""
    try:
        conditions = parse_rule(rule)
    except UserError:
        return []
    return [condition_in_words(condition) for condition in conditions]


def condition_in_words(condition: Condition) -> str:
    """One condition: “RFM segment is Champions”."""
    if condition.value is None:
        words = _("%(tag)s does not apply") if condition.is_negated else _("%(tag)s applies")
        return words % {"tag": tag_title(condition.tag)}
    words = _("%(tag)s is not %(value)s") if condition.is_negated else _("%(tag)s is %(value)s")
    return words % {"tag": tag_title(condition.tag), "value": value_title(condition.tag, condition.value)}


def tag_title(tag: str) -> str:
    """What a tag is called in the reader's language."""
    shipped = next((one for one in SHIPPED if one.name == tag), None)
    if shipped is None:
        return tag
    return shipped.title_zh if (get_language() or "").startswith("zh") else shipped.title


def value_title(tag: str, value: object) -> Words:
    """What a value of a tag is called."""
    return words_of(VALUES.get(tag, {}), value)
