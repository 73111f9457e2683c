"""How large a rule may be, so that no rule blows up time and memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from django.utils.translation import gettext as _

from zhike.rules.errors import RuleError
from zhike.rules.places import Path, Unfit, parts_of
from zhike.rules.tree import Aggregate, Dates, Ever, HasTag, Last, Node, Number, OneOf, Related, Text, Unit, Within

MOST_CHARACTERS = 10_000
MOST_PARTS = 500
DEEPEST = 30
MOST_OPTIONS = 1_000
MOST_RELATED = 10  # each is a join of its own
MOST_AGGREGATES = 100
MOST_DIGITS = 18
MOST_YEARS = 100
MOST_UNITS: Mapping[Unit, int] = {
    Unit.DAY: MOST_YEARS * 365,
    Unit.WEEK: MOST_YEARS * 52,
    Unit.MONTH: MOST_YEARS * 12,
    Unit.QUARTER: MOST_YEARS * 4,
    Unit.YEAR: MOST_YEARS,
}


def hold_limits(tree: Node) -> None:
    """Raises Unfit for a tree that is larger than any rule may be; never recurses, however deep it is."""
    waiting: list[tuple[Path, Node, int]] = [((), tree, 1)]
    count = 0
    costly: list[tuple[Path, Node]] = []
    while waiting:
        path, node, depth = waiting.pop()
        count += 1
        if isinstance(node, Related | Aggregate | Ever):
            costly.append((path, node))
        _hold(path, node, depth=depth, count=count)
        if not isinstance(node, OneOf):
            waiting += [((*path, *step), inner, depth + 1) for step, inner in parts_of(node)]
            continue
        waiting.append(((*path, "value"), node.value, depth + 1))
        for place, option in enumerate(node.options):
            _hold((*path, "options", place), option, depth=depth, count=count)
    _hold_different(costly[::-1])  # as they stand in the rule: the last part was looked at first


def _hold_different(costly: Iterable[tuple[Path, Node]]) -> None:
    """Raises Unfit for the first part of a kind of which a rule may not have so many that differ."""
    related: set[Node] = set()
    aggregates: set[Node] = set()
    for path, node in costly:
        (related if isinstance(node, Related) else aggregates).add(node)
        if len(related) > MOST_RELATED:
            message = _("a rule has at most %(most)s different conditions on relations") % {"most": MOST_RELATED}
            raise Unfit(message, path=path, advice=by_parts())
        if len(aggregates) > MOST_AGGREGATES:
            message = _("a rule has at most %(most)s different functions of facts") % {"most": MOST_AGGREGATES}
            raise Unfit(message, path=path, advice=by_parts())


def _hold(path: Path, node: Node, *, depth: int, count: int) -> None:
    if depth > DEEPEST:
        raise Unfit(_("a rule is at most %(most)s levels deep") % {"most": DEEPEST}, path=path, advice=by_parts())
    if count > MOST_PARTS:
        raise Unfit(_("a rule has at most %(most)s parts") % {"most": MOST_PARTS}, path=path, advice=by_parts())
    match node:
        case OneOf(options=options) | HasTag(values=options) if len(options) > MOST_OPTIONS:
            raise Unfit(
                _("a list has at most %(most)s values, and this one %(count)s")
                % {"most": MOST_OPTIONS, "count": len(options)},
                path=path,
                advice=_("Import them as a tag, and name the tag in the rule."),
            )
        case Text(value=text):
            check_characters(text)
        case HasTag(values=values):
            check_characters("".join(values))
        case Number(value=value) if _digits(value) > MOST_DIGITS:
            raise Unfit(_("a number has at most %(most)s digits") % {"most": MOST_DIGITS}, path=path)
        case Last(number=number, unit=unit) | Within(number=number, unit=unit) if number > MOST_UNITS[unit]:
            raise Unfit(_("a window is at most %(most)s years long") % {"most": MOST_YEARS}, path=path)
        case Dates(start=None, end=None):
            raise Unfit(
                _("a window of days needs a first day or a last one"), path=path, advice=_("Leave the window out.")
            )
        case Dates(start=start, end=end) if start and end and start > end:
            raise Unfit(_("a window cannot end before it begins"), path=path)


def check_characters(text: str) -> None:
    """Raises RuleError for halves of characters, and for U+0000, which databases do not store."""
    if "\0" in text or (not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text)):
        raise RuleError(_("the text holds characters that are none"))


def by_parts() -> str:
    """Advice to whoever wrote too large a rule."""
    return _("Make tags of its parts, and a rule of these tags.")


def _digits(number: Decimal) -> int:
    """Digits that it takes to write the number out."""
    _sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)  # neither infinite nor none: the tree takes no others
    return len(digits) + exponent if exponent >= 0 else max(len(digits), 1 - exponent)
