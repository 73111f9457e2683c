"""What drives each move, from counted cells: rows of the tables, however the cells were added up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from zhike.stats.drivers import Driver, drivers
from zhike.stats.logistic import NothingVaries
from zhike.stats.logistic_limits import Separated
from zhike.understand.migration.drivers import bands

FEWEST = 50  # who moved, and who stayed: with fewer, little would hold
FEW_EACH = 10  # customers of the rarer outcome for each coefficient, below which little holds
PLACES = 6  # the last digits of a fit depend on the machine

Row = dict[str, Any]


def drivers_of(cells: Sequence[Mapping[str, Any]]) -> tuple[list[Row], list[Row]]:
    """Rows of `move_models`, one of each move, and of `move_drivers`, one of each band of each feature.

    `cells` are rows of `move_cells`, in any order and with several of one kind.
    """
    models: list[Row] = []
    found: list[Row] = []
    for move, (come, _go) in bands.MOVES.items():
        own = _added([cell for cell in cells if cell[bands.STAGE] in come], move)
        model, listed = _of_move(own)
        models.append({"move": move} | model)
        found += [{"move": move} | one for one in listed]
    return models, found


def _added(cells: Sequence[Mapping[str, Any]], move: str) -> list[Row]:
    """The cells of one move, each once and in one order, so that the same customers always give the same numbers."""
    counts: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0])
    for cell in cells:
        both = counts[tuple(cell[name] for name in bands.FEATURES)]
        both[0] += cell["customers"]
        both[1] += cell[move]
    return [
        dict(zip(bands.FEATURES, key, strict=True)) | {"customers": customers, "moved": moved}
        for key, (customers, moved) in sorted(counts.items())
    ]


def _of_move(cells: Sequence[Row]) -> tuple[Row, list[Row]]:
    customers, moved = (sum(cell[name] for cell in cells) for name in ("customers", "moved"))
    model: Row = {"customers": customers, "moved": moved, "events_each": None, "p": None, "refusal": None}
    model["named"] = None
    if min(moved, customers - moved) < FEWEST:
        return model | {"refusal": "few"}, _counted(cells)
    groups = {name: [str(cell[name]) for cell in cells] for name in bands.FEATURES}
    try:
        found = drivers(groups, [cell["moved"] for cell in cells], [cell["customers"] for cell in cells])
    except NothingVaries:
        return model | {"refusal": "alike"}, _counted(cells)
    except Separated as error:
        return model | {"refusal": "separated", "named": ",".join(error.columns)}, _counted(cells)
    model |= {"events_each": round(found.events_each, PLACES), "p": round(found.regression.p, PLACES)}
    return model, [_row(one) for one in found.drivers]


def _row(one: Driver) -> Row:
    effect = one.effect
    return {
        "feature": one.feature,
        "band": one.group,
        "customers": int(one.customers),
        "moved": int(one.moved),
        "odds_ratio": effect and round(effect.odds_ratio, PLACES),
        "low": effect and round(effect.profile.low, PLACES),
        "high": effect and round(effect.profile.high, PLACES),
        "p": effect and round(effect.p, PLACES),
        "without": one.without,
    }


def _counted(cells: Sequence[Row]) -> list[Row]:
    """The bands without odds ratios, as none were estimated."""
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for cell in cells:
        for name in bands.FEATURES:
            both = counts[name, str(cell[name])]
            both[0] += cell["customers"]
            both[1] += cell["moved"]
    nothing = dict.fromkeys(("odds_ratio", "low", "high", "p", "without"))
    return [
        {"feature": feature, "band": band, "customers": customers, "moved": moved} | nothing
        for (feature, band), (customers, moved) in counts.items()
    ]
