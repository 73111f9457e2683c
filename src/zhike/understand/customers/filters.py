"""What a filter of the list asks, as a judgement on columns."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.utils.translation import gettext as _

from zhike.errors import UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.understand.customers.tables import CUSTOMER_LIST
from zhike.warehouse.arrays import Mask, filled, whole_numbers
from zhike.warehouse.contracts import Column, Kind
from zhike.warehouse.mapped import MappedBatch

# Text: contains it (free text) or equals it; a set: any of these; a pair: from and to, both included.
Filter = str | frozenset[str] | tuple[Any, Any]
Judge = Callable[[MappedBatch], Mask]

FREE_TEXT = ("name", "phone", "email")
TEN_THOUSANDTHS = 10_000
DAY_0 = date(1970, 1, 1)
LARGEST = 2**63 - 1


def checked(filters: Mapping[str, Filter]) -> tuple[tuple[str, Filter], ...]:
    """The filters in an order of their own. Raises UserError for what cannot be, Denied for a personal column."""
    for name, wanted in filters.items():
        column = list_column(name)
        if column.personal:  # who may not read a name may not find it out by guessing either
            require(Right.SEE_PERSONAL_DATA)
        is_range = column.kind != Kind.TEXT
        if is_range != isinstance(wanted, tuple):
            expected = _("from and to") if is_range else _("a text")
            raise UserError(_("is filtered by %(expected)s") % {"expected": expected}, where=name)
        if isinstance(wanted, tuple):
            _bounds(column, wanted)
    return tuple(sorted(filters.items()))


def list_column(name: str) -> Column:
    """The column of the list. Raises UserError where there is none."""
    if name not in CUSTOMER_LIST:
        names = ", ".join(CUSTOMER_LIST.column_names)
        raise UserError(
            _("the list has no column “%(name)s”") % {"name": name}, advice=_("There are %(names)s.") % {"names": names}
        )
    return CUSTOMER_LIST[name]


def judge(name: str, wanted: Filter) -> Judge:
    """Which rows of a batch a filter lets through."""
    column = CUSTOMER_LIST[name]
    if isinstance(wanted, tuple):
        low, high = _bounds(column, wanted)
        return lambda batch: _between(batch, name, low, high)
    if isinstance(wanted, frozenset):
        values = pa.array(sorted(wanted), pa.string())
        return lambda batch: _mask(pc.is_in(batch.column(name), value_set=values))
    if name not in FREE_TEXT:
        return lambda batch: _mask(pc.equal(batch.column(name), wanted))
    # To compare without case costs ten times as much, and Chinese has none.
    has_case = wanted.lower() != wanted.upper()
    return lambda batch: _mask(pc.match_substring(batch.column(name), wanted, ignore_case=has_case))


def _mask(judged: pa.Array) -> Mask:
    mask: Mask = pc.fill_null(judged, False).to_numpy(zero_copy_only=False)
    return mask


def _between(batch: MappedBatch, name: str, low: int, high: int) -> Mask:
    values = whole_numbers(batch.column(name))
    inside: Mask = np.logical_and(values >= low, values <= high)
    return inside & filled(batch.column(name)) if batch.column(name).null_count else inside


def _bounds(column: Column, wanted: tuple[Any, Any]) -> tuple[int, int]:
    """From and to in the whole numbers that the column is kept in."""
    low, high = (None if end is None else _whole(column, end) for end in wanted)
    return (-LARGEST if low is None else math.ceil(low), LARGEST if high is None else math.floor(high))


def _whole(column: Column, value: Any) -> Decimal:
    if column.kind == Kind.DATE:
        if not isinstance(value, date):
            raise UserError(_("“%(value)s” is not a date") % {"value": value}, where=column.name)
        return Decimal((value - DAY_0).days)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal) or not math.isfinite(value):
        raise UserError(_("“%(value)s” is not a number") % {"value": value}, where=column.name)
    scaled = Decimal(str(value)) * (TEN_THOUSANDTHS if column.kind == Kind.DECIMAL else 1)
    return max(min(scaled, Decimal(LARGEST)), Decimal(-LARGEST))
