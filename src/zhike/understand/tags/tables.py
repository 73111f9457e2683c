"""Contracts of tags and of their bitmap index: one file for each tag, so that one is computed without the others."""

from __future__ import annotations

from zhike.collect.profiles.tables import CUSTOMER_ID
from zhike.understand.attributes.bitmaps import COLUMNS
from zhike.warehouse.contracts import Column, Contract, Kind

TAG = Column("tag", Kind.TEXT, "Name of the tag.", required=True)

TAGS = Contract(
    namespace="computed",
    name="tags",
    grain="one customer who has a tag",
    key=("tag", "customer_id"),
    columns=(
        TAG,
        CUSTOMER_ID,
        Column("value", Kind.TEXT, "Its value; `yes` for a tag that one has or has not; empty for a number or day."),
        Column("number", Kind.NUMBER, "Its value, of a tag that is a number."),
        Column("day", Kind.DATE, "Its value, of a tag that is a day."),
    ),
    partition_by=("tag",),
    sorted_by=("customer_id",),
    kept_history=True,
)

TAG_BITMAPS = Contract(
    namespace="computed",
    name="tag_bitmaps",
    grain="one value, or one band of values, of one tag in one range of customers; and one row for who has none",
    key=("tag", "customer_id", "value", "band"),
    columns=(
        TAG,
        Column("kind", Kind.TEXT, "What it says.", required=True, one_of=("yes_no", "category", "number", "date")),
        Column("is_set", Kind.BOOLEAN, "Somebody set it, and no rule.", required=True),
        Column("version", Kind.INTEGER, "Version of its definition that it was computed by."),
        Column("as_of", Kind.DATE, "Day as of which it was computed."),
        *COLUMNS,
    ),
    partition_by=("tag",),
    kept_history=True,
)
