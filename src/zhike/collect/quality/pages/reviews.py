"""Pages of review campaigns: all of them, planning one, what came of it, and agents who have left."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.collect.quality.defining.services import rule_named
from zhike.collect.quality.definitions import definition_of
from zhike.collect.quality.departed import customers_of_departed, departed_agents
from zhike.collect.quality.models import ReviewCampaign
from zhike.collect.quality.pages.charts import fields_chart
from zhike.collect.quality.pages.forms import ReviewForm
from zhike.collect.quality.pages.links import asked_place, condition_url
from zhike.collect.quality.places import COLUMNS, Place
from zhike.collect.quality.reviewing.planning import plan_campaign
from zhike.collect.quality.reviewing.queries import assignees_of, campaigns, member_acting, work_of
from zhike.collect.quality.reviewing.results import Standing, results
from zhike.collect.quality.reviewing.services import campaign_of, close_campaign, reopen_campaign
from zhike.collect.quality.words import FIELDS, STANDINGS, VERDICTS, field_title, group_title
from zhike.errors import UserError
from zhike.govern.access.actors import current_actor
from zhike.govern.access.rights import Right
from zhike.govern.access.services import may, require
from zhike.rules.text import text_of
from zhike.rules.tree import Condition, tree_from_json
from zhike.ui.lists import TableView
from zhike.ui.rows import page_of_rows
from zhike.ui.tables import Column, Kind, Query, Table, TablePage, page_of
from zhike.ui.templatetags.formats import number, part_of, share
from zhike.ui.toasts import toast
from zhike.ui.unpublished import when_published

SHOWN_STANDINGS = 100
STATES = tuple(ReviewCampaign.State.choices)


class Reviews(TableView):
    """All review campaigns, newest first."""

    table = Table(
        name="reviews",
        title=gettext_lazy("Reviews"),
        columns=(
            Column("name", gettext_lazy("Review"), leads_to="url", is_filterable=True),
            Column("kind", gettext_lazy("Whom"), Kind.CHOICE, tuple(ReviewCampaign.Kind.choices), is_filterable=True),
            Column("state", gettext_lazy("State"), Kind.CHOICE, STATES, is_filterable=True, marks={"open": "busy"}),
            Column("items", gettext_lazy("Customers"), Kind.NUMBER),
            Column("done", gettext_lazy("Looked at"), Kind.SHARE, is_sortable=False),
            Column("due_on", gettext_lazy("Due"), Kind.DATE),
            Column("as_of", gettext_lazy("Drawn as of"), Kind.DATE),
            Column("created_at", gettext_lazy("Planned"), Kind.INSTANT),
        ),
        sort="created_at",
        is_descending=True,
        empty=gettext_lazy("Draw a sample of customers and look whether what is known of them is right."),
    )
    template_name = "quality/reviews.html"

    def page(self, query: Query) -> TablePage:
        """The campaigns asked for."""
        return page_of(campaigns(), query, _row, fields={"items": "item_count"})

    def context(self, _query: Query) -> dict[str, Any]:
        """What waits for whoever reads, and whether a review may be planned."""
        member = member_acting()
        return {
            "may_plan": may(Right.MANAGE_QUALITY),
            "work": work_of(member.staff_id) if member and may(Right.REVIEW) else (),
            "member": member,
        }


def _row(campaign: Any) -> dict[str, Any]:
    same = ("name", "kind", "state", "due_on", "as_of", "created_at")
    return {name: getattr(campaign, name) for name in same} | {
        "items": campaign.item_count,
        "done": part_of(campaign.done_count, campaign.item_count),
        "url": reverse("review", args=[campaign.pk]),
    }


@require_http_methods(["GET", "POST"])
@when_published
def new_review(request: HttpRequest) -> HttpResponse:
    """Plans a review: of a sample, of those who fail a rule, or of customers whose agent has left."""
    require(Right.MANAGE_QUALITY)
    form = ReviewForm(request.POST) if request.method == "POST" else ReviewForm(initial=_asked(request))
    if request.method == "POST" and form.is_valid():
        try:
            campaign = plan_campaign(form.wanted())
        except UserError as error:
            name = {"fields": "fields_looked_at"}.get(error.where, error.where.partition(":")[0])
            form.add_error(name if name in form.fields else None, f"{error.message} {error.advice}".strip())
        else:
            count = campaign.items.count()
            words = ngettext(
                "%(count)s customer is to be looked at.", "%(count)s customers are to be looked at.", count
            )
            toast(request, words % {"count": number(count)})
            return redirect("review", campaign.pk)
    return render(request, "quality/new_review.html", {"form": form}, status=422 if form.is_bound else 200)


def _asked(request: HttpRequest) -> dict[str, Any]:
    """What the address wants to be reviewed: those who fail a rule, or whose agent has left."""
    place = asked_place(request, current_actor().unit)
    cut = Place(channel=place.channel, source=place.source, agent=place.agent)
    said: dict[str, Any] = {"unit": place.unit}
    if name := request.GET.get("failing", ""):
        definition = definition_of(rule_named(name))
        condition = cut.condition(definition.failing)
        fields = [one for one in definition.fields if one in FIELDS]
        said |= {"name": definition.title[:100], "kind": "group", "stratified_by": ""}
        return said | {"rule": text_of(condition) if condition else "", "fields_looked_at": fields}
    if "departed" in request.GET:
        rule = text_of(customers_of_departed(request.GET["departed"]))
        title = _("Return visits to customers of those who have left")
        return said | {"name": title, "kind": "group", "rule": rule, "stratified_by": ""}
    return said


@require_safe
def review(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """One campaign: how far it is, what came of it, and the ranking of units and agents."""
    require(Right.SEE_CUSTOMERS)
    campaign = campaign_of(campaign_id)
    found = results(campaign)
    total = found.reviewed.share
    rule = tree_from_json(campaign.rule) if campaign.rule else None
    condition = Place(unit=campaign.unit_id).condition(*([cast("Condition", rule)] if rule is not None else []))
    context = {
        "campaign": campaign,
        "found": found,
        "rule": text_of(rule) if rule is not None and may(Right.SEE_PERSONAL_DATA) else "",
        "customers_url": condition_url(request, condition),
        "share": share(total.share) if total else _("not measured"),
        "interval": _interval(found.reviewed.share),
        "is_below": bool(total and total.interval.high < campaign.target),
        "fields": [
            {
                "title": field_title(one.field),
                "verdicts": [(VERDICTS[name], one.verdicts.get(name, 0)) for name in VERDICTS],
                "was_empty": one.was_empty,
                "share": one.reviewed.share,
                "interval": _interval(one.reviewed.share),
            }
            for one in found.fields
        ],
        "verdicts": VERDICTS.values(),
        "chart": fields_chart(found, campaign.target),
        "rankings": [
            (_("Org units"), [_standing("unit", one) for one in found.units[:SHOWN_STANDINGS]]),
            (_("Agents"), [_standing("agent", one) for one in found.agents[:SHOWN_STANDINGS]]),
        ],
        "assignees": [
            {"key": key, "title": _assignee(key), "items": items, "waiting": waiting}
            for key, items, waiting in assignees_of(campaign)
        ],
        "member": member_acting(),
        "may_manage": may(Right.MANAGE_QUALITY),
        "may_review": may(Right.REVIEW),
        "unjudged": ", ".join(_stratum(campaign, name) for name in found.unjudged),
        "is_open": campaign.state == ReviewCampaign.State.OPEN,
    }
    return render(request, "quality/review.html", context)


def _stratum(campaign: ReviewCampaign, name: str) -> str:
    by = next((by for by, column in COLUMNS.items() if column == campaign.stratified_by), "source")
    return group_title(by, name)


def _assignee(staff_id: str) -> str:
    return group_title("agent", staff_id) if staff_id else _("whoever comes first")


def _interval(found: Any) -> str:
    return f"{share(found.interval.low)} – {share(found.interval.high)}" if found else ""


def _standing(by: str, one: Standing) -> dict[str, Any]:
    return {
        "title": group_title(by, one.key),
        "items": one.items,
        "done": one.done,
        "share": one.reviewed.share,
        "interval": _interval(one.reviewed.share),
        "standing": STANDINGS[one.standing],
        "tone": {"above": "good", "below": "bad"}.get(one.standing, ""),
    }


@require_POST
def close(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Closes a campaign."""
    campaign = close_campaign(campaign_id=campaign_id)
    words = _("“%(name)s” is closed.") % {"name": campaign.name}
    toast(request, words, undo_url=reverse("reopen_review", args=[campaign_id]))
    return redirect("review", campaign_id)


