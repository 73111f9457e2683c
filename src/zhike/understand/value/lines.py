"""The lines of business that anybody ordered in."""

from __future__ import annotations

from functools import lru_cache

from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.understand.value.tables import ORDER_SUMMARY_BY_LINE
from zhike.warehouse.queries import Published, published, rows


def lines_of_business() -> tuple[str, ...]:
    """Their names in the order of the alphabet."""
    require(Right.SEE_CUSTOMERS)
    return _lines(published())


@lru_cache(maxsize=2)
def _lines(now: Published) -> tuple[str, ...]:
    found = rows(now.table(ORDER_SUMMARY_BY_LINE).select("line_of_business").distinct())
    return tuple(sorted(str(row["line_of_business"]) for row in found))
