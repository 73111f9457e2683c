"""Charts: each answers one question, is titled with the answer, and has its table behind it.

A chart is stated here and drawn in the browser (`static/ui/charts.js`); without JavaScript, and
on request, its table is read instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from zhike.ui.navigation import Words
from zhike.ui.templatetags.formats import compact, money, number, reader_locale, round_money, share


def times(value: float | None) -> str:
    """How many times something is something else: 2.4 ×"""
    if value is None:
        return "–"
    return f"{number(round(value, 1 if value >= 1 else 2))} ×"


FORMATS = {
    "number": number,
    "compact": compact,
    "money": money,
    "round_money": round_money,
    "share": share,
    "times": times,
}
Row = list[dict[str, Any]]


def _plain(value: Any) -> Any:
    """The same with every text in the reader's language, so that it can be sent."""
    match value:
        case Promise():
            return str(value)
        case dict():
            return {key: _plain(one) for key, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
        case _:
            return value


def linked(text: object, url: str) -> dict[str, Any]:
    return {"text": text, "url": url}


def _figure(text: str, url: str = "") -> dict[str, Any]:
    return {"text": text, "url": url, "is_figure": True}


@dataclass(frozen=True)
class Drawn:
    """What all kinds of charts have."""

    finding: Words  # the answer, as a sentence

    def spec(self) -> dict[str, Any]:
        """What the browser draws."""
        spec: dict[str, Any] = _plain(asdict(self))
        return spec | {"locale": str(reader_locale()).replace("_", "-")}


@dataclass(frozen=True)
class Bars(Drawn):
    """One bar per category."""

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
        return super().spec() | {"shown": [FORMATS[self.format](value) for value in self.values]}

    def head(self) -> list[Words]:
        """Titles of the table behind it."""
        return [self.category, self.measure]

    def rows(self) -> list[Row]:
        """The table behind it, with where its cells lead."""
        show = FORMATS[self.format]
        links = self.links or [""] * len(self.labels)
        return [
            [linked(label, link), _figure(show(value))]
            for label, value, link in zip(self.labels, self.values, links, strict=True)
        ]


@dataclass(frozen=True)
class HeatMap(Drawn):
    """A grid of cells whose colour says how much; `values[y][x]`."""

    x_title: Words
    y_title: Words
    measure: Words
    x_labels: Sequence[Words]
    y_labels: Sequence[Words]
    values: Sequence[Sequence[float | None]]
    format: str = "compact"
    links: Sequence[Sequence[str]] = ()
    y_links: Sequence[str] = ()  # where the heads of rows lead, in the table behind
    notes: Sequence[Sequence[str]] = ()  # what else a cell's tip says
    first_on_top: bool = False
    is_rooted: bool = False  # coloured by the root of the values, where few are large and the small ones matter
    kind: str = field(default="heatmap", init=False)

    def spec(self) -> dict[str, Any]:
        """What the browser draws."""
        show = FORMATS[self.format]
        return super().spec() | {"shown": [[show(value) for value in row] for row in self.values]}

    def head(self) -> list[Words]:
        """Titles of the table behind it."""
        return [f"{self.y_title} \\ {self.x_title}", *self.x_labels]

    def rows(self) -> list[Row]:
        """The table behind it, with where its cells lead."""
        show = FORMATS[self.format]
        table = []
        for place, (label, row) in enumerate(zip(self.y_labels, self.values, strict=True)):
            links = self.links[place] if self.links else [""] * len(row)
            cells = [_figure(show(value), url) for value, url in zip(row, links, strict=True)]
            table.append([linked(label, self.y_links[place] if self.y_links else ""), *cells])
        return table


@dataclass(frozen=True)
class Intervals(Drawn):
    """One bar per category from a point of comparison outwards, with the interval in which its value lies."""

    category: Words
    measure: Words
    labels: Sequence[Words]
    values: Sequence[float]
    lows: Sequence[float]
    highs: Sequence[float]
    format: str = "times"
    reference: float | None = 1.0  # what is neither more nor less; None: bars begin at 0
    is_relative: bool = True  # equal factors are equal lengths
    links: Sequence[str] = ()
    notes: Sequence[Sequence[str]] = ()  # what else is said of each, in the tip and the table
    note_titles: Sequence[Words] = ()
    kind: str = field(default="intervals", init=False)

    def spec(self) -> dict[str, Any]:
        """What the browser draws."""
        return super().spec() | {"shown": list(map(self._shown, self.values, self.lows, self.highs))}

    def _shown(self, value: float, low: float, high: float) -> str:
        show = FORMATS[self.format]
        return _("%(value)s (%(low)s to %(high)s)") % {"value": show(value), "low": show(low), "high": show(high)}

    def head(self) -> list[Words]:
        """Titles of the table behind it."""
        return [self.category, self.measure, _("Interval"), *self.note_titles]

    def rows(self) -> list[Row]:
        """The table behind it, with where its cells lead."""
        show = FORMATS[self.format]
        links = self.links or [""] * len(self.labels)
        notes = self.notes or [()] * len(self.labels)
        return [
            [linked(label, link), _figure(show(value)), _figure(f"{show(low)} – {show(high)}"), *map(_figure, more)]
            for label, value, low, high, link, more in zip(
                self.labels, self.values, self.lows, self.highs, links, notes, strict=True
            )
        ]


@dataclass(frozen=True)
class Funnel(Drawn):
    """How many are left after each step, from everybody down."""

    category: Words
    measure: Words
    labels: Sequence[Words]
    values: Sequence[int]
    links: Sequence[str] = ()
    kind: str = field(default="funnel", init=False)

    def spec(self) -> dict[str, Any]:
        """What the browser draws."""
        return super().spec() | {"shown": list(map(number, self.values)), "kept": self._kept()}

    def _kept(self) -> list[str]:
        """What share of those before each step is left after it."""
        before = [self.values[0] if self.values else 0, *self.values]
        return [share(value / was) if was else "" for value, was in zip(self.values, before, strict=False)]

    def head(self) -> list[Words]:
        """Titles of the table behind it."""
        return [self.category, self.measure, _("Left of those before")]

    def rows(self) -> list[Row]:
        """The table behind it, with where its cells lead."""
        links = self.links or [""] * len(self.labels)
        return [
            [linked(label, link), _figure(number(value)), _figure(kept)]
            for label, value, link, kept in zip(self.labels, self.values, links, self._kept(), strict=True)
        ]


@dataclass(frozen=True)
class Trend(Drawn):
    """How values went from one day to the next; one line for each of `lines`."""

    category: Words
    measure: Words
    days: Sequence[str]  # as the reader writes them
    lines: Sequence[tuple[Words, Sequence[float | None]]]
    format: str = "number"
    links: Sequence[str] = ()  # where each day leads
    bands: Sequence[tuple[Sequence[float | None], Sequence[float | None]]] = ()  # for each line, from where to where
    is_stepped: bool = False  # values hold until the next
    kind: str = field(default="trend", init=False)

    def spec(self) -> dict[str, Any]:
        """What the browser draws."""
        show = FORMATS[self.format]
        return super().spec() | {"shown": [[show(value) for value in values] for _name, values in self.lines]}

    def head(self) -> list[Words]:
        """Titles of the table behind it."""
        titles = [name or self.measure for name, _values in self.lines]
        of_bands = [_("%(line)s: interval") % {"line": name} for name in titles] if self.bands else []
        return [self.category, *titles, *of_bands]

    def rows(self) -> list[Row]:
        """The table behind it, with where its cells lead."""
        show = FORMATS[self.format]
        links = self.links or [""] * len(self.days)
        return [
            [
                linked(day, link),
                *(_figure(show(values[place])) for _name, values in self.lines),
                *(_figure(f"{show(low[place])} – {show(high[place])}") for low, high in self.bands),
            ]
            for place, (day, link) in enumerate(zip(self.days, links, strict=True))
        ]


@dataclass(frozen=True)
class Upset(Drawn):
    """How sets overlap: one column per combination of them, with those who are in just these."""

    measure: Words
    sets: Sequence[Words]
    sizes: Sequence[int]
    set_links: Sequence[str]
    members: Sequence[Sequence[bool]]  # for each combination, whether it is of each set
    values: Sequence[int]
    links: Sequence[str]
    kind: str = field(default="upset", init=False)

    def spec(self) -> dict[str, Any]:
        """What the browser draws."""
        return super().spec() | {
            "shown": list(map(number, self.values)),
            "shown_sizes": list(map(number, self.sizes)),
            "names": [self._name(of) for of in self.members],
        }

    def _name(self, of: Sequence[bool]) -> str:
        named = [str(name) for name, is_in in zip(self.sets, of, strict=True) if is_in]
        return _("only in %(sets)s") % {"sets": " + ".join(named)} if named else _("in none of them")

    def head(self) -> list[Words]:
        """Titles of the table behind it."""
        return [_("Combination"), self.measure]

    def rows(self) -> list[Row]:
        """The table behind it, with where its cells lead."""
        whole = [
            [linked(name, link), _figure(number(size))]
            for name, size, link in zip(self.sets, self.sizes, self.set_links, strict=True)
        ]
        return whole + [
            [linked(self._name(of), link), _figure(number(value))]
            for of, value, link in zip(self.members, self.values, self.links, strict=True)
        ]


Chart = Bars | HeatMap | Intervals | Funnel | Trend | Upset
