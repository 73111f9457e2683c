"""The text of rules: read with the place of every part, and written in its one spelling."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from django.utils.translation import gettext as _

from zhike.rules.errors import RuleError, Span
from zhike.rules.grammar.reading import no_condition
from zhike.rules.grammar.spelling import text_of, text_of_name, text_of_text
from zhike.rules.limits import MOST_CHARACTERS, by_parts, check_characters, hold_limits
from zhike.rules.places import Part, Path, Unfit, in_words, place_of, places
from zhike.rules.tree import Condition, Definition, is_condition

__all__ = ["Parsed", "parse", "parse_rule", "text_of", "text_of_name", "text_of_text"]


@dataclass(frozen=True)
class Parsed:
    """The tree of a text, and where in the text its parts stand."""

    tree: Definition
    spans: Mapping[Path, Span]


def parse(text: str) -> Parsed:
    """The condition or value that a text says. Raises RuleError with the place of what cannot be read."""
    try:
        return _parsed(text)
    except RuleError as error:
        if error.span is not None and not error.where:
            error.where = in_words(error.span)
        raise


def parse_rule(text: str) -> Condition:
    """The condition that a text says. Raises RuleError, also where the text says a value."""
    return condition_of(parse(text))


def condition_of(parsed: Parsed) -> Condition:
    """The tree, if it is a condition. Raises RuleError if it is a value."""
    if is_condition(parsed.tree):
        return cast("Condition", parsed.tree)
    error = no_condition(Part(parsed.tree, parsed.spans[()]))
    error.where = in_words(parsed.spans[()])
    raise error


def _parsed(text: str) -> Parsed:
    if len(text) > MOST_CHARACTERS:
        raise RuleError(
            _("a rule has at most %(most)s characters, and this one %(count)s")
            % {"most": MOST_CHARACTERS, "count": len(text)},
            advice=by_parts(),
        )
    check_characters(text)
    from zhike.rules.grammar.parsing import read_parts  # loads lark, which most commands have no use for

    root = read_parts(text)
    try:
        hold_limits(root.node)
    except Unfit as error:
        error.span = place_of(root, error.path)
        raise
    return Parsed(root.node, places(root))
