"""What the list of customers shows of their attributes."""

from __future__ import annotations

from dataclasses import replace

from zhike.understand.attributes.tables import ATTRIBUTES

LIST_COLUMNS = (
    *("customer_id", "kind", "name", "phone", "email", "city", "province", "unit_id", "agent_id", "first_seen_on"),
    *("source", "order_count", "revenue_amount", "last_ordered_on", "active_contract_count", "annual_premium_amount"),
    *("last_seen_on", "recency", "frequency", "monetary", "segment"),
)
# The same table, of which only these columns are opened.
CUSTOMER_LIST = replace(ATTRIBUTES, columns=tuple(ATTRIBUTES[name] for name in LIST_COLUMNS))
