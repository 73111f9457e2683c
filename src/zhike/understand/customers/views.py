"""Pages of customers: all of them, those of an audience, and each alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from zhike.collect.identity.redirects import redirects
from zhike.collect.profiles.named import NoSuchCustomer, current_customer
from zhike.collect.profiles.search import search_customers
from zhike.collect.profiles.words import KINDS
from zhike.errors import UserError
from zhike.govern.access.actors import current_actor
from zhike.govern.access.rights import Right
from zhike.govern.access.services import may
from zhike.govern.organisation.queries import units
from zhike.rules.tree import Condition
from zhike.ui.lists import TableView
from zhike.ui.tables import Column, Kind, Query, Table, TablePage
from zhike.ui.unpublished import when_published
from zhike.understand.audiences.pages.building import asked_rule, rule_query
from zhike.understand.audiences.pages.heads import head
from zhike.understand.audiences.pages.tabs import rule_of
from zhike.understand.audiences.queries import count_audience, saved_audience
from zhike.understand.audiences.words import rule_in_words
from zhike.understand.customers.notes import notes_context
from zhike.understand.customers.profiles import CustomerProfile, customer_profile
from zhike.understand.customers.queries import choices, export_customers, list_customers
from zhike.understand.customers.relations import relations_context
from zhike.understand.customers.shown import profile_context, timeline_context
from zhike.understand.customers.tables import CUSTOMER_LIST
from zhike.understand.customers.words import HOW, MATCHED
from zhike.understand.offers.queries import offers_of
from zhike.understand.offers.words import SOURCES, why
from zhike.understand.value.words import SEGMENT_MARKS, SEGMENTS, words_of
from zhike.warehouse.queries import published

LARGEST_ID = 2**32
FOUND_SHOWN = 50
TABLE = Table(
    name="customers",
    title=gettext_lazy("Customers"),
    columns=(
        Column("name", gettext_lazy("Name"), is_filterable=True, leads_to="url"),
        Column("kind", gettext_lazy("Kind"), Kind.CHOICE, tuple(KINDS.items()), is_filterable=True, is_shown=False),
        Column(
            "segment",
            gettext_lazy("Segment"),
            Kind.CHOICE,
            tuple(SEGMENTS.items()),
            is_filterable=True,
            marks={name: SEGMENT_MARKS.get(name, "") for name in SEGMENTS},
        ),
        Column("city", gettext_lazy("City"), is_filterable=True),
        Column("phone", gettext_lazy("Phone"), is_shown=False),
        Column("email", gettext_lazy("E-mail"), is_shown=False),
        Column("order_count", gettext_lazy("Orders"), Kind.NUMBER, is_filterable=True),
        Column("revenue_amount", gettext_lazy("Revenue"), Kind.MONEY, is_filterable=True),
        Column("last_ordered_on", gettext_lazy("Last order"), Kind.DATE, is_filterable=True),
        Column("active_contract_count", gettext_lazy("Contracts"), Kind.NUMBER),
        Column("annual_premium_amount", gettext_lazy("Premium a year"), Kind.MONEY),
        Column("last_seen_on", gettext_lazy("Last seen"), Kind.DATE, is_shown=False),
        Column("recency", gettext_lazy("Recency"), Kind.NUMBER, is_shown=False),
        Column("frequency", gettext_lazy("Frequency"), Kind.NUMBER, is_shown=False),
        Column("monetary", gettext_lazy("Monetary"), Kind.NUMBER, is_shown=False),
        Column("province", gettext_lazy("Province"), is_shown=False),
        Column("unit_id", gettext_lazy("Org unit"), is_filterable=True, is_shown=False),
        Column("agent_id", gettext_lazy("Looked after by"), is_shown=False),
        Column("first_seen_on", gettext_lazy("Known since"), Kind.DATE, is_shown=False),
        Column("source", gettext_lazy("Source"), is_shown=False),
        Column("customer_id", gettext_lazy("Number"), is_shown=False),
    ),
    sort="revenue_amount",
    is_descending=True,
    can_export=True,
    empty=gettext_lazy("Import the customers of a source, then refresh; they are listed here."),
)


class Customers(TableView):
    """All customers, or those of a rule; with `q`, those who are found under a text."""

    template_name = "customers/customers.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Gives the list the choices there are: known cities and org units, and no filter that one may not use."""
        super().setup(request, *args, **kwargs)
        self.rule: str | Condition = self.asked_rule()
        self.table = _table(is_of_rule=bool(self.rule))  # type: ignore[misc] # the same but in what may be chosen

    def asked_rule(self) -> str | Condition:
        """Whose customers are listed; empty for all."""
        return asked_rule(self.request)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        """The list, or what was found; whoever is meant beyond doubt is opened at once."""
        text = request.GET.get("q", "").strip()
        return _found(request, text) if text else super().get(request, **kwargs)

    def page(self, query: Query) -> TablePage:
        """The customers asked for."""
        found = list_customers(
            **self._selection(query),
            after=query.after,
            before=query.before,
            limit=query.limit,
        )
        return TablePage(
            [_row(row) for row in found.rows],
            found.total,
            found.next,
            found.previous,
            found.totals,
            is_narrowed=bool((self.rule and isinstance(self.rule, str)) or current_actor().unit),
        )

    def export(self, query: Query) -> Iterator[Sequence[Any]]:
        """All customers asked for."""
        names = [column.name for column in query.columns]
        batches = export_customers(**self._selection(query), columns=names)
        return (row for batch in batches for row in zip(*(column.to_pylist() for column in batch.columns), strict=True))

    def context(self, _query: Query) -> dict[str, Any]:
        """The audience, if the list is of one."""
        if not isinstance(self.rule, str) or not self.rule:
            return {}
        return {
            "rule": self.rule,
            "rule_query": rule_query(self.request, self.rule),
            "conditions": rule_in_words(self.rule),
            "counted": count_audience(self.rule),
            "may_define": may(Right.DEFINE_AUDIENCES),
        }

    def _selection(self, query: Query) -> dict[str, Any]:
        return {
            "sort": query.sort,
            "descending": query.is_descending,
            "filters": query.filters,
            "rule": self.rule or None,
            "unit": current_actor().unit or None,
        }


