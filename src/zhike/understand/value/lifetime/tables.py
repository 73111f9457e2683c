"""Contracts of what models say of buyers."""

from __future__ import annotations

from zhike.collect.profiles.tables import CUSTOMER_ID
from zhike.warehouse.contracts import Column, Contract, Kind

INTEGER, NUMBER, JSON, TEXT = Kind.INTEGER, Kind.NUMBER, Kind.JSON, Kind.TEXT

VALUE_MODELS = Contract(
    namespace="computed",
    name="value_models",
    grain="one model of how often or how much customers buy",
    key=("model",),
    columns=(
        Column("model", TEXT, "bgnbd or mbgnbd of how often, gammagamma of how much."),
        Column("is_used", Kind.BOOLEAN, "Whether what is said of customers is said by it."),
        Column("customers", INTEGER, "Whose histories it was fitted to.", unit="customers"),
        Column("log_likelihood", NUMBER, "At the maximum; empty where it could not be fitted."),
        Column("parameters", JSON, "Each with its value, and the ends of its 95 % interval."),
        Column("covariance", JSON, "Of the logarithms of the parameters; null where the likelihood is flat."),
        Column("doubts", JSON, "What speaks against relying on it."),
        Column("holdout", JSON, "What it said of the last part of the time, fitted to the part before."),
    ),
)
CELLS = (
    Column("frequency", INTEGER, "Repeat purchases x.", unit="days"),
    Column("recency_weeks", INTEGER, "Whole weeks from the first purchase to the last.", unit="weeks"),
    Column("age_weeks", INTEGER, "Whole weeks from the first purchase to the day of the refresh.", unit="weeks"),
)
SAID = (
    Column("probability_alive", NUMBER, "Chance that the customer still buys.", unit="0 to 1"),
    Column("expected_purchases", NUMBER, "Days with a purchase in the next 52 weeks.", unit="days"),
)
# What sums of cells may be off by: the squares of the sums of each along all directions add up to a variance.
DIRECTIONS = range(1, 5)
SPREAD = tuple(
    Column(f"{name}_{number}", NUMBER, f"{said}, one standard error along direction {number} of the parameters.")
    for name, said in (
        ("alive_moves", "What the chance that the customer still buys moves by"),
        ("purchases_move", "What the expected purchases move by"),
        ("discounted_move", "What the discounted purchases move by"),
    )
    for number in DIRECTIONS
)
VALUE_CELLS = Contract(
    namespace="computed",
    name="value_cells",
    grain="one history of buying that is found",
    key=tuple(column.name for column in CELLS),
    columns=(
        *CELLS,
        Column("customers", INTEGER, "Who have it.", unit="customers"),
        *SAID,
        Column("discounted_purchases", NUMBER, "The same, each worth less the later it comes.", unit="days"),
        Column("squared_purchases", NUMBER, "Mean square of the purchases in the next 52 weeks.", unit="days²"),
        *SPREAD,
        Column("p", NUMBER, "Of the Gamma-Gamma model; empty where there is none."),
        Column("q", NUMBER, "Of the Gamma-Gamma model."),
        Column("gamma", NUMBER, "Of the Gamma-Gamma model."),
    ),
)
VALUE_TRACKING = Contract(
    namespace="computed",
    name="value_tracking",
    grain="one week since the first purchase, up to the day of the refresh",
    key=("ends_on",),
    columns=(
        Column("ends_on", Kind.DATE, "Last day of the week."),
        Column("is_held_out", Kind.BOOLEAN, "Whether the model had not seen it."),
        Column("made", INTEGER, "Repeat purchases so far of those who had bought by the hold-out.", unit="days"),
        Column("expected", NUMBER, "The same by the model, fitted to what came before the hold-out.", unit="days"),
    ),
)
CUSTOMER_VALUE = Contract(
    namespace="computed",
    name="customer_value",
    grain="one customer who ordered",
    key=("customer_id",),
    columns=(
        CUSTOMER_ID,
        *SAID,
        Column("expected_amount", Kind.DECIMAL, "What a purchase is expected to bring.", unit="currency"),
        Column(
            "expected_revenue_amount",
            Kind.DECIMAL,
            "Revenue expected in the next 52 weeks, discounted.",
            unit="currency",
        ),
    ),
    sorted_by=("customer_id",),
    by_customer=True,
)
