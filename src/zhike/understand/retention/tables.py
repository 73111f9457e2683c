"""Contracts of who stays, and how long: cohorts, stays, and what is known of why customers leave."""

from __future__ import annotations

from zhike.understand.retention.measures import CONTACT_DAYS
from zhike.warehouse.contracts import Column, Contract, Kind

INTEGER, TEXT = Kind.INTEGER, Kind.TEXT

RETENTION_COHORTS = Contract(
    namespace="computed",
    name="retention_cohorts",
    grain="one month since the first purchase of the customers of one month and one org unit",
    key=("basis", "unit_id", "cohort_on", "months_since"),
    columns=(
        Column("basis", TEXT, "Whether they were there, or ordered again.", one_of=("presence", "orders")),
        Column("unit_id", TEXT, "Org unit of the customers; empty where they have none."),
        Column("cohort_on", Kind.DATE, "First day of the month of the first order or contract."),
        Column("months_since", INTEGER, "Months since each customer's own first day.", unit="months"),
        Column("customers", INTEGER, "Who were watched so long.", unit="customers"),
        Column("retained", INTEGER, "Who were there then, or ordered in the month that begins then.", unit="customers"),
    ),
)
STAY_COUNTS = Contract(
    namespace="computed",
    name="stay_counts",
    grain="one duration of stays, of one group",
    key=("basis", "grouped_by", "group_name", "duration"),
    columns=(
        Column("basis", TEXT, "Of contracts, or of customers' first presence.", one_of=("contracts", "presence")),
        Column("grouped_by", TEXT, "What tells the groups apart.", one_of=("unit_id", "line_of_business", "channel")),
        Column("group_name", TEXT, "The group; empty where nobody says."),
        Column("duration", INTEGER, "How long they stayed.", unit="days"),
        Column("events", INTEGER, "Who left then."),
        Column("censored", INTEGER, "Who were last seen then, still there."),
    ),
)
DEFECTION_REASONS = Contract(
    namespace="computed",
    name="defection_reasons",
    grain="one thing that is known of why customers left within a year, by org unit",
    key=("kind", "unit_id", "reason"),
    columns=(
        Column(
            "kind",
            TEXT,
            f"How contracts ended before their time, what the last contact in the {CONTACT_DAYS} days before was "
            "about, or the reason given with a refusal, a complaint or the end of a subscription to messages.",
            one_of=("ended", "contact", "response"),
        ),
        Column("unit_id", TEXT, "Org unit of the customers; empty where they have none."),
        Column("reason", TEXT, "Status, topic or reason; empty where there was none."),
        Column("count", INTEGER, "Contracts, or responses."),
    ),
)
