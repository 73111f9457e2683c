"""How values look to a reader: dates, money and large numbers in their locale; icons and figures of the frame."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_timedelta
from babel.numbers import format_compact_decimal, format_currency, format_decimal, format_percent
from django import template
from django.conf import settings
from django.utils import timezone, translation
from django.utils.html import format_html, json_script
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from zhike.ui.assets import ICONS

register = template.Library()

Number = int | float | Decimal
NOTHING = "–"
FROM_COMPACT = 100_000  # shorter numbers are read as they are


@register.filter
def number(value: Number | None) -> str:
    """A number with the reader's separators: 12,345.6"""
    if value is None:
        return NOTHING
    shown = f"{value:,.2f}" if isinstance(value, float | Decimal) else f"{value:,}"
    shown = shown.rstrip("0").rstrip(".") if "." in shown else shown
    return shown if _separators() == ",." else str(format_decimal(value, format="#,##0.##", locale=reader_locale()))


@register.filter
def compact(value: Number | None) -> str:
    """A large number as people say it: 1.2M, 120万; a smaller one whole."""
    if value is None:
        return NOTHING
    if abs(float(value)) < FROM_COMPACT:
        return number(round(value) if abs(float(value)) >= 100 else value)
    shown: str = format_compact_decimal(value, locale=reader_locale(), fraction_digits=1)
    return shown


@register.filter
def money(value: Number | None) -> str:
    """An amount in the installation's currency: ¥12,345.60"""
    if value is None:
        return NOTHING
    locale = reader_locale()
    if _separators() != ",.":
        return str(format_currency(value, settings.ZHIKE.currency, locale=locale))
    return f"{'−' if value < 0 else ''}{_symbol(locale)}{abs(value):,.2f}"


@register.filter
def round_money(value: Number | None) -> str:
    """An amount where small change does not matter: ¥1.2M, ¥120万."""
    if value is None:
        return NOTHING
    locale = reader_locale()
    sign = "−" if value < 0 else ""
    if abs(float(value)) < FROM_COMPACT:
        return f"{sign}{_symbol(locale)}{number(abs(round(float(value))))}"
    plain: str = format_compact_decimal(abs(value), locale=locale, fraction_digits=1)
    return f"{sign}{_symbol(locale)}{plain}"


def currency_sign() -> str:
    """How the installation's currency is written: ¥."""
    return _symbol(reader_locale())


@register.filter
def share(value: Number | None) -> str:
    """A share between 0 and 1 as a percentage."""
    if value is None:
        return NOTHING
    digits = "#,##0.0%" if 0 < abs(float(value)) < 0.1 else "#,##0%"
    shown: str = format_percent(value, format=digits, locale=reader_locale())
    return shown


@register.filter
def day(value: date | None) -> str:
    """A day: 5 Jan 2026, 2026年1月5日."""
    if value is None:
        return NOTHING
    return _day(local(value).date() if isinstance(value, datetime) else value, reader_locale())


@register.filter
def instant(value: datetime | None) -> str:
    """A day and time in the business time zone."""
    if value is None:
        return NOTHING
    moment = local(value)
    return f"{_day(moment.date(), reader_locale())} {moment:%H:%M}"


@register.filter
def ago(value: datetime | None) -> str:
    """How long ago something was: 3 minutes ago."""
    if value is None:
        return NOTHING
    shown: str = format_timedelta(value - timezone.now(), add_direction=True, locale=reader_locale())
    return shown


@register.filter
def duration(seconds: Number | None) -> str:
    """A time that something took: 0.4 s, 12 s, 3 min 20 s."""
    if seconds is None:
        return NOTHING
    if seconds < 10:
        return _("%(seconds)s s") % {"seconds": number(round(float(seconds), 1))}
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return _("%(seconds)s s") % {"seconds": rest}
    return _("%(minutes)s min %(seconds)s s") % {"minutes": minutes, "seconds": rest}


@register.filter
def bytes_size(value: Number | None) -> str:
    """A size of data in decimal units."""
    if value is None:
        return NOTHING
    size = float(value)
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{number(round(size, 1))} {unit}"
        size /= 1000
    return f"{number(round(size, 1))} GB"


@register.filter
def part_of(value: Number | None, whole: Number | None) -> float:
    """How much of a whole this is, 0 to 1; 0 of nothing."""
    return float(value or 0) / float(whole) if whole else 0.0


@register.filter
def item(mapping: dict[str, object], key: str) -> object:
    """What a mapping has under a key."""
    return mapping.get(key)


@register.simple_tag
def icon(name: str) -> SafeString:
    """A drawn sign, hidden from screen readers: the words beside it say what it means."""
    return format_html('<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">{}</svg>', _shapes(name))


@register.simple_tag(takes_context=True)
def query_with(context: template.Context, **changes: object) -> str:
    """This page's query with some of its values changed; None takes one out."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None:
            query[name] = str(value)
    return f"?{query.urlencode()}"


@register.simple_tag
def chart_spec(chart: Any, name: str) -> SafeString:
    """What the browser draws of a chart, as data beside it."""
    return json_script(chart.spec(), f"{name}-spec")


def local(value: datetime) -> datetime:
    """The instant in the business time zone; instants of the lake carry none and are in UTC."""
    if value.tzinfo is None:
        value = value.replace(tzinfo=ZoneInfo("UTC"))
    return value.astimezone(ZoneInfo(settings.ZHIKE.time_zone))


def reader_locale() -> Locale:
    """The locale of whoever reads."""
    return _locale(translation.get_language() or "en")


# A list shows hundreds of values; these three are what Babel would otherwise work out for each of them.
@lru_cache(maxsize=8192)
def _day(value: date, locale: Locale) -> str:
    shown: str = format_date(value, format="medium", locale=locale)
    return shown


@lru_cache(maxsize=8)
def _symbol(locale: Locale) -> str:
    # There is one currency, so ¥ says enough where CN¥ would tell two apart.
    return re.sub(r"^[A-Z]+(?=[^\w.])", "", format_currency(0, settings.ZHIKE.currency, format="¤", locale=locale))


def _separators() -> str:
    symbols = reader_locale().number_symbols["latn"]
    return f"{symbols['group']}{symbols['decimal']}"


@lru_cache(maxsize=8)
def _locale(language: str) -> Locale:
    if language == "en":
        return Locale("en", "GB")
    try:
        return Locale.parse(translation.to_locale(language))
    except (UnknownLocaleError, ValueError):
        return Locale("en", "GB")


@lru_cache(maxsize=256)
def _shapes(name: str) -> SafeString:
    # Our build took them from the icon package; nothing a person typed gets here.
    return mark_safe((ICONS / f"{name}.svg").read_text(encoding="utf-8"))  # noqa: S308
