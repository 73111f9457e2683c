"""The page of what is bought together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.collect.profiles.links import customers_url
from zhike.collect.profiles.words import line_in_words
from zhike.ui.charts import HeatMap
from zhike.ui.lists import TableView
from zhike.ui.navigation import Words
from zhike.ui.rows import page_of_rows
from zhike.ui.tables import Column, Kind, Query, Table, TablePage
from zhike.ui.templatetags.formats import number, share
from zhike.understand.affinity.found import AffinityRule, FoundRules, affinity_rules, kinds_of
from zhike.understand.affinity.together.measures import BASKETS, KINDS

ITEMS_SHOWN = 10  # of the heat map: as many names as can be read
BUNDLES_SHOWN = 8
BASKET_WORDS: dict[str, Words] = {
    "order": gettext_lazy("In one order"),
    "customer": gettext_lazy("By one customer, ever"),
}
KIND_WORDS: dict[str, Words] = {
    "product": gettext_lazy("Products"),
    "category": gettext_lazy("Categories"),
    "line_of_business": gettext_lazy("Lines of business"),
}
TABLE = Table(
    name="affinity",
    title=gettext_lazy("Bought together"),
    columns=(
        Column("name", gettext_lazy("Who bought"), is_filterable=True),
        Column("other_name", gettext_lazy("also bought"), is_filterable=True),
        Column("count", gettext_lazy("Bought both"), Kind.NUMBER, is_filterable=True, leads_to="both_url"),
        Column("confidence", gettext_lazy("Confidence"), Kind.SHARE),
        Column("confidence_interval", gettext_lazy("Confidence between"), is_sortable=False),
        Column("lift", gettext_lazy("Lift"), Kind.NUMBER, is_filterable=True),
        Column("lift_interval", gettext_lazy("Lift between"), is_sortable=False),
        Column("customers", gettext_lazy("Not yet both"), is_sortable=False, leads_to="url"),
        Column("beyond", gettext_lazy("Beyond chance"), Kind.NUMBER, is_shown=False),
        Column("item_count", gettext_lazy("Bought the one"), Kind.NUMBER, is_shown=False, leads_to="one_url"),
        Column("other_count", gettext_lazy("Bought the other"), Kind.NUMBER, is_shown=False, leads_to="other_url"),
        Column("support", gettext_lazy("Support"), Kind.SHARE, is_shown=False),
        Column("amount", gettext_lazy("Revenue of the baskets"), Kind.MONEY, is_shown=False),
        Column("item", gettext_lazy("Number of the one"), is_shown=False),
        Column("other_item", gettext_lazy("Number of the other"), is_shown=False),
    ),
    sort="lift",
    is_descending=True,
    empty=gettext_lazy("No two of them are together in ten baskets or more."),
)


class BoughtTogether(TableView):
    """The association rules of the refresh in force; there are some hundreds, so they are ordered here."""

    table = TABLE
    template_name = "affinity/affinity.html"

    def page(self, query: Query) -> TablePage:
        """The rules asked for."""
        found = self._found()
        return page_of_rows([_row(rule) for rule in found.rules] if found else [], query, key="key")

    def context(self, _query: Query) -> dict[str, Any]:
        """What of them stands out, and what else may be asked for."""
        found = self._found()
        if found is None:
            return {"found": None}
        baskets = tuple(dict.fromkeys(one.basket for one in found.choices))
        scopes = [one.scope for one in found.choices if _is_beside(one, found) and one.scope]
        return {
            "found": found,
            "baskets": [(name, BASKET_WORDS[name]) for name in baskets],
            "kinds": [(name, KIND_WORDS[name]) for name in kinds_of(found.choices, found.choice.basket)],
            "scopes": [(scope, line_in_words(scope)) for scope in scopes],
            "finding": _finding(found),
            "heat": _heat(found),
            "bundles": [_bundle(rule) for rule in found.bundles[:BUNDLES_SHOWN]],
            "level": f"{100 * found.interval_level:.2f}".rstrip("0").rstrip("."),
        }

    def _found(self) -> FoundRules | None:
        asked = self.request.GET
        basket, kind = asked.get("basket", ""), asked.get("kind", "")
        return affinity_rules(
            basket=basket if basket in BASKETS else None,
            kind=kind if kind in KINDS else None,
            scope=asked.get("scope", ""),
        )


def _is_beside(one: Any, found: FoundRules) -> bool:
    return bool(one.basket == found.choice.basket and one.kind == found.choice.kind)


def _row(rule: AffinityRule) -> dict[str, Any]:
    return {name: getattr(rule, name) for name in AffinityRule.__dataclass_fields__} | {
        "key": f"{rule.item}\x1f{rule.other_item}",
        "lift": round(rule.lift, 2),
        "beyond": round(rule.beyond, 1),
        "confidence_interval": f"{share(rule.confidence_low)} – {share(rule.confidence_high)}",
        "lift_interval": f"{_times(rule.lift_low)} – {_times(rule.lift_high)}",
        "customers": _("customers"),
        "url": customers_url(rule.customers),
        "both_url": customers_url(rule.with_both),
        "one_url": customers_url(rule.with_one),
        "other_url": customers_url(rule.with_other),
    }


def _times(value: float | None) -> str:
    return "∞" if value is None else number(round(value, 2))


def _finding(found: FoundRules) -> str:
    """The bundle that the most baskets beyond chance hold, as a sentence."""
    if not found.bundles:
        return _("Nothing is bought together more often than chance would have it.")
    return in_words(found.bundles[0])


def in_words(rule: AffinityRule) -> str:
    """A rule as a sentence with its interval."""
    return _(
        "Of those who bought %(name)s, %(share)s (%(low)s to %(high)s) also bought %(other)s: %(lift)s times as many"
        " as of all."
    ) % {
        "name": rule.name,
        "other": rule.other_name,
        "share": share(rule.confidence),
        "low": share(rule.confidence_low),
        "high": share(rule.confidence_high),
        "lift": number(round(rule.lift, 1)),
    }


def _heat(found: FoundRules) -> HeatMap | None:
    """The lift of each two of the items that most baskets hold; None of fewer than three."""
    counts = {rule.item: (rule.item_count, rule.name) for rule in found.rules}
    items = sorted(counts, key=lambda item: (-counts[item][0], item))[:ITEMS_SHOWN]
    if len(items) < 3:
        return None
    rules = {(rule.item, rule.other_item): rule for rule in found.rules}
    grid = [[rules.get((one, other)) for other in items] for one in items]
    return HeatMap(
        finding=_heat_finding([rule for row in grid for rule in row if rule]),
        x_title=_("also bought"),
        y_title=_("Who bought"),
        measure=_("Lift"),
        x_labels=[counts[item][1] for item in items],
        y_labels=[counts[item][1] for item in items],
        values=[[round(rule.lift, 2) if rule else None for rule in row] for row in grid],
        format="number",
        links=[[customers_url(rule.customers) if rule else "" for rule in row] for row in grid],
        notes=[[_note(rule) if rule else "" for rule in row] for row in grid],
    )


def _note(rule: AffinityRule) -> str:
    return _("%(low)s to %(high)s · %(count)s baskets") % {
        "low": _times(rule.lift_low),
        "high": _times(rule.lift_high),
        "count": number(rule.count),
    }


def _heat_finding(rules: Sequence[AffinityRule]) -> str:
    best = max(rules, key=lambda rule: rule.lift_low, default=None)
    if best is None or best.lift_low <= 1:
        return _("Of what is bought most, nothing draws anything else along")
    return _("Of what is bought most, %(one)s and %(other)s go together best: %(lift)s times as often as by chance") % {
        "one": best.name,
        "other": best.other_name,
        "lift": number(round(best.lift, 1)),
    }


def _bundle(rule: AffinityRule) -> dict[str, Any]:
    return {
        "rule": rule,
        "beyond": round(rule.beyond),
        "lift": number(round(rule.lift, 1)),
        "interval": f"{_times(rule.lift_low)} – {_times(rule.lift_high)}",
        "url": customers_url(rule.customers),
        "both_url": customers_url(rule.with_both),
    }
