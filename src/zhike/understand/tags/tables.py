"""Contracts of tags and of their bitmap index."""

from __future__ import annotations

from zhike.collect.profiles.tables import CUSTOMER_ID
from zhike.warehouse.contracts import Column, Contract, Kind

TAGS = Contract(
    namespace="computed",
    name="tags",
    grain="one value of one tag of one customer",
    key=("customer_id", "tag", "value"),
    columns=(
        CUSTOMER_ID,
        Column("tag", Kind.TEXT, "Name of the tag.", required=True),
        Column("value", Kind.TEXT, "Its value; `yes` for a tag that one has or has not.", required=True),
    ),
    sorted_by=("customer_id", "tag"),
    by_customer=True,
)

TAG_BITMAPS = Contract(
    namespace="computed",
    name="tag_bitmaps",
    grain="one value of one tag in one range of customers",
    key=("customer_id", "tag", "value"),
    columns=(
        Column("customer_id", Kind.INTEGER, "First customer of the range.", required=True),
        Column("tag", Kind.TEXT, "Name of the tag.", required=True),
        Column("value", Kind.TEXT, "Its value.", required=True),
        Column("customer_count", Kind.INTEGER, "Customers of the range who have it.", unit="customers"),
        Column("bitmap", Kind.BINARY, "Their customer_ids as a Roaring bitmap, portable format."),
    ),
    sorted_by=("customer_id", "tag", "value"),
    by_customer=True,
)
