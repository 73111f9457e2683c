"""What customers are to each other, in the warehouse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from zhike.collect.profiles.tables import CUSTOMER_ID
from zhike.warehouse.contracts import Column, Contract, Kind
from zhike.warehouse.entities import PARTIES
from zhike.warehouse.entity_parts import RELATION, RELATIONS, SOURCE

ROLES = tuple(role for role in PARTIES["role"].one_of if role != "holder")
# What the related is to the customer → what the customer is to the related, with the roles that contracts give.
INVERSE: Mapping[str, str] = {**RELATIONS, **dict.fromkeys(ROLES, "holder"), "holder": "holder"}
ORIGINS = ("import", "staff", "contract", "employer", "referral", "home")
SAID = tuple(column for column in RELATION if column.name not in ("related_source", "related_key", "kind"))
RELATED_ID = Column("related_id", Kind.INTEGER, "The other customer.", required=True)
KIND = Column("kind", Kind.TEXT, "What the other is to the customer.", required=True, one_of=tuple(INVERSE))
RELATION_ID = Column("relation_id", Kind.INTEGER, "The relation that staff entered.")

CUSTOMER_RELATIONS = Contract(
    namespace="computed",
    name="customer_relations",
    grain="one relation of one customer to another, told by one origin; it stands there for both of them",
    key=("customer_id", "related_id", "kind", "origin", "source"),
    columns=(
        CUSTOMER_ID,
        RELATED_ID,
        KIND,
        *SAID,
        Column(
            "origin",
            Kind.TEXT,
            "What tells it: a file, staff, a contract in which both take part, the employer that a person names, the "
            "key of whom referred them, or one home with one family name or telephone.",
            required=True,
            one_of=ORIGINS,
        ),
        replace(SOURCE, doc="The source whose file tells it.", required=False),
        Column("contract_count", Kind.INTEGER, "Contracts in which both take part.", unit="contracts"),
        RELATION_ID,
    ),
    sorted_by=("customer_id", "kind", "related_id"),
    by_customer=True,
)

ENTERED_RELATIONS = Contract(
    "scratch",
    "entered_relations",
    "one relation that staff entered",
    ("relation_id",),
    (CUSTOMER_ID, RELATED_ID, KIND, *SAID, RELATION_ID),
)
