"""Windows in words: “the last 90 days”, “this month”."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from zhike.rules.tree import Calendar, Dates, Last, Node, Since, Unit, Within
from zhike.ui.navigation import Words
from zhike.ui.templatetags.formats import day

THIS: dict[str, Words] = {
    Unit.DAY: gettext_lazy("today"),
    Unit.WEEK: gettext_lazy("this week"),
    Unit.MONTH: gettext_lazy("this month"),
    Unit.QUARTER: gettext_lazy("this quarter"),
    Unit.YEAR: gettext_lazy("this year"),
}
PREVIOUS: dict[str, Words] = {
    Unit.DAY: gettext_lazy("yesterday"),
    Unit.WEEK: gettext_lazy("last week"),
    Unit.MONTH: gettext_lazy("last month"),
    Unit.QUARTER: gettext_lazy("last quarter"),
    Unit.YEAR: gettext_lazy("last year"),
}


def window_in_words(window: Node, *, since: str = "") -> str:
    """The days that are meant; `since` is what the attribute of a window is called."""
    match window:
        case Last():
            return last_in_words(window)
        case Calendar():
            return str((THIS if window.which == "this" else PREVIOUS)[window.unit])
        case Since():
            return _("the time since “%(attribute)s”") % {"attribute": since or window.attribute}
        case Dates():
            return dates_in_words(window.start, window.end)
    return ""


def last_in_words(window: Last | Within) -> str:
    """The last so many units."""
    count = window.number
    words = {
        Unit.DAY: ngettext("the last %(count)s day", "the last %(count)s days", count),
        Unit.WEEK: ngettext("the last %(count)s week", "the last %(count)s weeks", count),
        Unit.MONTH: ngettext("the last %(count)s month", "the last %(count)s months", count),
        Unit.QUARTER: ngettext("the last %(count)s quarter", "the last %(count)s quarters", count),
        Unit.YEAR: ngettext("the last %(count)s year", "the last %(count)s years", count),
    }
    return words[window.unit] % {"count": count}


def next_in_words(window: Within) -> str:
    """The next so many units."""
    count = window.number
    words = {
        Unit.DAY: ngettext("the next %(count)s day", "the next %(count)s days", count),
        Unit.WEEK: ngettext("the next %(count)s week", "the next %(count)s weeks", count),
        Unit.MONTH: ngettext("the next %(count)s month", "the next %(count)s months", count),
        Unit.QUARTER: ngettext("the next %(count)s quarter", "the next %(count)s quarters", count),
        Unit.YEAR: ngettext("the next %(count)s year", "the next %(count)s years", count),
    }
    return words[window.unit] % {"count": count}


def dates_in_words(start: date | None, end: date | None) -> str:
    """From one day to another, both included."""
    if start and end:
        return _("%(start)s to %(end)s") % {"start": day(start), "end": day(end)}
    if start:
        return _("the days from %(start)s on") % {"start": day(start)}
    return _("the days up to %(end)s") % {"end": day(end)}
