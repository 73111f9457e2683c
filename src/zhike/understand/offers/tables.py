"""Contracts of the rule base as a refresh found it, and of what each customer is to be offered next."""

from __future__ import annotations

from zhike.collect.profiles.tables import CUSTOMER_ID
from zhike.warehouse.contracts import Column, Contract, Kind

INTEGER, NUMBER, TEXT = Kind.INTEGER, Kind.NUMBER, Kind.TEXT

ACTIVITIES = ("order", "contract")
RULE_ID = Column("rule_id", INTEGER, "The offer rule.", required=True)

OFFER_RULES = Contract(
    namespace="computed",
    name="offer_rules",
    grain="one product of one offer rule in force",
    key=("rule_id", "place"),
    columns=(
        RULE_ID,
        Column("rule", TEXT, "Its name."),
        Column("reason", TEXT, "Why, in the words of whoever wrote it."),
        Column("priority", INTEGER, "1 goes first."),
        Column("may_repeat", Kind.BOOLEAN, "Offered also to those who ordered it before."),
        Column("place", INTEGER, "1 for the product that is offered first."),
        Column("item", TEXT, "Product.", required=True),
        Column("name", TEXT, "What it is called."),
    ),
    sorted_by=("rule_id", "place"),
)

OFFER_MEMBERS = Contract(
    namespace="computed",
    name="offer_members",
    grain="one customer for whom one offer rule holds",
    key=("customer_id", "rule_id"),
    columns=(CUSTOMER_ID, RULE_ID),
    sorted_by=("customer_id", "rule_id"),
    by_customer=True,
)

OFFER_TRIAL = Contract(
    namespace="computed",
    name="offer_trial",
    grain="the one trial of offers of what is bought together, if there was anything to offer",
    key=("learnt_until",),
    columns=(
        Column("learnt_until", Kind.DATE, "What was bought up to this day was learnt from.", required=True),
        Column("customers", INTEGER, "Who would have had an offer then.", unit="customers"),
        Column("hits", INTEGER, "Of whom bought the first one within 90 days.", unit="customers"),
        Column(
            "best_seller_hits",
            INTEGER,
            "Of whom bought, in that time, the best-selling product that they did not have.",
            unit="customers",
        ),
    ),
)

NEXT_BEST_OFFERS = Contract(
    namespace="computed",
    name="next_best_offers",
    grain="one of up to three products to offer a customer next",
    key=("customer_id", "place"),
    columns=(
        CUSTOMER_ID,
        Column("place", INTEGER, "1 for what is to be offered first.", required=True),
        Column("item", TEXT, "Product.", required=True),
        Column("name", TEXT, "What it is called."),
        Column("source", TEXT, "What proposes it: rule, affinity.", required=True),
        Column("score", NUMBER, "Share of customers like this one who bought it; empty of a rule.", unit="0 to 1"),
        Column("score_low", NUMBER, "Lower end of its interval.", unit="0 to 1"),
        Column("score_high", NUMBER, "Upper end of its interval.", unit="0 to 1"),
        Column(
            "activity",
            NUMBER,
            "Chance that the customer orders anything within 52 weeks, or, of holders of contracts of whom nothing is"
            " known of orders, that they end none within 90 days; empty where no model is used.",
            unit="0 to 1",
        ),
        Column("activity_kind", TEXT, "Which of the two.", one_of=ACTIVITIES),
        Column("chance", NUMBER, "Score times activity; empty of a rule, or without activity.", unit="0 to 1"),
        Column("lift", NUMBER, "How many times as many as of all customers; empty of a rule."),
        Column("because", TEXT, "The product that the customer bought; empty of a rule."),
        Column("rule_id", INTEGER, "The offer rule; empty of others."),
        Column("rule", TEXT, "Its name."),
        Column("reason", TEXT, "Its reason."),
    ),
    sorted_by=("customer_id", "place"),
    by_customer=True,
)
