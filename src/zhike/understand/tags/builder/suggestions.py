"""What a message suggests to write instead, so that a click can write it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from zhike.rules.errors import RuleError
from zhike.rules.text import text_of_name

QUOTED = re.compile(r"“([^”]+)”")


@dataclass(frozen=True)
class Suggestion:
    """Characters of the text, and what to write in their place."""

    start: int
    end: int
    text: str


def suggested_name(advice: str) -> str:
    """The name that advice says may have been meant; empty where it says none."""
    asking = re.escape(_("Did you mean “%(name)s”?") % {"name": "\0"}).replace(re.escape("\0"), "(?P<name>.+?)")
    found = re.search(asking, advice)
    return found["name"] if found else ""


def suggestion_for(error: RuleError, text: str) -> Suggestion | None:
    """What to write where the text is wrong; None where nothing is suggested, or it is not clear where."""
    name = suggested_name(error.advice)
    if not name or error.span is None:
        return None
    part = text[error.span.start : error.span.end]
    wrong = next((word for word in QUOTED.findall(error.message) if word in part), "")
    if not wrong:
        return None
    start = error.span.start + part.index(wrong)
    is_quoted = text[start - 1 : start] in ('"', "'", "“", "‘", "「", "`")
    plain = name if is_quoted or (name.isascii() and name.replace("_", "").isalnum()) else text_of_name(name)
    return Suggestion(start, start + len(wrong), plain)
