"""Counting customers by where they belong."""

from __future__ import annotations

import pyarrow as pa

from zhike.collect.quality.grouping import Groups


def test_ranges_add_up_in_the_order_of_the_dimensions() -> None:
    groups = Groups(("unit", "agent"), ("asked", "good"))
    groups.add(
        pa.table(
            {
                "unit": pa.chunked_array([["south", "north"], ["north", None]]),
                "agent": ["A", "B", "A", None],
                "asked": [True, True, False, True],
                "good": [True, False, False, False],
            }
        )
    )
    groups.add(pa.table({"unit": ["north", "east"], "agent": ["B", "A"], "asked": [True, True], "good": [True, True]}))
    assert [tuple(row.values()) for row in groups.table().to_pylist()] == [
        ("", "", 1, 1, 0),
        ("east", "A", 1, 1, 1),
        ("north", "A", 1, 0, 0),
        ("north", "B", 2, 2, 1),
        ("south", "A", 1, 1, 1),
    ]


def test_nobody_makes_no_group() -> None:
    assert Groups(("unit",), ("good",)).table().num_rows == 0
