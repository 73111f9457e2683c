"""What people, programs and files write, made fit to be kept: nothing in it hides, reorders, or cannot be stored."""

from __future__ import annotations

import re
import unicodedata

from django.utils.translation import gettext as _

from zhike.errors import UserError

# Controls but tabs and line breaks; marks that turn the direction of what follows; halves of characters.
UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
HIDDEN = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")  # categories of Unicode
HIDDEN_PATTERN = r"[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]"  # the same, as engines spell it
JOINERS = "\u200c\u200d"  # of scripts, and of emoji


def cleaned(text: str) -> str:
    """A text of several lines without spaces around it, and without what cannot be seen and misleads who reads it."""
    return UNFIT.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def one_line(text: str, *, where: str) -> str:
    """A name or title without spaces around it. Raises UserError for one that hides something, or has several lines."""
    text = text.strip()
    check_visible(text, where=where)
    return text


def check_visible(text: str, *, where: str) -> None:
    """Raises UserError for a text with a line break in it, or a character that nobody sees."""
    hidden = next((one for one in text if one not in JOINERS and unicodedata.category(one) in HIDDEN), None)
    if hidden is not None:
        raise UserError(
            _("holds a line break or a hidden character: U+%(code)s") % {"code": f"{ord(hidden):04X}"},
            where=where,
            advice=_("Type it anew instead of copying it."),
        )
