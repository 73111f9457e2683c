"""Pages of tags: the catalogue, one tag, and why a customer has one."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from zhike.collect.identity.redirects import is_customer
from zhike.collect.profiles.search import search_customers
from zhike.errors import UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import may, require
from zhike.rules.tree import tree_from_json
from zhike.ui.lists import TableView
from zhike.ui.rows import page_of_rows
from zhike.ui.tables import Column, Kind, Query, Table, TablePage
from zhike.ui.templatetags.formats import share
from zhike.ui.toasts import warn
from zhike.ui.typed import whole_number
from zhike.ui.unpublished import when_published
from zhike.understand.tags.circles import is_hidden
from zhike.understand.tags.defining.exporting import text_of_tag, version_exported
from zhike.understand.tags.defining.files import written
from zhike.understand.tags.explaining.why import why
from zhike.understand.tags.explaining.words import answered
from zhike.understand.tags.models import Tag, TagReview
from zhike.understand.tags.pages.charts import having_url
from zhike.understand.tags.pages.page import page_context
from zhike.understand.tags.proving.accuracy import accuracy
from zhike.understand.tags.queries import list_tags, tag_page
from zhike.understand.tags.shown import TagRow
from zhike.understand.tags.wording.called import customer_name
from zhike.understand.tags.wording.themes import theme_order
from zhike.understand.tags.wording.words import (
    KINDS,
    ORIGINS,
    SCHEDULES,
    STATE_MARKS,
    STATES,
    WAITING,
    is_below,
    theme_path,
    themes_of,
)
from zhike.warehouse.queries import published

TABLE = Table(
    name="tags",
    title=gettext_lazy("Tags"),
    columns=(
        Column("title", gettext_lazy("Title"), is_filterable=True, leads_to="url"),
        Column("name", gettext_lazy("Name"), leads_to="url", is_shown=False),
        Column("kind", gettext_lazy("Kind"), Kind.CHOICE, KINDS, is_filterable=True),
        Column("coverage", gettext_lazy("Coverage"), Kind.SHARE, leads_to="customers_url"),
        Column("customers", gettext_lazy("Customers"), Kind.NUMBER, leads_to="customers_url", is_shown=False),
        Column("trend", gettext_lazy("Trend"), Kind.TREND, is_sortable=False),
        Column("accuracy", gettext_lazy("Accuracy"), leads_to="accuracy_url"),
        Column("used_by", gettext_lazy("Used by"), Kind.NUMBER, leads_to="used_url"),
        Column("as_of", gettext_lazy("Computed as of"), Kind.DATE),
        Column("state", gettext_lazy("State"), Kind.CHOICE, STATES, is_filterable=True, marks=STATE_MARKS),
        Column("theme", gettext_lazy("Theme")),
        Column("owner", gettext_lazy("Owner"), is_filterable=True),
        Column("waiting", gettext_lazy("Waits"), Kind.CHOICE, WAITING, marks={"yes": "busy"}, is_shown=False),
        Column("origin", gettext_lazy("Where it comes from"), Kind.CHOICE, ORIGINS, is_filterable=True, is_shown=False),
        Column("schedule", gettext_lazy("Computed"), Kind.CHOICE, SCHEDULES, is_shown=False),
    ),
    sort="theme",
    empty=gettext_lazy("A tag says something of customers: a rule computes it, or people set it. Define the first."),
)


class Tags(TableView):
    """All tags beside the tree of their themes."""

    table = TABLE
    template_name = "tags/tags.html"

    def page(self, query: Query) -> TablePage:
        """The tags asked for; those that were retired only where one asks for them."""
        wanted = query.filters.get("state")
        self.tags = list_tags(retired=wanted == "retired")
        theme = self.request.GET.get("in", "")
        right = _accuracies()
        rows = [_row(tag, right.get(tag.name, "")) for tag in self.tags if is_below(tag.theme, theme)]
        return page_of_rows(
            rows,
            query,
            key="name",
            orders={"theme": lambda row: theme_order(row["theme_path"])},
            is_narrowed=bool(theme),
        )

    def context(self, _query: Query) -> dict[str, Any]:
        """The tree, and what one may do."""
        return {
            "themes": themes_of(tag.theme for tag in self.tags),
            "chosen": self.request.GET.get("in", ""),
            "tag_count": len(self.tags),
            "may_define": may(Right.DEFINE_TAGS),
        }


def _accuracies() -> dict[str, str]:
    """Tag → how often it is right with the interval, of those that were reviewed."""
    reviewed = TagReview.objects.exclude(verdict="").values_list("tag__name", flat=True).distinct()
    found = {name: accuracy(name).precision for name in reviewed}
    words = "%(share)s (%(low)s–%(high)s)"
    return {
        name: words % {"share": share(one.share), "low": share(one.interval.low), "high": share(one.interval.high)}
        for name, one in found.items()
        if one is not None
    }


def _row(tag: TagRow, right: str) -> dict[str, Any]:
    url = reverse("tag", args=[tag.name])
    return {
        "title": tag.title,
        "name": tag.name,
        "theme": tag.theme_title,
        "theme_path": tag.theme,
        "kind": tag.kind,
        "state": tag.state,
        "waiting": "yes" if tag.waiting else None,
        "coverage": tag.coverage,
        "customers": tag.customers,
        "trend": [point.customers for point in tag.trend],
        "accuracy": right,
        "as_of": tag.computed_as_of,
        "used_by": tag.used_by,
        "owner": tag.owner,
        "origin": tag.origin,
        "schedule": tag.schedule,
        "url": url,
        "customers_url": having_url(tag.name) if tag.customers else "",
        "accuracy_url": f"{url}#accuracy" if right else "",
        "used_url": f"{url}#used" if tag.used_by else "",
    }


@require_safe
@when_published
def ask_why(request: HttpRequest, name: str) -> HttpResponse:
    """Leads to the answer for the customer who is named; where several may be meant, to those who were found."""
    text = request.GET.get("q", "").strip()
    customer_id = whole_number(text)
    if customer_id is not None and is_customer(customer_id, published()):
        return redirect("tag_of_customer", customer_id, name)
    try:
        hits = search_customers(text, limit=2)
    except UserError as error:
        warn(request, f"{error.message} {error.advice}".strip())
        return redirect("tag", name)
    if len(hits) == 1:
        return redirect("tag_of_customer", int(str(hits[0].customer["customer_id"])), name)
    warn(
        request,
        _("Several are called so: open the one you mean.")
        if hits
        else _("Nobody is found under “%(text)s”.") % {"text": text},
    )
    return redirect(f"{reverse('customers')}?{urlencode({'q': text})}" if hits else reverse("tag", args=[name]))


@require_safe
@when_published
def tag_of_customer(request: HttpRequest, customer_id: int, name: str) -> HttpResponse:
    """Why a customer has a tag, or has not; to htmx only the answer."""
    found = why(tag=name, customer_id=customer_id)
    context = {"why": answered(found), "customer_id": customer_id}
    if request.headers.get("HX-Request"):
        return render(request, "tags/why_answer.html", context)
    place = theme_path(found.tag.theme)
    context |= {"customer": customer_name(customer_id), "place": place, "may_set": may(Right.SET_TAGS)}
    return render(request, "tags/of_customer.html", context)


@require_safe
def tag(request: HttpRequest, name: str) -> HttpResponse:
    """One tag: what it says, of how many, how well, since when, and who uses it."""
    return render(request, "tags/tag.html", page_context(tag_page(name)))


@require_safe
def tag_file(request: HttpRequest, name: str) -> HttpResponse:
    """The definition as a file, as `zhike tags apply` reads it."""
    tag_page(name)  # asks for the right
    found = Tag.objects.prefetch_related("versions").get(name=name)
    version = version_exported(found)
    if version is not None and version.tree and is_hidden(tree_from_json(version.tree)):
        require(Right.SEE_PERSONAL_DATA)
    text = written(text_of_tag(found, version))
    response = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.yaml"'
    return response