class AudienceCustomers(Customers):
    """One saved audience and its customers."""

    template_name = "customers/audience.html"

    def asked_rule(self) -> Condition:
        """The audience's own, for which its author was asked for their rights."""
        self.audience = saved_audience(self.kwargs["audience_id"])
        return rule_of(self.audience)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        """The audience; one whose rule no longer holds says why."""
        if self.audience.problem:
            return render(request, self.template_name, head(self.audience, "audience"))
        return TableView.get(self, request, **kwargs)

    def context(self, _query: Query) -> dict[str, Any]:
        """The audience itself."""
        return head(self.audience, "audience")


def _table(*, is_of_rule: bool) -> Table:
    sees_personal = may(Right.SEE_PERSONAL_DATA)
    columns = []
    for column in TABLE.columns:
        is_filterable = column.is_filterable and (sees_personal or not CUSTOMER_LIST[column.name].personal)
        shown = replace(column, is_filterable=is_filterable)
        if column.name == "unit_id":
            known = tuple((unit.unit_id, unit.indent + unit.title) for unit in units())
            shown = replace(shown, kind=Kind.CHOICE, choices=known) if known else shown
        elif column.name == "city" and is_filterable:
            cities = tuple((city, city) for city in choices("city"))
            shown = replace(shown, kind=Kind.CHOICE, choices=cities) if cities else shown
        columns.append(shown)
    empty = _("Nobody fits the rule now.") if is_of_rule else TABLE.empty
    return replace(TABLE, columns=tuple(columns), can_export=may(Right.EXPORT), empty=empty)


def _row(row: dict[str, object]) -> dict[str, object]:
    customer_id = row["customer_id"]
    name = row["name"] or _("Customer %(id)s") % {"id": customer_id}
    return row | {"name": name, "url": reverse("customer", args=[customer_id])}


def _found(request: HttpRequest, text: str) -> HttpResponse:
    context: dict[str, Any] = {"text": text}
    try:
        hits = search_customers(text, limit=FOUND_SHOWN)
    except UserError as error:
        return render(request, "customers/found.html", context | {"problem": error})
    exact = [hit for hit in hits if hit.how == "exact"]
    # A name's word may be somebody's whole name and the beginning of many others'.
    if len(exact) == 1 and (len(hits) == 1 or exact[0].matched != "name"):
        return redirect("customer", exact[0].customer["customer_id"])
    context["hits"] = [
        {
            "customer": _row(hit.customer),
            "kind": words_of(KINDS, hit.customer["kind"]),
            "matched": words_of(MATCHED, hit.matched),
            "how": words_of(HOW, hit.how),
        }
        for hit in hits
    ]
    context["is_cut"] = len(hits) == FOUND_SHOWN
    return render(request, "customers/found.html", context)


@require_safe
@when_published
def customer(request: HttpRequest, customer_id: int) -> HttpResponse:
    """The single view: all that is known of one customer; an id that was merged leads to the customer it is now."""
    current = redirects(published()).leads_to(customer_id) if customer_id < LARGEST_ID else None
    if current not in (None, customer_id):  # who was found to be somebody whom we know already
        return redirect("customer", current)
    try:
        profile = customer_profile(customer_id) if customer_id < LARGEST_ID else None
    except NoSuchCustomer:
        profile = None
    if profile is None:
        return render(request, "customers/no_such.html", {"customer_id": customer_id}, status=404)
    return _page(request, profile)


def customer_page(request: HttpRequest, customer_id: int, *, status: int, **entered: object) -> HttpResponse:
    """The same page with what was entered on it and cannot be kept. Raises NoSuchCustomer."""
    profile = customer_profile(current_customer(published(), customer_id))
    return _page(request, profile, status=status, **entered)


def _page(request: HttpRequest, profile: CustomerProfile, *, status: int = 200, **entered: object) -> HttpResponse:
    context = profile_context(profile) | timeline_context(request.GET, profile.customer_id)
    is_organisation = profile.identity.get("kind") == "organisation"
    context |= relations_context(published(), profile.customer_id, context["title"], is_organisation=is_organisation)
    context["offers"] = [
        {"offer": offer, "source": SOURCES[offer.source], "why": why(offer)} for offer in offers_of(profile.customer_id)
    ]
    return render(request, "customers/customer.html", context | notes_context(profile) | entered, status=status)


@require_safe
@when_published
def customer_timeline(request: HttpRequest, customer_id: int) -> HttpResponseBase:
    """Only the timeline, or the entries that come after those shown; without htmx, the page it stands on."""
    if not request.headers.get("HX-Request"):
        return redirect(f"{reverse('customer', args=[customer_id])}?{request.GET.urlencode()}#timeline")
    part = "customers/timeline_entries.html" if "before" in request.GET else "customers/timeline.html"
    return render(request, part, timeline_context(request.GET, customer_id))
