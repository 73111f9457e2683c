"""What may follow at a place of a rule, in words, by the terminals that the grammar allows there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# How the words of the language are spelt, by terminal of the grammar.
SPELT: Mapping[str, tuple[str, ...]] = {
    "AND": ("and",),
    "OR": ("or",),
    "NOT": ("not",),
    "BETWEEN": ("between",),
    "MATCHES": ("contains", "starts with", "ends with"),
    "WITHIN": ("within",),
    "IS": ("is",),
    "KNOWN": ("known",),
    "UNKNOWN": ("unknown",),
    "HAS": ("has",),
    "TAG": ("tag",),
    "AS_OF": ("as of",),
    "IN_LIST": ("in",),
    "IN": ("in",),
    "AUDIENCE": ("audience",),
    "ANY": ("any",),
    "ALL": ("all",),
    "WHEN": ("when",),
    "THEN": ("then",),
    "OTHERWISE": ("otherwise",),
    "TODAY": ("today",),
    "YES": ("yes", "true"),
    "NO": ("no", "false"),
    "BY": ("by",),
    "WHERE": ("where",),
    "LAST": ("last",),
    "NEXT": ("next",),
    "THIS": ("this",),
    "CALENDAR": ("calendar",),
    "FROM": ("from",),
    "TO": ("to",),
    "UNTIL": ("until",),
    "SINCE": ("since",),
    "UNIT": ("day", "days", "week", "weeks", "month", "months", "quarter", "quarters", "year", "years"),
    "FUNCTION": ("count", "sum", "average", "min", "max", "distinct", "first", "last", "streak"),
    "EVER": ("ever",),
    "DAYS": ("days_since", "days_until"),
}
VALUES = frozenset(
    {"NUMBER", "DAY", "STRING", "NAME", "TODAY", "YES", "NO", "TAG", "DAYS", "FUNCTION", "LPAR", "MINUS", "WHEN"}
)
CONDITIONS = VALUES | {"NOT", "HAS", "IN", "EVER", "ANY", "ALL"}
CALCULATION = frozenset({"PLUS", "MINUS", "TIMES", "DIVIDED"})
COMPARISON = CALCULATION | {
    "EQUALS",
    "COMPARES",
    "BETWEEN",
    "IN_LIST",
    "NOT",
    "MATCHES",
    "WITHIN",
    "IS",
    "AND",
    "OR",
    "$END",
}
# If all terminals of the first set are allowed, the words stand for all those of the second.
WORDS: Sequence[tuple[Set[str], Set[str], str | Promise]] = (
    ({"NAME", "HAS"}, CONDITIONS, gettext_lazy("a condition")),
    ({"NAME", "NUMBER"}, VALUES, gettext_lazy("a value")),
    ({"NUMBER", "STRING"}, VALUES, gettext_lazy("a number, a text in quotation marks or a day")),
    ({"COMPARES"}, COMPARISON, gettext_lazy("a comparison such as “=”, “between”, “in” or “is known”")),
    ({"STRING", "WORD"}, {"STRING", "WORD"}, gettext_lazy("a name in quotation marks")),
    ({"STRING"}, {"STRING"}, gettext_lazy("a text in quotation marks")),
    ({"DAY"}, {"DAY"}, gettext_lazy("a day such as 2026-01-31")),
    ({"NUMBER"}, {"NUMBER"}, gettext_lazy("a number")),
    ({"NAME"}, {"NAME"}, gettext_lazy("a name")),
    ({"UNIT"}, {"UNIT"}, gettext_lazy("days, weeks, months, quarters or years")),
    ({"EQUALS"}, {"EQUALS"}, "“=”"),
    ({"AND"}, CALCULATION | {"AND"}, "“and”"),
    ({"OR"}, {"OR"}, "“or”"),
    ({"LPAR"}, {"LPAR"}, gettext_lazy("an opening parenthesis")),
    ({"RPAR"}, {"RPAR"}, gettext_lazy("a closing parenthesis")),
    ({"COMMA"}, {"COMMA"}, gettext_lazy("a comma")),
    ({"DOT"}, {"DOT"}, gettext_lazy("a point and a column")),
    ({"PLUS"}, CALCULATION, gettext_lazy("a sign of calculation")),
)
# Words of other languages, by what they are called here.
CALLED = {
    "like": "contains",
    "null": "unknown",
    "empty": "unknown",
    "missing": "unknown",
    "avg": "average",
    "mean": "average",
    "total": "sum",
    "unique": "distinct",
    "exists": "ever",
    "minimum": "min",
    "maximum": "max",
    "else": "otherwise",
    "case": "when",
    "some": "any",
}


def keywords(terminals: Set[str]) -> list[str]:
    """The words of the language among terminals."""
    return [word for name in sorted(terminals) for word in SPELT.get(name, ())]


def in_words(terminals: Set[str]) -> str:
    """What is allowed, such as “a number or a day”."""
    return either(list(_said(set(terminals))))


def either(words: Sequence[str]) -> str:
    """Words, of which one is meant."""
    if len(words) < 2:
        return "".join(words)
    return _("%(several)s or %(last)s") % {"several": _(", ").join(words[:-1]), "last": words[-1]}


def _said(terminals: set[str]) -> Iterator[str]:
    for needed, covered, words in WORDS:
        if needed <= terminals:
            yield str(words)
            terminals -= covered
    for name in sorted(terminals):
        if name in SPELT:
            yield f"“{SPELT[name][0]}”"
    if "$END" in terminals:
        yield _("the end")
