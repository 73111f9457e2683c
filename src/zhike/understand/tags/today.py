"""What tags have for the first page: versions that wait, samples to look at, tags that many customers lost."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zhike.govern.access.rights import Right
from zhike.govern.access.services import may
from zhike.ui.templatetags.formats import day, number, share
from zhike.ui.today import Line, Part
from zhike.understand.tags.models import Tag, TagReview, TagVersion
from zhike.understand.tags.proving.figures import TrendPoint, trends
from zhike.understand.tags.wording.titles import title_of

SHOWN = 5
LOST = 0.5  # of its customers from one refresh to the next
FEWEST = 20  # customers below which a tag may halve by chance


def today() -> Part | None:
    """What waits for whoever looks; nothing for who may not see customers."""
    if not may(Right.SEE_CUSTOMERS):
        return None
    alerts = (*_waiting(), *_fallen())
    lines = tuple(_reviews())
    return Part(title=_("Tags"), alerts=alerts, lines=lines, url=reverse("tags")) if alerts or lines else None


def _waiting() -> Iterator[Line]:
    """Versions that somebody has to approve or publish."""
    if not may(Right.APPROVE_TAGS):
        return
    waiting = TagVersion.objects.filter(state__in=TagVersion.OPEN, tag__retired_at=None).select_related("tag", "author")
    newest: dict[int, TagVersion] = {}
    for version in waiting.order_by("number"):
        newest[version.tag_id] = version
    for version in sorted(newest.values(), key=lambda one: one.created_at)[:SHOWN]:
        words = _("Approve “%(tag)s”, version %(number)s")
        if version.state == TagVersion.State.APPROVED:
            words = _("Publish “%(tag)s”, version %(number)s")
        yield Line(
            words % {"tag": title_of(version.tag), "number": version.number},
            reverse("tag_version", args=[version.tag.name, version.number]),
            str(version.author or ""),
            version.approved_at or version.created_at,
            is_urgent=True,
        )


def _fallen() -> Iterator[Line]:
    """Tags that half of their customers lost between the last two refreshes."""
    tags = {tag.name: tag for tag in Tag.objects.filter(retired_at=None)}
    fallen = [(name, points[-2:]) for name, points in trends(tags).items() if _has_fallen(points)]
    for name, (before, now) in fallen[:SHOWN]:
        words = {"tag": title_of(tags[name]), "before": share(before.share), "now": share(now.share)}
        text = _("“%(tag)s” fell from %(before)s to %(now)s of all customers") % words
        yield Line(text, f"{reverse('tag', args=[name])}#trend", _("since %(day)s") % {"day": day(before.as_of)})


def _has_fallen(points: tuple[TrendPoint, ...]) -> bool:
    if len(points) < 2:
        return False
    before, now = points[-2:]
    return before.customers >= FEWEST and now.share < before.share * LOST


def _reviews() -> Iterator[Line]:
    """Samples that wait to be looked at."""
    if not may(Right.SET_TAGS):
        return
    waiting = TagReview.objects.filter(verdict="", tag__retired_at=None)
    counts = waiting.values("tag").annotate(count=Count("pk")).order_by("-count")[:SHOWN]
    tags = Tag.objects.in_bulk([one["tag"] for one in counts])
    for one in counts:
        tag, count = tags[one["tag"]], one["count"]
        words = ngettext("Review “%(tag)s”: %(count)s customer", "Review “%(tag)s”: %(count)s customers", count)
        yield Line(
            words % {"tag": title_of(tag), "count": number(count)},
            reverse("review_tag", args=[tag.name]),
        )
