"""Contracts of how customers behave: what they use, whether they come back, whom they insure; and how many do."""

from __future__ import annotations

from zhike.collect.profiles.tables import CUSTOMER_ID
from zhike.warehouse.contracts import Column, Contract, Kind

INTEGER, NUMBER, DECIMAL, TEXT, BOOLEAN = Kind.INTEGER, Kind.NUMBER, Kind.DECIMAL, Kind.TEXT, Kind.BOOLEAN

USES = ("main", "sometimes", "dormant")
INSURED = ("self", "spouse", "child", "parent", "other")
MOST_CONTRACTS = 10  # in force; who has more counts with those

UNIT_ID = Column("unit_id", TEXT, "Org unit of the customers; empty where they have none.", required=True)
LINE = Column("line_of_business", TEXT, "Line of business.", required=True)
USE = Column(
    "use",
    TEXT,
    "How a line is used: main is, of those in use, the one that brings most in a year; dormant once was, and is not "
    "any more.",
    required=True,
    one_of=USES,
)
YEARLY = Column(
    "yearly_amount",
    DECIMAL,
    "What it brings in a year: the premium of contracts in force, and the orders of the last 365 days.",
    unit="currency a year",
)
HOLDERS = Column("holders", INTEGER, "Customers with a contract in force.", unit="customers")
CUSTOMER_COUNT = Column("customers", INTEGER, "Who they are.", unit="customers")

LINE_USE = Contract(
    namespace="computed",
    name="line_use",
    grain="one customer and line of business ever used",
    key=("customer_id", "line_of_business"),
    columns=(CUSTOMER_ID, LINE, USE, YEARLY),
    sorted_by=("customer_id", "line_of_business"),
    by_customer=True,
)

INSURES = tuple(
    Column(
        f"insures_{whom}",
        BOOLEAN,
        f"Whether a contract in force insures {doc}; empty where nobody insured is known.",
    )
    for whom, doc in zip(
        INSURED,
        ("the holder", "the holder’s spouse", "a child of the holder", "a parent of the holder", "somebody else"),
        strict=True,
    )
)
CUSTOMER_BEHAVIOUR = Contract(
    namespace="computed",
    name="customer_behaviour",
    grain="one customer who ordered or held a contract",
    key=("customer_id",),
    columns=(
        CUSTOMER_ID,
        Column("line_count", INTEGER, "Lines of business in use.", unit="lines"),
        Column("dormant_line_count", INTEGER, "Lines of business that are not in use any more.", unit="lines"),
        Column("main_line", TEXT, "The line of business in use that brings most in a year."),
        Column("main_line_share", NUMBER, "Share of the main line in what all lines bring.", unit="0 to 1"),
        YEARLY,
        Column("days_to_second_order", INTEGER, "Days from the first day with an order to the second.", unit="days"),
        Column(
            "days_to_second_contract",
            INTEGER,
            "Days from the start of the first contract to the next day on which one began.",
            unit="days",
        ),
        *INSURES,
    ),
    sorted_by=("customer_id",),
    by_customer=True,
)


def _counts(name: str, grain: str, *by: Column, figures: tuple[Column, ...]) -> Contract:
    return Contract(
        namespace="computed",
        name=name,
        grain=grain,
        key=("unit_id", *(column.name for column in by)),
        columns=(UNIT_ID, *by, *figures),
        sorted_by=("unit_id", *(column.name for column in by)),
    )


REPEAT_COUNTS = _counts(
    "repeat_counts",
    "one org unit, kind of purchase and month of the first",
    Column("kind", TEXT, "orders or contracts.", required=True, one_of=("orders", "contracts")),
    Column("cohort_on", Kind.DATE, "First day of the month of the first purchase.", required=True),
    figures=(
        Column("customers", INTEGER, "Who bought for the first time then.", unit="customers"),
        Column("repeaters", INTEGER, "Of them, who bought again.", unit="customers"),
        Column("watched", INTEGER, "Of them, whose first purchase is a year ago or more.", unit="customers"),
        Column("within_a_year", INTEGER, "Of these, who bought again within 365 days.", unit="customers"),
    ),
)
CONTRACTS_EACH = _counts(
    "contracts_each",
    "one org unit and number of contracts in force",
    Column("contracts", INTEGER, f"Contracts in force; {MOST_CONTRACTS} for that many and more.", unit="contracts"),
    figures=(
        HOLDERS,
        Column("contract_count", INTEGER, "Their contracts in force.", unit="contracts"),
        Column("annual_premium_amount", DECIMAL, "The yearly premium of these.", unit="currency a year"),
    ),
)
INSURED_COUNTS = _counts(
    "insured_counts",
    "one org unit and combination of whom holders insure",
    *INSURES,
    figures=(HOLDERS,),
)
AGENT_COUNTS = _counts(
    "agent_counts",
    "one org unit and agent",
    Column("agent_id", TEXT, "Member of staff who looks after the customers.", required=True),
    figures=(
        CUSTOMER_COUNT,
        Column("contract_count", INTEGER, "Their contracts in force.", unit="contracts"),
        YEARLY,
    ),
)
LINE_COUNTS = _counts(
    "line_counts", "one org unit, line of business and use of it", LINE, USE, figures=(CUSTOMER_COUNT, YEARLY)
)
LINE_PAIRS = _counts(
    "line_pairs",
    "one org unit and two lines of business",
    LINE,
    Column("other_line", TEXT, "The other; with itself, all who use it.", required=True),
    figures=(Column("customers", INTEGER, "Who use both now.", unit="customers"),),
)
LINES_EACH = _counts(
    "lines_each",
    "one org unit and number of lines of business in use",
    Column("line_count", INTEGER, "Lines of business in use.", unit="lines"),
    figures=(CUSTOMER_COUNT, YEARLY),
)
