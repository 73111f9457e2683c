"""How many customers a rule has, and what each of its rows makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from zhike.understand.tags.builder.posted import At


@dataclass(frozen=True)
class RowCount:
    """What one row does: how many are left so far, how many it has alone, and how many there would be without it."""

    alone: int
    so_far: int
    without: int
    change: int


@dataclass(frozen=True)
class Counted:
    """The customers of the rows that are complete, of how many, and how long that took."""

    count: int
    customers: int
    share: float
    milliseconds: float
    rows: Mapping[At, RowCount] = field(default_factory=dict)
