"""Rules in words: what each condition of an audience says, in the reader's language."""

from __future__ import annotations

from typing import cast

from zhike.errors import UserError
from zhike.rules.text import parse
from zhike.rules.tree import All, Condition, Definition, Node
from zhike.understand.tags.wording.phrases import Phrases
from zhike.understand.tags.wording.titles import TagTitle, titles


def rule_in_words(rule: str | Definition, phrases: Phrases | None = None) -> list[str]:
    """What each of a rule's conditions says, all of which hold; nothing where the rule cannot be read.

    Whoever shows many rules gives the same `phrases` for all of them.
    """
    if isinstance(rule, str):
        try:
            rule = parse(rule).tree
        except UserError:
            return []
    phrases = phrases or Phrases.of_customers()
    parts = cast("tuple[Node, ...]", rule.of) if isinstance(rule, All) else (rule,)
    return [phrases.condition(one) for one in parts]


def rule_in_a_sentence(rule: Condition, phrases: Phrases | None = None) -> str:
    """The whole rule as one sentence."""
    return (phrases or Phrases.of_customers()).condition(rule)


def tag_title(tag: str) -> str:
    """What a tag is called in the reader's language."""
    return (titles().get(tag) or TagTitle(tag)).title


def value_title(tag: str, value: object) -> str:
    """What a value of a tag is called."""
    return (titles().get(tag) or TagTitle(tag)).value(value)
