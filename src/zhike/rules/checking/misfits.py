"""Parts that do not fit together, or not where they stand: what is said of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.rules import tree
from zhike.rules.grammar.expected import either
from zhike.rules.grammar.spelling import text_of
from zhike.rules.nearest import did_you_mean
from zhike.rules.places import Path, Unfit
from zhike.rules.vocabulary import ValueKind

KIND_TITLES: Mapping[ValueKind, str | Promise] = {
    ValueKind.NUMBER: gettext_lazy("a number"),
    ValueKind.TEXT: gettext_lazy("a text"),
    ValueKind.DAY: gettext_lazy("a day"),
    ValueKind.FLAG: gettext_lazy("yes or no"),
}
NUMBER_OR_DAY = re.compile(r"-?\d{1,18}(\.\d+)?|\d{4}-\d{2}-\d{2}")
LONGEST = 40  # characters of a part that are worth repeating


def expect(kind: ValueKind, wanted: Collection[ValueKind], path: Path, what: tree.Definition | str, *, by: str) -> None:
    """Raises Unfit where a value is none of the kinds that a function or operator takes."""
    if kind in wanted:
        return
    titles = [str(KIND_TITLES[one]) for one in ValueKind if one in wanted]
    raise Unfit(
        _("“%(by)s” takes %(wanted)s, and “%(what)s” is %(kind)s")
        % {"by": by, "wanted": either(titles), "what": described(what), "kind": KIND_TITLES[kind]},
        path=path,
        advice=_("“days_since(…)” makes a number of a day.")
        if kind == ValueKind.DAY and ValueKind.NUMBER in wanted
        else "",
    )


def expect_same(one: tree.Value, kind: ValueKind, other: tree.Value, other_kind: ValueKind, path: Path) -> None:
    """Raises Unfit where two values that stand beside each other are of different kinds."""
    if kind == other_kind:
        return
    raise Unfit(
        _("“%(one)s” is %(kind)s, and “%(other)s” is %(other_kind)s")
        % {
            "one": described(one),
            "kind": KIND_TITLES[kind],
            "other": described(other),
            "other_kind": KIND_TITLES[other_kind],
        },
        path=path,
        advice=_how_to_write(other, kind),
    )


def _how_to_write(value: tree.Value, kind: ValueKind) -> str:
    """Advice how to write a value, if it was meant to be of a kind."""
    match value, kind:
        case tree.Text(value=text), (ValueKind.NUMBER | ValueKind.DAY) if NUMBER_OR_DAY.fullmatch(text):
            return _("Write it without quotation marks.")
        case _value, ValueKind.DAY:
            return _("A day is written as year, month and day: 2026-01-31.")
        case _value, ValueKind.FLAG:
            return _("Write “yes” or “no”, without quotation marks.")
        case ((tree.Number() | tree.Day() | tree.Flag() as literal), ValueKind.TEXT):
            return _("A text is put into quotation marks: %(text)s.") % {"text": f'"{text_of(literal)}"'}
    return ""


def expect_known(value: str, known: Collection[str], path: Path, what: tree.Definition | str) -> None:
    """Raises Unfit for a text that something can never be, because all that it can be is known."""
    if known and value not in known:
        raise Unfit(
            _("“%(what)s” is never “%(value)s”") % {"what": described(what), "value": _short(value)},
            path=path,
            advice=did_you_mean(value, known),
        )


def refuse_inside_facts(node: tree.Definition, path: Path) -> Unfit:
    """What is said of a part that needs all of a customer, and stands where one fact is looked at."""
    return Unfit(
        _("“%(part)s” cannot stand in the condition of facts") % {"part": described(node)},
        path=path,
        advice=_("There, only columns of these facts can; make a tag of it, and put that beside the facts."),
    )


def refuse_inside_relation(node: tree.Definition, path: Path) -> Unfit:
    """What is said of a part that needs all of a customer, and stands where somebody related is looked at."""
    return Unfit(
        _("“%(part)s” cannot stand in the condition of a relation") % {"part": described(node)},
        path=path,
        advice=_("There, only attributes of those related can, and columns of the relation."),
    )


def described(what: tree.Definition | str) -> str:
    """A part of a rule, or a name, in a message: its text, as far as it is worth repeating."""
    match what:
        case str(text) | tree.Text(value=text):
            return _short(text)
    return _short(text_of(what))


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
