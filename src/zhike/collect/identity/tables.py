"""What linking keeps in the warehouse: records in one spelling, what was weighed, and who is who."""

from __future__ import annotations

from dataclasses import replace

from zhike.collect.identity.normalising.fields import NORMALISED
from zhike.warehouse.contracts import Column, Contract, Kind
from zhike.warehouse.entity_parts import PROVENANCE

SOURCE = Column("source", Kind.TEXT, "Name of the source.", required=True)
CUSTOMER_KEY = Column("customer_key", Kind.TEXT, "What the source calls the customer.", required=True, personal=True)
CUSTOMER_ID = Column("customer_id", Kind.INTEGER, "The customer: below 2³², never reused.", required=True)
TWO_RECORDS = (
    *(replace(column, name=f"{column.name}_l") for column in (SOURCE, CUSTOMER_KEY)),
    *(replace(column, name=f"{column.name}_r") for column in (SOURCE, CUSTOMER_KEY)),
)
KIND = Column("kind", Kind.TEXT, "Civil standing.", required=True, one_of=("person", "organisation"))

IDENTITY_DECISIONS = Contract(
    namespace="computed",
    name="identity_decisions",
    grain="two keys that somebody declared to be one customer, or never to be",
    key=tuple(column.name for column in TWO_RECORDS),
    columns=(
        *TWO_RECORDS,
        Column("is_same", Kind.BOOLEAN, "One customer; otherwise never the same.", required=True),
        Column("decision_id", Kind.INTEGER, "The decision.", required=True),
    ),
)

NORMALISED_RECORDS = Contract(
    namespace="computed",
    name="normalised_records",
    grain="one record of one source in the spelling in which records are compared",
    key=("source", "customer_key"),
    columns=(
        *(SOURCE, CUSTOMER_KEY, KIND),
        *(Column(name, Kind.TEXT, f"{name}, normalised.", personal=name != "script") for name in NORMALISED),
        Column("id_is_sure", Kind.BOOLEAN, "The identity number has a right check digit."),
        *(column for column in PROVENANCE if column.name in ("import_id", "row_number")),
        Column("spelling", Kind.TEXT, "Version of the rules by which it was normalised, and the country."),
    ),
    sorted_by=("source", "customer_key"),
)

RECORD_PAIRS = Contract(
    namespace="computed",
    name="record_pairs",
    grain="two records that may be one customer's",
    key=tuple(column.name for column in TWO_RECORDS),
    columns=(
        *(*TWO_RECORDS, KIND),
        Column("match_weight", Kind.NUMBER, "Binary logarithm of the odds that they are.", unit="bits"),
        Column("match_probability", Kind.NUMBER, "How likely they are.", unit="0 to 1"),
        Column("conflict", Kind.TEXT, "What forbids that they are; empty where nothing does."),
        Column("evidence", Kind.TEXT, "Every comparison with the level on which the two stand, as name:level."),
    ),
    sorted_by=("source_l", "customer_key_l"),
)

IDENTITY_MODELS = Contract(
    namespace="computed",
    name="identity_models",
    grain="one kind of customers",
    key=("kind",),
    columns=(
        KIND,
        Column(
            "model", Kind.JSON, "How much each piece of evidence weighs, as learnt from the records.", required=True
        ),
        Column("record_count", Kind.INTEGER, "Records it was learnt from.", unit="records", required=True),
    ),
)

KEY_GROUPS = Contract(
    namespace="computed",
    name="key_groups",
    grain="one key of one source",
    key=("source", "customer_key"),
    columns=(
        *(SOURCE, CUSTOMER_KEY),
        Column("group_source", Kind.TEXT, "Source of the first key of the same customer.", required=True),
        Column("group_key", Kind.TEXT, "That key.", required=True, personal=True),
    ),
    sorted_by=("source", "customer_key"),
)

CUSTOMER_IDS = Contract(
    namespace="computed",
    name="customer_ids",
    grain="one customer_id that was ever given",
    key=("customer_id",),
    columns=(
        CUSTOMER_ID,
        replace(SOURCE, doc="Source of the key for which it was given; whoever has that key has this id or an older."),
        CUSTOMER_KEY,
    ),
    sorted_by=("customer_id",),
)

IDENTITY_MAP = Contract(
    namespace="computed",
    name="identity_map",
    grain="one key of one source",
    key=("source", "customer_key"),
    columns=(SOURCE, CUSTOMER_KEY, CUSTOMER_ID),
    sorted_by=("customer_id",),
)

CUSTOMER_REDIRECTS = Contract(
    namespace="computed",
    name="customer_redirects",
    grain="one customer_id that is no customer any more",
    key=("customer_id",),
    columns=(
        replace(CUSTOMER_ID, doc="The id that was given once."),
        Column("current_id", Kind.INTEGER, "The customer whom it was found to be; empty if there is none left."),
    ),
    sorted_by=("customer_id",),
)

CUSTOMER_MOVES = Contract(
    namespace="computed",
    name="customer_moves",
    grain="one key that came from one customer to another",
    key=("source", "customer_key", "moved_on", "from_id", "to_id"),
    columns=(
        *(SOURCE, CUSTOMER_KEY),
        Column("from_id", Kind.INTEGER, "The customer it was counted to before.", required=True),
        Column("to_id", Kind.INTEGER, "The customer it is counted to since.", required=True),
        Column(
            "kind",
            Kind.TEXT,
            "Merge: nothing is left of the one before. Split: it still is a customer.",
            required=True,
            one_of=("merge", "split"),
        ),
        Column("moved_on", Kind.DATE, "The day as of which the refresh computed that did it.", required=True),
    ),
    sorted_by=("to_id", "moved_on"),
)

POSSIBLE_DUPLICATES = Contract(
    namespace="computed",
    name="possible_duplicates",
    grain="one customer beside another who may be the same",
    key=("customer_id", "other_id"),
    columns=(
        CUSTOMER_ID,
        Column("other_id", Kind.INTEGER, "The other customer.", required=True),
        KIND,
        *(replace(column, required=False) for column in TWO_RECORDS),
        *(RECORD_PAIRS[name] for name in ("match_weight", "match_probability", "evidence")),
    ),
    sorted_by=("customer_id", "match_probability"),
    by_customer=True,
)
