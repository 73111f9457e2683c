"""Pure measures of behaviour: which lines are used and how, who comes back, whom contracts insure; and how many do."""

from __future__ import annotations

from datetime import date, timedelta

import ibis
from ibis import _
from ibis.expr.types import Table, Value

from zhike.understand.behaviour.tables import INSURED, MOST_CONTRACTS
from zhike.understand.value.measures import MONEY, days_between, rounded

YEAR = timedelta(days=365)
# What sources say that an insured is to the holder; everything else is somebody else.
RELATIONS = {
    "self": ("self", "本人", "投保人"),
    "spouse": ("spouse", "husband", "wife", "配偶", "夫妻", "丈夫", "妻子"),
    "child": ("child", "son", "daughter", "子女", "儿子", "女儿"),
    "parent": ("parent", "father", "mother", "父母", "父亲", "母亲"),
}


def line_use(orders: Table, contracts: Table, *, as_of: date) -> Table:
    """One row per customer and line of business ever used: how it is used, and what it brings in a year.

    A line is in use with a contract in force or an order within the last 365 days. Of those in use, main is the one
    that brings most, by the premium of a year and the orders of the last; of equals, the first in the alphabet.
    Orders after `as_of` and contracts that are still to begin do not count.
    """
    is_lately = orders.ordered_on > ibis.literal(as_of - YEAR)
    ordered = orders.filter(orders.ordered_on <= ibis.literal(as_of)).select(
        *("customer_id", "line_of_business"),
        is_used=is_lately.cast("int64"),
        amount=is_lately.ifelse(orders.amount, 0).cast(MONEY),
    )
    is_active = contracts.current_status == "active"
    held = contracts.filter(contracts.current_status != "pending").select(
        *("customer_id", "line_of_business"),
        is_used=is_active.cast("int64"),
        amount=is_active.ifelse(contracts.annual_premium_amount.fill_null(0), 0).cast(MONEY),
    )
    lines = (
        ordered.union(held)
        .group_by("customer_id", "line_of_business")
        .agg(is_used=_.is_used.max(), yearly_amount=_.amount.sum().fill_null(0).cast(MONEY))
    )
    order = [ibis.desc("is_used"), ibis.desc("yearly_amount"), "line_of_business"]
    ranked = lines.mutate(place=ibis.row_number().over(ibis.window(group_by="customer_id", order_by=order)))
    use = ibis.cases((ranked.is_used == 0, "dormant"), (ranked.place == 0, "main"), else_="sometimes")
    return ranked.select("customer_id", "line_of_business", use=use, yearly_amount="yearly_amount")


def lines_together(use: Table) -> Table:
    """One row per customer: lines in use and dormant, the main one with its share, and what all bring in a year."""
    is_main = use.use == "main"
    summed = use.group_by("customer_id").agg(
        line_count=(use.use != "dormant").cast("int64").sum(),
        dormant_line_count=(use.use == "dormant").cast("int64").sum(),
        main_line=use.line_of_business.max(where=is_main),
        main_amount=use.yearly_amount.max(where=is_main).cast("float64"),
        yearly_amount=use.yearly_amount.sum().cast(MONEY),
    )
    share = rounded(summed.main_amount / summed.yearly_amount.cast("float64").nullif(0), places=4)
    return summed.mutate(main_line_share=share).drop("main_amount")


def days_to_second(purchases: Table, first: Table, *, as_of: date) -> Table:
    """One row per customer who bought on a second day: how many days after the first.

    `purchases` has `customer_id` and `bought_on`, `first` the `first_on` of each customer; later ones are left out.
    """
    both = purchases.inner_join(first.select("customer_id", "first_on"), "customer_id")
    later = both.filter((both.bought_on > both.first_on) & (both.bought_on <= ibis.literal(as_of)))
    second = later.group_by("customer_id", "first_on").agg(second_on=_.bought_on.min())
    return second.select("customer_id", days=days_between(second.first_on, second.second_on))


def insured_of_holders(contracts: Table, parties: Table) -> Table:
    """One row per holder of whom it is known: whether contracts in force insure them, their family, or others."""
    active = contracts.filter(contracts.current_status == "active").select("customer_id", "source", "contract_id")
    insured = parties.filter(parties.role == "insured").select(
        "customer_id", "source", "contract_id", whom=_relation(parties)
    )
    joined = insured.inner_join(active, ["customer_id", "source", "contract_id"])
    return joined.group_by("customer_id").agg(**{f"insures_{whom}": (joined.whom == whom).any() for whom in INSURED})


