"""The page on which an agent looks at one customer after the other: is what is known of them right?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from zhike.collect.profiles.words import VALUES
from zhike.collect.quality.models import ReviewCampaign, ReviewItem, ReviewOutcome
from zhike.collect.quality.reviewing.queries import assignees_of, member_acting, values_of
from zhike.collect.quality.reviewing.services import (
    AlreadyReviewed,
    Finding,
    campaign_of,
    record_review,
    take_back,
    take_item,
)
from zhike.collect.quality.words import VERDICTS, field_title, group_title
from zhike.errors import UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.ui.toasts import toast, warn
from zhike.ui.typed import whole_number
from zhike.ui.unpublished import when_published

ALL = "*"
Verdict = ReviewOutcome.Verdict
KEYS = {Verdict.CONFIRMED: "y", Verdict.WRONG: "n", Verdict.UNCLEAR: "u"}


@require_http_methods(["GET", "POST"])
@when_published
def work(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """The next customer; what was found leads to the one after them."""
    require(Right.REVIEW)
    require(Right.SEE_PERSONAL_DATA)
    campaign = campaign_of(campaign_id)
    whose = request.GET.get("of", "")
    if request.method == "POST":
        return _recorded(request, campaign, whose)
    item = None
    if campaign.state == ReviewCampaign.State.OPEN:
        item = take_item(campaign_id=campaign_id, assignee=_assignee(campaign, whose))
    return _shown(request, campaign, item)


@require_POST
def back(request: HttpRequest, item_id: int) -> HttpResponse:
    """Takes back what was found of a customer, who is looked at again."""
    item = take_back(item_id=item_id)
    toast(request, _("Taken back, with what was corrected."))
    return redirect(f"{reverse('review_work', args=[item.campaign_id])}?of={ALL}")


def _assignee(campaign: ReviewCampaign, whose: str) -> str | None:
    """Whose customers are looked at: one's own, unless the address says whose; of all where one has none."""
    if whose == ALL:
        return None
    if whose:
        return whose
    member = member_acting()
    mine = member.staff_id if member else None
    return mine if any(key == mine for key, _items, _waiting in assignees_of(campaign)) else None


def _recorded(request: HttpRequest, campaign: ReviewCampaign, whose: str) -> HttpResponse:
    wanted = request.POST.get("item", "")
    findings = {name: _finding(request.POST, name) for name in campaign.fields}
    item_id = whole_number(wanted) or 0
    try:
        item = record_review(item_id=item_id, findings=findings, why=request.POST.get("why", ""))
    except AlreadyReviewed as error:
        warn(request, f"{error.message} {error.advice}")
    except UserError as error:
        again = campaign.items.filter(pk=item_id, state=ReviewItem.State.WAITING).first()
        if again is None:
            raise
        return _shown(request, campaign, again, problem=error, said=request.POST, status=422)
    else:
        words = _("Customer %(id)s is looked at.") % {"id": item.customer_id}
        toast(request, words, undo_url=reverse("take_back_review", args=[item.pk]))
    address = reverse("review_work", args=[campaign.pk])
    return redirect(f"{address}?of={whose}" if whose else address)


def _finding(said: Mapping[str, str], name: str) -> Finding:
    """What was said of a field; who writes another value says that it is corrected."""
    value = said.get(f"value_{name}", "").strip()
    return Finding(Verdict.CORRECTED, value) if value else Finding(said.get(f"verdict_{name}", ""))


def _shown(
    request: HttpRequest,
    campaign: ReviewCampaign,
    item: ReviewItem | None,
    *,
    problem: UserError | None = None,
    said: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    values = values_of(item) if item else None
    context: dict[str, Any] = {
        "campaign": campaign,
        "item": item,
        "of": request.GET.get("of", ""),
        "done": campaign.items.filter(state=ReviewItem.State.REVIEWED).count(),
        "total": campaign.items.count(),
        "problem": problem,
        "where": field_title(problem.where) if problem else "",
        "why": (said or {}).get("why", ""),
    }
    if item is not None:
        context |= {
            "name": (values or {}).get("name") or _("Customer %(id)s") % {"id": item.customer_id},
            "agent": group_title("agent", item.agent_id),
            "is_gone": values is None,
            "fields": [_field(name, values or {}, said or {}) for name in campaign.fields],
        }
    return render(request, "quality/work.html", context, status=status)


def _field(name: str, values: Mapping[str, object], said: Mapping[str, str]) -> dict[str, Any]:
    value = values.get(name)
    chosen = said.get(f"verdict_{name}", "")
    offered = [Verdict.UNCLEAR] if value in (None, "") else list(KEYS)
    words = VALUES.get(name, {})
    return {
        "name": name,
        "title": field_title(name),
        "value": words.get(str(value), value),
        "verdicts": [(one, VERDICTS[one], KEYS[one], one == chosen) for one in offered],
        "choices": list(words.items()),
        "right": said.get(f"value_{name}", ""),
    }
