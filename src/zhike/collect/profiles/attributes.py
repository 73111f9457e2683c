"""What rules may select on of who customers are, of their facts, and of those who stand in a relation to them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import ibis
from django.utils.translation import gettext_lazy as _
from ibis.expr.types import Table

from zhike.collect.profiles.relations.tables import CUSTOMER_RELATIONS
from zhike.collect.profiles.tables import (
    CONTRACT_PARTIES,
    CUSTOMER_CONTRACTS,
    CUSTOMER_EVENTS,
    CUSTOMER_INTERACTIONS,
    CUSTOMER_MESSAGES,
    CUSTOMER_ORDERS,
    CUSTOMER_RESPONSES,
    CUSTOMERS,
)
from zhike.warehouse.attributes import Attribute, AttributeSet, FactTable, Relation
from zhike.warehouse.contracts import Column, Kind
from zhike.warehouse.steps import Inputs

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

TITLES = {
    "kind": _("Person or organisation"),
    "name": _("Name"),
    "gender": _("Gender"),
    "born_on": _("Date of birth"),
    "id_type": _("Kind of identity document"),
    "id_number": _("Identity number"),
    "phone": _("Phone"),
    "phone_2": _("Second phone"),
    "email": _("E-mail"),
    "address": _("Address"),
    "province": _("Province"),
    "city": _("City"),
    "district": _("District"),
    "postal_code": _("Postal code"),
    "country": _("Country"),
    "language": _("Language"),
    "occupation": _("Occupation"),
    "employer": _("Employer"),
    "job_title": _("Position"),
    "marital_status": _("Marital status"),
    "income_amount": _("Yearly income"),
    "unit_id": _("Org unit"),
    "agent_id": _("Agent"),
    "referred_by": _("Referred by"),
    "first_seen_on": _("Known since"),
    "source": _("Source of the record"),
}
# These tell who somebody is, alone or two of them together; a city, an age or an occupation fits many.
IDENTIFYING = (
    *("name", "id_number", "phone", "phone_2", "email", "address", "referred_by"),
    *("born_on", "days_to_birthday", "postal_code", "district", "employer", "job_title", "income_amount"),
)


def _customers(inputs: Inputs) -> Table:
    customers = inputs[CUSTOMERS]
    as_of = ibis.literal(inputs.as_of)
    age = years_between(customers.born_on, as_of)
    is_person = customers.kind == "person"
    return customers.select(
        "customer_id",
        *TITLES,
        age=(is_person & (customers.born_on <= as_of)).ifelse(age, ibis.null("int64")),
        days_to_birthday=is_person.ifelse(days_to_anniversary(customers.born_on, inputs.as_of), ibis.null("int64")),
    )


def years_between(born: ibis.Value, day: ibis.Value) -> ibis.Value:
    """Completed years from one day to a later one; who was born on 29 February is a year older on 1 March."""
    had_birthday = (day.month() * 100 + day.day()) >= (born.month() * 100 + born.day())
    return (day.year() - born.year() - had_birthday.ifelse(0, 1)).cast("int64")


def days_to_anniversary(born: ibis.Value, as_of: object) -> ibis.Value:
    """Days to the next return of a day, 0 on the day itself; 29 February returns on 1 March in other years."""
    today = ibis.literal(as_of)
    this_year = ibis.date(today.year(), born.month(), ibis.literal(1)) + ibis.interval(days=1) * (born.day() - 1)
    next_year = ibis.date(today.year() + 1, born.month(), ibis.literal(1)) + ibis.interval(days=1) * (born.day() - 1)
    following = (this_year >= today).ifelse(this_year, next_year)
    return following.delta(today, unit="day").cast("int64")


ATTRIBUTE_SETS = (
    AttributeSet(
        reads=(CUSTOMERS,),
        attributes=(
            *(
                Attribute(replace(CUSTOMERS[name], required=False), title, "who", identifies=name in IDENTIFYING)
                for name, title in TITLES.items()
            ),
            Attribute(
                Column("age", Kind.INTEGER, "Completed years of a person.", unit="years", personal=True),
                _("Age"),
                "who",
            ),
            Attribute(
                Column(
                    "days_to_birthday",
                    Kind.INTEGER,
                    "Days to a person's next birthday; 0 today.",
                    unit="days",
                    personal=True,
                ),
                _("Days to birthday"),
                "who",
                identifies="days_to_birthday" in IDENTIFYING,
            ),
        ),
        compute=_customers,
    ),
)

FACT_TABLES = (
    FactTable(
        name="orders",
        title=_("Orders"),
        contract=CUSTOMER_ORDERS,
        day="ordered_on",
        at="ordered_at",
        columns=(
            *("ordered_on", "product_id", "product_name", "category", "line_of_business", "channel", "amount"),
            *("quantity", "unit_price", "discount_amount", "unit_id", "agent_id", "source"),
        ),
        counted_by=("source", "order_id"),
    ),
    FactTable(
        name="contracts",
        title=_("Contracts"),
        contract=CUSTOMER_CONTRACTS,
        day="started_on",
        at="started_on",
        columns=(
            *("started_on", "ends_on", "terminated_on", "current_status", "product_id", "product_name"),
            *("line_of_business", "channel", "premium_amount", "premium_period", "annual_premium_amount"),
            *("sum_insured_amount", "is_auto_renewed", "unit_id", "agent_id", "source"),
        ),
    ),
    FactTable(
        name="events",
        title=_("Events"),
        contract=CUSTOMER_EVENTS,
        day="occurred_on",
        at="occurred_at",
        columns=("occurred_on", "kind", "channel", "source"),
    ),
    FactTable(
        name="interactions",
        title=_("Interactions"),
        contract=CUSTOMER_INTERACTIONS,
        day="occurred_on",
        at="occurred_at",
        columns=(
            *("occurred_on", "channel", "direction", "topic", "outcome", "duration_seconds"),
            *("agent_id", "unit_id", "source"),
        ),
    ),
    FactTable(
        name="messages",
        title=_("Messages"),
        contract=CUSTOMER_MESSAGES,
        day="sent_on",
        at="sent_at",
        columns=("sent_on", "channel", "purpose", "campaign", "subject", "source"),
    ),
    FactTable(
        name="responses",
        title=_("Responses"),
        contract=CUSTOMER_RESPONSES,
        day="occurred_on",
        at="occurred_at",
        columns=("occurred_on", "kind", "campaign", "amount", "reason", "source"),
    ),
)

OF_A_PARTY = ("relation_to_holder", "since_on", "share")


def _parties(role: str) -> Relation:
    titles = {
        "insured": _("Insured of their contracts"),
        "beneficiary": _("Beneficiaries of their contracts"),
        "payer": _("Payers of their contracts"),
        "user": _("Users of their contracts"),
        "contact_person": _("Contact persons of their contracts"),
    }

    def edges(parties: Table) -> Table:
        others = parties.filter((parties.role == role) & (parties.party_id != parties.customer_id))
        return others.select("customer_id", *OF_A_PARTY, related_id="party_id")

    return Relation(role, titles[role], CONTRACT_PARTIES, edges, OF_A_PARTY)


def _holders(parties: Table) -> Table:
    others = parties.filter(parties.party_id != parties.customer_id)
    return others.select(*OF_A_PARTY, customer_id="party_id", related_id="customer_id")


OF_A_RELATION = ("role", "department", "layer", "function", "since_on")
FAMILY = ("spouse", "parent", "child", "relative")


def _related(name: str, title: _StrPromise, *kinds: str) -> Relation:
    """Those who are one of some kinds to a customer, whatever tells it."""

    def edges(relations: Table) -> Table:
        return (
            relations.filter(relations.kind.isin(kinds)).select("customer_id", "related_id", *OF_A_RELATION).distinct()
        )

    return Relation(name, title, CUSTOMER_RELATIONS, edges, OF_A_RELATION)


RELATIONS = (
    _related("household", _("Others of their household"), "household"),
    _related("family", _("Their family"), *FAMILY),
    _related("member", _("Members of the organisation"), "member"),
    _related("organisation", _("Organisations they belong to"), "organisation"),
    _related("supplier", _("Their upstream firms"), "supplier"),
    _related("buyer", _("Their downstream firms"), "buyer"),
    _related("branch", _("Their branches"), "branch"),
    _related("parent_firm", _("Their parent firm"), "parent_firm"),
    _related("referrer", _("Who referred them"), "referrer"),
    _related("referred", _("Whom they referred"), "referred"),
    *(_parties(role) for role in ("insured", "beneficiary", "payer", "user", "contact_person")),
    Relation("holder", _("Holders of contracts they take part in"), CONTRACT_PARTIES, _holders, OF_A_PARTY),
)
