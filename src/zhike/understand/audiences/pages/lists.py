"""Lists made of an audience: frozen ones, its parts, samples; and who joined or left it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods
from pyroaring import BitMap

from zhike.errors import UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import may
from zhike.rules.vocabulary import VALUE_KINDS, TagKind, ValueKind
from zhike.ui.lists import TableView
from zhike.ui.tables import Column, Kind, Query, Table, TablePage
from zhike.ui.toasts import toast
from zhike.ui.typed import whole_number
from zhike.understand.audiences.freezing import freeze_audience, sample_audience, split_audience, split_by_value
from zhike.understand.audiences.history import changes_between, compare_frozen
from zhike.understand.audiences.models import Audience
from zhike.understand.audiences.pages.forms import FreezeForm, SampleForm, SplitByForm, SplitForm
from zhike.understand.audiences.pages.heads import head
from zhike.understand.audiences.queries import AudienceShown, list_audiences, saved_audience
from zhike.understand.audiences.rows import rows_of
from zhike.understand.tags.definitions import published_tags
from zhike.understand.tags.wording.titles import titles
from zhike.warehouse.attributes import registry
from zhike.warehouse.queries import published

FEW_VALUES = 100
MOVED = Table(
    name="moved",
    title=gettext_lazy("Customers"),
    columns=(
        Column("name", gettext_lazy("Name"), is_sortable=False, leads_to="url"),
        Column("city", gettext_lazy("City"), is_sortable=False),
        Column("province", gettext_lazy("Province"), is_sortable=False),
        Column("order_count", gettext_lazy("Orders"), Kind.NUMBER, is_sortable=False),
        Column("revenue_amount", gettext_lazy("Revenue"), Kind.MONEY, is_sortable=False),
        Column("last_seen_on", gettext_lazy("Last seen"), Kind.DATE, is_sortable=False),
        Column("customer_id", gettext_lazy("Number"), is_sortable=False, is_shown=False),
    ),
    sort="customer_id",
    empty=gettext_lazy("Nobody did."),
)


class Moved(TableView):
    """Who joined an audience, or left it, between two refreshes; of a frozen list, since it was made."""

    table: ClassVar[Table] = MOVED
    template_name = "audiences/moved.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Finds out who is meant."""
        super().setup(request, *args, **kwargs)
        self.audience = saved_audience(self.kwargs["audience_id"])
        self.has_left = request.GET.get("who") == "left"

    def members(self) -> BitMap:
        """Whose rows are shown. Raises UserError for a refresh that is not there any more."""
        if self.audience.is_frozen:
            since = compare_frozen(self.audience.audience_id)
            return since.left if self.has_left else since.joined
        in_force = str(published().refresh_id)
        earlier, later = (whole_number(self.request.GET.get(name, in_force)) for name in ("from", "to"))
        if earlier is None or later is None:
            raise UserError(_("it is not said between which refreshes"), advice=_("Choose them in the history."))
        between = changes_between(self.audience.tree, earlier=earlier, later=later)
        return between.left if self.has_left else between.joined

    def page(self, query: Query) -> TablePage:
        """The customers asked for, by their number."""
        after = None if query.after is None else whole_number(query.after)
        if query.after is not None and after is None:
            raise UserError(_("this page of the list is not known"), advice=_("Go to its first page."))
        names = [column.name for column in MOVED.columns]
        found = rows_of(self.members(), columns=names, after=after, limit=query.limit)
        rows = [
            row
            | {
                "name": row["name"] or _("Customer %(id)s") % {"id": row["customer_id"]},
                "url": reverse("customer", args=[row["customer_id"]]),
            }
            for row in found.rows
        ]
        return TablePage(rows, found.total, next=str(found.next) if found.next is not None else None)

    def context(self, _query: Query) -> dict[str, Any]:
        """The audience, and where these customers were counted."""
        tab = "audience_now" if self.audience.is_frozen else "audience_history"
        return head(self.audience, tab) | {"has_left": self.has_left}


@require_http_methods(["GET", "HEAD", "POST"])
def lists(request: HttpRequest, audience_id: int) -> HttpResponse:
    """The frozen lists made of an audience, and the forms that make more."""
    audience = saved_audience(audience_id)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    forms = _forms(request, audience, act)
    if act in forms and forms[act].is_valid():
        try:
            made = _made(act, audience_id, forms[act].cleaned_data)
        except UserError as error:
            field = error.where if error.where in forms[act].fields else None
            forms[act].add_error(field, " ".join(filter(None, (error.message, error.advice))))
        else:
            words = ngettext("%(count)s list is frozen.", "%(count)s lists are frozen.", len(made))
            toast(request, words % {"count": len(made)})
            return redirect("audience_lists", audience_id)
    found = list_audiences()
    source_id = audience.frozen.source_id if audience.frozen else None
    context = head(audience, "audience_lists") | {
        "forms": forms,
        "act": act,
        "made": [_shown(one) for one in found if one.frozen and one.frozen.source_id == audience_id],
        "source": next((one for one in found if one.audience_id == source_id), None),
        "may_define": may(Right.DEFINE_AUDIENCES),
    }
    return render(request, "audiences/lists.html", context, status=422 if act else 200)


def _shown(audience: AudienceShown) -> dict[str, Any]:
    return head(audience, "audience") | {"audience": audience}


def _forms(request: HttpRequest, audience: AudienceShown, act: str) -> dict[str, Form]:
    def data(name: str) -> Any:
        return request.POST if act == name else None

    sample = _("Sample of %(name)s") % {"name": audience.name}
    dated = f"{audience.name} {published().as_of.isoformat()}"[:100]
    return {
        "freeze": FreezeForm(data("freeze"), initial={"name": dated}, prefix=None, auto_id="freeze-%s"),
        "split": SplitForm(
            data("split"), initial={"name": dated, "shares": _("test 80\nhold-out 20")}, auto_id="split-%s"
        ),
        "split_by": SplitByForm(data("split_by"), choices=_choices(), initial={"name": dated}, auto_id="split_by-%s"),
        "sample": SampleForm(data("sample"), initial={"name": sample[:100]}, auto_id="sample-%s"),
    }


def _choices() -> list[tuple[str, Any]]:
    """What customers can be parted by: categories, and attributes that are texts or yes and no."""
    named = titles()
    tags = [
        (f"tag:{tag.name}", named[tag.name].title if tag.name in named else tag.name)
        for tag in published_tags()
        if tag.kind in (TagKind.CATEGORY, TagKind.YES_NO)
    ]
    attributes = [
        (f"attribute:{name}", str(one.title))
        for name, one in registry().attributes.items()
        if not one.identifies and VALUE_KINDS.get(one.column.kind) in (ValueKind.TEXT, ValueKind.FLAG)
    ]
    return [(_("Tags"), tags), (_("Attributes"), attributes)]


def _made(act: str, audience_id: int, asked: dict[str, Any]) -> tuple[Audience, ...]:
    match act:
        case "split":
            return split_audience(audience_id=audience_id, **asked)
        case "split_by":
            return split_by_value(audience_id=audience_id, **asked)
        case "sample":
            return (sample_audience(audience_id=audience_id, **asked),)
    return (freeze_audience(audience_id=audience_id, **asked),)
