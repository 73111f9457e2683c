"""Reads: what is bought together in the orders in force."""

from __future__ import annotations

from django.utils.translation import gettext as _

from zhike.collect.profiles.tables import CUSTOMER_ORDERS
from zhike.errors import UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.understand.affinity.itemsets import frequent_itemsets
from zhike.understand.affinity.measures import ORDER, basket_lines
from zhike.understand.affinity.rules import Rules, rules_of
from zhike.understand.affinity.thresholds import Thresholds
from zhike.warehouse.engines.duckdb import embedded
from zhike.warehouse.queries import published

BASKETS = {"order": ORDER, "customer": ("customer_id",)}
ITEMS = {
    "product": "product_id",
    "product_name": "product_name",
    "category": "category",
    "line_of_business": "line_of_business",
}


def rules_of_orders(wanted: Thresholds, *, basket: str = "order", item: str = "product", sort: str = "lift") -> Rules:
    """Rules of the orders in force: what is bought in one order, or by one customer in all of them.

    Order lines without such an item are left out. Raises UserError for an unknown basket or item, for more sets of
    items than can be dealt with, and before the first refresh.
    """
    require(Right.SEE_CUSTOMERS)
    for given, known, option in ((basket, BASKETS, "--basket"), (item, ITEMS, "--item")):
        if given not in known:
            raise UserError(
                _("orders have no %(given)s to count by") % {"given": repr(given)},
                where=option,
                advice=_("There are %(names)s.") % {"names": ", ".join(known)},
            )
    now = published()
    lines = basket_lines(now.table(CUSTOMER_ORDERS), as_of=now.as_of, item=ITEMS[item], basket=BASKETS[basket])
    return rules_of(frequent_itemsets(lines, wanted, embedded()), wanted, sort=sort)
