"""The tags of products, as the list of products says them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ibis.expr.types import Table

from zhike.warehouse.entities import PRODUCTS
from zhike.warehouse.queries import newest, rows
from zhike.warehouse.versions import latest

BETWEEN = re.compile("[,;，；、|]")  # what stands between two tags
TAGGED = "tagged"  # kind of a product that nobody bought yet, and that only its tags tell


def tagged_products(products: Table) -> Table:
    """One row per product that bears tags: its number, name and tags as they are written."""
    known = latest(PRODUCTS, products)
    return known.filter(known.tags.notnull()).select("product_id", "name", "tags").order_by("product_id")


def tagged_now() -> list[dict[str, Any]]:
    """The products with tags as they were imported last."""
    return rows(tagged_products(newest(PRODUCTS)))


def with_tags(items: Iterable[Mapping[str, Any]], tagged: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Any], ...]:
    """What was bought, with the tags of each product; then products with tags that nobody bought yet."""
    tags = {row["product_id"]: tags_of(row["tags"]) for row in tagged}
    found = [dict(item) | {"tags": tags.get(item["item"], ()) if item["kind"] == "product" else ()} for item in items]
    known = {item["item"] for item in found if item["kind"] == "product"}
    found += [
        {"kind": TAGGED, "item": row["product_id"], "name": row["name"], "tags": tags[row["product_id"]]}
        for row in tagged
        if row["product_id"] not in known
    ]
    return tuple(found)


def tags_of(text: str) -> tuple[str, ...]:
    """The tags of a text, in small letters: a comma, semicolon or bar stands between two."""
    return tuple(tag for part in BETWEEN.split(text) if (tag := part.strip().casefold()))
