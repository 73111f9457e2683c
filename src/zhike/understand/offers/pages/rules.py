"""Pages of the rule base: its list, one rule, and what can be done with it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from zhike.errors import UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import may, require
from zhike.ui.lists import TableView
from zhike.ui.rows import page_of_rows
from zhike.ui.tables import Column, Kind, Query, Table, TablePage
from zhike.ui.templatetags.formats import number
from zhike.ui.toasts import toast
from zhike.understand.offers.pages.forms import OfferRuleForm, initial
from zhike.understand.offers.queries import OfferRuleShown, list_offer_rules, offer_rule, reach_of
from zhike.understand.offers.services import (
    archive_offer_rule,
    change_offer_rule,
    restore_offer_rule,
    save_offer_rule,
    switch_offer_rule,
)

STATES = (("on", gettext_lazy("on")), ("off", gettext_lazy("off")))
TOLD = 4  # products that are named in the list


class OfferRules(TableView):
    """The rule base; there are few rules, so they are ordered here."""

    table = Table(
        name="offer_rules",
        title=gettext_lazy("Offer rules"),
        columns=(
            Column("priority", gettext_lazy("Priority"), Kind.NUMBER),
            Column("name", gettext_lazy("Name"), is_filterable=True, leads_to="url"),
            Column("customers", gettext_lazy("Customers"), Kind.NUMBER),
            Column("products", gettext_lazy("Offered products"), is_sortable=False, is_long=True),
            Column(
                "state", gettext_lazy("State"), Kind.CHOICE, STATES, is_filterable=True, marks={"on": "good", "off": ""}
            ),
            Column("valid_from", gettext_lazy("Valid from"), Kind.DATE, is_shown=False),
            Column("valid_until", gettext_lazy("Valid until"), Kind.DATE, is_shown=False),
            Column("reason", gettext_lazy("Reason"), is_sortable=False, is_long=True),
            Column("rule", gettext_lazy("Rule"), is_sortable=False, is_shown=False, is_long=True),
            Column("made_by", gettext_lazy("Made by"), is_filterable=True, is_shown=False),
        ),
        sort="priority",
        empty=gettext_lazy("No offer rule is written yet. One says to whom which products are offered, and why."),
    )
    template_name = "offers/rules.html"

    def page(self, query: Query) -> TablePage:
        """The offer rules asked for."""
        found = list_offer_rules(archived="archived" in self.request.GET)
        return page_of_rows([_row(one) for one in found], query, key="rule_id")

    def context(self, _query: Query) -> dict[str, Any]:
        """Whether one may add to them, and which of them are shown."""
        return {"may_manage": may(Right.MANAGE_OFFERS), "is_archived": "archived" in self.request.GET}


def _row(one: OfferRuleShown) -> dict[str, Any]:
    shown = {name: getattr(one, name) for name in OfferRuleShown.__dataclass_fields__}
    return shown | {
        "products": one.problem or _products(one),
        "state": "on" if one.is_on else "off",
        "url": reverse("offer_rule", args=[one.rule_id]),
    }


def _products(one: OfferRuleShown) -> str:
    names = [product.name for product in one.products]
    if not names:
        return _("none that was ever bought")
    more = len(names) - TOLD
    named = _(", ").join(names[:TOLD])
    return _("%(names)s and %(more)s more") % {"names": named, "more": more} if more > 0 else named


@require_http_methods(["GET", "POST"])
def offer_rule_page(request: HttpRequest, rule_id: int = 0) -> HttpResponse:
    """Writes an offer rule, a new one or another version; counts first whom it reaches, if that is asked."""
    shown = offer_rule(rule_id) if rule_id else None
    if request.method == "GET":
        if shown is None:
            require(Right.MANAGE_OFFERS)
        return _page(request, OfferRuleForm(initial=initial(shown) if shown else {}), shown)
    require(Right.MANAGE_OFFERS)
    form = OfferRuleForm(request.POST)
    if not form.is_valid():
        return _page(request, form, shown, status=422)
    said = form.said()
    try:
        if "count" in request.POST:
            reach = reach_of(rule=str(said.rule), by=said.by, values=said.values)
            return _page(request, form, shown, reach=reach)
        kept = (
            change_offer_rule(rule_id=rule_id, said=said, seen=form.cleaned_data["seen"])
            if rule_id
            else save_offer_rule(said)
        )
    except UserError as error:
        field = error.where.partition(":")[0]
        form.add_error(field if field in form.fields else None, f"{error.message} {error.advice}".strip())
        return _page(request, form, shown, status=error.status if error.status == 409 else 422)
    toast(request, _("The offer rule “%(name)s” is heard from the next refresh on.") % {"name": kept.name})
    return redirect("offer_rules")


def _page(
    request: HttpRequest, form: OfferRuleForm, shown: OfferRuleShown | None, *, reach: Any = None, status: int = 200
) -> HttpResponse:
    counted = ""
    if reach is not None:
        words = ngettext(
            "The rule holds for %(count)s customer.", "The rule holds for %(count)s customers.", reach.customers
        )
        counted = words % {"count": number(reach.customers)}
    context = {
        "form": form,
        "shown": shown,
        "counted": counted,
        "reach": reach,
        "may_manage": may(Right.MANAGE_OFFERS),
    }
    return render(request, "offers/rule.html", context, status=status)


@require_POST
def switch(request: HttpRequest, rule_id: int) -> HttpResponse:
    """Switches an offer rule on or off."""
    is_on = request.POST.get("on") == "yes"
    kept = switch_offer_rule(rule_id=rule_id, is_on=is_on)
    words = _("The offer rule “%(name)s” is switched on.") if is_on else _("The offer rule “%(name)s” is switched off.")
    toast(request, words % {"name": kept.name})
    return redirect("offer_rule", rule_id)


@require_POST
def archive(request: HttpRequest, rule_id: int) -> HttpResponse:
    """Takes an offer rule off the list."""
    kept = archive_offer_rule(rule_id=rule_id)
    undo = reverse("restore_offer_rule", args=[rule_id])
    toast(request, _("The offer rule “%(name)s” is archived.") % {"name": kept.name}, undo_url=undo)
    return redirect("offer_rules")


@require_POST
def restore(request: HttpRequest, rule_id: int) -> HttpResponse:
    """Puts an offer rule back on the list."""
    kept = restore_offer_rule(rule_id=rule_id)
    toast(request, _("The offer rule “%(name)s” is back.") % {"name": kept.name})
    return redirect("offer_rule", rule_id)
