"""A tornado: how a figure moves if each input is less, and more; a chart like the others, with its table behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from zhike.ui.charts import FORMATS, Drawn, Row
from zhike.ui.navigation import Words


@dataclass(frozen=True)
class Tornado(Drawn):
    """Two bars for each input, from the figure as it is to what it becomes; the widest first."""

    category: Words
    measure: Words
    labels: Sequence[Words]
    less: Sequence[float]  # the figure with less of the input
    more: Sequence[float]
    less_title: Words
    more_title: Words
    reference: float  # the figure as it is
    format: str = "number"
    kind: str = field(default="tornado", init=False)

    def spec(self) -> dict[str, Any]:
        """What the browser draws."""
        show = FORMATS[self.format]
        shown = [[show(value) for value in values] for values in (self.less, self.more)]
        return super().spec() | {"shown": shown, "is_horizontal": True}

    def head(self) -> list[Words]:
        """Titles of the table behind it."""
        return [self.category, self.less_title, self.more_title]

    def rows(self) -> list[Row]:
        """The table behind it."""
        show = FORMATS[self.format]
        return [
            [{"text": label}, *({"text": show(value), "is_figure": True} for value in values)]
            for label, *values in zip(self.labels, self.less, self.more, strict=True)
        ]
