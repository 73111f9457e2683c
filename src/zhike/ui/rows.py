"""A page of rows that are all at hand: lists that are short, or computed as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from zhike.errors import UserError
from zhike.ui.tables import Column, Filter, Kind, Query, TablePage

Row = Mapping[str, Any]


def page_of_rows(
    rows: Iterable[Row],
    query: Query,
    *,
    key: str,
    orders: Mapping[str, Callable[[Row], Any]] | None = None,
    is_narrowed: bool = False,
) -> TablePage:
    """The rows asked for, filtered and in order; `key` tells each from all others, and is where a page goes on.

    `orders` gives columns an order other than that of what they show. Rows without a value of the sorted column come
    last either way. Raises UserError for a place that is none.
    """
    by = (orders or {}).get(query.sort) or (lambda row: _comparable(query, row[query.sort]))
    found = _ordered([row for row in rows if _fits(row, query)], query, key, by)
    start, end = 0, query.limit
    if query.before is not None:
        end = _place(found, key, query.before)
        start = max(0, end - query.limit)
    elif query.after is not None:
        start = _place(found, key, query.after) + 1
        end = start + query.limit
    shown = found[start:end]
    return TablePage(
        rows=shown,
        total=len(found),
        next=str(shown[-1][key]) if shown and end < len(found) else None,
        previous=str(shown[0][key]) if shown and start else None,
        is_narrowed=is_narrowed,
    )


def _ordered(rows: Sequence[Row], query: Query, key: str, by: Callable[[Row], Any]) -> list[Row]:
    by_key = sorted(rows, key=lambda row: str(row[key]))
    known = [row for row in by_key if row.get(query.sort) not in (None, "")]
    known.sort(key=by, reverse=query.is_descending)
    return known + [row for row in by_key if row.get(query.sort) in (None, "")]


def _comparable(query: Query, value: Any) -> Any:
    column = query.table.column(query.sort)
    if column is not None and column.kind == Kind.CHOICE:
        return str(column.label(value)).casefold()
    return str(value).casefold() if isinstance(value, str) else value


def _place(rows: Sequence[Row], key: str, wanted: str) -> int:
    for place, row in enumerate(rows):
        if str(row[key]) == wanted:
            return place
    raise UserError(_("this page of the list is not known"), advice=_("Go to its first page."))


def _fits(row: Row, query: Query) -> bool:
    return all(_passes(query.table.column(name), row.get(name), wanted) for name, wanted in query.filters.items())


def _passes(column: Column | None, value: Any, wanted: Filter) -> bool:
    if isinstance(wanted, tuple):
        low, high = wanted
        if isinstance(value, datetime) and isinstance(low or high, date):
            value = value.date()
        return value is not None and (low is None or value >= low) and (high is None or value <= high)
    if column is not None and column.kind == Kind.CHOICE:
        return str(value) == wanted
    return wanted.casefold() in str(value or "").casefold()
