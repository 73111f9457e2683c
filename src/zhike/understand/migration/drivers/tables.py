"""Contracts of what drives moves: who might have moved, how many of each kind did, and what follows from it."""

from __future__ import annotations

from zhike.collect.profiles.tables import CUSTOMER_ID
from zhike.understand.lifecycle.stages import BUYERS
from zhike.understand.lifecycle.tables import UNIT
from zhike.understand.migration.drivers import bands
from zhike.warehouse.contracts import Column, Contract, Kind

INTEGER, NUMBER, DECIMAL, TEXT = Kind.INTEGER, Kind.NUMBER, Kind.DECIMAL, Kind.TEXT
BORDER = "lower border of the band"

MOVE_STARTS = Contract(
    namespace="computed",
    name="move_starts",
    grain="one customer who was stable or growing six months before the end of the last complete month",
    key=("customer_id",),
    columns=(
        CUSTOMER_ID,
        Column("from_stage", TEXT, "Stage of life then.", one_of=bands.STARTS),
        Column("to_stage", TEXT, "Stage at the end of the last complete month.", one_of=BUYERS),
        Column("tenure_days", INTEGER, "From the first order or contract to then.", unit="days"),
        Column("silent_days", INTEGER, "From the last order or start of a contract to then.", unit="days"),
        Column("yearly_amount", DECIMAL, "Given a year, as was known then.", unit="currency a year"),
        Column("lines", INTEGER, "Lines of business in use then.", unit="lines"),
        Column("contracts", INTEGER, "Contracts in force then.", unit="contracts"),
        Column("contacts", INTEGER, "Interactions in the 180 days before.", unit="interactions"),
        Column("reply", TEXT, "To messages of the 180 days before.", one_of=bands.REPLIES),
    ),
    sorted_by=("customer_id",),
    by_customer=True,
)
MOVED = (
    Column("fell", INTEGER, "Of them declining or interrupted six months later.", unit="customers"),
    Column("grew", INTEGER, "Of them stable before, and growing six months later.", unit="customers"),
)
MOVE_CELLS = Contract(
    namespace="computed",
    name="move_cells",
    grain="one kind of customer of one org unit who might have moved in six months",
    key=("unit_id", *bands.FEATURES),
    columns=(
        UNIT,
        Column(bands.STAGE, TEXT, "Stage of life then.", one_of=bands.STARTS),
        Column(bands.TENURE, INTEGER, "Days since the first purchase.", unit=BORDER),
        Column(bands.SILENCE, INTEGER, "Days since the last purchase.", unit=BORDER),
        Column(bands.VALUE, INTEGER, "Given a year.", unit=BORDER),
        Column(bands.LINES, INTEGER, "Lines of business in use.", unit=BORDER),
        Column(bands.CONTRACTS, INTEGER, "Contracts in force.", unit=BORDER),
        Column(bands.CONTACTS, INTEGER, "Interactions in 180 days.", unit=BORDER),
        Column(bands.REPLY, TEXT, "To messages of 180 days.", one_of=bands.REPLIES),
        Column("customers", INTEGER, "How many.", unit="customers"),
        *MOVED,
    ),
)
MOVE = Column(
    "move",
    TEXT,
    "fell: stable or growing, and six months later declining or interrupted; grew: stable, and then growing.",
    required=True,
    one_of=tuple(bands.MOVES),
)
REFUSALS = ("few", "alike", "separated")
MOVE_MODELS = Contract(
    namespace="computed",
    name="move_models",
    grain="one move that may be driven by what was known before",
    key=("move",),
    columns=(
        MOVE,
        Column("customers", INTEGER, "Who might have made it.", unit="customers"),
        Column("moved", INTEGER, "Who did.", unit="customers"),
        Column("events_each", NUMBER, "Customers of the rarer outcome for each coefficient.", unit="customers"),
        Column("p", NUMBER, "Chance of such differences if nothing mattered; empty where nothing was estimated."),
        Column(
            "refusal",
            TEXT,
            "Why nothing was estimated: too few moved or stayed; customers were alike; what was known tells perfectly.",
            one_of=REFUSALS,
        ),
        Column("named", TEXT, "What tells perfectly, with commas between."),
    ),
)
WITHOUT = ("reference", "nobody", "everybody", "alone", "repeats")
MOVE_DRIVERS = Contract(
    namespace="computed",
    name="move_drivers",
    grain="one band of one feature, and what it does to the odds of one move",
    key=("move", "feature", "band"),
    columns=(
        MOVE,
        Column("feature", TEXT, "What was known.", required=True, one_of=bands.FEATURES),
        Column("band", TEXT, "Lower border of the band, or the word for it.", required=True),
        Column("customers", INTEGER, "Who might have moved.", unit="customers"),
        Column("moved", INTEGER, "Who did.", unit="customers"),
        Column("odds_ratio", NUMBER, "Against the reference of the feature, all else being equal."),
        Column("low", NUMBER, "Lower end of its 95 % interval, by the profile of the likelihood."),
        Column("high", NUMBER, "Upper end of it."),
        Column("p", NUMBER, "Chance of such a difference if the band did not matter."),
        Column(
            "without",
            TEXT,
            "Why it has no odds ratio: others are compared with it; nobody or everybody of it moved; it is the only "
            "band; its feature says no more than others do.",
            one_of=WITHOUT,
        ),
    ),
)
