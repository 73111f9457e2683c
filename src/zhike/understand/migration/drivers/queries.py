"""Reads for the page and the API: what drives moves between stages of life."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.understand.lifecycle.periods import last_complete
from zhike.understand.migration.drivers import bands
from zhike.understand.migration.drivers.days import last_day, month_before
from zhike.understand.migration.drivers.measures import added_cells
from zhike.understand.migration.drivers.study import FEW_EACH, drivers_of
from zhike.understand.migration.drivers.tables import MOVE_CELLS, MOVE_DRIVERS, MOVE_MODELS
from zhike.understand.value.queries import units_of
from zhike.warehouse.queries import Published, published, rows


@dataclass(frozen=True)
class DrivingBand:
    """Customers of one band: how many moved, and what being in it does to the odds of that."""

    feature: str
    band: str  # its lower border, or the word for it
    upper: int | None  # the border of the next
    customers: int
    moved: int
    odds_ratio: float | None
    low: float | None
    high: float | None
    p: float | None
    without: str | None  # why it has no odds ratio


@dataclass(frozen=True)
class DrivenMove:
    """A move, who made it, and what drives it."""

    move: str
    customers: int
    moved: int
    events_each: float | None
    p: float | None
    refusal: str | None  # why nothing was estimated
    named: tuple[str, ...]  # what tells perfectly who moved
    bands: tuple[DrivingBand, ...]

    @property
    def is_thin(self) -> bool:
        """Whether there are too few of the rarer outcome for so many bands."""
        return self.events_each is not None and self.events_each < FEW_EACH

    def reference(self, feature: str) -> DrivingBand | None:
        """The band that the others of a feature are compared with."""
        return next((one for one in self.bands if one.feature == feature and one.without == "reference"), None)


@dataclass(frozen=True)
class DrivenMoves:
    """The moves, from the day on which things were known to that on which it was looked where customers are."""

    known_on: date
    looked_on: date
    moves: tuple[DrivenMove, ...]  # none where the refresh in force is older than this


def move_drivers(*, unit: str | None = None) -> DrivenMoves:
    """What drives the moves of the customers of an org unit and all below it, or of the whole firm."""
    require(Right.SEE_CUSTOMERS)
    return _found(published(), units_of(unit))


@lru_cache(maxsize=64)
def _found(now: Published, units: frozenset[str] | None) -> DrivenMoves:
    month = month_before(now.as_of)
    listed: list[dict[str, Any]] = list(rows(now.table(MOVE_DRIVERS)))
    # The borders are those of the firm, whichever of its bands a unit has customers in.
    values = sorted({int(one["band"]) for one in listed if one["feature"] == bands.VALUE})
    models: Sequence[dict[str, Any]] = list(rows(now.table(MOVE_MODELS)))
    if units is not None and models:
        cells = now.table(MOVE_CELLS)
        models, listed = drivers_of(rows(added_cells(cells.filter(cells.unit_id.isin(sorted(units))))))
    borders = {**bands.BORDERS, bands.VALUE: tuple(values)}
    order = list(bands.MOVES)
    moves = [_move(model, listed, borders) for model in sorted(models, key=lambda one: order.index(one["move"]))]
    return DrivenMoves(last_day(month), last_day(last_complete(now.as_of, "month")), tuple(moves))


def _move(model: dict[str, Any], listed: Sequence[dict[str, Any]], borders: dict[str, tuple[int, ...]]) -> DrivenMove:
    own = [one for one in listed if one["move"] == model["move"]]
    named = model["named"].split(",") if model["named"] else []
    found = [
        DrivingBand(**{name: value for name, value in one.items() if name != "move"}, upper=_upper(one, borders))
        for one in own
    ]
    figures = ("move", "customers", "moved", "events_each", "p", "refusal")
    return DrivenMove(**{name: model[name] for name in figures}, named=tuple(named), bands=tuple(in_order(found)))


def in_order(found: Sequence[DrivingBand]) -> list[DrivingBand]:
    """Bands in the order of their features and borders."""
    words = (*bands.STARTS, *bands.REPLIES)
    return sorted(
        found,
        key=lambda one: (
            bands.FEATURES.index(one.feature),
            words.index(one.band) if one.band in words else int(one.band),
        ),
    )


def _upper(one: dict[str, Any], borders: dict[str, tuple[int, ...]]) -> int | None:
    own = borders.get(one["feature"], ())
    return next((border for border in own if border > int(one["band"])), None) if own else None
