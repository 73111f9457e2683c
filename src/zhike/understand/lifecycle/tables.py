"""Contracts of the stages of life: presence, runs of stages, the stage now, and moves by month."""

from __future__ import annotations

from zhike.collect.profiles.tables import CUSTOMER_ID
from zhike.understand.lifecycle.stages import BUYERS, STAGES
from zhike.warehouse.contracts import Column, Contract, Kind

INTEGER, TEXT, DATE, DECIMAL = Kind.INTEGER, Kind.TEXT, Kind.DATE, Kind.DECIMAL
MONTH = "months since the year 0: year × 12 + month − 1"
UNIT = Column("unit_id", TEXT, "Org unit of the customers; empty where they have none.")

ACTIVE_SPELLS = Contract(
    namespace="computed",
    name="active_spells",
    grain="one time in which one customer was there",
    key=("customer_id", "spell"),
    columns=(
        CUSTOMER_ID,
        Column("spell", INTEGER, "1 for the first, 2 for the time after the first interruption."),
        Column("began_on", DATE, "Day of the order or contract with which it began."),
        Column("gone_on", DATE, "First day on which the customer was taken for gone; empty while there."),
        Column("returned_on", DATE, "Day on which the customer came back; empty where nobody did."),
    ),
    sorted_by=("customer_id", "spell"),
    by_customer=True,
)
STAGE_RUNS = Contract(
    namespace="computed",
    name="stage_runs",
    grain="one time that one customer spent in one stage of life, by ends of months",
    key=("customer_id", "first_month"),
    columns=(
        CUSTOMER_ID,
        Column("first_month", INTEGER, "First month at whose end the customer was in the stage.", unit=MONTH),
        Column("last_month", INTEGER, "Last such month; that of the refresh is not over.", unit=MONTH),
        Column("stage", TEXT, "Stage of life.", one_of=BUYERS),
        Column("since_on", DATE, "Day it began; of the first run that is kept, at the latest."),
        Column("previous_stage", TEXT, "Stage before; empty for the first that is kept.", one_of=BUYERS),
        Column("next_stage", TEXT, "Stage after; empty for the present one.", one_of=BUYERS),
        Column("last_stage", TEXT, "The customer's stage at the end of the last complete month.", one_of=BUYERS),
        Column(
            "year_amount",
            DECIMAL,
            "Given in the run within the twelve complete months before the refresh.",
            unit="currency",
        ),
    ),
    sorted_by=("customer_id", "first_month"),
    by_customer=True,
)
LIFECYCLE = Contract(
    namespace="computed",
    name="lifecycle",
    grain="one customer",
    key=("customer_id",),
    columns=(
        CUSTOMER_ID,
        Column("stage", TEXT, "Stage of life as a customer.", one_of=STAGES),
        Column("since_on", DATE, "Day it began; empty for prospects."),
        Column("previous_stage", TEXT, "Stage before, within two years; empty where there was none.", one_of=STAGES),
    ),
    sorted_by=("customer_id",),
    by_customer=True,
)
CUSTOMERS = Column("customers", INTEGER, "How many.", unit="customers")
STAGE_MOVES = Contract(
    namespace="computed",
    name="stage_moves",
    grain="one move from the end of one month to the end of the next, of the customers of one org unit",
    key=("unit_id", "month", "from_stage", "to_stage"),
    columns=(
        UNIT,
        Column("month", INTEGER, "Month in which the move began.", unit=MONTH),
        Column("from_stage", TEXT, "Stage at its end; prospect for who then bought for the first time.", one_of=STAGES),
        Column("to_stage", TEXT, "Stage at the end of the next.", one_of=BUYERS),
        CUSTOMERS,
    ),
)
STAGE_FLOWS = Contract(
    namespace="computed",
    name="stage_flows",
    grain="one stage at the end of one month and one at the end of the last complete month, by org unit",
    key=("unit_id", "month", "from_stage", "to_stage"),
    columns=(
        UNIT,
        Column("month", INTEGER, "The month.", unit=MONTH),
        Column("from_stage", TEXT, "Stage at its end.", one_of=BUYERS),
        Column("to_stage", TEXT, "Stage at the end of the last complete month.", one_of=BUYERS),
        CUSTOMERS,
    ),
)
STAGE_GIVEN = Contract(
    namespace="computed",
    name="stage_given",
    grain="one stage of life, of the customers of one org unit",
    key=("unit_id", "stage"),
    columns=(
        UNIT,
        Column("stage", TEXT, "Stage of life.", one_of=BUYERS),
        Column("customer_months", INTEGER, "Months that customers spent in it within the last twelve.", unit="months"),
        Column("amount", DECIMAL, "Orders, and a twelfth of the yearly premium a month, then.", unit="currency"),
    ),
)
