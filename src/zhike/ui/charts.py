"""Charts: each answers one question, is titled with the answer, and has its table behind it.

A chart is stated here and drawn in the browser (`static/ui/charts.js`); without JavaScript, and
on request, its table is read instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from zhike.ui.navigation import Words
from zhike.ui.templatetags.formats import compact, money, number, reader_locale, round_money, share

FORMATS = {"number": number, "compact": compact, "money": money, "round_money": round_money, "share": share}


@dataclass(frozen=True)
class Bars:
    """One bar per category."""

    finding: Words  # the answer, as a sentence
    category: Words  # what the categories are
    measure: Words  # what the bars measure, with its unit
    labels: Sequence[Words]
    values: Sequence[float | None]
    format: str = "number"
    links: Sequence[str] = ()  # where each bar leads
    is_horizontal: bool = False
    marks: Sequence[tuple[float, Words]] = ()  # lines across, at so many bars from the left
    kind: str = field(default="bars", init=False)

    def spec(self) -> dict[str, Any]:
        """What the browser draws."""
        spec = asdict(self)
        show = FORMATS[self.format]
        spec |= {
            "finding": str(self.finding),
            "category": str(self.category),
            "measure": str(self.measure),
            "labels": [str(label) for label in self.labels],
            "shown": [show(value) for value in self.values],
            "marks": [[place, str(words)] for place, words in self.marks],
            "locale": str(reader_locale()).replace("_", "-"),
        }
        return spec

    def head(self) -> list[Words]:
        """Titles of the table behind it."""
        return [self.category, self.measure]

    def rows(self) -> list[list[dict[str, Any]]]:
        """The table behind it, with where its cells lead."""
        show = FORMATS[self.format]
        links = self.links or [""] * len(self.labels)
        return [
            [{"text": label, "url": link}, {"text": show(value), "is_figure": True}]
            for label, value, link in zip(self.labels, self.values, links, strict=True)
        ]


@dataclass(frozen=True)
class HeatMap:
    """A grid of cells whose colour says how much; `values[y][x]`."""

    finding: Words
    x_title: Words
    y_title: Words
    measure: Words
    x_labels: Sequence[Words]
    y_labels: Sequence[Words]
    values: Sequence[Sequence[float | None]]
    format: str = "compact"
    links: Sequence[Sequence[str]] = ()
    notes: Sequence[Sequence[str]] = ()  # what else a cell's tip says
    kind: str = field(default="heatmap", init=False)

    def spec(self) -> dict[str, Any]:
        """What the browser draws."""
        show = FORMATS[self.format]
        spec = asdict(self)
        spec |= {name: str(getattr(self, name)) for name in ("finding", "x_title", "y_title", "measure")}
        spec |= {name: [str(label) for label in getattr(self, name)] for name in ("x_labels", "y_labels")}
        spec["shown"] = [[show(value) for value in row] for row in self.values]
        return spec

    def head(self) -> list[Words]:
        """Titles of the table behind it."""
        return [f"{self.y_title} \\ {self.x_title}", *self.x_labels]

    def rows(self) -> list[list[dict[str, Any]]]:
        """The table behind it, with where its cells lead."""
        show = FORMATS[self.format]
        table = []
        for place, (label, row) in enumerate(zip(self.y_labels, self.values, strict=True)):
            links = self.links[place] if self.links else [""] * len(row)
            cells: list[dict[str, Any]] = [
                {"text": show(value), "url": url, "is_figure": True} for value, url in zip(row, links, strict=True)
            ]
            table.append([{"text": label}, *cells])
        return table


Chart = Bars | HeatMap
