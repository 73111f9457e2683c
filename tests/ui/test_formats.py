"""Values as a reader of either language expects them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import translation

from zhike.ui.templatetags import formats


@pytest.mark.parametrize(
    ("show", "value", "english", "chinese"),
    [
        (formats.number, 1234567, "1,234,567", "1,234,567"),
        (formats.number, Decimal("1234.50"), "1,234.5", "1,234.5"),
        (formats.number, None, "–", "–"),
        (formats.compact, 1_200_000, "1.2M", "120万"),
        (formats.compact, 98_765, "98,765", "98,765"),
        (formats.compact, 310_000_000, "310M", "3.1亿"),
        (formats.money, Decimal("4310.5"), "¥4,310.50", "¥4,310.50"),
        (formats.money, Decimal("-3"), "−¥3.00", "−¥3.00"),
        (formats.round_money, 98_765_432, "¥98.8M", "¥9876.5万"),
        (formats.share, 0.483, "48%", "48%"),
        (formats.share, 0.0123, "1.2%", "1.2%"),
        (formats.day, date(2026, 1, 5), "5 Jan 2026", "2026年1月5日"),
        (formats.instant, datetime(2026, 1, 5, 16, 30, tzinfo=UTC), "6 Jan 2026 00:30", "2026年1月6日 00:30"),
        (formats.duration, 3.21, "3.2 s", "3.2秒"),
        (formats.duration, 200, "3 min 20 s", "3分20秒"),
        (formats.bytes_size, 1_530_000, "1.5 MB", "1.5 MB"),
    ],
)
def test_a_value_is_shown_in_the_readers_way(show: object, value: object, english: str, chinese: str) -> None:
    with translation.override("en"):
        assert show(value) == english  # type: ignore[operator]
    with translation.override("zh-hans"):
        assert show(value) == chinese  # type: ignore[operator]
