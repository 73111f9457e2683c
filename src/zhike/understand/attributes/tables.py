"""Contracts of the attributes of customers, which rules select on and lists show, and of their bitmap index."""

from __future__ import annotations

from zhike.understand.attributes.bitmaps import COLUMNS
from zhike.warehouse.attributes import attributes_contract
from zhike.warehouse.contracts import Column, Contract, Kind

ATTRIBUTES = attributes_contract()

ATTRIBUTE_BITMAPS = Contract(
    namespace="computed",
    name="attribute_bitmaps",
    grain="one value, one band of values, or the lack of one, of one attribute in one range of customers",
    key=("attribute", "customer_id", "value", "band"),
    columns=(Column("attribute", Kind.TEXT, "Name of the attribute.", required=True), *COLUMNS),
    partition_by=("attribute",),
)
