"""A Pareto chart: what there is most of first, and how much of all it makes up; with its table behind it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from zhike.ui.charts import FORMATS, Drawn, Row, linked
from zhike.ui.navigation import Words


@dataclass(frozen=True)
class Pareto(Drawn):
    """One bar per category, the highest first, and a line of the shares added up."""

    category: Words
    measure: Words
    labels: Sequence[Words]
    values: Sequence[int]
    links: Sequence[str] = ()  # where each bar leads
    kind: str = field(default="pareto", init=False)

    def spec(self) -> dict[str, Any]:
        """What the browser draws."""
        return super().spec() | {
            "format": "number",
            "shown": list(map(FORMATS["number"], self.values)),
            "added": self._added(),
            "shown_added": list(map(FORMATS["share"], self._added())),
            "added_title": _("Share added up"),
        }

    def _added(self) -> list[float]:
        whole = sum(self.values) or 1
        return [value / whole for value in itertools.accumulate(self.values)]

    def head(self) -> list[Words]:
        """Titles of the table behind it."""
        return [self.category, self.measure, _("Share added up")]

    def rows(self) -> list[Row]:
        """The table behind it, with where its cells lead."""
        links = self.links or [""] * len(self.labels)
        shown = zip(self.labels, self.values, self._added(), links, strict=True)
        return [
            [
                linked(label, link),
                {"text": FORMATS["number"](value), "is_figure": True},
                {"text": FORMATS["share"](added), "is_figure": True},
            ]
            for label, value, added, link in shown
        ]
