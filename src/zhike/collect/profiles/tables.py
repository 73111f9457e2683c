"""What is known of each customer: the golden record and the facts, by customer_id."""

from __future__ import annotations

from dataclasses import replace

from zhike.collect.profiles.fields import CORRECTABLE
from zhike.warehouse.contracts import Column, Contract, Kind
from zhike.warehouse.entities import (
    CONTRACTS,
    EVENTS,
    INTERACTIONS,
    MESSAGES,
    ORDERS,
    PARTIES,
    RESPONSES,
)
from zhike.warehouse.entity_parts import PERSON, PROVENANCE, SOURCE, UNITS

CUSTOMER_ID = Column("customer_id", Kind.INTEGER, "The customer.", required=True)

CUSTOMER_RECORDS = Contract(
    namespace="computed",
    name="customer_records",
    grain="one key of one source, with the record that it names, if there is one",
    key=("source", "customer_key"),
    columns=(
        CUSTOMER_ID,
        SOURCE,
        Column("customer_key", Kind.TEXT, "What that source calls the customer.", required=True, personal=True),
        *(replace(column, required=False) for column in PERSON),
        *PROVENANCE[:3],
        Column("known_at", Kind.INSTANT, "When the source last changed the record, or else first knew the customer."),
        Column(
            "faults",
            Kind.TEXT,
            "Fields, set apart by blanks, whose value is ill-formed or implausible: a telephone number that cannot be "
            "dialled, a wrong check digit, an address without a street.",
        ),
    ),
    sorted_by=("customer_id", "source", "customer_key"),
    by_customer=True,
)

SOURCE_PRIORITIES = Contract(
    namespace="computed",
    name="source_priorities",
    grain="one source",
    key=("source",),
    columns=(
        SOURCE,
        *(
            Column(unit, Kind.INTEGER, f"Priority for {', '.join(names)}; lower first.")
            for unit, names in UNITS.items()
        ),
    ),
)

CORRECTIONS = Contract(
    namespace="computed",
    name="corrections",
    grain="one customer of whom staff corrected something",
    key=("customer_id",),
    columns=(
        CUSTOMER_ID,
        *(
            replace(column, kind=Kind.TEXT, one_of=(), unit="", minimum=None, past=False, default=None, required=False)
            for column in PERSON
            if column.name in CORRECTABLE
        ),
    ),
)

CUSTOMERS = Contract(
    namespace="computed",
    name="customers",
    grain="one customer",
    key=("customer_id",),
    columns=(
        CUSTOMER_ID,
        *(replace(column, required=False) for column in PERSON),
        replace(SOURCE, doc="The source of the record that gave the name, or else of the newest."),
        Column("customer_key", Kind.TEXT, "What that source calls the customer.", personal=True),
        *PROVENANCE[:3],
        Column(
            "provenance",
            Kind.TEXT,
            "For each field, as field:place, which of the customer's records it is from, counted from 0 and the newest "
            "first, or field:corrected; empty where there is one record only.",
        ),
    ),
    sorted_by=("customer_id",),
    by_customer=True,
)

# How the import came to a row is its own business; where it came from stays with the fact.
LEFT_BEHIND = ("customer_source", "customer_key", "is_correction")


def by_customer(fact: Contract, *more: Column, then_by: str) -> Contract:
    """The contract of a collected fact once its customers are known."""
    return Contract(
        namespace="computed",
        name=fact.name,
        grain=fact.grain.replace("one version of ", ""),
        key=tuple(name for name in fact.key if name not in LEFT_BEHIND),
        columns=(CUSTOMER_ID, *(column for column in fact if column.name not in LEFT_BEHIND), *more),
        sorted_by=("customer_id", then_by),
        by_customer=True,
    )


CUSTOMER_ORDERS = by_customer(ORDERS, then_by="ordered_at")
CUSTOMER_CONTRACTS = by_customer(
    CONTRACTS,
    Column(
        "current_status",
        Kind.TEXT,
        "Status on the day of the refresh, from the dates and what the source states.",
        one_of=("pending", "active", "suspended", "lapsed", "surrendered", "cancelled", "matured", "claimed"),
    ),
    Column("annual_premium_amount", Kind.DECIMAL, "Premium of a year; 0 for a single premium.", unit="currency a year"),
    then_by="started_on",
)
CUSTOMER_PARTIES = by_customer(PARTIES, then_by="contract_id")
CUSTOMER_EVENTS = by_customer(EVENTS, then_by="occurred_at")
CUSTOMER_INTERACTIONS = by_customer(INTERACTIONS, then_by="occurred_at")
CUSTOMER_MESSAGES = by_customer(MESSAGES, then_by="sent_at")
CUSTOMER_RESPONSES = by_customer(RESPONSES, then_by="occurred_at")

FACTS_BY_CUSTOMER = {
    ORDERS: CUSTOMER_ORDERS,
    CONTRACTS: CUSTOMER_CONTRACTS,
    PARTIES: CUSTOMER_PARTIES,
    EVENTS: CUSTOMER_EVENTS,
    INTERACTIONS: CUSTOMER_INTERACTIONS,
    MESSAGES: CUSTOMER_MESSAGES,
    RESPONSES: CUSTOMER_RESPONSES,
}

SEARCH_TERMS = Contract(
    namespace="computed",
    name="search_terms",
    grain="one text by which one customer can be found",
    key=("term", "kind", "customer_id"),  # looked up by it; it may repeat
    columns=(
        Column(
            "term",
            Kind.TEXT,
            "The text in small letters, without spaces, full-width characters as half-width; a telephone number as "
            "digits, without the code of the country and zeros before it.",
            required=True,
            personal=True,
        ),
        Column(
            "kind",
            Kind.TEXT,
            "What it is of the customer.",
            required=True,
            one_of=("name", "phone", "email", "id_number", "contract", "customer_key"),
        ),
        CUSTOMER_ID,
    ),
    # Over all customers and not by range, so that one look finds a term however many customers there are.
    sorted_by=("term", "kind", "customer_id"),
)

CONTRACT_PARTIES = Contract(
    namespace="computed",
    name="contract_parties",
    grain="one role of one customer in one contract of a holder",
    key=("customer_id", "source", "contract_id", "role", "party_id"),
    columns=(
        replace(CUSTOMER_ID, doc="The holder of the contract."),
        *(PARTIES[name] for name in ("source", "contract_id", "role")),
        Column("party_id", Kind.INTEGER, "The customer who takes part.", required=True),
        *(PARTIES[name] for name in ("relation_to_holder", "share", "since_on")),
    ),
    sorted_by=("customer_id", "contract_id", "role"),
    by_customer=True,
)
