"""Examples of every component, for the page that shows them all."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from zhike.ui.charts import Bars, Funnel, HeatMap, Intervals, Trend, Upset
from zhike.ui.forest import Forest
from zhike.ui.graphs import Graph
from zhike.ui.lists import shown
from zhike.ui.pareto import Pareto
from zhike.ui.sankey import Sankey
from zhike.ui.tables import Column, Kind, Table, TablePage, read_query
from zhike.ui.tornado import Tornado

TABLE = Table(
    name="examples",
    title=_("Examples"),
    columns=(
        Column("name", _("Name"), is_filterable=True, leads_to="url"),
        Column(
            "state",
            _("State"),
            Kind.CHOICE,
            choices=(("finished", _("finished")), ("running", _("running")), ("failed", _("failed"))),
            is_filterable=True,
            marks={"finished": "good", "running": "busy", "failed": "bad"},
        ),
        Column("day", _("Day"), Kind.DATE, is_filterable=True),
        Column("orders", _("Orders"), Kind.NUMBER, is_filterable=True),
        Column("amount", _("Revenue"), Kind.MONEY),
    ),
    sort="name",
    can_export=False,
)
ROWS = (
    ("王小明", "finished", date(2026, 1, 5), 12, Decimal("4310.50")),
    ("Ada Lovelace", "running", date(2026, 2, 1), 3, Decimal("99")),
    ("欧阳 静", "failed", None, None, None),
)


class ExampleForm(forms.Form):
    """A form with a field of each kind, one of them wrong."""

    name = forms.CharField(label=_("Name"), help_text=_("As the customer writes it."))
    share = forms.DecimalField(label=_("Renewal rate"), max_value=1, min_value=0)
    kind = forms.ChoiceField(label=_("State"), choices=TABLE.columns[1].choices)
    is_sure = forms.BooleanField(label=_("I am sure"), required=False)


def examples(request: HttpRequest) -> dict[str, Any]:
    """What the gallery's template shows."""
    names = [column.name for column in TABLE.columns]
    rows = [dict(zip(names, row, strict=True)) | {"url": "#"} for row in ROWS]
    page = TablePage(rows, total=3, next="x", totals={"orders": 15, "amount": Decimal("4409.50")})
    query = read_query(TABLE, request.GET)
    return {
        "list": shown(request, query, page),
        "nothing": shown(request, query, TablePage([], total=0)) | {"table": TABLE},
        "form": ExampleForm({"name": "王小明", "share": "30"}),
        **_charts(),
        "now": datetime(2026, 1, 5, 9, 30, tzinfo=UTC),
    }


def _charts() -> dict[str, Any]:
    return {
        "bars": Bars(
            finding=_("Most customers ordered within the last month"),
            category=_("Days since the last order"),
            measure=_("Customers"),
            labels=("0–30", "31–60", "61–90", "91+"),
            values=(5200, 2300, 900, 1400),
        ),
        "heatmap": HeatMap(
            finding=_("Who ordered lately and often gives most"),
            x_title=_("Frequency"),
            y_title=_("Recency"),
            measure=_("Revenue"),
            x_labels=("1", "2", "3"),
            y_labels=("1", "2", "3"),
            values=((10, 20, 30), (40, 90, 160), (70, 240, 700)),
        ),
        "intervals": Intervals(
            finding=_("Buying online is twice as common among them"),
            category=_("Tag"),
            measure=_("As often as among all"),
            labels=(_("Bought online"), _("Owns a smartphone"), _("Contract holder")),
            values=(2.1, 1.3, 0.4),
            lows=(1.7, 0.9, 0.3),
            highs=(2.6, 1.8, 0.6),
        ),
        "tornado": Tornado(
            finding=_("Retention moves the value most"),
            category=_("Input"),
            measure=_("Lifetime value per customer"),
            labels=(_("Retention rate"), _("Average spend per order")),
            less=(24.0, 30.0),
            more=(52.0, 43.0),
            less_title=_("10% less"),
            more_title=_("10% more"),
            reference=36.5,
            format="money",
        ),
        **_relations(),
        **_journeys(),
    }


def _relations() -> dict[str, Any]:
    """Charts of what belongs together."""
    return {
        "graph": Graph(
            finding=_("Three customers around one"),
            node=_("Customer"),
            edge=_("Relation"),
            labels=("王小明", "李雷", "Ada Lovelace", "Bergwerk Ltd"),
            groups=(1, 1, 1, 2),
            edges=(
                (0, 1, _("spouse")),
                (0, 3, _("organisation they belong to")),
                (2, 3, _("organisation they belong to")),
            ),
            links=("#", "#", "#", "#"),
            notes=("王小明", "李雷", "Ada Lovelace", "Bergwerk Ltd"),
        ),
        "upset": Upset(
            finding=_("Most who buy online have no contract"),
            measure=_("Customers"),
            sets=(_("Bought online"), _("Contract holder"), _("Champions")),
            sizes=(820, 640, 130),
            set_links=("#", "#", "#"),
            members=((True, False, False), (False, True, False), (True, True, False), (True, True, True)),
            values=(510, 400, 180, 60),
            links=("#", "#", "#", "#"),
        ),
    }


def _journeys() -> dict[str, Any]:
    """Charts of where customers go, and why."""
    return {
        "funnel": Funnel(
            finding=_("Half of them have not ordered for a year"),
            category=_("Condition"),
            measure=_("Customers"),
            labels=(_("Everybody"), _("Gender is female"), _("Last order within 12 months")),
            values=(9800, 5100, 2480),
        ),
        "trend": Trend(
            finding=_("Three hundred more than in January"),
            category=_("Day"),
            measure=_("Customers"),
            days=("2026-01-01", "2026-02-01", "2026-03-01"),
            lines=((_("Customers"), (900, 1010, 1200)),),
        ),
        "sankey": Sankey(
            finding=_("Most stay where they were"),
            left_title=_("At the end of %(month)s") % {"month": "2026-01"},
            right_title=_("At the end of %(month)s") % {"month": "2026-06"},
            measure=_("Customers"),
            left=(_("Stable"), _("Declining")),
            right=(_("Growing"), _("Stable"), _("Interrupted")),
            flows=((0, 0, 120), (0, 1, 640), (0, 2, 40), (1, 1, 60), (1, 2, 90)),
            tones=("good", "", "bad"),
        ),
        "forest": Forest(
            finding=_("Two lines of business halve the odds"),
            category=_("Known before"),
            measure=_("Odds ratio"),
            labels=(_("At most 1 line of business"), _("%(count)s lines of business") % {"count": 2}, _("No contract")),
            values=(1.0, 0.5, 1.2),
            lows=(1.0, 0.4, 0.8),
            highs=(1.0, 0.7, 1.7),
        ),
        "pareto": Pareto(
            finding=_("Two reasons stand behind most"),
            category=_("Reason"),
            measure=_("Contracts"),
            labels=(_("lapsed"), _("surrendered"), _("cancelled")),
            values=(71, 29, 14),
        ),
    }
