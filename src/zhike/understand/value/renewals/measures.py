"""Pure measures of renewals: how often each contract was renewed, how many did so, and what is expected of holders."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from datetime import date

import ibis
from ibis import _
from ibis.expr.types import Table

from zhike.collect.profiles.measures import ENDED, LEFT
from zhike.understand.value.measures import MONEY, months_between, rounded

# Months from one payment to the next: at each of them a contract is renewed or ends.
MONTHS = {"weekly": 1, "monthly": 1, "quarterly": 3, "half_yearly": 6}
YEAR = 12
# A contract lapses so long after the payment that did not come (in China by law: Insurance Law, article 36).
GRACE = 60  # days
OPEN = -1  # renewals left where no end was agreed
MOST = 600  # renewals that are told apart


def renewal_histories(contracts: Table, *, until: date, later_until: date | None = None) -> Table:
    """One row per contract that begins by the day `until`: how often it was renewed by then, and whether it ended.

    A single premium is never renewed and left out, and so is a contract that ended nobody knows when. Who left on the
    day of a renewal did not renew, and what lapsed was not renewed a grace period before. What matured or ended with a
    claim was seen until then. With `later_until`, `left_later` says whether it was left after `until`, up to that day,
    and `renewed_later` how often it was renewed in between.
    """
    day, status = ibis.literal(until), contracts.current_status
    end = ibis.coalesce(contracts.terminated_on, contracts.ends_on)
    is_over = _over_by(until, status, end)
    begun = (contracts.started_on <= day) & (contracts.premium_period.fill_null("yearly") != "single")
    length = ibis.cases(*((contracts.premium_period == name, count) for name, count in MONTHS.items()), else_=YEAR)
    known = contracts.select(
        "customer_id",
        "line_of_business",
        "annual_premium_amount",
        started_on="started_on",
        ends_on=contracts.is_auto_renewed.fill_null(False).ifelse(ibis.null("date"), contracts.ends_on),
        period_months=length.cast("int64"),
        has_ended=is_over & status.isin(LEFT),
        is_in_force=~is_over,
        seen_until=_seen_until(contracts, end, is_over, until),
        begun=begun & ~(is_over & end.isnull()),
        **_seen_later(contracts, end, is_over, later_until),
    )
    known = known.filter(known.begun)
    renewed = months_between(known.started_on, known.seen_until) // known.period_months
    left = months_between(day, known.ends_on) // known.period_months
    return known.select(
        "customer_id",
        "line_of_business",
        "period_months",
        "annual_premium_amount",
        "started_on",
        "has_ended",
        "is_in_force",
        **_told_later(known, renewed, left),
        renewed_count=ibis.least(renewed.cast("int64"), MOST),
        renewals_left=known.ends_on.isnull().ifelse(OPEN, ibis.greatest(ibis.least(left.cast("int64"), MOST), 0)),
    )


def _over_by(day: date, status: ibis.Value, end: ibis.Value) -> ibis.Value:
    return status.isin(ENDED) & (end.isnull() | (end <= ibis.literal(day)))


def _seen_later(
    contracts: Table, end: ibis.Value, is_over: ibis.Value, later_until: date | None
) -> dict[str, ibis.Value]:
    """How long each was seen by a later day, and whether it was left by then; nothing where no such day is asked."""
    if later_until is None:
        return {}
    status = contracts.current_status
    left = ~is_over & status.isin(LEFT) & (end <= ibis.literal(later_until)).fill_null(False)
    over = _over_by(later_until, status, end)
    return {"left_later": left, "seen_later": _seen_until(contracts, end, over, later_until)}


def _told_later(known: Table, renewed: ibis.Value, left: ibis.Value) -> dict[str, ibis.Value]:
    """How often each was renewed later, of contracts renewed so often with so many renewals left before."""
    if "seen_later" not in known.columns:
        return {}
    by_then = months_between(known.started_on, known.seen_later) // known.period_months
    # An agreed end is no renewal; who lapsed before the first day that counts was not renewed less than before.
    most = known.ends_on.isnull().ifelse(MOST, ibis.greatest(left, 0)).cast("int64")
    since = ibis.greatest(ibis.least((by_then - renewed).cast("int64"), most), 0)
    return {"left_later": known.left_later, "renewed_later": known.is_in_force.ifelse(since, 0)}


def _seen_until(contracts: Table, end: ibis.Value, is_over: ibis.Value, until: date) -> ibis.Value:
    status = contracts.current_status
    return ibis.cases(
        (is_over & (status == "lapsed"), ibis.greatest(end - ibis.interval(days=GRACE + 1), contracts.started_on)),
        (is_over & status.isin(LEFT), ibis.greatest(end - ibis.interval(days=1), contracts.started_on)),
        (is_over, end),
        else_=ibis.literal(until),
    ).cast("date")


def renewal_counts(histories: Table) -> Table:
    """One row per line, length of period, number of renewals and whether it ended: contracts.

    Where what came later is known: by the renewals that were left, too, with `left_later`, the yearly premium of those
    in force, and `paid_later`, what was due of it at the renewals that came.
    """
    by = ["line_of_business", "period_months", "renewed_count", "has_ended", "is_in_force"]
    if "left_later" not in histories.columns:
        return histories.group_by(by).agg(contracts=_.count())
    yearly = histories.is_in_force.ifelse(histories.annual_premium_amount.fill_null(0), 0).cast("float64")
    paid = yearly * histories.renewed_later * histories.period_months / YEAR
    told = histories.mutate(yearly=yearly, paid=paid)
    return told.group_by([*by, "renewals_left"]).agg(
        contracts=_.count(),
        left_later=_.left_later.cast("int64").sum(),
        premium=rounded(_.yearly.sum(), places=4),
        paid_later=rounded(_.paid.sum(), places=4),
    )


def contracts_in_force(histories: Table) -> Table:
    """One row per line, length of period, renewals so far and to come: contracts in force.

    With their yearly premium, and the squares of that of each summed up.
    """
    of_those = histories.filter(histories.is_in_force)
    by = ["line_of_business", "period_months", "renewed_count", "renewals_left"]
    premium = of_those.annual_premium_amount.sum().fill_null(0).cast(MONEY)
    each = of_those.annual_premium_amount.cast("float64").fill_null(0.0)
    # Engines add up in different orders: what differs then is no premium.
    squared = rounded((each * each).sum(), places=2)
    return of_those.group_by(by).agg(contract_count=_.count(), annual_premium_amount=premium, squared_premium=squared)


def customer_renewals(histories: Table, cells: Table) -> Table:
    """One row per holder of a contract in force of which `cells` say something; see the contract of the same name.

    A contract that runs out before another renewal has no chance of one, and is left out of the lowest chance.
    """
    by = ["line_of_business", "period_months", "renewed_count", "renewals_left"]
    of_cells = cells.select(*by, "renewal_probability", "years_of_premium", "years_ever")
    said = histories.filter(histories.is_in_force).inner_join(of_cells, by)
    months = (said.renewed_count + 1) * said.period_months
    due = said.mutate(
        next_on=(said.started_on + months.as_interval("M")).cast("date"),
        premium=said.annual_premium_amount.cast("float64").fill_null(0.0),
    )
    found = due.group_by("customer_id").agg(
        renewal_probability=due.renewal_probability.min(where=due.renewals_left != 0),
        next_renewal_on=due.next_on.min(where=due.renewals_left != 0),
        expected_premium_amount=(due.premium * due.years_of_premium).sum(),
        contract_lifetime_amount=(due.premium * due.years_ever).sum(),
    )
    money = {
        name: rounded(found[name], places=4).cast(MONEY)
        for name in ("expected_premium_amount", "contract_lifetime_amount")
    }
    return found.mutate(**money)


def renewal_bands(renewals: Table, borders: Sequence[float]) -> Table:
    """One row per number of borders that are not above the chance of renewal: customers who have such a chance."""
    known = renewals.filter(renewals.renewal_probability.notnull())
    passed = [(known.renewal_probability >= border).cast("int64") for border in borders]
    return known.mutate(band=functools.reduce(lambda a, b: a + b, passed)).group_by("band").agg(customers=_.count())
