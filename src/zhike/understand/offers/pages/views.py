"""Pages of what customers are to be offered: all of it, and to whom a product is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.errors import UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import may, require_export
from zhike.stats.proportions import wilson
from zhike.ui.charts import Bars
from zhike.ui.lists import TableView
from zhike.ui.rows import page_of_rows
from zhike.ui.tables import Column, Kind, Query, Table, TablePage
from zhike.ui.templatetags.formats import day, number, share
from zhike.ui.typed import whole_number
from zhike.understand.offers.queries import Offer, OffersOverview, customers_offered, offers_overview
from zhike.understand.offers.trial import DAYS
from zhike.understand.offers.words import SOURCES, why

DRAWN = 12  # products of the chart
EXPORTED = 1_000_000  # rows of a file


class NextBestOffers(TableView):
    """What the customers are to be offered, by product."""

    table = Table(
        name="offers",
        title=gettext_lazy("Next best offers"),
        columns=(
            Column("name", gettext_lazy("Product"), is_filterable=True, leads_to="url"),
            Column("customers", gettext_lazy("Customers"), Kind.NUMBER, leads_to="url"),
            Column("first", gettext_lazy("As their first offer"), Kind.NUMBER),
            Column("rule", gettext_lazy("By offer rules"), Kind.NUMBER),
            Column("affinity", gettext_lazy("By what is bought together"), Kind.NUMBER),
            Column("item", gettext_lazy("Product number"), is_filterable=True),
        ),
        sort="customers",
        is_descending=True,
        empty=gettext_lazy("Nothing is offered to anybody yet: write an offer rule, and refresh."),
    )
    template_name = "offers/offers.html"

    def page(self, query: Query) -> TablePage:
        """The products asked for."""
        return page_of_rows([_row(one) for one in offers_overview().products], query, key="item")

    def context(self, _query: Query) -> dict[str, Any]:
        """How many customers have an offer, and of what."""
        found = offers_overview()
        sources = [(words, found.by_source.get(name, 0)) for name, words in SOURCES.items()]
        return {"found": found, "finding": _finding(found), "sources": sources, "chart": _chart(found)} | {
            "trial": _trial(found),
            "may_manage": may(Right.MANAGE_OFFERS),
        }


def _row(one: Any) -> dict[str, Any]:
    return {
        "item": one.item,
        "name": one.name,
        "customers": one.customers,
        "first": one.first,
        **{source: one.by_source.get(source, 0) for source in SOURCES},
        "url": offered_url(one.item),
    }


def offered_url(item: str) -> str:
    """The list of those who are to be offered a product."""
    return f"{reverse('offered')}?{urlencode({'item': item})}"


def _finding(found: OffersOverview) -> str:
    if not found.customers:
        return ""
    return _(
        "%(customers)s of %(all)s customers have something to be offered next: first of all an offer rule speaks for"
        " %(rule)s, what is bought together for %(affinity)s."
    ) % {
        "customers": number(found.customers),
        "all": number(found.of_customers),
        "rule": number(found.by_source.get("rule", 0)),
        "affinity": number(found.by_source.get("affinity", 0)),
    }


def _trial(found: OffersOverview) -> str:
    """How often such offers were bought in the time that nothing was learnt from, as a sentence."""
    tried = found.trial
    if tried is None:
        return ""
    own, best = (wilson(hits, tried.customers) for hits in (tried.hits, tried.best_seller_hits))
    return _(
        "Learnt from what was bought up to %(day)s, %(customers)s customers would have had an offer of what is bought"
        " together: %(share)s (%(low)s to %(high)s) bought it in the %(days)s days after. Offered the best-selling"
        " product that they did not have, %(best)s (%(best_low)s to %(best_high)s) bought that."
    ) % {
        "day": day(tried.learnt_until),
        "days": number(DAYS),
        "customers": number(tried.customers),
        "share": share(tried.hits / tried.customers),
        "low": share(own.low),
        "high": share(own.high),
        "best": share(tried.best_seller_hits / tried.customers),
        "best_low": share(best.low),
        "best_high": share(best.high),
    }


def _chart(found: OffersOverview) -> Bars | None:
    if not found.products:
        return None
    best = found.products[:DRAWN]
    return Bars(
        finding=_("%(name)s is to be offered most: to %(count)s customers")
        % {"name": best[0].name, "count": number(best[0].customers)},
        category=_("Product"),
        measure=_("Customers"),
        labels=[one.name for one in best],
        values=[one.customers for one in best],
        links=[offered_url(one.item) for one in best],
        is_horizontal=True,
    )


class Offered(TableView):
    """The customers who are to be offered one product, and why; the list is read where it lies."""

    table = Table(
        name="offered",
        title=gettext_lazy("Customers to offer it to"),
        columns=(
            Column("name", gettext_lazy("Customer"), is_sortable=False, leads_to="url"),
            Column("place", gettext_lazy("Their offer no."), Kind.NUMBER, is_sortable=False),
            Column("source", gettext_lazy("Proposed by"), Kind.CHOICE, tuple(SOURCES.items()), is_sortable=False),
            Column("chance", gettext_lazy("Chance"), Kind.SHARE, is_sortable=False),
            Column("score", gettext_lazy("Others who bought it"), Kind.SHARE, is_sortable=False),
            Column("why", gettext_lazy("Why"), is_sortable=False, is_long=True),
            Column("customer_id", gettext_lazy("Number"), is_sortable=False, is_shown=False),
        ),
        sort="place",
        empty=gettext_lazy("Nobody is to be offered this product."),
    )
    template_name = "offers/offered.html"

    def page(self, query: Query) -> TablePage:
        """The customers asked for, those for whom it is the first offer and the surest before the others."""
        start = _start(query)
        found = customers_offered(self._item(), skip=start, most=query.limit + 1)
        rows = [_customer_row(*one) for one in found[: query.limit]]
        return TablePage(
            rows=rows,
            total=next((one.customers for one in offers_overview().products if one.item == self._item()), 0),
            next=str(start + query.limit) if len(found) > query.limit else None,
            previous=str(start) if start else None,
        )

    def export(self, query: Query) -> Iterator[Sequence[Any]]:
        """All of them in one go."""
        require_export()
        for one in customers_offered(self._item(), skip=0, most=EXPORTED):
            row = _customer_row(*one)
            yield [str(SOURCES[row["source"]]) if name == "source" else row[name] for name in _names(query)]

    def context(self, _query: Query) -> dict[str, Any]:
        """Which product it is."""
        name = next((one.name for one in offers_overview().products if one.item == self._item()), self._item())
        return {"title": name or self.table.title}

    def _item(self) -> str:
        return self.request.GET.get("item", "")


def _names(query: Query) -> list[str]:
    return [column.name for column in query.columns]


def _start(query: Query) -> int:
    """How many customers come before the page. Raises UserError for a place that no page gave out."""
    if query.after is None and query.before is None:
        return 0
    place = whole_number(query.after if query.after is not None else query.before or "")
    if place is None:
        raise UserError(_("this page of the list is not known"), advice=_("Go to its first page."))
    return place if query.after is not None else max(0, place - query.limit)


def _customer_row(customer_id: int, name: str, offer: Offer) -> dict[str, Any]:
    return {
        "customer_id": customer_id,
        "name": name,
        "place": offer.place,
        "source": offer.source,
        "chance": offer.chance,
        "score": offer.score,
        "why": why(offer),
        "url": reverse("customer", args=[customer_id]),
    }
