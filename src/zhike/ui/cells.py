"""A table's rows as HTML. Written here and not in a template: a page has hundreds of cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from zhike.ui.tables import Column, Kind
from zhike.ui.templatetags.formats import day, duration, instant, money, number

FORMATS: dict[Kind, Callable[[Any], str]] = {
    Kind.NUMBER: number,
    Kind.MONEY: money,
    Kind.DATE: day,
    Kind.INSTANT: instant,
    Kind.DURATION: duration,
}


def rows_html(columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> SafeString:
    """Table rows, one cell per column; a row that leads somewhere is opened from the keyboard by its first link."""
    return mark_safe("".join(_row(columns, row) for row in rows))  # noqa: S308 - every part was escaped by format_html


def text_of(column: Column, value: Any) -> str:
    """A value as its column shows it."""
    if value is None or value == "":
        return "–"
    if column.kind == Kind.CHOICE:
        return str(column.label(value))
    show = FORMATS.get(column.kind)
    return show(value) if show else str(value)


def _row(columns: Sequence[Column], row: Mapping[str, Any]) -> str:
    cells = format_html_join("", "{}", ((_cell(column, row),) for column in columns))
    return format_html('<tr tabindex="-1">{}</tr>', cells)


def _cell(column: Column, row: Mapping[str, Any]) -> SafeString:
    value = row.get(column.name)
    text: str | SafeString = text_of(column, value)
    if column.marks and value is not None:
        text = format_html('<span class="mark {}">{}</span>', column.marks.get(str(value), ""), text)
    url = row.get(column.leads_to) if column.leads_to else None
    if url:
        text = format_html('<a href="{}">{}</a>', url, text)
    if column.kind.is_figure:
        return format_html('<td class="figure">{}</td>', text)
    return format_html("<td>{}</td>", text)
