"""How texts are read as numbers and times, in the forms that files bring."""

from __future__ import annotations

import ibis
import ibis.expr.datatypes as dt
from ibis.expr.types import StringValue, Value

from zhike.collect.sources.functions import instant_in, strlen, try_strptime, wall_clock
from zhike.warehouse.contracts import Kind
from zhike.warehouse.engines import IBIS_TYPES

CHINESE_DATES = ("%Y年%m月%d日", "%Y年%m月%d日 %H:%M", "%Y年%m月%d日 %H:%M:%S")


def number(text: StringValue, wanted: dt.DataType) -> Value:
    """A number as computers or people write it: 1234.5, 1,234.50, ¥1,234.50; null for anything else."""
    plain = text.re_extract(r"^[¥￥$€£]?\s?(-?\d{1,3}(,\d{3})*(\.\d+)?)$", 1).replace(",", "")
    read = ibis.coalesce(text.try_cast(wanted), plain.try_cast(wanted))
    return read if wanted != dt.float64 else (read.isnan() | read.isinf()).ifelse(ibis.null(wanted), read)


def day(text: StringValue, formats: tuple[str, ...]) -> Value:
    """A date in one of the strptime formats, or in a form that needs none; null for anything else."""
    if formats:
        return try_strptime(text, ibis.array(list(formats))).cast(dt.date)
    return ibis.coalesce(text.try_cast(dt.date), unusual_time(text).cast(dt.date))


def unusual_time(text: StringValue) -> Value:
    """Times in the forms that ISO does not know: 20260131, 20260131180500, 31.1.2026 excepted, 2026年1月31日."""

    def read(*formats: str) -> Value:
        return try_strptime(text, ibis.array(list(formats)))

    # Told apart by length and sign first, because a failed attempt costs far more than a look.
    return ibis.cases(
        (strlen(text) == len("20260131"), read("%Y%m%d")),
        (strlen(text) == len("20260131180500"), read("%Y%m%d%H%M%S")),
        (text.contains("年"), read(*CHINESE_DATES)),
        (text.contains("."), read("%Y.%m.%d")),
        else_=ibis.null(IBIS_TYPES[Kind.INSTANT]),
    )


def business_day(at: Value, time_zone: str) -> Value:
    """The day an instant (UTC) belongs to in a time zone."""
    if time_zone == "UTC":
        return at.cast(dt.date)
    return wall_clock(time_zone, instant_in("UTC", at)).cast(dt.date)
