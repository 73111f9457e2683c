"""The list of saved scenarios, and what a new one can begin with."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.govern.access.rights import Right
from zhike.govern.access.services import may
from zhike.stats.ltv import ltv_table
from zhike.ui.lists import TableView
from zhike.ui.rows import page_of_rows
from zhike.ui.tables import Column, Kind, Query, Table, TablePage
from zhike.understand.what_if.queries import ScenarioShown, list_examples, list_scenarios

TABLE = Table(
    name="scenarios",
    title=gettext_lazy("Scenarios"),
    columns=(
        Column("name", gettext_lazy("Name"), is_filterable=True, leads_to="url"),
        Column("customers", gettext_lazy("New customers"), Kind.NUMBER),
        Column("years", gettext_lazy("Years"), Kind.NUMBER),
        Column("ltv", gettext_lazy("Lifetime value per customer"), Kind.MONEY),
        Column("strategies", gettext_lazy("Strategies"), is_sortable=False, is_long=True),
        Column("made_by", gettext_lazy("Made by"), is_filterable=True),
        Column("changed_at", gettext_lazy("Changed"), Kind.INSTANT),
        Column("note", gettext_lazy("Note"), is_sortable=False, is_shown=False, is_long=True),
    ),
    sort="name",
    empty=gettext_lazy("No scenario is saved yet. Begin with your own orders or with an example below, and save it."),
)


class Scenarios(TableView):
    """The saved scenarios; there are few, so they are ordered here."""

    table = TABLE
    template_name = "what_if/scenarios.html"

    def page(self, query: Query) -> TablePage:
        """The scenarios asked for."""
        found = list_scenarios(archived="archived" in self.request.GET)
        return page_of_rows(map(_row, found), query, key="scenario_id")

    def context(self, _query: Query) -> dict[str, Any]:
        """What a new one can begin with."""
        return {
            "is_archived": "archived" in self.request.GET,
            "may_save": may(Right.SAVE_SCENARIOS),
            "examples": [
                {"key": key, "scenario": one, "strategies": _(", ").join(one.strategies)}
                for key, one in list_examples().items()
            ],
        }


def _row(one: ScenarioShown) -> dict[str, Any]:
    scenario = one.scenario
    return {
        "scenario_id": one.scenario_id,
        "name": one.name,
        "customers": scenario.customers if scenario else None,
        "years": scenario.years if scenario else None,
        "ltv": ltv_table(scenario.ltv_inputs()).value if scenario else None,
        "strategies": _(", ").join(scenario.strategies) if scenario else one.problem,
        "made_by": one.made_by,
        "changed_at": one.changed_at,
        "note": one.note,
        "url": reverse("scenario", args=[one.scenario_id]),
    }
