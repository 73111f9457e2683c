"""From which day to which moves are looked at."""

from __future__ import annotations

from datetime import date, timedelta

from zhike.understand.lifecycle.periods import last_complete
from zhike.understand.migration.drivers.bands import MONTHS


def month_before(as_of: date) -> int:
    """The number of the month at whose end customers are looked at before they move."""
    return last_complete(as_of, "month") - MONTHS


def last_day(month: int) -> date:
    """The last day of a month, by its number."""
    return date((month + 1) // 12, (month + 1) % 12 + 1, 1) - timedelta(days=1)
