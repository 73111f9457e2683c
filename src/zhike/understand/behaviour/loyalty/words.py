"""The words that pages use for satisfaction and loyalty."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from zhike.ui.navigation import Words

LEVEL_WORDS: dict[str, Words] = {
    "gone": _("Gone"),
    "new": _("New"),
    "benefit": _("Benefit"),
    "belonging": _("Belonging"),
    "habit": _("Habit"),
}
LEVEL_NOTES: dict[str, Words] = {
    "gone": _("Have not ordered within a year, and hold no contract in force."),
    "new": _("Bought once so far, within a year."),
    "benefit": _("Are there, and came back: ordered on another day, took out a contract more, or kept one for a year."),
    "belonging": _("Besides, use two lines of business or more, or would recommend the firm (9 or 10)."),
    "habit": _("Ordered on five days or more over a year or longer, or kept a contract for three years."),
}
SATISFACTION_WORDS: dict[str, Words] = {
    "satisfied": _("Satisfied"),
    "neutral": _("Neutral"),
    "unsatisfied": _("Unsatisfied"),
}
