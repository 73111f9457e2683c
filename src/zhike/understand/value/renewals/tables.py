"""Contracts of what a model says of the renewal of contracts."""

from __future__ import annotations

from zhike.collect.profiles.tables import CUSTOMER_ID
from zhike.understand.value.tables import LINE_OF_BUSINESS
from zhike.warehouse.contracts import Column, Contract, Kind

INTEGER, NUMBER, DECIMAL, JSON = Kind.INTEGER, Kind.NUMBER, Kind.DECIMAL, Kind.JSON

GROUP = (LINE_OF_BUSINESS, Column("period_months", INTEGER, "Months from one renewal to the next.", unit="months"))
RENEWAL_MODELS = Contract(
    namespace="computed",
    name="renewal_models",
    grain="one line of business and length of period that contracts are renewed by",
    key=tuple(column.name for column in GROUP),
    columns=(
        *GROUP,
        Column("contract_count", INTEGER, "Contracts seen at a renewal.", unit="contracts"),
        Column("ended_count", INTEGER, "Of them, not renewed: lapsed, surrendered or cancelled.", unit="contracts"),
        Column("is_used", Kind.BOOLEAN, "Whether enough is known for the model to speak of customers."),
        Column("log_likelihood", NUMBER, "At the maximum; empty where it could not be fitted."),
        Column("parameters", JSON, "alpha and beta, each with the ends of its 95 % interval."),
        Column("covariance", JSON, "Of the logarithms of alpha and beta; null where the likelihood is flat."),
        Column("doubts", JSON, "What speaks against relying on it."),
        Column("survival", JSON, "By number of renewals: contracts that came to it, the share still there, the model."),
        Column("holdout", JSON, "What it said of the last year, fitted to what was known before."),
    ),
)
CELL = (
    *GROUP,
    Column("renewed_count", INTEGER, "Renewals so far.", unit="renewals"),
    Column("renewals_left", INTEGER, "Until the agreed end; -1 where there is none.", unit="renewals"),
)
RENEWAL_CELLS = Contract(
    namespace="computed",
    name="renewal_cells",
    grain="one history of renewals that contracts in force have",
    key=tuple(column.name for column in CELL),
    columns=(
        *CELL,
        Column("contract_count", INTEGER, "In force.", unit="contracts"),
        Column("annual_premium_amount", DECIMAL, "Their premium of a year.", unit="currency a year"),
        Column("squared_premium", NUMBER, "The squares of the premium of each, summed up.", unit="currency²"),
        Column("renewal_probability", NUMBER, "Chance of the next renewal.", unit="0 to 1"),
        Column("stay_probability", NUMBER, "Chance to be there in a year.", unit="0 to 1"),
        Column("years_of_premium", NUMBER, "Premium of the next 12 months, in years of it, discounted.", unit="years"),
        Column("years_ever", NUMBER, "All premium to come, in years of it, discounted.", unit="years"),
    ),
)
CUSTOMER_RENEWALS = Contract(
    namespace="computed",
    name="customer_renewals",
    grain="one holder of contracts that may be renewed",
    key=("customer_id",),
    columns=(
        CUSTOMER_ID,
        Column(
            "renewal_probability",
            NUMBER,
            "Chance of the next renewal, of the likeliest to end; empty if all run out before one.",
            unit="0 to 1",
        ),
        Column("next_renewal_on", Kind.DATE, "Day of the next renewal of any."),
        Column("expected_premium_amount", DECIMAL, "Premium of the next 12 months, discounted.", unit="currency"),
        Column("contract_lifetime_amount", DECIMAL, "All premium to come, discounted.", unit="currency"),
    ),
    sorted_by=("customer_id",),
    by_customer=True,
)
