"""The charts of the RFM page, each titled with its answer."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.collect.profiles.links import customers_url
from zhike.ui.charts import Bars, HeatMap
from zhike.ui.navigation import Words
from zhike.ui.templatetags.formats import number, part_of, round_money, share
from zhike.understand.value.distributions import Bin, Distribution
from zhike.understand.value.queries import Cell, Figures, Finding, RfmGrid
from zhike.understand.value.words import MEASURES, SCORES, SEGMENTS, words_of

FEWEST_MESSAGES = 30  # below that, a rate of answers is chance
FORMATS = {"customers": "number", "revenue": "round_money", "response": "share"}
SHOWN: dict[str, Words] = {
    "customers": gettext_lazy("Customers"),
    "revenue": gettext_lazy("Revenue"),
    "response": gettext_lazy("Response rate"),
}
VALUES: dict[str, Callable[[Figures], float | None]] = {
    "customers": lambda figures: figures.customers,
    "revenue": lambda figures: figures.revenue,
    "response": lambda figures: figures.response_rate,
}


def finding_in_words(finding: Finding | None) -> str:
    """What stands out among the segments, as a sentence; empty where nothing does."""
    if finding is None:
        return ""
    return _("%(segment)s are %(share)s of the buyers and give %(revenue)s of the revenue.") % {
        "segment": words_of(SEGMENTS, finding.segment),
        "share": share(finding.customer_share),
        "revenue": share(finding.revenue_share),
    }


def tagged_url(*conditions: tuple[str, object], unit: str = "") -> str:
    """The list of those who have all these tags."""
    return customers_url(" and ".join(f'has tag "{tag}" = "{value}"' for tag, value in conditions), unit)


def heat_map(grid: RfmGrid, show: str, *, unit: str, is_linked: bool) -> HeatMap:
    """The grid, coloured by customers, revenue or response rate; each cell leads to its customers."""
    across = [[cell for cell in grid.cells if cell.y == y] for y in range(1, 6)]
    links = [
        [
            tagged_url((f"rfm_{grid.y}", cell.y), (f"rfm_{grid.x}", cell.x), unit=unit)
            if cell.figures.customers
            else ""
            for cell in row
        ]
        for row in across
    ]
    return HeatMap(
        finding=_heat_finding(grid, show),
        x_title=SCORES[grid.x],
        y_title=SCORES[grid.y],
        measure=SHOWN[show],
        x_labels=("1", "2", "3", "4", "5"),
        y_labels=("1", "2", "3", "4", "5"),
        values=[[VALUES[show](cell.figures) for cell in row] for row in across],
        format=FORMATS[show],
        links=links if is_linked else (),
        notes=[[_note(cell.figures) for cell in row] for row in across],
    )


def _note(figures: Figures) -> str:
    return _("%(customers)s customers · %(revenue)s · %(messages)s messages") % {
        "customers": number(figures.customers),
        "revenue": round_money(figures.revenue),
        "messages": number(figures.messages),
    }


def _heat_finding(grid: RfmGrid, show: str) -> str:
    cells = [cell for cell in grid.cells if show != "response" or cell.figures.messages >= FEWEST_MESSAGES]
    if not cells:
        return _("Too few messages are on record to say who answers.")
    best = max(cells, key=lambda cell: VALUES[show](cell.figures) or 0)
    words = {
        "customers": _("The most buyers, %(share)s, have %(y_title)s %(y)s and %(x_title)s %(x)s"),
        "revenue": _("Those with %(y_title)s %(y)s and %(x_title)s %(x)s give most: %(share)s of the revenue"),
        "response": _(
            "Those with %(y_title)s %(y)s and %(x_title)s %(x)s answer most, %(share)s of the messages,"
            " where there were %(fewest)s or more"
        ),
    }
    return words[show] % {
        "share": share(_share(best, show)),
        "fewest": FEWEST_MESSAGES,
        "y_title": _in_a_sentence(str(SCORES[grid.y])),
        "x_title": _in_a_sentence(str(SCORES[grid.x])),
        "y": best.y,
        "x": best.x,
    }


def _share(cell: Cell, show: str) -> float | None:
    figures = cell.figures
    return {
        "customers": figures.customer_share,
        "revenue": figures.revenue_share,
        "response": figures.response_rate,
    }[show]


def bars(found: Distribution) -> Bars:
    """How one measure is distributed over the buyers, with the borders of its fifths as lines."""
    return Bars(
        finding=_middle(found),
        category=MEASURES[found.measure],
        measure=_("Customers"),
        labels=[_label(found, one) for one in found.bins],
        values=[one.customers for one in found.bins],
        marks=[(place, "") for place in dict.fromkeys(_place(found, border) for border in found.borders)],
    )


def borders_in_words(found: Distribution) -> str:
    """Where the fifths part."""
    show = round_money if found.measure == "revenue_amount" else number
    shown = " · ".join(dict.fromkeys(show(round(border)) for border in found.borders))
    words = (
        _("The dashed lines part the scores: %(borders)s")
        if found.is_fixed
        else _("The dashed lines part the fifths: %(borders)s")
    )
    return words % {"borders": shown}


def _middle(found: Distribution) -> str:
    """The answer: how far the best fifth is from the last; of orders, how many have just one."""
    if len(found.borders) < 4:
        return str(MEASURES[found.measure])
    if found.measure == "order_count":
        once = sum(one.customers for one in found.bins if one.upper == 2)
        return _("%(share)s have ordered just once") % {"share": share(part_of(once, found.customers))}
    if found.is_fixed:
        return _best(found)
    if found.measure == "days_since_last":
        words, show = _("A fifth ordered within %(low)s days, a fifth not for %(high)s"), number
    else:
        words, show = _("A fifth gave more than %(high)s, a fifth at most %(low)s"), round_money
    return words % {"low": show(round(found.borders[0])), "high": show(round(found.borders[-1]))}


def _best(found: Distribution) -> str:
    """The answer where borders are fixed: how many have the best score."""
    if found.measure == "days_since_last":
        words, border = _("%(share)s ordered less than %(border)s days ago"), number(round(found.borders[0]))
    else:
        words, border = _("%(share)s gave more than %(border)s"), round_money(round(found.borders[-1]))
    return words % {"share": share(part_of(found.best, found.customers)), "border": border}


def _label(found: Distribution, one: Bin) -> str:
    show = round_money if found.measure == "revenue_amount" else number
    if one.upper is None:
        return f"≥ {show(one.lower)}"
    last = one.upper if found.measure == "revenue_amount" else one.upper - 1
    return show(one.lower) if last == one.lower else f"{show(one.lower)}–{show(last)}"


def _place(found: Distribution, border: float) -> float:
    """Where a border lies, in bars from the left: whole orders end with their bar, other values lie within one."""
    for place, one in enumerate(found.bins):
        if one.upper is None:
            return place + 0.5
        if border < one.upper:
            if found.measure == "order_count":
                return place + (border - one.lower + 1) / (one.upper - one.lower)
            return place + max(0.0, border - one.lower) / (one.upper - one.lower)
    return float(len(found.bins))


def _in_a_sentence(title: str) -> str:
    """A title as it stands inside a sentence; Chinese has no capitals but those that are meant."""
    return title.lower() if title.isascii() else title
