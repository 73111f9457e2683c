"""The quality rules that come with Zhike, and bringing them into an installation."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from django.db import transaction

from zhike.collect.quality.defining.files import RuleText, read_rules
from zhike.collect.quality.defining.services import put_rule, text_of_rule
from zhike.collect.quality.models import QualityRule
from zhike.errors import UserError
from zhike.govern.access.actors import OPERATOR, acting_as

logger = logging.getLogger("zhike.quality")
FOLDER = Path(__file__).parents[1] / "library"


@lru_cache(maxsize=1)
def library() -> Mapping[str, RuleText]:
    """The rules that come with Zhike, by name."""
    return {rule.name: rule for rule in read_rules(FOLDER)}


def install_library(texts: Mapping[str, RuleText] | None = None) -> tuple[str, ...]:
    """Brings what is new in the library into force; the names of the rules that were added or changed.

    Harmless when repeated. A rule that somebody in the firm changed, retired, or gave the name of, stays as it is.
    """
    texts = library() if texts is None else texts
    changed = []
    with acting_as(OPERATOR), transaction.atomic():
        there = {rule.name: rule for rule in QualityRule.objects.select_for_update().filter(name__in=list(texts))}
        for name, text in texts.items():
            if _is_wanted(there.get(name), text):
                try:
                    put_rule(there.get(name), text, shipped=digest(text))
                except UserError:
                    logger.warning("quality rule of the library not installed", extra={"rule": name})
                else:
                    changed.append(name)
    return tuple(changed)


def _is_wanted(rule: QualityRule | None, text: RuleText) -> bool:
    """The rule is new, or is what the library said before."""
    if rule is None:
        return True
    is_as_it_came = rule.retired_at is None and rule.shipped == digest(text_of_rule(rule))
    return is_as_it_came and rule.shipped != digest(text)


def digest(text: RuleText) -> str:
    """What tells one text of a rule from another."""
    return hashlib.sha256(json.dumps(text.model_dump(), sort_keys=True, ensure_ascii=False).encode()).hexdigest()
