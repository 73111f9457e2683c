"""The view behind every list: the page, its table alone for htmx, and its export."""

from __future__ import annotations

import csv
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import replace
from tempfile import TemporaryFile
from typing import Any, ClassVar

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views import View

from zhike.errors import UserError
from zhike.ui.cells import rows_html, text_of
from zhike.ui.models import SavedView
from zhike.ui.sheets import check_sheet, runs, write_xlsx
from zhike.ui.tables import Column, Kind, Query, Table, TablePage, read_query

PAGING = ("after", "before")
ROWS_PER_EXPORTED_PAGE = 1000


class TableView(View, ABC):
    """A page with one table. A list says its table, and how to answer a query."""

    table: ClassVar[Table]
    template_name = "ui/list.html"

    @abstractmethod
    def page(self, query: Query) -> TablePage:
        """The rows asked for."""

    def export(self, query: Query) -> Iterator[Sequence[Any]]:
        """All rows of the query, in the order of its columns. Raises an error for who may not export."""
        import_string(settings.ASKED_BEFORE_EXPORT)()
        following = replace(query, after=None, before=None, limit=ROWS_PER_EXPORTED_PAGE)
        while True:
            page = self.page(following)
            for row in page.rows:
                yield [_said(column, row.get(column.name)) for column in query.columns]
            if page.next is None:
                return
            following = replace(following, after=page.next)

    def context(self, query: Query) -> dict[str, Any]:
        """What else the page shows."""
        return {}

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponseBase:
        """The page; only its table where htmx asks for that; a file where an export is asked for."""
        query = read_query(self.table, request.GET)
        page = self.page(query)
        if wanted := request.GET.get("export"):
            return exported(self.table, query, page.total, self.export(query), wanted)
        context = {"list": shown(request, query, page)}
        if request.headers.get("HX-Target", "").endswith(f"#{self.table.name}-list"):
            return render(request, "ui/table.html", context)
        return render(request, self.template_name, context | self.context(query))


def shown(request: HttpRequest, query: Query, page: TablePage) -> dict[str, Any]:
    """What the table's template needs."""
    state = request.GET.copy()
    for name in PAGING:
        state.pop(name, None)
    filtered = {name for column in query.table.columns for name in _names(column)}
    kept = [(name, value) for name, values in state.lists() for value in values if name not in filtered]
    owned = SavedView.objects.none()
    if request.user.is_authenticated:
        owned = SavedView.objects.filter(owner=request.user, table=query.table.name)
    return {
        "table": query.table,
        "query": query,
        "page": page,
        "state": state.urlencode(),
        "kept": kept,
        "columns": [{"column": column, "is_shown": column in query.columns} for column in query.table.columns],
        "state_items": [(name, value) for name, values in state.lists() for value in values if name != "columns"],
        "exports": {kind: _with(state, export=kind) for kind in ("csv", "xlsx")} if query.table.can_export else {},
        "filters": [_filter(column, query) for column in query.table.columns if column.is_filterable],
        "head": [_head(column, query, state) for column in query.columns],
        "rows": rows_html(query.columns, page.rows),
        "totals": _totals(query, page),
        "next": _with(state, after=page.next) if page.next else "",
        "previous": _with(state, before=page.previous) if page.previous else "",
        "views": owned,
        "is_filtered": bool(query.filters) or page.is_narrowed,
    }


def exported(
    table: Table, query: Query, total: int | None, rows: Iterator[Sequence[Any]], wanted: str
) -> HttpResponseBase:
    """The rows as a file to keep: CSV for machines, XLSX for people. Raises UserError for what cannot be one."""
    head = [str(column.title) for column in query.columns]
    if wanted == "csv":
        first = next(rows, None)  # a right that is lacking shows before the file begins
        response: HttpResponseBase = StreamingHttpResponse(
            _csv(head, first, rows), content_type="text/csv; charset=utf-8"
        )
    elif wanted == "xlsx":
        check_sheet(total or 0)  # before a minute is spent on writing what is not sent
        response = FileResponse(
            _xlsx(head, rows), content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        )
    else:
        raise UserError(_("a list is exported as csv or xlsx, not as “%(kind)s”") % {"kind": wanted})
    response["Content-Disposition"] = f'attachment; filename="{table.name}.{wanted}"'
    return response


class _Echo:
    """What csv writes to, to be sent at once."""

    def write(self, text: str) -> str:
        return text


def _csv(head: list[str], first: Sequence[Any] | None, rows: Iterator[Sequence[Any]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(head)  # spreadsheets take it for UTF-8 by this mark
    if first is not None:
        yield writer.writerow([_plain(value) for value in first])
    for row in rows:
        yield writer.writerow([_plain(value) for value in row])


def _xlsx(head: list[str], rows: Iterator[Sequence[Any]]) -> Any:
    file = TemporaryFile()  # noqa: SIM115 - the answer closes it once it is sent
    try:
        write_xlsx(file, rows, head)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def _said(column: Column, value: Any) -> Any:
    """A value as a file keeps it: words for a choice and a trend, everything else as it is."""
    return text_of(column, value) if column.kind in (Kind.CHOICE, Kind.TREND) and value is not None else value


def _plain(value: Any) -> Any:
    """A cell of a CSV file; text that a spreadsheet would run as a formula is quoted."""
    return f"'{value}" if isinstance(value, str) and runs(value) else value


def _with(state: Any, **changes: str) -> str:
    changed = state.copy()
    for name, value in changes.items():
        changed[name] = value
    return f"?{changed.urlencode()}"


def _totals(query: Query, page: TablePage) -> list[str]:
    if not page.totals or not page.rows:
        return []
    return [text_of(column, page.totals[column.name]) if column.name in page.totals else "" for column in query.columns]


def _head(column: Any, query: Query, state: Any) -> dict[str, Any]:
    is_sorted = column.name == query.sort
    turned = is_sorted and not query.is_descending
    # Figures are read from the largest; a second click turns the order.
    falling = turned if is_sorted else column.kind.is_figure
    return {
        "column": column,
        "url": _with(state, sort=("-" if falling else "") + column.name) if column.is_sortable else "",
        "order": ("descending" if query.is_descending else "ascending") if is_sorted else "",
    }


def _names(column: Any) -> tuple[str, ...]:
    return (f"{column.name}.from", f"{column.name}.to") if column.kind.is_range else (column.name,)


def _filter(column: Any, query: Query) -> dict[str, Any]:
    wanted = query.filters.get(column.name)
    low, high = wanted if isinstance(wanted, tuple) else (None, None)
    return {"column": column, "wanted": wanted or "", "low": low, "high": high, "is_set": wanted is not None}
