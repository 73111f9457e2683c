"""What the tokens of a rule's text stand for."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from zhike.rules.errors import RuleError, Span
from zhike.rules.limits import MOST_DIGITS
from zhike.rules.tree import Unit

if TYPE_CHECKING:
    from lark import Token

# Signs and digits as people type them, by those that are meant.
PLAIN = str.maketrans("０１２３４５６７８９．－−–＋＊×／÷＝＜＞！", "0123456789.---+**//=<>!")
OPERATORS = {"==": "=", "<>": "!=", "≠": "!=", "≤": "<=", "≦": "<=", "≥": ">=", "≧": ">="}
ESCAPE = re.compile(r"\\(u\{([0-9a-fA-F]{1,6})\}|.)", re.DOTALL)
ESCAPED = {"n": "\n", "r": "\r", "t": "\t", **{sign: sign for sign in "\\\"'`“”‘’「」＂"}}


def unquoted(token: Token) -> str:
    """The text, name or word that a token stands for."""
    if token.type == "WORD" or (token.type == "NAME" and not token.startswith("`")):
        return str(token)

    def meant(found: re.Match[str]) -> str:
        if found[2] and (code := int(found[2], 16)) <= 0x10FFFF and not 0xD800 <= code < 0xE000:
            return chr(code)
        if found[1] in ESCAPED:
            return ESCAPED[found[1]]
        start = start_of(token) + 1 + found.start()
        raise RuleError(
            _("“%(escape)s” stands for no character") % {"escape": found[0]},
            span=Span(start, start + len(found[0])),
            advice=_("A backslash that is meant as such is written twice."),
        )

    return ESCAPE.sub(meant, token[1:-1])


def place_in_text(token: Token) -> Span:
    """The place of a token."""
    return Span(start_of(token), start_of(token) + len(token))


def start_of(token: Token) -> int:
    """The first character of a token, in the text that it was read from."""
    assert token.start_pos is not None  # only tokens that no lexer made have none
    return token.start_pos


def operator(token: Token) -> str:
    """The sign that is meant by a sign as people type it."""
    return OPERATORS.get(plain(token), plain(token))


def unit(token: Token) -> Unit:
    """The unit that a word such as “Months” names."""
    return Unit(token.lower().removesuffix("s"))


def number(token: Token) -> Decimal:
    """The number that a token writes."""
    return Decimal(plain(token))


def day(token: Token) -> date:
    """The day that a token writes. Raises RuleError for one that the calendar does not have."""
    try:
        return date.fromisoformat(plain(token))
    except ValueError:
        raise RuleError(
            _("there is no day %(day)s") % {"day": str(token)},
            span=place_in_text(token),
            advice=_("A day is written as year, month and day: 2026-01-31."),
        ) from None


def whole(token: Token) -> int:
    """The number of units that a token writes. Raises RuleError for none, and for a part of one."""
    text = plain(token)
    if text.isdecimal() and len(text) <= MOST_DIGITS and int(text) > 0:
        return int(text)
    raise RuleError(_("this must be a whole number, 1 or more"), span=place_in_text(token))


def plain(text: str) -> str:
    """A number, day or sign as it is meant."""
    return text.translate(PLAIN)