def _relation(parties: Table) -> Value:
    # Not strip(): in the SQL that Ibis writes for Spark it takes letters v and f off, too.
    word = parties.relation_to_holder.lower().re_replace(r"\s", "")
    said = (((word.isin(words)), whom) for whom, words in RELATIONS.items())
    return ibis.cases((parties.party_id == parties.customer_id, "self"), *said, else_="other")


def customer_behaviour(lines: Table, second_orders: Table, second_contracts: Table, insured: Table) -> Table:
    """One row per customer who used any line, with what the other measures say of them."""
    parts = (
        second_orders.select(order_customer="customer_id", days_to_second_order="days"),
        second_contracts.select(contract_customer="customer_id", days_to_second_contract="days"),
        insured.rename(insured_customer="customer_id"),
    )
    for part in parts:
        key = part.columns[0]
        lines = lines.left_join(part, lines.customer_id == part[key]).drop(key)
    return lines


def by_unit(values: Table, customers: Table) -> Table:
    """The rows with the org unit of their customer; empty where they have none."""
    units = customers.select("customer_id", unit_id=customers.unit_id.fill_null(""))
    return values.inner_join(units, "customer_id")


def repeat_counts(first: Table, *, kind: str, as_of: date) -> Table:
    """One row per org unit and month of the first purchase: customers, who came back, and who did within 365 days.

    `first` has for each customer `unit_id`, `first_on` and the `days` to the second purchase, if there was one. Within
    a year came back who did so of those whose first purchase is a year ago: others have not had the time.
    """
    known = first.filter(first.first_on <= ibis.literal(as_of))
    is_watched = known.first_on <= ibis.literal(as_of - YEAR)
    is_back = is_watched & (known.days <= YEAR.days).fill_null(False)
    cohort = ibis.date(known.first_on.year(), known.first_on.month(), 1)
    return known.group_by("unit_id", kind=ibis.literal(kind), cohort_on=cohort).agg(
        customers=known.count(),
        repeaters=known.days.count(),
        watched=is_watched.cast("int64").sum(),
        within_a_year=is_back.cast("int64").sum(),
    )


def contracts_each(held: Table) -> Table:
    """One row per org unit and number of contracts in force: holders, contracts and yearly premium."""
    active = held.filter(held.active_contract_count > 0)
    number = ibis.least(active.active_contract_count, MOST_CONTRACTS).cast("int64")
    return active.group_by("unit_id", contracts=number).agg(
        holders=_.count(),
        contract_count=_.active_contract_count.sum(),
        annual_premium_amount=_.annual_premium_amount.sum().cast(MONEY),
    )


def insured_counts(behaviour: Table) -> Table:
    """One row per org unit and combination of whom holders insure: how many of whom it is known do."""
    known = behaviour.filter(behaviour.insures_self.notnull())
    return known.group_by("unit_id", *(f"insures_{whom}" for whom in INSURED)).agg(holders=_.count())


def agent_counts(customers: Table, held: Table, behaviour: Table) -> Table:
    """One row per org unit and agent: customers, their contracts in force, and what they bring in a year."""
    cared = customers.filter(customers.agent_id.notnull() & (customers.agent_id != ""))
    cared = cared.select("customer_id", "agent_id", unit_id=cared.unit_id.fill_null(""))
    contracts = held.select(holder="customer_id", contracts="active_contract_count")
    amounts = behaviour.select(buyer="customer_id", amount="yearly_amount")
    both = cared.left_join(contracts, cared.customer_id == contracts.holder)
    both = both.left_join(amounts, both.customer_id == amounts.buyer)
    return both.group_by("unit_id", "agent_id").agg(
        customers=_.count(),
        contract_count=_.contracts.sum().fill_null(0),
        yearly_amount=_.amount.sum().fill_null(0).cast(MONEY),
    )


def line_counts(use: Table) -> Table:
    """One row per org unit, line of business and use of it: customers, and what they bring in a year."""
    return use.group_by("unit_id", "line_of_business", "use").agg(
        customers=_.count(), yearly_amount=_.yearly_amount.sum().cast(MONEY)
    )


def line_pairs(use: Table) -> Table:
    """One row per org unit and two lines of business, also one and itself: customers who use both now."""
    used = use.filter(use.use != "dormant").select("customer_id", "unit_id", "line_of_business")
    other = used.select("customer_id", other_line="line_of_business")
    both = used.inner_join(other, "customer_id")
    return both.group_by("unit_id", "line_of_business", "other_line").agg(customers=_.count())


def lines_each(behaviour: Table) -> Table:
    """One row per org unit and number of lines in use: customers, and what they bring in a year."""
    return behaviour.group_by("unit_id", "line_count").agg(
        customers=_.count(), yearly_amount=_.yearly_amount.sum().cast(MONEY)
    )
