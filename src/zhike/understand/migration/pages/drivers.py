"""What the page says of what drives moves: a forest plot, and what cannot be told."""

from __future__ import annotations

import math
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.collect.profiles.links import customers_url
from zhike.ui.forest import Forest
from zhike.ui.navigation import Words
from zhike.ui.templatetags.formats import day, number, share
from zhike.understand.migration.drivers import bands
from zhike.understand.migration.drivers.queries import DrivenMove, DrivenMoves, DrivingBand
from zhike.understand.migration.drivers.study import FEWEST
from zhike.understand.migration.drivers.words import FEATURES, band_in_words, rule_of_band, rule_of_moved

MOVES: dict[str, Words] = {bands.FELL: gettext_lazy("Who fell"), bands.GREW: gettext_lazy("Who grew")}
COUNTED: dict[str, Words] = {bands.FELL: gettext_lazy("Of them fell"), bands.GREW: gettext_lazy("Of them grew")}


@dataclass(frozen=True)
class DriversShown:
    """The section of one move."""

    move: str
    choices: list[tuple[str, Words]]
    summary: str
    moved_url: str
    chart: Forest | None
    refusal: str
    notes: list[str]


def drivers_shown(found: DrivenMoves, move: str, unit: str) -> DriversShown | None:
    """The section of a move; None where the refresh in force does not know of it, or nobody might have moved."""
    known = {one.move: one for one in found.moves if one.customers}
    if not known:
        return None
    one = known.get(move) or next(iter(known.values()))
    return DriversShown(
        move=one.move,
        choices=[(name, MOVES[name]) for name in known],
        summary=_summary(found, one),
        moved_url=customers_url(rule_of_moved(one.move), unit),
        chart=None if one.refusal else _forest(one, unit),
        refusal=_refusal(one),
        notes=_notes(one),
    )


def _summary(found: DrivenMoves, one: DrivenMove) -> str:
    said = {
        "customers": number(one.customers),
        "known": day(found.known_on),
        "moved": number(one.moved),
        "share": share(one.moved / one.customers),
        "looked": day(found.looked_on),
    }
    if one.move == bands.FELL:
        return (
            _(
                "Of %(customers)s customers who were stable or growing on %(known)s, %(moved)s (%(share)s) were "
                "declining or interrupted on %(looked)s."
            )
            % said
        )
    return (
        _("Of %(customers)s customers who were stable on %(known)s, %(moved)s (%(share)s) were growing on %(looked)s.")
        % said
    )


def _forest(one: DrivenMove, unit: str) -> Forest:
    shown = [band for band in one.bands if band.odds_ratio is not None or band.without == "reference"]
    return Forest(
        finding=_finding(one),
        category=_("Known before"),
        measure=_("Odds ratio"),
        labels=[_label(band) for band in shown],
        values=[1.0 if band.odds_ratio is None else band.odds_ratio for band in shown],
        lows=[1.0 if band.low is None else band.low for band in shown],
        highs=[1.0 if band.high is None else band.high for band in shown],
        links=[customers_url(rule_of_band(one.move, band.feature, band.band, band.upper), unit) for band in shown],
        notes=[
            [number(band.customers), f"{number(band.moved)} ({share(band.moved / band.customers)})"] for band in shown
        ],
        note_titles=[_("Customers then"), COUNTED[one.move]],
    )


def _of(band: DrivingBand) -> str:
    return f"{number(band.moved)} ({share(band.moved / band.customers)})"


def _label(band: DrivingBand) -> str:
    said = _words(band)
    return _("%(band)s (reference)") % {"band": said} if band.without == "reference" else said


def _words(band: DrivingBand) -> str:
    return band_in_words(band.feature, band.band, band.upper)


def _finding(one: DrivenMove) -> str:
    """The band whose interval lies furthest from 1."""
    sure = [(_surely(band), band) for band in one.bands if _surely(band) > 0]
    if not sure:
        return _("Nothing that was known before surely sets those who moved apart")
    _far, band = max(sure, key=lambda pair: pair[0])
    reference = one.reference(band.feature)
    assert reference is not None
    said = {
        "band": _words(band),
        "ratio": number(band.odds_ratio),
        "low": number(band.low),
        "high": number(band.high),
        "reference": _words(reference),
    }
    if one.move == bands.FELL:
        return (
            _(
                "“%(band)s” multiplies the odds of falling by %(ratio)s (%(low)s to %(high)s), compared with "
                "“%(reference)s”: nothing weighs more"
            )
            % said
        )
    return (
        _(
            "“%(band)s” multiplies the odds of growing by %(ratio)s (%(low)s to %(high)s), compared with "
            "“%(reference)s”: nothing weighs more"
        )
        % said
    )


def _surely(band: DrivingBand) -> float:
    """How far the interval lies from 1, on the scale of logarithms; 0 where it does not leave it out."""
    if band.low is None or band.high is None or band.low <= 0:
        return 0.0
    return max(math.log(band.low), -math.log(band.high), 0.0)


def _refusal(one: DrivenMove) -> str:
    match one.refusal:
        case "few":
            return _(
                "%(moved)s moved and %(stayed)s did not: for odds ratios, %(fewest)s of either kind are needed."
            ) % {"moved": number(one.moved), "stayed": number(one.customers - one.moved), "fewest": FEWEST}
        case "alike":
            return _("All customers were alike in what was known before, so that nothing can be compared.")
        case "separated":
            listed = ", ".join(str(FEATURES[name]) for name in one.named)
            return _("Together, %(named)s tell perfectly who moved: odds ratios have no limit.") % {"named": listed}
    return ""


def _notes(one: DrivenMove) -> list[str]:
    found = []
    if one.is_thin:
        thin = _("There are %(each)s customers of the rarer outcome for each odds ratio. Under 10, little holds.")
        found.append(thin % {"each": number(round(one.events_each or 0, 1))})
    for band in one.bands:
        said = {"band": _words(band), "customers": number(band.customers)}
        if band.without == "nobody":
            found.append(_("Of %(customers)s with “%(band)s”, nobody moved: no odds ratio can be given.") % said)
        elif band.without == "everybody":
            found.append(_("Of %(customers)s with “%(band)s”, everybody moved: no odds ratio can be given.") % said)
    repeated = dict.fromkeys(band.feature for band in one.bands if band.without == "repeats")
    found += [
        _("“%(feature)s” says no more than what stands before it, and is left out.") % {"feature": FEATURES[name]}
        for name in repeated
    ]
    return found
