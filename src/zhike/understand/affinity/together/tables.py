"""Contracts of what is bought, and of what is bought together."""

from __future__ import annotations

from zhike.warehouse.contracts import Column, Contract, Kind

INTEGER, NUMBER, TEXT, DECIMAL = Kind.INTEGER, Kind.NUMBER, Kind.TEXT, Kind.DECIMAL

KIND = Column("kind", TEXT, "product, category or line_of_business.", required=True)
BASKET = Column("basket", TEXT, "order, or customer: all that one ever bought.", required=True)

BOUGHT_ITEMS = Contract(
    namespace="computed",
    name="bought_items",
    grain="one product, category or line of business that was ever bought",
    key=("kind", "item"),
    columns=(
        KIND,
        Column("item", TEXT, "Its number or name.", required=True),
        Column("name", TEXT, "The name that it has most often."),
        Column("category", TEXT, "Of a product, where orders say it."),
        Column("line_of_business", TEXT, "Of a product."),
        Column("order_lines", INTEGER, "Lines of orders with it.", unit="lines"),
        Column("contracts", INTEGER, "Contracts of it that began.", unit="contracts"),
        Column("place", INTEGER, "1 for what was bought most often of its kind."),
        Column(
            "every", INTEGER, "5 where baskets are counted of every fifth customer; the same of all.", unit="customers"
        ),
    ),
    sorted_by=("kind", "place"),
)

BASKET_COUNTS = Contract(
    namespace="computed",
    name="basket_counts",
    grain="one pair of items, one item, or all of a kind, in one range of customers",
    key=("basket", "kind", "place", "other_place"),
    columns=(
        BASKET,
        KIND,
        Column("place", INTEGER, "Of the first of the pair; empty of all baskets with any item of the kind."),
        Column("other_place", INTEGER, "Of the second of the pair; empty of one item alone."),
        Column("count", INTEGER, "Baskets that hold it.", unit="baskets"),
        Column("amount", DECIMAL, "Order lines of these baskets.", unit="currency"),
    ),
    sorted_by=("basket", "kind"),
)

FIGURES = (
    Column("confidence", NUMBER, "Share of the baskets with the one that hold the other.", unit="0 to 1"),
    Column("confidence_low", NUMBER, "Lower end of its interval.", unit="0 to 1"),
    Column("confidence_high", NUMBER, "Upper end of its interval.", unit="0 to 1"),
    Column("lift", NUMBER, "How many times as often as chance would have it."),
    Column("lift_low", NUMBER, "Lower end of its interval."),
    Column("lift_high", NUMBER, "Upper end of its interval; empty where every basket with the other holds the one."),
)

AFFINITY_RULES = Contract(
    namespace="computed",
    name="affinity_rules",
    grain="one rule: who bought the one also bought the other",
    key=("basket", "kind", "scope", "item", "other_item"),
    columns=(
        BASKET,
        KIND,
        Column("scope", TEXT, "The line of business whose baskets are looked at; the empty text: all baskets."),
        Column("item", TEXT, "Number or name of the one.", required=True),
        Column("name", TEXT, "What it is called."),
        Column("other_item", TEXT, "Number or name of the other.", required=True),
        Column("other_name", TEXT, "What it is called."),
        Column("count", INTEGER, "Baskets that hold both.", unit="baskets"),
        Column("item_count", INTEGER, "Baskets that hold the one.", unit="baskets"),
        Column("other_count", INTEGER, "Baskets that hold the other.", unit="baskets"),
        Column("baskets", INTEGER, "All baskets.", unit="baskets"),
        Column("support", NUMBER, "Share of all baskets that hold both.", unit="0 to 1"),
        *FIGURES,
        Column("beyond", NUMBER, "Baskets that hold both, more than chance would have it.", unit="baskets"),
        Column("amount", DECIMAL, "Order lines of the baskets that hold both.", unit="currency"),
        Column("interval_level", NUMBER, "Of each interval, so that of those of these rules 95 % are right."),
    ),
    sorted_by=("basket", "kind", "scope", "item"),
)
