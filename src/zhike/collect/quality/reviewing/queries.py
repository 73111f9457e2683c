"""Reads of review campaigns: all of them, one, and the work of one member of staff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet

from zhike.collect.profiles.queries import NoSuchCustomer, golden_record_of
from zhike.collect.profiles.staff import Member, staff
from zhike.collect.quality.models import ReviewCampaign, ReviewItem
from zhike.govern.access.actors import ActorKind, current_actor
from zhike.govern.access.models import User
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require

DONE = Count("items", filter=Q(items__state=ReviewItem.State.REVIEWED))


@dataclass(frozen=True)
class Work:
    """What one member of staff has of one campaign."""

    campaign: ReviewCampaign
    waiting: int
    departed: int  # of them, customers of somebody who has left


def campaigns() -> QuerySet[Any]:
    """All campaigns, newest first, with how many customers each has and how many were looked at. Raises Denied."""
    require(Right.SEE_CUSTOMERS)
    return ReviewCampaign.objects.annotate(item_count=Count("items"), done_count=DONE)


def member_acting() -> Member | None:
    """The member of staff whom whoever acts is: the one whose id is their user name."""
    actor = current_actor()
    user = User.objects.filter(pk=actor.id or 0).first() if actor.kind == ActorKind.USER else None
    if user is None:
        return None
    known = staff()
    return known.get(user.username) or known.get(user.username.upper())


def work_of(assignee: str) -> tuple[Work, ...]:
    """What waits for a member of staff, what is due first before all else."""
    waiting = Q(items__state=ReviewItem.State.WAITING, items__assignee_id=assignee)
    found = ReviewCampaign.objects.filter(state=ReviewCampaign.State.OPEN).annotate(
        waiting=Count("items", filter=waiting),
        departed=Count("items", filter=waiting & Q(items__is_agent_gone=True)),
    )
    work = [Work(one, one.waiting, one.departed) for one in found.filter(waiting__gt=0)]
    return tuple(sorted(work, key=lambda one: (one.campaign.due_on or date.max, one.campaign.pk)))


def assignees_of(campaign: ReviewCampaign) -> tuple[tuple[str, int, int], ...]:
    """Every member of staff with customers of a campaign: id, how many in all, how many wait; empty: of nobody."""
    counted = campaign.items.values_list("assignee_id").annotate(
        items=Count("pk"), waiting=Count("pk", filter=Q(state=ReviewItem.State.WAITING))
    )
    return tuple(counted.order_by("-waiting", "assignee_id"))


def values_of(item: ReviewItem) -> Mapping[str, object] | None:
    """What is known of the customer of an item, corrections included; none where there is no such customer any more."""
    try:
        return golden_record_of(item.customer_id).values
    except NoSuchCustomer:
        return None


def items_of(campaign: ReviewCampaign, *, assignee: str, after: int, limit: int) -> list[ReviewItem]:
    """So many items of a campaign behind the one of this number: of a member of staff, or of all. Raises Denied."""
    require(Right.SEE_CUSTOMERS)
    items = campaign.items.filter(pk__gt=after).order_by("pk")
    return list((items.filter(assignee_id=assignee) if assignee else items)[:limit])
