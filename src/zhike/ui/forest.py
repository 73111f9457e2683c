"""A forest plot: points with their intervals, and a line where there is neither more nor less; a table behind it."""

from __future__ import annotations

from dataclasses import dataclass, field

from zhike.ui.charts import FORMATS, Intervals, Row


@dataclass(frozen=True)
class Forest(Intervals):
    """One point per category; where its interval is but the point itself, the others are compared with it."""

    format: str = "number"
    is_forest: bool = field(default=True, init=False)

    def _shown(self, value: float, low: float, high: float) -> str:
        return FORMATS[self.format](value) if low == high else super()._shown(value, low, high)

    def rows(self) -> list[Row]:
        """The table behind it, with where its cells lead."""
        nothing = {"text": "–", "url": "", "is_figure": True}
        return [
            [label, figure, nothing if low == high else interval, *notes]
            for (label, figure, interval, *notes), low, high in zip(super().rows(), self.lows, self.highs, strict=True)
        ]
