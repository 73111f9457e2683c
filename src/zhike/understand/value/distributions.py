"""How days since the last order, orders and revenue are distributed over the buyers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from ibis.expr.types import Table, Value

from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.understand.value.measures import histogram
from zhike.understand.value.queries import scored, units_of
from zhike.understand.value.tables import RFM_VALUES
from zhike.warehouse.queries import Published, published, rows

# Where bins begin; the last is open. Months for days, single orders as long as they are many, 1-2-5 steps for revenue.
EDGES: dict[str, tuple[float, ...]] = {
    "days_since_last": tuple(range(0, 1081, 30)),
    "order_count": (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 30, 50, 100),
    "revenue_amount": (0, *(step * 10.0**power for power in range(8) for step in (1, 2, 5))),
}


@dataclass(frozen=True)
class Bin:
    """Customers from one value, included, up to another, not included."""

    lower: float
    upper: float | None  # None: open
    customers: int


@dataclass(frozen=True)
class Distribution:
    """One measure: its bins from the first to the last that anybody is in, and the borders of its five scores."""

    measure: str
    unit: str
    is_log: bool
    bins: tuple[Bin, ...]
    borders: tuple[float, ...]
    smallest: float | None
    largest: float | None
    customers: int
    best: int  # who have the best score
    is_fixed: bool  # the borders are those of the settings, and part no fifths


def distributions(*, unit: str | None = None, line_of_business: str | None = None) -> tuple[Distribution, ...]:
    """The distributions of days since the last order, orders and revenue over the buyers asked for."""
    require(Right.SEE_CUSTOMERS)
    return _distributions(published(), units_of(unit), line_of_business or None)


@lru_cache(maxsize=64)
def _distributions(
    now: Published, units: frozenset[str] | None, line_of_business: str | None
) -> tuple[Distribution, ...]:
    summary, bounds = scored(now, units, line_of_business)
    borders = rows(bounds.order_by("place"))
    ends = rows(
        summary.agg(
            **{
                f"best_{name}": is_best.cast("int64").sum().fill_null(0)
                for name, is_best in _have_best(summary, borders).items()
            },
            **{f"smallest_{name}": summary[name].min().cast("float64") for name in EDGES},
            **{f"largest_{name}": summary[name].max().cast("float64") for name in EDGES},
        )
    )[0]
    found = []
    for name, edges in EDGES.items():
        counted = {row["bin"]: int(str(row["customers"])) for row in rows(histogram(summary, name, edges))}
        every = [
            Bin(lower, upper, counted.get(place, 0))
            for place, (lower, upper) in enumerate(zip(edges, (*edges[1:], None), strict=True))
        ]
        filled = [place for place, one in enumerate(every) if one.customers]
        found.append(
            Distribution(
                measure=name,
                unit=RFM_VALUES[name].unit,
                is_log=name == "revenue_amount",
                bins=tuple(every[filled[0] : filled[-1] + 1]) if filled else (),
                borders=tuple(float(str(row[name])) for row in borders if row[name] is not None),
                smallest=ends[f"smallest_{name}"],  # type: ignore[arg-type]
                largest=ends[f"largest_{name}"],  # type: ignore[arg-type]
                customers=sum(counted.values()),
                best=int(str(ends[f"best_{name}"])),
                is_fixed=bool(settings.ZHIKE.rfm_bands),
            )
        )
    return tuple(found)


def _have_best(summary: Table, borders: list[dict[str, object]]) -> dict[str, Value]:
    """Of each measure, whether a buyer has the best score: beyond the last border, and of days before the first."""
    return {
        name: summary[name].cast("float64") < _border(borders, name, 0)
        if name == "days_since_last"
        else summary[name].cast("float64") > _border(borders, name, -1)
        for name in EDGES
    }


def _border(borders: list[dict[str, object]], name: str, place: int) -> float:
    """One of the borders of a measure; 0 where nobody has any."""
    return float(str(borders[place][name] or 0))
