"""The board: figures against their targets, cut by unit, channel, source and agent, and the rules that lack most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from zhike.collect.quality.defining.services import rule_named
from zhike.collect.quality.definitions import definition_of
from zhike.collect.quality.pages.charts import trend_chart
from zhike.collect.quality.pages.links import asked_place, board_url, condition_url, failing_url
from zhike.collect.quality.places import NOWHERE, Place, children
from zhike.collect.quality.queries import Board, Kpi, board, groups, trend
from zhike.collect.quality.words import BASES, BY, DIMENSIONS, group_title
from zhike.govern.access.actors import current_actor
from zhike.govern.access.rights import Right
from zhike.govern.access.services import may
from zhike.ui.lists import TableView
from zhike.ui.rows import page_of_rows
from zhike.ui.tables import Column, Kind, Query, Table, TablePage
from zhike.ui.templatetags.formats import number, share
from zhike.ui.unpublished import when_published

SHOWN_RULES = 10
TABLE = Table(
    name="quality",
    title=gettext_lazy("Data quality"),
    columns=(
        Column("title", gettext_lazy("Where"), leads_to="url"),
        Column("customers", gettext_lazy("Customers"), Kind.NUMBER),
        *(Column(name, title, Kind.SHARE) for name, title in DIMENSIONS.items()),
        Column("reviewed", gettext_lazy("Right by reviews"), Kind.SHARE),
        Column("interval", gettext_lazy("Interval"), is_sortable=False, is_shown=False),
    ),
    sort="customers",
    is_descending=True,
    empty=gettext_lazy("Nobody is counted here."),
)


class QualityBoard(TableView):
    """The figures of one place, and of everything right below it."""

    template_name = "quality/board.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Reads where and by what the address asks."""
        super().setup(request, *args, **kwargs)
        self.place = asked_place(request, current_actor().unit)
        by = request.GET.get("by", "")
        self.by = by if by in BY else "unit"
        columns = (replace(TABLE.columns[0], title=BY[self.by]), *TABLE.columns[1:])
        self.table = replace(TABLE, columns=columns, can_export=may(Right.EXPORT))  # type: ignore[misc]

    def page(self, query: Query) -> TablePage:
        """Every group of the place."""
        rows = [self._row(group) for group in groups(self.by, self.place)]
        return page_of_rows(rows, query, key="key", is_narrowed=bool(self.place.asked))

    def context(self, _query: Query) -> dict[str, Any]:
        """The figures, the rules that lack most, and the trend."""
        found = board(self.place)
        return {
            "board": found,
            "kpis": [_figure(kpi) for kpi in found.kpis],
            "asked": [
                {"what": BY[name], "title": group_title(name, value), "url": self._without(name)}
                for name, value in self.place.asked.items()
            ],
            "all_by": [(name, words, board_url(name, self.place)) for name, words in BY.items()],
            "by": self.by,
            "trend": trend_chart(trend(self.place)),
            "rules": _worst(found),
            "may_manage": may(Right.MANAGE_QUALITY),
        }

    def _row(self, group: Any) -> dict[str, Any]:
        reviewed = group.reviewed.share if group.reviewed else None
        return {
            "key": group.key,
            "title": group_title(self.by, group.key),
            "customers": group.customers,
            **group.shares,
            "reviewed": reviewed.share if reviewed else None,
            "interval": f"{share(reviewed.interval.low)} – {share(reviewed.interval.high)}" if reviewed else "",
            "url": board_url(self._further(group.key), replace(self.place, **{self.by: group.key})),
        }

    def _further(self, key: str) -> str:
        """By what the board of a group is cut: units by those below, of which the last have agents."""
        if self.by == "unit":
            return "unit" if key != NOWHERE and children(key) else "agent"
        return "unit" if self.place.unit == "" else "agent"

    def _without(self, name: str) -> str:
        left = {other: value for other, value in self.place.asked.items() if other != name}
        return board_url(self.by, Place(**left)) + ("&unit=" if name == "unit" else "")


def _figure(kpi: Kpi) -> dict[str, Any]:
    target = _("target %(share)s") % {"share": share(kpi.target)} if kpi.target is not None else ""
    return {
        "title": DIMENSIONS[kpi.dimension],
        "value": share(kpi.share) if kpi.share is not None else str(BASES[""]),
        "note": " · ".join(filter(None, (target, _basis(kpi)))),
        "tone": "must" if kpi.is_on_target is False else "",
    }


def _basis(kpi: Kpi) -> str:
    if kpi.basis != "reviews" or kpi.reviewed is None or kpi.reviewed.share is None:
        return str(BASES[kpi.basis]) if kpi.share is not None else ""
    interval = kpi.reviewed.share.interval
    said = _("%(low)s to %(high)s, by reviews of %(count)s customers") % {
        "low": share(interval.low),
        "high": share(interval.high),
        "count": number(kpi.reviewed.customers),
    }
    left = _("%(count)s of the sample not looked at") % {"count": number(kpi.not_looked_at)}
    return f"{said} · {left}" if kpi.not_looked_at else said


def _worst(found: Board) -> Sequence[Mapping[str, Any]]:
    return [
        {
            "figure": figure,
            "dimension": DIMENSIONS[figure.rule.dimension],
            "url": failing_url(figure.rule.name, found.place) if may_list(figure.rule.is_personal) else "",
        }
        for figure in found.rules
        if figure.lacking
    ][:SHOWN_RULES]


def may_list(is_personal: bool) -> bool:
    """Whether whoever reads may find customers by such a rule."""
    return not is_personal or may(Right.SEE_PERSONAL_DATA)


@require_safe
@when_published
def quality_customers(request: HttpRequest) -> HttpResponse:
    """Leads to the list of those who fail a rule in a place."""
    definition = definition_of(rule_named(request.GET.get("rule", "")))
    return redirect(condition_url(request, asked_place(request).condition(definition.failing)))
