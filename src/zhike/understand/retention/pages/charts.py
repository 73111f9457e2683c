"""The charts of who stays, each titled with its answer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _

from zhike.collect.profiles.links import customers_url
from zhike.collect.profiles.words import VALUES
from zhike.stats.weighted import ratio
from zhike.ui.charts import HeatMap, Trend
from zhike.ui.navigation import Words
from zhike.ui.pareto import Pareto
from zhike.ui.templatetags.formats import number, share
from zhike.understand.retention.pages.links import of_reason
from zhike.understand.retention.queries import Cohort, Group, Reason, Staying, title_of_group

MONTHS = (0, 1, 2, 3, 4, 5, 6, 9, 12, 15, 18, 21, 24, 30, 36)
HALF_YEAR = 6
MOST_ROWS = 14
LONGEST = 120  # months of the curve
FEWEST = 20  # customers of whom a share is a finding
SHOWN_REASONS = 12
TOLD = (60, 36, 24, 12)
SURE = 0.05  # below it, chance alone is unlikely


def name_of_cohort(one: Cohort, *, quarterly: bool) -> str:
    """What a cohort is called: 2026-05, 2026-Q2."""
    began = one.began_on
    return f"{began.year}-Q{(began.month + 2) // 3}" if quarterly else f"{began:%Y-%m}"


def triangle(found: Sequence[Cohort], *, basis: str, quarterly: bool, unit: str) -> HeatMap:
    """The share of each cohort that was there after so many months; the newest at the bottom."""
    shown = found[-MOST_ROWS:]
    months = [month for month in MONTHS if any(one.share(month) is not None for one in shown)]
    names = [name_of_cohort(one, quarterly=quarterly) for one in shown]
    links = [_customers(one, quarterly=quarterly, basis=basis, unit=unit) for one in shown]
    return HeatMap(
        finding=_of_cohorts(shown, names, basis),
        x_title=_("Months since"),
        y_title=_("Came in"),
        measure=_("Share that was there"),
        x_labels=[str(month) for month in months],
        y_labels=names,
        values=[[one.share(month) for month in months] for one in shown],
        format="share",
        # Months are counted from each customer's own first day, which no rule can do, but of all who ordered first;
        # of the newest some have not completed the first.
        links=[
            [link if basis == "orders" and not month and one is not shown[-1] else "" for month in months]
            for one, link in zip(shown, links, strict=True)
        ],
        y_links=links,
        notes=[[_note(one, month) for month in months] for one in shown],
        first_on_top=True,
    )


def _note(one: Cohort, month: int) -> str:
    said = {"count": number(one.retained.get(month, 0)), "total": number(one.customers)}
    return _("%(count)s of %(total)s customers") % said


def _of_cohorts(shown: Sequence[Cohort], names: Sequence[str], basis: str) -> str:
    known = [
        (value, name)
        for one, name in zip(shown, names, strict=True)
        if one.customers >= FEWEST and (value := one.share(HALF_YEAR)) is not None
    ]
    if not known:
        return _("No cohort of twenty or more has been watched for half a year")
    (worst, of_worst), (best, of_best) = min(known), max(known)
    if worst == best:
        return _("Half a year on, %(share)s of every cohort are there") % {"share": share(best)}
    said = {"best": share(best), "of_best": of_best, "worst": share(worst), "of_worst": of_worst}
    if basis == "orders":
        return (
            _("Half a year on, %(best)s of those of %(of_best)s ordered again, and %(worst)s of those of %(of_worst)s")
            % said
        )
    return (
        _("Half a year on, %(best)s of those of %(of_best)s are there, and %(worst)s of those of %(of_worst)s") % said
    )


def _customers(one: Cohort, *, quarterly: bool, basis: str, unit: str) -> str:
    months = one.began_on.year * 12 + one.began_on.month - 1 + (3 if quarterly else 1)
    end = date(months // 12, months % 12 + 1, 1)
    bought = "first_ordered_on {sign} {day}"
    rule = " and ".join(bought.format(sign=sign, day=day) for sign, day in ((">=", one.began_on), ("<", end)))
    if basis == "presence":
        rule = (
            f"(first_ordered_on < {end} or first_started_on < {end})"
            f" and not (first_ordered_on < {one.began_on}) and not (first_started_on < {one.began_on})"
        )
    return customers_url(rule, unit)


def curves(found: Sequence[Cohort]) -> Trend | None:
    """The same by year in which they came, one line each, as far as all of that year have been watched.

    None where no two months are to be seen.
    """
    by_year = {
        year: [one for one in found if one.began_on.year == year] for year in {one.began_on.year for one in found}
    }
    lines = [
        (str(year), [_of_all(by_year[year], month) for month in range(MONTHS[-1] + 1)]) for year in sorted(by_year)
    ]
    lines = [(year, values) for year, values in lines if values[1] is not None]
    if not lines:
        return None
    last = max(month for _year, values in lines for month, value in enumerate(values) if value is not None)
    return Trend(
        finding=_of_years([by_year[year] for year in sorted(by_year)]),
        category=_("Months since"),
        measure=_("Share that was there"),
        days=[str(month) for month in range(last + 1)],
        lines=[(year, values[: last + 1]) for year, values in lines[-4:]],
        format="share",
    )


def _of_all(found: Sequence[Cohort], month: int) -> float | None:
    """The share of all cohorts together; None unless each has completed the month."""
    if any(one.share(month) is None for one in found):
        return None
    return sum(one.retained.get(month, 0) for one in found) / sum(one.customers for one in found)


def _of_years(years: Sequence[Sequence[Cohort]]) -> str:
    """Whether those of the last year that was watched for half a year stay otherwise than those of the year before."""
    known = [of_year for of_year in years if _of_all(of_year, HALF_YEAR) is not None]
    if len(known) < 2:
        return _("How many are there after how many months, by year in which they came")
    (kept, all_before), (keep, everybody) = (
        (sum(one.retained.get(HALF_YEAR, 0) for one in of_year), sum(one.customers for one in of_year))
        for of_year in known[-2:]
    )
    said = {
        "before": str(known[-2][0].began_on.year),
        "was": share(kept / all_before),
        "after": str(known[-1][0].began_on.year),
        "now": share(keep / everybody),
    }
    between = ratio(keep, everybody, kept, all_before)
    if between.low > 1:
        return (
            _("Who came in %(after)s stays better: %(now)s after half a year, against %(was)s of those of %(before)s")
            % said
        )
    if between.high < 1:
        return (
            _("Who came in %(after)s stays worse: %(now)s after half a year, against %(was)s of those of %(before)s")
            % said
        )
    return _("Who came in %(after)s stays as those of %(before)s did: %(now)s and %(was)s after half a year") % said


def survival(found: Staying, by: str) -> Trend | None:
    """The Kaplan–Meier curve month by month, of all or of each group, with its band; None where no month was seen."""
    assert found.all is not None
    groups = found.groups or (found.all,)
    last = min(LONGEST, math.floor(max(float(one.stays.durations[-1]) for one in groups)))
    if last < 1:
        return None
    lines: list[tuple[Words, Sequence[float | None]]] = []
    bands: list[tuple[Sequence[float | None], Sequence[float | None]]] = []
    for one in groups:
        points = [one.curve.after(float(month)) for month in range(last + 1)]
        lines.append(
            (
                group_name(by, one) if found.groups else "",
                [None if at is None else round(at.survival, 4) for at in points],
            )
        )
        bands.append(
            (
                [None if at is None else round(at.interval.low, 4) for at in points],
                [None if at is None else round(at.interval.high, 4) for at in points],
            )
        )
    return Trend(
        finding=_longest(found, by),
        category=_("Months"),
        measure=_("Share still there"),
        days=[str(month) for month in range(last + 1)],
        lines=lines,
        bands=bands,
        format="share",
        is_stepped=True,
    )


def group_name(by: str, one: Group) -> str:
    """What a group is called."""
    if not one.name:
        return str(_("All"))
    if by in VALUES:
        return str(VALUES[by].get(one.name, one.name))
    return title_of_group(by, one.name)


def _longest(found: Staying, by: str) -> str:
    assert found.all is not None
    groups = found.groups or (found.all,)
    months = _told_until(groups)
    known = [(point, one) for one in groups if (point := one.curve.after(float(months)))]
    if len(known) < len(groups):
        return _("Nobody has been watched for half a year")
    if not found.groups:
        point = known[0][0]
        return _("After %(months)s months %(share)s are still there (%(low)s to %(high)s)") % {
            "months": months,
            "share": share(point.survival),
            "low": share(point.interval.low),
            "high": share(point.interval.high),
        }
    (most, best), *_others, (least, worst) = sorted(known, key=lambda one: -one[0].survival)
    said = {
        "months": months,
        "best": group_name(by, best),
        "most": share(most.survival),
        "worst": group_name(by, worst),
        "least": share(least.survival),
    }
    if found.log_rank and found.log_rank.p < SURE:
        return _("After %(months)s months %(most)s of “%(best)s” are still there, and %(least)s of “%(worst)s”") % said
    return _("Chance would explain it: after %(months)s months %(most)s of “%(best)s”, %(least)s of “%(worst)s”") % said


def _told_until(groups: Sequence[Group]) -> int:
    """The longest of some round times up to which enough of every group were watched."""
    for months in TOLD:
        if all((point := one.curve.after(float(months))) and point.at_risk >= FEWEST for one in groups):
            return months
    return HALF_YEAR


def pareto(found: Sequence[Reason], kind: str, *, unit: str, as_of: date) -> Pareto | None:
    """What is known of why customers left; None where nothing is. A bar leads to them where a rule can say who."""
    known = [one for one in found if one.reason]
    if not known:
        return None
    shown, rest = known[:SHOWN_REASONS], sum(one.count for one in known[SHOWN_REASONS:])
    labels = [
        str(VALUES["current_status"].get(one.reason, one.reason)) if kind == "ended" else one.reason for one in shown
    ]
    values = [one.count for one in shown]
    links = [of_reason(kind, one.reason, unit, as_of) for one in shown]
    if rest:
        labels, values, links = [*labels, _("others")], [*values, rest], [*links, ""]
    whole = sum(values)
    return Pareto(
        finding=_("“%(reason)s” makes up %(share)s of what is known")
        % {"reason": labels[0], "share": share(values[0] / whole)},
        category=_("Reason"),
        measure=_("Answers") if kind == "response" else _("Contracts"),
        labels=labels,
        values=values,
        links=links if any(links) else (),
    )
