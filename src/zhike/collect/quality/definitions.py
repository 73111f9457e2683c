"""The quality rules in force, as they are computed and shown."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import get_language

from zhike.collect.quality.models import QualityRule
from zhike.collect.quality.vocabulary import failing, is_personal, kept_condition
from zhike.errors import UserError
from zhike.rules.text import text_of
from zhike.rules.tree import Condition

logger = logging.getLogger("zhike.quality")


@dataclass(frozen=True)
class RuleDefinition:
    """A rule that can be judged."""

    name: str
    title: str  # in the language of whoever reads
    dimension: str
    fields: tuple[str, ...]
    applies: Condition | None
    good: Condition
    weight: int
    target: float
    version: int
    changed_at: datetime | None = None  # missing of one that is not kept

    @property
    def failing(self) -> Condition:
        """Who is to be looked at: to whom it applies, and who do not fulfil it."""
        return failing(self.applies, self.good)

    @property
    def failing_text(self) -> str:
        """The same as the text of a rule."""
        return text_of(self.failing)

    @property
    def is_personal(self) -> bool:
        """Whether to find its customers tells who somebody is."""
        return is_personal(self.applies, self.good)


def rules_in_force() -> tuple[RuleDefinition, ...]:
    """All rules that are not retired, without those that name what there is no more; each of these is logged."""
    found = []
    for rule in QualityRule.objects.filter(retired_at=None):
        try:
            found.append(definition_of(rule))
        except UserError as problem:
            logger.warning("quality rule not counted", extra={"rule": rule.name, "problem": type(problem).__name__})
    return tuple(found)


def rules_by_name() -> Mapping[str, RuleDefinition]:
    """The rules in force by their name."""
    return {rule.name: rule for rule in rules_in_force()}


def definition_of(rule: QualityRule) -> RuleDefinition:
    """The rule with its conditions read. Raises RuleError where one means nothing any more."""
    good = kept_condition(rule.good)
    assert good is not None, f"{rule.name} says of nothing that it is good"
    return RuleDefinition(
        name=rule.name,
        title=title_of(rule),
        dimension=rule.dimension,
        fields=tuple(rule.fields),
        applies=kept_condition(rule.applies),
        good=good,
        weight=rule.weight,
        target=rule.target,
        version=rule.version,
        changed_at=rule.changed_at,
    )


def title_of(rule: QualityRule) -> str:
    """What a rule is called in the reader's language."""
    return (rule.title_zh if _is_chinese() else "") or rule.title


def doc_of(rule: QualityRule) -> str:
    """What is said of a rule in the reader's language."""
    return (rule.doc_zh if _is_chinese() else "") or rule.doc


def _is_chinese() -> bool:
    return (get_language() or "").startswith("zh")
