"""Steps of the refresh that compute tags and their bitmap index."""

from __future__ import annotations

import functools
from array import array
from collections.abc import Iterator

import ibis
import numpy as np
import pyarrow as pa
from pyroaring import BitMap

from zhike.understand.tags.shipped import SHIPPED
from zhike.understand.tags.tables import TAG_BITMAPS, TAGS
from zhike.understand.value.tables import ACTIVITY_SUMMARY, CONTRACT_SUMMARY, ORDER_SUMMARY, RFM
from zhike.warehouse.contracts import CUSTOMERS_PER_SHARD
from zhike.warehouse.steps import Inputs, Outputs, Step


def _tags(inputs: Inputs) -> Outputs:
    tables = [tag.compute(inputs).select("customer_id", "value").mutate(tag=ibis.literal(tag.name)) for tag in SHIPPED]
    return {TAGS: functools.reduce(lambda a, b: a.union(b), tables)}


def _bitmaps(inputs: Inputs) -> Outputs:
    tags = inputs[TAGS]
    return {TAG_BITMAPS: bitmaps(tags.to_pyarrow())}


def bitmaps(tags: pa.Table) -> pa.Table:
    """One row per range of customers, tag and value, with the bitmap of those who have it."""
    rows = list(_ranges(tags))
    return pa.Table.from_pylist(
        rows,
        schema=pa.schema(
            [
                ("customer_id", pa.int64()),
                ("tag", pa.string()),
                ("value", pa.string()),
                ("customer_count", pa.int64()),
                ("bitmap", pa.binary()),
            ]
        ),
    )


def _ranges(tags: pa.Table) -> Iterator[dict[str, object]]:
    ids = tags["customer_id"].to_numpy()
    names = tags["tag"].combine_chunks().dictionary_encode()
    values = tags["value"].combine_chunks().dictionary_encode()
    if not len(ids):
        return
    starts = ids // CUSTOMERS_PER_SHARD
    code = (starts * len(names.dictionary) + names.indices.to_numpy()) * len(values.dictionary)
    code += values.indices.to_numpy()
    order = np.lexsort((ids, code))
    borders = np.flatnonzero(np.diff(code[order])) + 1
    for members in np.split(order, borders):
        first = int(members[0])
        # From a typed buffer pyroaring reads five times faster than from a NumPy array.
        bitmap = BitMap(array("I", ids[members].astype(np.uint32).tobytes()))
        bitmap.run_optimize()
        yield {
            "customer_id": int(starts[first]) * CUSTOMERS_PER_SHARD,
            "tag": tags["tag"][first].as_py(),
            "value": tags["value"][first].as_py(),
            "customer_count": len(bitmap),
            "bitmap": bitmap.serialize(),
        }


STEPS = (
    Step(
        name="tags",
        reads=(RFM, CONTRACT_SUMMARY, ORDER_SUMMARY, ACTIVITY_SUMMARY),
        writes=(TAGS,),
        compute=_tags,
    ),
    Step(name="tag_bitmaps", reads=(TAGS,), writes=(TAG_BITMAPS,), compute=_bitmaps, in_process=True),
)
