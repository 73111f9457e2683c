"""The shop for gifts and health goods: customers by e-mail and telephone, orders of one to four lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zhike.demo.catalogue import (
    CATEGORIES,
    CATEGORY_WEIGHTS,
    GOODS_CODES,
    GOODS_NAMES,
    GOODS_PER_CATEGORY,
    PRICES,
)
from zhike.demo.dirt import RAGGED, Fault
from zhike.demo.draws import Draws, Floats, Ints, row_keys, scrambled
from zhike.demo.feeds import Feed
from zhike.demo.files import Rows, Separated
from zhike.demo.people import People
from zhike.demo.purchases import Buyers, Purchases, draw_buyers, draw_purchases, draw_spend
from zhike.demo.records import Habits, Records
from zhike.demo.text import constant, days, flags, instants, join, money, number, pick, take, texts

HABITS = Habits("shop", prefix="9", digits=9, outdated=0.25, missing={"email": 0.12, "phone": 0.25}, signs_up=True)
CUSTOMERS = Feed(
    "shop_customers",
    "source_records",
    "shop",
    "member",
    Separated(encoding="utf-8-sig"),
    (
        Fault("future date", "joined", "31/12/2099", "first_seen_on"),
        Fault("unparsable date", "joined", "31/31/2024", "first_seen_on"),
        Fault("missing key", "member", None, "customer_key"),
        *RAGGED,
    ),
)
ORDERS = Feed(
    "shop_orders",
    "orders",
    "shop",
    "order_no",
    Separated(encoding="utf-8-sig"),
    (
        Fault("future date", "ordered", "31/12/2099 10:00", "ordered_at"),
        Fault("unparsable date", "ordered", "soon", "ordered_at"),
        Fault("negative amount", "unit_price", "-19.90", "unit_price"),
        Fault("unparsable number", "unit_price", "19.9O", "unit_price"),
        Fault("missing key", "order_no", None, "order_id"),
        Fault("missing value", "member", None, "customer_key"),
        Fault("cancelled", "status", "cancelled", "status"),
        *RAGGED,
    ),
)
FEEDS = (CUSTOMERS, ORDERS)
LINES_WEIGHTS = (5, 3, 1.5, 0.5)  # of orders with 1, 2, … lines


@dataclass(frozen=True)
class ShopLife:
    """Everything true about the buyers among some people: `who` are their places."""

    who: Ints
    buyers: Buyers
    purchases: Purchases
    cents: Ints  # of each purchase


def draw_shop(people: People, draws: Draws) -> ShopLife:
    """The buyers among these people and all their purchases, also those after `as_of`."""
    who = np.flatnonzero(people.members["shop"])
    ids = people.ids[who]
    buyers = draw_buyers(ids, people.as_of, draws)
    purchases = draw_purchases(ids, buyers, people.as_of, draws)
    return ShopLife(who, buyers, purchases, draw_spend(ids, buyers, purchases, draws))


def customer_rows(people: People, records: Records, shop: ShopLife, draws: Draws) -> Rows:
    """Members of the shop, who leave no name."""
    place = np.searchsorted(shop.who, records.who)
    joined = np.floor(shop.buyers.first[place]).astype(np.int64)
    columns = {
        "member": records.key,
        "e_mail": records.email,
        "phone": records.phone,
        "lang": flags(people.english[records.who], "zh", "en"),
        "newsletter": flags(draws.chance("newsletter", records.keys, 0.35), "0", "1"),
        "joined": days(joined, "day_first"),
    }
    return Rows(records.keys, columns)


def order_rows(people: People, records: Records, shop: ShopLife, draws: Draws) -> Rows:
    """Lines of the orders up to `as_of`; quantity times unit price is what a line earned."""
    done = np.flatnonzero(shop.purchases.at < people.as_of + 1)
    who = shop.who[shop.purchases.buyer[done]]
    orders = row_keys(people.ids[who], shop.purchases.place[done])
    counts = 1 + draws.weighted("lines", orders, LINES_WEIGHTS)
    which = np.repeat(np.arange(len(done)), counts)
    line = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
    keys = (orders[which] << 3) + line
    buyer = who[which]
    quantity = 1 + draws.weighted("quantity", keys, (8, 2, 1))
    price = _prices(shop.cents[done], which, keys, quantity, draws)
    goods = _goods(people.age[buyer], price, keys, draws)
    seconds = (shop.purchases.at[done] * 86_400).astype(np.int64)
    numbers = join("S", number(scrambled(people.ids[who], 9, "order")), "-", number(shop.purchases.place[done] + 1))
    columns = {
        "order_no": numbers.take(pa.array(which)),
        "sku": pick(GOODS_CODES, goods),
        "title": pick(GOODS_NAMES, goods),
        "category": pick(CATEGORIES, goods // GOODS_PER_CATEGORY),
        "qty": number(quantity),
        "unit_price": money(price),
        "member": records.key_of_fact(who, orders).take(pa.array(which)),
        "status": constant("paid", len(which)),
        "shop": take(texts(["web", "mini-programme", "counter"]), draws.weighted("where", orders, (5, 4, 1))[which]),
        "ordered": _minutes(seconds).take(pa.array(which)),
    }
    return Rows(keys, columns)


def _minutes(seconds: Ints) -> pa.Array:
    """Instants as dd/mm/yyyy hh:mm."""
    return pc.utf8_slice_codeunits(instants(seconds, "day_first"), 0, 16)


def _prices(cents: Ints, which: Ints, keys: Ints, quantity: Ints, draws: Draws) -> Ints:
    """Unit prices in cents: the order's amount split at random among its lines."""
    weight = draws.between("weight", keys, 0.3, 1.0)
    total = np.bincount(which, weights=weight, minlength=len(cents))
    part: Floats = cents[which] * weight / total[which]
    return np.maximum(np.rint(part / quantity), 1).astype(np.int64)


def _goods(age: Floats, price: Ints, keys: Ints, draws: Draws) -> Ints:
    """Goods of a category that people of this age like, whose list price is nearest above the price paid."""
    band = np.digitize(age, (30, 50))
    borders = np.cumsum(np.array(CATEGORY_WEIGHTS, dtype=np.float64), axis=1)[band]
    category = ((draws.uniform("category", keys) * borders[:, -1])[:, None] >= borders).sum(axis=1)
    step = (price[:, None] > PRICES[category] * 100).sum(axis=1)
    return np.asarray(category * GOODS_PER_CATEGORY + np.minimum(step, GOODS_PER_CATEGORY - 1))
