"""Whether a rule means something to its author: names, kinds, rights and size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from django.utils.translation import gettext as _
from pydantic import ValidationError

from zhike.rules.checking.kinds import check_condition, kind_of_value
from zhike.rules.checking.names import Names, Scope, names_in
from zhike.rules.errors import RuleError, Span
from zhike.rules.limits import MOST_CHARACTERS, by_parts
from zhike.rules.places import Path, Unfit, in_words, nearest
from zhike.rules.text import condition_of, parse, text_of
from zhike.rules.tree import Condition, Definition, is_condition, tree_from_json
from zhike.rules.vocabulary import TagKind, ValueKind, Vocabulary

__all__ = ["Names", "checked", "kind_of", "names_in", "read_definition", "read_rule", "read_tree"]

MOST_STORED_CHARACTERS = 1_000_000
KINDS_OF_TAG: Mapping[ValueKind, TagKind] = {
    ValueKind.NUMBER: TagKind.NUMBER,
    ValueKind.TEXT: TagKind.CATEGORY,
    ValueKind.DAY: TagKind.DATE,
}


def read_rule(text: str, vocabulary: Vocabulary) -> Condition:
    """The condition that a text says, if it means something. Raises RuleError with the place of what is wrong."""
    parsed = parse(text)
    condition = condition_of(parsed)
    checked(condition, vocabulary, spans=parsed.spans)
    return condition


def read_definition(text: str, vocabulary: Vocabulary) -> Definition:
    """The condition or value that a text says, if it may define a tag. Raises RuleError."""
    parsed = parse(text)
    kind_of(parsed.tree, vocabulary, spans=parsed.spans)
    return parsed.tree


def read_tree(json: str | bytes, vocabulary: Vocabulary) -> Definition:
    """The condition or value that was stored or sent as JSON, if it means something. Raises RuleError."""
    if len(json) > MOST_STORED_CHARACTERS:
        raise RuleError(_("this is too long for a rule"), advice=by_parts())
    try:
        tree = tree_from_json(json)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise RuleError(
            _("this is no tree of a rule: %(reason)s") % {"reason": first["msg"]},
            where=".".join(map(str, first["loc"])),
        ) from None
    checked(tree, vocabulary)
    return tree


def checked(tree: Definition, vocabulary: Vocabulary, *, spans: Mapping[Path, Span] | None = None) -> ValueKind | None:
    """What the tree's value is, or None for a condition.

    Raises RuleError for a tree that means nothing, that its author may not ask, or that is too large; with its place,
    if `spans` tells where its parts stand.
    """
    try:
        if len(text_of(tree)) > MOST_CHARACTERS:
            message = _("the text of a rule has at most %(most)s characters") % {"most": MOST_CHARACTERS}
            raise Unfit(message, path=(), advice=by_parts())
        if not is_condition(tree):
            return kind_of_value(tree, (), Scope(vocabulary))  # type: ignore[arg-type]
        check_condition(cast("Condition", tree), (), Scope(vocabulary))
    except Unfit as error:
        error.span = nearest(spans or {}, error.path)
        error.where = in_words(error.span) if error.span else ""
        raise
    return None


def kind_of(tree: Definition, vocabulary: Vocabulary, *, spans: Mapping[Path, Span] | None = None) -> TagKind:
    """The kind of tag that the tree defines. Raises RuleError, also for one that is no definition."""
    kind = checked(tree, vocabulary, spans=spans)
    if kind is None:
        return TagKind.YES_NO
    if kind in KINDS_OF_TAG:
        return KINDS_OF_TAG[kind]
    span = (spans or {}).get(())
    raise RuleError(
        _("a value that is yes or no is no definition of a tag"),
        span=span,
        where=in_words(span) if span else "",
        advice=_("Write the condition: “… = yes”."),
    )