@require_POST
def reopen(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Goes on with a campaign that was closed."""
    campaign = reopen_campaign(campaign_id=campaign_id)
    toast(request, _("“%(name)s” goes on.") % {"name": campaign.name})
    return redirect("review", campaign_id)


class DepartedAgents(TableView):
    """Everybody who has left and still has customers."""

    table = Table(
        name="departed",
        title=gettext_lazy("Agents who have left"),
        columns=(
            Column("name", gettext_lazy("Name"), is_filterable=True),
            Column("staff_id", gettext_lazy("Number")),
            Column("unit", gettext_lazy("Org unit"), is_filterable=True),
            Column("left_on", gettext_lazy("Last day"), Kind.DATE),
            Column("customers", gettext_lazy("Customers still theirs"), Kind.NUMBER, leads_to="url"),
            Column("review", gettext_lazy("Return visits"), is_sortable=False, leads_to="review_url"),
        ),
        sort="customers",
        is_descending=True,
        empty=gettext_lazy("Nobody who has left has customers any more."),
    )
    template_name = "quality/departed.html"

    def page(self, query: Query) -> TablePage:
        """The departed asked for, in the org unit that whoever reads looks at."""
        plans = may(Right.MANAGE_QUALITY)
        rows = [
            {
                "name": one.member.name,
                "staff_id": one.member.staff_id,
                "unit": group_title("unit", one.member.unit_id),
                "left_on": one.left_on,
                "customers": one.customers,
                "url": condition_url(self.request, customers_of_departed(one.member.staff_id)),
                "review": _("Plan them") if plans else "",
                "review_url": f"{reverse('new_review')}?departed={one.member.staff_id}" if plans else "",
            }
            for one in departed_agents(Place(unit=current_actor().unit))
        ]
        return page_of_rows(rows, query, key="staff_id")

    def context(self, _query: Query) -> dict[str, Any]:
        """Whether return visits may be planned."""
        return {"may_plan": may(Right.MANAGE_QUALITY)}
