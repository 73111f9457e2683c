"""Contracts of what is computed of who may leave, and of each buyer's rhythm."""

from __future__ import annotations

from zhike.collect.profiles.tables import CUSTOMER_ID
from zhike.understand.propensity.measures import CONTRACT_FEATURES, ORDER_FEATURES, PERIOD, WINDOW
from zhike.warehouse.contracts import Column, Contract, Kind

INTEGER, NUMBER, JSON, TEXT, DATE = Kind.INTEGER, Kind.NUMBER, Kind.JSON, Kind.TEXT, Kind.DATE

PURCHASES = (
    Column("purchases", INTEGER, f"Days with an order in the last {PERIOD} days.", unit="days"),
    Column("purchases_before", INTEGER, f"In the {PERIOD} days before; empty for who came later.", unit="days"),
)
PURCHASE_GAPS = Contract(
    namespace="computed",
    name="purchase_gaps",
    grain="one customer who ordered",
    key=("customer_id",),
    columns=(
        CUSTOMER_ID,
        Column("gap_count", INTEGER, "Gaps between days with an order.", unit="gaps"),
        Column("gap_days", INTEGER, "Their sum.", unit="days"),
        Column("gap_spread", NUMBER, "Their standard deviation; empty with fewer than two.", unit="days"),
        Column("silent_days", INTEGER, "Days since the last order.", unit="days"),
        *PURCHASES,
    ),
    sorted_by=("customer_id",),
    by_customer=True,
)
RHYTHM_MODEL = Contract(
    namespace="computed",
    name="rhythm_model",
    grain="the one model of the gaps of all buyers, if there is one",
    key=("shape",),
    columns=(
        Column("shape", INTEGER, "Erlang shape of a customer's gaps; 1: as chance would have it.", unit="1 to 4"),
        Column("tail", NUMBER, "1; less where gaps are more uneven than chance makes them: power of the chance."),
        Column("customers", INTEGER, "Whose gaps it was fitted to.", unit="customers"),
        Column("gaps", INTEGER, "How many gaps they had.", unit="gaps"),
    ),
)
TRENDS = ("rising", "steady", "falling")
RHYTHM = Contract(
    namespace="computed",
    name="rhythm",
    grain="one customer who ordered",
    key=("customer_id",),
    columns=(
        CUSTOMER_ID,
        Column("usual_gap_days", NUMBER, "Mean gap between purchases; empty with fewer than two gaps.", unit="days"),
        Column("gap_spread", NUMBER, "Standard deviation of these gaps.", unit="days"),
        Column("silent_days", INTEGER, "Days since the last order.", unit="days"),
        Column("silence_chance", NUMBER, "Chance of a silence at least as long in that rhythm.", unit="0 to 1"),
        *PURCHASES,
        Column("trend", TEXT, f"The last {PERIOD} days against the {PERIOD} before, beyond chance.", one_of=TRENDS),
        Column(
            "is_quiet",
            Kind.BOOLEAN,
            "Silent for longer than 95 of 100 who buy on in such a rhythm.",
        ),
    ),
    sorted_by=("customer_id",),
    by_customer=True,
)

CHURN_KINDS = ("contract", "order")
CHURN_REASONS = tuple(dict.fromkeys((*CONTRACT_FEATURES, *ORDER_FEATURES)))
MODEL = Column(
    "model",
    TEXT,
    f"contract: who ends a contract before its time; order: who orders nothing; both within {WINDOW} days.",
    required=True,
    one_of=CHURN_KINDS,
)
PROPENSITY_MODELS = Contract(
    namespace="computed",
    name="propensity_models",
    grain="one model of who leaves",
    key=("model",),
    columns=(
        MODEL,
        Column("is_used", Kind.BOOLEAN, "Whether customers have a probability by it."),
        Column(
            "learnt_on", DATE, f"What was known on this day was learnt from, and who left in the {WINDOW} days after."
        ),
        Column("judged_on", DATE, "The same of this day judged it."),
        Column("customers", INTEGER, "Learnt from.", unit="customers"),
        Column("events", INTEGER, "Of whom left.", unit="customers"),
        Column("judged_customers", INTEGER, "Judged by.", unit="customers"),
        Column("judged_events", INTEGER, "Of whom left.", unit="customers"),
        Column("auc", NUMBER, "Area under the ROC curve at the later time; empty where it was not judged."),
        Column("auc_low", NUMBER, "Lower end of its 95 % interval."),
        Column("auc_high", NUMBER, "Upper end of it."),
        Column("judged", JSON, "Brier score, lift of the best tenth, tenths and gains at the later time."),
        Column("doubts", JSON, "What speaks against relying on it."),
    ),
)
PROPENSITY_TERMS = Contract(
    namespace="computed",
    name="propensity_terms",
    grain="one feature of one model of who leaves that is used",
    key=("model", "feature"),
    columns=(
        MODEL,
        Column("feature", TEXT, "What was known of customers.", required=True, one_of=CHURN_REASONS),
        Column("coefficient", NUMBER, "What one spread more adds to the log odds of leaving."),
        Column("average", NUMBER, "Among those learnt from."),
        Column("spread", NUMBER, "Standard deviation among them."),
        Column("cap", NUMBER, "Beyond which more counts no more."),
        Column("intercept", NUMBER, "Of the model: the log odds of the average customer."),
    ),
)
PROPENSITIES = Contract(
    namespace="computed",
    name="propensities",
    grain="one customer who might leave",
    key=("customer_id",),
    columns=(
        CUSTOMER_ID,
        Column("churn_kind", TEXT, "How they would leave: end a contract, or order nothing.", one_of=CHURN_KINDS),
        Column("churn_probability", NUMBER, f"Of leaving within {WINDOW} days.", unit="0 to 1"),
        Column("churn_reason", TEXT, "What speaks most for it; empty if nothing does.", one_of=CHURN_REASONS),
        Column("churn_reason_2", TEXT, "The next.", one_of=CHURN_REASONS),
        Column("churn_reason_3", TEXT, "The next after that.", one_of=CHURN_REASONS),
    ),
    sorted_by=("customer_id",),
    by_customer=True,
)
