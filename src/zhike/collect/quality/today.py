"""What data quality has for the first page: figures below their target, and what waits to be looked at."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zhike.collect.quality.models import ReviewCampaign, ReviewItem
from zhike.collect.quality.places import Place
from zhike.collect.quality.queries import NotCountedYet, board
from zhike.collect.quality.reviewing.queries import member_acting, work_of
from zhike.collect.quality.words import DIMENSIONS
from zhike.govern.access.actors import current_actor
from zhike.govern.access.rights import Right
from zhike.govern.access.services import may
from zhike.ui.templatetags.formats import day, number, share
from zhike.ui.today import Line, Part
from zhike.warehouse.queries import NothingPublished
from zhike.warehouse.services import today as business_day

SHOWN = 5


def today() -> Part | None:
    """Figures off target and reviews under way; nothing where all is well, or before the first refresh."""
    if not may(Right.SEE_CUSTOMERS):
        return None
    lines = (*_off_target(), *_own_work(), *_overdue())
    return Part(title=_("Data quality"), lines=lines, url=reverse("quality")) if lines else None


def _off_target() -> Iterator[Line]:
    try:
        found = board(Place(unit=current_actor().unit))
    except (NothingPublished, NotCountedYet):
        return
    for kpi in found.kpis:
        if kpi.is_on_target is False:
            words = {"what": DIMENSIONS[kpi.dimension], "share": share(kpi.share), "target": share(kpi.target)}
            yield Line(_("%(what)s: %(share)s, below the target of %(target)s") % words, reverse("quality"))


def _own_work() -> Iterator[Line]:
    member = member_acting() if may(Right.REVIEW) else None
    for work in work_of(member.staff_id)[:SHOWN] if member else ():
        words = ngettext(
            "%(name)s: %(count)s customer waits for you", "%(name)s: %(count)s customers wait for you", work.waiting
        )
        note = _("due on %(day)s") % {"day": day(work.campaign.due_on)} if work.campaign.due_on else ""
        url = reverse("review_work", args=[work.campaign.pk])
        yield Line(words % {"name": work.campaign.name, "count": number(work.waiting)}, url, note)


def _overdue() -> Iterator[Line]:
    if not may(Right.MANAGE_QUALITY):
        return
    late = ReviewCampaign.objects.filter(state=ReviewCampaign.State.OPEN, due_on__lt=business_day())
    waiting = Count("items", filter=Q(items__state=ReviewItem.State.WAITING))
    for campaign in late.annotate(waiting=waiting).filter(waiting__gt=0)[:SHOWN]:
        words = ngettext(
            "The review “%(name)s” is overdue: %(count)s customer waits",
            "The review “%(name)s” is overdue: %(count)s customers wait",
            campaign.waiting,
        )
        yield Line(
            words % {"name": campaign.name, "count": number(campaign.waiting)}, reverse("review", args=[campaign.pk])
        )
