"""What bands are called on pages, and the rules by which customers who are in them today are found."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.ui.navigation import Words
from zhike.ui.templatetags.formats import round_money
from zhike.understand.lifecycle.words import STAGES
from zhike.understand.migration.drivers import bands

FEATURES: dict[str, Words] = {
    bands.STAGE: gettext_lazy("Stage of life"),
    bands.TENURE: gettext_lazy("Time since the first purchase"),
    bands.SILENCE: gettext_lazy("Time since the last purchase"),
    bands.VALUE: gettext_lazy("Given in a year"),
    bands.LINES: gettext_lazy("Lines of business in use"),
    bands.CONTRACTS: gettext_lazy("Contracts in force"),
    bands.CONTACTS: gettext_lazy("Personal contacts in half a year"),
    bands.REPLY: gettext_lazy("Reply to messages of half a year"),
}
REPLIES: dict[str, Words] = {
    bands.UNWRITTEN: gettext_lazy("No message sent"),
    bands.UNANSWERED: gettext_lazy("Messages not answered"),
    bands.ANSWERED: gettext_lazy("A message answered"),
    bands.REFUSED: gettext_lazy("Messages refused"),
}
KINDS_OF_REPLY = '"unsubscribed", "complained", "refused"', '"clicked", "replied", "converted"'


def band_in_words(feature: str, band: str, upper: int | None) -> str:
    """A band, in words that tell of what; `upper` is the border of the next one, None for the last."""
    if feature == bands.STAGE:
        return str(STAGES[band])
    if feature == bands.REPLY:
        return str(REPLIES[band])
    return IN_WORDS[feature](int(band), upper)


def _lines(lower: int, upper: int | None) -> str:
    if not lower:
        return _("At most 1 line of business")
    return _counted(lower, upper, "", _("%(count)s lines of business"))


def _contracts(lower: int, upper: int | None) -> str:
    return _counted(lower, upper, _("1 contract"), _("%(count)s contracts")) if lower else _("No contract")


def _contacts(lower: int, upper: int | None) -> str:
    if not lower:
        return _("No personal contact")
    return _counted(lower, upper, _("1 personal contact"), _("%(count)s personal contacts"))


def _counted(lower: int, upper: int | None, one: str, many: str) -> str:
    said = one if lower == 1 else many % {"count": lower}
    return said if upper is not None else _("%(what)s or more") % {"what": said}


def _tenure(lower: int, upper: int | None) -> str:
    if not lower:
        return _("Customer for under a year")
    if upper is None:
        return _("Customer for %(years)s years or more") % {"years": lower}
    return _("Customer for %(lower)s to %(upper)s years") % {"lower": lower, "upper": upper}


def _silence(lower: int, upper: int | None) -> str:
    if not lower and upper is not None:
        return _("Bought within %(days)s days") % {"days": upper}
    if upper is None:
        return _("Silent for %(days)s days or longer") % {"days": lower}
    return _("Silent for %(lower)s to %(upper)s days") % {"lower": lower, "upper": upper - 1}


def _value(lower: int, upper: int | None) -> str:
    if upper is None:
        return _("Gave %(amount)s a year or more") % {"amount": round_money(lower)}
    if not lower:
        return _("Gave under %(amount)s a year") % {"amount": round_money(upper)}
    return _("Gave %(lower)s to %(upper)s a year") % {"lower": round_money(lower), "upper": round_money(upper)}


IN_WORDS: dict[str, Callable[[int, int | None], str]] = {
    bands.TENURE: lambda lower, upper: _tenure(lower // bands.YEAR, upper and upper // bands.YEAR),
    bands.SILENCE: _silence,
    bands.VALUE: _value,
    bands.LINES: _lines,
    bands.CONTRACTS: _contracts,
    bands.CONTACTS: _contacts,
}


def rule_of_band(move: str, feature: str, band: str, upper: int | None) -> str:
    """The rule of those who may make a move now, and are in a band today."""
    may = _stages(bands.MOVES[move][0] if feature != bands.STAGE else (band,))
    return may if feature == bands.STAGE else f"{may} and {_rule(feature, band, upper)}"


def rule_of_moved(move: str) -> str:
    """The rule of those who made a move within half a year."""
    come, go = bands.MOVES[move]
    before = _stages(come).replace("lifecycle_stage", "lifecycle_previous_stage")
    return f"{_stages(go)} and {before} and lifecycle_since_on within {bands.MONTHS} months"


def _stages(names: tuple[str, ...]) -> str:
    quoted = [f'"{name}"' for name in names]
    return f"lifecycle_stage = {quoted[0]}" if len(quoted) == 1 else f"lifecycle_stage in ({', '.join(quoted)})"


def _rule(feature: str, band: str, upper: int | None) -> str:
    if feature == bands.REPLY:
        return _rule_of_reply(band)
    match feature:
        case bands.TENURE:
            first = ("first_ordered_on", "first_started_on")
            return _from_to(lambda days: _any(f"days_since({one}) >= {days}" for one in first), int(band), upper)
        case bands.SILENCE:
            last = ("last_ordered_on", "last_started_on")
            return _from_to(lambda days: "not " + _any(f"days_since({one}) < {days}" for one in last), int(band), upper)
        case bands.VALUE:
            value = "yearly_amount"
        case bands.LINES:
            value = "line_count"
        case bands.CONTRACTS:
            value = "active_contract_count"
        case _:
            value = f"count(interactions in last {bands.LATELY} days)"
    return _from_to(lambda border: f"{value} >= {border}", int(band), upper, below=lambda border: f"{value} < {border}")


def _from_to(
    since: Callable[[int], str], lower: int, upper: int | None, *, below: Callable[[int], str] | None = None
) -> str:
    parts = [since(lower)] if lower else []
    if upper is not None:
        parts.append(below(upper) if below else f"not ({since(upper)})")
    return " and ".join(parts)


def _any(conditions: Iterable[str]) -> str:
    return f"({' or '.join(conditions)})"


def _rule_of_reply(band: str) -> str:
    window = f"in last {bands.LATELY} days"
    refused, answered = (f"ever(responses where kind in ({kinds}) {window})" for kinds in KINDS_OF_REPLY)
    written = f"ever(messages {window})"
    return {
        bands.REFUSED: refused,
        bands.ANSWERED: f"{answered} and not {refused}",
        bands.UNANSWERED: f"{written} and not {answered} and not {refused}",
        bands.UNWRITTEN: f"not {written} and not {answered} and not {refused}",
    }[band]
