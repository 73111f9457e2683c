"""Flows from one set of places to another; a chart like the others, with its table behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from zhike.ui.charts import FORMATS, Drawn, Row, linked
from zhike.ui.navigation import Words


@dataclass(frozen=True)
class Sankey(Drawn):
    """Places at the left and at the right, and bands between them as wide as what flows."""

    left_title: Words  # when, or where, the places at the left are
    right_title: Words
    measure: Words
    left: Sequence[Words]
    right: Sequence[Words]
    flows: Sequence[tuple[int, int, int]]  # place at the left, place at the right, how many
    tones: Sequence[str]  # of each place at the right: good, busy, bad or none
    links: Sequence[str] = ()  # where each flow leads
    kind: str = field(default="sankey", init=False)

    def spec(self) -> dict[str, object]:
        """What the browser draws."""
        ends = [self._sums(side) for side in (0, 1)]
        show = FORMATS["number"]
        return super().spec() | {
            "shown": [show(value) for _from, _to, value in self.flows],
            "shown_ends": [[show(value) for value in one] for one in ends],
        }

    def _sums(self, side: int) -> list[int]:
        sums = [0] * len((self.left, self.right)[side])
        for flow in self.flows:
            sums[flow[side]] += flow[2]
        return sums

    def head(self) -> list[Words]:
        """Titles of the table behind it."""
        return [self.left_title, self.right_title, self.measure]

    def rows(self) -> list[Row]:
        """The table behind it, with where its cells lead."""
        links = self.links or [""] * len(self.flows)
        return [
            [
                {"text": self.left[start]},
                {"text": self.right[end]},
                linked(FORMATS["number"](value), link) | {"is_figure": True},
            ]
            for (start, end, value), link in zip(self.flows, links, strict=True)
        ]
