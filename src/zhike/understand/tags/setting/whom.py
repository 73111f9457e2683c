"""Which customers are meant: by their numbers, or by what sources call them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import ibis
import pyarrow as pa
from django.utils.translation import gettext as _
from pyroaring import BitMap

from zhike.collect.identity.queries import Key, NoSuchCustomers
from zhike.collect.identity.redirects import redirects
from zhike.collect.identity.tables import IDENTITY_MAP
from zhike.understand.tags.setting.folding import bitmap_of
from zhike.warehouse.engines import engine
from zhike.warehouse.queries import Published, published

NAMED = 5  # of the unknown, in a message
LARGEST = 2**32


def customers_named(ids: Iterable[int] = (), keys: Sequence[Key] = (), now: Published | None = None) -> BitMap:
    """The customers of these numbers and keys. Raises NoSuchCustomers if one of them is not there."""
    now = now or published()
    wanted = ids if isinstance(ids, BitMap) else sorted(set(ids))
    strange = [] if isinstance(ids, BitMap) else [one for one in wanted if not 0 <= one < LARGEST]
    found = BitMap() if strange else BitMap(wanted)
    strange += found[found.rank(now.next_customer_id - 1) if now.next_customer_id else 0 :][:NAMED]
    if strange:
        raise NoSuchCustomers(
            _("there is no customer %(customer_id)s") % {"customer_id": ", ".join(map(str, strange[:NAMED]))},
            advice=_("Customers are numbered from 0 to %(last)s.") % {"last": now.next_customer_id - 1},
        )
    found = redirects(now).current_of(found)
    return found | _by_keys(keys, now) if keys else found


def _by_keys(keys: Sequence[Key], now: Published) -> BitMap:
    named = pa.table({"source": [key.source for key in keys], "customer_key": [key.customer_key for key in keys]})
    rows = engine().arrow(customers_of_keys(named, now))
    unknown = rows.filter(rows["customer_id"].is_null())
    if unknown.num_rows:
        some = [f"{row['source']} {row['customer_key']}" for row in unknown.slice(0, NAMED).to_pylist()]
        raise NoSuchCustomers(
            _("no customer is called %(keys)s") % {"keys": ", ".join(some)},
            advice=_("Customers of new records are known after the next refresh."),
        )
    return bitmap_of(rows["customer_id"].to_numpy())


def customers_of_keys(named: pa.Table, now: Published) -> ibis.Table:
    """The rows with the customer_id of their `source` and `customer_key`; missing where nobody is called so."""
    known = now.table(IDENTITY_MAP).select("source", "customer_key", "customer_id")
    return ibis.memtable(named).left_join(known, ["source", "customer_key"]).drop("source_right", "customer_key_right")
