"""What drives moves, from cells: the same as of customers one by one, and why nothing is said."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm

from zhike.rules.text import parse_rule
from zhike.understand.migration.drivers import bands
from zhike.understand.migration.drivers.study import drivers_of
from zhike.understand.migration.drivers.words import band_in_words, rule_of_band, rule_of_moved

ALIKE: dict[str, Any] = {
    "tenure": 0,
    "silence": 0,
    "value": 0,
    "lines": 0,
    "contracts": 0,
    "contacts": 0,
    "reply": "unwritten",
}


def cell(customers: int, fell: int, grew: int = 0, **bands_of: Any) -> dict[str, Any]:
    return {"stage": "stable", **ALIKE, **bands_of, "customers": customers, "fell": fell, "grew": grew}


CELLS = [
    cell(500, 50, 60),
    cell(300, 60, 20, silence=90),
    cell(200, 10, 30, contracts=1),
    cell(100, 15, 5, silence=90, contracts=1),
    cell(150, 45, stage="growing"),
    cell(30, 0, 3, reply="refused"),
]


def test_odds_ratios_of_cells_are_those_of_another_implementation() -> None:
    models, found = drivers_of(CELLS)
    assert [(one["move"], one["customers"], one["moved"], one["refusal"]) for one in models] == [
        ("fell", 1280, 180, None),
        ("grew", 1130, 118, None),
    ]
    said = {(one["move"], one["feature"], one["band"]): one for one in found}
    used = [one for one in CELLS if one["reply"] == "unwritten"]  # of those who refused, nobody fell
    design = sm.add_constant(
        np.array([[one["silence"] == 90, one["contracts"], one["stage"] == "growing"] for one in used], float)
    )
    counts = np.array([[one["fell"], one["customers"] - one["fell"]] for one in used])
    other = sm.GLM(counts, design, family=sm.families.Binomial()).fit(tol=1e-12)
    keys = (("fell", "silence", "90"), ("fell", "contracts", "1"), ("fell", "stage", "growing"))
    assert [said[key]["odds_ratio"] for key in keys] == pytest.approx(np.exp(other.params[1:]), rel=1e-5)
    assert said["fell", "reply", "refused"] | {"p": None} == {
        "move": "fell",
        "feature": "reply",
        "band": "refused",
        "customers": 30,
        "moved": 0,
        "odds_ratio": None,
        "low": None,
        "high": None,
        "p": None,
        "without": "nobody",
    }
    assert said["grew", "stage", "stable"]["without"] == "alone"
    assert said["fell", "silence", "0"]["without"] == "reference"
    assert said["fell", "tenure", "0"]["without"] == "alone"
    assert said["grew", "reply", "refused"]["odds_ratio"] is not None


def test_the_order_of_cells_and_how_they_are_cut_say_nothing() -> None:
    halves = [
        one | {name: one[name] // 2 + extra * (one[name] % 2) for name in ("customers", "fell", "grew")}
        for extra in (0, 1)
        for one in reversed(CELLS)
    ]
    assert drivers_of(halves) == drivers_of(CELLS)


def test_why_nothing_is_said() -> None:
    models, found = drivers_of([])
    assert [(one["customers"], one["moved"], one["refusal"]) for one in models] == [(0, 0, "few")] * 2
    assert found == []
    models, found = drivers_of([cell(500, 49), cell(10, 0, silence=90)])
    assert [one["refusal"] for one in models] == ["few", "few"]
    assert {(one["feature"], one["band"], one["customers"]) for one in found if one["feature"] == "silence"} == {
        ("silence", "0", 500),
        ("silence", "90", 10),
    }
    assert all(one["odds_ratio"] is None for one in found)
    models, _found = drivers_of([cell(500, 100)])
    assert models[0]["refusal"] == "alike"
    told = [
        cell(100, 100, silence=silence, contracts=contracts) if (silence, contracts) == (30, 1) else one
        for silence, contracts in itertools.product((0, 30), (0, 1))
        for one in [cell(100, 0, silence=silence, contracts=contracts)]
    ]
    models, _found = drivers_of(told)
    assert (models[0]["refusal"], models[0]["named"]) == ("separated", "silence,contracts")


def test_every_band_has_words_and_a_rule() -> None:
    listed = [(feature, str(border)) for feature, borders in bands.BORDERS.items() for border in borders]
    listed += [("value", "0"), ("value", "500"), ("value", "1200"), *(("reply", one) for one in bands.REPLIES)]
    borders = {**bands.BORDERS, "value": (0, 500, 1200)}
    words = set()
    for feature, band in listed:
        upper = next((one for one in borders.get(feature, ()) if one > int(band)), None)
        words.add(band_in_words(feature, band, upper))
        for move in bands.MOVES:
            assert parse_rule(rule_of_band(move, feature, band, upper))
    assert len(words) == len(listed)
    assert parse_rule(rule_of_moved("fell"))
    assert rule_of_band("fell", "stage", "growing", None) == 'lifecycle_stage = "growing"'
    assert rule_of_band("grew", "value", "500", 1200) == (
        'lifecycle_stage = "stable" and yearly_amount >= 500 and yearly_amount < 1200'
    )


@pytest.mark.parametrize(
    ("quarters", "borders"),
    [
        ([None, None, None], [0]),
        ([0.0, 0.4, 0.99], [0]),
        ([7.4, 99.5, 1250.0], [0, 7, 100, 1300]),
        ([100.0, 100.2, 149000.0], [0, 100, 150000]),
        ([-5.0, 1.0, 12.0], [0, 1, 12]),
    ],
)
def test_borders_of_amounts_are_round(quarters: list[float | None], borders: list[int]) -> None:
    assert bands.value_borders(quarters) == borders
