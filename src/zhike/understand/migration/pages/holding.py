"""What the page says of whether its forecast may be believed: how one of a year ago fared, and what changed since."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from zhike.stats.markov.drifting import Drift
from zhike.stats.markov.forecasts import HeldOut
from zhike.ui.templatetags.formats import number, share
from zhike.understand.migration.pages.charts import Called
from zhike.understand.migration.study import Migration

FEWEST_WITHIN = 0.8  # of what came must be within intervals that promise 95%
SURE, MATERIAL = 0.05, 0.02  # a change that is beyond chance, and of one move in fifty at least


@dataclass(frozen=True)
class Holding:
    """A sentence, and whether it is a warning."""

    text: str
    is_warning: bool = False


@dataclass(frozen=True)
class Tried:
    """Of one state: what was forecast a year ago for the last month, with its interval, and what came."""

    title: str
    said: str
    between: str
    came: str
    is_within: bool


def holdings(found: Migration, called: Called) -> list[Holding]:
    """How the forecast of a year ago fared, and whether customers moved alike all the time."""
    listed = [] if found.held_out is None else [_fared(found.held_out)]
    if found.held_out is None and found.forecast is not None:
        listed.append(Holding(_("How such a forecast fared cannot be told yet: that takes two years of months.")))
    return [*listed, *([] if found.drift is None else [_drifted(found.drift, found, called)])]


def tried(found: Migration, called: Called) -> list[Tried]:
    """Of each state what was forecast a year ago; nothing where that cannot be told."""
    held = found.held_out
    if held is None or held.said.low is None or held.said.high is None:
        return []
    columns = (held.said.values[-1], held.said.low[-1], held.said.high[-1], held.came[-1])
    return [
        Tried(
            title=called.titles[state],
            said=number(round(said)),
            between=_("%(low)s to %(high)s") % {"low": number(round(low)), "high": number(round(high))},
            came=number(round(came)),
            is_within=bool(low <= came <= high),
        )
        for state, said, low, high, came in zip(found.observed.states, *(one.tolist() for one in columns), strict=True)
    ]


def _fared(held: HeldOut) -> Holding:
    said = {"within": share(held.within), "error": share(held.error)}
    if held.within < FEWEST_WITHIN:
        return Holding(
            _(
                "Take care: of what came in the last twelve months only %(within)s was within the intervals of a "
                "forecast made before them, and its last month missed %(error)s of all customers. Customers do not "
                "move as such a forecast takes for granted."
            )
            % said,
            is_warning=True,
        )
    return Holding(
        _(
            "Tried on the last twelve months: of what came, %(within)s was within the intervals of a forecast made "
            "before them, and its last month missed %(error)s of all customers."
        )
        % said
    )


def _drifted(drift: Drift, found: Migration, called: Called) -> Holding:
    p = "< 0.001" if drift.p < 0.001 else f"= {drift.p:.3f}"
    if drift.p >= SURE:
        return Holding(
            _("Customers moved alike in both halves of the months that are known, as far as can be told: p %(p)s.")
            % {"p": p}
        )
    come, go = (called.titles[found.observed.states[place]] for place in drift.place)
    said = {
        "come": come,
        "go": go,
        "before": share(drift.before),
        "after": share(drift.after),
        "distance": share(drift.distance),
        "p": p,
    }
    return Holding(
        _(
            "Customers did not move alike all the time: %(distance)s of the moves went elsewhere in the later half of "
            "the months that are known than in the earlier (p %(p)s). Most changed: of “%(come)s”, %(before)s and then "
            "%(after)s were “%(go)s” a month later."
        )
        % said,
        is_warning=drift.distance >= MATERIAL,
    )
