"""What people typed into the fields of the builder, as parts of a rule; and errors that tell the row and the field."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from zhike.rules import tree
from zhike.rules.errors import RuleError, Span
from zhike.rules.grammar.tokens import plain
from zhike.rules.limits import MOST_CHARACTERS, MOST_DIGITS
from zhike.rules.vocabulary import ValueKind

NUMBER = re.compile(r"-?\d+(\.\d+)?")
THOUSANDS = re.compile(r"(?<=\d)[,，](?=\d{3}(?!\d))")
YES_NO = {"yes": True, "true": True, "no": False, "false": False}


@dataclass(frozen=True)
class RowPlace:
    """A row of the builder by the places that lead to it, from 0, and a field of it; of a row of text also where."""

    row: tuple[int, ...]
    field: str = ""
    span: Span | None = None

    def of(self, field: str) -> RowPlace:
        """The place of a field of the row."""
        return RowPlace(self.row, field)


class FormError(RuleError):
    """What is wrong with a row of the builder: `row` leads to it, `field` is where it was typed."""

    def __init__(self, message: str, place: RowPlace, *, advice: str = "") -> None:
        where = _("row %(row)s") % {"row": ".".join(str(at + 1) for at in place.row)} if place.row else ""
        super().__init__(message, span=place.span, where=where, advice=advice)
        self.row = place.row
        self.field = place.field


def literal_of(kind: ValueKind, typed: str, place: RowPlace) -> tree.Literal_:
    """What was typed, as a literal of a kind. Raises FormError."""
    match kind:
        case ValueKind.NUMBER:
            return tree.Number(value=number_of(typed, place))
        case ValueKind.DAY:
            return tree.Day(value=day_of(typed, place))
        case ValueKind.FLAG:
            return tree.Flag(value=flag_of(typed, place))
    return tree.Text(value=text_typed(typed, place))


def text_typed(typed: str, place: RowPlace) -> str:
    """A text or name without the blanks around it. Raises FormError for none."""
    text = typed.strip()
    if not text:
        raise FormError(_("this is not filled in yet"), place)
    if len(text) > MOST_CHARACTERS or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise FormError(_("this is no text for a rule"), place)
    return text


def number_of(typed: str, place: RowPlace) -> Decimal:
    """A number, with or without commas between its thousands. Raises FormError."""
    text = plain(text_typed(typed, place))
    text = THOUSANDS.sub("", text)
    if not NUMBER.fullmatch(text) or len(text) > 2 * MOST_DIGITS:
        raise FormError(
            _("“%(typed)s” is no number") % {"typed": _short(typed)}, place, advice=_("Write 5000 or 12.5.")
        )
    return Decimal(text)


def day_of(typed: str, place: RowPlace) -> date:
    """A day of the calendar. Raises FormError."""
    try:
        return date.fromisoformat(plain(text_typed(typed, place)))
    except ValueError:
        raise FormError(
            _("there is no day %(day)s") % {"day": _short(typed)},
            place,
            advice=_("A day is written as year, month and day: 2026-01-31."),
        ) from None


def flag_of(typed: str, place: RowPlace) -> bool:
    """Yes or no. Raises FormError."""
    text = text_typed(typed, place).lower()
    if text not in YES_NO:
        raise FormError(_("“%(typed)s” is neither yes nor no") % {"typed": _short(typed)}, place)
    return YES_NO[text]


def whole_of(typed: str, place: RowPlace) -> int:
    """A number of units of the calendar. Raises FormError."""
    text = plain(text_typed(typed, place))
    if not (text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS and int(text) > 0):
        raise FormError(_("this must be a whole number, 1 or more"), place)
    return int(text)


def unit_of(typed: str, place: RowPlace) -> tree.Unit:
    """A unit of the calendar. Raises FormError."""
    if typed not in list(tree.Unit):
        raise FormError(_("this must be day, week, month, quarter or year"), place)
    return tree.Unit(typed)


def _short(typed: str) -> str:
    return typed if len(typed) <= 40 else f"{typed[:40]}…"
