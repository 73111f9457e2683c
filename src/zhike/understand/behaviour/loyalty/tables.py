"""Contracts of how satisfied customers say they are, and how loyal they act."""

from __future__ import annotations

from zhike.collect.profiles.tables import CUSTOMER_ID
from zhike.understand.behaviour.tables import UNIT_ID
from zhike.warehouse.contracts import Column, Contract, Kind

LEVELS = ("gone", "new", "benefit", "belonging", "habit")
LOYAL = ("benefit", "belonging", "habit")
SATISFACTIONS = ("satisfied", "neutral", "unsatisfied")
NOT_ASKED = "unknown"

LOYALTY_LEVEL = Column(
    "loyalty_level",
    Kind.TEXT,
    "gone: no order within a year, and no contract in force; new: bought once, lately; benefit: came back; belonging: "
    "uses several lines of business too, or would recommend the firm; habit: has bought or stayed for long. Empty of "
    "whom nothing was ever bought.",
    one_of=LEVELS,
)
CUSTOMER_LOYALTY = Contract(
    namespace="computed",
    name="customer_loyalty",
    grain="one customer who bought something or answered a survey",
    key=("customer_id",),
    columns=(
        CUSTOMER_ID,
        LOYALTY_LEVEL,
        Column("satisfaction", Kind.NUMBER, "The last answer, on a scale of 1 to 5; 5 is best.", unit="1 to 5"),
        Column("recommend_score", Kind.INTEGER, "How likely they would recommend the firm, at last.", unit="0 to 10"),
        Column("surveyed_on", Kind.DATE, "Day of the last answer to a survey."),
    ),
    sorted_by=("customer_id",),
    by_customer=True,
)
LOYALTY_COUNTS = Contract(
    namespace="computed",
    name="loyalty_counts",
    grain="one org unit, satisfaction and level of loyalty",
    key=("unit_id", "satisfaction", "loyalty_level"),
    columns=(
        UNIT_ID,
        Column(
            "satisfaction",
            Kind.TEXT,
            "satisfied from 4 of 5 on, unsatisfied up to 2; unknown of whom did not say.",
            required=True,
            one_of=(*SATISFACTIONS, NOT_ASKED),
        ),
        LOYALTY_LEVEL,
        Column("customers", Kind.INTEGER, "Who they are.", unit="customers"),
        Column("promoters", Kind.INTEGER, "Of them, who would recommend the firm: 9 or 10.", unit="customers"),
        Column("passives", Kind.INTEGER, "Of them, who said 7 or 8.", unit="customers"),
        Column("detractors", Kind.INTEGER, "Of them, who said 6 or less.", unit="customers"),
    ),
    sorted_by=("unit_id", "satisfaction", "loyalty_level"),
)
